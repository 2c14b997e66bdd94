# dctx shell: bash reads this in place of ~/.bashrc, which comes first, as it is.
[[ ! -r ~/.bashrc ]] || . ~/.bashrc
# The profile's variables once more, whatever that file has exported.
\builtin eval "${DCTX_START-}" ||
  \builtin printf >&2 'dctx: this shell refused a part of the profile; to see where docker goes: dctx current\n'
\builtin unset -v DCTX_START DCTX_STARTING
@INIT@

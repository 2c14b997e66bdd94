# dctx shell: bash reads this in place of ~/.bashrc, which comes first, as it is.
function __dctx_start() {
  # The profile's variables once more, whatever that file has exported.
  \builtin eval "${DCTX_START-}" ||
    \builtin printf >&2 'dctx: this shell refused a part of the profile; to see where docker goes: dctx current\n'
  \builtin unset -v DCTX_START DCTX_STARTING
@INIT@
}
# Ctrl-C in that file ends the reading of this one, too, so what is left to do is done first. (bash looks whether it was
# interrupted between two commands, so one follows.)
\builtin trap '__dctx_start; \builtin trap - INT; \builtin unset -f __dctx_start; \builtin kill -s INT $$; \builtin :' INT
[[ ! -r ~/.bashrc ]] || . ~/.bashrc
[[ -z ${DCTX_STARTING+set} ]] || __dctx_start
[[ $(\builtin trap -p INT) != *__dctx_start* ]] || \builtin trap - INT
\builtin unset -f __dctx_start

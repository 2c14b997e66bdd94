# dctx shell: yash reads this in place of ~/.yashrc, which comes first, as it is.
if [ -r ~/.yashrc ]; then
  command . ~/.yashrc
else
  command . -AL initialization/default
fi
# The profile's variables once more, whatever that file has exported.
eval "${DCTX_START-}" ||
  printf >&2 'dctx: this shell refused a part of the profile; to see where docker goes: dctx current\n'
unset -v DCTX_START DCTX_STARTING
@INIT@

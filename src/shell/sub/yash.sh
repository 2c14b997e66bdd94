# dctx shell: yash reads this in place of ~/.yashrc, which comes first, as it is.
__dctx_start() {
  # The profile's variables once more, whatever that file has exported.
  eval "${DCTX_START-}" ||
    printf >&2 'dctx: this shell refused a part of the profile; to see where docker goes: dctx current\n'
  unset -v DCTX_START DCTX_STARTING
@INIT@
}
# Ctrl-C in that file ends the reading of this one, too; then the first prompt does what is left to do.
PROMPT_COMMAND='[ -z "${DCTX_STARTING+set}" ] || { PROMPT_COMMAND=; __dctx_start; unset -f __dctx_start; eval "$PROMPT_COMMAND"; }'
if [ -r ~/.yashrc ]; then
  command . ~/.yashrc
else
  command . -AL initialization/default
fi
case ${PROMPT_COMMAND-} in *DCTX_STARTING*) PROMPT_COMMAND= ;; esac
__dctx_start
unset -f __dctx_start

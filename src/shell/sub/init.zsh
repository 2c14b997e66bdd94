# dctx shell: what is loaded after the person's start-up files.
@INIT@
# The profile before the prompt; put there again where a prompt is made anew each time.
function __dctx_prefix() {
  PROMPT=${PROMPT#"$__dctx_shown"}
  typeset -g __dctx_shown=${DCTX_PROFILE:+"($DCTX_PROFILE) "}
  PROMPT=$__dctx_shown$PROMPT
}
typeset -g __dctx_shown=''
precmd_functions+=(__dctx_prefix)

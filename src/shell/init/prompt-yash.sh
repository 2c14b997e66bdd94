case $- in *i*)
  __dctx_hook=prompt __dctx_prefix=@PREFIX@
  __dctx_show() {
    __dctx_prompt
    PS1=${PS1#"${__dctx_shown-}"} __dctx_shown=''
    if [ -n "$__dctx_prefix" ] && [ -n "${DCTX_PROMPT-}" ]; then
      __dctx_shown="($DCTX_PROMPT) " PS1="($DCTX_PROMPT) $PS1"
    fi
  }
  case ${PROMPT_COMMAND-} in *__dctx_show*) ;; *) PROMPT_COMMAND="__dctx_show${PROMPT_COMMAND:+; $PROMPT_COMMAND}" ;; esac
  ;;
esac

# mksh expands PS1 each time it shows it; what runs in ${|…} runs in this shell, and its REPLY takes its place.
case $- in *i*)
  __dctx_hook=prompt __dctx_prefix=@PREFIX@
  __dctx_show() {
    __dctx_prompt
    set -- "$?"
    REPLY=''
    [ -z "$__dctx_prefix" ] || [ -z "${DCTX_PROMPT-}" ] || REPLY="($DCTX_PROMPT) "
    return "$1"
  }
  case $PS1 in *__dctx_show*) ;; *) PS1='${|__dctx_show;}'$PS1 ;; esac
  ;;
esac

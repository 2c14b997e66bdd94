# The profile before the prompt, last of all, for others write PS1 anew each time.
[[ $- != *i* ]] || __dctx_prefix=${__dctx_prefix-}
function __dctx_show() {
  \local __dctx_rc=$? __dctx_new=''
  if [[ -n ${DCTX_PROMPT-} ]]; then
    __dctx_new="($DCTX_PROMPT) "
    if [[ $DCTX_PROMPT == *' protected' && -z ${NO_COLOR-} ]]; then
      __dctx_new="\[\e[31m\]($DCTX_PROMPT)\[\e[0m\] "
    fi
  fi
  [[ -z $__dctx_prefix ]] || PS1=${PS1#"$__dctx_prefix"}
  __dctx_prefix=$__dctx_new PS1=$__dctx_new$PS1
  \return "$__dctx_rc"
}
if [[ $- == *i* && ${PROMPT_COMMAND[*]-} != *__dctx_show* ]]; then
  if [[ $(\declare -p PROMPT_COMMAND 2>/dev/null) == 'declare -a'* ]]; then
    PROMPT_COMMAND+=("\${__dctx_hook:+'__dctx_show'}")
  else
    # shellcheck disable=SC2128,SC2178 # here it is a string
    PROMPT_COMMAND=$PROMPT_COMMAND$'\n'"\${__dctx_hook:+'__dctx_show'}"
  fi
fi

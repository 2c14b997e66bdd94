# Quoted, for IFS may be anything. First, for what else runs there may show where docker goes; nothing in a shell that inherits the variable alone.
if [[ $- == *i* && ${PROMPT_COMMAND[*]-} != *__dctx_prompt* ]]; then
  if [[ $(\declare -p PROMPT_COMMAND 2>/dev/null) == 'declare -a'* ]]; then
    PROMPT_COMMAND=("\${__dctx_hook:+'__dctx_prompt'}" "${PROMPT_COMMAND[@]}")
  else
    # shellcheck disable=SC2128,SC2178 # here it is a string
    PROMPT_COMMAND="\${__dctx_hook:+'__dctx_prompt'}${PROMPT_COMMAND:+$'\n'$PROMPT_COMMAND}"
  fi
fi

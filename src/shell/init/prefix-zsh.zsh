# The profile before the prompt, last of all, for others write PROMPT anew each time.
if [[ -o interactive ]]; then
  typeset -g __dctx_prefix=${__dctx_prefix-}
  function __dctx_show() {
    local new=''
    if [[ -n ${DCTX_PROMPT-} ]]; then
      new="($DCTX_PROMPT) "
      [[ $DCTX_PROMPT != *' protected' || -n ${NO_COLOR-} ]] || new="%F{red}($DCTX_PROMPT)%f "
    fi
    [[ -z $__dctx_prefix ]] || PROMPT=${PROMPT#"$__dctx_prefix"}
    __dctx_prefix=$new PROMPT=$new$PROMPT
  }
  function __dctx_install() {
    emulate -L zsh
    precmd_functions=(${${precmd_functions[@]-}:#__dctx_show} __dctx_show)
  }
  __dctx_install
fi

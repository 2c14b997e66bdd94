if [[ -o interactive ]]; then
  zmodload -F zsh/datetime p:EPOCHSECONDS 2>/dev/null
  function __dctx_install() {
    # an array may be its first element to this person
    emulate -L zsh
    typeset -ga precmd_functions
    precmd_functions=(__dctx_prompt ${${precmd_functions[@]-}:#__dctx_prompt})
  }
  __dctx_install
fi

if [[ -o interactive ]]; then
  zmodload -F zsh/datetime p:EPOCHSECONDS 2>/dev/null
  typeset -ga precmd_functions
  precmd_functions=(__dctx_prompt ${${precmd_functions[@]-}:#__dctx_prompt})
fi

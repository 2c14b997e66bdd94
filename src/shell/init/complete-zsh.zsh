# The completion is read at the first TAB. It needs compinit; where that comes after this, it is there at the first prompt.
function _dctx() {
  local script
  script=$(command dctx completions zsh 2>/dev/null)
  [[ -z $script ]] || { eval "$script"; _dctx "$@"; }
}
if (( ${+functions[compdef]} )); then
  compdef _dctx dctx
elif [[ -o interactive ]]; then
  function __dctx_compdef() {
    emulate -L zsh
    precmd_functions=(${precmd_functions:#__dctx_compdef})
    (( ! ${+functions[compdef]} )) || compdef _dctx dctx
    unfunction __dctx_compdef
  }
  typeset -ga precmd_functions
  precmd_functions+=(__dctx_compdef)
fi

# The completion is read at the first TAB. It needs compinit, which has to come before this.
if [[ -n ${functions[compdef]-} ]]; then
  function _dctx() {
    local script
    script=$(command dctx completions zsh 2>/dev/null)
    [[ -z $script ]] || { eval "$script"; _dctx "$@"; }
  }
  compdef _dctx dctx
fi

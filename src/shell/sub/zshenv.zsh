# dctx shell: zsh reads this first, in place of the person's .zshenv. ZDOTDIR is put back at once, so that
# every file after this one, and the history, is found where it always was.
__dctx_sub=$ZDOTDIR
if (( ${+DCTX_FORMER} )); then ZDOTDIR=$DCTX_FORMER; else unset ZDOTDIR; fi
unset DCTX_FORMER
# Runs once, before the first prompt: after all start-up files, also one that was ended by Ctrl-C.
function __dctx_start() {
  local -a __dctx_before
  precmd_functions=(${precmd_functions:#__dctx_start})
  __dctx_before=($precmd_functions)
  unfunction __dctx_start
  eval "${DCTX_START-}" ||
    print -ru2 'dctx: this shell refused a part of the profile; to see where docker goes: dctx current'
  unset DCTX_START DCTX_STARTING
  source "$__dctx_sub/init.zsh"
  unset __dctx_sub
  # those that came after the list of this prompt was made
  for 1 in ${precmd_functions:|__dctx_before}; do "$1"; done
}
if [[ -o interactive ]]; then
  typeset -ga precmd_functions
  precmd_functions+=(__dctx_start)
  # for people who replace the whole list
  zmodload zsh/sched 2>/dev/null && sched +0 '(( ! ${+functions[__dctx_start]} )) || __dctx_start'
else
  eval "${DCTX_START-}"
  unset DCTX_START DCTX_STARTING
fi
[[ ! -r ${ZDOTDIR-$HOME}/.zshenv ]] || source "${ZDOTDIR-$HOME}/.zshenv"

# dctx: completion. Names and tags come from dctx itself, files from readline; nothing that is offered
# is ever evaluated. For bash 3.2 too. Readline breaks words at = : and @, so every word is put together
# again before it is judged.

# Offers $1 if it begins with what has been typed. $lead is what stands before the value in its word
# (--tag=), $skip what readline leaves where it is.
_dctx_offer() {
  [[ -n $1 && $lead$1 == "$word"* ]] || return 0
  local whole=$lead$1
  COMPREPLY+=("${whole#"$skip"}")
}

# Offers the lines of dctx's answer; with a second argument, but for those that are on the line already.
_dctx_ask() {
  local line
  while IFS= read -r line; do
    [[ -n ${2-} && $given == *" $line "* ]] || _dctx_offer "$line"
  done <<<"$(\command dctx __complete "$1" -- "${word#"$lead"}" 2>/dev/null)"
}

# Offers its arguments.
_dctx_words() {
  local one
  for one in "$@"; do _dctx_offer "$one"; done
}

# Leaves the word to readline, which knows about ~, blanks and quotes. Bash 3.2 does that by itself
# where nothing is offered.
_dctx_files() {
  ((BASH_VERSINFO[0] < 4)) || compopt -o bashdefault -o default
}

_dctx_dirs() {
  ((BASH_VERSINFO[0] < 4)) || compopt -o dirnames
}

# A profile, or a path; readline itself is asked only where nothing is offered.
_dctx_any() {
  local line
  _dctx_ask names
  if ((BASH_VERSINFO[0] >= 4)); then
    while IFS= read -r line; do _dctx_offer "$line"; done <<<"$(compgen -f -- "$word")"
    ((${#COMPREPLY[@]} == 0)) || compopt -o filenames
  fi
  ((${#COMPREPLY[@]} > 0)) || _dctx_files
}

# The command of exec; its first word is number $1 of the line.
_dctx_command() {
  local line
  if declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$1"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  elif ((COMP_CWORD == $1)) && [[ $word != */* ]]; then
    while IFS= read -r line; do _dctx_offer "$line"; done <<<"$(compgen -c -- "$word")"
  else
    _dctx_files
  fi
}

# The flags of the verb, or of dctx itself.
_dctx_flags() {
  case $verb in
    @FLAGS@
  esac
}

# Takes one whole word of the line.
_dctx_word() {
  if [[ -n $option ]]; then
    option=''
    return 0
  fi
  case $1 in
    --)
      rest=$i
      return 0
      ;;
    -?*)
      case $verb,$1 in
        @VALUED@) option=$1 ;;
      esac
      return 0
      ;;
  esac
  if [[ -z $verb ]]; then
    verb=$1
    return 0
  fi
  # a verb below a verb
  case $verb in
    @NESTED@)
      verb="$verb $1"
      return 0
      ;;
  esac
  place=$((place + 1)) given="$given$1 "
}

_dctx_complete() {
  local line=${COMP_LINE:0:COMP_POINT} word='' gap i
  local verb='' option='' place=0 rest='' given=' ' lead='' skip=''
  COMPREPLY=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    gap=${line%%[![:space:]]*}
    line=${line#"$gap"}
    if [[ -n $gap && -n $word && -z $rest ]]; then
      _dctx_word "$word"
    fi
    [[ -z $gap ]] || word=''
    ((i < COMP_CWORD)) || break
    line=${line#"${COMP_WORDS[i]}"}
    ((i == 0)) || word+=${COMP_WORDS[i]}
  done
  word+=$line
  word=${word#[\"\']}
  skip=${word%"$2"}
  if [[ -n $rest ]]; then
    [[ $verb != exec ]] || _dctx_command "$rest"
    return 0
  fi
  if [[ -z $option && $word == --*=* ]]; then
    option=${word%%=*} lead=${word%%=*}=
  elif [[ -z $option && $word == -* ]]; then
    [[ $verb,$place != use,0 ]] || _dctx_ask use
    _dctx_flags
    return 0
  fi
  case $verb,${option:-$place} in
    @PLACES@
    *) [[ -n $option ]] || _dctx_flags ;;
  esac
}

if ((BASH_VERSINFO[0] > 4 || (BASH_VERSINFO[0] == 4 && BASH_VERSINFO[1] >= 4))); then
  complete -F _dctx_complete -o nosort dctx
elif ((BASH_VERSINFO[0] == 4)); then
  complete -F _dctx_complete dctx
else
  complete -F _dctx_complete -o bashdefault -o default dctx
fi

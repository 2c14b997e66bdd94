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
    '') _dctx_words -q --quiet -v --verbose --color --no-input -h --help -V --version ;;
    use) _dctx_words --shell --session -U --universal --confirm --accept --for --check -q --quiet -v --verbose --color --no-input -h --help ;;
    reset) _dctx_words --all --shell --session -U --universal -q --quiet -v --verbose --color --no-input -h --help ;;
    current) _dctx_words --json -q --quiet -v --verbose --color --no-input -h --help ;;
    ls) _dctx_words -l --long --tag --check --json -q --quiet -v --verbose --color --no-input -h --help ;;
    add) _dctx_words --certs --ca --cert --key --tls --protected --description --tag --dir --max-use --api-version --env -q --quiet -v --verbose --color --no-input -h --help ;;
    edit) _dctx_words --host --certs --ca --cert --key --tls --protected --description --tag --dir --max-use --api-version --env --unset -q --quiet -v --verbose --color --no-input -h --help ;;
    show) _dctx_words --json -q --quiet -v --verbose --color --no-input -h --help ;;
    rename) _dctx_words -q --quiet -v --verbose --color --no-input -h --help ;;
    rm) _dctx_words --purge -q --quiet -v --verbose --color --no-input -h --help ;;
    undo) _dctx_words -q --quiet -v --verbose --color --no-input -h --help ;;
    exec) _dctx_words --confirm --accept -q --quiet -v --verbose --color --no-input -h --help ;;
    shell) _dctx_words --shell --for --confirm --accept -q --quiet -v --verbose --color --no-input -h --help ;;
    check) _dctx_words -a --all --tag --offline --clients --fix -j --jobs --timeout --json -q --quiet -v --verbose --color --no-input -h --help ;;
    explain) _dctx_words -p --profile --json -q --quiet -v --verbose --color --no-input -h --help ;;
    server) _dctx_words --ssh --out --daemon-json --certs --bind --port --take-over --undo -y --yes --confirm --accept --insecure --force -q --quiet -v --verbose --color --no-input -h --help ;;
    cert) _dctx_words -q --quiet -v --verbose --color --no-input -h --help --host --san --ca --pin --key-type --days --key --ca-key-command --ask-passphrase --keep-passphrase --no-passphrase --json --server --client --rekey --ca-from --for -o --out --as --phase ;;
    init) _dctx_words --prompt -q --quiet -v --verbose --color --no-input -h --help ;;
    completions) _dctx_words -q --quiet -v --verbose --color --no-input -h --help ;;
  esac
}

# Takes one whole word of the line.
_dctx_word() {
  if [[ -n $option ]]; then
    option=''
    return 0
  fi
  case $1 in
    --) rest=$i ;;
    --accept | --api-version | --as | --bind | --ca | --ca-from | --ca-key-command | --cert | --certs | --color | --confirm | --daemon-json | --days | --description | --dir | --env | --for | --host | --jobs | --key | --key-type | --max-use | --out | --phase | --port | --profile | --san | --shell | --ssh | --tag | --timeout | --tls | --unset | -j | -o | -p) option=$1 ;;
    -?*) ;;
    *)
      if [[ -z $verb ]]; then
        verb=$1
      else
        place=$((place + 1)) given="$given$1 "
      fi
      ;;
  esac
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
    add,--api-version | add,--description | add,--env | add,--max-use | add,0 | add,1 | cert,--as | cert,--ca-key-command | cert,--days | cert,--for | cert,--host | cert,--phase | cert,--san | check,--jobs | check,--timeout | check,-j | edit,--api-version | edit,--description | edit,--env | edit,--host | edit,--max-use | exec,--accept | explain,[0-9]* | rename,1 | server,--accept | server,--bind | server,--port | server,--ssh | shell,--accept | shell,--for | use,--accept | use,--for) : ;;
    cert,1 | edit,0 | exec,--confirm | exec,0 | explain,--profile | explain,-p | ls,0 | rename,0 | server,--confirm | server,0 | shell,--confirm | shell,0 | show,0 | use,--confirm) _dctx_ask names ;;
    check,[0-9]* | rm,[0-9]*) _dctx_ask names new ;;
    add,--tag | check,--tag | edit,--tag | ls,--tag) _dctx_ask tags ;;
    use,0) _dctx_ask use ;;
    add,--certs | add,--dir | cert,--ca | cert,--ca-from | edit,--certs | edit,--dir | server,--certs | server,--out) _dctx_dirs ;;
    add,--ca | add,--cert | add,--key | cert,--out | cert,-o | edit,--ca | edit,--cert | edit,--key | server,--daemon-json) _dctx_files ;;
    exec,1) _dctx_words -- ;;
    *,--color) _dctx_words auto always never ;;
    completions,0) _dctx_words bash zsh fish elvish nu pwsh xonsh ;;
    init,0) _dctx_words bash zsh sh ksh mksh yash fish tcsh elvish nu xonsh pwsh ;;
    reset,--shell | shell,--shell | use,--shell) _dctx_words bash zsh sh ksh mksh yash fish tcsh elvish nu xonsh pwsh cmd json dotenv github-actions systemd ;;
    edit,--unset) _dctx_words certs ca cert key tls protected description tags dirs max-use api-version env key-command ;;
    cert,--key) _dctx_words file keyring ;;
    cert,0) _dctx_words new show renew copy client import request sign authorize revoke rotate-ca ;;
    add,--tls | edit,--tls) _dctx_words off verify system insecure ;;
    cert,--key-type) _dctx_words p256 p384 ed25519 ;;
    add,--protected | edit,--protected) _dctx_words true false ;;
    '',0) _dctx_words use reset current ls add edit show rename rm undo exec shell check explain server cert init completions ;;
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

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
    cert) _dctx_words -q --quiet -v --verbose --color --no-input -h --help ;;
    'cert new') _dctx_words --host --san --ca --pin --key-type --days --key --ca-key-command --ask-passphrase --keep-passphrase --no-passphrase -q --quiet -v --verbose --color --no-input -h --help ;;
    'cert show') _dctx_words --json -q --quiet -v --verbose --color --no-input -h --help ;;
    'cert renew') _dctx_words --server --client --ca --san --rekey --days --ca-key-command --ask-passphrase --keep-passphrase --ca-from -q --quiet -v --verbose --color --no-input -h --help ;;
    'cert copy') _dctx_words --host --key -q --quiet -v --verbose --color --no-input -h --help ;;
    'cert client') _dctx_words --for -o --out --days --key-type --ca-key-command --ask-passphrase --keep-passphrase --ca-from -q --quiet -v --verbose --color --no-input -h --help ;;
    'cert import') _dctx_words --as --key -q --quiet -v --verbose --color --no-input -h --help ;;
    'cert request') _dctx_words -o --out --pin --key-type --key -q --quiet -v --verbose --color --no-input -h --help ;;
    'cert sign') _dctx_words --for -o --out --days --ca-key-command --ask-passphrase --keep-passphrase --ca-from -q --quiet -v --verbose --color --no-input -h --help ;;
    'cert authorize') _dctx_words --for -o --out -q --quiet -v --verbose --color --no-input -h --help ;;
    'cert revoke') _dctx_words -q --quiet -v --verbose --color --no-input -h --help ;;
    'cert rotate-ca') _dctx_words --phase --no-passphrase --ca-key-command --ask-passphrase --keep-passphrase -q --quiet -v --verbose --color --no-input -h --help ;;
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
    --)
      rest=$i
      return 0
      ;;
    -?*)
      case $verb,$1 in
        'cert authorize',--for | 'cert authorize',--out | 'cert authorize',-o | 'cert client',--ca-from | 'cert client',--ca-key-command | 'cert client',--days | 'cert client',--for | 'cert client',--key-type | 'cert client',--out | 'cert client',-o | 'cert copy',--host | 'cert copy',--key | 'cert import',--as | 'cert import',--key | 'cert new',--ca | 'cert new',--ca-key-command | 'cert new',--days | 'cert new',--host | 'cert new',--key | 'cert new',--key-type | 'cert new',--san | 'cert renew',--ca-from | 'cert renew',--ca-key-command | 'cert renew',--days | 'cert renew',--san | 'cert request',--key | 'cert request',--key-type | 'cert request',--out | 'cert request',-o | 'cert rotate-ca',--ca-key-command | 'cert rotate-ca',--phase | 'cert sign',--ca-from | 'cert sign',--ca-key-command | 'cert sign',--days | 'cert sign',--for | 'cert sign',--out | 'cert sign',-o | *,--color | add,--api-version | add,--ca | add,--cert | add,--certs | add,--description | add,--dir | add,--env | add,--key | add,--max-use | add,--tag | add,--tls | check,--jobs | check,--tag | check,--timeout | check,-j | edit,--api-version | edit,--ca | edit,--cert | edit,--certs | edit,--description | edit,--dir | edit,--env | edit,--host | edit,--key | edit,--max-use | edit,--tag | edit,--tls | edit,--unset | exec,--accept | exec,--confirm | explain,--profile | explain,-p | ls,--tag | reset,--shell | server,--accept | server,--bind | server,--certs | server,--confirm | server,--daemon-json | server,--out | server,--port | server,--ssh | shell,--accept | shell,--confirm | shell,--for | shell,--shell | use,--accept | use,--confirm | use,--for | use,--shell) option=$1 ;;
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
    cert)
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
    'cert authorize',--for | 'cert client',--ca-key-command | 'cert client',--days | 'cert client',--for | 'cert copy',--host | 'cert import',--as | 'cert new',--ca-key-command | 'cert new',--days | 'cert new',--host | 'cert new',--san | 'cert renew',--ca-key-command | 'cert renew',--days | 'cert renew',--san | 'cert revoke',1 | 'cert rotate-ca',--ca-key-command | 'cert rotate-ca',--phase | 'cert sign',--ca-key-command | 'cert sign',--days | 'cert sign',--for | add,--api-version | add,--description | add,--env | add,--max-use | add,0 | add,1 | check,--jobs | check,--timeout | check,-j | edit,--api-version | edit,--description | edit,--env | edit,--host | edit,--max-use | exec,--accept | explain,[0-9]* | rename,1 | server,--accept | server,--bind | server,--port | server,--ssh | shell,--accept | shell,--for | use,--accept | use,--for) : ;;
    'cert show',0) _dctx_any ;;
    'cert authorize',0 | 'cert client',0 | 'cert copy',0 | 'cert new',0 | 'cert renew',0 | 'cert request',0 | 'cert revoke',0 | 'cert rotate-ca',0 | 'cert sign',0 | edit,0 | exec,--confirm | exec,0 | explain,--profile | explain,-p | ls,0 | rename,0 | server,--confirm | server,0 | shell,--confirm | shell,0 | show,0 | use,--confirm) _dctx_ask names ;;
    check,[0-9]* | rm,[0-9]*) _dctx_ask names new ;;
    add,--tag | check,--tag | edit,--tag | ls,--tag) _dctx_ask tags ;;
    use,0) _dctx_ask use ;;
    'cert client',--ca-from | 'cert copy',1 | 'cert new',--ca | 'cert renew',--ca-from | 'cert sign',--ca-from | add,--certs | add,--dir | edit,--certs | edit,--dir | server,--certs | server,--out) _dctx_dirs ;;
    'cert authorize',--out | 'cert authorize',-o | 'cert authorize',[0-9]* | 'cert client',--out | 'cert client',-o | 'cert import',0 | 'cert request',--out | 'cert request',-o | 'cert sign',--out | 'cert sign',-o | 'cert sign',1 | add,--ca | add,--cert | add,--key | edit,--ca | edit,--cert | edit,--key | server,--daemon-json) _dctx_files ;;
    exec,1) _dctx_words -- ;;
    *,--color) _dctx_words auto always never ;;
    completions,0) _dctx_words bash zsh fish elvish nu pwsh xonsh ;;
    init,0) _dctx_words bash zsh sh ksh mksh yash fish tcsh elvish nu xonsh pwsh ;;
    reset,--shell | shell,--shell | use,--shell) _dctx_words bash zsh sh ksh mksh yash fish tcsh elvish nu xonsh pwsh cmd json dotenv github-actions systemd ;;
    edit,--unset) _dctx_words certs ca cert key tls protected description tags dirs max-use api-version env key-command ;;
    'cert copy',--key | 'cert import',--key | 'cert new',--key | 'cert request',--key) _dctx_words file keyring ;;
    cert,0) _dctx_words new show renew copy client import request sign authorize revoke rotate-ca ;;
    add,--tls | edit,--tls) _dctx_words off verify system insecure ;;
    'cert client',--key-type | 'cert new',--key-type | 'cert request',--key-type) _dctx_words p256 p384 ed25519 ;;
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

# dctx at the prompt: starts no process unless something has changed. A use that ends by itself, a choice for
# every shell, a directory that belongs to a profile; and the words for your prompt, in DCTX_PROMPT.
if [[ $- == *i* ]]; then
  __dctx_hook=prompt __dctx_pwd='' __dctx_tried=- __dctx_same='' __dctx_state='' __dctx_key=''

  # Almost always all is as it was: a function is copied each time it is called, so the long one is not this one.
  function __dctx_prompt() {
    \local __dctx_rc=$?
    [[ -z ${DCTX_EXPIRES-} &&
      $PWD,${DCTX_SAVED-unset},${DCTX_PROFILE-},${DCTX_PROMPT-},${XDG_STATE_HOME-},${DOCKER_HOST-},${DOCKER_TLS_VERIFY-},${DOCKER_TLS-},${DOCKER_CERT_PATH-},${DOCKER_CONTEXT-},${DOCKER_MACHINE_NAME-} == "$__dctx_same" &&
      ! -e $__dctx_state/universal ]] || __dctx_look
    \return "$__dctx_rc"
  }

  function __dctx_look() {
    \local __dctx_go='' __dctx_line='' __dctx_first=''
    __dctx_state=${XDG_STATE_HOME-}
    [[ $__dctx_state == /* ]] || __dctx_state=${HOME-}/.local/state
    __dctx_state=$__dctx_state/dctx
    if [[ -n ${DCTX_EXPIRES-} && $DCTX_EXPIRES != *[!0-9]* ]]; then
      __dctx_line=${EPOCHSECONDS-}
      [[ -n $__dctx_line ]] || \printf -v __dctx_line '%(%s)T' -1 2>/dev/null || __dctx_line=$(\command date +%s)
      [[ $__dctx_line -lt $DCTX_EXPIRES ]] || __dctx_go=yes
    fi
    # a reset of this session has nothing more to hide once that choice is revoked
    [[ -n ${DCTX_SAVED-x} || -e $__dctx_state/universal ]] || \unset -v DCTX_SAVED
    # what this session chose stays; the file's first line is another one for every choice
    if [[ -z ${DCTX_SAVED+set} || ${DCTX_SAVED-} == 'u1,#='* ]]; then
      __dctx_line=''
      [[ ! -f $__dctx_state/universal ]] || IFS= \read -r __dctx_line 2>/dev/null <"$__dctx_state/universal" || \:
      if [[ ${DCTX_SAVED-u1,#=,} != "u1,#=$__dctx_line,"* && $__dctx_line != "$__dctx_tried" ]]; then
        __dctx_tried=$__dctx_line __dctx_go=yes
      fi
    fi
    if [[ $PWD != "$__dctx_pwd" ]]; then
      # what a shell inherits, its own start-up files may have changed
      [[ -n $__dctx_pwd || -z ${DCTX_PROFILE-} ]] || __dctx_set || __dctx_go=yes __dctx_first=--start
      __dctx_pwd=$PWD
      if [[ -z ${DCTX_SUBSHELL-} ]]; then
        [[ -z ${DCTX_DIR-} ]] && ! __dctx_dirs "$__dctx_state/dirs" || __dctx_go=yes
      fi
    fi
    [[ -z $__dctx_go ]] || \dctx __hook $__dctx_first || \:
    if [[ -n ${DCTX_PROFILE-} ]]; then
      __dctx_line=${DCTX_PROFILE//[!A-Za-z0-9._+-]/?}
      __dctx_set || __dctx_line="$__dctx_line?"
      # other prompts show this one
      case ${DOCKER_MACHINE_NAME-} in
        '' | "$__dctx_line") ;;
        "$DCTX_PROFILE" | *'?') \export DOCKER_MACHINE_NAME="$__dctx_line" ;;
      esac
      [[ ,${DCTX_SAVED-}, != *,!,* ]] || __dctx_line="$__dctx_line protected"
      [[ ${DCTX_PROMPT-} == "$__dctx_line" ]] || \export DCTX_PROMPT="$__dctx_line"
    else
      [[ -z ${DCTX_PROMPT+set} ]] || \unset -v DCTX_PROMPT
      [[ ${DOCKER_MACHINE_NAME-} != *'?' ]] || \unset -v DOCKER_MACHINE_NAME
    fi
    # a private key that is in no file is let go of once it is seen that this shell has left it
    if [[ ${DOCKER_CERT_PATH-} != "$__dctx_key" ]]; then
      __dctx_line=$__dctx_key __dctx_key=${DOCKER_CERT_PATH-}
      [[ $__dctx_line != */keys/* ]] || \dctx __hook || \:
    fi
    # one that follows a choice for every shell, or hides it, has to look each time whether there still is that one
    __dctx_same=''
    [[ ${DCTX_SAVED-} == 'u1,#='* || -z ${DCTX_SAVED-x} ]] ||
      __dctx_same=$PWD,${DCTX_SAVED-unset},${DCTX_PROFILE-},${DCTX_PROMPT-},${XDG_STATE_HOME-},${DOCKER_HOST-},${DOCKER_TLS_VERIFY-},${DOCKER_TLS-},${DOCKER_CERT_PATH-},${DOCKER_CONTEXT-},${DOCKER_MACHINE_NAME-}
  }

  # Whether the variables are those that `dctx use` set: DCTX_SAVED ends in them.
  function __dctx_set() {
    [[ ${DCTX_SAVED-} == *",.=${DOCKER_HOST-},${DOCKER_TLS_VERIFY-},${DOCKER_TLS-},${DOCKER_CERT_PATH-},${DOCKER_CONTEXT-}" ]]
  }

  # Whether profiles may have directories: as noted for these very variables, unless a file is newer than that.
  function __dctx_dirs() {
    \local __dctx_line=''
    [[ -f $1 ]] || \return 0
    {
      IFS= \read -r __dctx_line && [[ $__dctx_line == none ]] || \return 0
      IFS= \read -r __dctx_line || \return 0
      [[ $__dctx_line == "${DCTX_CONFIG_DIR-}|${XDG_CONFIG_HOME-}|${DCTX_PATH-}" ]] || \return 0
      while IFS= \read -r __dctx_line; do
        [[ ! $__dctx_line -nt $1 ]] || \return 0
      done
    } <"$1"
    \return 1
  }
fi

# dctx at the prompt: starts no process unless something has changed. A use that ends by itself, a choice for
# every shell, a directory that belongs to a profile; and the words for your prompt, in DCTX_PROMPT.
case $- in *i*)
  __dctx_pwd='' __dctx_tried=- __dctx_key=''

  __dctx_prompt() {
    # shellcheck disable=SC2319 # the status of the last command, before a prompt
    set -- "$?" '' "${XDG_STATE_HOME-}" ''
    case $3 in /*) ;; *) set -- "$1" '' "${HOME-}/.local/state" '' ;; esac
    # what a shell inherits, its own start-up files may have changed
    [ -n "$__dctx_pwd" ] || [ -z "${DCTX_PROFILE-}" ] || __dctx_set || set -- "$1" yes "$3" --start
    case ${DCTX_EXPIRES-} in
      '' | *[!0-9]*) ;;
      *) [ "@CLOCK@" -lt "$DCTX_EXPIRES" ] || set -- "$1" yes "$3" "$4" ;;
    esac
    # a reset of this session has nothing more to hide once that choice is revoked
    [ -n "${DCTX_SAVED-x}" ] || [ -e "$3/dctx/universal" ] || unset -v DCTX_SAVED
    # what this session chose stays; the file's first line is another one for every choice
    case ${DCTX_SAVED-u1,#=} in
      'u1,#='*)
        __dctx_line=''
        [ ! -f "$3/dctx/universal" ] || IFS= read -r __dctx_line <"$3/dctx/universal" || :
        case ${DCTX_SAVED-u1,#=,} in
          "u1,#=$__dctx_line,"*) ;;
          *) [ "$__dctx_line" = "$__dctx_tried" ] || { __dctx_tried=$__dctx_line && set -- "$1" yes "$3" "$4"; } ;;
        esac
        ;;
    esac
    if [ "$PWD" != "$__dctx_pwd" ]; then
      __dctx_pwd=$PWD
      if [ -z "${DCTX_SUBSHELL-}" ]; then
        if [ -n "${DCTX_DIR-}" ] || __dctx_dirs "$3/dctx/dirs"; then set -- "$1" yes "$3" "$4"; fi
      fi
    fi
    [ -z "$2" ] || \dctx __hook ${4:+"$4"} || :
    if [ -n "${DCTX_PROFILE-}" ]; then
      case $DCTX_PROFILE in *[!A-Za-z0-9._+-]*) __dctx_line='?' ;; *) __dctx_line=$DCTX_PROFILE ;; esac
      __dctx_set || __dctx_line="$__dctx_line?"
      # other prompts show this one
      case ${DOCKER_MACHINE_NAME-} in
        '' | "$__dctx_line") ;;
        "$DCTX_PROFILE" | *'?') DOCKER_MACHINE_NAME=$__dctx_line && export DOCKER_MACHINE_NAME ;;
      esac
      case ,${DCTX_SAVED-}, in *,!,*) __dctx_line="$__dctx_line protected" ;; esac
      [ "${DCTX_PROMPT-}" = "$__dctx_line" ] || { DCTX_PROMPT=$__dctx_line && export DCTX_PROMPT; }
    else
      [ -z "${DCTX_PROMPT+set}" ] || unset -v DCTX_PROMPT
      case ${DOCKER_MACHINE_NAME-} in *'?') unset -v DOCKER_MACHINE_NAME ;; esac
    fi
    unset -v __dctx_line
    # a private key that is in no file is let go of once it is seen that this shell has left it
    if [ "${DOCKER_CERT_PATH-}" != "$__dctx_key" ]; then
      set -- "$1" "$__dctx_key"
      __dctx_key=${DOCKER_CERT_PATH-}
      case $2 in */keys/*) \dctx __hook || : ;; esac
    fi
    return "$1"
  }

  # Whether the variables are those that `dctx use` set: DCTX_SAVED ends in them.
  __dctx_set() {
    case ${DCTX_SAVED-} in *",.=${DOCKER_HOST-},${DOCKER_TLS_VERIFY-},${DOCKER_TLS-},${DOCKER_CERT_PATH-},${DOCKER_CONTEXT-}") return 0 ;; *) return 1 ;; esac
  }

  # Whether profiles may have directories: as noted for these very variables, unless a file is newer than that.
  # shellcheck disable=SC2094,SC3013 # only the time of the file is asked for, by what every sh here has
  __dctx_dirs() {
    [ -f "$1" ] || return 0
    {
      IFS= read -r __dctx_line && [ "$__dctx_line" = none ] || return 0
      IFS= read -r __dctx_line || return 0
      [ "$__dctx_line" = "${DCTX_CONFIG_DIR-}|${XDG_CONFIG_HOME-}|${DCTX_PATH-}" ] || return 0
      while IFS= read -r __dctx_line; do
        [ ! "$__dctx_line" -nt "$1" ] || return 0
      done
    } <"$1"
    return 1
  }
  ;;
esac

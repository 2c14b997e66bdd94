# dctx at the prompt: starts no process unless something has changed. A use that ends by itself, a choice for
# every shell, a directory that belongs to a profile; and the words for your prompt, in DCTX_PROMPT.
case $- in *i*)
  __dctx_pwd='' __dctx_tried=-

  __dctx_prompt() {
    set -- "$?" '' "${XDG_STATE_HOME-}" ''
    case $3 in /*) ;; *) set -- "$1" '' "${HOME-}/.local/state" '' ;; esac
    case ${DCTX_EXPIRES-} in
      '' | *[!0-9]*) ;;
      *) [ "@CLOCK@" -lt "$DCTX_EXPIRES" ] || set -- "$1" yes "$3" '' ;;
    esac
    # what this session chose stays; the file's first line is another one for every choice
    case ${DCTX_SAVED-u1,#=} in
      'u1,#='*)
        __dctx_line=''
        [ ! -e "$3/dctx/universal" ] || IFS= read -r __dctx_line <"$3/dctx/universal" || :
        case ${DCTX_SAVED-u1,#=,} in
          "u1,#=$__dctx_line,"*) ;;
          *) [ "$__dctx_line" = "$__dctx_tried" ] || { __dctx_tried=$__dctx_line && set -- "$1" yes "$3" ''; } ;;
        esac
        ;;
    esac
    if [ "$PWD" != "$__dctx_pwd" ]; then
      __dctx_pwd=$PWD
      if [ -z "${DCTX_SUBSHELL-}" ]; then
        if [ -n "${DCTX_DIR-}" ] || __dctx_dirs "$3/dctx/dirs"; then set -- "$1" yes "$3" ''; fi
      fi
    fi
    [ -z "$2" ] || \dctx __hook || :
    if [ -n "${DCTX_PROFILE-}" ]; then
      case $DCTX_PROFILE in *[!A-Za-z0-9._+-]*) __dctx_line='?' ;; *) __dctx_line=$DCTX_PROFILE ;; esac
      case ,${DCTX_SAVED-}, in *,!,*) __dctx_line="$__dctx_line protected" ;; esac
      [ "${DCTX_PROMPT-}" = "$__dctx_line" ] || { DCTX_PROMPT=$__dctx_line && export DCTX_PROMPT; }
    elif [ -n "${DCTX_PROMPT+set}" ]; then
      unset -v DCTX_PROMPT
    fi
    unset -v __dctx_line
    return "$1"
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

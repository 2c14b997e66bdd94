# dctx: plain `dctx use NAME` and `dctx reset` act on this shell. Loading this twice is harmless.
# Their script travels through descriptor 3, so standard input, output and error stay yours; every other
# command runs as if there were no function, and may know that there is one (DCTX_HOOK).
unalias dctx 2>/dev/null || true
dctx() {
  unset -v __dctx_out
  # whether the hook still runs at each prompt; what it is in may have been assigned since
  # shellcheck disable=SC2194 # where a shell has no such variable, there is nothing to look at
  [ -z "${__dctx_hook-}" ] || case @HOOKS@ in
    *__dctx_*) __dctx_hook=prompt ;;
    *) __dctx_hook="lost @NAME@=@NOW@" ;;
  esac
  for __dctx_out in "$@"; do
    case $__dctx_out in -* | auto | always | never) ;; *) break ;; esac
  done
  case ${__dctx_out-} in
    use | env | reset | off | __hook) ;;
    # inside a sub-shell of dctx another one takes its place
    shell) [ -n "${DCTX_SUBSHELL-}" ] || __dctx_out='' ;;
    *) __dctx_out='' ;;
  esac
  # after `cd` on the same line the directory comes first, as it would at a prompt
  if [ -n "${__dctx_hook-}" ] && [ -n "${__dctx_pwd-}" ] && [ "$PWD" != "$__dctx_pwd" ]; then
    case ${__dctx_out-} in
      '' | __hook) ;;
      *)
        __dctx_prompt
        dctx "$@"
        return
        ;;
    esac
  fi
  if [ -z "${__dctx_out-}" ]; then
    unset -v __dctx_out
    DCTX_HOOK=${__dctx_hook:-1} command dctx "$@"
    return
  fi
  # where standard output is closed the block is not run, and what is evaluated is not what stood here before
  __dctx_out='' __dctx_rc=1
  { __dctx_out=$(DCTX_SHELL=@SHELL@ DCTX_FD=3 DCTX_HOOK=${__dctx_hook:-1} command dctx "$@" 3>&1 >&4 4>&-) && __dctx_rc=0 || __dctx_rc=$?; } 4>&1
  [ -z "$__dctx_out" ] || eval "$__dctx_out" || __dctx_rc=$?
  # what stands before a prompt that nothing writes any more would stay for ever
  case ${__dctx_hook-},${__dctx_shown-} in lost*,?*) PS1=${PS1#"$__dctx_shown"} __dctx_shown='' ;; esac
  # eval "$(dctx use NAME)" runs this in a subshell: what it did has to get out of there
  if [ ! -t 1 ] && [ @SUBSHELL@ ]; then
    [ "$__dctx_rc" = 0 ] || __dctx_out="(exit $__dctx_rc);"
    [ -z "$__dctx_out" ] || printf '%s\n' "$__dctx_out"
  fi
  set -- "$__dctx_rc"
  unset -v __dctx_out __dctx_rc
  return "$1"
}

# dctx: plain `dctx use NAME` and `dctx reset` act on this shell. Loading this twice is harmless.
# The script travels through descriptor 3, so standard input, output and error stay yours.
unalias dctx 2>/dev/null || true
dctx() {
  { __dctx_out=$(DCTX_SHELL=@SHELL@ DCTX_FD=3 command dctx "$@" 3>&1 >&4 4>&-) && __dctx_rc=0 || __dctx_rc=$?; } 4>&1
  [ -z "$__dctx_out" ] || eval "$__dctx_out" || __dctx_rc=$?
  set -- "$__dctx_rc"
  unset -v __dctx_out __dctx_rc
  return "$1"
}

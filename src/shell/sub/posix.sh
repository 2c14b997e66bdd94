# dctx shell: read by way of ENV, which is put back at once; the person's own file comes first, as it is.
if [ "${DCTX_FORMER+x}" ]; then
  ENV=$DCTX_FORMER
  export ENV
else
  unset -v ENV
fi
__dctx_env=${DCTX_FORMER-@DEFAULT@}
unset -v DCTX_FORMER
case $__dctx_env in
  '~/'*) __dctx_env=$HOME/${__dctx_env#'~/'} ;;
  # nothing but names, slashes and parameters
  *[!]A-Za-z0-9_/.\$:{}~+@%,-]*) ;;
  *\$*) eval "__dctx_env=\"$__dctx_env\"" ;;
esac
case $__dctx_env in '' | /*) ;; *) __dctx_env=./$__dctx_env ;; esac
__dctx_start() {
  # The profile's variables once more, whatever that file has exported.
  eval "${DCTX_START-}" ||
    printf >&2 'dctx: this shell refused a part of the profile; to see where docker goes: dctx current\n'
  unset -v DCTX_START DCTX_STARTING __dctx_env
@INIT@
@AFTER@
}
# Ctrl-C in that file ends the reading of this one, too: then what is left is done first.
trap '__dctx_start; trap - INT; unset -f __dctx_start; kill -INT $$' INT
if [ -n "$__dctx_env" ] && [ -r "$__dctx_env" ]; then
  # by `command`, or an error in that file would end this one, too
  command . "$__dctx_env"
fi
[ -z "${DCTX_STARTING+set}" ] || __dctx_start
# the trap, unless that file has set one of its own
case @TRAPS@ in *__dctx_start*) trap - INT ;; esac
unset -f __dctx_start 2>/dev/null || :

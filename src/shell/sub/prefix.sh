# What `dctx init` exports for other prompts would not be kept right by anything.
unset -v DCTX_PROMPT
# The profile before the prompt. Nothing of a plain sh runs at its prompts but what PS1 says.
__dctx_prefix() {
  case ${DCTX_PROFILE:+,${DCTX_SAVED-},} in
    '') ;;
    *,!,*) printf '(%s protected) ' "$DCTX_PROFILE" ;;
    *) printf '(%s) ' "$DCTX_PROFILE" ;;
  esac
}
PS1='$(__dctx_prefix)'${PS1-}

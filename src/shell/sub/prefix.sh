# What `dctx init` exports for other prompts would not be kept right by anything.
unset -v DCTX_PROMPT
# The profile before the prompt. Nothing of a plain sh runs at its prompts but what PS1 says.
__dctx_prefix() {
  # DCTX_SAVED ends in what the profile set
  case ${DCTX_SAVED-} in *",.=${DOCKER_HOST-},${DOCKER_TLS_VERIFY-},${DOCKER_TLS-},${DOCKER_CERT_PATH-},${DOCKER_CONTEXT-}") set -- '' ;; *) set -- '?' ;; esac
  case ${DCTX_PROFILE:+,${DCTX_SAVED-},} in
    '') ;;
    *,!,*) printf '(%s protected) ' "$DCTX_PROFILE$1" ;;
    *) printf '(%s) ' "$DCTX_PROFILE$1" ;;
  esac
}
PS1='$(__dctx_prefix)'${PS1-}

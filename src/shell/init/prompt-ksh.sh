# ksh93 asks for PS1 each time it shows it; what runs then runs in this shell.
case $- in *i*)
  __dctx_hook=prompt __dctx_prefix=@PREFIX@
  # ksh93 gives PS1 its default only while it does not exist, and the function makes it exist
  if [[ -z ${PS1+set} ]]; then
    PS1='$ '
    # root's
    [[ ! -O / ]] || PS1='# '
  fi
  # shellcheck disable=SC2034,SC2086,SC2276 # ksh93's own names
  function PS1.get {
    typeset before=
    __dctx_prompt
    if [[ -n $__dctx_prefix && -n ${DCTX_PROMPT-} ]]; then
      before="($DCTX_PROMPT) "
      [[ $DCTX_PROMPT != *' protected' || -n ${NO_COLOR-} ]] || before=$'\E[31m'"($DCTX_PROMPT)"$'\E[0m '
      .sh.value=$before$PS1
    fi
  }
  ;;
esac

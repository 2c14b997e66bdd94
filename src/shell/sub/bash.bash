# dctx shell: bash reads this in place of ~/.bashrc, which comes first, as it is.
[[ ! -r ~/.bashrc ]] || . ~/.bashrc
# The profile's variables once more, whatever that file has exported.
\builtin eval "${DCTX_START-}" ||
  \builtin printf >&2 'dctx: this shell refused a part of the profile; to see where docker goes: dctx current\n'
\builtin unset -v DCTX_START DCTX_STARTING
@INIT@
# The profile before the prompt; put there again where a prompt is made anew each time.
function __dctx_prefix() {
  local rc=$?
  [[ $PS1 == *DCTX_PROFILE* ]] || PS1='${DCTX_PROFILE:+($DCTX_PROFILE) }'$PS1
  return "$rc"
}
PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND; }__dctx_prefix"

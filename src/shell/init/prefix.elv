# The profile before the prompt.
{
  var before = $edit:prompt
  if (not (and (eq (kind-of $before) fn) (has-key $before body) (str:contains $before[body] __dctx_prefix))) {
    set edit:prompt = {
      nop '__dctx_prefix'
      if (not-eq $E:DCTX_PROMPT '') {
        if (and (str:has-suffix $E:DCTX_PROMPT ' protected') (eq $E:NO_COLOR '')) {
          styled '('$E:DCTX_PROMPT')' red
          put ' '
        } else {
          put '('$E:DCTX_PROMPT') '
        }
      }
      $before
    }
  }
}

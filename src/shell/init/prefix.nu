# The profile before the prompt.
$env.PROMPT_COMMAND = do {
  let before = $env.PROMPT_COMMAND? | default ''
  if ($before | describe) == closure and '__dctx_prefix' in (view source $before) {
    $before
  } else {
    {||
      let __dctx_prefix = $env.DCTX_PROMPT? | default ''
      let after = if ($before | describe) == closure { do $before } else { $before }
      if $__dctx_prefix == '' {
        $after
      } else if $__dctx_prefix ends-with ' protected' and ($env.NO_COLOR? | default '') == '' {
        $"(ansi red)\(($__dctx_prefix)\)(ansi reset) ($after)"
      } else {
        $"\(($__dctx_prefix)\) ($after)"
      }
    }
  }
}

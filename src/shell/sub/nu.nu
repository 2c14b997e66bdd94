# dctx shell: what is loaded after the person's config.nu.
# The profile's variables once more, whatever that file has exported.
$env.DCTX_START | from json | load-env
hide-env --ignore-errors DCTX_START DCTX_STARTING
@INIT@
# The profile before the prompt.
let __dctx_before = $env.PROMPT_COMMAND? | default ''
$env.PROMPT_COMMAND = {||
  let after = if ($__dctx_before | describe) == 'closure' { do $__dctx_before } else { $__dctx_before }
  let name = $env.DCTX_PROFILE? | default ''
  let saved = $env.DCTX_SAVED? | default ''
  let prefix = if $name == '' {
    ''
  } else if $',($saved),' !~ ',!,' {
    $"\(($name)\) "
  } else if ($env.NO_COLOR? | default '') == '' {
    $"(ansi red)\(($name) protected\)(ansi reset) "
  } else {
    $"\(($name) protected\) "
  }
  $"($prefix)($after)"
}

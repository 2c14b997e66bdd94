# dctx shell: what is loaded after the person's profile scripts.
# The profile's variables once more, whatever those scripts have exported.
Invoke-Expression $Env:DCTX_START
Remove-Item -ErrorAction Ignore Env:DCTX_START, Env:DCTX_STARTING, Env:DCTX_START_FILE
@INIT@
# The profile before the prompt.
$global:__dctx_before = $function:prompt
function global:prompt {
  $text = ''
  if ($Env:DCTX_PROFILE) {
    $text = "($Env:DCTX_PROFILE) "
    if (",$Env:DCTX_SAVED,".Contains(',!,')) {
      $text = "($Env:DCTX_PROFILE protected) "
      if (-not $Env:NO_COLOR) { $text = "$([char]27)[31m($Env:DCTX_PROFILE protected)$([char]27)[0m " }
    }
  }
  "$text$(& $global:__dctx_before)"
}

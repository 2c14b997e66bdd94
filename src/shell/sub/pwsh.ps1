# dctx shell: what is loaded after the person's profile scripts.
# The profile's variables once more, whatever those scripts have exported.
Invoke-Expression $Env:DCTX_START
Remove-Item -ErrorAction Ignore Env:DCTX_START, Env:DCTX_STARTING, Env:DCTX_START_FILE
@INIT@

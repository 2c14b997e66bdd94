# dctx shell: what is loaded after the person's config.nu.
# The profile's variables once more, whatever that file has exported.
$env.DCTX_START | from json | load-env
hide-env --ignore-errors DCTX_START DCTX_STARTING
@INIT@

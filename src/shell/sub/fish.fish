# dctx shell: what is loaded after the person's config.fish.
# The profile's variables once more, whatever that file has exported.
eval $DCTX_START
or echo >&2 'dctx: this shell refused a part of the profile; to see where docker goes: dctx current'
set -e DCTX_START
set -e DCTX_STARTING
set -e DCTX_START_FILE
@INIT@

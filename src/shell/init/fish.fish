# dctx: plain `dctx use NAME` and `dctx reset` act on this shell. Loading this twice is harmless.
# The script travels through descriptor 3, so standard input, output and error stay yours.
functions -q dctx; and functions -e dctx
function dctx
    DCTX_SHELL=fish DCTX_FD=3 command dctx $argv 3>| source
    return $pipestatus[1]
end
# A copy inherited from a terminal that was started before the last universal `use` hides the universal
# value; a choice made for this session alone (DCTX_SAVED begins with s) stays.
if set -qU DCTX_SAVED; and not string match -q 's*' -- "$DCTX_SAVED"
    for v in DOCKER_HOST DOCKER_TLS_VERIFY DOCKER_TLS DOCKER_CERT_PATH DOCKER_CONTEXT DOCKER_API_VERSION DOCKER_MACHINE_NAME DCTX_PROFILE DCTX_PREVIOUS DCTX_SAVED DCTX_EXPIRES
        set -qg $v; and set -eg $v
    end
    true
end

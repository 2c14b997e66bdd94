# dctx: plain `dctx use NAME` and `dctx reset` act on this shell. Loading this twice is harmless.
# Their script travels through descriptor 3, so standard input, output and error stay yours; every other
# command runs as if there were no function, and may know that there is one (DCTX_HOOK).
function dctx
    set -l verb
    set -l hook 1
    set -q __dctx_hook; and set hook $__dctx_hook
    # whether the hook still runs at each prompt
    test "$hook" != prompt; or functions -q __dctx_prompt; or set hook 'lost __dctx_prompt='
    for verb in $argv
        string match -qr -- '^(-.*|auto|always|never)$' $verb; or break
    end
    # inside a sub-shell of dctx another one takes its place
    test "$verb" = shell; and test -z "$DCTX_SUBSHELL"; and set verb ''
    if not contains -- "$verb" use env reset off __hook shell
        DCTX_HOOK=$hook command dctx $argv
        return
    end
    DCTX_SHELL=fish DCTX_FD=3 DCTX_HOOK=$hook command dctx $argv 3>| source
    set -l state $pipestatus
    test $state[1] -eq 0; and return $state[2]
    # for `dctx use NAME | source`, which takes its status from there
    command test -t 1; or echo 'false;'
    return $state[1]
end
# A copy inherited from a terminal that was started before the last universal `use` or `reset` hides what
# is true now. A choice made for one session alone (DCTX_SAVED begins with s, or is empty) stays.
if string match -q 'u*' -- "$DCTX_SAVED"
    for v in DOCKER_HOST DOCKER_TLS_VERIFY DOCKER_TLS DOCKER_CERT_PATH DOCKER_CONTEXT DOCKER_API_VERSION DOCKER_MACHINE_NAME DCTX_PROFILE DCTX_PREVIOUS DCTX_SAVED DCTX_EXPIRES
        set -qg $v; and set -eg $v
    end
    # what the profile brought with it
    for v in (string replace -r ',\.=.*' '' -- "$DCTX_SAVED" | string split , | string replace -rf '^(\w+)(=.*)?$' '$1')
        set -qU $v; and set -qg $v; and set -eg $v
    end
    true
end

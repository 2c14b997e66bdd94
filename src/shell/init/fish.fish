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
    # after `cd` on the same line the directory comes first, as it would at a prompt
    if test "$hook" = prompt -a "$verb" != __hook -a -n "$__dctx_pwd" -a "$PWD" != "$__dctx_pwd"
        __dctx_prompt
    end
    DCTX_SHELL=fish DCTX_FD=3 DCTX_HOOK=$hook command dctx $argv 3>| source
    set -l state $pipestatus
    test $state[1] -eq 0; and return $state[2]
    # for `dctx use NAME | source`, which takes its status from there
    command test -t 1; or echo 'false;'
    return $state[1]
end

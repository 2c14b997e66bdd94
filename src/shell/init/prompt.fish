# dctx at the prompt: starts no process unless something has changed. A use that ends by itself, a directory
# that belongs to a profile; and the words for your prompt, in DCTX_PROMPT.
if status is-interactive
    set -g __dctx_hook prompt
    set -g __dctx_pwd
    set -g __dctx_same
    set -g __dctx_key
    function __dctx_prompt --on-event fish_prompt
        # almost always all is as it was; a universal variable may show since this shell's own was erased
        set -qg DOCKER_HOST DOCKER_TLS_VERIFY DOCKER_TLS DOCKER_CERT_PATH DOCKER_CONTEXT DOCKER_API_VERSION DOCKER_MACHINE_NAME DCTX_PROFILE
        set -l own $status
        test -z "$DCTX_EXPIRES" -a "$own,$PWD,$DCTX_SAVED,$DCTX_PROFILE,$DCTX_PROMPT,$DOCKER_HOST,$DOCKER_TLS_VERIFY,$DOCKER_TLS,$DOCKER_CERT_PATH,$DOCKER_CONTEXT,$DOCKER_MACHINE_NAME" = "$__dctx_same"; and return
        __dctx_hide
        set -l go
        set -l first
        if string match -qr '^[0-9]+$' -- "$DCTX_EXPIRES"
            # the age of any file and its time make the time of day, with no process (from fish 3.5 on)
            set -l now
            if builtin -q path
                set now (math (path mtime /) + (path mtime -R /))
            else
                set now (command date +%s)
            end
            test "$now" -lt "$DCTX_EXPIRES"; or set go yes
        end
        # what another shell chose or revoked for every shell may have left something here: copies that came with the
        # environment, empty variables with nothing more to hide, and this shell's own values that it took the place of
        if not set -qg DCTX_SAVED
            set -q DCTX_BEFORE; and not set -q DCTX_SAVED; and set go yes
        else if test -z "$DCTX_SAVED"
            set -qU DCTX_SAVED; or set go yes
        else if test -z "$__dctx_pwd"; and string match -qr '^u1,[^#]' -- $DCTX_SAVED
            set go yes
        end
        if test "$PWD" != "$__dctx_pwd"
            # what a shell inherits, its own start-up files may have changed
            if test -z "$__dctx_pwd" -a -n "$DCTX_PROFILE"; and not __dctx_set
                set go yes
                set first --start
            end
            set -g __dctx_pwd $PWD
            if test -z "$DCTX_SUBSHELL"
                if test -n "$DCTX_DIR"; or __dctx_dirs
                    set go yes
                end
            end
        end
        test -n "$go"; and dctx __hook $first
        __dctx_text
        # a private key that is in no file is let go of once it is seen that this shell has left it
        if test "$DOCKER_CERT_PATH" != "$__dctx_key"
            set -l left "$__dctx_key"
            set -g __dctx_key "$DOCKER_CERT_PATH"
            string match -q '*/keys/*' -- $left; and dctx __hook
        end
        __dctx_wrap
        set -qg DOCKER_HOST DOCKER_TLS_VERIFY DOCKER_TLS DOCKER_CERT_PATH DOCKER_CONTEXT DOCKER_API_VERSION DOCKER_MACHINE_NAME DCTX_PROFILE
        set -g __dctx_same "$status,$PWD,$DCTX_SAVED,$DCTX_PROFILE,$DCTX_PROMPT,$DOCKER_HOST,$DOCKER_TLS_VERIFY,$DOCKER_TLS,$DOCKER_CERT_PATH,$DOCKER_CONTEXT,$DOCKER_MACHINE_NAME"
    end

    # The words for the prompt.
    function __dctx_text
        if test -n "$DCTX_PROFILE"
            set -l text (string replace -ra '[^A-Za-z0-9._+-]' '?' -- $DCTX_PROFILE)
            __dctx_set; or set text "$text?"
            # other prompts show this one
            if string match -qr '\?$' -- "$DOCKER_MACHINE_NAME"; or test "$DOCKER_MACHINE_NAME" = "$DCTX_PROFILE"
                test "$DOCKER_MACHINE_NAME" = "$text"; or set -gx DOCKER_MACHINE_NAME $text
                test "$text" = "$DCTX_PROFILE"; and not set -qg DCTX_SAVED; and set -qU DOCKER_MACHINE_NAME; and set -eg DOCKER_MACHINE_NAME
            end
            string match -q '*,!,*' -- ",$DCTX_SAVED,"; and set text "$text protected"
            test "$DCTX_PROMPT" = "$text"; or set -gx DCTX_PROMPT $text
        else
            set -q DCTX_PROMPT; and set -e DCTX_PROMPT
            string match -qr '\?$' -- "$DOCKER_MACHINE_NAME"; and set -e DOCKER_MACHINE_NAME
        end
    end

    # The names in a text of DCTX_SAVED: what a profile brings along, and what was there before it.
    function __dctx_names
        string replace -r ',\.=.*' '' -- $argv | string split , | string replace -rf '^(\w{3,})([=!].*)?$' '$1'
    end

    # What is chosen for this session, or that nothing is, hides what is chosen for every shell, variable by variable:
    # those that every choice states, and what the profile of that one brings along. What has nothing to hide goes.
    set -g __dctx_hidden
    function __dctx_hide
        # that there was no host before this one hides another shell's, whatever is chosen here now
        set -qg DCTX_PREVIOUS; and test -z "$DCTX_PREVIOUS"; and not set -qU DCTX_PREVIOUS; and set -eg DCTX_PREVIOUS
        set -qg DCTX_SAVED; and string match -qr '^(s1,|$)' -- "$DCTX_SAVED"; or return
        set -l every DOCKER_HOST DOCKER_TLS_VERIFY DOCKER_TLS DOCKER_CERT_PATH DOCKER_CONTEXT DOCKER_API_VERSION DOCKER_MACHINE_NAME DCTX_PROFILE DCTX_EXPIRES
        set -l more
        if set -qU DCTX_SAVED
            set -l text (set -S DCTX_SAVED | string replace -rf '^\$DCTX_SAVED\[1\]: (length=\d+ value=)?\|(.*)\|$' '$2')
            set more (__dctx_names $text[-1] | string match -riv '^(dctx_.*|no_proxy)$')
        end
        for v in $every $more
            set -qU $v; and not set -qg $v; and set -gx --unpath $v ''
        end
        for v in $every $more $__dctx_hidden (__dctx_names "$DCTX_SAVED")
            set -qg $v; and test -z "$$v"; and not set -qU $v; and set -eg $v
        end
        set -g __dctx_hidden $more
    end

    # What is chosen for this session was inherited, and what of it equals a universal variable was not imported; what is
    # universal and not of it has to be hidden, if it was chosen after the program that started this shell.
    if set -qg DCTX_SAVED; and string match -qr '^(s1,|$)' -- "$DCTX_SAVED"
        set -l names DOCKER_HOST DOCKER_TLS_VERIFY DOCKER_TLS DOCKER_CERT_PATH DOCKER_CONTEXT
        set -l noted (string replace -rf '^s1.*?,\.=' '' -- "$DCTX_SAVED" | string split ,)
        for i in (seq (count $noted))
            set -l v $names[$i]
            test -n "$noted[$i]"; and test (count $noted) -eq 5; and set -qU $v; and not set -qg $v; and set -gx --unpath $v $$v
        end
        if test -n "$DCTX_SAVED"
            for v in DCTX_PROFILE DOCKER_API_VERSION (__dctx_names $DCTX_SAVED)
                set -qU $v; and not set -qg $v; and set -gx --unpath $v $$v
            end
            set -qU DOCKER_MACHINE_NAME; and test "$DOCKER_MACHINE_NAME" = "$DCTX_PROFILE"; and set -gx DOCKER_MACHINE_NAME $DCTX_PROFILE
        end
        __dctx_hide
    end

    # A choice for every shell is made or revoked: what is chosen for this session hides it, and an idle prompt shows it.
    function __dctx_universal --on-variable DCTX_SAVED
        __dctx_hide
        set -g __dctx_same
        __dctx_text
        commandline -f repaint
    end

    # Whether the variables are those that `dctx use` set: DCTX_SAVED ends in them.
    function __dctx_set
        set -l noted (string replace -r '^.*?,\.=' '' -- "$DCTX_SAVED")
        test "$noted" = "$DOCKER_HOST,$DOCKER_TLS_VERIFY,$DOCKER_TLS,$DOCKER_CERT_PATH,$DOCKER_CONTEXT"
    end

    # Whether profiles may have directories: as noted for these very variables, unless a file is newer than that.
    function __dctx_dirs
        set -l state "$XDG_STATE_HOME"
        string match -q '/*' -- $state; or set state $HOME/.local/state
        set -l note $state/dctx/dirs
        test -f $note; and builtin -q path; or return 0
        set -l lines
        while read -l line
            set -a lines $line
        end <$note
        test "$lines[1]" = none; or return 0
        test "$lines[2]" = "$DCTX_CONFIG_DIR|$XDG_CONFIG_HOME|$DCTX_PATH"; or return 0
        set -l noted (path mtime $note)
        for time in (path mtime $lines[3..])
            test $time -gt $noted; and return 0
        end
        return 1
    end

    # The profile before the prompt, however that is written; only once, for it may be defined after this.
    function __dctx_wrap
        functions -e __dctx_wrap
        function __dctx_wrap
        end
        test -n "@PREFIX@"; or return
        functions -q fish_prompt; and not functions -q __dctx_own_prompt; or return
        functions -c fish_prompt __dctx_own_prompt
        function fish_prompt
            set -l state $status
            if test -n "$DCTX_PROMPT"
                if string match -q '* protected' -- $DCTX_PROMPT; and test -z "$NO_COLOR"
                    set_color red
                    printf '(%s)' $DCTX_PROMPT
                    set_color normal
                    printf ' '
                else
                    printf '(%s) ' $DCTX_PROMPT
                end
            end
            __dctx_status $state
            __dctx_own_prompt
        end
        function __dctx_status
            return $argv[1]
        end
    end
end

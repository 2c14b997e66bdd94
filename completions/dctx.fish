# dctx: completion. Names and tags come from dctx itself, files are offered where they are wanted.
complete -c dctx -f

# Prints the words before the cursor without flags and their values, the verb first (in one line with the verb below
# it); with a -- the words end there.
function __dctx_words
    set -l words (commandline -opc)
    set -l value no
    set -l verb
    set -l given
    for word in $words[2..-1]
        if test $value = yes
            set value no
        else if test "$word" = --
            break
        else if test "$word" != -; and string match -q -- '-*' "$word"
            contains -- "$verb $word" ' --color' 'add --api-version' 'add --ca' 'add --cert' 'add --certs' 'add --description' 'add --dir' 'add --env' 'add --key' 'add --max-use' 'add --tag' 'add --tls' 'cert authorize --for' 'cert authorize --out' 'cert authorize -o' 'cert client --ca-from' 'cert client --ca-key-command' 'cert client --days' 'cert client --for' 'cert client --key-type' 'cert client --out' 'cert client -o' 'cert copy --host' 'cert copy --key' 'cert import --as' 'cert import --key' 'cert new --ca' 'cert new --ca-key-command' 'cert new --days' 'cert new --host' 'cert new --key' 'cert new --key-type' 'cert new --san' 'cert renew --ca-from' 'cert renew --ca-key-command' 'cert renew --days' 'cert renew --san' 'cert request --key' 'cert request --key-type' 'cert request --out' 'cert request -o' 'cert rotate-ca --ca-key-command' 'cert rotate-ca --phase' 'cert sign --ca-from' 'cert sign --ca-key-command' 'cert sign --days' 'cert sign --for' 'cert sign --out' 'cert sign -o' 'check --jobs' 'check --tag' 'check --timeout' 'check -j' 'edit --api-version' 'edit --ca' 'edit --cert' 'edit --certs' 'edit --description' 'edit --dir' 'edit --env' 'edit --host' 'edit --key' 'edit --max-use' 'edit --tag' 'edit --tls' 'edit --unset' 'exec --accept' 'exec --confirm' 'explain --profile' 'explain -p' 'ls --tag' 'reset --shell' 'server --accept' 'server --bind' 'server --certs' 'server --confirm' 'server --daemon-json' 'server --out' 'server --port' 'server --ssh' 'shell --accept' 'shell --confirm' 'shell --for' 'shell --shell' 'use --accept' 'use --confirm' 'use --for' 'use --shell'; or contains -- " $word" ' --color' 'add --api-version' 'add --ca' 'add --cert' 'add --certs' 'add --description' 'add --dir' 'add --env' 'add --key' 'add --max-use' 'add --tag' 'add --tls' 'cert authorize --for' 'cert authorize --out' 'cert authorize -o' 'cert client --ca-from' 'cert client --ca-key-command' 'cert client --days' 'cert client --for' 'cert client --key-type' 'cert client --out' 'cert client -o' 'cert copy --host' 'cert copy --key' 'cert import --as' 'cert import --key' 'cert new --ca' 'cert new --ca-key-command' 'cert new --days' 'cert new --host' 'cert new --key' 'cert new --key-type' 'cert new --san' 'cert renew --ca-from' 'cert renew --ca-key-command' 'cert renew --days' 'cert renew --san' 'cert request --key' 'cert request --key-type' 'cert request --out' 'cert request -o' 'cert rotate-ca --ca-key-command' 'cert rotate-ca --phase' 'cert sign --ca-from' 'cert sign --ca-key-command' 'cert sign --days' 'cert sign --for' 'cert sign --out' 'cert sign -o' 'check --jobs' 'check --tag' 'check --timeout' 'check -j' 'edit --api-version' 'edit --ca' 'edit --cert' 'edit --certs' 'edit --description' 'edit --dir' 'edit --env' 'edit --host' 'edit --key' 'edit --max-use' 'edit --tag' 'edit --tls' 'edit --unset' 'exec --accept' 'exec --confirm' 'explain --profile' 'explain -p' 'ls --tag' 'reset --shell' 'server --accept' 'server --bind' 'server --certs' 'server --confirm' 'server --daemon-json' 'server --out' 'server --port' 'server --ssh' 'shell --accept' 'shell --confirm' 'shell --for' 'shell --shell' 'use --accept' 'use --confirm' 'use --for' 'use --shell'; and set value yes
        else if test -z "$verb"
            set verb $word
        else if contains -- "$verb" cert
            set verb "$verb $word"
        else
            set given $given $word
        end
    end
    test -z "$verb"; or printf '%s\n' $verb $given
end

# What the lines for verbs and flags ask.
function __fish_dctx_needs_command
    set -l words (__dctx_words)
    not set -q words[1]
end

function __fish_dctx_using_subcommand
    set -l words (__dctx_words)
    contains -- (string split ' ' -- "$words[1]")[1] $argv
end

# Whether the cursor is at argument number $argv[2] (from 0; any, without a number) of the verb $argv[1].
function __dctx_at
    contains -- -- (commandline -opc); and return 1
    set -l words (__dctx_words)
    test "$words[1]" = "$argv[1]"; or return 1
    set -q argv[2]; or return 0
    test (count $words) -eq (math $argv[2] + 1)
end

# Passes on the candidates that are not on the line yet.
function __dctx_new
    set -l words (__dctx_words)
    while read -l line
        contains -- (string split -m 1 \t -- $line)[1] $words; or printf '%s\n' $line
    end
end

# The command of exec, completed as if it stood alone.
function __dctx_in_command
    set -l words (__dctx_words)
    test "$words[1]" = exec; and contains -- -- (commandline -opc)
end

function __dctx_command
    complete -C(commandline -cp | string replace -r '^.*?\s--\s+' '')
end
complete -c dctx -n __dctx_in_command -a "(__dctx_command)"

complete -c dctx -n "__fish_dctx_needs_command" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__fish_dctx_needs_command" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__fish_dctx_needs_command" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__fish_dctx_needs_command" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__fish_dctx_needs_command" -s h -l help -d 'Print help'
complete -c dctx -n "__fish_dctx_needs_command" -s V -l version -d 'Print version'
complete -c dctx -n "__fish_dctx_needs_command" -f -a "use" -d 'point this shell at a profile'
complete -c dctx -n "__fish_dctx_needs_command" -f -a "reset" -d 'return this shell to local docker'
complete -c dctx -n "__fish_dctx_needs_command" -f -a "current" -d 'show what docker talks to from here, and which setting decides it'
complete -c dctx -n "__fish_dctx_needs_command" -f -a "ls" -d 'list profiles'
complete -c dctx -n "__fish_dctx_needs_command" -f -a "add" -d 'add a profile'
complete -c dctx -n "__fish_dctx_needs_command" -f -a "edit" -d 'change a profile by flags, or the file in $VISUAL or $EDITOR'
complete -c dctx -n "__fish_dctx_needs_command" -f -a "show" -d 'show a profile, its certificates, and what `use` would set'
complete -c dctx -n "__fish_dctx_needs_command" -f -a "rename" -d 'give a profile another name'
complete -c dctx -n "__fish_dctx_needs_command" -f -a "rm" -d 'remove profiles'
complete -c dctx -n "__fish_dctx_needs_command" -f -a "undo" -d 'undo the last change of the profile file; run it again to redo'
complete -c dctx -n "__fish_dctx_needs_command" -f -a "exec" -d 'run a command on a profile; this shell stays as it is'
complete -c dctx -n "__fish_dctx_needs_command" -f -a "shell" -d 'start a sub-shell on a profile; exit returns to this shell as it was'
complete -c dctx -n "__fish_dctx_needs_command" -f -a "check" -d 'find out what is wrong and how to fix it; with no name: this machine, this shell, the active profile'
complete -c dctx -n "__fish_dctx_needs_command" -f -a "explain" -d 'explain an error of docker and how to fix it: paste it, or pipe it in'
complete -c dctx -n "__fish_dctx_needs_command" -f -a "server" -d 'print what the remote host needs: certificates, daemon.json, systemd units, and a script that installs them'
complete -c dctx -n "__fish_dctx_needs_command" -f -a "cert" -d 'make, renew and look at certificates: CA, server, client'
complete -c dctx -n "__fish_dctx_needs_command" -f -a "init" -d 'print the script that makes plain `dctx use` act on this shell'
complete -c dctx -n "__fish_dctx_needs_command" -f -a "completions" -d 'print the completion script of a shell'
complete -c dctx -n "__fish_dctx_using_subcommand use" -l shell -d 'the shell or data format to print for' -r -f -a "bash\t''
zsh\t''
sh\t''
ksh\t''
mksh\t''
yash\t''
fish\t''
tcsh\t''
elvish\t''
nu\t''
xonsh\t''
pwsh\t''
cmd\t''
json\t''
dotenv\t''
github-actions\t''
systemd\t''"
complete -c dctx -n "__fish_dctx_using_subcommand use" -l confirm -d 'confirm a protected profile where there is no terminal: its name again' -r -f -a "(command dctx __complete names-hosts)"
complete -c dctx -n "__fish_dctx_using_subcommand use" -l accept -d 'accept a shared profile that has changed: the sum that the refusal printed' -r -f
complete -c dctx -n "__fish_dctx_using_subcommand use" -l for -d 'return to local docker after this time, such as 30m or 8h (needs the hook of dctx init)' -r -f
complete -c dctx -n "__fish_dctx_using_subcommand use" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__fish_dctx_using_subcommand use" -l session -d 'for this shell only (fish: set -gx)'
complete -c dctx -n "__fish_dctx_using_subcommand use" -s U -l universal -d 'for every shell, running or new (fish: set -Ux, the default there)'
complete -c dctx -n "__fish_dctx_using_subcommand use" -l check -d 'connect first, and change nothing unless the daemon answers'
complete -c dctx -n "__fish_dctx_using_subcommand use" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__fish_dctx_using_subcommand use" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__fish_dctx_using_subcommand use" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__fish_dctx_using_subcommand use" -s h -l help -d 'Print help'
complete -c dctx -n "__fish_dctx_using_subcommand reset" -l shell -d 'the shell or data format to print for' -r -f -a "bash\t''
zsh\t''
sh\t''
ksh\t''
mksh\t''
yash\t''
fish\t''
tcsh\t''
elvish\t''
nu\t''
xonsh\t''
pwsh\t''
cmd\t''
json\t''
dotenv\t''
github-actions\t''
systemd\t''"
complete -c dctx -n "__fish_dctx_using_subcommand reset" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__fish_dctx_using_subcommand reset" -l all -d 'unset every variable, also those that were set before the first use'
complete -c dctx -n "__fish_dctx_using_subcommand reset" -l session -d 'for this shell only (fish: set -gx)'
complete -c dctx -n "__fish_dctx_using_subcommand reset" -s U -l universal -d 'for every shell, running or new (fish: set -Ux, the default there)'
complete -c dctx -n "__fish_dctx_using_subcommand reset" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__fish_dctx_using_subcommand reset" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__fish_dctx_using_subcommand reset" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__fish_dctx_using_subcommand reset" -s h -l help -d 'Print help'
complete -c dctx -n "__fish_dctx_using_subcommand current" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__fish_dctx_using_subcommand current" -l json -d 'one JSON object'
complete -c dctx -n "__fish_dctx_using_subcommand current" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__fish_dctx_using_subcommand current" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__fish_dctx_using_subcommand current" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__fish_dctx_using_subcommand current" -s h -l help -d 'Print help'
complete -c dctx -n "__fish_dctx_using_subcommand ls" -l tag -d 'only profiles with this tag' -r -f -a "(command dctx __complete tags)"
complete -c dctx -n "__fish_dctx_using_subcommand ls" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__fish_dctx_using_subcommand ls" -s l -l long -d 'also show descriptions, files and shadowed profiles'
complete -c dctx -n "__fish_dctx_using_subcommand ls" -l check -d 'also show the result of the last check of each, and when it was'
complete -c dctx -n "__fish_dctx_using_subcommand ls" -l json -d 'one JSON object'
complete -c dctx -n "__fish_dctx_using_subcommand ls" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__fish_dctx_using_subcommand ls" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__fish_dctx_using_subcommand ls" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__fish_dctx_using_subcommand ls" -s h -l help -d 'Print help'
complete -c dctx -n "__fish_dctx_using_subcommand add" -l certs -d 'directory with ca.pem, cert.pem and key.pem' -r -f -a "(__fish_complete_directories)"
complete -c dctx -n "__fish_dctx_using_subcommand add" -l ca -d 'the CA that signed the server\'s certificate' -r -F
complete -c dctx -n "__fish_dctx_using_subcommand add" -l cert -d 'the client certificate' -r -F
complete -c dctx -n "__fish_dctx_using_subcommand add" -l key -d 'the client\'s private key; keyring moves it from its file into the keyring' -r -F
complete -c dctx -n "__fish_dctx_using_subcommand add" -l tls -d 'off, verify, system or insecure; default: verify with certificates, off without' -r -f -a "off\t''
verify\t''
system\t''
insecure\t''"
complete -c dctx -n "__fish_dctx_using_subcommand add" -l protected -d 'ask for its name before use' -r -f -a "true\t''
false\t''"
complete -c dctx -n "__fish_dctx_using_subcommand add" -l description -d 'free text' -r -f
complete -c dctx -n "__fish_dctx_using_subcommand add" -l tag -d 'a tag to filter by; may be repeated' -r -f -a "(command dctx __complete tags)"
complete -c dctx -n "__fish_dctx_using_subcommand add" -l dir -d 'a directory in which the hook switches to it; may be repeated' -r -f -a "(__fish_complete_directories)"
complete -c dctx -n "__fish_dctx_using_subcommand add" -l max-use -d 'longest use at a time, such as 30m' -r -f
complete -c dctx -n "__fish_dctx_using_subcommand add" -l api-version -d 'pin the API version, such as 1.41' -r -f
complete -c dctx -n "__fish_dctx_using_subcommand add" -l env -d 'a variable to set along with it; may be repeated' -r -f
complete -c dctx -n "__fish_dctx_using_subcommand add" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__fish_dctx_using_subcommand add" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__fish_dctx_using_subcommand add" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__fish_dctx_using_subcommand add" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__fish_dctx_using_subcommand add" -s h -l help -d 'Print help'
complete -c dctx -n "__fish_dctx_using_subcommand edit" -l host -d 'another host' -r -f
complete -c dctx -n "__fish_dctx_using_subcommand edit" -l certs -d 'directory with ca.pem, cert.pem and key.pem' -r -f -a "(__fish_complete_directories)"
complete -c dctx -n "__fish_dctx_using_subcommand edit" -l ca -d 'the CA that signed the server\'s certificate' -r -F
complete -c dctx -n "__fish_dctx_using_subcommand edit" -l cert -d 'the client certificate' -r -F
complete -c dctx -n "__fish_dctx_using_subcommand edit" -l key -d 'the client\'s private key; keyring moves it from its file into the keyring' -r -F
complete -c dctx -n "__fish_dctx_using_subcommand edit" -l tls -d 'off, verify, system or insecure; default: verify with certificates, off without' -r -f -a "off\t''
verify\t''
system\t''
insecure\t''"
complete -c dctx -n "__fish_dctx_using_subcommand edit" -l protected -d 'ask for its name before use' -r -f -a "true\t''
false\t''"
complete -c dctx -n "__fish_dctx_using_subcommand edit" -l description -d 'free text' -r -f
complete -c dctx -n "__fish_dctx_using_subcommand edit" -l tag -d 'a tag to filter by; may be repeated' -r -f -a "(command dctx __complete tags)"
complete -c dctx -n "__fish_dctx_using_subcommand edit" -l dir -d 'a directory in which the hook switches to it; may be repeated' -r -f -a "(__fish_complete_directories)"
complete -c dctx -n "__fish_dctx_using_subcommand edit" -l max-use -d 'longest use at a time, such as 30m' -r -f
complete -c dctx -n "__fish_dctx_using_subcommand edit" -l api-version -d 'pin the API version, such as 1.41' -r -f
complete -c dctx -n "__fish_dctx_using_subcommand edit" -l env -d 'a variable to set along with it; may be repeated' -r -f
complete -c dctx -n "__fish_dctx_using_subcommand edit" -l unset -d 'remove a setting; may be repeated' -r -f -a "certs\t''
ca\t''
cert\t''
key\t''
tls\t''
protected\t''
description\t''
tags\t''
dirs\t''
max-use\t''
api-version\t''
env\t''
key-command\t''"
complete -c dctx -n "__fish_dctx_using_subcommand edit" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__fish_dctx_using_subcommand edit" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__fish_dctx_using_subcommand edit" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__fish_dctx_using_subcommand edit" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__fish_dctx_using_subcommand edit" -s h -l help -d 'Print help'
complete -c dctx -n "__fish_dctx_using_subcommand show" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__fish_dctx_using_subcommand show" -l json -d 'one JSON object'
complete -c dctx -n "__fish_dctx_using_subcommand show" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__fish_dctx_using_subcommand show" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__fish_dctx_using_subcommand show" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__fish_dctx_using_subcommand show" -s h -l help -d 'Print help'
complete -c dctx -n "__fish_dctx_using_subcommand rename" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__fish_dctx_using_subcommand rename" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__fish_dctx_using_subcommand rename" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__fish_dctx_using_subcommand rename" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__fish_dctx_using_subcommand rename" -s h -l help -d 'Print help'
complete -c dctx -n "__fish_dctx_using_subcommand rm" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__fish_dctx_using_subcommand rm" -l purge -d 'also delete their keys in the keyring; undo cannot bring those back'
complete -c dctx -n "__fish_dctx_using_subcommand rm" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__fish_dctx_using_subcommand rm" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__fish_dctx_using_subcommand rm" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__fish_dctx_using_subcommand rm" -s h -l help -d 'Print help'
complete -c dctx -n "__fish_dctx_using_subcommand undo" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__fish_dctx_using_subcommand undo" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__fish_dctx_using_subcommand undo" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__fish_dctx_using_subcommand undo" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__fish_dctx_using_subcommand undo" -s h -l help -d 'Print help'
complete -c dctx -n "__fish_dctx_using_subcommand exec" -l confirm -d 'confirm a protected profile where there is no terminal: its name again' -r -f -a "(command dctx __complete names-hosts)"
complete -c dctx -n "__fish_dctx_using_subcommand exec" -l accept -d 'accept a shared profile that has changed: the sum that the refusal printed' -r -f
complete -c dctx -n "__fish_dctx_using_subcommand exec" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__fish_dctx_using_subcommand exec" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__fish_dctx_using_subcommand exec" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__fish_dctx_using_subcommand exec" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__fish_dctx_using_subcommand exec" -s h -l help -d 'Print help'
complete -c dctx -n "__fish_dctx_using_subcommand shell" -l shell -d 'the shell to start; default: the one that you are in' -r -f -a "bash\t''
zsh\t''
sh\t''
ksh\t''
mksh\t''
yash\t''
fish\t''
tcsh\t''
elvish\t''
nu\t''
xonsh\t''
pwsh\t''
cmd\t''
json\t''
dotenv\t''
github-actions\t''
systemd\t''"
complete -c dctx -n "__fish_dctx_using_subcommand shell" -l for -d 'return it to local docker after that time, such as 30m' -r -f
complete -c dctx -n "__fish_dctx_using_subcommand shell" -l confirm -d 'confirm a protected profile where there is no terminal: its name again' -r -f -a "(command dctx __complete names-hosts)"
complete -c dctx -n "__fish_dctx_using_subcommand shell" -l accept -d 'accept a shared profile that has changed: the sum that the refusal printed' -r -f
complete -c dctx -n "__fish_dctx_using_subcommand shell" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__fish_dctx_using_subcommand shell" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__fish_dctx_using_subcommand shell" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__fish_dctx_using_subcommand shell" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__fish_dctx_using_subcommand shell" -s h -l help -d 'Print help'
complete -c dctx -n "__fish_dctx_using_subcommand check" -l tag -d 'only profiles with this tag' -r -f -a "(command dctx __complete tags)"
complete -c dctx -n "__fish_dctx_using_subcommand check" -s j -l jobs -d 'how many hosts at a time; default: 64' -r -f
complete -c dctx -n "__fish_dctx_using_subcommand check" -l timeout -d 'the longest time to wait for one host' -r -f
complete -c dctx -n "__fish_dctx_using_subcommand check" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__fish_dctx_using_subcommand check" -s a -l all -d 'every profile'
complete -c dctx -n "__fish_dctx_using_subcommand check" -l offline -d 'look only at files and at this machine; connect to nothing'
complete -c dctx -n "__fish_dctx_using_subcommand check" -l clients -d 'show which docker clients work with it, and which do not'
complete -c dctx -n "__fish_dctx_using_subcommand check" -l fix -d 'fix what is safe to fix, such as modes of files, and print what to type for the rest'
complete -c dctx -n "__fish_dctx_using_subcommand check" -l json -d 'one JSON object'
complete -c dctx -n "__fish_dctx_using_subcommand check" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__fish_dctx_using_subcommand check" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__fish_dctx_using_subcommand check" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__fish_dctx_using_subcommand check" -s h -l help -d 'Print help'
complete -c dctx -n "__fish_dctx_using_subcommand explain" -s p -l profile -d 'the profile that the error is about; default: the active one' -r -f -a "(command dctx __complete names-hosts)"
complete -c dctx -n "__fish_dctx_using_subcommand explain" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__fish_dctx_using_subcommand explain" -l json -d 'one JSON object'
complete -c dctx -n "__fish_dctx_using_subcommand explain" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__fish_dctx_using_subcommand explain" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__fish_dctx_using_subcommand explain" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__fish_dctx_using_subcommand explain" -s h -l help -d 'Print help'
complete -c dctx -n "__fish_dctx_using_subcommand server" -l ssh -d 'run it on the host, over your own ssh; shows the script and asks first' -r -f
complete -c dctx -n "__fish_dctx_using_subcommand server" -l out -d 'write everything into a new directory instead' -r -f -a "(__fish_complete_directories)"
complete -c dctx -n "__fish_dctx_using_subcommand server" -l daemon-json -d 'a copy of the host\'s daemon.json, to merge the settings into (for --out; --ssh fetches it)' -r -F
complete -c dctx -n "__fish_dctx_using_subcommand server" -l certs -d 'directory with ca.pem, server-cert.pem and server-key.pem; default: those that dctx made for NAME' -r -f -a "(__fish_complete_directories)"
complete -c dctx -n "__fish_dctx_using_subcommand server" -l bind -d 'the host\'s address to listen on; default: all of them' -r -f
complete -c dctx -n "__fish_dctx_using_subcommand server" -l port -d 'the port to listen on; default: the profile\'s' -r -f
complete -c dctx -n "__fish_dctx_using_subcommand server" -l confirm -d 'confirm a protected profile where there is no terminal: its name again (with --ssh)' -r -f -a "(command dctx __complete names-hosts)"
complete -c dctx -n "__fish_dctx_using_subcommand server" -l accept -d 'accept a shared profile that has changed: the sum that the refusal printed' -r -f
complete -c dctx -n "__fish_dctx_using_subcommand server" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__fish_dctx_using_subcommand server" -l take-over -d 'replace what was set up by hand: -H and --tls flags of dockerd, hosts in daemon.json, socket units; --undo puts it back'
complete -c dctx -n "__fish_dctx_using_subcommand server" -l undo -d 'put back what was there before the last install'
complete -c dctx -n "__fish_dctx_using_subcommand server" -s y -l yes -d 'do not ask before it runs (with --ssh)'
complete -c dctx -n "__fish_dctx_using_subcommand server" -l insecure -d 'without TLS: anybody who can reach the port is root on the host; listens on 127.0.0.1 unless --bind and --force say otherwise'
complete -c dctx -n "__fish_dctx_using_subcommand server" -l force -d 'confirm that --insecure may listen on more than loopback'
complete -c dctx -n "__fish_dctx_using_subcommand server" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__fish_dctx_using_subcommand server" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__fish_dctx_using_subcommand server" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__fish_dctx_using_subcommand server" -s h -l help -d 'Print help'
complete -c dctx -n "__dctx_at cert" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__dctx_at cert" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__dctx_at cert" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__dctx_at cert" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__dctx_at cert" -s h -l help -d 'Print help'
complete -c dctx -n "__dctx_at cert" -f -a "new" -d 'make all certificates of a profile'
complete -c dctx -n "__dctx_at cert" -f -a "show" -d 'show the certificates in a file, in a directory, or of a profile'
complete -c dctx -n "__dctx_at cert" -f -a "renew" -d 'renew certificates before they expire; same keys, same names'
complete -c dctx -n "__dctx_at cert" -f -a "copy" -d 'copy the CA, the certificate and the key from a directory'
complete -c dctx -n "__dctx_at cert" -f -a "client" -d 'make a certificate for somebody else, as one file to hand over'
complete -c dctx -n "__dctx_at cert" -f -a "import" -d 'import a file that somebody handed over, or its renewal'
complete -c dctx -n "__dctx_at cert" -f -a "request" -d 'make a key, and a request for the person who has the CA; the key stays here'
complete -c dctx -n "__dctx_at cert" -f -a "sign" -d 'sign a request; the result is one file to hand back'
complete -c dctx -n "__dctx_at cert" -f -a "authorize" -d 'pinned certificates: let another client in'
complete -c dctx -n "__dctx_at cert" -f -a "revoke" -d 'pinned certificates: no longer let a client in'
complete -c dctx -n "__dctx_at cert" -f -a "rotate-ca" -d 'change the CA in steps, so that nobody is locked out in between'
complete -c dctx -n "__dctx_at 'cert new'" -l host -d 'also add the profile, with this host' -r -f
complete -c dctx -n "__dctx_at 'cert new'" -l san -d 'another address or name of the host; may be repeated' -r -f
complete -c dctx -n "__dctx_at 'cert new'" -l ca -d 'sign with the CA in this directory (ca.pem, ca-key.pem) or of this profile, not with a new one' -r -f -a "(__fish_complete_directories)"
complete -c dctx -n "__dctx_at 'cert new'" -l key-type -d 'p256, p384 or ed25519' -r -f -a "p256\t''
p384\t''
ed25519\t''"
complete -c dctx -n "__dctx_at 'cert new'" -l days -d 'days that the server and client certificates are valid; default: 825 and 365' -r -f
complete -c dctx -n "__dctx_at 'cert new'" -l key -d 'where to keep your private key: file or keyring' -r -f -a "file\t''
keyring\t''"
complete -c dctx -n "__dctx_at 'cert new'" -l ca-key-command -d 'a command that prints the passphrase of the CA\'s key, such as \'pass show docker/ca\'; run without a shell' -r -f
complete -c dctx -n "__dctx_at 'cert new'" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__dctx_at 'cert new'" -l pin -d 'no CA: server and clients know each other\'s certificates'
complete -c dctx -n "__dctx_at 'cert new'" -l ask-passphrase -d 'ask for the passphrase of the CA\'s key, even if the keyring has it'
complete -c dctx -n "__dctx_at 'cert new'" -l keep-passphrase -d 'store that passphrase in the keyring'
complete -c dctx -n "__dctx_at 'cert new'" -l no-passphrase -d 'leave the new CA\'s key without a passphrase'
complete -c dctx -n "__dctx_at 'cert new'" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__dctx_at 'cert new'" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__dctx_at 'cert new'" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__dctx_at 'cert new'" -s h -l help -d 'Print help'
complete -c dctx -n "__dctx_at 'cert show'" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__dctx_at 'cert show'" -l json -d 'one JSON object'
complete -c dctx -n "__dctx_at 'cert show'" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__dctx_at 'cert show'" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__dctx_at 'cert show'" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__dctx_at 'cert show'" -s h -l help -d 'Print help'
complete -c dctx -n "__dctx_at 'cert renew'" -l san -d 'another address or name of the host; may be repeated' -r -f
complete -c dctx -n "__dctx_at 'cert renew'" -l days -d 'days that they are valid' -r -f
complete -c dctx -n "__dctx_at 'cert renew'" -l ca-key-command -d 'a command that prints the passphrase of the CA\'s key, such as \'pass show docker/ca\'; run without a shell' -r -f
complete -c dctx -n "__dctx_at 'cert renew'" -l ca-from -d 'use the CA in this directory (ca.pem, ca-key.pem), or the CA of this profile' -r -f -a "(__fish_complete_directories)"
complete -c dctx -n "__dctx_at 'cert renew'" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__dctx_at 'cert renew'" -l server -d 'the server\'s certificate'
complete -c dctx -n "__dctx_at 'cert renew'" -l client -d 'the client\'s certificate'
complete -c dctx -n "__dctx_at 'cert renew'" -l ca -d 'the CA\'s certificate: same key, same name, so that what it signed stays good'
complete -c dctx -n "__dctx_at 'cert renew'" -l rekey -d 'make new keys as well'
complete -c dctx -n "__dctx_at 'cert renew'" -l ask-passphrase -d 'ask for the passphrase of the CA\'s key, even if the keyring has it'
complete -c dctx -n "__dctx_at 'cert renew'" -l keep-passphrase -d 'store that passphrase in the keyring'
complete -c dctx -n "__dctx_at 'cert renew'" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__dctx_at 'cert renew'" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__dctx_at 'cert renew'" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__dctx_at 'cert renew'" -s h -l help -d 'Print help'
complete -c dctx -n "__dctx_at 'cert copy'" -l host -d 'also add the profile, with this host' -r -f
complete -c dctx -n "__dctx_at 'cert copy'" -l key -d 'where to keep your private key: file or keyring' -r -f -a "file\t''
keyring\t''"
complete -c dctx -n "__dctx_at 'cert copy'" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__dctx_at 'cert copy'" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__dctx_at 'cert copy'" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__dctx_at 'cert copy'" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__dctx_at 'cert copy'" -s h -l help -d 'Print help'
complete -c dctx -n "__dctx_at 'cert client'" -l for -d 'who the certificate is for' -r -f
complete -c dctx -n "__dctx_at 'cert client'" -s o -l out -d 'the file to write; default: WHO-NAME.toml here' -r -F
complete -c dctx -n "__dctx_at 'cert client'" -l days -d 'days that it is valid; default: 365' -r -f
complete -c dctx -n "__dctx_at 'cert client'" -l key-type -d 'p256, p384 or ed25519' -r -f -a "p256\t''
p384\t''
ed25519\t''"
complete -c dctx -n "__dctx_at 'cert client'" -l ca-key-command -d 'a command that prints the passphrase of the CA\'s key, such as \'pass show docker/ca\'; run without a shell' -r -f
complete -c dctx -n "__dctx_at 'cert client'" -l ca-from -d 'use the CA in this directory (ca.pem, ca-key.pem), or the CA of this profile' -r -f -a "(__fish_complete_directories)"
complete -c dctx -n "__dctx_at 'cert client'" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__dctx_at 'cert client'" -l ask-passphrase -d 'ask for the passphrase of the CA\'s key, even if the keyring has it'
complete -c dctx -n "__dctx_at 'cert client'" -l keep-passphrase -d 'store that passphrase in the keyring'
complete -c dctx -n "__dctx_at 'cert client'" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__dctx_at 'cert client'" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__dctx_at 'cert client'" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__dctx_at 'cert client'" -s h -l help -d 'Print help'
complete -c dctx -n "__dctx_at 'cert import'" -l as -d 'the name of the profile here, if it is another' -r -f
complete -c dctx -n "__dctx_at 'cert import'" -l key -d 'where to keep your private key: file or keyring' -r -f -a "file\t''
keyring\t''"
complete -c dctx -n "__dctx_at 'cert import'" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__dctx_at 'cert import'" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__dctx_at 'cert import'" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__dctx_at 'cert import'" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__dctx_at 'cert import'" -s h -l help -d 'Print help'
complete -c dctx -n "__dctx_at 'cert request'" -s o -l out -d 'the file to write; default: NAME.csr here, or NAME.pem with --pin' -r -F
complete -c dctx -n "__dctx_at 'cert request'" -l key-type -d 'a new key of this type: p256, p384 or ed25519; default: the present key, or p256' -r -f -a "p256\t''
p384\t''
ed25519\t''"
complete -c dctx -n "__dctx_at 'cert request'" -l key -d 'where to keep a new private key: file or keyring' -r -f -a "file\t''
keyring\t''"
complete -c dctx -n "__dctx_at 'cert request'" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__dctx_at 'cert request'" -l pin -d 'a certificate for cert authorize, where there is no CA'
complete -c dctx -n "__dctx_at 'cert request'" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__dctx_at 'cert request'" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__dctx_at 'cert request'" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__dctx_at 'cert request'" -s h -l help -d 'Print help'
complete -c dctx -n "__dctx_at 'cert sign'" -l for -d 'who the certificate is for' -r -f
complete -c dctx -n "__dctx_at 'cert sign'" -s o -l out -d 'the file to write; default: WHO-NAME.toml here' -r -F
complete -c dctx -n "__dctx_at 'cert sign'" -l days -d 'days that it is valid; default: 365' -r -f
complete -c dctx -n "__dctx_at 'cert sign'" -l ca-key-command -d 'a command that prints the passphrase of the CA\'s key, such as \'pass show docker/ca\'; run without a shell' -r -f
complete -c dctx -n "__dctx_at 'cert sign'" -l ca-from -d 'use the CA in this directory (ca.pem, ca-key.pem), or the CA of this profile' -r -f -a "(__fish_complete_directories)"
complete -c dctx -n "__dctx_at 'cert sign'" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__dctx_at 'cert sign'" -l ask-passphrase -d 'ask for the passphrase of the CA\'s key, even if the keyring has it'
complete -c dctx -n "__dctx_at 'cert sign'" -l keep-passphrase -d 'store that passphrase in the keyring'
complete -c dctx -n "__dctx_at 'cert sign'" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__dctx_at 'cert sign'" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__dctx_at 'cert sign'" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__dctx_at 'cert sign'" -s h -l help -d 'Print help'
complete -c dctx -n "__dctx_at 'cert authorize'" -l for -d 'who the certificate belongs to; default: the file\'s name' -r -f
complete -c dctx -n "__dctx_at 'cert authorize'" -s o -l out -d 'write what they need into this file, to hand back for cert import' -r -F
complete -c dctx -n "__dctx_at 'cert authorize'" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__dctx_at 'cert authorize'" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__dctx_at 'cert authorize'" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__dctx_at 'cert authorize'" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__dctx_at 'cert authorize'" -s h -l help -d 'Print help'
complete -c dctx -n "__dctx_at 'cert revoke'" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__dctx_at 'cert revoke'" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__dctx_at 'cert revoke'" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__dctx_at 'cert revoke'" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__dctx_at 'cert revoke'" -s h -l help -d 'Print help'
complete -c dctx -n "__dctx_at 'cert rotate-ca'" -l phase -d 'only this step, if it is the next' -r -f
complete -c dctx -n "__dctx_at 'cert rotate-ca'" -l ca-key-command -d 'a command that prints the passphrase of the CA\'s key, such as \'pass show docker/ca\'; run without a shell' -r -f
complete -c dctx -n "__dctx_at 'cert rotate-ca'" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__dctx_at 'cert rotate-ca'" -l no-passphrase -d 'leave the new CA\'s key without a passphrase'
complete -c dctx -n "__dctx_at 'cert rotate-ca'" -l ask-passphrase -d 'ask for the passphrase of the CA\'s key, even if the keyring has it'
complete -c dctx -n "__dctx_at 'cert rotate-ca'" -l keep-passphrase -d 'store that passphrase in the keyring'
complete -c dctx -n "__dctx_at 'cert rotate-ca'" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__dctx_at 'cert rotate-ca'" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__dctx_at 'cert rotate-ca'" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__dctx_at 'cert rotate-ca'" -s h -l help -d 'Print help'
complete -c dctx -n "__fish_dctx_using_subcommand init" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__fish_dctx_using_subcommand init" -l prompt -d 'also show the profile before the prompt'
complete -c dctx -n "__fish_dctx_using_subcommand init" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__fish_dctx_using_subcommand init" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__fish_dctx_using_subcommand init" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__fish_dctx_using_subcommand init" -s h -l help -d 'Print help'
complete -c dctx -n "__fish_dctx_using_subcommand completions" -l color -d 'colour: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c dctx -n "__fish_dctx_using_subcommand completions" -s q -l quiet -d 'print only errors and warnings'
complete -c dctx -n "__fish_dctx_using_subcommand completions" -s v -l verbose -d 'print more, such as how the shell was detected'
complete -c dctx -n "__fish_dctx_using_subcommand completions" -l no-input -d 'never ask a question; fail instead'
complete -c dctx -n "__fish_dctx_using_subcommand completions" -s h -l help -d 'Print help'
complete -c dctx -n "__dctx_at use 0" -f -a "(command dctx __complete use-hosts)"
complete -c dctx -n "__dctx_at ls 0" -f -a "(command dctx __complete names-hosts)"
complete -c dctx -n "__dctx_at edit 0" -f -a "(command dctx __complete names-hosts)"
complete -c dctx -n "__dctx_at show 0" -f -a "(command dctx __complete names-hosts)"
complete -c dctx -n "__dctx_at rename 0" -f -a "(command dctx __complete names-hosts)"
complete -c dctx -n "__dctx_at rm" -f -a "(command dctx __complete names-hosts | __dctx_new)"
complete -c dctx -n "__dctx_at exec 0" -f -a "(command dctx __complete names-hosts)"
complete -c dctx -n "__dctx_at exec 1" -f -a "--"
complete -c dctx -n "__dctx_at shell 0" -f -a "(command dctx __complete names-hosts)"
complete -c dctx -n "__dctx_at check" -f -a "(command dctx __complete names-hosts | __dctx_new)"
complete -c dctx -n "__dctx_at server 0" -f -a "(command dctx __complete names-hosts)"
complete -c dctx -n "__dctx_at 'cert new' 0" -f -a "(command dctx __complete names-hosts)"
complete -c dctx -n "__dctx_at 'cert show' 0" -F -a "(command dctx __complete names-hosts)"
complete -c dctx -n "__dctx_at 'cert renew' 0" -f -a "(command dctx __complete names-hosts)"
complete -c dctx -n "__dctx_at 'cert copy' 0" -f -a "(command dctx __complete names-hosts)"
complete -c dctx -n "__dctx_at 'cert copy' 1" -f -a "(__fish_complete_directories)"
complete -c dctx -n "__dctx_at 'cert client' 0" -f -a "(command dctx __complete names-hosts)"
complete -c dctx -n "__dctx_at 'cert import' 0" -F
complete -c dctx -n "__dctx_at 'cert request' 0" -f -a "(command dctx __complete names-hosts)"
complete -c dctx -n "__dctx_at 'cert sign' 0" -f -a "(command dctx __complete names-hosts)"
complete -c dctx -n "__dctx_at 'cert sign' 1" -F
complete -c dctx -n "__dctx_at 'cert authorize' 0" -f -a "(command dctx __complete names-hosts)"
complete -c dctx -n "__dctx_at 'cert authorize'" -F
complete -c dctx -n "__dctx_at 'cert revoke' 0" -f -a "(command dctx __complete names-hosts)"
complete -c dctx -n "__dctx_at 'cert rotate-ca' 0" -f -a "(command dctx __complete names-hosts)"
complete -c dctx -n "__dctx_at init 0" -f -a "bash zsh sh ksh mksh yash fish tcsh elvish nu xonsh pwsh"
complete -c dctx -n "__dctx_at completions 0" -f -a "bash zsh fish elvish nu pwsh xonsh"


use builtin;
use str;

set edit:completion:arg-completer[dctx] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'dctx'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'dctx'= {
            cand --color 'colour: auto, always or never'
            cand -q 'say nothing but errors'
            cand --quiet 'say nothing but errors'
            cand -v 'say more, such as how the shell was found'
            cand --verbose 'say more, such as how the shell was found'
            cand --no-input 'never ask; fail instead'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand use 'point this shell at a profile'
            cand reset 'return this shell to local docker'
            cand current 'what docker talks to from here, and which setting decides it'
            cand ls 'list profiles'
            cand add 'add a profile'
            cand edit 'change a profile by flags, or the file in $VISUAL or $EDITOR'
            cand show 'a profile, its certificates, and what `use` would set'
            cand rename 'give a profile another name'
            cand rm 'remove profiles'
            cand undo 'take back the last change of the profile file; again: redo'
            cand exec 'run a command on a profile; this shell stays as it is'
            cand init 'the script that makes plain `dctx use` act on this shell'
            cand completions 'the completion script of a shell'
        }
        &'dctx;use'= {
            cand --shell 'the shell or data format to print for'
            cand --confirm 'the profile''s name once more, for a protected one without a terminal'
            cand --for 'go back by itself after this time, such as 30m or 8h (needs the hook of dctx init)'
            cand --color 'colour: auto, always or never'
            cand --session 'for this shell alone (fish: set -gx)'
            cand -U 'for every shell, running or new (fish: set -Ux, the default there)'
            cand --universal 'for every shell, running or new (fish: set -Ux, the default there)'
            cand -q 'say nothing but errors'
            cand --quiet 'say nothing but errors'
            cand -v 'say more, such as how the shell was found'
            cand --verbose 'say more, such as how the shell was found'
            cand --no-input 'never ask; fail instead'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dctx;reset'= {
            cand --shell 'the shell or data format to print for'
            cand --color 'colour: auto, always or never'
            cand --all 'revoke every variable, whatever was there before the first use'
            cand --session 'for this shell alone (fish: set -gx)'
            cand -U 'for every shell, running or new (fish: set -Ux, the default there)'
            cand --universal 'for every shell, running or new (fish: set -Ux, the default there)'
            cand -q 'say nothing but errors'
            cand --quiet 'say nothing but errors'
            cand -v 'say more, such as how the shell was found'
            cand --verbose 'say more, such as how the shell was found'
            cand --no-input 'never ask; fail instead'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dctx;current'= {
            cand --color 'colour: auto, always or never'
            cand --json 'one JSON object'
            cand -q 'say nothing but errors'
            cand --quiet 'say nothing but errors'
            cand -v 'say more, such as how the shell was found'
            cand --verbose 'say more, such as how the shell was found'
            cand --no-input 'never ask; fail instead'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dctx;ls'= {
            cand --tag 'only profiles with this tag'
            cand --color 'colour: auto, always or never'
            cand -l 'descriptions, files, and what is shadowed'
            cand --long 'descriptions, files, and what is shadowed'
            cand --json 'one JSON object'
            cand -q 'say nothing but errors'
            cand --quiet 'say nothing but errors'
            cand -v 'say more, such as how the shell was found'
            cand --verbose 'say more, such as how the shell was found'
            cand --no-input 'never ask; fail instead'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dctx;add'= {
            cand --certs 'directory with ca.pem, cert.pem and key.pem'
            cand --ca 'the CA that signed the server''s certificate'
            cand --cert 'the client certificate'
            cand --key 'the client''s private key'
            cand --tls 'off, verify, system or insecure; default: verify with certificates, off without'
            cand --protected 'ask for its name before use'
            cand --description 'free text'
            cand --tag 'a word to select by; may be repeated'
            cand --dir 'a directory that belongs to it; may be repeated'
            cand --max-use 'longest use at a time, such as 30m'
            cand --api-version 'pin the API version, such as 1.41'
            cand --env 'a variable that goes with it; may be repeated'
            cand --color 'colour: auto, always or never'
            cand -q 'say nothing but errors'
            cand --quiet 'say nothing but errors'
            cand -v 'say more, such as how the shell was found'
            cand --verbose 'say more, such as how the shell was found'
            cand --no-input 'never ask; fail instead'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dctx;edit'= {
            cand --host 'another host'
            cand --certs 'directory with ca.pem, cert.pem and key.pem'
            cand --ca 'the CA that signed the server''s certificate'
            cand --cert 'the client certificate'
            cand --key 'the client''s private key'
            cand --tls 'off, verify, system or insecure; default: verify with certificates, off without'
            cand --protected 'ask for its name before use'
            cand --description 'free text'
            cand --tag 'a word to select by; may be repeated'
            cand --dir 'a directory that belongs to it; may be repeated'
            cand --max-use 'longest use at a time, such as 30m'
            cand --api-version 'pin the API version, such as 1.41'
            cand --env 'a variable that goes with it; may be repeated'
            cand --unset 'take a setting out; may be repeated'
            cand --color 'colour: auto, always or never'
            cand -q 'say nothing but errors'
            cand --quiet 'say nothing but errors'
            cand -v 'say more, such as how the shell was found'
            cand --verbose 'say more, such as how the shell was found'
            cand --no-input 'never ask; fail instead'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dctx;show'= {
            cand --color 'colour: auto, always or never'
            cand --json 'one JSON object'
            cand -q 'say nothing but errors'
            cand --quiet 'say nothing but errors'
            cand -v 'say more, such as how the shell was found'
            cand --verbose 'say more, such as how the shell was found'
            cand --no-input 'never ask; fail instead'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dctx;rename'= {
            cand --color 'colour: auto, always or never'
            cand -q 'say nothing but errors'
            cand --quiet 'say nothing but errors'
            cand -v 'say more, such as how the shell was found'
            cand --verbose 'say more, such as how the shell was found'
            cand --no-input 'never ask; fail instead'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dctx;rm'= {
            cand --color 'colour: auto, always or never'
            cand -q 'say nothing but errors'
            cand --quiet 'say nothing but errors'
            cand -v 'say more, such as how the shell was found'
            cand --verbose 'say more, such as how the shell was found'
            cand --no-input 'never ask; fail instead'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dctx;undo'= {
            cand --color 'colour: auto, always or never'
            cand -q 'say nothing but errors'
            cand --quiet 'say nothing but errors'
            cand -v 'say more, such as how the shell was found'
            cand --verbose 'say more, such as how the shell was found'
            cand --no-input 'never ask; fail instead'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dctx;exec'= {
            cand --confirm 'the profile''s name once more, for a protected one without a terminal'
            cand --color 'colour: auto, always or never'
            cand -q 'say nothing but errors'
            cand --quiet 'say nothing but errors'
            cand -v 'say more, such as how the shell was found'
            cand --verbose 'say more, such as how the shell was found'
            cand --no-input 'never ask; fail instead'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dctx;init'= {
            cand --color 'colour: auto, always or never'
            cand --prompt 'show the profile before the prompt, too'
            cand -q 'say nothing but errors'
            cand --quiet 'say nothing but errors'
            cand -v 'say more, such as how the shell was found'
            cand --verbose 'say more, such as how the shell was found'
            cand --no-input 'never ask; fail instead'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dctx;completions'= {
            cand --color 'colour: auto, always or never'
            cand -q 'say nothing but errors'
            cand --quiet 'say nothing but errors'
            cand -v 'say more, such as how the shell was found'
            cand --verbose 'say more, such as how the shell was found'
            cand --no-input 'never ask; fail instead'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
    ]
    $completions[$command]
}

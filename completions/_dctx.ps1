
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'dctx' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'dctx'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'dctx' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'colour: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'never ask; fail instead')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('use', 'use', [CompletionResultType]::ParameterValue, 'point this shell at a profile')
            [CompletionResult]::new('reset', 'reset', [CompletionResultType]::ParameterValue, 'return this shell to local docker')
            [CompletionResult]::new('current', 'current', [CompletionResultType]::ParameterValue, 'what docker talks to from here, and which setting decides it')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'list profiles')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'add a profile')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'change a profile by flags, or the file in $VISUAL or $EDITOR')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'a profile, its certificates, and what `use` would set')
            [CompletionResult]::new('rename', 'rename', [CompletionResultType]::ParameterValue, 'give a profile another name')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'remove profiles')
            [CompletionResult]::new('undo', 'undo', [CompletionResultType]::ParameterValue, 'take back the last change of the profile file; again: redo')
            [CompletionResult]::new('exec', 'exec', [CompletionResultType]::ParameterValue, 'run a command on a profile; this shell stays as it is')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'the script that makes plain `dctx use` act on this shell')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'the completion script of a shell')
            break
        }
        'dctx;use' {
            [CompletionResult]::new('--shell', '--shell', [CompletionResultType]::ParameterName, 'the shell or data format to print for')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'the profile''s name once more, for a protected one without a terminal')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'go back by itself after this time, such as 30m or 8h (needs the hook of dctx init)')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'colour: auto, always or never')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'for this shell alone (fish: set -gx)')
            [CompletionResult]::new('-U', '-U ', [CompletionResultType]::ParameterName, 'for every shell, running or new (fish: set -Ux, the default there)')
            [CompletionResult]::new('--universal', '--universal', [CompletionResultType]::ParameterName, 'for every shell, running or new (fish: set -Ux, the default there)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'never ask; fail instead')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dctx;reset' {
            [CompletionResult]::new('--shell', '--shell', [CompletionResultType]::ParameterName, 'the shell or data format to print for')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'colour: auto, always or never')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'revoke every variable, whatever was there before the first use')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'for this shell alone (fish: set -gx)')
            [CompletionResult]::new('-U', '-U ', [CompletionResultType]::ParameterName, 'for every shell, running or new (fish: set -Ux, the default there)')
            [CompletionResult]::new('--universal', '--universal', [CompletionResultType]::ParameterName, 'for every shell, running or new (fish: set -Ux, the default there)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'never ask; fail instead')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dctx;current' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'colour: auto, always or never')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'one JSON object')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'never ask; fail instead')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dctx;ls' {
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'only profiles with this tag')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'colour: auto, always or never')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'descriptions, files, and what is shadowed')
            [CompletionResult]::new('--long', '--long', [CompletionResultType]::ParameterName, 'descriptions, files, and what is shadowed')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'one JSON object')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'never ask; fail instead')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dctx;add' {
            [CompletionResult]::new('--certs', '--certs', [CompletionResultType]::ParameterName, 'directory with ca.pem, cert.pem and key.pem')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'the CA that signed the server''s certificate')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'the client certificate')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'the client''s private key')
            [CompletionResult]::new('--tls', '--tls', [CompletionResultType]::ParameterName, 'off, verify, system or insecure; default: verify with certificates, off without')
            [CompletionResult]::new('--protected', '--protected', [CompletionResultType]::ParameterName, 'ask for its name before use')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'free text')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'a word to select by; may be repeated')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'a directory that belongs to it; may be repeated')
            [CompletionResult]::new('--max-use', '--max-use', [CompletionResultType]::ParameterName, 'longest use at a time, such as 30m')
            [CompletionResult]::new('--api-version', '--api-version', [CompletionResultType]::ParameterName, 'pin the API version, such as 1.41')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'a variable that goes with it; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'colour: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'never ask; fail instead')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dctx;edit' {
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'another host')
            [CompletionResult]::new('--certs', '--certs', [CompletionResultType]::ParameterName, 'directory with ca.pem, cert.pem and key.pem')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'the CA that signed the server''s certificate')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'the client certificate')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'the client''s private key')
            [CompletionResult]::new('--tls', '--tls', [CompletionResultType]::ParameterName, 'off, verify, system or insecure; default: verify with certificates, off without')
            [CompletionResult]::new('--protected', '--protected', [CompletionResultType]::ParameterName, 'ask for its name before use')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'free text')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'a word to select by; may be repeated')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'a directory that belongs to it; may be repeated')
            [CompletionResult]::new('--max-use', '--max-use', [CompletionResultType]::ParameterName, 'longest use at a time, such as 30m')
            [CompletionResult]::new('--api-version', '--api-version', [CompletionResultType]::ParameterName, 'pin the API version, such as 1.41')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'a variable that goes with it; may be repeated')
            [CompletionResult]::new('--unset', '--unset', [CompletionResultType]::ParameterName, 'take a setting out; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'colour: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'never ask; fail instead')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dctx;show' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'colour: auto, always or never')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'one JSON object')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'never ask; fail instead')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dctx;rename' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'colour: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'never ask; fail instead')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dctx;rm' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'colour: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'never ask; fail instead')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dctx;undo' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'colour: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'never ask; fail instead')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dctx;exec' {
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'the profile''s name once more, for a protected one without a terminal')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'colour: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'never ask; fail instead')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dctx;init' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'colour: auto, always or never')
            [CompletionResult]::new('--prompt', '--prompt', [CompletionResultType]::ParameterName, 'show the profile before the prompt, too')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'never ask; fail instead')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dctx;completions' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'colour: auto, always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'say more, such as how the shell was found')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'never ask; fail instead')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}

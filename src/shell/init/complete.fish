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
            contains -- "$verb $word" @VALUED@; or contains -- " $word" @VALUED@; and set value yes
        else if test -z "$verb"
            set verb $word
        else if contains -- "$verb" @NESTED@
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

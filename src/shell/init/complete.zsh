# What clap cannot know, asked of dctx itself.

# Offers the profiles with their hosts. $1 is the question, the others are words to leave out.
_dctx_ask() {
    local line
    local -a found
    for line in "${(@f)$(command dctx __complete $1 2>/dev/null)}"; do
        # the first colon ends the name
        [[ -z $line ]] || (( ${argv[2,-1][(Ie)${line%%$'\t'*}]} )) || found+=("${line/$'\t'/:}")
    done
    _describe -V -t profiles profile found
}

_dctx_names() {
    _dctx_ask names-hosts
}

_dctx_more() {
    _dctx_ask names-hosts ${words[1,CURRENT-1]} ${words[CURRENT+1,-1]}
}

# With - for the one before.
_dctx_use() {
    _dctx_ask use-hosts
}

_dctx_tags() {
    local expl
    local -a tags
    tags=(${(f)"$(command dctx __complete tags 2>/dev/null)"})
    _wanted tags expl tag compadd -a tags
}

# A profile, or a path.
_dctx_any() {
    _alternative 'profiles:profile:_dctx_names' 'files:file:_files'
}

# A -- and the command of exec, completed as if it stood alone.
_dctx_command() {
    local at=${words[(i)--]}
    if (( at >= CURRENT )); then
        compadd -- --
    else
        words=("${(@)words[at+1,-1]}")
        (( CURRENT -= at ))
        _normal
    fi
}

if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then
    _dctx "$@"
else
    compdef _dctx dctx
fi

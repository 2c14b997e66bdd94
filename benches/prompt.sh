#!/bin/sh
# benches/prompt.sh: what a prompt costs with the hook of dctx, and with the hooks of direnv, mise and starship where
# these are installed: instructions (valgrind counts them, so they are the same on a busy machine) and processes
# started, for each of a number of prompts at which nothing has changed. bash, zsh and fish where they are there.
set -eu
cd "$(dirname "$0")/.."
for tool in valgrind strace; do
    command -v "$tool" >/dev/null || { echo "prompt.sh: needs $tool" >&2; exit 1; }
done
cargo build --release --quiet
PATH=$PWD/target/release:$PATH
here=$(mktemp -d)
trap 'rm -rf "$here" 2>/dev/null || :' EXIT
mkdir -p "$here/home/.config/fish" "$here/home/.config/dctx" "$here/home/.local/state"
# or fish makes them at its first start, at the same time
mkdir -p "$here/home/.local/share/fish/generated_completions"
# a profile with a directory, and one in force: the dearer case
cat >"$here/home/.config/dctx/config.toml" <<'TOML'
[profiles.lab]
host = "tcp://192.0.2.1:2375"
dirs = ["~/shop"]
TOML
# many where no process is started, so that what differs from start to start weighs little
few=20 many=400

# start SHELL HOOK NUMBER: a shell with that hook, at that many prompts
start() {
    case $1 in
    bash) wrap env -i HOME="$here/home" PATH="$PATH" TERM=dumb bash --noprofile --rcfile "$here/rc" -i ;;
    zsh) wrap env -i HOME="$here/home" ZDOTDIR="$here" PATH="$PATH" TERM=dumb zsh -d -i ;;
    # fish shows no prompt without a terminal, and says that it would by this event
    fish) wrap env -i HOME="$here/home" PATH="$PATH" TERM=dumb fish -i -c \
        "source $here/rc; for i in (seq $3); emit fish_prompt; $2; end" ;;
    esac <"$here/lines" >"$here/out" 2>&1 || { cat "$here/out" >&2; exit 1; }
}
wrap() { $with "$@"; }

# hook SHELL TOOL: what stands in the start-up file
hook() {
    case $2 in
    nothing) echo ':' ;;
    dctx) [ "$1" = fish ] && echo 'dctx init fish | source; dctx use lab --session 2>/dev/null' ||
        echo "eval \"\$(dctx init $1)\"; dctx use lab 2>/dev/null" ;;
    direnv) [ "$1" = fish ] && echo 'direnv hook fish | source' || echo "eval \"\$(direnv hook $1)\"" ;;
    mise) [ "$1" = fish ] && echo 'mise activate fish | source' || echo "eval \"\$(mise activate $1)\"" ;;
    starship) [ "$1" = fish ] && echo 'starship init fish | source' || echo "eval \"\$(starship init $1)\"" ;;
    esac
}

# count SHELL TOOL NUMBER: instructions and processes of that many prompts, start included
count() {
    hook "$1" "$2" >"$here/rc"
    cp "$here/rc" "$here/.zshrc"
    : >"$here/lines"
    i=0
    while [ "$i" -lt "$3" ]; do echo ':' >>"$here/lines" && i=$((i + 1)); done
    # starship is asked by the prompt itself
    extra=:
    [ "$2" != starship ] || extra='fish_prompt >/dev/null'
    rm -rf "$here/counts" && mkdir "$here/counts"
    with="valgrind --tool=lackey --basic-counts=yes --trace-children=yes --log-file=$here/counts/%p"
    start "$1" "$extra" "$3"
    instructions=$(cat "$here"/counts/* | awk '/guest instrs:/ { gsub(",", "", $4); sum += $4 } END { printf "%.0f", sum }')
    with="strace -f -qq -e trace=clone,clone3,fork,vfork -e signal=none -o $here/forks"
    start "$1" "$extra" "$3"
    forks=$(grep -cE '(clone3?|v?fork)\(.*= [0-9]' "$here/forks" || true)
}

printf '%-6s %-9s %14s %10s %8s\n' shell hook instructions processes ratio
for shell in bash zsh fish; do
    command -v "$shell" >/dev/null || continue
    base='' own=''
    for tool in nothing dctx ${PEERS-direnv mise starship}; do
        [ "$tool" = nothing ] || command -v "$tool" >/dev/null || continue
        prompts=$few
        case $tool in nothing | dctx) prompts=$many ;; esac
        count "$shell" "$tool" 0
        none=$instructions none_forks=$forks
        count "$shell" "$tool" $prompts
        each=$(((instructions - none) / prompts))
        forked=$(awk "BEGIN { printf \"%.2f\", ($forks - $none_forks) / $prompts }")
        [ -n "$base" ] || base=$each
        extra=$((each - base))
        [ "$tool" != dctx ] || own=$extra
        ratio=''
        [ "$tool" = nothing ] || [ "$tool" = dctx ] || ratio=$(awk "BEGIN { printf \"%.0fx\", $extra / ($own > 0 ? $own : 1) }")
        printf '%-6s %-9s %14s %10s %8s\n' "$shell" "$tool" "$extra" "$forked" "$ratio"
    done
done
echo "extra instructions of each prompt over a shell without hooks; processes started for each; against dctx"

#!/bin/sh
# tests/demo.sh: the main job from end to end, as a person sees it.
#
# Builds dctx, makes certificates with openssl, starts a real dockerd that only talks TLS on a port of 127.0.0.1, names it
# `coreos`, and in bash, zsh and fish: points the shell at it, builds and runs an image there, comes back.
# Installs what is missing (Debian, as root). Everything happens in a temporary directory with its own HOME; the daemon
# is stopped and the directory removed, however this ends. Fails at the first thing that is not as promised.
set -eu
cd "$(dirname "$0")/.."
. tests/lib.sh
repo=$PWD

lab='' keeper=''
cleanup() {
    status=$?
    trap - EXIT INT TERM HUP
    services_again
    exec 9>&- # the keeper waits for this; it stops the daemon
    [ -z "$keeper" ] || wait "$keeper" || :
    [ -z "$lab" ] || rm -rf "$lab"
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
exec 9>/dev/null

need_cargo
need bash:bash zsh:zsh fish:fish docker:docker.io dockerd:docker.io openssl:openssl unshare:util-linux hostname:hostname
static_busybox
[ "$(id -u)" -eq 0 ] || die 'dockerd needs root, so this does too'

# run COMMAND: shows it as typed, and runs it; whatever fails ends the demo
run() {
    printf '\n$ %s\n' "$1"
    (eval "$1") 9>&- || die "that failed with status $?"
}

# ---------------------------------------------------------------------------------------------------------- the program
cargo build --release --locked
target=$(cargo metadata --locked --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
lab=$(mktemp -d)
lab=$(cd "$lab" && pwd -P)
for dir in home home/test home/demo run daemon; do mkdir -m 700 "$lab/$dir"; done

# from here on nothing of the person who runs this is used: not the home, not a setting of docker's or dctx's
for name in $(env | sed -n 's/^\(\(DOCKER\|DCTX\|XDG\)_[A-Za-z0-9_]*\)=.*/\1/p'); do unset "$name"; done
unset BASH_ENV ENV ZDOTDIR
export PATH="$target/release:$PATH" HOME="$lab/home" XDG_RUNTIME_DIR="$lab/run" LAB="$lab" LC_ALL=C.UTF-8

# ------------------------------------------------------------------------------------------------------ the certificates
printf '\n# Certificates, as Docker documents them: an authority, a server, a client.\n'
cd ~/test
umask 077
run 'openssl genrsa -out ca-key.pem 3072'
run 'openssl req -new -x509 -days 365 -key ca-key.pem -sha256 -subj /CN=lab -out ca.pem'
run 'openssl genrsa -out server-key.pem 3072'
run 'openssl req -subj /CN=coreos -sha256 -new -key server-key.pem -out server.csr'
run 'echo subjectAltName = DNS:coreos,IP:127.0.0.1 > extfile.cnf'
run 'echo extendedKeyUsage = serverAuth >> extfile.cnf'
run 'openssl x509 -req -days 365 -sha256 -in server.csr -CA ca.pem -CAkey ca-key.pem \
    -CAcreateserial -out server-cert.pem -extfile extfile.cnf'
run 'openssl genrsa -out key.pem 3072'
run 'openssl req -subj /CN=client -new -key key.pem -out client.csr'
run 'echo extendedKeyUsage = clientAuth > extfile-client.cnf'
run 'openssl x509 -req -days 365 -sha256 -in client.csr -CA ca.pem -CAkey ca-key.pem \
    -CAcreateserial -out cert.pem -extfile extfile-client.cnf'
umask 022
# the server's go to the server; the authority's key stays with neither
mkdir -m 700 "$lab/daemon/etc"
mv server-cert.pem server-key.pem "$lab/daemon/etc"
cp ca.pem "$lab/daemon/etc"
rm -f ca-key.pem ./*.csr ./*.cnf ./*.srl

# ------------------------------------------------------------------------------------------------------------ the daemon
# It calls itself coreos, has its own everything, and touches neither the machine's network nor its settings. A keeper
# stops it as soon as descriptor 9 is closed, even if this script is killed.
etc=$lab/daemon/etc log=$lab/daemon/log port=$((20000 + $$ % 10000))
echo '{}' >"$etc/daemon.json"
while grep -qi ":$(printf %04x "$port") " /proc/net/tcp /proc/net/tcp6; do port=$((port + 1)); done
mkfifo "$lab/alive"
# shellcheck disable=SC2016 # expanded by the inner shell, which has a host name of its own
sh "$repo/tests/it/support/keeper.sh" "$lab/daemon" \
    unshare --uts sh -c 'hostname coreos && exec "$@"' sh \
    dockerd --config-file "$etc/daemon.json" --label role=remote \
    --data-root "$lab/daemon/data" --exec-root "$lab/daemon/exec" --pidfile "$lab/daemon/pid" \
    --iptables=false --ip6tables=false --ip-forward=false --bridge=none --host "tcp://127.0.0.1:$port" \
    --tlsverify --tlscacert "$etc/ca.pem" --tlscert "$etc/server-cert.pem" --tlskey "$etc/server-key.pem" \
    <"$lab/alive" >"$lab/pid" &
keeper=$!
exec 9>"$lab/alive"
tries=0
until grep -q 'API listen on' "$log" 2>/dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ] || { [ -s "$lab/pid" ] && grep -qs '^State:.Z' "/proc/$(cat "$lab/pid")/status"; }; then
        tail -n 20 "$log" >&2
        die 'dockerd does not start here'
    fi
    sleep 0.2
done
printf '\n# %s runs as coreos, and only talks TLS on 127.0.0.1:%s.\n' "$(dockerd --version)" "$port"

# A base image without a registry: a static busybox.
mkdir -p "$lab/rootfs/bin"
cp "$(command -v busybox)" "$lab/rootfs/bin/busybox"
for applet in sh cat ls; do ln -s busybox "$lab/rootfs/bin/$applet"; done
tar -C "$lab/rootfs" -cf "$lab/home/busybox.tar" .

# ------------------------------------------------------------------------------------------------------------ the shells
# lesson SHELL: shows and runs the lines on standard input in that shell; stops at the first that fails. What it printed
# is in $lab/output afterwards.
lesson() {
    or='|| exit 1' number=0 failed=0
    [ "$1" != fish ] || or='; or exit 1'
    : >"$lab/lines"
    while IFS= read -r line; do
        number=$((number + 1))
        printf '\n%s $ %s\n' "$1" "$line" >"$lab/line.$number"
        # shellcheck disable=SC2016 # expanded by the shell that is shown
        printf 'cat "$LAB/line.%s"\n%s %s\n' "$number" "$line" "$or" >>"$lab/lines"
    done
    (cd ~/demo && "$1" "$lab/lines") </dev/null >"$lab/output" 2>&1 9>&- || failed=$?
    cat "$lab/output"
    [ "$failed" -eq 0 ] || die "$1 stopped with status $failed"
}

# printed LINE…: each stands alone on a line of the last lesson's output
printed() {
    for line; do
        grep -qxF -- "$line" "$lab/output" || die "there is no line \"$line\" above"
    done
}

printf '\n# The profile, and a base image, sent without touching this shell.\n'
cd ~
run "dctx add coreos tcp://127.0.0.1:$port --certs ~/test"
run 'dctx exec coreos -- docker import busybox.tar busybox'
cd ~/demo
run 'echo "hello!" > test.txt'
run 'printf "%s\n" "FROM busybox" "COPY ./test.txt /" "CMD cat /test.txt" > Dockerfile'
run 'cat Dockerfile'

for shell in bash zsh; do
    printf '\n# %s\n' "$("$shell" --version | head -n 1)"
    lesson "$shell" <<'EOF'
eval "$(dctx use coreos)"
env | grep '^DOCKER_'
docker info | grep -e ' Name:' -e 'role='
DOCKER_BUILDKIT=0 docker build -t demo/busybox .
docker run --rm --network none demo/busybox
eval "$(dctx use typo)" || echo 'no such profile: nothing changed'
docker info -f 'still {{.Name}}'
eval "$(dctx reset)"
env | grep '^DOCKER_' || echo 'docker is local again'
EOF
    printed "DOCKER_HOST=tcp://127.0.0.1:$port" 'DOCKER_TLS_VERIFY=1' "DOCKER_CERT_PATH=$lab/home/test" ' Name: coreos' \
        '  role=remote' 'Successfully tagged demo/busybox:latest' 'hello!' 'no such profile: nothing changed' \
        'still coreos' 'docker is local again'
    dctx exec coreos -- docker rmi demo/busybox >/dev/null
done

printf '\n# %s: what it chooses holds in every fish, and in new ones\n' "$(fish --version)"
lesson fish <<'EOF'
dctx use coreos | source
env | grep '^DOCKER_'
docker info | grep -e ' Name:' -e 'role='
DOCKER_BUILDKIT=0 docker build -t demo/busybox .
docker run --rm --network none demo/busybox
dctx use typo | source; or echo 'no such profile: nothing changed'
EOF
printed "DOCKER_HOST=tcp://127.0.0.1:$port" 'DOCKER_TLS_VERIFY=1' "DOCKER_CERT_PATH=$lab/home/test" ' Name: coreos' \
    '  role=remote' 'Successfully tagged demo/busybox:latest' 'hello!' 'no such profile: nothing changed'
printf '\n# another fish\n'
lesson fish <<'EOF'
docker info -f '{{.Name}} in a new fish too'
dctx reset | source
env | grep '^DOCKER_'; or echo 'docker is local again'
EOF
printed 'coreos in a new fish too' 'docker is local again'
printf '\n# and one more\n'
lesson fish <<'EOF'
env | grep '^DOCKER_'; or echo 'local here too'
EOF
printed 'local here too'

printf '\n'
say 'as promised: bash, zsh and fish each built and ran an image on coreos, and came back.'

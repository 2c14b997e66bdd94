#!/bin/sh
# benches/certs.sh [N]: how long a CA, a server's and a client's certificate take, by dctx and by the openssl commands
# of docker's documents, both with P-256 keys and both without a passphrase; then how long `use` takes with the key in
# its file, with the key in a real gnome-keyring, and with one that another shell uses already. N times each (50), in
# turns. Nothing here fails for being slow.
set -eu
cd "$(dirname "$0")/.."
command -v openssl >/dev/null || { echo 'openssl is not installed' >&2; exit 1; }
cargo build --release --locked
target=$(cargo metadata --locked --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
count=${1:-50} lab=$(mktemp -d)
trap 'rm -rf "$lab" "${run:-$lab}"' EXIT
export PATH="$target/release:$PATH" HOME="$lab"
unset XDG_DATA_HOME XDG_CONFIG_HOME XDG_STATE_HOME DCTX_CONFIG_DIR

by_dctx() {
    dctx -q cert new "n$1" --host tcp://127.0.0.1 --no-passphrase
}

by_openssl() {
    mkdir -m 700 "$lab/o$1"
    cd "$lab/o$1"
    for key in ca-key server-key key; do openssl ecparam -genkey -name prime256v1 -noout -out $key.pem; done
    openssl req -new -x509 -days 3650 -key ca-key.pem -sha256 -subj /CN=ca -out ca.pem
    printf 'subjectAltName = IP:127.0.0.1\nextendedKeyUsage = serverAuth\n' >server.cnf
    printf 'extendedKeyUsage = clientAuth\n' >client.cnf
    for who in server client; do
        key=key.pem
        [ $who = client ] || key=server-key.pem
        openssl req -subj /CN=$who -new -key $key -out $who.csr
        openssl x509 -req -days 365 -sha256 -in $who.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial \
            -out $who-cert.pem -extfile $who.cnf 2>/dev/null
    done
    chmod 0400 ca-key.pem server-key.pem key.pem
    cd "$lab"
}

now() { date +%s%N; }
dctx_ns=0 openssl_ns=0 n=0
while [ "$n" -lt "$count" ]; do
    n=$((n + 1)) begin=$(now)
    by_dctx "$n"
    middle=$(now)
    by_openssl "$n"
    end=$(now)
    dctx_ns=$((dctx_ns + middle - begin)) openssl_ns=$((openssl_ns + end - middle))
done
echo "dctx:    $((dctx_ns / count / 1000)) µs a set, $((count * 1000000000 / dctx_ns)) sets a second"
echo "openssl: $((openssl_ns / count / 1000)) µs a set, $((count * 1000000000 / openssl_ns)) sets a second"
echo "ratio:   $((openssl_ns * 10 / dctx_ns / 10)).$((openssl_ns * 10 / dctx_ns % 10))"

for program in gnome-keyring-daemon dbus-run-session; do
    command -v $program >/dev/null || { echo "keyring: not measured, $program is not installed"; exit 0; }
done
# a place in memory for keys in use, as a login makes it
run=$(mktemp -d /dev/shm/dctx.XXXXXX)
export XDG_RUNTIME_DIR="$run" count
cat >"$lab/keyring.sh" <<'END'
set -eu
printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
dctx -q cert new file --host tcp://127.0.0.1 --no-passphrase
until dctx -q cert new kept --host tcp://127.0.0.1 --no-passphrase --key keyring; do sleep 1; done
# one that another shell holds all the while
dctx -q cert new held --host tcp://127.0.0.1 --no-passphrase --key keyring
mkfifo hold
sh -c 'dctx use held --shell sh >/dev/null; read -r _ <hold' &
until ls "$XDG_RUNTIME_DIR"/dctx/keys/held-* >/dev/null 2>&1; do sleep 0.1; done
now() { date +%s%N; }
file=0 kept=0 held=0 n=0
while [ "$n" -lt "$count" ]; do
    n=$((n + 1))
    for name in file kept held; do
        begin=$(now)
        dctx use $name --shell sh >/dev/null
        end=$(now)
        dctx reset --shell sh >/dev/null
        eval "$name=\$(($name + end - begin))"
    done
done
echo >hold
wait
echo "use, the key in its file:      $((file / count / 1000)) µs"
echo "use, the key in the keyring:   $((kept / count / 1000)) µs, $((kept * 10 / file / 10)).$((kept * 10 / file % 10)) times that"
echo "use, another shell has it:     $((held / count / 1000)) µs, $((held * 10 / file / 10)).$((held * 10 / file % 10)) times that"
END
dbus-run-session -- sh "$lab/keyring.sh" 2>&1 | grep -v 'Failed to set fd limit'

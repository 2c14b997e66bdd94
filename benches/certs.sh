#!/bin/sh
# benches/certs.sh [N]: how long a CA, a server's and a client's certificate take, by dctx and by the openssl commands
# of docker's documents, both with P-256 keys and both without a passphrase; N times each (50), in turns.
set -eu
cd "$(dirname "$0")/.."
command -v openssl >/dev/null || { echo 'openssl is not installed' >&2; exit 1; }
cargo build --release --locked
target=$(cargo metadata --locked --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
count=${1:-50} lab=$(mktemp -d)
trap 'rm -rf "$lab"' EXIT
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

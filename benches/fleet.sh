#!/bin/sh
# Prints what a check of many hosts takes, beside docker asked one host after another: TLS with client certificates, a real
# dockerd, everything in a network namespace of its own. Wants root, dockerd, docker, openssl, ip and python3.
#
#   sh benches/fleet.sh            500 hosts, keys of P-256 and of RSA-4096
#   HOSTS=100 sh benches/fleet.sh  fewer
#
# Ratios are of one run; nothing here fails for being slow.
set -eu
cd "$(dirname "$0")/.."
hosts=${HOSTS:-500}
silent=50

if [ -z "${DCTX_FLEET_INSIDE-}" ]; then
    cargo build --release
    DCTX_FLEET_INSIDE=1 exec unshare --net --mount --fork --kill-child sh "$0"
fi

ip link set lo up
dctx=$PWD/target/release/dctx
dir=$(mktemp -d)
daemon=
listener=
finish() {
    for pid in $daemon $listener; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
    cd /
    rm -rf --one-file-system "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM
cd "$dir"
export HOME="$dir" XDG_CONFIG_HOME="$dir/config" XDG_STATE_HOME="$dir/state" XDG_CACHE_HOME="$dir/cache"
unset DOCKER_HOST DOCKER_TLS_VERIFY DOCKER_TLS DOCKER_CERT_PATH DOCKER_CONTEXT DCTX_CONFIG_DIR DCTX_PATH

# host N is 127.1.(N / 250).(N % 250 + 1)
address() { echo "127.1.$(($1 / 250)).$(($1 % 250 + 1))"; }

# takes connections on two ports of every address, and never says a word
cat >silent.py <<'PY'
import socket, selectors
s = socket.socket()
s.bind(("127.0.0.1", 2377))
s.listen(1024)
print("up", flush=True)
held = []
while True:
    held.append(s.accept())
PY
python3 silent.py >up &
listener=$!

# wall time in seconds, peak memory of the process in MiB
cat >measure.py <<'PY'
import resource, subprocess, sys, time
began = time.monotonic()
status = subprocess.call(sys.argv[2:], stdout=open(sys.argv[1], "w"), stderr=subprocess.STDOUT)
took = time.monotonic() - began
print(f"{took:.3f} {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.1f} {status}")
PY

# one docker after another
cat >one_by_one.py <<'PY'
import os, subprocess, sys, time
hosts = open("addresses").read().split()
environment = dict(os.environ, DOCKER_TLS_VERIFY="1", DOCKER_CERT_PATH=os.getcwd() + "/certs")
began = time.monotonic()
for host in hosts:
    environment["DOCKER_HOST"] = f"tcp://{host}:2376"
    subprocess.run(["docker", "version"], env=environment, check=True, stdout=subprocess.DEVNULL)
print(f"{time.monotonic() - began:.3f}")
PY

certificates() { # openssl's words for a new key
    rm -rf certs ./*.pem ./*.srl
    mkdir -m 700 certs
    openssl req -x509 -newkey "$@" -nodes -subj "/CN=bench CA" -days 365 -keyout ca-key.pem -out ca.pem 2>/dev/null
    names=$(sed 's/^/IP:/' addresses | paste -sd, -)
    issue server "subjectAltName=$names" "extendedKeyUsage=serverAuth" "$@"
    issue client "basicConstraints=CA:FALSE" "extendedKeyUsage=clientAuth" "$@"
    cp ca.pem certs/ca.pem
    mv client.pem certs/cert.pem
    mv client-key.pem certs/key.pem
    chmod 0400 certs/key.pem
}

issue() { # NAME, two extensions, words for a new key
    name=$1
    printf '%s\n%s\n' "$2" "$3" >"$name.ext"
    shift 3
    openssl req -newkey "$@" -nodes -subj "/CN=$name" -keyout "$name-key.pem" -out "$name.csr" 2>/dev/null
    openssl x509 -req -in "$name.csr" -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 365 -extfile "$name.ext" \
        -out "$name.pem" 2>/dev/null
}

start() {
    echo '{}' >daemon.json
    dockerd --iptables=false --ip6tables=false --ip-forward=false --bridge=none --config-file="$dir/daemon.json" \
        --data-root="$dir/data" --exec-root="$dir/exec" --pidfile="$dir/pid" --host="unix://$dir/docker.sock" \
        --host=tcp://0.0.0.0:2376 --tlsverify --tlscacert=ca.pem --tlscert=server.pem --tlskey=server-key.pem \
        >log 2>&1 </dev/null &
    daemon=$!
    tries=0
    until DOCKER_HOST="unix://$dir/docker.sock" docker version >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -lt 300 ] || { cat log; exit 1; }
        sleep 0.1
    done
}

stop() {
    kill "$daemon"
    wait "$daemon" || true
    daemon=
}

profiles() { # how many are silent, at the end of the list
    mkdir -p "$XDG_CONFIG_HOME/dctx"
    n=0
    while read -r address; do
        n=$((n + 1))
        port=2376
        [ "$n" -le $((hosts - $1)) ] || { address=127.0.0.1 port=2377; }
        printf '[profiles.h%d]\nhost = "tcp://%s:%d"\ncerts = "%s"\n' "$n" "$address" "$port" "$dir/certs"
    done <addresses >"$XDG_CONFIG_HOME/dctx/config.toml"
}

n=0
while [ "$n" -lt "$hosts" ]; do
    address "$n"
    n=$((n + 1))
done >addresses

printf 'hosts %d, processors %d, load %s\n' "$hosts" "$(nproc)" "$(cut -d' ' -f1 /proc/loadavg)"
for kind in P-256 RSA-4096; do
    case $kind in
        P-256) certificates ec -pkeyopt ec_paramgen_curve:P-256 ;;
        *) certificates rsa:4096 ;;
    esac
    start
    profiles 0
    docker=$(python3 one_by_one.py)
    set -- $(python3 measure.py out "$dctx" check --all)
    printf '%-9s docker version, one after another %8.2f s; dctx check --all %6.2f s, 1/%.1f; peak %s MiB; %s\n' \
        "$kind" "$docker" "$1" "$(echo "$docker $1" | awk '{print $1 / $2}')" "$2" "$(tail -1 out)"
    profiles "$silent"
    set -- $(python3 measure.py out "$dctx" check --all --timeout 5s)
    printf '%-9s %d of them silent, limit 5 s: %.2f s; peak %s MiB; %s\n' "$kind" "$silent" "$1" "$2" "$(tail -1 out)"
    stop
done

#!/bin/sh
# machine.sh DIR SCRIPT: runs SCRIPT (bash) on a machine of its own, which is client and host at once, with the real dockerd
# as the service `docker` of a plain init.
#
# To be started by `unshare --mount --net --pid --fork --kill-child --mount-proc`: all that happens stays in there. /etc is
# this machine's with a layer above it that goes away, /run and /var/lib are empty, there is no openssl, and whatever still
# runs when this ends is killed with it. The network is the article's: 192.168.57.110 and 10.141.20.83 are this machine, and
# coreos1 is a name of the first. DIR is on a file system in memory.
#
# Nothing on dockerd's command line says where it listens or whom it lets in, and none names a file: it reads
# /etc/docker/daemon.json because that is where dockerd looks.
set -eu
dir=$1 script=$2
# first in a namespace of its own, or this machine's /etc would be at stake
[ $$ -eq 1 ] || { echo 'not by hand' >&2 && exit 2; }
mount --make-rprivate /
mkdir -p "$dir/upper" "$dir/layer"
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$dir/upper,workdir=$dir/layer" /etc || exit 77
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib
ip link set lo up
ip address add 192.168.57.110/32 dev lo
ip address add 10.141.20.83/32 dev lo
echo '192.168.57.110 coreos1' >>/etc/hosts

layers=0
while openssl=$(command -v openssl); do
    layers=$((layers + 1)) bin=${openssl%/*}
    mkdir "$dir/upper$layers" "$dir/layer$layers"
    mount -t overlay overlay -o "lowerdir=$bin,upperdir=$dir/upper$layers,workdir=$dir/layer$layers" "$bin" || exit 77
    rm "$openssl"
done

rm -rf /etc/docker /etc/default/docker /etc/init.d/docker
mkdir -p /etc/docker /etc/init.d
cat >/etc/init.d/docker <<END
#!/bin/sh
lab=$dir
END
cat >>/etc/init.d/docker <<'END'
ended() { case $(cat "/proc/$1/stat" 2>/dev/null) in '' | *') Z '*) return 0 ;; *) return 1 ;; esac; }
pid=$(cat "$lab/pid" 2>/dev/null)
start() {
    setsid dockerd --data-root "$lab/data" --exec-root "$lab/exec" --pidfile "$lab/pid" \
        --iptables=false --ip6tables=false --ip-forward=false --bridge=none >>"$lab/log" 2>&1 </dev/null &
    echo started >>"$lab/starts"
}
stop() {
    [ -z "$pid" ] || kill "$pid" 2>/dev/null
    until [ -z "$pid" ] || ended "$pid"; do sleep 0.1; done
}
case $1 in
start) start ;;
stop) stop ;;
restart) stop && start ;;
status) [ -n "$pid" ] && ! ended "$pid" ;;
esac
END
chmod 755 /etc/init.d/docker
exec 3>&- 4>&-
bash "$script"

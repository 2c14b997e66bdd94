#!/bin/sh
# systemd.sh DIR SCRIPT: runs SCRIPT with the real systemd at work, as a user manager of root that calls itself `systemctl`,
# and with the real dockerd as docker.service, as docker-ce and Debian have it (`-H fd://`).
#
# To be started by `unshare --mount --net --pid --fork --kill-child --mount-proc`: all that happens stays in there. /etc is
# this machine's with a layer above it that goes away, /run and /var/lib are empty, the network is loopback alone, and
# whatever still runs when this ends is killed with it. DIR is on a file system in memory.
set -eu
dir=$1 script=$2
export HOME="$dir" XDG_RUNTIME_DIR="$dir/run" XDG_CONFIG_HOME="$dir/xdg"

if [ -z "${DCTX_TEST_BUS:-}" ]; then
    # first in a namespace of its own, or this machine's /etc would be at stake
    [ $$ -eq 1 ] || { echo 'not by hand' >&2 && exit 2; }
    mount --make-rprivate /
    mkdir -p "$dir" "$dir/upper" "$dir/layer" "$dir/xdg/systemd" "$dir/bin"
    mkdir -m 700 "$dir/run"
    mount -t overlay overlay -o "lowerdir=/etc,upperdir=$dir/upper,workdir=$dir/layer" /etc || exit 77
    mount -t tmpfs tmpfs /run
    mount -t tmpfs tmpfs /var/lib
    mkdir -p /run/systemd/system
    ip link set lo up

    # units are where a system has them
    ln -s /etc/systemd/system "$dir/xdg/systemd/user"
    rm -rf /etc/docker /etc/systemd/system/docker* /etc/systemd/system/sockets.target.wants /etc/default/docker
    printf '[Socket]\nListenStream=/run/docker.sock\nSocketMode=0660\n[Install]\nWantedBy=sockets.target\n' >/etc/systemd/system/docker.socket
    {
        printf '[Unit]\nAfter=docker.socket\nRequires=docker.socket\n[Service]\nType=notify\nTimeoutStartSec=90\nKillMode=mixed\n'
        printf 'ExecStart=%s -H fd:// --iptables=false --ip6tables=false --ip-forward=false --bridge=none' "$(command -v dockerd)"
        printf ' --data-root=%s/data --exec-root=%s/exec --pidfile=%s/pid\n' "$dir" "$dir" "$dir"
    } >/etc/systemd/system/docker.service
    printf '#!/bin/sh\nexec %s --user "$@"\n' "$(command -v systemctl)" >"$dir/bin/systemctl"
    chmod 755 "$dir/bin/systemctl"
    export PATH="$dir/bin:$PATH" DCTX_TEST_BUS=yes
    exec dbus-run-session -- sh "$0" "$dir" "$script"
fi

systemd=/usr/lib/systemd/systemd
[ -x $systemd ] || systemd=/lib/systemd/systemd
$systemd --user --log-target=console >"$dir/log" 2>&1 &
tries=0
until systemctl list-units >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { cat "$dir/log" >&2 && exit 77; }
    sleep 0.2
done
systemctl start docker.service || { systemctl status docker.service >&2; cat "$dir/log" >&2; exit 77; }
sh "$script"

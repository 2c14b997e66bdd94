#!/bin/sh
# keeper.sh DIR COMMAND…: runs a daemon for as long as somebody holds this script's standard input open.
#
# The test process holds the other end of that pipe. However it ends, by returning, by a panic, by SIGKILL, the pipe
# closes, and the daemon is stopped by its process id and DIR is removed. Prints the daemon's process id first.
set -u
dir=$1
shift

"$@" </dev/null >"$dir/log" 2>&1 &
pid=$!
echo "$pid"
exec >/dev/null 2>&1 # nobody waits for us to close what we do not write to

# ended, and not only a zombie that waits for our `wait`
ended() {
    case $(cat "/proc/$1/stat") in '' | *') Z '*) return 0 ;; *) return 1 ;; esac
}

cat # until the other end closes

kill "$pid"
tries=0
until ended "$pid" || [ "$tries" -ge 200 ]; do
    sleep 0.1
    tries=$((tries + 1))
done
kill -9 "$pid"
wait "$pid"

# a dockerd that was killed may leave its containerd; the command line says whether that id is still ours
if child=$(cat "$dir"/exec/containerd/containerd.pid); then
    case $(tr '\0' ' ' <"/proc/$child/cmdline") in *"$dir"*) kill -9 "$child" ;; esac
fi
while read -r _ mounted _; do
    case $mounted in "$dir"/*) umount -l "$mounted" ;; esac
done </proc/self/mounts
rm -rf --one-file-system "$dir"

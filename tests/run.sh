#!/bin/sh
# tests/run.sh [ARG…]: installs what the tests need and is missing, then runs them all; nothing is skipped, but for shells
# that this system has no package for (Debian 13 has no yash), and those it names at the end.
#
# The arguments go to `cargo test`, as in: tests/run.sh docker -- --nocapture
# Needs Rust; as root on a Debian-like system it installs the rest, elsewhere it says what to install. The tests that
# start a real dockerd need root. At home `cargo test` alone does too: it says loudly what it skips.
set -eu
cd "$(dirname "$0")/.."
. tests/lib.sh
trap services_again EXIT

need_cargo
absent_is=fine
# shells; the daemon and its client; what watches a process, or ends it at a chosen moment; the rest
need \
    bash:bash zsh:zsh fish:fish dash:dash ksh93:ksh93u+m mksh:mksh yash:yash tcsh:tcsh posh:posh \
    elvish:elvish xonsh:xonsh \
    docker:docker.io dockerd:docker.io openssl:openssl ssh:openssh-client ssh-agent:openssh-client sshd:openssh-server ip:iproute2 \
    /etc/ssl/certs/ca-certificates.crt:ca-certificates /usr/lib/python3/dist-packages/docker/__init__.py:python3-docker /usr/share/i18n/charmaps/GB18030.gz:locales \
    gnome-keyring-daemon:gnome-keyring dbus-daemon:dbus-daemon dbus-send:dbus-bin secret-tool:libsecret-tools keytool:default-jre-headless \
    fzf:fzf sudo:sudo strace:strace tmux:tmux valgrind:valgrind python3:python3 shellcheck:shellcheck localedef:libc-bin groff:groff-base \
    script:bsdutils unshare:util-linux setsid:util-linux setpriv:util-linux timeout:coreutils uname:coreutils flock:util-linux mount:mount ps:procps pgrep:procps systemd-tmpfiles:systemd \
    systemctl:systemd systemd-analyze:systemd dbus-run-session:dbus-daemon jq:jq tar:tar node:nodejs

static_busybox

# nushell is in no Debian; npm has its program
case $(uname -m) in
x86_64) nu=@nushell/linux-x64 ;;
aarch64) nu=@nushell/linux-arm64 ;;
*) nu='' absent="$absent nu" ;;
esac
if [ -n "$nu" ]; then
    PATH=$PATH:$PWD/target/tools/node_modules/$nu/bin
    if ! have nu; then
        need npm:npm
        say "installing $nu"
        npm install --prefix target/tools --no-audit --no-fund --loglevel=error "$nu@0.115.1" </dev/null ||
            die "npm could not install $nu"
        have nu || die "there is no nu, even with $nu installed"
    fi
fi

[ "$(id -u)" -eq 0 ] || say 'not root: the tests with a real dockerd will fail'

# what is not tested is counted, and has to be in tests/skips.txt with its reason
mkdir -p target/tests
skipped=$PWD/target/tests/skipped
: >"$skipped"
# every hint that a test sees is typed where it was printed; in a mount namespace, which needs root
hints=''
[ "$(id -u)" -ne 0 ] || hints=$PWD/target/tests/hints
rm -f target/tests/hints
{
    status=0
    DCTX_REQUIRE=all DCTX_ABSENT="$absent" DCTX_SKIPPED=$skipped DCTX_HINTS=$hints cargo test --locked "$@" || status=$?
    echo "$status" >target/tests/status
} 2>&1 | tee target/tests/output
status=$(cat target/tests/status)
[ -z "$hints" ] || say "hints typed where they were printed: $(grep -c . "$hints" || :) ($(grep -c '^FAULT' "$hints" || :) of them did not work)"
[ -z "$absent" ] || say "NOT TESTED, because this system has no package for it:$absent"
summary "$skipped" target/tests/output || [ "$status" -ne 0 ] || status=1
exit "$status"

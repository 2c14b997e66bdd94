# shellcheck shell=sh
# tests/lib.sh: what run.sh, demo.sh and .ci/run share: talking, and installing what is missing. POSIX sh; sourced.

# dockerd and its kind live where only root's PATH looks
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH

say() { printf '%s: %s\n' "${0##*/}" "$*"; }

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# have THING: a program on PATH, or an absolute path that exists
have() {
    case $1 in
    /*) [ -e "$1" ] ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

# need THING:PACKAGE[,PACKAGE…] …: installs the Debian packages of the things that are not there (see `have`), or says
# what to install and fails where there is no apt-get or no right to use it. A package that this system does not know
# is a failure too, unless `absent_is` is `fine`; `absent` then lists the things that it has no package for.
absent_is='' absent=''
need() {
    missing=''
    for pair; do have "${pair%%:*}" || missing="$missing $pair"; done
    [ -n "$missing" ] || return 0
    if ! have apt-get || [ "$(id -u)" -ne 0 ]; then
        # shellcheck disable=SC2086 # a list
        die "please install, or run this as root on Debian:$(names $missing)"
    fi
    # one source that does not answer is no reason to stop: what is needed may come from the others
    apt_get update || say 'apt-get update failed; going on with what apt knows'
    packages='' wanted=''
    for pair in $missing; do
        more='' unknown=''
        for package in $(printf '%s' "${pair#*:}" | tr , ' '); do
            apt-cache show "$package" >/dev/null 2>&1 || unknown=$package
            case "$packages " in *" $package "*) ;; *) more="$more $package" ;; esac
        done
        if [ -z "$unknown" ]; then
            packages=$packages$more wanted="$wanted $pair"
        else
            [ "$absent_is" = fine ] || die "this system has no package $unknown; please install ${pair%%:*}"
            absent="$absent ${pair%%:*}"
        fi
    done
    # from Debian 13 on docker.io only recommends the package with the client
    case "$packages " in
    *' docker.io '*) apt-cache show docker-cli >/dev/null 2>&1 && packages="$packages docker-cli" ;;
    esac
    [ -n "$packages" ] || return 0
    say "installing$packages"
    no_services
    # shellcheck disable=SC2086
    apt_get install --no-install-recommends $packages || die "apt-get could not install$packages"
    services_again
    for pair in $wanted; do
        have "${pair%%:*}" || die "there is no ${pair%%:*}, even with ${pair#*:} installed"
    done
}

# names THING:PACKAGE …: the things, each with the package it comes in
names() {
    for pair; do printf ' %s (%s)' "${pair%%:*}" "${pair#*:}"; done
}

apt_get() {
    DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 "$@" </dev/null
}

# Installing docker.io starts no daemon on this machine: what needs one starts its own. This is Debian's way to say so;
# the scripts call services_again from their EXIT trap too.
policy=/usr/sbin/policy-rc.d own_policy=''
no_services() {
    [ ! -e "$policy" ] || return 0
    own_policy=yes
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
}
services_again() {
    [ -z "$own_policy" ] || rm -f "$policy"
    own_policy=''
}

# The toolchain itself is the one thing that is not installed here.
need_cargo() {
    have cargo || die 'please install Rust: https://rustup.rs'
    need cc:gcc,libc6-dev
}

# static_busybox: makes `busybox` on PATH one that needs no library, for images that hold nothing else. The package of
# Debian that most machines have is not static, and to install the static one would remove it; so that one is only
# unpacked, under target/tools.
static_busybox() {
    if have busybox && ! ldd "$(command -v busybox)" >/dev/null 2>&1; then return 0; fi
    tools=$PWD/target/tools/busybox-static
    if ! "$tools/bin/busybox" true 2>/dev/null; then
        if ! have apt-get || ! have dpkg-deb; then
            die 'please install busybox, one that is linked statically'
        fi
        say 'unpacking busybox-static'
        rm -rf "$tools"
        mkdir -p "$tools"
        # what apt knows of its packages may be nothing yet, or old
        (cd "$tools" && { apt_get download busybox-static || { apt_get update && apt_get download busybox-static; }; }) ||
            die 'apt-get could not download busybox-static'
        for package in "$tools"/*.deb; do dpkg-deb -x "$package" "$tools"; done
        rm -f "$tools"/*.deb
        # Debian 13 has merged /bin into /usr/bin
        [ -e "$tools/bin/busybox" ] || ln -s usr/bin "$tools/bin"
        "$tools/bin/busybox" true || die "there is no busybox, even with busybox-static unpacked in $tools"
    fi
    PATH=$tools/bin:$PATH
}

# summary SKIPPED OUTPUT: says what was not tested and counts all in one line, from what the tests wrote into SKIPPED
# (a line each, `TEST: WHY`) and from what `cargo test` printed. Fails where one of them is not in tests/skips.txt.
summary() {
    sed -n 's/^test \([A-Za-z0-9_:]*\) \.\.\. ignored, \(.*\)$/\1: \2/p' "$2" >>"$1"
    sort -u -o "$1" "$1"
    unlisted=0
    while IFS= read -r line; do
        say "skipped: $line"
        listed=''
        while IFS= read -r pattern; do
            case $pattern in '' | '#'*) continue ;; esac
            # shellcheck disable=SC2254 # a pattern
            case $line in $pattern) listed=yes ;; esac
        done <tests/skips.txt
        [ -n "$listed" ] || { say 'that is not in tests/skips.txt' && unlisted=$((unlisted + 1)); }
    done <"$1"
    awk -v skipped="$(wc -l <"$1" | tr -d ' ')" '
        /^test result: / { for (i = 2; i < NF; i++) { if ($(i + 1) == "passed;") passed += $i; if ($(i + 1) == "failed;") failed += $i } }
        END { printf "tests: %d passed, %d failed, %d skipped\n", passed, failed, skipped }' "$2"
    [ "$unlisted" -eq 0 ]
}

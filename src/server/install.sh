#!/bin/sh
# install.sh: opens the docker daemon of this machine to clients elsewhere, over TLS, or puts everything back.
#
#   sh install.sh              install; where everything is as it should be already, nothing is changed or restarted
#   sh install.sh --take-over  install, also where docker has been set up by hand: its -H and --tls flags, the hosts in
#                              daemon.json and socket units for the same port are replaced
#   sh install.sh --undo       put back what was there before the last install
#   sh install.sh --look       say what there is here; changes nothing and needs no root
#
# Written by dctx. It holds no secret: ca.pem, server-cert.pem and server-key.pem lie beside it, in a directory of
# their own that only their owner can enter. POSIX sh, as root.
#
# What it changes is copied to /var/lib/dctx/DATE first. When a step fails, or a signal ends it, all is put back and
# docker runs as it did. Where it is killed, or the machine goes down, the next run, of either kind, ends first what was
# begun: an install is taken back, an undo is brought to its end. DCTX_ROOT=DIR makes it work below DIR instead of / (to try it out; needs no root then).
#
# exit: 0 done, 1 failed and put back, 2 usage, 3 refused before anything was changed, 4 failed and NOT wholly put back
set -u
umask 077
LC_ALL=C
export LC_ALL
# what is asked of docker here is asked of this machine's
unset DOCKER_HOST DOCKER_CONTEXT DOCKER_TLS DOCKER_TLS_VERIFY DOCKER_CERT_PATH DOCKER_API_VERSION

# >>> settings (dctx fills them in)
name=''
mode=tls # tls, or plain: anyone who can reach the port has root on this machine
bind=''  # the address to listen on; empty for all
port=2376
json_for=''  # the kind of installation that the daemon.json beside this script is for, if there is one
take_over='' # yes: as with --take-over
via=''       # the command that runs this script here from elsewhere, if one does
# <<<

root=${DCTX_ROOT:-}
[ -n "$root" ] || PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin:/snap/bin
export PATH
units=$root/etc/systemd/system
store=$root/var/lib/dctx
tcp_socket=docker-tcp.socket
# the socket that local clients use
local_socket=$root/var/run/docker.sock
kit=${0%/*}
[ "$kit" != "$0" ] || kit=.
work='' back='' touched='' ended='' number=0 doing='starting'
taken='' rivals='' start_conf=''
tab=$(printf '\t')

say() { printf 'install.sh: %s\n' "$*" >&2; }
more() { printf '            %s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

step() {
    number=$((number + 1)) doing=$*
    printf '%2d. %s\n' "$number" "$doing" >&2
}

# refuse TEXT [LINE…]: before anything was changed, but for what an earlier run had begun
refuse() {
    [ -n "$ended" ] || ended='nothing was changed'
    say "refused, $ended: $1"
    shift
    for line; do more "$line"; done
    exit 3
}

# fail TEXT: puts everything back
fail() {
    trap '' HUP INT TERM
    say "FAILED in step $number ($doing): $*"
    [ -n "$back" ] || {
        rmdir "$store" 2>/dev/null
        exit 1
    }
    say 'putting everything back'
    if restore "$back"; then
        forget "$back"
        say 'everything is as it was'
        exit 1
    fi
    say "NOT everything could be put back; what was there before is in $back"
    exit 4
}

# must COMMAND…: or everything is put back
must() { "$@" || fail "$* (status $?)"; }

# ---- what is here ----------------------------------------------------------------------------------------------

# The unit with its drop-ins, and what is about to be put beside them.
unit_text() {
    systemctl cat "$unit" 2>/dev/null
    [ -z "$start_conf" ] || cat "$work/start.conf"
}

# What of it says how docker is started, after what later lines replace: E and a command, V and a variable with its value, F
# and a file of variables, one a line. An empty assignment clears what was there before.
unit_parts() {
    unit_text | awk '
        /^[ \t]*[#;]/ { next }
        /\\$/ { sub(/\\$/, " "); held = held $0; next }
        { line = held $0; held = "" }
        line !~ /^[ \t]*(ExecStart|Environment|EnvironmentFile)[ \t]*=/ { next }
        {
            key = value = line
            sub(/=.*/, "", key)
            gsub(/[ \t]/, "", key)
            sub(/^[^=]*=[ \t]*/, "", value)
            sub(/[ \t]+$/, "", value)
        }
        key == "ExecStart" && value == "" { starts = 0; next }
        key == "ExecStart" { start[++starts] = value; next }
        key == "Environment" && value == "" { names = 0; split("", set); next }
        key == "Environment" {
            while (match(value, /^([^ \t"\047]|"[^"]*"|\047[^\047]*\047)+/)) {
                word = substr(value, 1, RLENGTH)
                value = substr(value, RLENGTH + 1)
                sub(/^[ \t]+/, "", value)
                gsub(/["\047]/, "", word)
                name = word
                if (!sub(/=.*/, "", name)) continue
                if (!(name in set)) order[++names] = name
                set[name] = word
            }
            next
        }
        { gsub(/["\047]/, "", value); sub(/^-/, "", value) }
        value == "" { files = 0; next }
        { file[++files] = value }
        END {
            for (i = 1; i <= starts; i++) print "E\t" start[i]
            for (i = 1; i <= names; i++) print "V\t" set[order[i]]
            for (i = 1; i <= files; i++) print "F\t" file[i]
        }'
}

# What the unit, and the files it reads variables from, hand to dockerd.
unit_options() {
    unit_parts | sed -n 's/^[EV].//p'
    unit_parts | sed -n 's/^F.//p' | while IFS= read -r file; do options_in "$file"; done
}

# text_of FILE: as it is, or as it is about to be
text_of() {
    instead=''
    [ ! -s "${work:-/nowhere}/edits" ] || instead=$(awk -F "$tab" -v name="$1" '$1 == name { print $2 }' "$work/edits")
    cat "${instead:-$root$1}" 2>/dev/null
}

options_in() { text_of "$1" | sed '/^[[:space:]]*#/d'; }

# What /etc/init.d/docker itself, where somebody has changed it, and this file hand to dockerd.
init_options() {
    text_of /etc/init.d/docker | sed -n 's/^[[:space:]]*\(export \)\{0,1\}\(DOCKER_OPTS\|command_args\)=//p'
    options_in "$1"
}

# The words that dockerd is given, with one blank between any two, whatever quotes and lines there are.
given() {
    case $init in
    systemd) options=$([ -z "$unit" ] || unit_options) ;;
    openrc) options=$(init_options /etc/conf.d/docker) ;;
    sysv) options=$(init_options /etc/default/docker) ;;
    *) options='' ;;
    esac
    options=" $(printf '%s' "$options" | tr "\n\t\"'=\\\\" '      ' | tr -s ' ') "
}

# The docker of the whole machine: docker.service, else the snap's. Where both are there, the one that runs.
find_unit() {
    snap=snap.docker.dockerd.service
    if systemctl cat docker.service >/dev/null 2>&1; then unit=docker.service; fi
    if systemctl cat $snap >/dev/null 2>&1; then
        if [ -z "$unit" ] || { systemctl is-active --quiet $snap && ! systemctl is-active --quiet $unit; }; then unit=$snap; fi
    fi
}

look() {
    unit='' rootless=''
    if [ -d "$root/run/systemd/system" ] && have systemctl; then
        init=systemd
        find_unit
    elif [ -e "$root/etc/init.d/docker" ] && have rc-service; then
        init=openrc
    elif [ -e "$root/etc/init.d/docker" ]; then
        init=sysv
    else
        init=none
    fi
    # a docker that belongs to one user, and runs; the machine's own may be there beside it
    for own in "$root"/run/user/*/docker.sock "${XDG_RUNTIME_DIR:-/nowhere}/docker.sock"; do
        if [ -S "$own" ]; then
            rootless=${own#"$root"}
            break
        fi
    done
    if [ -z "$rootless$unit" ] && [ "$init" = systemd ] && have dockerd-rootless.sh; then rootless=/run/user/UID/docker.sock; fi

    given
    case $options in
    *' -H fd://'* | *' -Hfd://'* | *' --host fd://'*) kind=socket ;;
    *' -H'* | *' --host '*) kind=conflict ;;
    *) kind=hosts ;;
    esac

    case $unit in
    snap.*)
        # its wrapper names that file; other snaps may be let read config/, so the key is not for there
        config=/var/snap/docker/current/config/daemon.json dir=/var/snap/docker/current/etc/docker
        ;;
    *)
        config=$(printf '%s\n' "$options" | sed -n 's/.* --config-file  *\([^ ]*\).*/\1/p')
        [ -n "$config" ] || config=/etc/docker/daemon.json
        # the certificates lie beside it, where the article and dockerd itself look for them
        dir=${config%/*}
        ;;
    esac

    dockerd=$(printf '%s\n' "$options" | sed -n 's|^ *[-@:+!]*\(/[^ ]*/dockerd\) .*|\1|p')
    if [ -n "$dockerd" ] && [ -x "$root$dockerd" ]; then dockerd=$root$dockerd; else dockerd=$(command -v dockerd); fi
    # a dockerd beside the snap's is another one
    case $unit in snap.*) dockerd='' ;; esac
    version='' major=0
    if [ -n "$dockerd" ]; then
        version=$("$dockerd" --version 2>/dev/null | sed -n 's/^Docker version \([0-9][^ ,]*\).*/\1/p')
        major=${version%%.*}
        case $major in '' | *[!0-9]*) major=0 ;; esac
    fi
}

is_running() {
    case $init in
    systemd) systemctl is-active --quiet "$unit" ;;
    openrc) rc-service docker status >/dev/null 2>&1 ;;
    sysv) "$root/etc/init.d/docker" status >/dev/null 2>&1 ;;
    *) false ;;
    esac
}

# How many containers a restart stops: none where live-restore is on, or nothing here could tell.
containers() {
    case $(docker -H "unix://$local_socket" info -f '{{.LiveRestoreEnabled}}' 2>/dev/null) in
    false) docker -H "unix://$local_socket" ps -q 2>/dev/null | grep -c . ;;
    *) echo 0 ;;
    esac
}

warn_containers() {
    running=$(containers)
    [ "$running" = 0 ] ||
        say "WARNING: live-restore is off: the restart stops the $running running containers (those with a restart policy come back)"
}

# For dctx: facts one a line, then the whole daemon.json.
report() {
    look
    json=$root$config
    [ -z "$take_over" ] || settle
    in_the_way
    sudo=no
    if have sudo && sudo -n true 2>/dev/null; then sudo=yes; fi
    printf 'uid=%s\nsudo=%s\n' "$(id -u)" "$sudo"
    printf 'init=%s\nunit=%s\nkind=%s\nversion=%s\n' "$init" "$unit" "$kind" "$version"
    printf 'config=%s\ndir=%s\nrootless=%s\ncontainers=%s\n' "$config" "$dir" "$(rootless_only && echo "$rootless")" "$(containers)"
    printf 'flags=%s\n' "${flags# }"
    if [ ! -e "$root$config" ]; then
        printf 'json=absent\n'
    elif [ ! -r "$root$config" ]; then
        printf 'json=unreadable\n'
    else
        printf 'json=here\n'
        cat "$root$config"
    fi
}

# Whether a user's own docker is what runs here: the machine's is not there, or neither runs nor is ever started.
rootless_only() {
    [ -n "$rootless" ] || return 1
    case $init:$unit in none:* | systemd:) return 0 ;; esac
    ! is_running || return 1
    [ "$init" = systemd ] || return 0
    ! systemctl is-enabled --quiet "$unit" 2>/dev/null || return 1
    ! systemctl is-active --quiet docker.socket && ! systemctl is-enabled --quiet docker.socket 2>/dev/null
}

refuse_rootless() {
    refuse "docker runs rootless here ($1)" \
        'its port is opened by rootlesskit, with flags in a unit of that user, which this script does not change' \
        "use ssh instead, which needs no port and no change here: dctx edit $name --host ssh://USER@HOST$rootless"
}

# What stands in the way is said before anything is changed: first what this script can do nothing about,
judge_host() {
    ! rootless_only || refuse_rootless "$rootless"
    case $init:$unit in
    none:*) refuse 'found neither systemd with a docker.service nor /etc/init.d/docker' \
        'is docker installed? if it is started in another way: put the certificates and daemon.json in place by hand' ;;
    systemd:) refuse 'systemd knows no docker.service' 'is docker installed?' ;;
    systemd:snap.*) [ -d "$root${config%/*}" ] || refuse "there is no ${config%/*}, where the docker snap has its daemon.json" ;;
    esac
    case $options in *rootless*) refuse_rootless "$unit" ;; esac
    # a label that is not right keeps dockerd from its key
    if have getenforce && [ "$(getenforce 2>/dev/null)" = Enforcing ] && ! have restorecon; then
        refuse 'SELinux is enforcing here, and there is no restorecon to set the labels of what is written' \
            'it is in the package policycoreutils'
    fi
}

# then what was made by hand, which it takes over when it is told to.
judge() {
    # a link keeps standing, and the file behind it is changed. Only then: a snap's directory is a link to its revision, and
    # what is to be taken back later is in whichever revision is there by then
    json=''
    if [ -L "$root$config" ]; then json=$(readlink -f "$root$config" 2>/dev/null); fi
    [ -n "$json" ] || json=$root$config
    [ -z "$take_over" ] || settle
    in_the_way
    find_rivals
    [ -n "$flags$other_hosts$rivals" ] || return 0
    [ -n "$take_over" ] || refuse_hand_made
    [ -z "$flags" ] || take_over
}

# How docker listens after a take-over: as before by systemd where it has -H fd://, by itself otherwise.
settle() { [ "$kind" != conflict ] || kind=hosts; }

# A port that somebody else has would be noticed by the restart only, after running containers have been stopped.
judge_port() {
    listens || return 0
    case $bind in '' | 0.0.0.0 | '[::]') ;; *) return 0 ;; esac
    # what is taken over has it
    [ -z "$rivals" ] || return 0
    case "$taken $(json_hosts | tr '\n' ' ')" in *":$port "*) return 0 ;; esac
    case $kind in
    socket)
        ! systemctl is-active --quiet $tcp_socket || ! grep -q "^ListenStream=\(.*:\)\{0,1\}$port\$" "$units/$tcp_socket" || return 0
        ;;
    hosts) ! tr -d ' \t\r\n' <"$json" 2>/dev/null | grep -q "\"tcp://[^\"]*:$port\"" || return 0 ;;
    esac
    refuse "port $port is taken" "see which process has it: ss -ltnp 'sport = :$port'" \
        'if it is a socket unit that was made by hand, stop and disable it first'
}

# What keeps a port of ours from being opened: in $flags every -H that is not fd:// and every --tls…, none of which may be
# set in daemon.json as well; in $other_hosts what is to be said of the hosts in daemon.json.
in_the_way() {
    flags=$(printf '%s\n' "$options" | awk -v kind="$kind" '{
        for (i = 1; i <= NF; i++) {
            if ($i ~ /^-D*H./) { host = $i; sub(/^-D*H/, "", host) }
            else if ($i ~ /^-D*H$/ || $i == "--host") host = $(++i)
            else { if ($i ~ /^--tls/) { printf " %s", $i; if ($i ~ /(cert|key)$/) printf " %s", $(++i) } continue }
            # beside systemd, another socket of this machine does no harm
            if (kind == "socket" && host ~ /^unix:\/\/.*\// && host !~ /^unix:\/\/(\/var)?\/run\/docker[.]sock$/) continue
            if (host !~ /^fd:/) printf " -H %s", host
        }
    }')
    other_hosts=''
    if [ -r "$json" ] && mentions hosts; then
        case $kind in
        socket) other_hosts="$config has hosts, and dockerd is given -H fd://: docker does not start with both" ;;
        *)
            if json_hosts | grep -v -e '^unix://' -e '^fd://' | grep -q -v -x -F "tcp://${bind:-0.0.0.0}:$port"; then
                other_hosts="$config has hosts for other addresses"
            fi
            ;;
        esac
    fi
}

# The files that these flags are in, as far as they can be told.
where_flags() {
    {
        case $init in
        systemd)
            unit_text | sed -n 's/^# \(\/.*\)/\1/p'
            unit_parts | sed -n 's/^F.//p'
            ;;
        openrc) printf '/etc/init.d/docker\n/etc/conf.d/docker\n' ;;
        *) printf '/etc/init.d/docker\n/etc/default/docker\n' ;;
        esac
    } | while IFS= read -r file; do
        ! options_in "$file" | awk "$strip_flags"'{ gsub(/["\047=\\]/, " ") } strip($0) != $0 { found = 1 } END { exit !found }' || printf '%s\n' "$file"
    done | sort -u | tr '\n' ' ' | sed 's/ $//'
}

shown() { printf '%s' "$options" | cut -c 1-300; }

# ---- what there is to be --------------------------------------------------------------------------------------

# The keys that daemon.json has to have, one a line.
wanted_keys() {
    if [ "$mode" = tls ]; then
        printf '  "tlsverify": true,\n'
        printf '  "tlscacert": "%s/ca.pem",\n' "$dir"
        printf '  "tlscert": "%s/server-cert.pem",\n' "$dir"
        printf '  "tlskey": "%s/server-key.pem"' "$dir"
        [ "$kind" = socket ] || printf ',\n'
    fi
    [ "$kind" = socket ] ||
        printf '  "hosts": ["unix:///var/run/docker.sock", %s"tcp://%s:%s"]' "$(own_sockets)" "${bind:-0.0.0.0}" "$port"
    printf '\n'
}

# The other sockets of this machine that docker listens on, as a part of hosts.
own_sockets() {
    {
        printf '%s\n' "$taken" | awk '{ for (i = 1; i < NF; i++) if ($i == "-H") print $(i + 1) }'
        json_hosts
    } | awk '/^unix:\/\/.*\// && !/^unix:\/\/(\/var)?\/run\/docker[.]sock$/ && !seen[$0]++ { printf "\"%s\", ", $0 }'
}

# Whether daemon.json says all of it already.
is_wanted() {
    flat=$(tr -d ' \t\r\n' <"$1")
    wanted_keys | tr -d ' ' | sed 's/,$//' | {
        while IFS= read -r pair; do
            case $flat in
            *"{$pair,"* | *",$pair,"* | *"{$pair}"* | *",$pair}"*) ;;
            *) exit 1 ;;
            esac
        done
    }
}

mentions() {
    flat=$(tr -d ' \t\r\n' <"$json")
    case $flat in
    *"{\"$1\":"* | *",\"$1\":"*) return 0 ;;
    *) return 1 ;;
    esac
}

# daemon.json as it has to be, in $work/daemon.json; every key that is not about this stays as it is.
make_json() {
    new=$work/daemon.json
    wanted_keys >"$work/keys" || refuse 'the disk is full'
    if [ -e "$json" ] && [ -z "$(tr -d ' \t\r\n' <"$json")" ]; then :
    elif [ -e "$json" ]; then
        if [ "$mode" = plain ]; then
            for key in tls tlsverify tlscacert tlscert tlskey; do
                ! mentions "$key" || refuse "$config has $key: the port would not be a plain one" 'take the TLS keys out first, or run this with --undo'
            done
        fi
        if { [ -z "$(tr -d ' \n' <"$work/keys")" ] || is_wanted "$json"; } && { [ "$kind" = hosts ] || ! mentions hosts; }; then
            must cp "$json" "$new"
            return
        fi
        # made for here, and put here by an earlier run
        if [ "$json_for" = "$kind" ] && cmp -s "$kit/daemon.json" "$json"; then
            must cp "$json" "$new"
            return
        fi
        if [ "$json_for" = "$kind" ] && [ "$dir" = /etc/docker ] && cmp -s "$kit/daemon.json.was" "$json"; then
            must cp "$kit/daemon.json" "$new"
            return
        fi
        for key in tlsverify tlscacert tlscert tlskey hosts; do
            if mentions "$key"; then
                merge_there
                return
            fi
        done
        # none of ours is there: put right after the first brace, they leave every other byte alone
        case $(tr -d ' \t\r\n' <"$json") in '{'*'}') ;; *) refuse "$config is not a JSON object" ;; esac
        awk '
            NR == FNR { keys = keys (FNR > 1 ? "\n" : "") $0; next }
            { text = text (FNR > 1 ? "\n" : "") $0 }
            END {
                at = index(text, "{")
                rest = substr(text, at + 1)
                bare = rest
                gsub(/[ \t\r\n]/, "", bare)
                print substr(text, 1, at) "\n" keys (bare == "}" ? "\n}" : "," rest)
            }' "$work/keys" "$json" >"$new" || refuse "cannot read $config"
        return
    fi
    if [ -n "$(tr -d ' \n' <"$work/keys")" ]; then
        { echo '{' && cat "$work/keys" && echo '}'; } >"$new" || refuse 'the disk is full'
    fi
}

# Some of ours are there, with other values: that needs somebody who reads JSON.
merge_there() {
    { echo '{' && cat "$work/keys" && echo '}'; } >"$work/wanted.json"
    if have python3 && python3 -c '
import json, sys
def once(pairs):
    if len(dict(pairs)) != len(pairs): sys.exit(1)
    return dict(pairs)
have, want = (json.load(open(name, encoding="utf-8"), object_pairs_hook=once) for name in sys.argv[1:3])
have.update(want)
if sys.argv[4] == "socket": have.pop("hosts", None)
with open(sys.argv[3], "w", encoding="utf-8") as out:
    json.dump(have, out, indent=2, ensure_ascii=False)
    out.write("\n")
' "$json" "$work/wanted.json" "$new" "$kind" 2>/dev/null; then return; fi
    if have jq && jq -s --arg kind "$kind" '.[0] + .[1] | if $kind == "socket" then del(.hosts) else . end' \
        "$json" "$work/wanted.json" >"$new" 2>/dev/null; then return; fi
    set -- "let dctx do it (dctx server $name --ssh …), or write there:" "$(tr -s ' \n' ' ' <"$work/keys")"
    [ "$kind" = hosts ] || ! mentions hosts || set -- "$@" 'and take hosts out'
    refuse "$config has some of these keys with other values, and neither python3 nor jq is here to change them" "$@"
}

check_material() {
    for file in ca.pem server-cert.pem server-key.pem; do
        [ -s "$kit/$file" ] || refuse "there is no $file beside this script ($kit)"
        grep -q '^-----BEGIN ' "$kit/$file" || refuse "$file is not a PEM file"
    done
    [ ! -e "$kit/ca-key.pem" ] || refuse 'there is a ca-key.pem beside this script: the private key of a CA never belongs on a server'
    for file in ca.pem server-cert.pem; do
        ! grep -q 'PRIVATE[ ]KEY-----' "$kit/$file" ||
            refuse "$file contains a private key" 'every user of this machine could read it: keep only the certificates in that file'
    done
    if ! have openssl; then
        more 'openssl is not here, so server-cert.pem was not checked on this host'
        return 0
    fi
    cert=$kit/server-cert.pem
    openssl x509 -noout -checkend 0 -in "$cert" >/dev/null 2>&1 || refuse 'server-cert.pem has expired, or cannot be read' \
        "by this machine's clock it is $(date -u)"
    of_cert=$(openssl x509 -noout -pubkey -in "$cert" 2>/dev/null)
    of_key=$(openssl pkey -pubout -in "$kit/server-key.pem" 2>/dev/null)
    [ "$of_cert" = "$of_key" ] || refuse 'server-key.pem is not the key of server-cert.pem'
    # "Netscape SSL server" is another matter: no key of an elliptic curve is fit for that
    ! openssl x509 -noout -purpose -in "$cert" 2>/dev/null | grep -q '^SSL server : No' ||
        refuse 'server-cert.pem is not for servers (extended key usage)'
}

# plan WHAT MODE SOURCE TARGET: one more file to write, unless it is there as it should be
plan() {
    [ -s "$3" ] || refuse "there is no ${3##*/} beside this script ($kit)"
    if [ -L "$4" ]; then
        link=$(readlink "$4")
        refuse "$4 is a link to $link" 'remove it, then run this again'
    fi
    [ ! -d "$4" ] || refuse "$4 is a directory"
    if cmp -s "$3" "$4"; then
        [ "$2" != keep ] || return 0
        [ -z "$(find "$4" -prune -perm "$2")" ] || return 0
    fi
    near=${4%/*} needed=${4#"$root"}
    while [ -n "$near" ] && [ ! -d "$near" ]; do near=${near%/*}; done
    # -w says yes to root, whatever the file system says
    touch -c -r "${near:-/}" "${near:-/}" 2>/dev/null || refuse "cannot write to ${near:-/}, where $needed has to be" \
        'where files are generated from a configuration (NixOS), change that configuration instead'
    printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" >>"$work/plan" || refuse 'the disk is full'
}

make_plan() {
    : >"$work/plan" || refuse "cannot write $work"
    new=''
    make_json
    if [ "$mode" = tls ]; then
        check_material
        plan pem 444 "$kit/ca.pem" "$root$dir/ca.pem"
        plan pem 444 "$kit/server-cert.pem" "$root$dir/server-cert.pem"
        plan pem 400 "$kit/server-key.pem" "$root$dir/server-key.pem"
    fi
    if [ -f "$new" ]; then
        # one that is there keeps its owner and mode
        if [ -e "$json" ]; then plan json keep "$new" "$json"; else plan json 644 "$new" "$json"; fi
    fi
    if [ "$kind" = socket ]; then
        plan unit 644 "$kit/docker-tcp.socket" "$units/$tcp_socket"
        plan unit 644 "$kit/10-dctx.conf" "$units/$unit.d/10-dctx.conf"
    fi
    [ -z "$taken" ] || plan_take_over
}

# >>> take_over.sh
# <<<

# ---- changing, and putting back -------------------------------------------------------------------------------

# need_dir DIR: makes it with its parents, and notes each for the way back
need_dir() {
    [ ! -d "$1" ] || return 0
    need_dir "${1%/*}"
    printf 'd\t%s\n' "$1" >>"$back/list" || fail 'the disk is full'
    must mkdir -m 755 "$1"
}

# That this process is at work: its number, and when it began, for another may get the number later.
own_process() { printf '%s %s\n' "$$" "$(began $$)"; }

# began PID: when it did, in the kernel's own units; nothing for one that is gone
began() { { cut -d ' ' -f 22 "/proc/$1/stat"; } 2>/dev/null; }

# Whether the process that left this note is still at work.
is_at_work() {
    { read -r pid since <"$1"; } 2>/dev/null || return 1
    [ -n "$since" ] && [ "$(began "$pid")" = "$since" ]
}

# Notes in $back how docker is to be when all is put back: running, and with its socket answering.
note_running() {
    rm -f "$back/was-running" "$back/was-answering"
    is_running || return 0
    : >"$back/was-running" || return 1
    ! local_answers || : >"$back/was-answering"
}

# forget DIR: all of it at once, and then away; a part of it says nothing
forget() {
    again mv -f "$1" "$store/.old.${1##*/}" && again rm -rf "$store/.old.${1##*/}"
    rmdir "$store" 2>/dev/null
}

back_up() {
    (umask 022 && mkdir -p "${store%/*}") || refuse "cannot make ${store%/*}"
    [ -d "$store" ] || mkdir -m 700 "$store" || refuse "cannot make $store"
    date=$(date +%Y%m%d-%H%M%S) again=''
    while [ -e "$store/$date$again" ]; do again=.$((${again#.} + 1)); done
    back=$store/$date$again
    mkdir -m 700 "$back" || {
        rmdir "$store" 2>/dev/null
        refuse "cannot make $back"
    }
    must mkdir "$back/files"
    own_process >"$back/pid" || fail 'the disk is full'
    note_running || fail 'the disk is full'
    if [ "$kind" = socket ]; then
        : >"$back/socket"
        if systemctl is-enabled --quiet $tcp_socket 2>/dev/null; then : >"$back/socket-enabled" || fail 'the disk is full'; fi
        if systemctl is-active --quiet $tcp_socket 2>/dev/null; then : >"$back/socket-active" || fail 'the disk is full'; fi
    fi
    for rival in $rivals; do
        line=$rival
        ! systemctl is-enabled --quiet "$rival" 2>/dev/null || line="$line enabled"
        ! systemctl is-active --quiet "$rival" || line="$line active"
        printf '%s\n' "$line" >>"$back/rivals" || fail 'the disk is full'
    done
    # last: as long as there is no list, nothing has been begun
    : >"$back/list" || fail 'the disk is full'
    copies=0
    while IFS=$tab read -r _ _ _ target; do
        if [ -e "$target" ]; then
            copies=$((copies + 1))
            must cp -p "$target" "$back/files/$copies"
            printf '%s\t%s\n' "$copies" "$target" >>"$back/list" || fail 'the disk is full'
        else
            printf -- '-\t%s\n' "$target" >>"$back/list" || fail 'the disk is full'
        fi
    done <"$work/plan"
}

# beside TARGET: a directory of our own, where the new file is made and nobody else can put a link in its place
beside() {
    near=${1%/*}/.dctx-new
    rm -rf "$near" && mkdir -m 700 "$near"
}

# put MODE SOURCE TARGET: there with its final mode at once, or not at all
put() {
    need_dir "${3%/*}"
    must beside "$3"
    if [ "$1" = keep ]; then
        # owner and mode come from the file that is replaced
        must cp -p "$3" "$near/file"
        must cp "$2" "$near/file"
    else
        must cp "$2" "$near/file"
        must chmod "$1" "$near/file"
        [ "$(id -u)" -ne 0 ] || must chown 0:0 "$near/file"
    fi
    must mv -f "$near/file" "$3"
    must rm -rf "$near"
}

# put_all WHAT TEXT: of the plan; TEXT is what to call it, if there is any
put_all() {
    grep -q "^$1$tab" "$work/plan" || return 0
    step "$2"
    while IFS=$tab read -r sort perm source target; do
        [ "$sort" != "$1" ] || put "$perm" "$source" "$target"
    done <"$work/plan"
}

restart() {
    touched=yes
    case $init in
    systemd)
        systemctl reset-failed "$unit" $tcp_socket >/dev/null 2>&1
        # a socket that listens keeps its old address until it is stopped; docker pulls it in again before itself
        if [ "$kind" = socket ] && systemctl is-active --quiet $tcp_socket; then
            systemctl stop $tcp_socket || return 1
        fi
        for rival in $rivals; do systemctl stop "$rival" || return 1; done
        systemctl restart "$unit"
        ;;
    openrc) (umask 022 && rc-service docker restart) >&2 ;;
    sysv) (umask 022 && "$root/etc/init.d/docker" restart) >&2 ;;
    esac
}

stop() {
    case $init in
    systemd) systemctl stop "$unit" ;;
    openrc) rc-service docker stop >&2 ;;
    sysv) "$root/etc/init.d/docker" stop >&2 ;;
    esac
}

# in_order SOCKET…: these first, and then docker
in_order() {
    systemctl stop "$unit"
    for socket in "$@"; do systemctl start "$socket" || return 1; done
    systemctl start "$unit"
}

# Whether what is written needs the labels that SELinux's policy has for its place.
labels() { have selinuxenabled && selinuxenabled && have restorecon; }

# label_all LIST: every file and directory of LIST that is there, and nothing beside it
label_all() {
    while IFS=$tab read -r _ target; do
        [ ! -e "$target" ] || restorecon "$target" || return 1
    done <"$1"
}

# runs_again DIR: as DIR says that it did. systemctl waits for docker; elsewhere it is started in the background, and is
# not there at once, and answers later still.
runs_again() {
    tries=0
    until is_running && { [ ! -e "$1/was-answering" ] || local_answers; }; do
        tries=$((tries + 1))
        if [ "$init" = systemd ] && ! is_running; then return 1; fi
        [ "$tries" -lt 60 ] || return 1
        sleep 0.5 2>/dev/null || sleep 1
    done
}

# again COMMAND…: up to three times; putting back does not give up at the first stumble
again() { "$@" || "$@" || "$@"; }

# restore DIR: every file as DIR has it, and docker as it was then. Tries everything; fails if anything did.
restore() {
    bad='' was_kind=$kind
    [ -e "$1/list" ] || return 0
    kind=hosts
    if [ -e "$1/socket" ]; then
        kind=socket
        [ -e "$1/socket-enabled" ] || systemctl disable $tcp_socket >/dev/null 2>&1
        if [ -n "$touched" ] && systemctl is-active --quiet $tcp_socket; then again systemctl stop $tcp_socket; fi
    fi
    while IFS=$tab read -r number_of target; do
        case $number_of in
        d) continue ;;
        -) again rm -f "$target" || bad=yes ;;
        *)
            again beside "$target" || bad=yes
            again cp -p "$1/files/$number_of" "$near/file" || bad=yes
            again mv -f "$near/file" "$target" || bad=yes
            ;;
        esac
        rm -rf "${target%/*}/.dctx-new"
    done <"$1/list"
    # the deepest first; what others have put there keeps its directory
    sed -n "s/^d$tab//p" "$1/list" | sort -r >"$work/made" || bad=yes
    while IFS= read -r made; do rmdir "$made" 2>/dev/null; done <"$work/made"
    ! labels || label_all "$1/list" || say 'the SELinux labels could not be set'
    [ "$init" != systemd ] || again systemctl daemon-reload || bad=yes
    if [ -e "$1/socket-enabled" ]; then again systemctl enable --quiet $tcp_socket 2>/dev/null || bad=yes; fi
    sockets=''
    [ ! -e "$1/socket-active" ] || sockets=$tcp_socket
    if [ -e "$1/rivals" ]; then
        while read -r rival how; do
            case $how in *enabled*) again systemctl enable --quiet "$rival" 2>/dev/null || bad=yes ;; esac
            case $how in *active*) sockets="$sockets $rival" ;; esac
        done <"$1/rivals"
    fi
    if [ -n "$touched" ]; then
        if [ -e "$1/was-running" ]; then
            if [ -n "$sockets" ]; then
                # nothing says yet that docker starts after them: the order is ours to keep
                # shellcheck disable=SC2086 # one word each
                again in_order $sockets || bad=yes
            else
                again restart || bad=yes
            fi
            runs_again "$1" || bad=yes
        else
            again stop || bad=yes
        fi
    fi
    kind=$was_kind
    [ -z "$bad" ]
}

# One that was killed in the middle, or whose machine went down: an install is taken back, an undo brought to its end.
unfinished() {
    for old in "$store"/.old.*; do [ ! -d "$old" ] || rm -rf "$old"; done
    for old in "$store"/[0-9]*; do
        if [ ! -d "$old" ] || { [ -e "$old/done" ] && [ ! -e "$old/undoing" ]; }; then continue; fi
        for note in "$old/pid" "$old/undoing"; do
            ! is_at_work "$note" || refuse "another install.sh is at work (process $pid)"
        done
        if [ -e "$old/undoing" ]; then
            untouched "$old"
            say "an undo was cut short ($old): bringing it to its end"
            ended='but for an undo that was brought to its end nothing was changed'
        else
            say "an install was cut short ($old): putting back what it had begun"
            ended='but for an install that was taken back nothing was changed'
        fi
        touched=yes
        trap '' HUP INT TERM
        restore "$old" || {
            say "NOT everything could be put back; what was there before is in $old"
            more 'run the same command again to continue'
            exit 4
        }
        forget "$old"
        touched=''
        trap 'fail "interrupted"' HUP INT TERM
    done
    rmdir "$store" 2>/dev/null
}

# untouched DIR: every file that the undo of DIR would change is as the install left it, or as it was before
untouched() {
    while IFS=$tab read -r sum target; do
        [ ! -f "$target" ] || [ "$(cksum <"$target")" != "$sum" ] || continue
        was=$(awk -F '\t' -v target="$target" '$2 == target { print $1 }' "$1/list")
        if [ "$was" = - ]; then
            [ -e "$target" ] || continue
            give_up="rm $target"
        else
            ! cmp -s "$1/files/$was" "$target" || continue
            give_up="cp -p $1/files/$was $target"
        fi
        refuse "$target has been changed since; undo would lose that" "what was there before is in $1" \
            "to discard that change, then run this again: $give_up" "to keep everything as it is now, without an undo: rm -r $1"
    done <"$1/sums"
}

# ---- whether it works -----------------------------------------------------------------------------------------

# /proc/net/tcp has a line of state 0A for every port that is listened on
listens() {
    hex=$(printf '%04X' "$port")
    cat "$root/proc/net/tcp" "$root/proc/net/tcp6" 2>/dev/null | grep -q ":$hex [0-9A-F]*:[0-9A-F]* 0A "
}

local_answers() {
    if have docker; then
        docker -H "unix://$local_socket" version >/dev/null 2>&1
    elif have curl; then
        [ "$(curl -s -m 10 -o /dev/null -w '%{http_code}' --unix-socket "$local_socket" http://docker/_ping)" = 200 ]
    fi
}

# ask SCHEME: what a client without a certificate gets at the port: the status, or - and why there is none
ask() {
    curl -s -k -g -m 10 --noproxy '*' -o /dev/null -w '%{http_code}' "$1://$to:$port/_ping"
}

verify() {
    tries=0
    until is_running && listens && local_answers; do
        tries=$((tries + 1))
        [ "$tries" -lt 60 ] || break
        sleep 0.5 2>/dev/null || sleep 1
    done
    is_running || fail 'docker is not running'
    [ "$kind" != socket ] || systemctl is-active --quiet $tcp_socket || fail "$tcp_socket is not active"
    local_answers || fail "docker does not answer on $local_socket"
    listens || fail "nothing listens on port $port"
    case $bind in '' | 0.0.0.0) to=127.0.0.1 ;; '[::]') to='[::1]' ;; *) to=$bind ;; esac
    if have curl; then
        status=$(ask http)
        case $mode:$status in
        tls:200) fail "port $port answers without TLS" ;;
        plain:200) ;;
        plain:*) fail "port $port does not answer (status $status)" ;;
        esac
        if [ "$mode" = tls ]; then
            status=$(ask https)
            case $?:$status in
            7:*) fail "nothing answers at $to:$port" ;;
            28:*) fail "no answer at $to:$port in 10 seconds" ;;
            *:000) ;;
            *) fail "port $port answers a client without a certificate (status $status)" ;;
            esac
        fi
    elif [ "$mode" = tls ] && have openssl; then
        answer=$(printf 'GET /_ping HTTP/1.0\r\n\r\n' | openssl s_client -quiet -connect "$to:$port" 2>/dev/null)
        case $answer in *'200 OK'*) fail "port $port answers a client without a certificate" ;; esac
    else
        more 'neither curl nor openssl is here, so it was not tried whether a client without a certificate is refused'
    fi
}

firewall() {
    if have ufw && ufw status 2>/dev/null | grep -q '^Status: active'; then
        more "ufw is active here; to let one client in: ufw allow from ADDRESS to any port $port proto tcp"
    elif have firewall-cmd && firewall-cmd --state >/dev/null 2>&1; then
        more "firewalld is active here; to open the port: firewall-cmd --permanent --add-port=$port/tcp && firewall-cmd --reload"
    fi
}

# ---- the two ways ---------------------------------------------------------------------------------------------

install() {
    step 'looking at what there is'
    look
    judge_host
    more "$init${unit:+, $unit}, dockerd ${version:-of an unknown version}, $config"
    unfinished
    [ -z "$ended" ] || look
    judge
    step 'working out what has to change'
    make_plan
    judge_port
    if [ ! -s "$work/plan" ]; then
        more 'every file is as it should be'
        if is_running && listens; then
            step 'trying it'
            verify
            say 'nothing had to be changed; docker was not restarted'
            return
        fi
    fi
    while IFS=$tab read -r _ _ _ target; do more "$target"; done <"$work/plan"
    say_take_over
    warn_containers
    [ "$mode" = tls ] || say "WARNING: no TLS: anyone who can reach port $port of ${bind:-any address} has root on this machine"

    step "copying what will be changed to $store"
    back_up
    put_all pem 'writing the certificates'
    put_all json "writing $config"
    put_all conf 'taking the flags out of the files that variables are read from'
    put_all unit 'writing the units'
    if labels; then
        step 'setting SELinux labels'
        label_all "$back/list" || fail 'restorecon failed'
    fi
    if [ "$major" -ge 23 ]; then
        step 'letting dockerd validate it'
        set -- --validate --config-file "$root$config"
        # what the unit says, too: a key that is set in both is a conflict
        [ "$kind" != socket ] || set -- "$@" -H fd://
        said=$("$dockerd" "$@" 2>&1) || fail "dockerd says: $said"
    fi
    if [ "$init" = systemd ]; then
        step 'telling systemd'
        must systemctl daemon-reload
        for rival in $rivals; do must systemctl disable --quiet "$rival"; done
        [ "$kind" != socket ] || must systemctl enable --quiet $tcp_socket
    fi
    step 'restarting docker'
    must restart
    if [ "$mode" = tls ]; then
        step 'trying it: local clients get in, others need a certificate'
    else
        step 'trying it'
    fi
    verify
    step 'finishing'
    while IFS=$tab read -r _ target; do
        [ ! -f "$target" ] || printf '%s\t%s\n' "$(cksum <"$target")" "$target" >>"$back/sums" || fail 'the disk is full'
    done <"$back/list"
    must mv "$back/pid" "$back/done"
    say "done: docker listens on port $port; what was there before is in $back"
    more "to put it back: $(command_with --undo)"
    firewall
}

undo() {
    step 'looking at what there is'
    look
    unfinished
    # which may have been all there was to do
    if [ -n "$ended" ]; then
        say 'done: everything is as it was before that install'
        return
    fi
    last=''
    for old in "$store"/[0-9]*; do [ ! -e "$old/done" ] || last=$old; done
    [ -n "$last" ] || refuse "there is nothing to take back in $store"
    untouched "$last"
    step 'seeing what that means'
    while IFS=$tab read -r number_of target; do
        case $number_of in
        d) ;;
        -) more "$target (was not there: is removed)" ;;
        *) more "$target (as it was)" ;;
        esac
    done <"$last/list"
    warn_containers
    step "putting it back from $last"
    trap '' HUP INT TERM
    # how docker is now is how it has to be then, also where another run has to end this one
    back=$last
    note_running || refuse 'the disk is full'
    back=''
    # from here on it can only be brought to its end; whole at once, or not there
    own_process >"$last/undoing.new" || refuse 'the disk is full'
    mv -f "$last/undoing.new" "$last/undoing" || refuse 'the disk is full'
    touched=yes
    restore "$last" || {
        say "NOT everything could be put back; what was there before is in $last"
        more 'run the same command again to continue'
        exit 4
    }
    forget "$last"
    say 'done: everything is as it was before the last install'
}

case $# in
0) what=install ;;
1) what=$1 ;;
*) what='' ;;
esac
case $what in
--look)
    report
    exit
    ;;
--take-over) what=install take_over=yes ;;
install | --undo) ;;
*)
    say 'usage: sh install.sh [--take-over | --undo | --look]'
    more '             install; where everything is as it should be already, nothing is changed or restarted'
    more '--take-over  install, also where docker has been set up by hand'
    more '--undo       put back what was there before the last install'
    more '--look       say what there is here; changes nothing and needs no root'
    case $what in -h | --help) exit 0 ;; *) exit 2 ;; esac
    ;;
esac
if [ -z "$root" ] && [ "$(id -u)" -ne 0 ]; then
    look
    ! rootless_only || refuse_rootless "$rootless"
    refuse 'this needs root' "sudo sh $0${1:+ $1}"
fi
work=$(mktemp -d) || refuse 'cannot make a temporary directory'
trap 'again rm -rf "$work"' EXIT
trap 'fail "interrupted"' HUP INT TERM
# a terminal that goes away must not stop it half-way
trap '' PIPE
case $what in
install) install ;;
--undo) undo ;;
esac

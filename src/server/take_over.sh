# ---- taking over a set-up that was made by hand -----------------------------------------------------------------

# An awk function: strip(TEXT) is the words of a command line, or of the value of a variable, without every --tls… flag and
# without every -H but `fd://` and, where systemd listens (fd is 1), sockets besides docker's own. What stays keeps its quotes.
# The words are systemd's (systemd.service(5), "Command lines"); a shell's are the same, as far as flags of dockerd go. Where a
# quote is not closed, the rest of the text stays as it is.
strip_flags='
function strip(text,    whole, out, gap, raw, word, held, value, host, dropped, before) {
    whole = text
    out = held = before = ""
    value = dropped = 0
    while (text != "") {
        gap = ""
        if (match(text, /^([ \t\n]|\\\n)+/)) { gap = substr(text, 1, RLENGTH); text = substr(text, RLENGTH + 1) }
        if (text == "" || !match(text, /^([^ \t\n"\047\\]|\\[^\n]|"([^"\\]|\\[^\n])*"|\047[^\047]*\047)+/)) break
        raw = substr(text, 1, RLENGTH)
        text = substr(text, RLENGTH + 1)
        if (out == "" && held == "") gap = ""
        word = raw
        gsub(/["\047\\]/, "", word)
        host = ""
        if (value) { value = 0; gap = ""; continue }
        if (held != "") host = word
        else if (word ~ /^-D*H$/ || word == "--host") { held = gap raw; before = word ~ /^-D/ ? gap substr(word, 1, length(word) - 1) : ""; continue }
        else if (word ~ /^--host=/) host = substr(word, 8)
        else if (match(word, /^-D*H=?/)) { host = substr(word, RLENGTH + 1); before = word ~ /^-D/ ? gap substr(word, 1, index(word, "H") - 1) : "" }
        else if (word ~ /^--tls(verify)?(=.*)?$/ || word ~ /^--tls(cacert|cert|key)=/) { dropped = 1; gap = ""; continue }
        else if (word ~ /^--tls(cacert|cert|key)$/) { dropped = value = 1; gap = ""; continue }
        if (host == "" || host ~ /^fd:/ || (fd && is_other_socket(host))) out = out held gap raw
        else { dropped = 1; out = out before }
        held = gap = before = ""
    }
    return dropped ? out held gap text : whole
}
function is_other_socket(host) { return host ~ /^unix:\/\/.*\// && host !~ /^unix:\/\/(\/var)?\/run\/docker[.]sock$/ }
function has_flags(text) { return text ~ /(^|[ \t\n"\047=])(-D*H|--host|--tls)/ }
'

# The same for a file of assignments (systemd.exec(5), EnvironmentFile=; sh): of the values that have such flags, each is
# stripped; all else stays, byte for byte.
# shellcheck disable=SC2016 # the dollars are awk's
strip_file='
function is_open(line,    i, c, q) {
    q = ""
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        if (c == "\\" && q != "\047") { if (++i > length(line)) return 1 }
        else if (q != "") { if (c == q) q = "" }
        else if (c == "\"" || c == "\047") q = c
    }
    return q != ""
}
function edited(line,    head, value, q, c, end) {
    if (!match(line, /^[ \t]*(export[ \t]+)?[A-Za-z_][A-Za-z0-9_]*[+]?=[ \t]*/)) return line
    head = substr(line, 1, RLENGTH)
    value = substr(line, RLENGTH + 1)
    if (!has_flags(value)) return line
    q = substr(value, 1, 1)
    if (q != "\"" && q != "\047") return head strip(value)
    for (end = 2; end <= length(value); end++) {
        c = substr(value, end, 1)
        if (c == q) break
        if (c == "\\" && q == "\"") end++
    }
    return head q strip(substr(value, 2, end - 2)) substr(value, end)
}
held == "" && /^[ \t]*[#;]/ { print; next }
{
    line = held == "" ? $0 : held "\n" $0
    held = ""
    if (is_open(line)) { held = line; next }
    print edited(line)
}
END { if (held != "") print held }
'

# A list of the hosts in daemon.json, one a line.
json_hosts() {
    [ ! -r "$json" ] || tr -d ' \t\r\n' <"$json" | sed -n 's/.*[{,]"hosts":\[\([^]]*\)\].*/\1/p' | tr ',' '\n' | tr -d '"'
}

# The socket units that somebody made for docker at this port, under names of their own, and that listen or are to.
find_rivals() {
    rivals=''
    [ "$init" = systemd ] || return 0
    for file in "$units"/*.socket "$root"/run/systemd/system/*.socket; do
        [ -f "$file" ] || continue
        rival=${file##*/}
        case $rival in docker.socket | "$tcp_socket") continue ;; esac
        grep -q "^Service=$unit" "$file" || continue
        grep -q "^ListenStream=\(.*:\)\{0,1\}$port\$" "$file" || continue
        if systemctl is-active --quiet "$rival" || systemctl is-enabled --quiet "$rival" 2>/dev/null; then rivals="$rivals $rival"; fi
    done
}

# What stands in the way, all of it at once, and how to have it taken over.
refuse_hand_made() {
    set --
    if [ -n "$flags" ]; then
        files=$(where_flags)
        set -- "$@" "dockerd is given flags that stand in the way:$flags" "the whole of it: $(shown)"
        [ -z "$files" ] || set -- "$@" "they are in $files"
    fi
    if [ -n "$other_hosts" ]; then
        set -- "$@" "$other_hosts ($(json_hosts | tr '\n' ' ' | sed 's/ $//'))"
    fi
    for rival in $rivals; do
        set -- "$@" "$rival listens on port $port"
    done
    refuse 'docker has been set up by hand here' "$@" \
        "to take that over, with a copy of everything for --undo: $(command_with --take-over)" \
        'or take all of it out by hand, then run this again'
}

# command_with FLAG: what to type to run this with FLAG
command_with() {
    if [ -n "$via" ]; then
        printf '%s %s' "$via" "$1"
        return
    fi
    case $0 in
    *[!A-Za-z0-9/._+-]*) printf "sh '%s' %s" "$0" "$1" ;;
    *) printf 'sh %s %s' "$0" "$1" ;;
    esac
}

# edit_file FILE: its assignments without the flags, in $work/edit.N, noted in $work/edits
edit_file() {
    at=$root$1
    [ ! -L "$at" ] || at=$(readlink -f "$at")
    [ -f "$at" ] || return 0
    edits=$((edits + 1))
    awk -v fd="$fd" "$strip_flags$strip_file" "$at" >"$work/edit.$edits" || refuse "cannot read $1"
    # a last line that is not ended is no change
    if [ "$(cat "$at")" = "$(cat "$work/edit.$edits")" ]; then return 0; fi
    printf '%s\t%s\t%s\n' "$1" "$work/edit.$edits" "$at" >>"$work/edits" || refuse 'the disk is full'
}

# The drop-in that starts docker without the flags, in $work/start.conf: ExecStart and the variables that have some.
make_start() {
    unit_parts >"$work/parts"
    awk -F "$tab" -v fd="$fd" "$strip_flags"'
        $1 == "E" { starts++; start = substr($0, 3); if (has_flags(start) && strip(start) != start) from = start }
        $1 == "V" && has_flags($2) && $2 !~ /\\/ { value = $2; sub(/^[^=]*=/, "", value); sub(/=.*/, "", $2); vars = vars "Environment=\"" $2 "=" strip(value) "\"\n" }
        END {
            if (from != "") {
                if (starts != 1 || from !~ /(^|[\/ \t])(dockerd[^ \t\/]*|docker (daemon|-d))([ \t]|$)/) exit 1
                vars = "ExecStart=\nExecStart=" strip(from) "\n" vars
            }
            printf "%s", vars
        }' "$work/parts" >"$work/start" || return 1
    [ -s "$work/start" ] || return 0
    {
        printf '# Written by dctx: how docker is started, without -H and --tls flags. Port and certificates are in\n'
        printf '# %s now, or in %s. sh install.sh --undo takes this away.\n[Service]\n' "$config" "$tcp_socket"
        cat "$work/start"
    } >"$work/start.conf" || refuse 'the disk is full'
    # the last drop-in by name is the one in force
    start_conf=$(unit_text | awk '
        BEGIN { last = "zz-dctx.conf" }
        /^# \/.*[.]conf$/ { name = $0; sub(/.*\//, "", name); if (name "" > last "") last = name }
        END { if (last != "zz-dctx.conf") sub(/[.]conf$/, ".zz-dctx.conf", last); print last }')
}

# What dockerd is given is worked out anew without the flags; then that is looked at as if it were there already.
take_over() {
    edits=0 start_conf='' fd=''
    taken=$flags
    case $kind in socket) fd=1 ;; esac
    : >"$work/edits" || refuse 'the disk is full'
    case $init in
    systemd)
        unit_parts | sed -n 's/^F.//p' >"$work/envs"
        while IFS= read -r file; do edit_file "$file"; done <"$work/envs"
        make_start || refuse_rest
        ;;
    openrc) edit_file /etc/conf.d/docker && edit_file /etc/init.d/docker ;;
    sysv) edit_file /etc/default/docker && edit_file /etc/init.d/docker ;;
    esac
    given
    in_the_way
    [ -z "$flags" ] || refuse_rest
    flags=$taken
    case $(own_sockets | tr -d 'A-Za-z0-9/._:", -') in '') ;; *) refuse_rest ;; esac
}

refuse_rest() {
    files=$(where_flags)
    refuse "dctx cannot take over these flags:${flags:-$taken}" "the whole of it: $(shown)" \
        'there is more than one ExecStart, a shell in it, or a quote that is not closed' \
        "take them out${files:+ of $files} by hand, then run this again"
}

# What is taken over goes into the plan, and what that ends is said.
plan_take_over() {
    while IFS=$tab read -r name source target; do
        plan conf keep "$source" "$target"
    done <"$work/edits"
    [ -z "$start_conf" ] || plan unit 644 "$work/start.conf" "$units/$unit.d/$start_conf"
}

say_take_over() {
    [ -z "$taken" ] || say "taken over:$taken"
    [ -z "$start_conf" ] || sed -n 's/^ExecStart=\(.\)/ExecStart=\1/p; /^Environment=/p' "$work/start.conf" | while IFS= read -r line; do more "$line"; done
    for rival in $rivals; do more "$rival is stopped and disabled"; done
    for host in $(printf '%s' "$taken" | awk '{ for (i = 1; i < NF; i++) if ($i == "-H") print $(i + 1) }') $(json_hosts); do
        case $host in
        fd:* | unix:* | *":$port") ;;
        *) say "WARNING: docker does not listen on $host any more" ;;
        esac
    done
    [ -n "$taken$other_hosts$rivals" ] || return 0
    # the CA by which clients were let in: by the flags, or by daemon.json
    former=$(printf '%s\n' "$taken" | sed -n 's/.* --tlscacert \([^ ]*\).*/\1/p')
    [ -n "$former" ] || [ ! -r "$json" ] || former=$(tr -d ' \t\r\n' <"$json" | sed -n 's/.*[{,]"tlscacert":"\([^"]*\)".*/\1/p')
    if [ -n "$former" ] && [ -f "$root$former" ] && grep -q -v -x -F -f "$kit/ca.pem" "$root$former" 2>/dev/null; then
        say "WARNING: the CA in $former is replaced: clients with certificates of that CA are not let in any more"
    fi
}

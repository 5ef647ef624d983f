# shellcheck shell=bash disable=SC2154,SC2030,SC2031
# What the commands in this folder need of the machine; sourced by them, after they have set `me` to their name.
#
#   set_up [time] [python]   finds or installs everything; PATH then has swift, and these are set:
#     redis_server, redis_client, postgres_bin (folder of PostgreSQL's own programs)

say() { printf '%s\n' "$*" >&2; }

# fail EXIT WHAT: one line that names the thing, the reason and the next step.
fail() {
    local status=$1
    shift
    say "$me: $*"
    exit "$status"
}

set_up() {
    find_swift
    find_missing "$@"
    if ((${#missing[@]})); then
        install_missing
        find_missing "$@"
        ((${#missing[@]} == 0)) || fail 69 "still missing after the installation: ${missing[*]}: see apt-get's words above"
    fi
}

find_swift() {
    local folder version
    if ! command -v swift >/dev/null; then
        for folder in "${SWIFTLY_BIN_DIR:-$HOME/.local/share/swiftly/bin}" /opt/swift/usr/bin /usr/libexec/swift/bin; do
            if [[ -x $folder/swift ]]; then
                PATH=$folder:$PATH
                break
            fi
        done
    fi
    local next='swift.org/install/linux has one for this machine (swiftly install latest)'
    command -v swift >/dev/null || fail 69 "no Swift toolchain in PATH: version 6.2 or newer is needed; $next"
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1) || true
    [[ -n $version ]] || fail 69 "swift --version says no version: $(command -v swift) does not work; $next"
    ((${version%.*} > 6 || (${version%.*} == 6 && ${version#*.} >= 2))) ||
        fail 69 "Swift $version is too old: version 6.2 or newer is needed; $next"
}

# Fills `missing` with packages and `reasons` with what each is for. Looks for the things, not for the packages: what
# was built by hand or came from elsewhere counts.
find_missing() {
    missing=() reasons=()
    local folder
    any_file /usr/include/hiredis/hiredis.h /usr/local/include/hiredis/hiredis.h ||
        lacks libhiredis-dev 'to build: the client library of Redis'
    any_file /usr/include/zstd.h /usr/local/include/zstd.h ||
        lacks libzstd-dev 'to build: unpacks entries that are zstd frames'
    # Debian keeps libpq.pc where only pkg-config looks for it.
    command -v pkg-config >/dev/null || lacks pkg-config 'to build: tells where libpq lies'
    any_file /usr/include/postgresql/libpq-fe.h /usr/include/libpq-fe.h || pkg-config --exists libpq 2>/dev/null ||
        lacks libpq-dev 'to build: the client library of PostgreSQL'
    command -v git >/dev/null || lacks git 'to build: fetches the Swift packages'

    redis_server=$(first_program redis-server valkey-server)
    redis_client=$(first_program redis-cli valkey-cli)
    [[ -n $redis_server && -n $redis_client ]] || lacks redis-server 'the server that is drained'

    postgres_bin=
    while read -r folder; do
        if [[ -x $folder/initdb && -x $folder/postgres && -x $folder/psql ]] && is_recent "$folder/postgres"; then
            postgres_bin=$folder
            break
        fi
    done < <(
        printf '%s\n' /usr/lib/postgresql/*/bin | sort -t / -k 5 -rn
        dirname "$(command -v postgres || echo /nowhere/postgres)"
    )
    [[ -n $postgres_bin ]] || lacks postgresql 'the server that is written to (14 or newer)'

    if [[ " $* " == *" time "* ]]; then
        [[ -x /usr/bin/time ]] || lacks time 'measures memory'
    fi
    if [[ " $* " == *" python "* ]]; then
        python3 -c 'import ensurepip, venv' 2>/dev/null || lacks python3-venv 'works out medians and runs what is compared'
    fi
}

lacks() {
    missing+=("$1")
    reasons+=("$2")
}

any_file() {
    local file
    for file; do
        if [[ -e $file ]]; then return 0; fi
    done
    return 1
}

first_program() {
    local name
    for name; do
        if command -v "$name"; then return 0; fi
    done
    # Where a user's PATH does not lead.
    for name; do
        if [[ -x /usr/sbin/$name ]]; then
            echo "/usr/sbin/$name"
            return 0
        fi
    done
}

is_recent() {
    local version
    version=$("$1" --version | sed -n 's/^[^0-9]*\([0-9][0-9]*\).*/\1/p')
    [[ -n $version ]] && ((version >= 14))
}

policy=/usr/sbin/policy-rc.d
policy_mark='# drainer: no server starts while its package is installed.'
cluster_folder=/etc/postgresql-common/createcluster.d
cluster_file=$cluster_folder/drainer-no-main-cluster.conf

install_missing() {
    local index as_root=()
    say "$me: installing with apt-get:"
    for index in "${!missing[@]}"; do
        say "  $(printf '%-16s' "${missing[index]}") ${reasons[index]}"
    done
    command -v apt-get >/dev/null ||
        fail 69 "there is no apt-get here: install these yourself, by the names they have on this system"
    if ((EUID != 0)); then
        command -v sudo >/dev/null || fail 77 "not root, and no sudo: as root run apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    refuse_other_policy
    # A shell of its own: whatever ends it, its trap takes back what it changed. (Behind `||` its `set -e` would not count.)
    # Traps keep us here until it has ended: dpkg is not to be cut off.
    local status=0
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 129' HUP
    set +e
    (
        set -euo pipefail
        made_folder=false
        trap take_back EXIT
        trap 'exit 130' INT
        trap 'exit 143' TERM
        trap 'exit 129' HUP
        if [[ ! -e $policy ]]; then
            printf '#!/bin/sh\n%s\nexit 101\n' "$policy_mark" | "${as_root[@]}" tee "$policy" >/dev/null
            "${as_root[@]}" chmod 755 "$policy"
        fi
        if [[ ! -d $cluster_folder ]]; then
            made_folder=true
            "${as_root[@]}" mkdir -p "$cluster_folder"
        fi
        echo 'create_main_cluster = false' | "${as_root[@]}" tee "$cluster_file" >/dev/null
        apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
        "${apt[@]}" update >&2
        "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >&2
    )
    status=$?
    set -e
    trap - INT TERM HUP
    ((status == 0)) ||
        fail 69 "apt-get failed: see its words above; then run this again, or as root: apt-get install ${missing[*]}"
    if [[ -d /run/systemd/system && " ${missing[*]} " == *" redis-server "* ]]; then
        say "$me: the system's own redis-server was not started; it would be at the next boot (systemctl disable redis-server)"
    fi
    hash -r
}

# Somebody else's policy stays as it is: it either forbids starting servers, too, or we do not install.
refuse_other_policy() {
    local answer=0
    if [[ ! -e $policy && ! -L $policy ]] || grep -qF "$policy_mark" "$policy" 2>/dev/null; then return 0; fi
    "$policy" redis-server start >/dev/null 2>&1 || answer=$?
    ((answer == 101)) || fail 69 "$policy is there and lets packages start servers: move it away, or install ${missing[*]} yourself"
}

take_back() {
    if grep -qF "$policy_mark" "$policy" 2>/dev/null; then "${as_root[@]}" rm -f "$policy"; fi
    "${as_root[@]}" rm -f "$cluster_file"
    if $made_folder; then
        "${as_root[@]}" rmdir --ignore-fail-on-non-empty "$cluster_folder" /etc/postgresql-common 2>/dev/null || true
    fi
}

# shellcheck shell=bash disable=SC2154,SC2034
# A private Redis and PostgreSQL in a temporary folder on free ports; sourced after setup.sh.
#
#   use_folder NAME       makes `folder` and from now on cleans up at the end, whatever ends us
#   start_redis           sets REDIS_URL, redis_port, redis_pid
#   start_postgres on|off (its fsync) sets DATABASE_URL, postgres_port, postgres_pid
#   build_release NAME …  builds drainer and these (bench); sets bin to their folder
#   redis …, sql …        clients of the two
#   run COMMAND …         runs something long that Ctrl-C and TERM end at once
#   leave_running         from now on cleans up nothing
#   grouped NUMBER        1234567 as 1,234,567

# Numbers with points, and no setting of the caller's own PostgreSQL.
export LC_ALL=C
unset "${!PG@}"
export PGCLIENTENCODING=UTF8

folder='' redis_pid='' postgres_pid='' running_pid=''

use_folder() {
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 129' HUP
    folder=$(mktemp -d "${TMPDIR:-/tmp}/$1.XXXXXX")
    # PostgreSQL's user has to get through to its own folder.
    chmod 711 "$folder"
}

clean_up() {
    local status=$?
    trap '' INT TERM HUP
    if [[ -n $running_pid ]]; then end_session "$running_pid"; fi
    if [[ -n $redis_pid ]]; then end "$redis_pid" KILL; fi
    # QUIT is PostgreSQL's immediate end; KILL would leave a piece of shared memory.
    if [[ -n $postgres_pid ]]; then end "$postgres_pid" QUIT; fi
    if [[ -n $folder ]]; then rm -rf -- "$folder"; fi
    exit "$status"
}

leave_running() {
    trap - EXIT INT TERM HUP
    disown "$redis_pid" "$postgres_pid"
}

# Bash looks at a trap only when a foreground command has ended; `wait` it interrupts. A session of its own keeps
# Ctrl-C from reaching the command before us.
run() {
    local status=0
    setsid "$@" &
    running_pid=$!
    wait "$running_pid" || status=$?
    running_pid=
    return "$status"
}

end() {
    kill -s "$2" "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

# Ends all processes of a session: a build's compilers are in groups of their own.
end_session() {
    local turn members signal=TERM
    # By its number first: it may not have come to lead its session yet.
    kill -s TERM "$1" 2>/dev/null || true
    for ((turn = 0; turn < 200; turn++)); do
        members=$(session_members "$1")
        [[ -n $members ]] || return 0
        if ((turn == 100)); then signal=KILL; fi
        # shellcheck disable=SC2086 # several numbers
        if ((turn % 20 == 0)); then kill -s "$signal" $members 2>/dev/null || true; fi
        sleep 0.05
    done
}

session_members() {
    # "number (name) state parent group session …", and the name may hold anything.
    { cat /proc/[0-9]*/stat 2>/dev/null || true; } | sed 's/^\([0-9]*\) (.*) /\1 /' |
        awk -v session="$1" '$5 == session && $2 != "Z" { print $1 }'
}

# Below the ports that the kernel gives to outgoing connections.
free_port() {
    local port
    while true; do
        port=$((20000 + RANDOM % 12000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
}

# wait_for NAME PID LOG COMMAND …: until the command succeeds; the server's own words where it does not.
wait_for() {
    local name=$1 pid=$2 log=$3 turn
    shift 3
    for ((turn = 0; turn < 600; turn++)); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        kill -s 0 "$pid" 2>/dev/null || break
        sleep 0.05
    done
    say "$me: $name did not start; its last words:"
    tail -n 8 "$log" >&2
    exit 69
}

start_redis() {
    mkdir "$folder/redis"
    redis_port=$(free_port)
    setsid "$redis_server" --port "$redis_port" --bind 127.0.0.1 --unixsocket "$folder/redis/socket" \
        --dir "$folder/redis" --save '' --appendonly no --daemonize no >"$folder/redis/log" 2>&1 &
    redis_pid=$!
    wait_for Redis "$redis_pid" "$folder/redis/log" redis PING
    export REDIS_URL=redis://127.0.0.1:$redis_port/0
}

redis() {
    "$redis_client" -e -s "$folder/redis/socket" "$@"
}

start_postgres() {
    local as_user=() user
    mkdir "$folder/postgres"
    if ((EUID == 0)); then
        # PostgreSQL refuses to run as root.
        user=postgres
        id -u "$user" >/dev/null 2>&1 || user=nobody
        as_user=(setpriv --reuid="$(id -u "$user")" --regid="$(id -g "$user")" --clear-groups --)
        chown "$user" "$folder/postgres"
    fi
    (cd "$folder/postgres" && "${as_user[@]}" "$postgres_bin/initdb" --pgdata="$folder/postgres/data" \
        --username=postgres --auth=trust --encoding=UTF8 --locale=C --no-sync >"$folder/initdb.log" 2>&1) || {
        say "$me: initdb failed: $(tail -n 3 "$folder/initdb.log")"
        exit 69
    }
    postgres_port=$(free_port)
    setsid "${as_user[@]}" "$postgres_bin/postgres" -D "$folder/postgres/data" -c port="$postgres_port" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories="$folder/postgres" \
        -c fsync="$1" -c shared_buffers=128MB -c max_wal_size=4GB >"$folder/postgres.log" 2>&1 &
    postgres_pid=$!
    wait_for PostgreSQL "$postgres_pid" "$folder/postgres.log" \
        "$postgres_bin/pg_isready" -q -h "$folder/postgres" -p "$postgres_port"
    export DATABASE_URL=postgresql://postgres@127.0.0.1:$postgres_port/postgres
}

sql() {
    "$postgres_bin/psql" -AtXq -v ON_ERROR_STOP=1 -h "$folder/postgres" -p "$postgres_port" -U postgres "$@"
}

build_release() {
    local product how=(--package-path "$root" -c release)
    # One file that needs no Swift on the machine it runs on; smaller in memory, too. Not every toolchain has what it takes.
    if [[ -d $(swift -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')_static/linux ]]; then
        how+=(--static-swift-stdlib)
    fi
    say '== Building (release; the first time takes some minutes)'
    for product in drainer "${@:-bench}"; do
        run swift build "${how[@]}" --product "$product" >&2 ||
            fail 70 "the build of $product failed: see its words above"
    done
    bin=$(swift build "${how[@]}" --show-bin-path)
}

grouped() {
    local text=$1
    while [[ $text =~ ^([0-9]+)([0-9]{3}.*)$ ]]; do text=${BASH_REMATCH[1]},${BASH_REMATCH[2]}; done
    echo "$text"
}

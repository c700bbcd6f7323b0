# shellcheck shell=bash
#
# What the tests of pam-oauth-fetcher have in common: the words in which they are written, and a
# server with good and bad answers. Sourced by run, confined and names.
#
# BUILD (build) says where the fetcher and tests/fetcher/ask are, FETCHER which program to start
# instead; WATCHED and PATIENCE are those of tests/sanitize/run. Only tests whose name contains the
# first argument run.
set -uo pipefail
export LC_ALL=C
# Root has a network of its own here, in which nobody else takes a port, and no name server answers.
if [ "$(id -u)" = 0 ] && [ -z "${FETCHER_TESTS_NET-}" ]; then
    FETCHER_TESTS_NET=own exec unshare --net -- "$0" "$@"
fi
[ "${FETCHER_TESTS_NET-}" != own ] || ip link set lo up
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$(cd "$root" && realpath "${BUILD:-build}")
fetcher=${FETCHER:-$build/pam-oauth-fetcher}
patience=${PATIENCE:-1}
only=${1:-}
passed=0
failed=0
skipped=
watched=${WATCHED:-}
time=() # what the fetcher and whoever asks it are given
[ "$watched" != memcheck ] || time=(--timeout 60000 --deadline 90000)

if [ ! -x "$build/tests/fetcher/ask" ]; then
    echo "there is no $build/tests/fetcher/ask; make test-programs first" >&2
    echo '0 passed, 1 failed'
    exit 1
fi
work=$(mktemp -d /tmp/fetcher-test.XXXXXX)
server=
clean_up() {
    exec 7>&-
    [ -n "$server" ] && kill "$server" 2>/dev/null
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM
log=$work/log
ask=$build/tests/fetcher/ask

# ---- what the tests are written with -----------------------------------------------------------

wanted() {
    [[ "$name" == *"$only"* ]]
}

ok() {
    passed=$((passed + 1))
    echo "ok      $name"
}

not_ok() {
    failed=$((failed + 1))
    echo "NOT OK  $name"
    printf '        %s\n' "$@"
}

# ask OPTIONS... URL...: with the test's CA, as the unprivileged user
run_ask() {
    "$ask" --fetcher "$fetcher" --user nobody --ca "$work/ca.pem" "${time[@]}" "$@" 2>&1
}

# says NAME PATTERN OPTIONS...: the output must match the extended regular expression
says() {
    name=$1
    wanted || return 0
    local out
    out=$(run_ask "${@:3}")
    if grep -qE -- "$2" <<<"$out" && grep -q 'end children=0 descriptors=0' <<<"$out"; then
        ok
    else
        not_ok "wanted: $2" "got: $out"
    fi
}

# within NAME MS PATTERN OPTIONS...: the same, and the first answer took at most MS
within() {
    name=$1
    wanted || return 0
    local out ms
    out=$(run_ask "${@:4}")
    ms=$(sed -n 's/.* ms=\([0-9]*\).*/\1/p;q' <<<"$out")
    if grep -qE -- "$3" <<<"$out" && [ "${ms:-999999}" -le $(($2 * patience)) ]; then
        ok
    else
        not_ok "wanted: $3, within $2 ms" "got: $out"
    fi
}

# check NAME COMMAND...
check() {
    name=$1
    wanted || return 0
    local out
    if out=$("${@:2}" 2>&1); then
        ok
    else
        not_ok "$out"
    fi
}

# True, and said, where $1 cannot be had below what watches (tests/sanitize/README.md).
left_out() { # WHAT WATCHED...
    [[ -n $watched && " ${*:2} " == *" $watched "* ]] || return
    skipped=$((${skipped:-0} + 1))
    echo "left out: $1"
}

port() {
    sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$work/ports"
}

url() {
    echo "https://localhost:$(port "$1")$2"
}

logged() {
    grep -cE -- "$1" "$log"
}

# The fetcher that an ask in the background has started
fetcher_of() {
    local pid i
    for ((i = 0; i < 200 * patience; i++)); do
        pid=$(cat "/proc/$1/task/$1/children" 2>/dev/null)
        if [ -n "$pid" ] && [ "$(cat "/proc/${pid% }/comm" 2>/dev/null)" != ask ]; then
            echo "${pid% }"
            return 0
        fi
        sleep 0.05
    done
    return 1
}

# gone PID SECONDS: it ends within that time; whose business its zombie is, nobody knows here
gone() {
    local i
    for ((i = 0; i < $2 * 20 * patience; i++)); do
        [ -e "/proc/$1" ] && ! grep -qs '^State:\sZ' "/proc/$1/status" || return 0
        sleep 0.05
    done
    echo "process $1 is still there"
    return 1
}

# Waits until the log has a line like that, written after line $2
await_log() {
    local i
    for ((i = 0; i < 300 * patience; i++)); do
        tail -n "+$(($2 + 1))" "$log" | grep -qE -- "$1" && return 0
        sleep 0.05
    done
    echo "the server never saw: $1"
    return 1
}

# ---- beginning and end --------------------------------------------------------------------------

prepare() {
    chmod 755 "$work" # the fetcher is another user and must read the CA
    # and who asks is one too, at times: a clone may lie in a directory that is closed to others
    if [ "$(id -u)" = 0 ] && ! setpriv --reuid nobody --clear-groups test -x "$ask"; then
        install -m 755 "$ask" "$work/ask" && install -m 755 "$fetcher" "$work/pam-oauth-fetcher" || exit 1
        ask=$work/ask fetcher=$work/pam-oauth-fetcher
    fi
    "$here/certs" "$work" >"$work/certs.log" 2>&1 || {
        cat "$work/certs.log"
        exit 1
    }
    : >"$log"
}

# The server ends when this script does.
start_server() {
    local i
    mkfifo "$work/leash"
    node "$here/server.mjs" "$work" "$log" <"$work/leash" >"$work/ports" 2>"$work/server.err" &
    server=$!
    exec 7>"$work/leash"
    for ((i = 0; i < 200 * patience; i++)); do
        [ -s "$work/ports" ] && return 0
        sleep 0.05
    done
    cat "$work/server.err"
    exit 1
}

summary() {
    echo "$passed passed, $failed failed${skipped:+, $skipped skipped}"
    [ "$failed" = 0 ]
}

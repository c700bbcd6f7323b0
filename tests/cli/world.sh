# shellcheck shell=bash disable=SC2154
#
# The few words in which the tests of pam-oauth are written. Sourced by run.

program=${PROGRAM:-$(cd "$top" && realpath "$BUILD")/pam-oauth}
passed=0
failed=0
left_out=
only=${1:-}

# Whatever the machine's clock says, it is this moment for the tokens and, with --at, for verify.
now=1800000000
issuer=https://sso.example.org/realms/corp
audience=ssh://testhost
subject=248289761001

# ---- counting --------------------------------------------------------------------------------------

wanted() { [[ "$1" == *"$only"* ]]; }

# A test's verdict: `judge NAME COMMAND...`; what the command prints is shown when it fails.
judge() {
    local name=$1 complaint
    shift
    if complaint=$("$@" 2>&1); then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED: %s\n%s\n' "$name" "$complaint" | sed '2,$s/^/    /'
    fi
}

# A system below DIR whose sshd, sudo, su and login have the stacks of conf/pam.d, and the module.
host_root() { # DIR [SERVICE]...: with the stacks of these alone
    local name
    mkdir -p "$1"
    cp -R "$here/setups/base/host/." "$1/"
    for name in $([ $# -gt 1 ] && printf '%s\n' "${@:2}" || ls "$top/conf/pam.d"); do
        cp "$top/conf/pam.d/$name" "$1/etc/pam.d/"
    done
    mkdir -p "$1$pam_directory"
    : >"$1$pam_directory/pam_oauth.so"
}
# As the Makefile has it.
multiarch=$("${CC:-cc}" -print-multiarch 2>/dev/null)
pam_directory=${PAMDIR:-/usr/lib${multiarch:+/$multiarch}/security}

# ---- keys and tokens (mint.mjs) --------------------------------------------------------------------

node_start() {
    # shellcheck disable=SC2034 # its PID is the coproc's affair
    coproc NODE { ISSUER=$issuer AUDIENCE=$audience NOW=$now exec node "$here/node.mjs"; }
    exec 7>&"${NODE[1]}" 8<&"${NODE[0]}" # which a subshell has as well
}
node_end() { exec 7>&- 8<&-; }

ask() { # REQUEST...
    local answer
    printf '%s\0' "$@" '' >&7
    IFS= read -r -d '' answer <&8
    printf '%s' "$answer"
}
token() { ask token "$@"; }
jwk() { ask jwk "$@"; }

# A JWKS of these, each a JSON text.
jwks() {
    local IFS=,
    printf '{"keys":[%s]}' "$*"
}

base64url() { base64 -w 0 | tr '+/' '-_' | tr -d =; }
# `repeat N TEXT`
repeat() { awk -v n="$1" -v text="$2" 'BEGIN { for (i = 0; i < n; i++) printf "%s", text }'; }

# ---- what a run says -------------------------------------------------------------------------------

# Runs the program; its output, errors and exit code are then in $dir/out, $dir/err and $code.
call() {
    "$program" "$@" >"$dir/out" 2>"$dir/err"
    code=$?
}

# The whole of a file is then in $text. No external command here: this runs a thousand times.
slurp() { # FILE
    if IFS= read -r -d '' text <"$1"; then
        printf '%s holds a NUL\n' "$1"
        return 1
    fi
}

# No byte of a token or a key reaches the terminal unless it is printable ASCII.
expect_printable() { # FILE
    local text
    slurp "$1" || return 1
    if [[ ${text//$'\n'/} == *[!\ -~]* ]]; then
        printf 'not printable ASCII: %q\n' "$text"
        return 1
    fi
}

expect() { # EXIT-CODE REGEX-OF-THE-ONLY-LINE
    local text
    slurp "$dir/out" || return 1
    if [ "$code" -ne "$1" ] || [[ $text != *$'\n' || ${text%$'\n'} == *$'\n'* ]] ||
        ! [[ ${text%$'\n'} =~ $2 ]]; then
        printf 'wanted: exit %s, one line like: %s\ngot:    exit %s: %s\n' \
            "$1" "$2" "$code" "${text:0:2000}"
        head -c 2000 "$dir/err"
        return 1
    fi
    expect_printable "$dir/out" && expect_printable "$dir/err"
}

# `least WORD...`: the least microseconds of processor time and kilobytes of memory of three runs; its
# status is that of the last.
least() {
    local us kb least_us=999999999 least_kb=999999999
    for _ in 1 2 3; do
        "$dir/measure" "$dir/measured" "$program" "$@" >"$dir/out" 2>"$dir/err"
        code=$?
        read -r us kb <"$dir/measured"
        least_us=$((us < least_us ? us : least_us))
        least_kb=$((kb < least_kb ? kb : least_kb))
    done
    printf '%s %s' "$least_us" "$least_kb"
    return "$code"
}

# How a token is judged unless a test says otherwise.
defaults() {
    trust=(--jwks "$dir/keys.jwks" --issuer "$issuer" --audience "$audience" --at "$now")
}

verify() { # TOKEN [OPTION]...
    printf '%s' "$1" >"$dir/token"
    shift
    call verify "${trust[@]}" "$@" "$dir/token"
}

accepted() { # TOKEN [OPTION]...
    verify "$@"
    expect 0 "^accepted $subject\$"
}
not_accepted() { # WORD EXIT-CODE REASON REGEX TOKEN [OPTION]...
    local regex="^$1: $3: .*$4"
    local wanted_code=$2
    shift 4
    verify "$@"
    expect "$wanted_code" "$regex"
}

# accepts NAME TOKEN [OPTION]...
accepts() {
    wanted "$1" || return 0
    judge "$1" accepted "${@:2}"
}
# refuses NAME REASON REGEX TOKEN [OPTION]...; the regex is of the sentence
refuses() {
    wanted "$1" || return 0
    judge "$1" not_accepted refused 1 "${@:2}"
}
# fails NAME REASON REGEX TOKEN [OPTION]...
fails() {
    wanted "$1" || return 0
    judge "$1" not_accepted failed 2 "${@:2}"
}
# with_keys JWKS COMMAND...: the command with these keys instead
with_keys() {
    local trust=(--jwks "$dir/other.jwks" --issuer "$issuer" --audience "$audience" --at "$now")
    printf '%s' "$1" >"$dir/other.jwks"
    "${@:2}"
}

# misused NAME REGEX WORD...: usage, on standard error alone
misused() {
    wanted "$1" || return 0
    judge "$1" was_misused "${@:2}"
}
was_misused() {
    local regex=$1
    call "${@:2}"
    local text
    slurp "$dir/err" || return 1
    if [ "$code" -ne 2 ] || [ -s "$dir/out" ] || ! [[ $text =~ $regex ]]; then
        printf 'wanted: exit 2, nothing on standard output, error like: %s\ngot: exit %s\n' \
            "$regex" "$code"
        cat "$dir/out" "$dir/err"
        return 1
    fi
}

# test_it NAME COMMAND...
test_it() {
    wanted "$1" || return 0
    judge "$@"
}
# The same where nobody else is in the program, as tests/sanitize/run puts there: that one's memory,
# time and system calls would be measured, and it wants to be loaded first.
test_alone() {
    [ -z "${WATCHED:-}" ] || {
        left_out=$((left_out + 1))
        printf 'left out: %s\n' "$1"
        return 0
    }
    test_it "$@"
}

# says JAVASCRIPT: true of `o`, the one JSON object of the output (node.mjs)
says() {
    local complaint
    complaint=$(ask json "$dir/out" "$1")
    [ -z "$complaint" ] || { printf '%s\n' "$complaint"; return 1; }
}

milliseconds() { # COMMAND...
    local start
    start=$(date +%s%N)
    "$@"
    printf '%s' "$((($(date +%s%N) - start) / 1000000))"
}

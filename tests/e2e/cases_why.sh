# shellcheck shell=bash
# why and the real log: what the module has written, through syslog's socket, a file, a packed file,
# and a journal.

why() { "$SANDBOX_DIR/pam-oauth" why "$@"; }
# A refused sign-in; the reference that the user was shown is in $ref.
refused_sign_in() { # [USER]
    local output
    output=$(pam_answer tokens "${1:-alice}" "$(mint '"aud":"somebody-else"')" -- authenticate 2>&1) && return 1
    ref=$(sed -n 's/.*give this reference: \([a-z2-7]\{8\}\).*/\1/p' <<<"$output")
    [ -n "$ref" ] || { printf 'no reference in: %s\n' "$output"; return 1; }
}
tells() { # OUTPUT
    expect_match "$1" 'refused: audience$' && expect_match "$1" "^  the token's aud" &&
        expect_match "$1" '^  account   alice$' && expect_match "$1" '^  remedy    ask the provider for a token'
}

test_R94_R97_why_finds_what_the_user_was_shown_in_the_log() {
    refused_sign_in && tells "$(why --log "$SANDBOX_DIR/log" "$ref")"
}
test_R95_why_does_not_name_an_unknown_user() {
    local output
    refused_sign_in hunter2password || return 1
    output=$(why --log "$SANDBOX_DIR/log" "$ref")
    expect_match "$output" 'refused: unknown_user$' && expect_match "$output" '^  account   unknown user$' &&
        expect_no_match "$output$(logs)" hunter2
}
test_why_looks_where_syslog_daemons_write() {
    local line output
    refused_sign_in || return 1
    # as rsyslog would have written it
    line="$(date +%FT%T.%6N%:z) $(uname -n) $(logs | sed -n "s/^<[0-9]*>[A-Z][a-z]* *[0-9]* [0-9:]* \(.*ref=$ref.*\)/\1/p")"
    output=$(why "$ref")
    expect_equal $? 2 && expect_match "$output" 'neither a journal nor /var/log/auth.log is here' || return 1
    echo 'Nov 25 19:34:42 vm sshd[1]: Server listening' >/var/log/auth.log
    printf '%s\n' "$line" | gzip >/var/log/auth.log.2.gz
    tells "$(why "$ref")" || return 1
    printf '%s\n' "$line" >/var/log/auth.log.1
    output=$(why "$ref")
    tells "$output" && expect_match "$output" '^note: 2 lines have this reference' || return 1
    rm /var/log/auth.log.*
    output=$(why "$ref")
    expect_equal $? 1 && expect_equal "$output" "no line with the reference $ref in /var/log/auth.log; name another log with --log"
    line=$?
    rm -f /var/log/auth.log*
    return "$line"
}
# systemd's own, without systemd: it takes the place of this world's syslog for as long.
test_why_looks_into_the_journal() {
    local journald=/lib/systemd/systemd-journald pid output code=0
    [ -x "$journald" ] && [ -x /usr/bin/journalctl ] || { echo 'no journal here'; return 0; }
    mkdir -p /run/systemd/journal /run/log/journal
    [ -s /etc/machine-id ] || echo 0123456789abcdef0123456789abcdef >/etc/machine-id
    "$journald" &
    pid=$!
    for _ in {1..50}; do
        [ ! -S /run/systemd/journal/dev-log ] || break
        sleep 0.1
    done
    mv /dev/log /dev/log.away && ln -s /run/systemd/journal/dev-log /dev/log
    refused_sign_in || code=1
    for _ in {1..50}; do
        output=$(why "$ref") && break
        sleep 0.1
    done
    [ "$code" -eq 0 ] && tells "$output" || code=1
    output=$(why aaaaaaaa)
    expect_equal $? 1 && expect_match "$output" 'no line with the reference aaaaaaaa in the journal' || code=1
    mv /dev/log.away /dev/log
    kill "$pid"
    wait "$pid"
    rm -rf /run/systemd/journal /run/log/journal
    return "$code"
}

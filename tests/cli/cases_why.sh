# shellcheck shell=bash disable=SC2034,SC2154
# why: from a reference to the sentence, the rule and what to do. Logs as rsyslog, journalctl and
# syslog(3) write them, and lines that others wrote to look like ours. tests/e2e/cases_why.sh has the
# places where it looks by itself, and a real journal.

log=$dir/auth.log
ref=7f3akq2m
fields="event=sign_in v=1 verdict=refused reason=audience provider=corp sub=\"248\" account=alice service=sshd method=token alg=RS256 kid=\"k1\" rule=accounts.map:12 rhost=192.0.2.1 jti=9f2c01ab ms=3 ref=$ref detail=\"the token is for \\x22a\\x22 and not for 'ssh://\\x5Cb'; get one\""
ours="2026-11-25T19:34:42.123456+00:00 vm sshd[123]: pam_oauth(sshd:auth): $fields"

why() { call why --log "$log" "$@"; }
# The log is this alone; then what is printed has these lines, and the exit code is 0.
found() { # LINE-OF-LOG REGEX...
    local regex
    printf 'Nov  5 01:02:03 vm sshd[1]: Server listening\n%s\n' "$1" >"$log"
    why "$ref"
    [ "$code" -eq 0 ] || { echo "exit $code"; cat "$dir/out" "$dir/err"; return 1; }
    for regex in "${@:2}"; do
        grep -qE -- "$regex" "$dir/out" || { printf 'no line like: %s\n' "$regex"; cat "$dir/out"; return 1; }
    done
    expect_printable "$dir/out"
}
not_found() { # LINE-OF-LOG
    printf '%s\n' "$1" >"$log"
    why "$ref"
    [ "$code" -eq 1 ] && grep -qE "^no line with the reference $ref in $log; name another log with --log$" "$dir/out" &&
        ! grep -q '^  ' "$dir/out" && expect_printable "$dir/out" && return
    echo "exit $code"
    cat "$dir/out" "$dir/err"
    return 1
}
strange() { # LINE-OF-LOG: has the reference, and is none of ours
    not_found "$1" && grep -qx 'note: 1 line with this reference is not one of pam_oauth.s decisions, and not shown' "$dir/out"
}

test_it 'why shows sentence, rule and remedy' found "$ours" \
    '^2026-11-25T19:34:42.123456\+00:00 vm sshd\[123\]: refused: audience$' \
    "^  the token is for \"a\" and not for 'ssh://.b'; get one\$" \
    '^  rule      accounts.map:12$' '^  account   alice$' '^  service   sshd$' '^  method    token$' \
    '^  rhost     192.0.2.1$' '^  provider  corp$' '^  sub       248$' '^  kid       k1$' \
    '^  remedy    ask the provider for a token for this host'
for head in 'Nov 25 19:34:42 vm sshd[123]:' 'Nov  5 19:34:42 vm sudo:' '<85>Nov 25 19:34:42 sshd[123]:' \
    '2026-11-25T19:34:42+0000 host.example.org sshd-session[1]:' 'Nov 25 19:34:42 vm /usr/bin/su[7]:'; do
    test_it "why, a log like '$head'" found "$head pam_oauth(sshd:auth): $fields" \
        "^$(sed 's/[][+]/\\&/g; s/:$//' <<<"$head"): refused: audience$"
done
test_it 'why of one who was accepted' found \
    "Nov 25 19:34:42 vm su: pam_oauth(su-l:auth): event=sign_in v=1 verdict=accepted account=alice ms=3 ref=$ref" \
    '^Nov 25 19:34:42 vm su: accepted$' '^  account   alice$'
# What the account phase decided by sign_in_within.
test_it 'why, a key without a sign-in' found \
    "Nov 25 19:34:42 vm sshd[1]: pam_oauth(sshd:account): event=account v=1 verdict=refused reason=requirement account=alice service=sshd rhost=192.0.2.1 ms=0 ref=$ref detail=\"nobody has signed in\"" \
    'sshd\[1\]: refused: requirement$' '^  remedy    sign in to the account once, with a token or a browser and not by a key alone'
in_capitals() {
    printf '%s\n' "$ours" >"$log"
    why "${ref^^}"
    [ "$code" -eq 0 ]
}
test_it 'why, a reference that was read out loud' in_capitals

# R94, R95: what the line does not say is not said; an unknown user is not named.
test_it 'R95 why, an unknown user' found \
    "Nov 25 19:34:42 vm sshd[1]: pam_oauth(sshd:auth): event=sign_in v=1 verdict=refused reason=unknown_user account=\"unknown user\" service=sshd ms=3 ref=$ref detail=\"the system has no such account\"" \
    '^  account   unknown user$' '^  remedy    check the spelling'

# Every reason word has a remedy of its own.
every_reason() {
    local word words
    words=$(sed -n 's/^STATUS(ST_[A-Z_]*, "\([a-z_]*\)", CLASS_\(REFUSED\|FAULT\).*/\1/p' "$top/pam_oauth/base/status.def")
    [ "$(wc -w <<<"$words")" -ge 28 ] || return 1
    for word in $words; do
        found "${ours/reason=audience/reason=$word}" ": refused: $word\$" '^  remedy    [a-z]' || return 1
        ! grep -q 'see TROUBLESHOOTING' "$dir/out" || { echo "nothing of $word"; return 1; }
    done
    found "${ours/reason=audience/reason=new_word}" '^  remedy    see TROUBLESHOOTING in pam_oauth'
}
test_it 'why knows what to do for every reason' every_reason

# ---- lines of others -------------------------------------------------------------------------------

message="pam_oauth(sshd:auth): $fields"
esc=$'\e'
for line in \
    "Nov 25 19:34:42 vm sshd[1]: Invalid user x $message" \
    "Nov 25 19:34:42 vm sshd[1]: Invalid user a]: $message from 192.0.2.7" \
    "Nov 25 19:34:42 vm evil program[1]: $message" \
    "Nov 25 19:34:42 vm sshd[x]: $message" "Nov 25 19:34:42 vm s'h[1]: $message" "Nov 25 19:34:42 vm s(h: $message" \
    "Nov 25 19:34:42 v'm sshd[1]: $message" "Nov 25 19:34:4x vm sshd[1]: $message" "2026-11-25 19:34:42 vm sshd[1]: $message" \
    "Nov 25 19:34:42 vm sshd[1]:  $message" \
    "$message" "sshd[1]: $message" \
    "${ours/pam_oauth(/pam_oauth2(}" "${ours/pam_oauth(sshd:auth)/pam_unix(sshd:auth)}" \
    "${ours/(sshd:auth)/(ss hd:auth)}" "${ours/(sshd:auth)/(sshd:auth)x}" "${ours/(sshd:auth)/(sshd)}" "${ours/event=sign_in/event=keys_stale}" "${ours/ v=1 / v= }" \
    "${ours/verdict=refused reason=audience/reason=audience verdict=refused}" \
    "${ours/account=alice/account=alice account=root}" "${ours/account=alice/colour=red}" \
    "${ours/account=alice/account=a\"b}" "${ours/rhost=192.0.2.1/rhost=\"$esc[2J\"}" \
    "${ours/get one\"/get one\" ref=aaaaaaaa}" "${ours/get one\"/get one}" "${ours/get one\"/get one\\x2\"}" \
    "${ours/get one\"/get one\" }" "${ours/ref=$ref/ref=aaaaaaaa}x $ref"; do
    test_it "R93 why, a line of somebody else: $(printf '%.60q' "${line/"$fields"/...}")" strange "$line"
done
hidden_in_detail() {
    # Another sign-in's sentence may hold the reference, as a file's name may.
    strange "${ours//$ref/aaaaaaaa}" 2>/dev/null
    strange "$(sed "s/ref=$ref/ref=aaaaaaaa/; s/get one/$ref/" <<<"$ours")"
}
test_it 'why, a reference in the sentence of another' hidden_in_detail
twice() {
    found "$ours
${ours/alice/root}" '^  account   alice$' '^  account   root$' \
        '^note: 2 lines have this reference, though each sign-in has its own; some program may have written'
}
test_it 'why, two lines with one reference' twice
crowd() {
    for _ in {1..500}; do printf '%s\n' "$ours"; done >"$log"
    why "$ref"
    [ "$code" -eq 0 ] && [ "$(grep -c '^  remedy' "$dir/out")" -eq 20 ] && grep -q '^note: 500 lines .* and the first are shown' "$dir/out"
}
test_it 'why, a crowd of lines' crowd
odd_bytes() {
    # no line end; lines of a megabyte, without a line end, of NUL bytes
    { repeat 1000000 "x$ref"; printf '\n\0\0%s\n%s' "$ref" "$ours"; } >"$log"
    why "$ref"
    [ "$code" -eq 0 ] && grep -q '^  remedy' "$dir/out" && grep -q '^note: 1 line' "$dir/out" || { cat "$dir/out"; return 1; }
    repeat 40000 "$ref" >"$log"
    why "$ref"
    [ "$code" -eq 1 ]
}
test_it 'why, a log that is none' odd_bytes

# ---- files -----------------------------------------------------------------------------------------

packed() {
    printf '%s\n' "$ours" | gzip >"$dir/old log.gz"
    call why --log "$dir/old log.gz" "$ref"
    [ "$code" -eq 0 ] && grep -q '^  remedy' "$dir/out" || return 1
    head -c 40 "$dir/old log.gz" >"$dir/cut.gz"
    call why --log "$dir/cut.gz" "$ref"
    [ "$code" -eq 1 ]
}
test_it 'why, a log that was packed' packed
piped() {
    printf '%s\n' "$ours" | "$program" why --log - "$ref" >"$dir/out" 2>"$dir/err"
    [ $? -eq 0 ] && grep -q '^  remedy' "$dir/out"
}
test_it 'why, standard input' piped
unreadable() {
    local code_all=0 file
    mkfifo "$dir/fifo"
    for file in "$dir/fifo" "$dir/none.log" "$dir" "$dir/none.gz" /dev/null; do
        call why --log "$file" "$ref"
        [ "$code" -eq 2 ] && grep -q "^no line with the reference $ref; not looked into: $file: " "$dir/out" || {
            code_all=1
            echo "$file: $code"
            cat "$dir/out"
        }
    done
    rm "$dir/fifo"
    return "$code_all"
}
test_it 'why, a log that cannot be read' unreadable
misused 'why needs a reference' 'the reference that the user was given is needed' why
misused 'why, no reference' "'ref=7f3akq2m' is no reference, which has 8 of the characters" why ref=7f3akq2m
misused 'why, one reference' 'one reference at a time' why 7f3akq2m 7f3akq2m
misused 'why, a reference with a sign' 'is no reference' why $'7f3akq2\n'

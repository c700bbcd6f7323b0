# shellcheck shell=bash disable=SC2016,SC2154
# E53, R90: a sign-in that ends in the middle of a device flow, in every way that one ends. The
# fetcher is gone within two seconds, nobody asks the provider any more, and the seat is free.

# Once the provider is being polled: sends SIGNAL to the process and looks for two seconds. The
# command line is the whole of it, as a regular expression.
end_it() { # SIGNAL COMMAND-LINE
    local n
    for ((n = 0; n < 150; n++)); do
        ctl requests "$provider_dir" | grep -q 'POST /token' && break
        sleep 0.1
    done
    pgrep -x pam-oauth-fetch >/dev/null || { echo 'no fetcher' >"$SANDBOX_DIR/ended"; return; }
    kill "-$1" "$(pgrep -n -f -x "$2")" 2>"$SANDBOX_DIR/ended" || return
    how_long_it_lives >"$SANDBOX_DIR/ended"
}
export -f end_it

# One flow may wait for an account: one that still counted would be in the way of the next.
killed_world() {
    write_config 'device_limit_per_account = 1'
    sed -i '/^\[service su\]/,/^$/s/^methods = .*/methods = token device/' "$config"
    ctl inject "$provider_dir" '{"device":{"interval":1}}'
    forget
    rm -f "$SANDBOX_DIR/ended"
}
expect_gone() {
    local n
    for ((n = 0; n < 60; n++)); do # who ended it may still be looking
        [ -s "$SANDBOX_DIR/ended" ] && break
        sleep 0.1
    done
    expect_equal "$(cat "$SANDBOX_DIR/ended")" gone
}
expect_ended() {
    local before
    expect_gone || return
    before=$(requests)
    sleep 1.5
    expect_equal "$(requests)" "$before" &&
        expect_equal "$(ssh_answer alice '' '!approve_as alice "$1" >&2' -- id -un)" alice
}

test_E53_su_that_is_ended() {
    local signal
    for signal in INT KILL; do
        killed_world
        ! su_tty bob alice '' "@Approve only!end_it $signal 'su -c id -un alice'" && expect_gone ||
            return 1
    done
    expect_ended
}
# It blocks the one and catches the other while PAM is at work.
test_E53_sudo_that_is_ended() {
    local signal
    for signal in INT TERM KILL; do
        killed_world
        ! sudo_tty alice '' "@Approve only!end_it $signal 'sudo id -un'" -- id -un && expect_gone ||
            return 1
    done
    expect_ended
}
test_E53_login_that_is_ended() {
    local signal
    for signal in HUP KILL; do
        killed_world && login_world
        ! login_tty alice '' "@Approve only!end_it $signal 'login -- *'" && expect_gone || return 1
    done
    expect_ended
}
# The terminal goes away under it, as when a window is closed.
test_E53_a_terminal_that_is_closed() {
    killed_world
    ! SANDBOX_DEADLINE=4 sudo_tty alice '' '@never shown!:' -- id -un &&
        how_long_it_lives >"$SANDBOX_DIR/ended" && expect_ended
}
test_E53_a_session_of_sshd_that_is_killed() {
    local signal
    for signal in TERM KILL; do
        killed_world
        ! with_answers '' "!end_it $signal 'sshd: alice .pam. *' >/dev/null 2>&1 & echo" -- \
            ssh -F "$SSH_CONFIG" -l alice 127.0.0.1 true && expect_gone || return 1
    done
    expect_ended
}
# Enter, and sshd's time is over while the provider is asked.
test_E53_LoginGraceTime_before_device_timeout_ends_sshd_and_the_fetcher() {
    local began code
    killed_world
    sshd_stop
    sshd_start 'LoginGraceTime 6' || return 1
    began=$SECONDS # the flow would take 30 seconds
    ! with_answers '' '' -- ssh -F "$SSH_CONFIG" -l alice 127.0.0.1 true &&
        how_long_it_lives >"$SANDBOX_DIR/ended" && expect_within "$began" 20 && expect_ended
    code=$?
    sshd_stop
    sshd_start && return "$code"
}
# login.defs gives 60 seconds on Debian; when device_timeout is longer, login ends it all.
test_E53_LOGIN_TIMEOUT_before_device_timeout_ends_login_and_the_fetcher() {
    local began
    killed_world && login_world 6 60s
    began=$SECONDS
    login_tty alice '' '@never shown!:'
    how_long_it_lives >"$SANDBOX_DIR/ended" && expect_within "$began" 20 &&
        expect_match "$(shown)" 'Login timed out after 6 seconds' &&
        expect_no_match "$(shown)" 'this is alice' && expect_ended
}

# shellcheck shell=bash disable=SC2154
# The token that the user who calls has stored on this host: sudo and su find it before they ask, and
# nobody else does.

# shellcheck source=tests/e2e/stored.sh
. "$here/stored.sh"

test_sudo_finds_the_stored_token_and_asks_nobody() {
    stored_config && store_token alice "$(fresh)" || return 1
    expect_equal "$(as_user alice sudo -n id -un)" root &&
        expect_decision 'verdict=accepted provider=corp sub="248289761001" account=alice service=sudo method=stored alg=RS256 .*rule=accounts.map:2' &&
        expect_no_network && expect_equal "$(prompts)" ''
}

test_R113_the_system_s_runtime_directory_is_looked_at_first() {
    stored_config && store_token alice "$(fresh)" || return 1
    logind alice
    expect_equal "$(as_user alice sudo -n id -un)" root && logs_clear || return 1
    store_token alice "$(fresh 0 '"sub":"666"')" # now in /run/user
    ! as_user alice sudo -n true && expect_decision 'verdict=refused reason=account .*sub="666" .*method=stored'
}

# Ansible's become: sudo -H -S -n, with nothing on standard input. The command that it runs, and
# itself where there is one (`make deps-all`).
test_become_of_ansible_works_with_the_stored_token() {
    stored_config && store_token alice "$(fresh)" || return 1
    expect_equal "$(as_user alice sudo -H -S -n -u root /bin/sh -c 'echo BECOME-SUCCESS; id -un' </dev/null)" \
        $'BECOME-SUCCESS\nroot' && logs_clear || return 1
    command -v ansible >/dev/null || return 0
    expect_match "$(as_user alice setsid --wait ansible localhost -i localhost, -c local -b \
        -m ansible.builtin.command -a 'id -un' -e ansible_python_interpreter=/usr/bin/python3 2>&1)" '^root$' &&
        expect_decision 'verdict=accepted .*account=alice service=sudo method=stored' && expect_no_network
}

# No prompt, no terminal, no network: an answer in under 100 ms, whatever it is, sudo's own time
# included. The machine may be busy: so one of forty has to be. As cron starts it, too.
test_E72_R128_sudo_without_anybody_is_answered_at_once() {
    stored_config || return 1
    answers_at_once 1 sudo -n && answers_at_once 1 sudo && store_token alice "$(fresh)" &&
        answers_at_once 0 sudo -n && answers_at_once 0 sudo && expect_no_network
}
answers_at_once() { # EXIT-CODE SUDO-WORDS
    local code from took
    for _ in {1..40}; do
        from=$(date +%s%N)
        as_user alice env -i PATH=/usr/bin:/bin SHELL=/bin/sh setsid --wait "${@:2}" true 2>/dev/null </dev/null
        code=$?
        took=$((($(date +%s%N) - from) / 1000000))
        expect_equal "$code" "$1" || return 1
        [ "$took" -ge $((100 * ${PATIENCE:-1})) ] || return 0
    done
    printf 'took %s ms\n' "$took"
    return 1
}

test_absent_and_expired_leave_the_word_to_the_next_method() {
    local parts
    stored_config || return 1
    mapfile -t parts < <(fresh | fold -w 490 | sed '$!s/$/+/')
    expect_equal "$(sudo_answer alice "${parts[@]}" -- id -un)" root && expect_match "$(prompts)" 'Token: ' &&
        expect_decision 'verdict=accepted .*method=token' && prompts_clear && logs_clear || return 1
    store_token alice "$(fresh 0 '"iat":1700000000,"exp":1700000300')"
    ! sudo_answer alice garbage -- id -un && expect_match "$(prompts)" 'Token: ' &&
        expect_decision 'verdict=refused reason=malformed .*method=token'
}

test_any_other_refusal_of_a_stored_token_ends_the_sign_in() {
    stored_config || return 1
    refuses_stored audience "$(fresh 0 '"aud":"ssh://otherhost"')" && refuses_stored malformed garbage &&
        refuses_stored type "$(mint "\"auth_time\":$(date +%s)" RS256 '"typ":"JWT"')" &&
        refuses_stored signature "$(fresh | sed 's/.\{20\}$/AAAAAAAAAAAAAAAAAAAA/')" &&
        refuses_stored account "$(fresh 0 '"sub":"90125"')"
}
refuses_stored() { # REASON TOKEN
    logs_clear
    store_token alice "$2"
    ! sudo_answer alice '!exit 1' -- id -un || return 1
    expect_decision "verdict=(refused|failed) reason=$1 .*method=stored" && expect_equal "$(prompts)" ''
}

test_a_stored_token_must_be_of_a_fresh_sign_in() {
    stored_config && store_token alice "$(fresh 590)" || return 1
    as_user alice sudo -n true && refuses_stored requirement "$(fresh 700)" &&
        expect_match "$(logs)" 'signed in' && refuses_stored requirement "$(mint)"
}

# sudo asks for silence, and would say "1 incorrect password attempt" of what nobody typed.
test_R8_whoever_was_not_asked_is_told_what_it_takes() {
    stored_config && sed -i 's/^methods = stored token$/methods = stored/' "$config" || return 1
    says_of_stored 'No token is stored for you, or none that is still good' &&
        store_token alice "$(fresh 0 '"iat":1700000000,"exp":1700000300')" &&
        says_of_stored 'No token is stored for you, or none that is still good' &&
        store_token alice "$(fresh 700)" &&
        says_of_stored 'The token that is stored for you does not open this' &&
        chmod 644 "$stored" && says_of_stored 'The token that is stored for you does not open this' &&
        store_token alice "$(fresh)" || return 1
    rm -f "$SANDBOX_DIR"/cache/* && ctl stop "$provider_dir"
    says_of_stored 'Signing in is not possible right now. Try again later' pam-oauth
}
says_of_stored() { # REGEX [REGEX-THAT-IS-NOT-SAID]
    local output
    output=$(as_user alice sudo -n true 2>&1) && return 1
    expect_match "$output" "^$1" && expect_match "$output" 'reference: [a-z2-7]{8}$' &&
        expect_no_match "$output" "${2:-not possible}"
}

test_sudo_can_ask_for_more_than_a_login_does() {
    stored_config 'require = scope=sudo' && refuses_stored requirement "$(fresh)" && logs_clear &&
        store_token alice "$(fresh 0 '"scope":"openid sudo"')" || return 1
    as_user alice sudo -n true && expect_decision 'verdict=accepted .*method=stored'
}

# su: the caller's token, whose subject must be allowed to be the target.
test_su_looks_at_the_caller_s_token_for_the_target() {
    stored_config && store_token alice "$(fresh)" && store_token bob "$(fresh 0 '"sub":"90125"')" || return 1
    ! as_user alice su -c 'id -un' bob </dev/null &&
        expect_decision 'verdict=refused reason=account .*sub="248289761001" account=bob service=su method=stored' ||
        return 1
    echo 'corp sub=248289761001 -> bob' >>"$SANDBOX_DIR/pam_oauth/accounts.map"
    expect_equal "$(as_user alice su -c 'id -un' bob </dev/null)" bob
}

# Nobody signs in over the network, or at a login prompt, with what an account has stored here.
test_nobody_but_its_owner_s_processes_uses_a_stored_token() {
    stored_config && store_token alice "$(fresh)" && store_token root "$(fresh)" || return 1
    ! ssh_answer alice '' -- id -un && expect_no_match "$(logs)" method=stored &&
        expect_match "$(prompts)" 'Token: ' && logs_clear || return 1
    ! pam_answer tokens alice -- authenticate &&
        expect_decision 'verdict=refused reason=cancelled .*method=stored .*programs with root.s rights that a user of this host starts' &&
        logs_clear && ! pam_answer tokens alice -- -I tty=ssh authenticate && expect_decision 'reason=cancelled' &&
        ! as_user bob sudo -n true
}

# A program that is set-user-id root, as sudo is; and the same for somebody who is elsewhere.
set_user_id_tester() {
    tester=$SANDBOX_DIR/home/tester
    install -m 4755 "$(command -v pamtester)" "$tester"
}
test_a_program_with_root_s_rights_finds_it_and_one_for_somebody_remote_does_not() {
    stored_config && set_user_id_tester && store_token alice "$(fresh)" || return 1
    as_user alice "$tester" tokens alice authenticate &&
        as_user alice "$tester" -I rhost="$(uname -n)" tokens alice authenticate || return 1
    for item in rhost=192.0.2.1 rhost=build-3.example.org tty=ssh; do
        ! as_user alice "$tester" -I "$item" tokens alice authenticate </dev/null || return 1
    done
}

# A screen locker, or a server that a user runs: who is asked there is not who has stored it.
test_R112_a_program_with_no_rights_but_the_user_s_finds_nothing() {
    stored_config && store_token alice "$(fresh)" || return 1
    ! as_user alice pamtester tokens alice authenticate </dev/null &&
        expect_decision "verdict=refused reason=cancelled .*method=stored .*programs with root's rights"
}

test_E64_odd_token_files_are_refused_with_their_reason() {
    stored_config || return 1
    local kind
    for kind in 0644 link fifo hard foreign directory long zero; do
        logs_clear
        store_token alice "$(fresh)"
        case $kind in
        0644) chmod 644 "$stored" ;;
        link) mv "$stored" "$stored.real" && ln -s "$stored.real" "$stored" ;;
        fifo) rm "$stored" && mkfifo -m 600 "$stored" && chown alice: "$stored" ;;
        hard) ln "$stored" "$stored.2" ;;
        foreign) chown bob: "$stored" && chmod 604 "$stored" ;;
        directory) rm "$stored" && install -d -m 700 -o alice "$stored" ;;
        long) head -c 65538 /dev/zero | tr '\0' a >"$stored" ;;
        zero) rm "$stored" && mknod -m 600 "$stored" c 1 5 && chown alice: "$stored" ;;
        esac
        ! as_user alice sudo -n true || { printf '%s\n' "$kind"; return 1; }
        expect_decision 'verdict=failed reason=store .*method=stored .*corp.token: ' || return 1
        rm -rf "$stored" "$stored.2" "$stored.real"
    done
}

test_R123_without_keys_a_stored_token_waits_for_no_provider() {
    stored_config && store_token alice "$(fresh)" || return 1
    rm -f "$SANDBOX_DIR"/cache/*
    local began
    ctl stop "$provider_dir" # it would take seconds
    began=$SECONDS
    ! as_user alice sudo -n true && expect_within "$began" 3 && expect_decision 'reason=conversation'
}

test_a_rotated_key_is_called_for_and_not_waited_for() {
    stored_config || return 1
    ctl rotate "$provider_dir"
    store_token alice "$(fresh)"
    ! as_user alice sudo -n true && expect_decision 'verdict=refused reason=unknown_key .*method=stored' || return 1
    for _ in {1..150}; do
        ! as_user alice sudo -n true 2>/dev/null || return 0
        sleep 0.2
    done
    return 1
}

test_a_session_makes_a_place_for_tokens_and_leaves_it() {
    stored_config || return 1
    pam_answer tokens alice -- open_session close_session
    expect_equal "$(stat -c '%a %U %G' "$SANDBOX_DIR/run/user/60001")" '700 alice alice' &&
        expect_equal "$(stat -c '%a %U' "$SANDBOX_DIR/run/user")" '711 root' || return 1
    logind bob
    pam_answer tokens bob -- open_session
    [ ! -e "$SANDBOX_DIR/run/user/60002" ] && pam_answer nosection carol -- open_session
    [ ! -e "$SANDBOX_DIR/run/user/60003" ]
}

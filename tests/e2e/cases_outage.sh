# shellcheck shell=bash disable=SC2016,SC2154
# The provider's worst days, in a real sshd: it is gone for days, and it meets a whole company that
# signs in at once; and sign-ins that are cut off half way.

# The lines of conf/pam.d/SERVICE between the first two dashes, with the module that was built.
shipped_auth() { # SERVICE
    awk '/^# ----/ { n++ } n == 1 && /^auth/' "$top/conf/pam.d/$1" | sed "s|pam_oauth.so|$module config=$config|"
}
# The stored keys were fetched, and fresh until, so many seconds ago.
age_keys() { # FETCHED FRESH-UNTIL
    local now
    now=$(date +%s)
    sed -i "s/^fetched .*/fetched $((now - $1))/; s/^fresh_until .*/fresh_until $((now - $2))/" "$SANDBOX_DIR"/cache/*.keys
}
# Root's password in this world; no test needs it to stay.
root_password() {
    sed -i "s|^root:[^:]*:|root:$(sed -n 's/^breakglass:\([^:]*\):.*/\1/p' /etc/shadow):|" /etc/shadow
}

# Fresh keys, stale keys up to jwks_stale_limit, and no keys: nobody is let in who was not let in
# before, and a local password works all the time. In one stack the password is the next module's
# behind pam_oauth, as local_users has it; the other stack is the one that is shipped, whose first
# lines do not ask pam_oauth at all; and root is on the console.
test_R72_R124_E36_E73_without_the_provider_tokens_work_until_jwks_stale_limit_and_passwords_always() {
    local token bobs
    local_accounts_get_in() {
        pam_stack sshd "auth [success=done ignore=ignore default=die] $module config=$config" \
            'auth required pam_unix.so' 'account required pam_unix.so' 'session required pam_permit.so'
        prompts_clear
        expect_equal "$(ssh_answer breakglass 'open sesame' -- id -un)" breakglass &&
            expect_equal "$(prompts | grep -c 'Password: ')" 1 &&
            ! ssh_answer breakglass 'wrong' -- id -un && write_stacks &&
            expect_equal "$(ssh_answer breakglass 'open sesame' -- id -un)" breakglass &&
            pam_answer login root 'open sesame' -- authenticate && ! pam_answer login root 'wrong' -- authenticate
    }
    nobody_else_does() {
        ! ssh_answer alice "$bobs" -- id -un && ! ssh_answer alice 'open sesame' -- id -un &&
            ! ssh_answer alice '' -- id -un && ! ssh_answer breakglass "$token" -- id -un &&
            expect_no_match "$(logs)" 'verdict=accepted'
    }
    root_password
    pam_stack login "$(shipped_auth login)"
    token=$(mint "\"exp\":$(($(date +%s) + 3600))") && bobs=$(mint "\"sub\":\"90125\",\"exp\":$(($(date +%s) + 3600))")
    sed -i 's/^ca_file/jwks_stale_limit = 1h\nca_file/' "$config"
    warm_keys && ctl stop "$provider_dir" || return 1

    expect_equal "$(ssh_answer alice "$token" -- id -un)" alice && expect_no_match "$(logs)" keys_stale &&
        age_keys 7200 3300 && expect_equal "$(ssh_answer alice "$token" -- id -un)" alice &&
        expect_logged 'event=keys_stale .*they are refused in (2[5-9][0-9]|300) s' &&
        logs_clear && nobody_else_does && local_accounts_get_in || return 1

    logs_clear
    age_keys 7300 3600
    ! ssh_answer alice "$token" -- id -un &&
        expect_decision 'verdict=failed reason=keys_unavailable .*account=alice service=sshd method=token' &&
        logs_clear && nobody_else_does && local_accounts_get_in
}

# ---- a storm --------------------------------------------------------------------------------------

# All stand at the prompt, on a host that has no keys, and press Enter together.
test_R123_two_hundred_ssh_logins_at_once_with_a_cold_store() {
    local i released logins=() askpass=$SANDBOX_DIR/paste shells=$SANDBOX_DIR/shells
    sshd_stop
    sshd_start 'MaxStartups 1000' 'LoginGraceTime 180' 'PerSourceMaxStartups none' || return 1
    mint >"$SANDBOX_DIR/token"
    rm -rf "$shells" && mkdir "$shells" && : >"$SANDBOX_DIR/gate"
    printf '%s\n' '#!/bin/sh' "echo >>$SANDBOX_DIR/waiting" "exec flock -s $SANDBOX_DIR/gate cat $SANDBOX_DIR/token" \
        >"$askpass" && chmod 755 "$askpass" && : >"$SANDBOX_DIR/waiting"
    exec 4>"$SANDBOX_DIR/gate" && flock 4
    for i in {1..200}; do
        SSH_ASKPASS=$askpass SSH_ASKPASS_REQUIRE=force SANDBOX_DEADLINE=170 within_deadline \
            ssh -F "$SSH_CONFIG" -l alice 127.0.0.1 id -un >"$shells/$i" 2>"$shells/$i.why" 4>&- &
        logins+=($!)
    done
    for ((i = 0; i < 1200; i++)); do
        [ "$(wc -l <"$SANDBOX_DIR/waiting")" -ge 200 ] && break
        sleep 0.1
    done
    released=$SECONDS
    flock -u 4
    exec 4>&-
    wait "${logins[@]}"
    cat "$shells"/*.why
    expect_equal "$(cat "$shells"/*[0-9] | sort | uniq -c | tr -s ' ')" ' 200 alice' &&
        expect_equal "$(logs | grep -c 'verdict=accepted')" 200 &&
        { [ "$(requests | grep -c 'GET /jwks')" -le 2 ] || { requests; return 1; }; } &&
        expect_within "$released" 30
    local code=$?
    sshd_stop
    sshd_start
    return "$code"
}

# ---- who goes away while the module polls (and cases_killed.sh) --------------------------------------

fetchers() { pgrep -cx pam-oauth-fetch; }
# Until so many fetchers run; their number is told to who waits in vain.
await_fetchers() { # COUNT SECONDS
    local end=$((SECONDS + $2 * ${PATIENCE:-1}))
    until [ "$(fetchers)" = "$1" ]; do
        [ "$SECONDS" -lt "$end" ] || { echo "$(fetchers) fetchers"; return 1; }
        sleep 0.1
    done
}
# alice's flow, past the approval prompt: the module polls now, for a while. There is one seat alone.
polling() { # LINES-OF-SSHD...
    warm_keys || return 1
    write_config 'device_limit = 1'
    sshd_stop
    sshd_start "$@"
    ssh_answer alice '' '' -- id -un >"$SANDBOX_DIR/shell" 2>&1 &
    poller=$!
    for _ in {1..200}; do
        [ "$(prompts | grep -c 'when you have approved')" = 1 ] && await_fetchers 1 5 && return
        sleep 0.05
    done
    return 1
}
# The seat is free, and nobody holds a lock that the next one needs.
the_next_one_gets_in() {
    expect_equal "$(ssh_answer alice '' '!approve_as alice "$1" >&2' -- id -un)" alice
}

test_E53_R90_LoginGraceTime_ends_the_fetcher_too() {
    polling 'LoginGraceTime 10' && expect_equal "$(fetchers)" 1 || return 1
    wait "$poller"
    await_fetchers 0 2 && expect_equal "$(grep -c '^alice$' "$SANDBOX_DIR/shell")" 0
    local code=$?
    sshd_stop
    sshd_start
    the_next_one_gets_in && return "$code"
}

# sshd tells the module nothing: it is noticed at the next prompt.
test_E53_R90_a_client_that_is_gone_is_noticed_at_the_next_prompt() {
    polling || return 1
    pkill -KILL -P "$poller" -x timeout
    pkill -KILL -x ssh
    wait "$poller"
    await_fetchers 0 24 && the_next_one_gets_in
}

# shellcheck shell=bash disable=SC2154,SC2317
# Many sign-ins at once: without keys, after a rotation, with keys that nobody has.

test_R123_a_hundred_without_keys_ask_once_or_twice() {
    inject '{"documents":{"/jwks":{"delay":1000}}}' && all 100 PAM_SUCCESS good 9000 && expect_asked_at_most 2
}

test_R123_a_hundred_before_a_provider_that_refuses_share_its_answer() {
    inject '{"documents":{"/jwks":{"status":503,"body":"","delay":1000}}}' && all 100 PAM_AUTHINFO_UNAVAIL good 9000 &&
        expect_equal "$(logs | grep -c 'reason=keys_unavailable .*HTTP status 503')" 100 && expect_asked_at_most 2
}

# An answer that fails once must not be the last: the next sign-in asks again.
test_R123_a_failure_is_shared_with_those_who_waited_and_nobody_else() {
    inject '{"documents":{"/jwks":{"status":503,"body":""}}}' && good PAM_AUTHINFO_UNAVAIL &&
        clear && good
}

# Of several providers that must be asked each has its share of the ten seconds: those that say
# nothing do not use up that of the next.
test_R118_providers_that_hang_leave_time_for_the_next() {
    local hung=$((21000 + RANDOM % 5000)) name pid code
    socat "TCP-LISTEN:$hung,bind=127.0.0.1,fork,reuseaddr" EXEC:'sleep 30' &
    pid=$!
    sed -i 's/^timeout = 5s$//; s/^providers = corp$/providers = one two three four corp/' "$config"
    for name in one two three four; do
        printf '[provider %s]\nissuer = https://localhost:%d/%s\nclient_id = x\naudience = %s\nca_file = %s\n' \
            "$name" "$hung" "$name" "$name" "$provider_dir/ca.pem"
    done >>"$config"
    good
    code=$?
    pkill -P "$pid"
    kill "$pid"
    return "$code"
}

test_E34_R71_a_rotation_just_before_a_sign_in_costs_one_refresh() {
    warm && rotate && sign && good && expect_asked 1 &&
        good && expect_asked 1
}

# A provider with one key and no name for it: what does not fit may be signed by its next key.
nameless() { # KEY: published without a kid, and a good token by it
    node "$here/nameless.mjs" "$SANDBOX_DIR/nameless-$1" "$issuer" "$SANDBOX_DIR/good" >"$SANDBOX_DIR/jwks" &&
        inject "{\"documents\":{\"/jwks\":{\"status\":200,\"body\":$(cat "$SANDBOX_DIR/jwks")}}}"
}
test_R71_a_key_without_a_name_that_is_rotated_costs_one_refresh() {
    nameless one && warm && good && nameless two && good && expect_asked 1 && good && expect_asked 1 || return 1
    # a signature that fits nothing asks no oftener than a key that nobody has
    forget
    sed -i 's/.....$/AAAAA/' "$SANDBOX_DIR/good"
    all 20 PAM_AUTH_ERR good 5000 && expect_asked 0
}

# One name for every key: nobody can tell, but keys that are stale are refreshed whoever comes.
test_R72_stale_keys_are_refreshed_though_no_signature_fits() {
    NAME=k1 nameless one && warm && NAME=k1 nameless two && good PAM_AUTH_ERR && age_keys 80000 40000 &&
        good PAM_AUTH_ERR && wait_for_refresher && expect_asked 1 && good
}

test_R71_R123_a_rotation_just_before_fifty_sign_ins_costs_one_refresh() {
    warm && rotate && sign && inject '{"documents":{"/jwks":{"delay":500}}}' &&
        all 50 PAM_SUCCESS good 5000 && expect_asked 1
}

# Those who come while the refresh is under way, and just behind it, have old keys in their hands.
test_R71_nobody_is_refused_in_the_second_after_a_rotation() {
    local codes
    warm && rotate && sign && inject '{"documents":{"/jwks":{"delay":300}}}' || return 1
    codes=$("$many" keys 400 "$SANDBOX_DIR/good" 16)
    expect_match "$codes" '^PAM_SUCCESS 400$' && expect_asked 1
}

test_E35_R70_a_thousand_unknown_keys_ask_once_a_minute() {
    local codes
    warm && codes=$("$many" keys 1000 "$SANDBOX_DIR/strangers" 20)
    expect_match "$codes" '^PAM_AUTH_ERR 1000$' && expect_asked 1 &&
        expect_equal "$(logs | grep -c reason=unknown_key)" 1000 &&
        expect_logged 'event=keys_not_refreshed .*the keys were asked for [0-9]+ s ago' && good || return 1
    # fifty seconds later it is no different, a minute later it is
    age_flight 50 && all 20 PAM_AUTH_ERR strangers 5000 && expect_asked 1 &&
        age_flight 61 && all 20 PAM_AUTH_ERR strangers 5000 && expect_asked 2
}

test_R70_a_failed_attempt_uses_the_minute_up() {
    warm && rotate && sign && inject '{"documents":{"/jwks":{"status":500,"body":""}}}' &&
        good PAM_AUTH_ERR && expect_asked 1 && clear && good PAM_AUTH_ERR && expect_asked 1 &&
        age_flight 61 && good && expect_asked 2
}

# And the other way round: what the timer or a first sign-in asks for does not use it up.
test_R70_R71_a_rotation_just_after_a_fetch_is_seen() {
    good && jwks refresh >/dev/null && forget && rotate && sign && good && expect_asked 1
}

test_R73_a_key_that_is_gone_is_refused_at_once() {
    cp "$SANDBOX_DIR/good" "$SANDBOX_DIR/old"
    good && rotate && sign && good && all 1 PAM_AUTH_ERR old 5000 &&
        expect_logged 'reason=unknown_key' && jwks refresh >/dev/null && all 1 PAM_AUTH_ERR old 5000
}

# Who asks is killed in the middle of it, as by sshd's LoginGraceTime: the next one asks.
test_R75_a_killed_holder_holds_up_nobody() {
    local holder began_ms
    inject '{"documents":{"/jwks":{"delay":4000}}}'
    "$many" keys 1 "$SANDBOX_DIR/good" >/dev/null &
    holder=$!
    await_asked 1
    clear
    "$many" keys 5 "$SANDBOX_DIR/good" >"$SANDBOX_DIR/said" &
    sleep 0.2
    began_ms=$(($(date +%s%N) / 1000000))
    pkill -KILL -P "$holder"
    wait $! && expect_match "$(cat "$SANDBOX_DIR/said")" '^PAM_SUCCESS 5$' || return 1
    [ $(($(date +%s%N) / 1000000 - began_ms)) -lt 5000 ]
}

# Who asks is stopped in the middle of it, as anybody can stop his own su: when its time is over the
# others go on, and what it stores when it is continued does not replace what they have. Which answer
# is the newer one is known by the second: nobody waits for a stopped process less than fifteen.
test_R73_R75_a_stopped_holder_loses_its_turn_and_its_answer() {
    local holder old second
    inject '{"documents":{"/jwks":{"delay":2000}}}'
    "$many" keys 1 "$SANDBOX_DIR/good" >/dev/null &
    holder=$!
    await_asked 1
    pkill -STOP -P "$holder"
    rotate && sign && clear
    second=$(date +%s)
    while [ "$(date +%s)" -eq "$second" ]; do sleep 0.02; done
    # as if that had been a while ago
    sed "s/^began .*/began $(($(date +%s) - 16))/" "$flight_file" | head -c 2048 |
        dd of="$flight_file" conv=notrunc status=none
    all 5 PAM_SUCCESS good 4000 || return 1
    old=$(stored_kids)
    pkill -CONT -P "$holder"
    wait "$holder"
    expect_equal "$(stored_kids)" "$old"
}

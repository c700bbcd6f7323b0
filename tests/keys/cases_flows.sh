# shellcheck shell=bash disable=SC2154,SC2317
# Device flows: many that wait, and one that polls.

flows_config() { # DEVICE-TIMEOUT
    # shellcheck disable=SC2119
    keys_config
    sed -i "s/^\[paths\]/[service flows]\nproviders = corp\nmethods = token device\ndevice_timeout = $1\n\n[paths]/" "$config"
    sed 's/keys$/flows/' "$PAM_TESTS/stacks/keys" >"$PAM_TESTS/stacks/flows"
    echo >"$SANDBOX_DIR/enter" # at the token prompt
    inject '{"device":{"interval":1}}'
}
codes() { requests | grep -c 'POST /device/auth'; }
await() { # SECONDS COMMAND...
    local end=$((SECONDS + $1 * ${PATIENCE:-1}))
    until "${@:2}"; do
        [ "$SECONDS" -lt "$end" ] || { printf 'in vain: %s\n' "${*:2}"; return 1; }
        sleep 0.1
    done
}
twenty_wait() { [ "$(codes)" = 20 ] && [ "$(pgrep -xc pam-oauth-fetch)" = 20 ]; }
# One of ten, for the machine may be busy: whoever has to wait for somebody has to each time.
in_no_time() {
    local try
    for ((try = 0; try < 10; try++)); do
        all 1 PAM_SUCCESS good 500 && return
    done
    return 1
}
refused_at_the_door() { [ "$(grep -c 'service=flows .*wait on this host already' "$SANDBOX_DIR/log")" -ge "$1" ]; }

# Five hundred people press Enter at once, each with a name of their own: twenty get a code (the
# default of device_limit), the others are told at once, nobody else is at the provider; and a token
# is looked at as fast as ever while they wait.
test_R89_E54_five_hundred_device_flows_are_twenty_and_a_token_beside_them_does_not_wait() {
    local crowd before code=0
    flows_config 28s
    warm && in_no_time || return 1
    "$many" flows 500 "$SANDBOX_DIR/enter" 500 crowd >"$SANDBOX_DIR/said" &
    crowd=$!
    # in the thick of it, when the machine has 500 other things to do
    all 1 PAM_SUCCESS good 8000 && await 20 refused_at_the_door 480 && await 10 twenty_wait &&
        in_no_time && all 20 PAM_SUCCESS good 5000 && twenty_wait || code=1
    before=$(requests | grep -c CONNECT)
    [ "$before" -le 20 ] || { echo "$before connections" && code=1; }
    wait "$crowd"
    expect_match "$(cat "$SANDBOX_DIR/said")" '^PAM_AUTHINFO_UNAVAIL 480$' &&
        expect_match "$(cat "$SANDBOX_DIR/said")" '^PAM_AUTH_ERR 20$' && expect_equal "$(codes)" 20 &&
        expect_equal "$(requests | grep -c CONNECT)" "$before" && [ "$code" = 0 ] &&
        expect_equal "$(processes)" ''
}

# However often it polls: one fetcher, one connection, and so one TLS handshake.
test_R101_a_device_flow_of_many_polls_is_one_process_and_one_handshake() {
    flows_config 10s
    warm || return 1
    printf '%s\n' '#!/bin/sh' "echo >>$SANDBOX_DIR/run/started" "exec $SANDBOX_DIR/pam-oauth-fetcher \"\$@\"" \
        >"$SANDBOX_DIR/counted" && chmod 755 "$SANDBOX_DIR/counted"
    sed -i "s|^fetcher = .*|fetcher = $SANDBOX_DIR/counted|" "$config"
    expect_match "$("$many" flows 1 "$SANDBOX_DIR/enter")" '^PAM_AUTH_ERR 1$' &&
        expect_logged 'reason=device_expired' && [ "$(requests | grep -c 'POST /token')" -ge 5 ] &&
        expect_equal "$(wc -l <"$SANDBOX_DIR/run/started")" 1 && expect_equal "$(requests | grep -c CONNECT)" 1
}

# What the provider publishes for a flow that nobody uses costs nobody the keys; the flow that does
# use it is refused, with the host and the remedy, before anything of ours is posted there. What is
# put right is right at once, however fresh the stored keys are.
test_R66_an_endpoint_that_is_refused_concerns_only_who_uses_it() {
    local name
    flows_config 18s
    for name in token_endpoint device_authorization_endpoint; do
        inject "{\"documents\":{\"/.well-known/openid-configuration\":{\"merge\":{\"$name\":\"https://login.elsewhere.example/x\"}}}}"
        rm -f "$keys_file"
        logs_clear
        good && expect_match "$(cat "$keys_file")" "^$name -\$" && forget &&
            expect_match "$("$many" flows 1 "$SANDBOX_DIR/enter")" '^PAM_AUTHINFO_UNAVAIL 1$' &&
            expect_logged "discovery: $name is on host 'login.elsewhere.example', not on the issuer's; add it to allowed_hosts" &&
            expect_equal "$(requests | grep -c POST)" 0 || { echo "with $name"; return 1; }
    done
    clear
    inject '{"device":{"interval":1}}'
    sed -i 's/^device_timeout.*/device_timeout = 10s/' "$config"
    logs_clear
    expect_match "$("$many" flows 1 "$SANDBOX_DIR/enter")" '^PAM_AUTH_ERR 1$' && expect_logged 'reason=device_expired' &&
        expect_equal "$(codes)" 1
}

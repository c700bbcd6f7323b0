# shellcheck shell=bash
# Keys on disk, keys from the network, and a provider that is down or says nonsense.

test_a_login_with_fresh_keys_asks_nobody() {
    warm_keys && pam_answer tokens alice "$(mint)" && expect_no_network
}

test_a_login_with_fresh_keys_makes_no_network_call_and_maps_no_libcurl() {
    local trace=$SANDBOX_DIR/trace token
    warm_keys || return 1
    token=$(mint)
    strace -f -qq -o "$trace" -e trace=network,execve,openat,clone,clone3,fork,vfork \
        pamtester tokens alice authenticate <<<"$token" || return 1
    # the log, the name service cache and the kernel's audit are local; nothing else is opened
    expect_no_match "$(grep -E '(socket|connect)\(' "$trace" | grep -vE "AF_UNIX|NETLINK_AUDIT")" . &&
        expect_no_match "$(cat "$trace")" 'libcurl|libssl' &&
        expect_equal "$(grep -c execve "$trace")" 1 &&
        expect_match "$(cat "$trace")" 'libjansson'
}

test_keys_are_fetched_once_and_kept() {
    pam_answer tokens alice "$(mint)" && pam_answer tokens alice "$(mint)" &&
        expect_equal "$(requests | grep -v CONNECT)" \
            $'GET /.well-known/openid-configuration\nGET /jwks'
}

test_R71_rotation_just_before_a_login_costs_one_refresh() {
    warm_keys && ctl rotate "$provider_dir" && pam_answer tokens alice "$(mint)" &&
        expect_decision 'verdict=accepted' &&
        expect_equal "$(requests | grep -c 'GET /jwks')" 1
}

test_rotation_is_seen_on_a_host_whose_run_directory_is_gone() {
    warm_keys && ctl rotate "$provider_dir" && sed -i "s|^run = .*|run = $SANDBOX_DIR/home/run|" "$config" &&
        pam_answer tokens alice "$(mint)" && expect_decision 'verdict=accepted' &&
        expect_equal "$(stat -c %a "$SANDBOX_DIR/home/run")" 711
    local code=$?
    rm -rf "$SANDBOX_DIR/home/run"
    return "$code"
}

test_R70_unknown_keys_ask_once_a_minute() {
    local n
    warm_keys || return 1
    for n in 1 2 3 4; do
        pam_answer tokens alice "$(mint '' unknown)" -- authenticate && return 1
    done
    expect_equal "$(logs | grep -c reason=unknown_key)" 4 &&
        expect_equal "$(requests | grep -c 'GET /jwks')" 1
}

# Publishes the provider's keys and others besides: JAVASCRIPT of `keys` gives the new list.
publish() { # JAVASCRIPT
    ctl inject "$provider_dir" "{\"documents\":{\"/jwks\":{\"body\":{\"keys\":$(ctl jwks "$provider_dir" |
        node -e '
            const {keys} = JSON.parse(require("fs").readFileSync(0));
            console.log(JSON.stringify(eval(process.argv[1])))' "$1")}}}}"
}

test_R67_a_published_private_key_is_an_alarm_and_no_key() {
    publish '[...keys, {...keys[0], kid: "secret", d: "AQ"}, {kty: "oct", k: "AQ"}]'
    pam_answer tokens alice "$(mint)" -- authenticate &&
        expect_match "$(logs)" 'event=private_key_published v=1 provider=corp ' &&
        ! pam_answer tokens alice "$(mint '' '' '"kid":"secret"')" -- authenticate &&
        expect_match "$(logs)" 'reason=unknown_key'
}

test_R39_a_kid_of_two_keys_is_an_alarm_and_no_key() {
    publish '[...keys, {...keys.find((k) => k.kty === "RSA"), kid: "twice"}, {...keys.find((k) => k.kty === "RSA"), kid: "twice"}]'
    pam_answer tokens alice "$(mint)" -- authenticate &&
        expect_match "$(logs)" "event=kid_published_twice v=1 provider=corp detail=\"two keys with kid 'twice'" &&
        ! pam_answer tokens alice "$(mint '' '' '"kid":"twice"')" -- authenticate &&
        expect_match "$(logs)" "reason=unknown_key .*two keys with kid 'twice'"
}

test_provider_down_with_keys_on_disk_lets_tokens_in() {
    local token
    warm_keys && token=$(mint) && ctl stop "$provider_dir" &&
        pam_answer tokens alice "$token" && expect_decision 'verdict=accepted'
}

test_provider_down_without_keys_is_unavailable_within_the_deadline() {
    local token output began=$SECONDS
    token=$(mint) && ctl stop "$provider_dir"
    output=$(pam_answer tokens alice "$token" -- authenticate 2>&1) && return 1
    expect_match "$output" 'cannot retrieve authentication info' &&
        expect_decision 'verdict=failed reason=keys_unavailable .*detail="no usable keys' &&
        expect_match "$output" 'not possible right now' && expect_within "$began" 12
}

test_E73_provider_down_and_break_glass_still_gets_in() {
    ctl stop "$provider_dir"
    expect_equal "$(ssh_answer breakglass 'open sesame' -- id -un)" breakglass
}

test_R122_a_provider_that_answers_html_is_unavailable() {
    local token
    token=$(mint)
    ctl inject "$provider_dir" '{"documents":{"/.well-known/openid-configuration":{"body":"<h1>Maintenance</h1>"}}}'
    ! pam_answer tokens alice "$token" -- authenticate &&
        expect_decision 'verdict=failed reason=keys_unavailable .*detail="[^"]*openid-configuration: '
}

test_R118_a_certificate_of_another_authority_is_refused() {
    local token
    token=$(mint)
    sed -i "s|^ca_file = .*|ca_file = /etc/ssl/certs/ca-certificates.crt|" "$config"
    ! pam_answer tokens alice "$token" -- authenticate &&
        expect_decision 'reason=keys_unavailable .*certificate'
}

test_a_missing_fetcher_is_named() {
    rm "$SANDBOX_DIR/pam-oauth-fetcher"
    ! pam_answer tokens alice "$(mint)" -- authenticate &&
        expect_decision 'verdict=failed reason=config .*pam-oauth-fetcher'
}

# Not ps(1): libgcrypt, which it links, hangs below a preloaded ASan.
uids_of() { # COMM
    local at
    for at in /proc/[0-9]*; do
        [ "$(cat "$at/comm" 2>/dev/null)" != "$1" ] || sed -n 's/^Uid:\t\([0-9]*\).*/\1/p' "$at/status"
    done
}
test_the_fetcher_is_not_root() {
    # a provider that takes its time, so that the fetcher can be looked at when it has begun to talk
    local token uid n
    token=$(mint)
    ctl inject "$provider_dir" '{"documents":{"/jwks":{"delay":1500}}}'
    pam_answer tokens alice "$token" -- authenticate &
    for ((n = 0; n < 200; n++)); do
        grep -q 'GET /jwks' "$provider_dir/requests.log" && break
        sleep 0.02
    done
    uid=$(uids_of pam-oauth-fetch)
    wait $!
    expect_equal "$uid" 990
}

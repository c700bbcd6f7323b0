# shellcheck shell=bash
# check and a real provider: its clock, its metadata and its keys, and the stacks and the sshd of this
# world, which are good ones.

check() { "$SANDBOX_DIR/pam-oauth" check --config "$config" "$@" 2>"$SANDBOX_DIR/check.err"; }
# One stack here has no section, on purpose; and the sshd of this world has its sshd_config elsewhere.
with_sshd() {
    rm /etc/pam.d/nosection
    mkdir -p /etc/ssh
    printf 'UsePAM yes\n' >/etc/ssh/sshd_config
}
# One finding, and exit 1.
finds() { # REGEX
    local output code
    output=$(check)
    code=$?
    expect_equal "$(grep -c ': error: ' <<<"$output")" 1 && expect_match "$output" ": error: $1" &&
        expect_equal "$code" 1
}

test_R127_check_asks_the_provider_and_keeps_nothing() {
    local output
    with_sshd
    output=$(check) || { printf '%s\n' "$output"; return 1; }
    expect_match "$(requests)" '/.well-known/openid-configuration' && expect_match "$(requests)" '/jwks' &&
        expect_match "$(<"$SANDBOX_DIR/check.err")" '^corp: [0-9]+ keys of https://' &&
        expect_equal "$(ls "$SANDBOX_DIR/cache")" '' && expect_equal "$(logs)" ''
}
test_R127_check_offline_asks_nobody() {
    with_sshd
    check --offline && expect_no_network
}
test_R127_check_discovery_that_does_not_load() {
    with_sshd
    ctl inject "$provider_dir" '{"documents":{"/.well-known/openid-configuration":{"body":"<h1>Maintenance</h1>"}}}'
    finds 'https://.*/.well-known/openid-configuration: .*; without its keys nobody signs in'
}
test_R127_check_keys_that_do_not_load() {
    with_sshd
    ctl inject "$provider_dir" '{"documents":{"/jwks":{"status":500}}}'
    finds 'https://.*/jwks: HTTP status 500; '
}
test_R127_check_a_provider_that_is_down() {
    with_sshd
    ctl stop "$provider_dir"
    finds 'https://.*; without its keys nobody signs in'
}
test_R127_check_a_device_flow_that_the_provider_has_not() {
    with_sshd
    ctl inject "$provider_dir" '{"documents":{"/.well-known/openid-configuration":{"merge":{"device_authorization_endpoint":null}}}}'
    finds 'https://.* publishes no endpoint for the device flow of \[service '
}
test_R66_R127_check_an_endpoint_that_is_refused() {
    with_sshd
    ctl inject "$provider_dir" '{"documents":{"/.well-known/openid-configuration":{"merge":{"token_endpoint":"https://login.elsewhere.example/t"}}}}'
    finds "https://.*/.well-known/openid-configuration: discovery: token_endpoint is on host .login.elsewhere.example., not on the issuer.s; add it to allowed_hosts if it is the provider.s; the device flow of \\[service "
}
test_E65_R127_check_a_clock_that_is_off() {
    with_sshd
    ctl inject "$provider_dir" '{"documents":{"/jwks":{"headers":{"Date":"Fri, 31 Dec 2100 23:00:00 GMT"}}}}'
    finds "this host's clock is [0-9]+ s behind that of https://.*, which is more than the clock_skew of 30 s; set it" || return 1
    ctl inject "$provider_dir" '{"documents":{"/jwks":{"headers":{"Date":"Mon, 20 Nov 2023 23:00:00 GMT"}}}}'
    finds "this host's clock is [0-9]+ s ahead of that of "
}

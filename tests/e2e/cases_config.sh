# shellcheck shell=bash
# An administrator's mistakes: each refuses the login and says in one line what to do.

refused_by_config() { # REGEX
    local output
    output=$(pam_answer tokens alice "$(mint)" -- authenticate 2>&1) && return 1
    expect_match "$output" 'Error in service module' &&
        expect_decision "verdict=failed reason=config .*$1"
}

test_R12_an_unknown_key_names_file_line_key_and_the_nearest() {
    sed -i 's/^audience = /audeince = /' "$config"
    refused_by_config "pam_oauth.conf:4: error: unknown key 'audeince' in \[provider corp\]; did you mean 'audience'\?"
}
test_a_missing_map_is_named() {
    rm "$SANDBOX_DIR/pam_oauth/accounts.map"
    refused_by_config 'accounts.map: No such file'
}
test_a_broken_map_line_is_named() {
    # one that is about this account; of the others pam-oauth check tells
    echo 'corp sub=1 and -> alice' >>"$SANDBOX_DIR/pam_oauth/accounts.map"
    sed -i 2d "$SANDBOX_DIR/pam_oauth/accounts.map"
    refused_by_config 'accounts.map:3' && echo 'corp sub=1 -> ' >>"$SANDBOX_DIR/pam_oauth/accounts.map" &&
        expect_match "$("$SANDBOX_DIR/pam-oauth" check --config "$config")" 'accounts.map:4: error: '
}
test_a_refusal_that_names_no_provider_is_named() {
    echo '!crop sub=777' >>"$SANDBOX_DIR/pam_oauth/accounts.map"
    refused_by_config "accounts.map:4: '!crop' names no provider"
}
test_R111_a_configuration_that_others_may_write_is_refused() {
    chmod 666 "$config"
    refused_by_config 'writable by group or others'
}
test_R12_an_unknown_module_argument_is_refused() {
    pam_stack tokens "auth required $module config=$config verbose"
    refused_by_config "module argument 'verbose'"
}
test_check_reports_every_error_with_its_line() {
    local output
    sed -i 's/^audience = /audeince = /; s/^methods = token device/methods = tokn/' "$config"
    output=$("$SANDBOX_DIR/pam-oauth" check --config "$config")
    expect_equal $? 1 && expect_match "$output" "^$config:4: error: unknown key 'audeince'" &&
        expect_match "$output" "^$config:[0-9]+: error: .*tokn"
}
test_check_passes_a_good_configuration() {
    rm /etc/pam.d/nosection
    "$SANDBOX_DIR/pam-oauth" check --config "$config"
}
test_verify_says_why_a_tampered_token_is_refused() {
    local token output
    token=$(mint)
    warm_keys || return 1
    output=$(printf '%s' "${token%?????}AAAAA" | "$SANDBOX_DIR/pam-oauth" verify --config "$config" -)
    expect_equal $? 1 && expect_match "$output" '^refused: (signature|malformed): '
    output=$(printf '%s' "$token" | "$SANDBOX_DIR/pam-oauth" verify --config "$config" -)
    expect_equal "$output" 'accepted 248289761001'
}

# shellcheck shell=bash
# Token login through sshd and pamtester, and every refusal that a token can earn.

test_ssh_with_a_token_opens_a_shell_as_alice() {
    local token
    token=$(token alice)
    expect_equal "$(ssh_answer alice "$token" -- id -un)" alice &&
        expect_decision 'verdict=accepted provider=corp sub="248289761001" account=alice service=sshd method=token alg=RS256 kid="[^"]+" rule=accounts.map:2 rhost=127.0.0.1 .*ms=[0-9]+ ref=[a-z2-7]{8}$'
}

test_ssh_with_the_same_token_as_bob_is_refused() {
    local token
    token=$(token alice)
    ! ssh_answer bob "$token" -- id -un &&
        expect_decision 'verdict=refused reason=account provider=corp sub="248289761001" account=bob'
}

test_each_algorithm_signs_in() {
    local alg
    for alg in RS256 PS256 ES256 EdDSA; do
        pam_answer tokens alice "$(mint '' "$alg")" || return 1
        expect_logged "verdict=accepted .*alg=$alg" || return 1
    done
}

refused_with() { # REASON TOKEN
    local output
    output=$(pam_answer tokens alice "$2" -- authenticate 2>&1) && return 1
    expect_match "$output" 'Authentication failure' &&
        expect_decision "verdict=refused reason=$1 " &&
        # whoever is refused learns nothing but the reference
        expect_match "$output" 'Sign-in refused. Try again, or use another account. If you need help, give this reference: [a-z2-7]{8}'
}

test_E14_expired_token_is_refused() { refused_with expired "$(mint '"iat":1700000000,"exp":1700000300')"; }
test_E16_wrong_audience_is_refused() { refused_with audience "$(mint '"aud":"ssh://otherhost"')"; }
test_E17_wrong_issuer_is_refused() { refused_with issuer "$(mint '"iss":"https://evil.example"')"; }
test_E18_id_token_where_an_access_token_is_wanted() {
    refused_with type "$(mint '"aud":"ssh://testhost"' RS256 '"typ":"JWT"')"
}
test_unknown_key_is_refused() { refused_with unknown_key "$(mint '' unknown)"; }
test_no_mapping_is_refused() { refused_with account "$(mint '"sub":"666"')"; }
test_E1_alg_none_is_refused() { refused_with alg "$(mint '' RS256 '"alg":"none"')"; }
test_E26_bound_token_is_refused() { refused_with claim "$(mint '"cnf":{"jkt":"x"}')"; }
test_too_old_token_is_refused() {
    refused_with too_old "$(mint "\"iat\":$(($(date +%s) - 7200)),\"exp\":$(($(date +%s) + 300))")"
}
test_not_yet_valid_token_is_refused() {
    refused_with not_yet_valid "$(mint "\"nbf\":$(($(date +%s) + 600))")"
}
test_tampered_signature_is_refused() {
    local token
    token=$(mint)
    # a byte of the payload: the signature no longer fits
    refused_with signature "${token%%.*}.$(cut -d. -f2 <<<"$token" | rev | sed 's/^\(.\)\(.\)/\1Q/;s/^\(.\)QQ/\1aQ/' | rev).${token##*.}"
}
test_garbage_is_refused() { refused_with malformed 'correct horse battery staple'; }
test_R33_a_bearer_prefix_is_refused() { refused_with malformed "Bearer $(mint)"; }

test_denied_subject_is_refused_wherever_the_rule_stands() {
    echo '!corp sub=248289761001' >>"$SANDBOX_DIR/pam_oauth/accounts.map"
    refused_with denied "$(mint)"
}

test_requirement_is_checked() {
    write_config 'require = groups=ops'
    refused_with requirement "$(mint '"groups":["others"]')" && logs_clear &&
        pam_answer tokens alice "$(mint '"groups":["ops","others"]')"
}

test_R116_a_token_in_parts_signs_in() {
    local token
    token=$(token alice)
    pam_answer tokens alice "${token:0:400}+" "${token:400:400}+" "${token:800}" &&
        expect_decision 'verdict=accepted'
}

test_R115_a_cut_token_is_recognised() {
    local token output
    token=$(mint "\"pad\":\"$(head -c 1500 /dev/zero | tr '\0' x)\"")
    output=$(pam_answer tokens alice "${token:0:1023}" -- authenticate 2>&1) && return 1
    expect_match "$output" 'arrived cut off' && expect_decision 'reason=truncated'
}

test_E67_an_unknown_user_is_refused_like_a_known_one() {
    local token
    token=$(token alice)
    ! ssh_answer nosuchuser "$token" -- id -un &&
        expect_decision 'verdict=refused reason=unknown_user .*account="unknown user"' &&
        expect_no_match "$(logs | grep event=)" nosuchuser
}

test_R23_root_needs_system_users() {
    echo 'corp sub=248289761001 -> root' >>"$SANDBOX_DIR/pam_oauth/accounts.map"
    ! pam_answer tokens root "$(mint)" -- authenticate &&
        expect_decision 'reason=account .*account=root' && logs_clear &&
        write_config 'system_users = root' && pam_answer tokens root "$(mint)" -- authenticate
}

test_an_empty_answer_is_no_credential() {
    ! pam_answer tokens alice '' -- authenticate &&
        expect_decision 'verdict=refused reason=cancelled' && expect_no_network
}

test_break_glass_is_asked_for_its_password_alone() {
    expect_equal "$(ssh_answer breakglass 'open sesame' -- id -un)" breakglass &&
        ! ssh_answer breakglass 'wrong' -- id -un &&
        expect_no_match "$(logs)" event=sign_in
}

test_break_glass_survives_a_broken_configuration_and_a_missing_module() {
    echo 'no configuration at all' >"$config"
    expect_equal "$(ssh_answer breakglass 'open sesame' -- id -un)" breakglass || return 1
    mv "$module" "$module.away"
    expect_equal "$(ssh_answer breakglass 'open sesame' -- id -un)" breakglass
    local code=$?
    mv "$module.away" "$module"
    return "$code"
}

test_R2_local_users_are_left_to_the_rest_of_the_stack() {
    # carol has no password here: what asks for one, and refuses, is pam_unix
    ! ssh_answer carol 'wrong' -- id -un && expect_no_match "$(logs)" event=sign_in &&
        expect_match "$(prompts)" 'Password: '
}

test_a_service_without_a_section_is_unavailable() {
    local output
    output=$(pam_answer nosection alice "$(mint)" -- authenticate 2>&1) && return 1
    expect_match "$output" 'cannot retrieve authentication info' &&
        expect_decision 'verdict=failed reason=config .*service nosection'
}

test_R5_setcred_and_session_know_whose_sign_in_it_was() {
    # nobody but the module answers here
    pam_stack tokens "auth required $module config=$config" "session required $module config=$config"
    pam_answer tokens alice "$(mint)" -- authenticate setcred open_session close_session &&
        ! pam_answer tokens alice -- setcred && ! pam_answer tokens alice -- open_session
}

test_sshd_marks_the_session() {
    expect_match "$(ssh_answer alice "$(mint)" -- env)" '^PAM_OAUTH_REF=[a-z2-7]{8}$'
}

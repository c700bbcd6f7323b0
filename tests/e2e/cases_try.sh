# shellcheck shell=bash disable=SC2154,SC2317
# pam-oauth try: a whole sign-in without PAM, and then what came of it.

try_as() { # USER STEP...: of the service that has both ways
    on_tty "${@:2}" -- "$SANDBOX_DIR/pam-oauth" --config "$config" try --service sshd --user "$1"
}

test_try_shows_every_step_of_a_token_that_is_accepted() {
    local said
    said=$(try_as alice "$(mint)") || { printf '%s\n' "$said"; return 1; }
    expect_match "$said" '^accepted 248289761001' && expect_match "$said" '^  yes  signature ' &&
        expect_match "$said" '^  yes  map +accounts.map:2 ' && expect_no_match "$said" "$(mint | cut -c 1-30)"
}

test_try_with_a_browser_says_what_the_provider_said_of_the_person() {
    local said
    # shellcheck disable=SC2016 # it is the shell of on_tty that expands
    said=$(try_as alice '' '@enter this code:!approve_as alice "$1"') || { printf '%s\n' "$said"; return 1; }
    expect_match "$said" '^accepted 248289761001' && expect_match "$said" '^  yes  kind ' &&
        expect_logged_nothing
}
expect_logged_nothing() { expect_equal "$(logs | grep -c event=sign_in)" 0; }

# Whoever is not mapped learns which line would do it.
test_try_writes_the_rule_that_is_missing() {
    local said code
    # shellcheck disable=SC2016
    said=$(try_as alice '' '@enter this code:!approve_as bob "$1"')
    code=$?
    expect_equal "$code" 1 && expect_match "$said" '^refused: account: ' &&
        expect_match "$said" 'one that would: corp sub=90125 -> alice' &&
        expect_match "$said" '^  no   map '
}

test_try_says_why_nothing_was_decided() {
    local said code
    said=$(try_as alice 'not a token')
    code=$?
    expect_equal "$code" 1 && expect_match "$said" '^refused: malformed: ' || return 1
    said=$(try_as breakglass)
    code=$?
    expect_equal "$code" 2 && expect_match "$said" "'breakglass' is in local_users" || return 1
    said=$(setsid -w "$SANDBOX_DIR/pam-oauth" --config "$config" try --service sshd --user alice </dev/null)
    code=$?
    expect_equal "$code" 2 && expect_match "$said" '^failed: conversation: there is no terminal to ask on'
}

# shellcheck shell=bash disable=SC2016,SC2154
# login(1) on a terminal of its own, with the stack that is shipped for it.

# LOGIN_TIMEOUT of login.defs, a section for login, and a shell that says whose it is and ends.
login_world() { # [LOGIN-TIMEOUT [DEVICE-TIMEOUT]]
    local name
    shipped_stack login
    sed -i "s/^LOGIN_TIMEOUT.*/LOGIN_TIMEOUT ${1:-60}/" /etc/login.defs
    printf '[service login]\nproviders = corp\nmethods = token device\nlocal_users = breakglass\ndevice_timeout = %s\n' \
        "${2:-30s}" >>"$config"
    ctl inject "$provider_dir" '{"device":{"interval":1}}'
    for name in alice bob breakglass; do
        printf 'echo "this is $(id -un)"; exit\n' >"$SANDBOX_DIR/home/$name/.profile"
    done
}
# As getty starts it: the name is known, the terminal is a console of so many lines.
login_tty() { # NAME STEP...
    on_tty "${@:2}" -- bash -c 'stty rows 60 cols 80; exec login -- "$1"' login "$1"
}
# It would ask for five names more.
leave_login() { kill -KILL "$(processes login)"; }
export -f leave_login

test_login_with_the_device_flow_scanned_off_the_console() {
    login_world && LC_ALL=C.UTF-8 login_tty alice '' '@Approve only(.*\n){20}!approve_scanned alice "$1"' &&
        expect_match "$(shown)" '^this is alice$' &&
        expect_decision 'verdict=accepted .*account=alice service=login method=device'
}
test_login_with_a_token_in_one_answer() {
    login_world && login_tty alice "$(token alice)" && expect_match "$(shown)" '^this is alice$' &&
        expect_decision 'verdict=accepted .*account=alice service=login method=token'
}
# 4095 bytes are a line of a terminal; what is longer is cut.
test_R115_login_passes_4095_bytes() {
    local pad token
    printf -v pad '%*s' 2600 ''
    token=$(mint "\"pad\":\"${pad// /x}\"") && [ "${#token}" -gt 4000 ] && [ "${#token}" -le 4095 ] &&
        login_world && login_tty alice "$token" && expect_match "$(shown)" '^this is alice$' || return 1
    logs_clear
    login_tty alice "${token%.*}$pad$pad" '@Login incorrect!leave_login'
    expect_decision 'verdict=refused reason=truncated .*service=login' &&
        expect_match "$(shown)" '^The token arrived cut off'
}
# Whose account it is decides, and the person is told; login then asks for another name.
test_E51_login_says_that_another_identity_approved() {
    login_world && login_tty alice '' '@Approve only!approve_as bob "$1"' '@Login incorrect!leave_login'
    expect_no_match "$(shown)" '^this is ' &&
        expect_match "$(shown)" '^Whoever approved this may not use this account. Approve as somebody else, or use another account.$' &&
        expect_decision 'verdict=refused reason=account .*sub="90125" account=alice service=login'
}
test_login_says_that_it_was_denied() {
    login_world && login_tty alice '' '@Approve only!deny_it "$1"' '@Login incorrect!leave_login'
    expect_no_match "$(shown)" '^this is ' &&
        expect_match "$(shown)" '^The sign-in was not approved' && expect_decision 'reason=device_denied'
}
# The provider is away: the break glass has its password, everybody else is told to wait.
test_login_without_a_provider_has_its_break_glass() {
    login_world || return 1
    rm -f "$SANDBOX_DIR"/cache/*
    ctl stop "$provider_dir"
    login_tty breakglass 'open sesame' && expect_match "$(shown)" '^this is breakglass$' &&
        expect_no_match "$(logs)" 'event=sign_in' || return 1
    login_tty alice '' '@Login incorrect!leave_login'
    expect_match "$(shown)" '^Signing in is not possible right now. Try again later' &&
        expect_decision 'verdict=failed reason=keys_unavailable .*service=login'
}
# The same words and the same way, whether there is such an account or not.
test_E67_R91_an_unknown_user_sees_what_a_known_one_sees() {
    local name words=()
    for name in carol nobody-here; do
        write_config && sed -i 's/ carol$//' "$config" && login_world && logs_clear
        login_tty "$name" '' '@Approve only!approve_as alice "$1"' '@Login incorrect!leave_login'
        words+=("$(shown | sed "s/$name/NAME/g; s/[A-Z]\{4\}-[A-Z]\{4\}/CODE/g; s/reference: .*/REF/; /[▄▀█]/d")")
        login_tty "$name" '' '@Approve only!deny_it "$1"' '@Login incorrect!leave_login'
        words[-1]+=$(shown | sed "s/$name/NAME/g; s/[A-Z]\{4\}-[A-Z]\{4\}/CODE/g; s/reference: .*/REF/; /[▄▀█]/d")
        expect_no_match "$(shown)" '^this is ' || return 1
    done
    expect_match "${words[0]}" 'Whoever approved this' && expect_match "${words[0]}" 'was not approved' &&
        expect_equal "${words[0]}" "${words[1]}"
}

# shellcheck shell=bash disable=SC2016,SC2154
# pam-oauth login, token, status and logout, by a user on this host, before the real provider: the
# pages of a sign-in are walked by HTTP (ctl browse) or in a browser (cases_browser.sh).

# shellcheck source=tests/e2e/stored.sh
. "$here/stored.sh"

signs_in_with_the_browser() { # the place is made
    browser
    local output
    output=$(own alice login --audience ssh://testhost) || { browsed; return 1; }
    expect_match "$output" "^  $issuer/auth\?response_type=code&client_id=linux-login&redirect_uri=http%3A%2F%2F127.0.0.1%3A[0-9]+%2Fcallback&scope=openid&.*&state=[a-z2-7]{32}&nonce=[a-z2-7]{32}&code_challenge=[A-Za-z0-9_-]{43}&code_challenge_method=S256" &&
        expect_match "$output" '^Signed in at corp as 248289761001; the token is for ssh://testhost and good for [0-9]+ s\.' &&
        expect_equal "$(browsed)" 'Back to the terminal' &&
        expect_equal "$(stat -c '%a %U' "$stored.token" "$stored.grant")" $'600 alice\n600 alice' &&
        expect_equal "$(own alice token)" "$(cat "$stored.token")"
}

test_R113_login_with_the_browser_then_sudo_finds_the_token() {
    stored_config && place_without_runtime && signs_in_with_the_browser || return 1
    logs_clear && forget
    expect_equal "$(as_user alice sudo -n id -un)" root && expect_no_network &&
        expect_decision 'verdict=accepted .*account=alice service=sudo method=stored'
}
test_R113_login_in_logind_s_directory() {
    stored_config && place_with_runtime && signs_in_with_the_browser || return 1
    expect_equal "$(as_user alice sudo -n id -un)" root
}
# Where nothing of systemd's is: a container, another init.
test_R113_login_and_sudo_where_there_is_no_run_user() {
    local code
    stored_config && rmdir /run/user || return 1
    place_without_runtime && signs_in_with_the_browser &&
        expect_equal "$(as_user alice sudo -n id -un)" root && [ ! -e /run/user ]
    code=$?
    mkdir -p /run/user
    return "$code"
}
test_a_full_disk_is_said_and_half_of_a_token_is_none() {
    local output code
    stored_config && browser && logind alice && mount -t tmpfs -o size=8k,uid=60001,mode=700 small /run/user/60001 &&
        { head -c 9000 /dev/zero >/run/user/60001/fill; output=$(own alice login --audience ssh://testhost 2>&1); code=$?; } 2>/dev/null
    expect_equal "$code" 2 && expect_match "$output" '^pam-oauth login: corp.(grant|token): no space is left there; make room and try again$' &&
        ! as_user alice sudo -n true && expect_equal "$(find /run/user/60001/pam-oauth -name '*.new')" '' &&
        rm /run/user/60001/fill && own alice login --audience ssh://testhost >/dev/null &&
        expect_equal "$(as_user alice sudo -n id -un)" root
    code=$?
    umount /run/user/60001
    return "$code"
}
test_login_without_a_place_says_so_before_anybody_is_asked() {
    stored_config && browser || return 1
    local output
    output=$(own alice login 2>&1) && return 1
    expect_match "$output" 'pam-oauth login: there is no directory to keep a token in: neither /run/user/60001 nor' &&
        expect_no_network
}

test_login_with_a_code_in_any_browser() {
    stored_config && place_without_runtime || return 1
    local output
    # shellcheck disable=SC2034 # the reader below
    output=$(own alice login --device --audience ssh://testhost | while IFS= read -r line; do
        printf '%s\n' "$line"
        shown+=$line$'\n'
        [[ $line != *'enter this code:'* ]] || approve_as alice "$shown" >&2
    done)
    expect_match "$output" 'Sign in to .* as alice \(pam-oauth login\)' &&
        expect_match "$output" '^Signed in at corp as 248289761001; the token is for ssh://testhost' &&
        expect_equal "$(as_user alice sudo -n id -un)" root
}

test_step_up_by_scope() {
    stored_config 'require = scope=login' && place_without_runtime && browser || return 1
    own alice login --audience ssh://testhost >/dev/null && ! as_user alice sudo -n true &&
        expect_decision 'verdict=refused reason=requirement .*method=stored' || return 1
    own alice login --audience ssh://testhost --scope login >/dev/null && as_user alice sudo -n true
}

# What a service of this host requires is asked for, and looked at when it has come.
test_R59_step_up_by_acr() {
    stored_config 'require = acr=gold or acr=platinum and sub=*' && place_without_runtime && browser || return 1
    expect_match "$(own alice login --audience ssh://testhost)" '&acr_values=gold\+platinum&max_age=60$' &&
        as_user alice sudo -n true || return 1
    browser 'ctl browse "$provider_dir" "${1/gold/lead}" alice'
    own alice login --audience ssh://testhost >/dev/null && ! as_user alice sudo -n true &&
        expect_match "$(logs)" 'verdict=refused reason=requirement .*method=stored' &&
        expect_no_match "$(stored_config && own alice login --audience ssh://testhost)" acr_values
}

# With a service that takes stored tokens the provider is asked for a fresh sign-in.
test_login_asks_for_a_fresh_sign_in_where_that_is_needed() {
    stored_config && place_without_runtime && browser || return 1
    expect_match "$(own alice login --audience ssh://testhost)" '&max_age=60$' && write_config &&
        expect_no_match "$(own alice login --audience ssh://testhost)" max_age
}

test_the_id_token_where_that_is_what_people_show() {
    stored_config && place_without_runtime && browser || return 1
    sed -i 's/^audience = .*/audience = linux-login\ntoken_kind = id_token/' "$config"
    own alice login >/dev/null && as_user alice sudo -n true &&
        expect_match "$(own alice status)" '^corp: subject 248289761001, audience linux-login' || return 1
    sed -i 's/^token_kind = .*/token_kind = any/' "$config" # the access token is no JWT
    own alice login >/dev/null && as_user alice sudo -n true || return 1
    sed -i 's/^token_kind = .*/token_kind = access_token/' "$config"
    local output
    output=$(own alice login 2>&1 >/dev/null) && return 1
    expect_match "$output" 'the access token is not a JWT.*--audience.*token_kind = id_token'
}

test_a_refusal_at_the_provider() {
    stored_config && place_without_runtime && browser 'ctl browse "$provider_dir" "$1" alice --deny' || return 1
    local output
    output=$(own alice login 2>&1 >/dev/null) && return 1
    expect_match "$output" '^pam-oauth login: the sign-in was refused at the provider: access_denied$' &&
        expect_equal "$(browsed)" 'Not signed in' && [ ! -e "$stored.token" ]
}

# ---- who else knocks ------------------------------------------------------------------------------

# Nothing but the answer with our state ends the wait; a second one finds the door closed.
test_E49_strangers_at_the_loopback_address_change_nothing() {
    stored_config && place_without_runtime || return 1
    browser '
        port=$(port_of "$1") state=$(state_of "$1")
        exec 5<>"/dev/tcp/127.0.0.1/$port"; printf "GET /callback?code=x" >&5 # and never more
        knock "$port" "GET / HTTP/1.1"; knock "$port" "GET /favicon.ico HTTP/1.1"
        knock "$port" "GET /callback/?code=x&state=$state HTTP/1.1"; knock "$port" "POST /callback?code=x&state=$state HTTP/1.1"
        knock "$port" "GET /callback?code=x&state=$state"; knock "$port" "GET /callback?code=x&state=$state HTTP/2.0"
        knock "$port" "GET /callback?code=evil&state=wrong HTTP/1.1"; knock "$port" "GET /callback?code=evil HTTP/1.1"
        knock "$port" "GET /callback?error=access_denied&error_description=%3Cscript%3Eevil&state=wrong HTTP/1.1"
        knock "$port" "GET /callback?code=a&code=b&state=$state HTTP/1.1"
        knock "$port" "GET /callback?code=x&state=$state HTTP/1.1" "Cookie: $(head -c 90000 /dev/zero | tr "\0" x)"
        knock "$port" "GET /callback?code=x&state=$state&y=$(head -c 9000 /dev/zero | tr "\0" x) HTTP/1.1"
        knock "$port" "$(head -c 4096 /dev/urandom | base64 -w 0)"
        for i in {1..40}; do exec {held}<>"/dev/tcp/127.0.0.1/$port"; done
        ctl browse "$provider_dir" "$1" alice
        knock "$port" "GET /callback?code=x&state=$state HTTP/1.1" || echo closed'
    own alice login --audience ssh://testhost >/dev/null || { browsed; return 1; }
    expect_match "$(browsed)" '^Back to the terminal$' && expect_match "$(browsed)" '^closed$' &&
        expect_equal "$(browsed | tr -d '\r' | sed -n 's|^HTTP/1.1 ||p' | sort | uniq -c | tr -s ' \n' ' ')" \
            ' 4 400 Bad Request 8 404 Not Found ' &&
        expect_no_match "$(browsed)" 'script|evil' && as_user alice sudo -n true
}
answers() { # REDIRECT-PARAMETERS REGEX: what login says of such an answer, which shows nothing of it
    local output
    browser "knock \"\$(port_of \"\$1\")\" \"GET /callback?state=\$(state_of \"\$1\")&$1 HTTP/1.1\""
    output=$(own alice login --audience ssh://testhost 2>&1 >/dev/null) && return 1
    expect_match "$output" "$2" && expect_no_match "$output$(browsed)" 'evil' &&
        expect_match "$(browsed)" '<title>(Not signed in|Back to the terminal)</title>'
}
test_E49_what_an_answer_says_is_not_shown() {
    stored_config && place_without_runtime || return 1
    local here
    here=$(printf %s "$issuer" | sed 's|:|%3A|g; s|/|%2F|g')
    answers "iss=$here&error=evil%1b%5b2J&error_description=%3Cscript%3Eevil%3C%2Fscript%3E" 'ended the sign-in with an error$' &&
        answers "iss=https%3A%2F%2Fevil.example&code=x" "the answer is another provider's, not of '$issuer'" &&
        answers "code=x" 'the answer does not name the provider' &&
        answers "iss=$here" 'neither a code nor an error' &&
        answers "iss=$here&code=evil" "the provider does not honour it, or no longer"
}

# The ID token of another sign-in, or of none.
test_an_id_token_with_another_nonce_is_refused() {
    stored_config && place_without_runtime && browser || return 1
    local output at
    at=$(fresh)
    for nonce in '' ',"nonce":"other"'; do
        ctl inject "$provider_dir" "{\"token\":[{\"merge\":{\"access_token\":\"$at\",\"id_token\":\"$(mint "\"aud\":\"linux-login\"$nonce" RS256 '"typ":"JWT"')\"}}]}"
        output=$(own alice login --audience ssh://testhost 2>&1 >/dev/null) && return 1
        expect_match "$output" "the ID token's nonce is not that of this sign-in" || return 1
    done
}
test_tokens_are_verified_before_they_are_kept() {
    stored_config && place_without_runtime && browser || return 1
    local output
    ctl inject "$provider_dir" "{\"token\":[{\"merge\":{\"access_token\":\"$(fresh 0 '"aud":"ssh://elsewhere"')\"}}]}"
    output=$(own alice login --audience ssh://testhost 2>&1 >/dev/null) && return 1
    expect_match "$output" 'at_hash does not fit' || return 1
    ctl inject "$provider_dir" '{"token":[{"merge":{"id_token":null}}]}'
    output=$(own alice login --audience ssh://testhost 2>&1 >/dev/null) && return 1
    expect_match "$output" 'sent no ID token' || return 1
    ctl inject "$provider_dir" '{"token":[{"merge":{"token_type":"DPoP"}}]}'
    output=$(own alice login --audience ssh://testhost 2>&1 >/dev/null) && return 1
    expect_match "$output" "tokens of type 'DPoP', not Bearer" && [ ! -e "$stored.token" ]
}

# ---- token, status, logout ------------------------------------------------------------------------

signed_in() { # [OPTION]...
    stored_config && place_without_runtime && browser &&
        own alice login --audience ssh://testhost "$@" >/dev/null
}

test_R116_a_token_in_parts() {
    signed_in || return 1
    local parts
    mapfile -t parts < <(own alice token --parts 500)
    [ "${#parts[@]}" -ge 2 ] && [[ ${parts[0]} == *+ && ${#parts[0]} -le 500 && ${parts[-1]} != *+ ]] &&
        expect_equal "$(printf '%s' "${parts[@]%+}")" "$(own alice token)"
}

# 600 s are good enough; what ends in a minute is renewed.
wear_out() { # SECONDS: so long is the token said to be good, by the file that says it
    sed -i -E "s/\"expires\":[0-9]+/\"expires\":$(($(date +%s) + $1))/" "$stored.grant"
}
test_a_token_is_renewed_when_it_is_due() {
    signed_in --scope offline_access || return 1
    local old
    old=$(own alice token) && forget
    expect_equal "$(own alice token)" "$old" && expect_no_network || return 1
    wear_out 50
    [ "$(own alice token)" != "$old" ] && expect_equal "$(own alice token)" "$(cat "$stored.token")" &&
        expect_equal "$(requests | grep -c 'POST /token')" 1 && as_user alice sudo -n true || return 1
    # the refresh token was rotated: the next one is good as well
    wear_out 0
    own alice token >/dev/null && expect_equal "$(requests | grep -c 'POST /token')" 2
}
test_two_at_once_use_a_refresh_token_once() {
    signed_in --scope offline_access || return 1
    local n pids=()
    wear_out 0
    forget
    for n in 1 2 3 4; do
        own alice token >"$SANDBOX_DIR/token.$n" &
        pids+=($!)
    done
    wait "${pids[@]}"
    expect_equal "$(cat "$SANDBOX_DIR"/token.? | sort -u)" "$(cat "$stored.token")" &&
        expect_equal "$(requests | grep -c 'POST /token')" 1
}
test_what_cannot_be_renewed_is_told_with_the_remedy() {
    local output
    signed_in || return 1
    wear_out 30 # the last seconds are used up
    own alice token >/dev/null || return 1
    wear_out 0
    output=$(own alice token 2>&1)
    expect_equal "$?" 1 && expect_match "$output" "has expired and cannot be renewed; run 'pam-oauth login'" || return 1
    own alice login --audience ssh://testhost --scope offline_access >/dev/null || return 1
    ctl inject "$provider_dir" '{"token":[{"status":400,"body":{"error":"invalid_grant"}}]}'
    wear_out 0
    output=$(own alice token 2>&1)
    expect_equal "$?" 1 && expect_match "$output" "corp does not renew the sign-in: .*; run 'pam-oauth login'" || return 1
    forget # and it is not tried again
    ! own alice token 2>/dev/null && expect_no_network
}
test_a_provider_that_is_down_leaves_a_token_that_is_still_good() {
    signed_in --scope offline_access || return 1
    wear_out 30
    ctl inject "$provider_dir" '{"token":[{"status":503,"body":{}},{"status":503,"body":{}}]}'
    own alice token >/dev/null && wear_out 0 || return 1
    own alice token 2>/dev/null
    expect_equal "$?" 2 && own alice token >/dev/null
}

test_status_says_what_is_stored() {
    stored_config && place_without_runtime && browser || return 1
    local output
    output=$(own alice status)
    expect_equal "$? $output" "1 no token is stored; run 'pam-oauth login'" || return 1
    own alice login --audience ssh://testhost --scope 'login offline_access' >/dev/null
    expect_match "$(own alice status)" '^corp: subject 248289761001, audience ssh://testhost, scope openid login, valid for (10|9)m, can be renewed$' &&
        own alice status --json | node -e '
            const [line] = require("fs").readFileSync(0, "utf8").trim().split("\n").map(JSON.parse);
            const want = {provider: "corp", sub: "248289761001", audience: "ssh://testhost", valid: true, renewable: true};
            process.exit(Object.entries(want).every(([name, value]) => line[name] === value) &&
                line.expires_at - line.issued_at === 600 ? 0 : 1);' || return 1
    # also where the configuration cannot be read
    echo nonsense >"$config"
    expect_match "$(own alice status 2>/dev/null)" '^corp: subject'
}

test_logout_takes_it_away_and_revokes_it() {
    local output
    signed_in --scope offline_access && forget || return 1
    cp -p "$stored.grant" "$SANDBOX_DIR/kept.grant"
    expect_equal "$(own alice logout)" 'corp: the stored token is gone' &&
        expect_match "$(requests)" 'POST /token/revocation' &&
        [ ! -e "$stored.token" ] && [ ! -e "$stored.grant" ] && ! as_user alice sudo -n true 2>/dev/null || return 1
    expect_equal "$(own alice logout)" 'no token was stored' || return 1
    cp -p "$SANDBOX_DIR/kept.grant" "$stored.grant" && wear_out 0
    output=$(own alice token 2>&1) && return 1
    expect_match "$output" 'invalid_grant'
}
test_logout_where_the_provider_is_down() {
    signed_in --scope offline_access && ctl stop "$provider_dir" || return 1
    local output
    output=$(own alice logout 2>&1) && expect_match "$output" 'corp: the provider could not be asked to revoke' &&
        expect_match "$output" 'corp: the stored token is gone' && [ ! -e "$stored.token" ]
}

# ---- whose configuration --------------------------------------------------------------------------

test_a_user_s_own_configuration_serves_without_the_system_s() {
    local at=$SANDBOX_DIR/home/alice/.config/pam_oauth/pam_oauth.conf
    stored_config && place_without_runtime && browser || return 1
    install -d -o alice -g alice "$SANDBOX_DIR/home/alice/.config" "${at%/*}"
    printf '[provider mine]\nissuer = %s\nclient_id = linux-login\ntoken_kind = id_token\nca_file = %s\n[paths]\nrun = %s\nfetcher = %s\n' \
        "$issuer" "$provider_dir/ca.pem" "$SANDBOX_DIR/run" "$SANDBOX_DIR/pam-oauth-fetcher" >"$at"
    chown alice: "$at"
    mv "$config" "$config.away" # it is /etc/pam_oauth/pam_oauth.conf here
    as_user alice "$SANDBOX_DIR/pam-oauth" login >/dev/null || { rm -r "${at%/*}"; return 1; }
    mv "$config.away" "$config"
    expect_match "$(as_user alice "$SANDBOX_DIR/pam-oauth" status)" '^mine: subject 248289761001' &&
        ! as_user alice sudo -n true && # the module knows nobody of that name
        expect_decision 'verdict=failed reason=conversation' &&
        as_user alice "$SANDBOX_DIR/pam-oauth" login --provider corp --audience ssh://testhost >/dev/null &&
        as_user alice sudo -n true
    local code=$?
    rm -r "${at%/*}"
    return "$code"
}

test_the_user_s_commands_typed_wrongly() {
    local line
    while read -r line; do
        # shellcheck disable=SC2086
        own alice $line >/dev/null 2>&1
        expect_equal "$line: $?" "$line: 2" || return 1
    done <<-END
		login more
		login --provider
		login --provider nobody
		token --parts 7
		token --parts x
		token --provider nobody
		status --jsno
		logout ../x
		logout --provider ../x
	END
}

# ---- and with it ---------------------------------------------------------------------------------

# alice, without a terminal and without typing: stock ssh, twice, and sudo -A where stored is not on.
test_R138_after_login_ssh_and_sudo_need_no_typing() {
    local askpass=$SANDBOX_DIR/pam-oauth-askpass
    stored_config && place_without_runtime && browser && install -m 755 "$top/$BUILD/pam-oauth-askpass" "$askpass" || return 1
    sed -i 's/^methods = stored token$/methods = token/; /^max_auth_age/d' "$config"
    sed -i '/^\[service su\]$/,/^$/s/^methods = stored$/methods = token/; /^\[service tokens\]$/,/^$/s/^methods = stored$/methods = token/' "$config"
    own alice login --audience ssh://testhost --scope 'groups profile email login' >/dev/null || return 1
    for _ in 1 2; do
        expect_equal "$(as_user alice env SSH_ASKPASS="$askpass" SSH_ASKPASS_REQUIRE=force PAM_OAUTH_HOSTS=127.0.0.1 \
            setsid --wait ssh -F "$SSH_CONFIG" alice@127.0.0.1 id -un)" alice || return 1
    done
    expect_equal "$(as_user alice env SUDO_ASKPASS="$askpass" setsid --wait sudo -A id -un)" root
}

# shellcheck shell=bash disable=SC2154,SC2317
# Fresh, stale and too stale keys, and who refreshes them.

failures=(
    '{"status":500}' '{"status":503,"headers":{"retry-after":"3600"}}' '{"status":404}'
    '{"status":200,"body":""}' '{"status":200,"body":"<h1>Maintenance</h1>"}'
    '{"status":200,"body":{"keys":[]}}' '{"status":200,"body":{"keys":{}}}' '{"status":200,"body":[]}'
    '{"status":304,"body":""}' '{"status":302,"headers":{"location":"https://localhost:1/"},"body":""}'
)

test_E36_R68_an_outage_is_not_noticed_while_keys_are_fresh() {
    warm && inject "{\"documents\":{\"/jwks\":${failures[0]}}}" && good && expect_no_network
}

# What the provider says instead of keys replaces none (R68).
test_E36_R68_R72_stale_keys_are_used_whatever_the_provider_says() {
    local before
    stale() {
        logs_clear
        inject "{\"documents\":{\"/jwks\":$1}}" && age_keys 7200 3600 && good &&
            expect_logged 'event=keys_stale v=1 provider=corp detail="used keys that are stale for 36' &&
            wait_for_refresher && expect_logged 'pam-oauth.*event=keys_not_refreshed .*detail="[^"]*/jwks' &&
            expect_equal "$(stored_kids)" "$before" && age_flight 61
    }
    warm && before=$(stored_kids) && each stale "${failures[@]}"
}

test_E36_R72_too_stale_keys_are_unavailable() {
    too_stale() {
        logs_clear
        inject "{\"documents\":{\"/jwks\":$1}}" && age_keys 200000 100000 && good PAM_AUTHINFO_UNAVAIL &&
            expect_decision 'verdict=failed reason=keys_unavailable .*no usable keys'
    }
    warm && each too_stale "${failures[@]}" && clear && good && jwks list | grep -q 'fresh for'
}

test_R72_the_end_of_stale_keys_comes_to_the_second() {
    keys_config 'jwks_stale_limit = 10s' && warm && ctl stop "$provider_dir" && age_keys 3610 5 && good &&
        age_keys 3610 10 && good PAM_AUTHINFO_UNAVAIL && keys_config 'jwks_stale_limit = 0' &&
        age_keys 3600 0 && good PAM_AUTHINFO_UNAVAIL
}

# The provider takes as long as it may, and nobody waits for it; somebody refreshes, once.
test_R72_stale_keys_cost_no_wait_and_are_refreshed_once() {
    warm && inject '{"documents":{"/jwks":{"delay":2300}}}' && age_keys 7200 3600 &&
        all 20 PAM_SUCCESS good 2200 && expect_equal "$(logs | grep -c event=keys_stale)" 20 &&
        all 5 PAM_SUCCESS good 2200 && wait_for_refresher && expect_asked 1 &&
        logs_clear && good && expect_no_match "$(logs)" keys_stale
}

# The same with a real clock: a lifetime of a second.
test_R69_R72_a_second_later_keys_are_stale() {
    keys_config 'jwks_min_age = 1s' && inject '{"documents":{"/jwks":{"headers":{"cache-control":"max-age=1"}}}}' &&
        warm && good && sleep 1.1 && good && expect_logged event=keys_stale && wait_for_refresher && expect_asked 1
}

# su leaves the real user in place, who could stop or end what is his, and limits that are his.
test_R72_R103_the_refresher_is_out_of_reach_of_who_signs_in() {
    local pid
    warm && inject '{"documents":{"/jwks":{"delay":3000}}}' && age_keys 7200 3600 &&
        (ulimit -Sn 64 && ulimit -St 5 && ulimit -Sf 4 && exec setpriv --ruid 60001 "$many" keys 1 "$SANDBOX_DIR/good") |
        grep -q '^PAM_SUCCESS 1$' || return 1
    pid=$(pgrep -ox pam-oauth) || return 1
    expect_equal "$(ps -o ruid=,euid=,suid=,tty=,args= -p "$pid" | tr -s ' ')" \
        " 0 0 0 ? pam-oauth --config $config jwks refresh --provider corp --background" &&
        expect_equal "$(readlink "/proc/$pid/fd"/[012] | sort -u)" /dev/null &&
        expect_equal "$(readlink "/proc/$pid/cwd")" / &&
        expect_no_match "$(tr '\0' '\n' <"/proc/$pid/environ")" . &&
        expect_match "$(cat "/proc/$pid/limits")" 'Max cpu time +60 +60' &&
        ! as_user alice kill -STOP "$pid" && wait_for_refresher && expect_asked 1
}

test_R72_without_a_refresher_stale_keys_are_used_and_that_is_told() {
    sed -i 's|^refresher = .*|refresher = /nosuch/pam-oauth|' "$config" && warm && age_keys 7200 3600 && good &&
        expect_logged 'event=keys_not_refreshed .*/nosuch/pam-oauth: refresher is missing; install pam-oauth' &&
        good && expect_equal "$(logs | grep -c keys_not_refreshed)" 1 && expect_no_network
}

# Nobody but root may have written what root runs.
test_R111_a_refresher_of_somebody_else_is_not_run() {
    warm && age_keys 7200 3600 && cp "$SANDBOX_DIR/pam-oauth" "$SANDBOX_DIR/other" && chown alice "$SANDBOX_DIR/other" &&
        sed -i "s|^refresher = .*|refresher = $SANDBOX_DIR/other|" "$config" && good &&
        expect_logged 'keys_not_refreshed .*owned by uid 60001.*this is the refresher' && expect_no_network
}

# Cache-Control, and what becomes of it: header, then from and to how many seconds of freshness.
test_E37_R69_every_lifetime_is_clamped() {
    local headers from to life
    while read -r from to headers; do
        inject "{\"documents\":{\"/jwks\":{\"headers\":$headers}}}" && jwks refresh >/dev/null || return 1
        life=$(awk '/^fetched/ { f = $2 } /^fresh_until/ { print $2 - f }' "$keys_file")
        if [ "$life" -lt "$from" ] || [ "$life" -gt "$to" ]; then
            echo "$headers: $life s"
            return 1
        fi
    done <<-'END'
		300 300 {"cache-control":"max-age=0"}
		300 300 {"cache-control":"max-age=-1"}
		86400 86400 {"cache-control":"max-age=1000000000000000000"}
		86400 86400 {"cache-control":"max-age=99999999999999999999999999999999"}
		300 300 {"cache-control":"no-store"}
		3600 3600 {"cache-control":"public"}
		3600 3600 {"cache-control":""}
		7200 7200 {"cache-control":"max-age=7200"}
		5200 5200 {"cache-control":"max-age=7200","age":"2000"}
		300 300 {"cache-control":"max-age=7200","age":"99999999999999999999"}
		7200 7200 {"cache-control":"max-age=7200","age":"-5"}
		300 300 {"cache-control":"max-age=abc"}
		300 300 {"cache-control":"max-age=1.5e9"}
	END
}

test_E38_R65_R66_metadata_of_others_and_addresses_elsewhere_are_refused() {
    refused() {
        clear
        forget
        inject "{\"documents\":{\"/.well-known/openid-configuration\":{\"merge\":$1}}}" &&
            good PAM_AUTHINFO_UNAVAIL && expect_asked 0
    }
    each refused '{"issuer":"https://evil.example"}' "{\"issuer\":\"$issuer/\"}" '{"issuer":null}' \
        "{\"jwks_uri\":\"${issuer/https/http}/jwks\"}" '{"jwks_uri":"https://evil.example/jwks"}' \
        '{"jwks_uri":"file:///etc/passwd"}' "{\"jwks_uri\":\"https://a:b@${issuer#https://}/jwks\"}" \
        "{\"jwks_uri\":\"https://${issuer#https://}@evil.example/jwks\"}" '{"jwks_uri":null}' '{"jwks_uri":5}'
}

# ---- the timer ------------------------------------------------------------------------------------

test_the_timer_asks_when_half_of_the_time_is_over() {
    jwks refresh --due && expect_asked 1 && jwks refresh --due && expect_asked 1 && age_keys 1790 -1810 &&
        jwks refresh --due && expect_asked 1 && age_keys 1801 -1799 && jwks refresh --due && expect_asked 2 &&
        good && expect_no_match "$(logs)" keys_stale
}

test_the_timer_says_why_not_and_keeps_what_there_is() {
    local said
    warm && inject "{\"documents\":{\"/jwks\":${failures[1]}}}" && age_keys 3000 -600 || return 1
    said=$(jwks refresh --due)
    expect_equal "$? $said" "1 failed corp: keys_unavailable: $issuer/jwks: HTTP status 503" && good
}

# With no more rights than conf/systemd gives it.
test_the_rights_of_the_unit_are_enough() {
    local bounding words
    bounding=$(sed -n 's/^CapabilityBoundingSet=//p' "$top/conf/systemd/pam-oauth-jwks.service" |
        tr 'A-Z ' 'a-z,' | sed 's/cap_/+/g')
    words=$(setpriv --bounding-set "-all,$bounding" --inh-caps -all --no-new-privs \
        "$SANDBOX_DIR/pam-oauth" --config "$config" jwks refresh) || { echo "$words"; return 1; }
    expect_match "$words" '^refreshed corp: 4 keys' && good
}

test_a_refresh_by_somebody_else_is_told_that_it_cannot_be_kept() {
    local said
    warm && said=$(as_user alice "$SANDBOX_DIR/pam-oauth" --config "$config" jwks refresh 2>&1)
    expect_equal "$?" 1 && expect_match "$said" '^failed corp: store: keys not stored in ' &&
        expect_match "$(as_user alice "$SANDBOX_DIR/pam-oauth" --config "$config" jwks)" 'fresh for'
}

# Two at once: one asks, and its answer is both's.
test_R123_two_refreshes_at_once_ask_once() {
    local first
    inject '{"documents":{"/jwks":{"delay":1500}}}'
    jwks refresh >"$SANDBOX_DIR/first" &
    first=$!
    await_asked 1
    jwks refresh >"$SANDBOX_DIR/second" && wait "$first" && expect_asked 1 &&
        expect_match "$(cat "$SANDBOX_DIR/second")" '^refreshed corp: 4 keys'
}

# Thirty RSA keys are more than what is tested for a prime while a sign-in waits; then each login tests the
# one that it uses, until a refresh has tested them all.
test_E30_a_refresh_that_nobody_waits_for_tests_all_keys() {
    local kid
    kid=$(cut -d . -f 1 "$SANDBOX_DIR/good" | tr _- /+ | base64 -d 2>/dev/null | sed 's/.*"kid":"\([^"]*\)".*/\1/')
    inject '{"documents":{"/jwks":{"body":'"$(control jwks | node "$top/tests/bench/growth/mint.mjs" keys 30 "$kid")"'}}}'
    good && expect_equal "$(untested_keys)" 30 && jwks refresh >/dev/null && expect_equal "$(untested_keys)" 0 && good
}
untested_keys() { grep -c '^=[^ ]* RSA [^ ]* ? ' "$keys_file"; }

# ---- pinned keys ------------------------------------------------------------------------------------

test_R77_pinned_keys_need_no_network_no_fetcher_and_no_store() {
    control jwks >"$SANDBOX_DIR/pam_oauth/corp.jwks"
    keys_config "jwks_file = $SANDBOX_DIR/pam_oauth/corp.jwks"
    sed -i "s#^fetcher = .*#fetcher = /nosuch#; s#^cache = .*#cache = /nosuch#; s#^run = .*#run = /nosuch#" "$config"
    expect_equal "$(unshare -n "$many" keys 1 "$SANDBOX_DIR/good" | codes_only)" 'PAM_SUCCESS 1' &&
        expect_equal "$(unshare -n "$many" keys 1 "$SANDBOX_DIR/strangers" | codes_only)" 'PAM_AUTH_ERR 1' &&
        expect_no_network && expect_equal "$(find "$cache" "$run" -type f)" ""
}

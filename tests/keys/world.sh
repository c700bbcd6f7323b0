# shellcheck shell=bash disable=SC2154
#
# The world of tests/keys: one provider, one service, and sign-ins by the hundred (many.c). Sourced
# inside the sandbox, behind the world of tests/e2e, whose words it shares.

export PAM_TESTS=$SANDBOX_DIR/pam PAM_TESTS_SYSLOG=yes

# The provider's control socket and log, without a node for every word: ctl.mjs is for what starts.
control() { # OPERATION [BODY]
    local body=${2-}
    printf 'POST /%s HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s' "$1" "${#body}" "$body" |
        socat -t 20 - "UNIX-CONNECT:$provider_dir/control.sock,shut-none" |
        awk 'NR == 1 { good = $2 == 200 } body { print } /^\r$/ { body = 1 } END { exit !good }'
}
requests() { cat "$provider_dir/requests.log"; }
forget() { : >"$provider_dir/requests.log"; }
inject() { control inject "$1" >/dev/null; }
clear() { control clear; }
rotate() { control rotate; }
# shellcheck disable=SC2120 # members stand in other files
mint() { # [PAYLOAD-MEMBERS]
    control mint '{"key":"RS256","payload":{"sub":"248289761001","aud":"ssh://testhost","exp":'"$(($(date +%s) + 3600))${1:+,$1}"'}}'
}
cache=$SANDBOX_DIR/cache
run=$SANDBOX_DIR/run

# LINES are more of [provider corp].
# shellcheck disable=SC2120 # they stand in other files
keys_config() { # [LINE...]
    cat >"$config" <<-END
		[provider corp]
		issuer = $issuer
		client_id = linux-login
		audience = ssh://testhost
		ca_file = $provider_dir/ca.pem
		timeout = 5s
		$(printf '%s\n' "$@")

		[service keys]
		providers = corp
		methods = token
		$(paths_section)
		fetcher = $SANDBOX_DIR/pam-oauth-fetcher
	END
}

keys_make() {
    mkdir -p "$PAM_TESTS/stacks"
    install -m 644 "$BUILD/pam_oauth.so" "$module" &&
        install -m 755 "${FETCHER:-$BUILD/pam-oauth-fetcher}" "$SANDBOX_DIR/pam-oauth-fetcher" &&
        install -m 755 "$BUILD/pam-oauth" "$SANDBOX_DIR/pam-oauth" || return 1
    many=$(realpath "$BUILD/tests/keys/many")
    printf '%s\n' "auth required $module config=$config" 'auth required pam_permit.so' \
        >"$PAM_TESTS/stacks/keys"
    printf 'auth required pam_deny.so\n' >"$PAM_TESTS/stacks/other"
    node "$here/strangers.mjs" 1000 >"$SANDBOX_DIR/strangers"
    issuer=$(ctl start "$provider_dir") || return 1
    keys_file=$cache/$(printf %s "$issuer" | sha256sum | cut -d ' ' -f 1).keys
    flight_file=$run/$(printf %s "$issuer" | sha256sum | cut -d ' ' -f 1).refresh
    sign
}

# A good token of alice's, by the key that the provider has now; in $SANDBOX_DIR/good.
# shellcheck disable=SC2119
sign() { mint >"$SANDBOX_DIR/good"; }

keys_reset() {
    wait_for_refresher
    while umount "$cache" 2>/dev/null || umount "$run" 2>/dev/null; do :; done
    provider_runs || ctl start "$provider_dir" >/dev/null
    clear
    sign
    rm -rf "${cache:?}"/* "${run:?}"/*
    # shellcheck disable=SC2119
    keys_config
    echo 'corp  sub=248289761001  -> alice' >"$SANDBOX_DIR/pam_oauth/accounts.map"
    logs_clear
    forget
}

# ---- words -----------------------------------------------------------------------------------------

sign_in() { "$many" keys 1 "$SANDBOX_DIR/good" | codes_only; }
codes_only() { sed '/^slowest\|^memory/d'; }
good() { # what it must print
    local code
    code=$(sign_in)
    expect_equal "$code" "${1:-PAM_SUCCESS} 1"
}
# `all COUNT CODE TOKENS MOST-MS`: all at once, all with this code, the slowest in time
all() {
    local said
    said=$("$many" keys "$1" "$SANDBOX_DIR/$3")
    expect_match "$said" "^$2 $1\$" || return 1
    [ "$(sed -n 's/^slowest //p' <<<"$said")" -le "$4" ] || { printf '%s\n' "$said"; return 1; }
}
# How often the keys were asked for.
asked() { requests | grep -c 'GET /jwks'; }
expect_asked() { # COUNT
    local count
    count=$(asked)
    expect_equal "asked $count times" "asked $1 times"
}
jwks() { "$SANDBOX_DIR/pam-oauth" --config "$config" jwks "$@"; }
warm() { jwks refresh >/dev/null && forget && logs_clear; }

# The stored keys were fetched, and fresh until, so many seconds ago.
age_keys() { # FETCHED FRESH-UNTIL
    local now
    now=$(date +%s)
    sed -i "s/^fetched .*/fetched $((now - $1))/; s/^fresh_until .*/fresh_until $((now - $2))/" "$keys_file"
}
# As if the last forced refresh had been that long ago; in place, for the lock is on the file.
age_flight() { # SECONDS
    local text
    text=$(sed "s/^forced .*/forced $(($(date +%s) - $1))/; s/^called .*/called $(($(date +%s) - $1))/" "$flight_file")
    { printf '%s\n' "$text" && yes '' | head -c 2048; } | head -c 2048 | dd of="$flight_file" conv=notrunc status=none
}
stored_kids() { jwks --json 2>/dev/null | grep -o '"kid":"[^"]*"' | sort; }
forced() { sed -n 's/^forced //p' "$flight_file"; }

# Of a sign-in, dead or alive.
processes() { pgrep -xl 'pam-oauth.*'; pgrep -xl many; }
refresher_runs() { pgrep -x pam-oauth >/dev/null; }
wait_for_refresher() {
    local try
    for ((try = 0; try < 600; try++)); do
        refresher_runs || return 0
        sleep 0.02
    done
    return 1
}

# The function for each of the words, up to the first for which it fails.
each() { # FUNCTION WORD...
    local word
    for word in "${@:2}"; do
        "$1" "$word" || { printf 'with %s\n' "$word"; return 1; }
    done
}
# Until the provider has been asked for its keys so often.
await_asked() { # COUNT
    local try
    for ((try = 0; try < 500; try++)); do
        [ "$(asked)" -lt "$1" ] || return 0
        sleep 0.02
    done
    echo "asked $(asked) times"
    return 1
}
expect_asked_at_most() { # COUNT
    local count
    count=$(asked)
    [ "$count" -le "$1" ] || { printf 'asked %s times\n' "$count"; return 1; }
}

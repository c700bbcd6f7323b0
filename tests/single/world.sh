# shellcheck shell=bash disable=SC2154
#
# The world of tests/single: pinned keys, three services, and tokens by the hundred. Sourced inside the
# sandbox, behind the world of tests/e2e, whose words it shares.

export PAM_TESTS=$SANDBOX_DIR/pam PAM_TESTS_SYSLOG=yes
state=$SANDBOX_DIR/state

# LINES are those of [store]. A busy machine has more time than the 3 s that are the default: who is let
# in is what is looked at here.
# shellcheck disable=SC2120 # they stand in other files
single_config() { # [LINE...]
    cat >"$config" <<-END
		[provider corp]
		issuer = https://sso.example.org/realms/corp
		audience = ssh://testhost
		jwks_file = $PAM_TESTS/corp.jwks

		[service single]
		providers = corp
		methods = token
		single_use = yes

		[service strict]
		providers = corp
		methods = token
		single_use = yes
		require = groups=nobody-has-it

		[service twice]
		providers = corp
		methods = token
		$(paths_section)
		fetcher = $SANDBOX_DIR/pam-oauth-fetcher
		[store]
		$([[ $* == *timeout* || $# -eq 0 ]] || echo 'timeout = 20s')
		$(printf '%s\n' "$@")
	END
}

single_make() {
    local service
    mkdir -p "$PAM_TESTS/stacks"
    install -m 644 "$BUILD/pam_oauth.so" "$module" &&
        install -m 755 "${FETCHER:-$BUILD/pam-oauth-fetcher}" "$SANDBOX_DIR/pam-oauth-fetcher" &&
        install -m 755 "$BUILD/pam-oauth" "$SANDBOX_DIR/pam-oauth" || return 1
    many=$(realpath "$BUILD/tests/keys/many")
    for service in single strict twice; do
        printf '%s\n' "auth required $module config=$config" 'auth required pam_permit.so' \
            >"$PAM_TESTS/stacks/$service"
    done
    printf 'auth required pam_deny.so\n' >"$PAM_TESTS/stacks/other"
    mint 200 >"$SANDBOX_DIR/tokens" && chmod 755 "$PAM_TESTS"
}

single_reset() {
    while umount "$state" 2>/dev/null; do :; done
    rm -rf "${state:?}"/*
    # shellcheck disable=SC2119
    single_config
    echo 'corp  sub=248289761001  -> alice' >"$SANDBOX_DIR/pam_oauth/accounts.map"
    logs_clear
}

# ---- words -----------------------------------------------------------------------------------------

mint() { node "$here/mint.mjs" "$PAM_TESTS" "$@"; }

# Tokens that no test has had before, in $SANDBOX_DIR/token: one, or COUNT.
taken=0
next() { # [COUNT]
    if [ $((taken + ${1:-1})) -gt "$(wc -l <"$SANDBOX_DIR/tokens")" ]; then
        mint 200 >>"$SANDBOX_DIR/tokens"
    fi
    tail -n "+$((taken + 1))" "$SANDBOX_DIR/tokens" | head -n "${1:-1}" >"$SANDBOX_DIR/token"
    taken=$((taken + ${1:-1}))
}
sign_in() { # SERVICE
    "$many" "$1" 1 "$SANDBOX_DIR/token" | grep '^PAM_'
}
# `signs_in SERVICE CODE [REGEX]`: with the token at hand, and this is logged
signs_in() {
    local code
    logs_clear
    code=$(sign_in "$1")
    expect_equal "$code" "$2 1" && { [ -z "${3:-}" ] || expect_logged "$3"; }
}
in_once() { # SERVICE
    next && signs_in "$1" PAM_SUCCESS && signs_in "$1" PAM_AUTH_ERR 'verdict=refused reason=replayed ' &&
        signs_in "$1" PAM_AUTH_ERR 'verdict=refused reason=replayed '
}
# Two processes with one token, so many times, each time another: one is let in, one is not.
races() { # COUNT
    local i
    next "$1"
    cp "$SANDBOX_DIR/token" "$SANDBOX_DIR/race"
    for ((i = 1; i <= $1; i++)); do
        sed -n "${i}p" "$SANDBOX_DIR/race" >"$SANDBOX_DIR/token"
        "$many" single 2 "$SANDBOX_DIR/token" | grep '^PAM_' | tr '\n' ' '
        echo
    done >"$SANDBOX_DIR/said"
    logs | grep 'verdict=failed'
    expect_equal "$(sort "$SANDBOX_DIR/said" | uniq -c | tr -s ' ')" " $1 PAM_SUCCESS 1 PAM_AUTH_ERR 1 " &&
        expect_equal "$(logs | grep -c 'verdict=accepted')" "$1" &&
        expect_equal "$(logs | grep -c 'verdict=refused reason=replayed')" "$1"
}
# Nobody can look for leaks in a process that is traced already.
traced() { ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 strace "$@"; }
# The function for each of the words, up to the first for which it fails.
each() { # FUNCTION WORD...
    local word
    for word in "${@:2}"; do
        "$1" "$word" || { printf 'with %s\n' "$word"; return 1; }
    done
}

# shellcheck shell=bash
#
# The world of tests/pam: keys, tokens, configurations and PAM stacks, all below $SANDBOX_DIR.
# Sourced inside the sandbox.

export PAM_TESTS=$SANDBOX_DIR/pam
module=$SANDBOX_DIR/pam_oauth.so
etc=$SANDBOX_DIR/pam_oauth
fake=$SANDBOX_DIR/fake

corp() {
    cat <<-END
		[provider corp]
		issuer = https://sso.example.org/realms/corp
		client_id = linux-login
		audience = ssh://testhost
		jwks_file = $PAM_TESTS/corp.jwks
		device_authorization_endpoint = https://127.0.0.1:1/device
		token_endpoint = https://127.0.0.1:1/token
	END
}

# One provider with pinned keys, one that nobody listens for, in most stacks of most tests.
write_config() {
    cat >"$etc/pam_oauth.conf" <<-END
		$(corp)
		[provider away]
		issuer = https://127.0.0.1:1/away
		client_id = linux-login
		audience = ssh://testhost
		timeout = 3s
		device_authorization_endpoint = https://127.0.0.1:1/device
		token_endpoint = https://127.0.0.1:1/token

		[service tokens shipped sufficient witness alone]
		providers = corp
		methods = token
		local_users = breakglass

		[service both]
		providers = corp
		methods = token device

		[service strict]
		providers = corp
		methods = token
		require = groups=nobody-has-it

		[service once]
		providers = corp
		methods = token
		single_use = yes

		[service recent]
		providers = corp
		methods = token
		sign_in_within = 1h

		[service away]
		providers = away
		methods = token

		[service browser]
		providers = away
		methods = device
		$(paths_section)
		fetcher = $SANDBOX_DIR/pam-oauth-fetcher
	END
    # no clock skew: what is asked is when the clock is read
    cat >"$etc/exact.conf" <<-END
		$(corp)
		clock_skew = 0
		[service exact]
		providers = corp
		methods = token
		$(paths_section)
	END
    cat >"$etc/faked.conf" <<-END
		[provider faked]
		issuer = https://faked.example
		client_id = linux-login
		audience = ssh://testhost
		timeout = 2s

		[service faked]
		providers = faked
		methods = token

		[service patient]
		providers = faked
		methods = token device
		device_timeout = 300s

		[service flow]
		providers = faked
		methods = device
		device_timeout = 10s
		$(paths_section)
		fetcher = $fake/pam-oauth-fetcher
		accounts = $etc/faked.map
	END
    echo 'faked sub=248289761001 -> alice' >"$etc/faked.map"
    sed 's/^client_id/cleint_id/' "$etc/pam_oauth.conf" >"$etc/typo.conf"
    sed 's,^fetcher = .*,fetcher = /nosuch/fetcher,' "$etc/pam_oauth.conf" >"$etc/nofetcher.conf"
    echo 'fetcher_user = nosuchuser' | cat "$etc/pam_oauth.conf" - >"$etc/nouser.conf"
    sed "s,^jwks_file = .*,jwks_file = $PAM_TESTS/absent.jwks," "$etc/pam_oauth.conf" >"$etc/nojwks.conf"
    echo 'accounts = /nosuch/map' | cat "$etc/pam_oauth.conf" - >"$etc/nomap.conf"
    install -m 666 "$etc/pam_oauth.conf" "$etc/writable.conf"
    install -m 644 -o 60001 "$etc/pam_oauth.conf" "$etc/alices.conf"
    ln -sf pam_oauth.conf "$etc/link.conf"
    cat >"$etc/accounts.map" <<-END
		corp   sub=248289761001  -> alice
		corp   sub=90125         -> bob
		away   sub=248289761001  -> alice
		corp   sub=248289761001  -> root
		corp   sub=248289761001  -> toor
		corp   sub=248289761001  -> deploy
		corp   sub=248289761001  -> nouid
		corp   sub=248289761001  -> nogid
		!corp  sub=777
	END
}

# Names beside the sandbox's own: root's and alice's uids once more.
write_accounts() {
    echo 'toor:x:0:0:root by another name:/root:/bin/sh' >>/etc/passwd
    echo 'nouid:x:4294967295:60001:what setreuid takes for none:/:/bin/sh' >>/etc/passwd
    echo 'nogid:x:60005:4294967295:the same of groups:/:/bin/sh' >>/etc/passwd
    echo 'alsoalice:x:60001:60001:alice by another name:/:/bin/sh' >>/etc/passwd
}

stack() { # SERVICE LINE...
    printf '%s\n' "${@:2}" >"$PAM_TESTS/stacks/$1"
}

# A service whose auth stack is the module and pam_permit: PAM_IGNORE would show as success.
permit() { # SERVICE ARGUMENT...
    stack "$1" "auth required $module ${*:2}" "auth required pam_permit.so" \
        "account required $module ${*:2}" "session required $module ${*:2}"
}

write_stacks() {
    local service
    mkdir -p "$PAM_TESTS/stacks"
    stack other 'auth required pam_deny.so' 'account required pam_deny.so'
    for service in tokens both strict away browser once nosection; do
        permit "$service" "config=$etc/pam_oauth.conf"
    done
    stack recent "account required $module config=$etc/pam_oauth.conf" 'account required pam_permit.so'
    permit exact "config=$etc/exact.conf"
    permit faked "config=$etc/faked.conf"
    permit flow "config=$etc/faked.conf"
    permit patient "config=$etc/faked.conf"
    # wrong in one way each; the service they name has to have a section, so it is `tokens` still
    for service in typo nofetcher nouser nojwks nomap writable alices link absent; do
        mkdir -p "$PAM_TESTS/stacks.$service"
        cp "$PAM_TESTS/stacks/other" "$PAM_TESTS/stacks.$service/other"
        sed "s,config=$etc/pam_oauth.conf,config=$etc/$service.conf," "$PAM_TESTS/stacks/tokens" \
            >"$PAM_TESTS/stacks.$service/tokens"
        sed "s,config=$etc/pam_oauth.conf,config=$etc/$service.conf," "$PAM_TESTS/stacks/away" \
            >"$PAM_TESTS/stacks.$service/away"
    done
    stack sufficient "auth sufficient $module config=$etc/pam_oauth.conf" 'auth required pam_deny.so'
    stack shipped "auth [success=done ignore=ignore default=die] $module config=$etc/pam_oauth.conf" \
        'auth required pam_deny.so' \
        "account [success=ok ignore=ignore default=die] $module config=$etc/pam_oauth.conf" \
        'account required pam_permit.so'
    stack alone "auth required $module config=$etc/pam_oauth.conf" \
        "account required $module config=$etc/pam_oauth.conf" \
        "session required $module config=$etc/pam_oauth.conf"
    stack password "password required $module config=$etc/pam_oauth.conf"
    stack witness "auth required $PAM_TESTS/witness.so before" \
        "auth required $module config=$etc/pam_oauth.conf" \
        "auth required $PAM_TESTS/witness.so after"
    mkdir -p "$PAM_TESTS"/stacks.{argument,relative,debug,services}
    sed "s,config=.*,& debug," "$PAM_TESTS/stacks/tokens" >"$PAM_TESTS/stacks.debug/tokens"
    cp "$PAM_TESTS/stacks/other" "$PAM_TESTS/stacks.debug"
    cp "$PAM_TESTS/stacks/other" "$PAM_TESTS/stacks.services"
    cp "$PAM_TESTS/stacks/other" "$PAM_TESTS/stacks.argument"
    cp "$PAM_TESTS/stacks/other" "$PAM_TESTS/stacks.relative"
    sed "s,config=.*,& try_first_pass," "$PAM_TESTS/stacks/tokens" >"$PAM_TESTS/stacks.argument/tokens"
    sed "s,config=.*,config=pam_oauth.conf," "$PAM_TESTS/stacks/tokens" \
        >"$PAM_TESTS/stacks.relative/tokens"
}

world_make() { # BUILD MINT
    mkdir -p "$PAM_TESTS" "$fake"
    install -m 644 "$1/pam_oauth.so" "$module" &&
        install -m 644 "$1/tests/pam/witness.so" "$PAM_TESTS/witness.so" &&
        install -m 755 "${FETCHER:-$1/pam-oauth-fetcher}" "$SANDBOX_DIR/pam-oauth-fetcher" &&
        install -m 755 "$1/pam-oauth" "$SANDBOX_DIR/pam-oauth" &&
        install -m 755 "$1/tests/pam/fetcher" "$fake/pam-oauth-fetcher" &&
        node "$2" "$PAM_TESTS" || return 1
    cp "$PAM_TESTS/corp.jwks" "$fake/jwks"
    cp "$PAM_TESTS/tokens/approved" "$fake/id_token"
    echo serve >"$fake/behaviour"
    write_config
    write_accounts
    write_stacks
    # for setlocale(3): a comma in numbers, an i without its dot
    export LOCPATH=$PAM_TESTS/locales
    mkdir -p "$LOCPATH"
    localedef -i de_DE -f UTF-8 "$LOCPATH/de_DE.UTF-8" 2>/dev/null
    localedef -i tr_TR -f UTF-8 "$LOCPATH/tr_TR.UTF-8" 2>/dev/null
    return 0
}

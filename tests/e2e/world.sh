# shellcheck shell=bash
#
# The world of the end-to-end tests: one provider, one configuration, PAM stacks, an sshd; and the
# few words in which the tests are written. Sourced inside the sandbox.

provider_dir=$SANDBOX_DIR/provider
config=$SANDBOX_DIR/pam_oauth/pam_oauth.conf
module=$SANDBOX_DIR/pam_oauth.so
export provider_dir top

ctl() { node "$top/tests/provider/ctl.mjs" "$@"; }

# The user who approves reads URL and code off the screen, as anybody would.
approve_as() { # USER TEXT
    local url code
    url=$(grep -oE 'https://[^ ]+' <<<"$2" | tail -n 1)
    code=$(sed -n 's/.*enter this code:  *\([A-Z0-9-]*\).*/\1/p' <<<"$2" | tail -n 1)
    ctl approve "$provider_dir" "$url" "$code" "$1"
}
deny_it() { # TEXT
    local url code
    url=$(grep -oE 'https://[^ ]+' <<<"$1" | tail -n 1)
    code=$(sed -n 's/.*enter this code:  *\([A-Z0-9-]*\).*/\1/p' <<<"$1" | tail -n 1)
    ctl deny "$provider_dir" "$url" "$code" alice
}
export -f ctl approve_as deny_it

token() { ctl token "$provider_dir" "$@"; }
# A token signed by the provider's own key; its payload over a good one of alice's.
mint() { # PAYLOAD-MEMBERS [KEY] [HEADER-MEMBERS]
    ctl mint "$provider_dir" "{\"key\":\"${2:-RS256}\",\"header\":{${3:-}},\"payload\":{
        \"sub\":\"248289761001\",\"aud\":\"ssh://testhost\"${1:+,$1}}}"
}
forget() { ctl forget "$provider_dir"; }
requests() { ctl requests "$provider_dir"; }

# ---- what a test expects --------------------------------------------------------------------------

expect_equal() { # GOT WANTED
    [ "$1" = "$2" ] || { printf 'got:    %s\nwanted: %s\n' "$1" "$2"; return 1; }
}
expect_match() { # TEXT REGEX
    grep -qE -- "$2" <<<"$1" || { printf 'no match for %s in:\n%s\n' "$2" "$1"; return 1; }
}
expect_no_match() { # TEXT REGEX
    ! grep -qE -- "$2" <<<"$1" || { printf 'a match for %s in:\n%s\n' "$2" "$1"; return 1; }
}
# What was on the terminal last.
shown() { tr -d '\r' <"$SANDBOX_DIR/tty"; }
# The processes that are called so. Below a preloaded ASan pgrep hangs, in textdomain(3).
processes() { # NAME
    local comm name
    for comm in /proc/[0-9]*/comm; do
        comm=${comm#/proc/}
        read -r name 2>/dev/null <"/proc/$comm" && [ "$name" = "$1" ] && echo "${comm%/comm}"
    done
}
export -f processes
# How the fetchers of all sign-ins end: gone, or still there after so many seconds.
how_long_it_lives() { # [SECONDS]
    local n
    for ((n = 0; n < ${1:-2} * ${PATIENCE:-1} * 20; n++)); do
        [ -n "$(processes pam-oauth-fetch)" ] || { echo gone; return; }
        sleep 0.05
    done
    echo 'still there'
}
export -f how_long_it_lives
# At most so many seconds, or PATIENCE times so many where all takes longer (tests/sanitize).
expect_within() { # BEGAN SECONDS
    local took=$((SECONDS - $1)) most=$(($2 * ${PATIENCE:-1}))
    [ "$took" -le "$most" ] || { printf 'took %d s, at most %d\n' "$took" "$most"; return 1; }
}
expect_logged() { # REGEX
    expect_match "$(logs)" "$1"
}
# Exactly one decision has been logged since the test began, and it is this one.
expect_decision() { # REGEX
    local lines
    lines=$(logs | grep -F 'event=sign_in')
    expect_equal "$(wc -l <<<"$lines")" 1 && expect_match "$lines" "$1"
}
expect_no_network() {
    expect_equal "$(requests)" ''
}

# ---- configuration --------------------------------------------------------------------------------

write_config() { # [MORE-LINES-OF-[service *]]
    cat >"$config" <<-END
		[provider corp]
		issuer = $issuer
		client_id = linux-login
		audience = ssh://testhost
		ca_file = $provider_dir/ca.pem
		timeout = 3s

		[service sshd]
		providers = corp
		methods = token device
		local_users = breakglass carol

		[service sudo sudo-i]
		providers = corp
		methods = token device
		device_timeout = 20s

		[service su]
		providers = corp
		methods = token

		[service tokens]
		providers = corp
		methods = token

		[service browser]
		providers = corp
		methods = device

		[service *]
		device_timeout = 30s
		${1:-}
		$(paths_section)
		fetcher = $SANDBOX_DIR/pam-oauth-fetcher
	END
}

write_map() {
    cat >"$SANDBOX_DIR/pam_oauth/accounts.map" <<-END
		# who may be whom
		corp  sub=248289761001  -> alice
		corp  sub=90125         -> bob
	END
}

# The lines of conf/pam.d between the dashes, with the module that was built here and pam_unix in
# place of Debian's common-* files.
write_stacks() {
    local service
    for service in sshd sudo sudo-i su tokens browser nosection; do
        pam_stack "$service" \
            'auth [success=ignore ignore=ignore default=1] pam_succeed_if.so quiet user in root:breakglass' \
            'auth [success=done default=die] pam_unix.so' \
            "auth [success=done ignore=ignore default=die] $module config=$config" \
            'auth required pam_unix.so' \
            'account [success=1 default=ignore] pam_succeed_if.so quiet user in root:breakglass' \
            "account [success=ok ignore=ignore module_unknown=ignore default=die] $module config=$config" \
            'account required pam_unix.so' \
            "session optional $module config=$config" \
            'session required pam_permit.so'
    done
    # root signs in here with a token too, where a rule and system_users say so
    pam_stack tokens \
        "auth [success=done ignore=ignore default=die] $module config=$config" \
        'auth required pam_unix.so' \
        'account required pam_unix.so' \
        "session optional $module config=$config" \
        'session required pam_permit.so'
}

# The shipped stack, with the module that was built here and the least of Debian's common-*.
shipped_stack() { # SERVICE
    sed "s|pam_oauth\.so|$module config=$config|" "$top/conf/pam.d/$1" >"/etc/pam.d/$1"
    pam_stack common-account 'account required pam_unix.so'
    pam_stack common-session 'session required pam_unix.so'
    pam_stack common-session-noninteractive 'session required pam_unix.so'
    pam_stack common-password 'password required pam_deny.so'
}

world_make() {
    install -m 644 "$BUILD/pam_oauth.so" "$module" &&
        install -m 755 "${FETCHER:-$BUILD/pam-oauth-fetcher}" "$SANDBOX_DIR/pam-oauth-fetcher" &&
        install -m 755 "$BUILD/pam-oauth" "$SANDBOX_DIR/pam-oauth" || return 1
    issuer=$(ctl start "$provider_dir") || return 1
    cp -a /etc/pam.d "$SANDBOX_DIR/pam.d" || return 1
    write_stacks
    write_config
    write_map
    sshd_start || return 1
}

provider_runs() { [ -e "$provider_dir/pid" ] && kill -0 "$(cat "$provider_dir/pid")" 2>/dev/null; }

world_end() {
    sshd_stop
    ctl stop "$provider_dir"
}

# Before each test: configuration, map and keys as after a quiet day, nothing logged or asked.
world_reset() {
    provider_runs || ctl start "$provider_dir" >/dev/null
    rm -rf "$SANDBOX_DIR"/pam_oauth/*
    ctl clear "$provider_dir"
    write_config
    write_map
    rm -rf /etc/pam.d/* # the stacks of a test before, which others would hold for the host's
    cp -a "$SANDBOX_DIR"/pam.d/* /etc/pam.d
    write_stacks
    rm -rf "$SANDBOX_DIR"/cache/* "$SANDBOX_DIR"/run/* /run/user/* /etc/sudoers.d/*
    install -m 755 "${FETCHER:-$top/$BUILD/pam-oauth-fetcher}" "$SANDBOX_DIR/pam-oauth-fetcher"
    logs_clear
    prompts_clear
    forget
}

# The keys are on disk afterwards, and the record of requests is empty.
warm_keys() {
    pam_answer tokens alice "$(mint)" -- authenticate >/dev/null || return 1
    logs_clear
    forget
}

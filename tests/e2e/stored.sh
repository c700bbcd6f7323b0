# shellcheck shell=bash disable=SC2016,SC2154
# A world in which users store tokens: for cases_stored.sh, cases_own.sh and cases_browser.sh.

# The services that look for it; the first argument adds lines to [service sudo].
stored_config() {
    write_config
    sed -i '/^\[service sudo sudo-i\]$/,/^$/s/^methods = .*/methods = stored token\nmax_auth_age = 10m/
        /^\[service su\]$/,/^$/s/^methods = .*/methods = stored\nmax_auth_age = 10m/
        /^\[service tokens\]$/,/^$/s/^methods = .*/methods = stored\nmax_auth_age = 10m/
        /^\[service sshd\]$/,/^$/s/^methods = .*/methods = stored token\nmax_auth_age = 10m/' "$config"
    [ $# -eq 0 ] || sed -i "/^\[service sudo sudo-i\]\$/a $1" "$config"
    warm_stored_keys
    echo 'Defaults noninteractive_auth' >/etc/sudoers.d/noninteractive
    grep -q includedir /etc/sudoers || echo '@includedir /etc/sudoers.d' >>/etc/sudoers
}
warm_stored_keys() {
    "$SANDBOX_DIR/pam-oauth" --config "$config" jwks refresh >/dev/null && logs_clear && forget
}

# Signed in just now, or SECONDS ago.
fresh() { # [SECONDS [PAYLOAD-MEMBERS]]
    mint "\"auth_time\":$(($(date +%s) - ${1:-0}))${2:+,$2}"
}

# What `pam-oauth login` leaves: in the module's place, or in the system's where there is one.
store_token() { # USER TOKEN [FILE]
    local uid place
    uid=$(id -u "$1")
    place=$SANDBOX_DIR/run/user/$uid
    [ ! -d "/run/user/$uid" ] || place=/run/user/$uid/pam-oauth
    install -d -m 711 "$SANDBOX_DIR/run/user"
    install -d -m 700 -o "$1" -g "$1" "$place"
    stored=$place/${3:-corp.token}
    rm -rf "$stored"
    printf '%s\n' "$2" >"$stored" && chmod 600 "$stored" && chown "$1:" "$stored"
}
logind() { install -d -m 700 -o "$1" -g "$1" "/run/user/$(id -u "$1")"; }

own() { # USER WORD...
    as_user "$1" "$SANDBOX_DIR/pam-oauth" --config "$config" "${@:2}"
}
# What $BROWSER of a test is: walks the pages as alice, or does SHELL-COMMANDS with the URL as $1.
browser() { # [SHELL-COMMANDS]
    printf '#!/bin/bash\nexec >%s/browsed 2>&1\ntrap "touch %s/over" EXIT\n%s\n' "$SANDBOX_DIR/home" \
        "$SANDBOX_DIR/browsing" "${1:-ctl browse \"\$provider_dir\" \"\$1\" alice}" >"$SANDBOX_DIR/browser"
    chmod 755 "$SANDBOX_DIR/browser"
    export BROWSER=$SANDBOX_DIR/browser
    install -m 666 /dev/null "$SANDBOX_DIR/home/browsed"
    install -d -m 777 "$SANDBOX_DIR/browsing"
    rm -f "$SANDBOX_DIR/browsing/over"
}
# What it said, when it is done: that may be after the terminal is.
browsed() {
    for _ in {1..200}; do
        [ ! -e "$SANDBOX_DIR/browsing/over" ] || break
        sleep 0.1
    done
    cat "$SANDBOX_DIR/home/browsed"
}
# The parts of the redirect that a test sends by itself.
state_of() { sed -n 's/.*[?&]state=\([^&]*\).*/\1/p' <<<"$1"; }
port_of() { sed -n 's/.*127.0.0.1%3A\([0-9]*\).*/\1/p' <<<"$1"; }
# A request to the port, as it stands; what is answered.
knock() { # PORT REQUEST-LINE [HEADER]
    timeout 5 bash -c 'exec 6<>"/dev/tcp/127.0.0.1/$1" && { printf "%s\r\n%s\r\n\r\n" "$2" "${3:-Host: localhost}" >&6
        cat <&6; }' knock "$@" 2>/dev/null
}
export -f state_of port_of knock

# With logind's directory, or where there is none with the module's.
place_with_runtime() { logind alice && stored=/run/user/60001/pam-oauth/corp; }
place_without_runtime() { pam_answer tokens alice -- open_session && stored=$SANDBOX_DIR/run/user/60001/corp; }

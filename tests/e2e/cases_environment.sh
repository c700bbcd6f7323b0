# shellcheck shell=bash disable=SC2016,SC2154
# E57: what a user puts into the environment of su and sudo (and what sudo is told to keep) has no
# effect: the verdict is the same, no proxy is contacted, nothing of the user's is loaded, and no
# file is made with rights that the user has not. And the proxy that the configuration names.

trap_dir=$SANDBOX_DIR/trap

# A proxy that notes who comes; its port is in proxy_port.
proxy_start() {
    local n
    rm -f "$SANDBOX_DIR/proxy.leash" "$SANDBOX_DIR/proxy.port"
    : >"$SANDBOX_DIR/proxy.log"
    mkfifo "$SANDBOX_DIR/proxy.leash"
    node "$top/tests/e2e/proxy.mjs" "$SANDBOX_DIR/proxy.log" <"$SANDBOX_DIR/proxy.leash" \
        >"$SANDBOX_DIR/proxy.port" &
    proxy_pid=$!
    exec 5>"$SANDBOX_DIR/proxy.leash"
    for ((n = 0; n < 400; n++)); do
        [ -s "$SANDBOX_DIR/proxy.port" ] && break
        sleep 0.05
    done
    proxy_port=$(cat "$SANDBOX_DIR/proxy.port")
}
proxy_stop() { exec 5>&-; }

# A directory in which anybody may make files, full of things to be led to.
trap_make() {
    local name
    rm -rf "$trap_dir"
    install -d -m 1777 "$trap_dir"
    [ -e "$SANDBOX_DIR/evil.so" ] || "${CC:-cc}" -O1 -Wall -Wextra -D_GNU_SOURCE -shared -fPIC \
        -o "$SANDBOX_DIR/evil.so" "$top/tests/e2e/evil.c" || return 1
    cp "$SANDBOX_DIR/evil.so" "$trap_dir/evil.so"
    for name in libcurl.so.4 libcurl-gnutls.so.4 libjansson.so.4 libcrypto.so.3 libseccomp.so.2 \
        libnss_files.so.2 libnss_dns.so.2 legacy.so fips.so EVIL.so; do
        ln "$trap_dir/evil.so" "$trap_dir/$name"
    done
    printf 'module UTF-8// INTERNAL %s/EVIL 1\n' "$trap_dir" >"$trap_dir/gconv-modules"
    printf 'openssl_conf = c\n[c]\nproviders = p\n[p]\nevil = e\n[e]\nmodule = %s/evil.so\nactivate = 1\n' \
        "$trap_dir" >"$trap_dir/openssl.cnf"
    printf 'machine localhost login evil password evil\n' >"$trap_dir/.netrc"
    printf 'proxy = http://127.0.0.1:%s\ninsecure\n' "$proxy_port" >"$trap_dir/.curlrc"
    printf 'localhost evil.invalid\n' >"$trap_dir/aliases"
    : >"$trap_dir/empty.pem"
    hostile=(
        SSLKEYLOGFILE="$trap_dir/keylog" NETRC="$trap_dir/.netrc" CURL_HOME="$trap_dir"
        HOME="$trap_dir" XDG_CONFIG_HOME="$trap_dir" XDG_RUNTIME_DIR="$trap_dir" TMPDIR="$trap_dir"
        {http,https,all}_proxy="http://127.0.0.1:$proxy_port"
        {HTTPS,ALL}_PROXY="http://127.0.0.1:$proxy_port" NO_PROXY= no_proxy=
        SSL_CERT_FILE="$trap_dir/empty.pem" SSL_CERT_DIR="$trap_dir"
        CURL_CA_BUNDLE="$trap_dir/empty.pem" CURL_SSL_BACKEND=gnutls
        OPENSSL_CONF="$trap_dir/openssl.cnf" OPENSSL_MODULES="$trap_dir" OPENSSL_ENGINES="$trap_dir"
        LD_PRELOAD="$trap_dir/evil.so" LD_AUDIT="$trap_dir/evil.so" LD_LIBRARY_PATH="$trap_dir"
        LD_DEBUG=all LD_DEBUG_OUTPUT="$trap_dir/ld-debug" LD_PROFILE=libc.so.6
        LD_PROFILE_OUTPUT="$trap_dir" LD_BIND_NOT=1
        GCONV_PATH="$trap_dir" LOCPATH="$trap_dir" NLSPATH="$trap_dir/%N" LANG=tr_TR.UTF-8
        LC_ALL=de_DE.UTF-8 LANGUAGE=../.. TZ=":$trap_dir/openssl.cnf" TZDIR="$trap_dir"
        RES_OPTIONS='ndots:9 timeout:9 attempts:9' LOCALDOMAIN=evil.invalid
        HOSTALIASES="$trap_dir/aliases" RESOLV_HOST_CONF="$trap_dir/aliases"
        MALLOC_CHECK_=3 MALLOC_TRACE="$trap_dir/mtrace" MALLOC_PERTURB_=165 MALLOC_ARENA_MAX=0
        GLIBC_TUNABLES=glibc.malloc.check=3:glibc.malloc.tcache_count=0
        PATH="$trap_dir" IFS=/ BASH_ENV="$trap_dir/empty.pem" ENV="$trap_dir/empty.pem"
        PAM_OAUTH_CONFIG="$trap_dir/pam_oauth.conf" PAM_USER=root PAM_SERVICE=other
    )
    touch "$SANDBOX_DIR/stamp"
}
world_hostile() { proxy_start && trap_make; }

# What is made behind the user's back: by root or the fetcher's user, or by a program of ours.
expect_nothing_made() {
    local made
    proxy_stop
    made=$(find /run "$trap_dir" "$SANDBOX_DIR/home" -xdev -newer "$SANDBOX_DIR/stamp" -type f \
        \( -user root -o -user _pam-oauth \))
    made+=$(find "$trap_dir" -name 'loaded.su.*' -o -name 'loaded.sudo.*' \
        -o -name 'loaded.pam-oauth-fetch*' -o -name 'loaded.unix_chkpwd.*' -o -name keylog -o -name mtrace)
    expect_equal "$made" '' && expect_equal "$(cat "$SANDBOX_DIR/proxy.log")" ''
}
# The provider was asked for its documents, once, and straight.
expect_both_documents() {
    expect_equal "$(requests | grep -v CONNECT)" $'GET /.well-known/openid-configuration\nGET /jwks'
}

test_E57_the_trap_works_where_there_is_nothing_to_keep_it_out() {
    world_hostile && as_user bob env "${hostile[@]}" /bin/true &&
        expect_match "$(ls "$trap_dir")" '^loaded\.true\.60002$'
    proxy_stop
}

su_hostile() { # STEP... : alice's `su bob`, with the keys to be fetched
    on_tty "$@" -- env -C "$trap_dir" setpriv --reuid alice --regid alice --init-groups \
        /usr/bin/env "${hostile[@]}" /bin/su -c '/usr/bin/id -un' bob
}
test_E57_su_accepts_and_nothing_else_happens() {
    world_hostile && su_hostile "$(mint '"sub":"90125"')" && expect_match "$(tr -d '\r' <"$SANDBOX_DIR/tty")" '^bob$' &&
        expect_decision 'verdict=accepted .*account=bob service=su method=token' &&
        expect_both_documents && expect_nothing_made
}
test_E57_su_refuses_and_nothing_else_happens() {
    world_hostile && ! su_hostile "$(mint)" &&
        expect_decision 'verdict=refused reason=account .*account=bob service=su' &&
        expect_both_documents && expect_nothing_made
}
test_E57_su_without_a_provider_fails_and_nothing_else_happens() {
    local token
    world_hostile || return 1
    token=$(mint '"sub":"90125"')
    ctl stop "$provider_dir"
    ! su_hostile "$token" && expect_decision 'verdict=failed reason=keys_unavailable .*service=su' &&
        expect_nothing_made
}

sudo_hostile() { # ANSWER...: alice's `sudo -u bob`, with the keys to be fetched
    answered alice "$@" -- /usr/bin/env "${hostile[@]}" /usr/bin/sudo -A -u bob /usr/bin/id -un
}
# A token in parts that sudo lets through.
token_parts() { # [PAYLOAD-MEMBERS]
    local text
    text=$(mint "$@")
    parts=()
    while [ ${#text} -gt 480 ]; do
        parts+=("${text:0:480}+")
        text=${text:480}
    done
    parts+=("$text")
}
test_E57_sudo_accepts_and_nothing_else_happens() {
    local parts
    token_parts
    world_hostile && expect_equal "$(sudo_hostile "${parts[@]}" 2>/dev/null)" bob &&
        expect_decision 'verdict=accepted .*account=alice service=sudo method=token' &&
        expect_both_documents && expect_nothing_made
}
test_E57_sudo_refuses_and_nothing_else_happens() {
    local parts
    token_parts '"sub":"90125"'
    world_hostile && ! sudo_hostile "${parts[@]}" && expect_decision 'verdict=refused reason=account' &&
        expect_both_documents && expect_nothing_made
}
# sudo itself then runs the command with all of it; the command is bob's, and so is what it makes.
test_E57_sudo_that_keeps_the_environment() {
    local parts name code
    token_parts
    world_hostile || return 1
    cp -p /etc/sudoers "$SANDBOX_DIR/sudoers.was"
    for name in "${hostile[@]%%=*}"; do
        echo "Defaults env_keep += \"$name\"" >>/etc/sudoers
    done
    echo 'Defaults setenv, !env_reset' >>/etc/sudoers
    expect_equal "$(sudo_hostile "${parts[@]}" 2>/dev/null)" bob &&
        expect_decision 'verdict=accepted .*account=alice service=sudo method=token' &&
        expect_both_documents && expect_nothing_made
    code=$?
    cp -p "$SANDBOX_DIR/sudoers.was" /etc/sudoers
    return "$code"
}
# One fetcher for the keys and one for the polls, neither of which meets the proxy.
test_E57_sudo_with_the_device_flow() {
    world_hostile && on_tty '' '@enter this code:  [A-Z0-9-]+[^A-Z0-9-]!approve_as alice "$1"' -- \
        env -C "$trap_dir" setpriv --reuid alice --regid alice --init-groups \
        /usr/bin/env "${hostile[@]}" /usr/bin/sudo -u bob /usr/bin/id -un &&
        expect_match "$(tr -d '\r' <"$SANDBOX_DIR/tty")" '^bob$' &&
        expect_decision 'verdict=accepted .*account=alice service=sudo method=device' &&
        expect_nothing_made
}
# A program that runs as root without being setuid has no protection of the C library's: the fetcher
# gets none of it all the same. What OpenSSL and ld.so do to such a host is the host's own affair.
test_E57_a_host_that_is_not_setuid() {
    local mine=() word token
    world_hostile || return 1
    token=$(mint)
    for word in "${hostile[@]}"; do
        case $word in
        LD_* | OPENSSL_* | GLIBC_* | MALLOC_* | PATH=* | IFS=*) ;;
        *) mine+=("$word") ;;
        esac
    done
    env "${mine[@]}" pamtester tokens alice authenticate <<<"$token" &&
        expect_decision 'verdict=accepted .*account=alice service=tokens' &&
        expect_both_documents && expect_nothing_made
}

# ---- the proxy of the configuration ---------------------------------------------------------------

test_R101_the_configured_proxy_is_used() {
    proxy_start
    sed -i "s|^ca_file|proxy = http://127.0.0.1:$proxy_port\nca_file|" "$config"
    pam_answer tokens alice "$(mint)" -- authenticate && expect_decision 'verdict=accepted' &&
        expect_match "$(cat "$SANDBOX_DIR/proxy.log")" "^connect ${issuer#https://}" &&
        expect_equal "$(grep -c ^connection "$SANDBOX_DIR/proxy.log")" 1
    local code=$?
    proxy_stop
    return "$code"
}
test_R101_no_proxy_goes_before_the_configured_proxy() {
    local host=${issuer#https://}
    proxy_start
    sed -i "s|^ca_file|proxy = http://127.0.0.1:$proxy_port\nno_proxy = other.example,${host%%[:/]*}\nca_file|" "$config"
    pam_answer tokens alice "$(mint)" -- authenticate && expect_decision 'verdict=accepted' &&
        expect_equal "$(cat "$SANDBOX_DIR/proxy.log")" ''
    local code=$?
    proxy_stop
    return "$code"
}
test_R118_a_proxy_that_is_down_is_not_gone_around() {
    proxy_start
    proxy_stop
    wait "$proxy_pid"
    sed -i "s|^ca_file|proxy = http://127.0.0.1:$proxy_port\nca_file|" "$config"
    ! pam_answer tokens alice "$(mint)" -- authenticate &&
        expect_decision 'reason=keys_unavailable .*cannot connect: Connection refused' &&
        expect_equal "$(requests | grep -c GET)" 0
}

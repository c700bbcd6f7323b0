# shellcheck shell=bash disable=SC2154
#
# One sign-in by each module, in a host that has used libcrypto before and in one that has not. Sourced
# by tests/bench/inside.

answers=$SANDBOX_DIR/answers

measure_login() {
    login_world || return 1
    # One-time codes are counted on both sides, so each race begins with new secrets.
    peers_reset && login_commands cold | race login-cold 41 &&
        login_commands warm | grep -v 'google\|oath\|exec' | race login-warm 41 &&
        peers_reset && memory=$'--memory\t' login_commands cold | race login-memory-cold 6 &&
        memory=$'--memory\t' login_commands warm | grep -v 'google\|oath\|exec' | race login-memory-warm 6 &&
        peers_reset && ROUND=0 login_count cold && login_count warm
}

# What pam_exec starts is a process of its own, which is not counted.
login_count() { login_commands "$1" | grep -v "exec$([ "$1" = cold ] || printf '\\|google\\|oath')" | count "login-$1"; }

login_commands() { # KIND
    local alg peer
    for peer in permit oath google exec unix; do
        printf '%s\t%s\n' "$peer" "$(host "$1" "$peer" "$answers/$peer")"
    done
    for alg in "${algorithms[@]}"; do
        printf '%s\t%s\n' "$alg" "$(host "$1" keys "$tokens/$alg")"
    done
}

login_world() {
    mkdir -p "$answers"
    stack permit 'auth required pam_permit.so'
    stack unix 'auth required pam_unix.so'
    stack exec "auth required pam_exec.so expose_authtok $SANDBOX_DIR/judge"
    stack google "auth required pam_google_authenticator.so"
    stack oath "auth required pam_oath.so usersfile=$SANDBOX_DIR/oath window=5"
    touch "$answers/permit"
    echo 'open sesame' >"$answers/unix"
    echo 'open sesame' >"$answers/exec"
    # shellcheck disable=SC2016 # for that shell
    printf '%s\n' '#!/bin/sh' 'read -r token' '[ "$token" = "open sesame" ]' >"$SANDBOX_DIR/judge"
    chmod 755 "$SANDBOX_DIR/judge"
    node "$top/tests/bench/login/codes.mjs" 64 >"$answers/google" && cp "$answers/google" "$answers/oath"
    password alice
}

# The secret of codes.mjs, for both; the first code is number 1 of one and number 0 of the other.
peers_reset() {
    rm -f "$SANDBOX_DIR/home/alice/.google_authenticator" "$SANDBOX_DIR/oath"
    printf '%s\n' GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ '" HOTP_COUNTER 1' >"$SANDBOX_DIR/home/alice/.google_authenticator"
    chown alice: "$SANDBOX_DIR/home/alice/.google_authenticator" && chmod 400 "$SANDBOX_DIR/home/alice/.google_authenticator"
    printf 'HOTP alice - 3132333435363738393031323334353637383930\n' >"$SANDBOX_DIR/oath"
    chmod 600 "$SANDBOX_DIR/oath"
}

# shellcheck shell=bash disable=SC2154,SC2317
# This host's own store.

entries() { find "$state/used" -mindepth 3 -type f | wc -l; }

test_R57_E28_a_token_lets_in_once() {
    in_once single && expect_equal "$(entries)" 1 && in_once single && expect_equal "$(entries)" 2
}

test_R57_of_two_at_once_one_is_let_in_a_hundred_times() {
    races 100 && expect_equal "$(entries)" 100
}

test_R57_of_fifty_at_once_one_is_let_in() {
    next && expect_equal "$("$many" single 50 "$SANDBOX_DIR/token" | grep '^PAM_' | sort | tr '\n' ' ')" \
        'PAM_AUTH_ERR 49 PAM_SUCCESS 1 '
}

test_R57_a_token_that_is_refused_for_another_reason_is_not_used_up() {
    next && signs_in strict PAM_AUTH_ERR 'reason=requirement' &&
        echo 'corp  sub=777  -> alice' >"$SANDBOX_DIR/pam_oauth/accounts.map" &&
        signs_in single PAM_AUTH_ERR 'reason=account' &&
        echo 'corp  sub=248289761001  -> alice' >"$SANDBOX_DIR/pam_oauth/accounts.map" &&
        signs_in single PAM_SUCCESS && signs_in strict PAM_AUTH_ERR 'reason=requirement'
}

# Nor by a service that does not ask; and that one does not ask either.
test_R57_each_service_has_its_own_policy() {
    next && signs_in twice PAM_SUCCESS && signs_in twice PAM_SUCCESS && [ ! -e "$state/used" ] &&
        signs_in single PAM_SUCCESS && signs_in twice PAM_SUCCESS && signs_in single PAM_AUTH_ERR reason=replayed
}

# (r, s) and (r, n - s) are both signatures of the same bytes: another text, the same token.
test_R57_another_spelling_of_the_signature_is_the_same_token() {
    local token
    next && signs_in single PAM_SUCCESS || return 1
    token=$(cat "$SANDBOX_DIR/token")
    node -e '
        const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
        const [header, payload, signature] = process.argv[1].split(".");
        const bytes = Buffer.from(signature, "base64url");
        const s = n - BigInt("0x" + bytes.subarray(32).toString("hex"));
        bytes.write(s.toString(16).padStart(64, "0"), 32, "hex");
        console.log([header, payload, bytes.toString("base64url")].join("."));' "$token" >"$SANDBOX_DIR/token"
    [ "$(cat "$SANDBOX_DIR/token")" != "$token" ] && signs_in twice PAM_SUCCESS &&
        signs_in single PAM_AUTH_ERR reason=replayed
}

test_R57_tokens_without_a_jti_are_told_apart() {
    mint 2 '{"jti":null}' | sed -n 1p >"$SANDBOX_DIR/token"
    signs_in single PAM_SUCCESS && signs_in single PAM_AUTH_ERR reason=replayed &&
        mint 1 '{"jti":null,"x":"y"}' >"$SANDBOX_DIR/token" && signs_in single PAM_SUCCESS
}

# ---- E29: full, unwritable, odd --------------------------------------------------------------------

refused_by_store() { # REGEX
    next && signs_in single PAM_SYSTEM_ERR "verdict=failed reason=store .*$1" &&
        signs_in twice PAM_SUCCESS
}

# Room for so many names below it, and then for none.
test_R57_E29_E62_a_full_store_lets_nobody_in() {
    full() {
        single_reset
        mount -t tmpfs -o "mode=700,nr_inodes=$1" full "$state" && refused_by_store 'No space left on device'
    }
    each full 1 2 3 4 5 &&
        single_reset && mount -t tmpfs -o mode=700,nr_inodes=6 full "$state" && in_once single &&
        refused_by_store 'No space left on device'
}

test_R57_E29_a_store_that_cannot_be_written_lets_nobody_in() {
    in_once single && mount --bind "$state" "$state" && mount -o remount,ro,bind "$state" &&
        refused_by_store 'Read-only file system' && umount "$state" && signs_in single PAM_SUCCESS &&
        sed -i "s#^state = .*#state = /proc/nosuch#" "$config" && refused_by_store '/proc/nosuch: '
}

test_R57_R111_E29_a_store_that_others_may_write_lets_nobody_in() {
    in_once single && chmod 777 "$state/used" && refused_by_store 'chmod go-w' && chmod 700 "$state/used" &&
        chown alice "$state" && refused_by_store 'must belong to root' && chown root "$state" && in_once single
}

# Each call that can fail on the way, at the moment when it does: nobody is let in. If the entry is
# there already, but perhaps not for good, it counts as used.
test_R57_E29_each_step_may_fail() {
    fails() { # CALL:WHEN:CODE of the next sign-in with the same token
        local call when after
        IFS=: read -r call when after <<<"$1"
        single_reset
        next
        traced -f -qq -o "$SANDBOX_DIR/trace" -e trace="$call" -e inject="$call:error=ENOSPC:when=$when" \
            "$many" single 1 "$SANDBOX_DIR/token" >"$SANDBOX_DIR/said"
        expect_match "$(cat "$SANDBOX_DIR/trace")" INJECTED &&
            expect_match "$(cat "$SANDBOX_DIR/said")" '^PAM_SYSTEM_ERR 1$' &&
            expect_logged 'verdict=failed reason=store .*No space left' && signs_in single "$after"
    }
    each fails mkdirat:{1,2,3}:PAM_SUCCESS fsync:{1,2,3}:PAM_SUCCESS fsync:4:PAM_AUTH_ERR
}

# A screen locker runs as the person, who could not keep his own tokens from being used twice.
test_R57_R129_E29_who_may_not_write_is_not_let_in() {
    locker() { as_user alice env PAM_TESTS="$PAM_TESTS" "$many" "$1" 1 "$SANDBOX_DIR/token" | grep '^PAM_'; }
    next && chmod 644 "$SANDBOX_DIR/token" "$PAM_TESTS/corp.jwks" &&
        expect_equal "$(locker twice)" 'PAM_SUCCESS 1' &&
        expect_equal "$(locker single)" 'PAM_SYSTEM_ERR 1' && expect_logged 'reason=store .*Permission denied' &&
        [ ! -e "$state/used" ] && signs_in single PAM_SUCCESS &&
        expect_equal "$(locker single)" 'PAM_SYSTEM_ERR 1'
}

test_R57_R97_explain_uses_nothing_up() {
    explain() { "$SANDBOX_DIR/pam-oauth" explain --config "$config" --service single --user alice "$SANDBOX_DIR/token"; }
    local said
    next && said=$(explain) && expect_match "$said" '^accepted ' && expect_match "$said" '^  yes  single_use' &&
        explain >/dev/null && signs_in single PAM_SUCCESS || return 1
    said=$(explain)
    expect_equal $? 1 && expect_match "$said" '^refused: replayed: '
}

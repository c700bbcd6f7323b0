# shellcheck shell=bash disable=SC2154,SC2317
# `pam-oauth verify --batch` for longer than keys last: each token is a sign-in of its own.

batch_begin() {
    rm -f "$SANDBOX_DIR/tokens" && mkfifo "$SANDBOX_DIR/tokens" || return 1
    sed -i 's/^audience.*/&\ntoken_kind = any/' "$config"
    "$SANDBOX_DIR/pam-oauth" --config "$config" verify --batch - <"$SANDBOX_DIR/tokens" >"$SANDBOX_DIR/said" 2>&1 &
    batch=$!
    exec 9>"$SANDBOX_DIR/tokens"
}
batch_end() {
    exec 9>&-
    wait "$batch"
}
answers() { grep '^accepted\|^refused\|^failed' "$SANDBOX_DIR/said"; }
# The answer to one more token, in the second after the last one.
batch_says() { # WORDS
    local try before
    sleep 1.1
    before=$(answers | wc -l)
    cat "$SANDBOX_DIR/good" >&9
    for ((try = 0; try < 400; try++)); do
        [ "$(answers | wc -l)" = "$before" ] || break
        sleep 0.05
    done
    expect_match "$(answers | tail -n 1)" "^$1"
}
in_a_batch() { # FUNCTION
    local code=0
    warm && batch_begin || return 1
    batch_says accepted && "$1" || code=1
    batch_end
    return "$code"
}

test_R70_a_batch_sees_each_of_three_rotations() {
    rotations() {
        local count
        for count in 1 2 3; do
            rotate && sign || return 1
            [ ! -e "$flight_file" ] || age_flight 61
            batch_says accepted && expect_asked "$count" || return 1
        done
        rotate && sign && batch_says 'refused: unknown_key' && expect_asked 3
    }
    in_a_batch rotations
}

# And it has its keys back, though it has run for longer than one sign-in may wait for them (R118).
test_R72_R118_a_batch_uses_no_key_beyond_its_time_and_recovers() {
    an_outage() {
        ctl stop "$provider_dir"
        sleep 9
        batch_says 'failed: keys_unavailable' || return 1
        ctl start "$provider_dir" 9>&- >/dev/null && sign || return 1
        batch_says accepted
    }
    keys_config 'jwks_min_age = 1s' 'jwks_max_age = 1s' 'jwks_stale_limit = 8s'
    in_a_batch an_outage
}

# shellcheck shell=bash disable=SC2154,SC2317
# Odd files, and places that cannot be written: never another verdict, but the minute counts.

full() { # DIRECTORY: a file system of its own with no room at all
    mount -t tmpfs -o size=64k,mode="$(stat -c %a "$1")" full "$1" && cat /dev/zero >"$1/ballast" 2>/dev/null
    return 0
}
read_only() { mount --bind "$1" "$1" && mount -o remount,ro,bind "$1"; }
missing() { # DIRECTORY: and its parent does not let it be made
    sed -i "s#= $1\$#= /proc/nosuch#" "$config"
}

# With keys that nobody can write down each sign-in asks for itself; together too.
test_E62_R76_a_cache_that_cannot_be_written_changes_no_verdict() {
    asks_for_itself() {
        keys_reset
        $1 "$cache"
        good && good && expect_logged 'event=keys_not_stored' && expect_asked 2 && all 10 PAM_SUCCESS good 9000 &&
            all 1 PAM_AUTH_ERR strangers 5000
    }
    each asks_for_itself full read_only missing
}

# R70: what cannot be counted counts as asked; R76: and a first fetch needs no count.
test_E62_R70_R76_a_run_directory_that_cannot_be_written_grants_no_forced_refresh() {
    counts_as_asked() {
        keys_reset
        $1 "$run"
        good && forget && rotate && sign && good PAM_AUTH_ERR && expect_asked 0 &&
            expect_logged 'event=keys_not_refreshed' && jwks refresh >/dev/null && good
    }
    each counts_as_asked full read_only missing
}

# Keys are there, the disk is full: nothing is noticed. Stale keys stay in use.
test_E62_R76_a_full_disk_does_not_touch_what_is_there() {
    warm && age_keys 7200 3600 && read_only "$cache" && good && wait_for_refresher &&
        expect_logged 'event=keys_not_refreshed .*Read-only file system' && good
}

# The others are told that nobody can be called for.
test_E62_R72_R76_with_a_full_run_directory_stale_keys_are_used_and_that_is_told() {
    warm && age_keys 7200 3600 && rm -f "$run"/* && full "$run" && good && expect_logged event=keys_stale &&
        expect_logged 'event=keys_not_refreshed .*' && expect_no_network
}

# Each call that can fail on the way, at the moment when it does.
test_E62_R76_each_step_of_storing_may_fail() {
    fails() {
        keys_reset
        strace -f -qq -o "$SANDBOX_DIR/trace" -P "$cache" -P "${keys_file%.keys}.new" -e trace="$1" \
            -e inject="$1:error=ENOSPC" "$many" keys 1 "$SANDBOX_DIR/good" >"$SANDBOX_DIR/said"
        expect_match "$(cat "$SANDBOX_DIR/said")" '^PAM_SUCCESS 1$' &&
            expect_match "$(cat "$SANDBOX_DIR/trace")" INJECTED &&
            expect_logged 'keys_not_stored .*No space left' && [ ! -e "$keys_file" ] && good && expect_asked 2
    }
    each fails fsync write ftruncate fchmod renameat,renameat2,rename
}

# A screen locker runs as the person: it reads the keys, keeps nothing, and asks when there are none.
test_R76_R129_an_unprivileged_program_signs_in_and_writes_nothing() {
    local before
    locker() { as_user alice env PAM_TESTS="$PAM_TESTS" "$many" keys 1 "$SANDBOX_DIR/$1" | codes_only; }
    chmod 755 "$provider_dir" "$PAM_TESTS" && chmod 644 "$SANDBOX_DIR/good" "$SANDBOX_DIR/strangers" "$provider_dir/ca.pem"
    expect_equal "$(locker good)" 'PAM_SUCCESS 1' && expect_asked 1 && expect_equal "$(find "$cache" "$run" -type f)" "" &&
        warm || return 1
    before=$(find "$cache" "$run" -type f -exec sha256sum {} +)
    expect_equal "$(locker good)" 'PAM_SUCCESS 1' && expect_equal "$(locker strangers)" 'PAM_AUTH_ERR 1' &&
        age_keys 7200 3600 && expect_equal "$(locker good)" 'PAM_SUCCESS 1' && expect_no_network &&
        age_keys 60 -3600 && expect_no_match "$(pgrep -x pam-oauth)" . &&
        expect_equal "$(find "$cache" "$run" -type f | wc -l)" "$(wc -l <<<"$before")"
}

# ---- what may stand in the place of the keys ---------------------------------------------------------

# What stands there is made of a good file of keys.
put() { # HOW
    warm && rm -f "$SANDBOX_DIR/keys" && mv "$keys_file" "$SANDBOX_DIR/keys" || return 1
    case $1 in
    a_link) ln -s /etc/shadow "$keys_file" ;;
    a_hard_link) cp "$SANDBOX_DIR/keys" "$SANDBOX_DIR/other" && ln "$SANDBOX_DIR/other" "$keys_file" ;;
    a_fifo) mkfifo "$keys_file" ;;
    a_directory) mkdir -m 755 "$keys_file" ;;
    a_gigabyte) truncate -s 1G "$keys_file" && chmod 644 "$keys_file" ;;
    zeros) truncate -s 2000 "$keys_file" && chmod 644 "$keys_file" ;;
    empty) : >"$keys_file" ;;
    garbage) head -c 4000 /dev/urandom >"$keys_file" ;;
    theirs) install -m 644 -o alice "$SANDBOX_DIR/keys" "$keys_file" ;;
    writable_by_a_group) install -m 664 "$SANDBOX_DIR/keys" "$keys_file" ;;
    cut) head -c -1 "$SANDBOX_DIR/keys" >"$keys_file" ;;
    another_issuers) sed 's|^issuer .*|issuer https://other.example|' "$SANDBOX_DIR/keys" >"$keys_file" ;;
    of_the_future) cp "$SANDBOX_DIR/keys" "$keys_file" && age_keys -90000 -93600 ;;
    esac
}

test_E61_R74_whatever_stands_there_is_passed_over_and_replaced() {
    local shadow
    shadow=$(sha256sum /etc/shadow)
    replaced() {
        keys_reset
        put "$1" && forget && good && expect_asked 1 && all 1 PAM_AUTH_ERR strangers 5000
    }
    each replaced a_link a_hard_link a_fifo a_directory a_gigabyte zeros empty garbage theirs \
        writable_by_a_group cut another_issuers of_the_future &&
        expect_equal "$(sha256sum /etc/shadow)" "$shadow"
}

# The time stamp of the file itself says nothing, neither way.
test_E61_R74_only_what_the_file_says_counts() {
    warm && touch -d 2100-01-01 "$keys_file" && good && touch -d 1971-01-01 "$keys_file" && good && expect_no_network
}

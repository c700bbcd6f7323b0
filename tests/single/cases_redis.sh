# shellcheck shell=bash disable=SC2154,SC2317
# used_tokens in a Redis: a real one, and some that are none.

# In memory: it syncs every command, and a disk that others keep busy takes seconds for that.
redis_dir=/run/redis
redis_port=6379
tls_port=6380
redis_pid=
fake_pid=
password='a pass "word" \ with%all #of it'

# Debian's redis-tools have the server too, under another name, and start no service.
redis_start() { # OPTION...
    mkdir -p "$redis_dir"
    : >"$redis_dir/log" # the last one was ready, too
    (exec -a redis-server redis-check-rdb --port "$redis_port" --bind 127.0.0.1 --dir "$redis_dir" --save '' \
        --appendonly yes --appendfsync always "$@" >"$redis_dir/log" 2>&1) &
    redis_pid=$!
    redis_ready || { tail -n 5 "$redis_dir/log"; return 1; }
}
redis_ready() {
    local try
    for ((try = 0; try < 200; try++)); do
        grep -q 'Ready to accept connections' "$redis_dir/log" && return 0
        sleep 0.05
    done
    return 1
}
redis_end() {
    [ -z "$redis_pid" ] || { kill -KILL "$redis_pid" && wait "$redis_pid" 2>/dev/null; }
    redis_pid=
}
cli() { redis-cli -p "$redis_port" --no-auth-warning "$@"; }

# A Redis of this test's own, and the configuration for it.
with_redis() { # OPTION...
    redis_end
    rm -rf "$redis_dir"
    redis_start "$@" && single_config "used_tokens = redis://127.0.0.1:$redis_port"
}
with_tls() { # OPTION...
    certificates && with_redis --tls-port "$tls_port" --tls-cert-file "$SANDBOX_DIR/certs/good.pem" \
        --tls-key-file "$SANDBOX_DIR/certs/good.key" --tls-ca-cert-file "$SANDBOX_DIR/certs/ca.pem" --tls-auth-clients no "$@"
}
certificates() {
    [ -e "$SANDBOX_DIR/certs/good.pem" ] && return
    mkdir -p "$SANDBOX_DIR/certs" && "$top/tests/fetcher/certs" "$SANDBOX_DIR/certs" >/dev/null 2>&1
}
secret() { (umask 077 && printf '%s\n' "$password" >"$SANDBOX_DIR/pam_oauth/redis.password"); }
secret_line="password_file = $SANDBOX_DIR/pam_oauth/redis.password"

# Nobody is let in, for that reason; and the service that does not ask is as it was.
refused_by_redis() { # REGEX
    next && signs_in single PAM_SYSTEM_ERR "verdict=failed reason=store .*used_tokens: .*$1" && signs_in twice PAM_SUCCESS
}

test_redis_R57_a_token_lets_in_once() {
    with_redis && in_once single && in_once single && [ ! -e "$state/used" ] && expect_equal "$(cli dbsize)" 2
}

test_redis_R57_of_two_at_once_one_is_let_in_a_hundred_times() { with_redis && races 100; }

test_redis_R57_with_TLS_a_password_and_a_database() {
    local key late
    with_tls --requirepass "$password" && secret &&
        single_config "used_tokens = rediss://localhost:$tls_port/3" "$secret_line" "ca_file = $SANDBOX_DIR/certs/ca.pem" &&
        in_once single && key=$(cli -a "$password" -n 3 keys '*') && expect_match "$key" '^pam_oauth:used:[0-9a-f]{64}$' || return 1
    # until an hour behind its exp, from when it was claimed
    late=$(($(date +%s) + $(cli -a "$password" -n 3 ttl "$key") - 3600 - $(exp_of "$SANDBOX_DIR/token")))
    [ "$late" -ge -1 ] && [ "$late" -le 60 ] || { echo "$late s later than that"; return 1; }
}
exp_of() { cut -d . -f 2 "$1" | tr _- /+ | base64 -d 2>/dev/null | sed 's/.*"exp":\([0-9]*\).*/\1/'; } # TOKEN-FILE

# The rights that it needs, and no others.
test_redis_R57_a_user_who_may_do_nothing_else() {
    with_redis && cli ACL SETUSER login on ">$password" resetkeys '~pam_oauth:used:*' -@all +set +select >/dev/null &&
        cli ACL SETUSER default off >/dev/null && secret &&
        single_config "used_tokens = redis://127.0.0.1:$redis_port/2" "$secret_line" 'user = login' && in_once single
}

# What one host has used up is used up for all.
test_redis_R57_what_this_host_forgets_is_not_forgotten() {
    with_redis && next && signs_in single PAM_SUCCESS && rm -rf "${state:?}"/* "${SANDBOX_DIR:?}/run"/* &&
        signs_in single PAM_AUTH_ERR reason=replayed
}

test_redis_R57_a_token_that_is_refused_for_another_reason_is_not_used_up() {
    with_redis && next && signs_in strict PAM_AUTH_ERR 'reason=requirement' && signs_in single PAM_SUCCESS &&
        signs_in single PAM_AUTH_ERR reason=replayed && expect_equal "$(cli dbsize)" 1
}

# ---- E29: it is not there, or not what it should be ---------------------------------------------------

test_redis_R57_E29_killed_it_lets_nobody_in_and_restarted_it_knows() {
    with_redis && next && signs_in single PAM_SUCCESS && cp "$SANDBOX_DIR/token" "$SANDBOX_DIR/used" && redis_end &&
        refused_by_redis 'cannot connect: Connection refused' && cp "$SANDBOX_DIR/token" "$SANDBOX_DIR/new" &&
        redis_start && cp "$SANDBOX_DIR/used" "$SANDBOX_DIR/token" && signs_in single PAM_AUTH_ERR reason=replayed &&
        cp "$SANDBOX_DIR/new" "$SANDBOX_DIR/token" && signs_in single PAM_SUCCESS
}

# Killed and restarted in the middle of many: nobody is let in twice, then or later.
test_redis_R57_E29_killed_in_the_middle_nobody_gets_in_twice() {
    local i logins=()
    with_redis && next 24 && cp "$SANDBOX_DIR/token" "$SANDBOX_DIR/race" || return 1
    for ((i = 1; i <= 24; i++)); do
        sed -n "${i}p" "$SANDBOX_DIR/race" >"$SANDBOX_DIR/token.$i"
        "$many" single 2 "$SANDBOX_DIR/token.$i" >"$SANDBOX_DIR/said.$i" &
        logins+=($!)
        if [ $((i % 8)) = 0 ]; then
            sleep 0.1
            redis_end && redis_start || return 1
        fi
    done
    wait "${logins[@]}"
    for ((i = 1; i <= 24; i++)); do
        ! grep -q 'PAM_SUCCESS 2' "$SANDBOX_DIR/said.$i" || return 1
        "$many" single 1 "$SANDBOX_DIR/token.$i" >>"$SANDBOX_DIR/said.$i"
        [ "$(grep -c '^PAM_SUCCESS 1' "$SANDBOX_DIR/said.$i")" -le 1 ] || { cat "$SANDBOX_DIR/said.$i"; return 1; }
    done
    # some did get in, and by now all were used: else this shows nothing
    expect_match "$(cat "$SANDBOX_DIR"/said.*)" '^PAM_SUCCESS 1' && expect_match "$(logs)" 'reason=replayed'
}

test_redis_R57_E29_stopped_it_is_waited_for_no_longer_than_said() {
    local began
    with_redis && single_config "used_tokens = redis://127.0.0.1:$redis_port" 'timeout = 1s' && kill -STOP "$redis_pid" &&
        began=$SECONDS && refused_by_redis 'no answer in time' && expect_within "$began" 5 && kill -CONT "$redis_pid"
}

test_redis_R57_E29_what_it_refuses_is_told_by_its_first_word() {
    with_redis --requirepass "$password" && refused_by_redis 'it answers with the error NOAUTH"' || return 1
    printf 'wrong\n' >"$SANDBOX_DIR/pam_oauth/redis.password" && chmod 600 "$SANDBOX_DIR/pam_oauth/redis.password"
    single_config "used_tokens = redis://127.0.0.1:$redis_port" "$secret_line"
    refused_by_redis 'it answers with the error WRONGPASS"' || return 1
    with_redis --replicaof 127.0.0.1 1 && refused_by_redis 'the error (MASTERDOWN|READONLY)"' || return 1
    with_redis --maxmemory 1 && refused_by_redis 'the error OOM"' || return 1
    with_redis && single_config "used_tokens = redis://127.0.0.1:$redis_port/9999" && refused_by_redis 'the error ERR"'
}

test_redis_R101_E29_TLS_is_verified() {
    with_tls || return 1
    single_config "used_tokens = rediss://localhost:$tls_port" && refused_by_redis 'its certificate is not accepted' &&
        single_config "used_tokens = rediss://localhost:$tls_port" "ca_file = $SANDBOX_DIR/certs/stranger.pem" &&
        refused_by_redis 'its certificate is not accepted' &&
        single_config "used_tokens = redis://localhost:$tls_port" && refused_by_redis . &&
        single_config "used_tokens = rediss://localhost:$redis_port" "ca_file = $SANDBOX_DIR/certs/ca.pem" && refused_by_redis . &&
        single_config "used_tokens = rediss://localhost:$tls_port" "ca_file = $SANDBOX_DIR/certs/ca.pem" && in_once single || return 1
    with_tls --tls-cert-file "$SANDBOX_DIR/certs/otherhost.pem" --tls-key-file "$SANDBOX_DIR/certs/otherhost.key" &&
        single_config "used_tokens = rediss://localhost:$tls_port" "ca_file = $SANDBOX_DIR/certs/ca.pem" &&
        refused_by_redis 'its certificate is not accepted'
}

# ---- those that are none -------------------------------------------------------------------------------

fakes() {
    mkfifo "$SANDBOX_DIR/leash"
    node "$here/fake.mjs" "$@" <"$SANDBOX_DIR/leash" >"$SANDBOX_DIR/ports" &
    fake_pid=$!
    exec 7>"$SANDBOX_DIR/leash"
    local try
    for ((try = 0; try < 200; try++)); do
        [ "$(wc -l <"$SANDBOX_DIR/ports")" = $# ] && return 0
        sleep 0.05
    done
    return 1
}
fakes_end() {
    exec 7>&-
    [ -z "$fake_pid" ] || wait "$fake_pid"
    fake_pid=
    rm -f "$SANDBOX_DIR/leash"
}
at() { # NAME [LINE]
    single_config "used_tokens = redis://127.0.0.1:$(sed -n "s/^$1 //p" "$SANDBOX_DIR/ports")" 'timeout = 1s' "${@:2}"
}

test_redis_R57_E29_nothing_but_OK_and_nil_is_an_answer() {
    local bad='silent closes resets half half-then-closes slow garbage http lower-case ok-and-more without-return
        twice queued one ok-in-bulk empty-bulk minus-ten nil-array nil-of-resp3 huge-bulk endless-error error' code
    # shellcheck disable=SC2086 # words
    fakes good nil byte-by-byte $bad || return 1
    refuses() { at "$1" && next && signs_in single PAM_SYSTEM_ERR 'verdict=failed reason=store .*used_tokens: '; }
    # shellcheck disable=SC2086
    at good && next && signs_in single PAM_SUCCESS && at byte-by-byte && signs_in single PAM_SUCCESS &&
        at nil && signs_in single PAM_AUTH_ERR reason=replayed && each refuses $bad
    code=$?
    fakes_end
    return "$code"
}

# A password that it sends back is not told, and an answer to AUTH that is not OK ends it.
test_redis_R95_E29_a_password_is_told_to_nobody() {
    local code
    fakes error nil && secret && at error "$secret_line" && next && signs_in single PAM_SYSTEM_ERR 'it answers with the error ERR"' &&
        expect_no_match "$(logs)" 'geheim|pass' && at nil "$secret_line" && signs_in single PAM_SYSTEM_ERR 'nil where only OK'
    code=$?
    fakes_end
    return "$code"
}

# ---- this host -------------------------------------------------------------------------------------------

test_redis_R57_R111_E63_a_password_that_others_may_read_is_not_used() {
    with_redis --requirepass "$password" && secret && single_config "used_tokens = redis://127.0.0.1:$redis_port" "$secret_line" &&
        in_once single && chmod 644 "$SANDBOX_DIR/pam_oauth/redis.password" && next &&
        signs_in single PAM_SERVICE_ERR 'reason=config .*a secret readable by group or others' &&
        chmod 600 "$SANDBOX_DIR/pam_oauth/redis.password" && chown alice "$SANDBOX_DIR/pam_oauth/redis.password" &&
        signs_in single PAM_SERVICE_ERR 'reason=config .*must belong to root' &&
        rm "$SANDBOX_DIR/pam_oauth/redis.password" && signs_in single PAM_SERVICE_ERR 'reason=config .*No such file' && secret &&
        signs_in single PAM_SUCCESS
}

test_redis_R57_R97_explain_does_not_ask_it() {
    local said
    with_redis && next &&
        said=$("$SANDBOX_DIR/pam-oauth" explain --config "$config" --service single --user alice "$SANDBOX_DIR/token") &&
        expect_match "$said" '^accepted ' && expect_match "$said" '^  yes  single_use .*"not asked: ' &&
        expect_equal "$(cli dbsize)" 0 && signs_in single PAM_SUCCESS
}

# The walls around the fetcher have a door for it, and only that.
test_redis_R100_no_call_is_missing_from_the_sandbox() {
    with_tls && single_config "used_tokens = rediss://localhost:$tls_port" "ca_file = $SANDBOX_DIR/certs/ca.pem" && next || return 1
    traced -ff -qq -o "$SANDBOX_DIR/trace" "$many" single 2 "$SANDBOX_DIR/token" >"$SANDBOX_DIR/said"
    expect_match "$(cat "$SANDBOX_DIR/said")" '^PAM_SUCCESS 1' && expect_match "$(cat "$SANDBOX_DIR/said")" '^PAM_AUTH_ERR 1' &&
        cat "$SANDBOX_DIR"/trace.* >"$SANDBOX_DIR/trace" && grep -q 'seccomp(SECCOMP_SET_MODE_FILTER' "$SANDBOX_DIR/trace" &&
        ! grep ENOSYS "$SANDBOX_DIR/trace" | grep -v '"/etc/localtime"'
}

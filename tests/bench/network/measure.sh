# shellcheck shell=bash disable=SC2154
#
# What the network costs a sign-in: a key that the host has not seen, and keys that have grown stale
# (logins.c). Sourced by tests/bench/inside.

# What is in front of the program that signs in.
under=()

measure_network() {
    local fresh=$SANDBOX_DIR/fresh old=$SANDBOX_DIR/old stale=$SANDBOX_DIR/stale code=0
    cp "$keys_file" "$fresh"
    network_rotated && network_stale && network_calls || code=1
    wait_for_refresher
    cp "$fresh" "$keys_file"
    return "$code"
} >"$measured/network"

logins() { # ROUNDS FIRST SECOND FLIGHT-FILE [COMMAND...]
    "${alone[@]}" "${under[@]}" "$out/network/logins" "$1" "$SANDBOX_DIR/good" "$keys_file" "${@:2}"
}

# Before its last rotation the provider had another key in the place of the token's.
network_rotated() {
    local kid asked command ratio
    kid=$(cut -d . -f 1 "$SANDBOX_DIR/good" | tr _- /+ | base64 -d 2>/dev/null | sed 's/.*"kid":"\([^"]*\)".*/\1/')
    sed "s|^=$(printf %s "$kid" | base64 -w 0 | tr /+ _- | tr -d =) |=b2xk |" "$fresh" >"$old"
    read -r _ asked command _ ratio < <(logins 41 "$fresh" "$old" "$flight_file" \
        curl --silent --cacert "$provider_dir/ca.pem" --output /dev/null --output /dev/null \
        "$issuer/.well-known/openid-configuration" "$issuer/jwks") || return 1
    printf 'rotated_us\t%s\ncurl_us\t%s\nrefresh_ratio\t%s\n' "$asked" "$command" "$ratio"
}

# One sign-in has called for a refresh already, and is done.
network_stale() {
    local first second ratio by_fresh by_stale
    # shellcheck disable=SC2119
    age_keys 7200 3600 && cp "$keys_file" "$stale" && good && wait_for_refresher || return 1
    read -r first second _ ratio _ < <(logins 41 "$fresh" "$stale" -) || return 1
    by_fresh=$(collected "$fresh") && by_stale=$(collected "$stale") || return 1
    printf 'fresh_us\t%s\nstale_us\t%s\nstale_ratio\t%s\nstale_instructions\t%s\n' "$first" "$second" "$ratio" \
        $(((by_stale - by_fresh) / 20))
}
collected() { # SECOND: of all rounds
    local under=(valgrind --tool=callgrind --callgrind-out-file=/dev/null) alone=()
    logins 20 "$fresh" "$1" - 2>&1 | awk '/Collected/ { print $4; found = 1 } END { exit !found }'
}

# What stale keys cost the one sign-in a minute that calls for a refresh.
network_calls() {
    local second
    read -r _ second _ < <(logins 5 "$fresh" "$stale" "$flight_file") || return 1
    printf 'calls_us\t%s\n' "$second"
}

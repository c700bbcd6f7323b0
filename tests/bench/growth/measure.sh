# shellcheck shell=bash disable=SC2154
#
# How a sign-in in a warm host grows with what it is given: keys, the account map, the token, providers;
# and a claim of single_use with the tokens that were used before. Sourced by tests/bench/inside.

growing=$SANDBOX_DIR/growing
growth_commands=$SANDBOX_DIR/growth-commands

measure_growth() {
    mkdir -p "$growing"
    stack permit 'auth required pam_permit.so'
    printf 'permit\t%s\n' "$(host warm permit)" >"$growth_commands"
    grow stored_keys 1 10 100 && grow pinned_keys 1 10 100 1000 &&
        grow map 10 100 1000 10000 100000 1000000 && grow token 0 500 2000 6000 14000 30000 62000 &&
        grow providers 1 2 5 10 20 50 || return 1
    race growth 21 <"$growth_commands" && count growth <"$growth_commands" &&
        sed 's/host-warm/&\t--memory/' "$growth_commands" | race growth-memory 3 &&
        grow_used 0 100 1000 10000 100000 1000000
}

# For each size a configuration and a stack of its own, and a command.
grow() { # WHAT SIZE...
    local what=$1 size name
    for size in "${@:2}"; do
        name=$what-$size
        token=$tokens/RS256
        mkdir -p "$growing/$name"
        sed "s|^fetcher = .*|&\naccounts = $growing/$name/map|" "$config" >"$growing/$name/conf"
        cp "$SANDBOX_DIR/pam_oauth/accounts.map" "$growing/$name/map"
        "grow_$what" "$size" || { printf 'growth: %s\n' "$name" >&2 && return 1; }
        mkdir -p "$growing/$name/stacks"
        printf 'auth required %s config=%s\n' "$module" "$growing/$name/conf" >"$growing/$name/stacks/keys"
        printf '%s/%s\t%s\t%s\tkeys\talice\t%s\n' "$what" "${x:-$size}" "$out/login/host-warm" \
            "$growing/$name/stacks" "$token" >>"$growth_commands"
        x=
    done
}

kid_of() { cut -d . -f 1 "$1" | tr _- /+ | base64 -d 2>/dev/null | sed 's/.*"kid":"\([^"]*\)".*/\1/'; }
many_keys() { control jwks | node "$top/tests/bench/growth/mint.mjs" keys "$1" "$(kid_of "$token")"; } # COUNT
own_cache() { sed -i "s|^cache = .*|cache = $growing/$name/cache|" "$growing/$name/conf" && mkdir "$growing/$name/cache"; }

# As a refresh stores them.
grow_stored_keys() { # COUNT
    own_cache && inject '{"documents":{"/jwks":{"headers":{"cache-control":"max-age=3600"},"body":'"$(many_keys "$1")"'}}}' &&
        "$SANDBOX_DIR/pam-oauth" --config "$growing/$name/conf" jwks refresh >/dev/null || return 1
    clear
}

grow_pinned_keys() { # COUNT
    many_keys "$1" >"$growing/$name/jwks" &&
        sed -i "s|^issuer = .*|&\njwks_file = $growing/$name/jwks|" "$growing/$name/conf"
}

# In front of the line that admits alice; of 32 bytes each, as in tests/gate.
grow_map() { # LINES
    awk -v lines="$1" 'BEGIN { for (i = 1; i < lines; i++) printf "corp sub=%010d -> u%07d\n", i, i }' |
        cat - "$SANDBOX_DIR/pam_oauth/accounts.map" >"$growing/$name/map"
}

# The token's length is what counts.
grow_token() { # MORE-BYTES
    token=$growing/$name/token
    token_with ES256 "$(node "$top/tests/bench/growth/mint.mjs" groups "$1")" >"$token"
    x=$(($(wc -c <"$token") - 1))
}

# Each with an issuer of its own and four keys; the token is of the last.
grow_providers() { # COUNT
    local i other file
    own_cache && cp "$keys_file" "$growing/$name/cache" || return 1
    for ((i = 1; i < $1; i++)); do
        other=https://sso-$i.example.org/realms/corp
        file=$growing/$name/cache/$(printf %s "$other" | sha256sum | cut -d ' ' -f 1).keys
        sed "s|$issuer|$other|; s|^=[A-Za-z]*|&$(printf %03d "$i")|" "$keys_file" >"$file"
        printf '\n[provider other%d]\nissuer = %s\nclient_id = linux-login\naudience = ssh://%%h ssh://testhost\n' "$i" "$other" \
            >>"$growing/$name/conf"
    done
    sed -i "s/^providers = .*/providers = $(for ((i = 1; i < $1; i++)); do printf 'other%d ' "$i"; done)corp/" \
        "$growing/$name/conf"
}

# A claim, in memory: what the disk takes is in `make claims`. Half of the tokens are over.
grow_used() { # COUNT...
    local count few many took state=$SANDBOX_DIR/used
    : >"$measured/used"
    mkdir -p "$state"
    for count in "$@"; do
        mount -t tmpfs -o nr_inodes=0,mode=700 sandbox "$state" || return 1
        [ "$count" -eq 0 ] || "$out/claim" fill "$state" "$count" || return 1
        few=$(instructions "$out/claim" directory "$state" 10) && many=$(instructions "$out/claim" directory "$state" 20) || return 1
        took=$("$out/claim" directory "$state" 50) || return 1
        took=${took#median }
        printf '%s\t%s\t%s\n' "$count" $(((many - few) / 10)) "${took%% *}" >>"$measured/used"
        umount "$state"
    done
}

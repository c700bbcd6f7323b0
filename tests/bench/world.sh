# shellcheck shell=bash disable=SC2154
#
# The world of the measurements: that of tests/keys, with the keys stored and fresh, and the words in
# which they are written. Sourced inside the sandbox.

out=$(realpath "$BUILD/bench")
measured=$out/measured
stacks=$SANDBOX_DIR/stacks
tokens=$SANDBOX_DIR/tokens
algorithms=(RS256 PS256 ES256 EdDSA)

# Whoever measures time has a processor for itself, if the machine lets it.
alone=()
! chrt --rr 10 true 2>/dev/null || alone=(chrt --rr 10)

bench_make() {
    local alg
    keys_make && keys_reset || return 1
    # as is recommended: a name of this host, beside the one that the tests' tokens carry
    sed -i 's|^audience = .*|audience = ssh://%h ssh://testhost|' "$config"
    warm || return 1
    mkdir -p "$stacks" "$tokens" "$measured"
    stack other 'auth required pam_deny.so'
    stack keys "auth required $module config=$config"
    for alg in "${algorithms[@]}"; do
        keycloak_token "$alg" >"$tokens/$alg"
    done
}

stack() { printf '%s\n' "${@:2}" >"$stacks/$1"; } # SERVICE LINE...

# As Keycloak sends them: some 570 bytes of payload.
keycloak_token() { # ALG
    token_with "$1" '"jti":"5a9e2b1c-7a61-4be1-9d21-5e0b7a2f6c11","typ":"Bearer","azp":"linux-login",
        "sid":"0d9a4c1e-93b7-4c0e-8a55-6a7d1c9e2f10","acr":"1","scope":"openid profile email",
        "realm_access":{"roles":["offline_access","uma_authorization","default-roles-corp"]},
        "groups":["/linux-users","/ops"],"preferred_username":"alice","email":"alice@example.org",
        "email_verified":true'
}
token_with() { # ALG MEMBERS
    control mint '{"key":"'"$1"'","payload":{"sub":"248289761001","aud":["ssh://testhost","account"],
        "exp":'"$(($(date +%s) + 3600)),$2"'}}'
}

# As Debian hashes: yescrypt, its usual cost.
password() { # USER
    local hash
    # shellcheck disable=SC2016 # it is a salt
    hash=$(perl -e 'print crypt("open sesame", q($y$j9T$F5Jx5fExrKuPp53xLKQ..1))')
    [ "${#hash}" -gt 60 ] && sed -i "s|^$1:[^:]*|$1:$hash|" /etc/shadow
}

# A host that signs in with the answers of a file, as words of a command. $memory is one word more.
memory=
host() { # KIND SERVICE [ANSWERS]
    printf '%s\t%s%s\t%s\talice%s' "$out/login/host-$1" "$memory" "$stacks" "$2" "${3:+$'\t'$3}"
}

# Commands, a line each (see race.c), one after the other in each round; into measured/NAME.
race() { # NAME ROUNDS <COMMANDS
    cat >"$SANDBOX_DIR/commands"
    "${alone[@]}" "$out/race" "$2" 1 "$SANDBOX_DIR/commands" >"$measured/$1.race"
}

# Instructions of each command, its children's left out: callgrind's, which do not vary.
count() { # NAME <COMMANDS
    local name words ir
    : >"$measured/$1.counts"
    while IFS=$'\t' read -r name words; do
        IFS=$'\t' read -r -a words <<<"$words"
        ir=$(instructions "${words[@]}") || return 1
        printf '%s\t%s\n' "$name" "$ir" >>"$measured/$1.counts"
    done
}
instructions() { # COMMAND...
    local said
    said=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null </dev/null) ||
        { printf '%s\n' "$said" >&2 && return 1; }
    awk '/Collected/ { print $4; found = 1 } END { exit !found }' <<<"$said"
}

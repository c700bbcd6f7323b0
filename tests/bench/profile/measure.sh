# shellcheck shell=bash disable=SC2154
#
# What the figures of the other areas are made of, by library and by function (fold.mjs): of a token that
# is verified, of a sign-in in a warm host, and of one more of each thing with which that grows. Sourced
# by tests/bench/inside.

. "$top/tests/bench/growth/measure.sh"

profiles=$SANDBOX_DIR/profiles
growing=$profiles/growing
growth_commands=$profiles/commands

measure_profile() {
    local words=()
    mkdir -p "$growing"
    stack permit 'auth required pam_permit.so'
    : >"$growth_commands"
    grow stored_keys 1 100 && grow pinned_keys 1 1000 && grow map 10 1000000 && grow providers 1 50 || return 1
    profiled few "$out/verify/ours" "$out/keys/RS256" --count 20 &&
        profiled many "$out/verify/ours" "$out/keys/RS256" --count 60 && fold verify 40 || return 1
    IFS=$'\t' read -r -a words <<<"$(host warm permit)"
    profiled few "${words[@]}" || return 1
    IFS=$'\t' read -r -a words <<<"$(host warm keys "$tokens/RS256")"
    profiled many "${words[@]}" && fold login 1 && profile_growth
} >"$measured/profile"

# The lines of growth_commands in pairs, few and many.
profile_growth() {
    local name words few=
    while IFS=$'\t' read -r name words; do
        IFS=$'\t' read -r -a words <<<"$words"
        if [ -z "$few" ]; then
            few=${name#*/}
            profiled few "${words[@]}" || return 1
        else
            profiled many "${words[@]}" && fold "${name%/*}" $((${name#*/} - few)) || return 1
            few=
        fi
    done <"$growth_commands"
}

profiled() { # NAME COMMAND...
    valgrind -q --tool=callgrind --callgrind-out-file="$profiles/$1" "${@:2}" </dev/null >/dev/null
}
fold() { # WHAT TIMES
    node "$top/tests/bench/profile/fold.mjs" "$profiles/few" "$profiles/many" "$2" | sed "s|^|$1\t|"
    [ "${PIPESTATUS[0]}" -eq 0 ]
}

# shellcheck shell=bash disable=SC2034,SC2154
# Every verdict that verify can give, by its reason word; and the exact edges of time.

# ---- accepted --------------------------------------------------------------------------------------

accepts 'R36 RS256' "$(token rsa)"
accepts 'R36 PS256' "$(token rsa/PS256)"
accepts 'R36 ES256' "$(token p256)"
accepts 'R36 EdDSA' "$(token ed25519)"
accepts 'R36 Ed25519 is another name of EdDSA' "$(token ed25519/Ed25519)"
for pair in rsa/RS384 rsa/RS512 rsa/PS384 rsa/PS512 p384/ES384 p521/ES512 ed448/Ed448; do
    alg=${pair#*/}
    refuses "R36 $alg is off unless asked for" alg "algorithm $alg is not enabled" "$(token $pair)"
    accepts "R36 $alg opts in" "$(token $pair)" --algorithms "$alg"
done
refuses 'R36 EdDSA is not Ed448 unless asked for' unknown_key 'is not for EdDSA' \
    "$(token ed448/EdDSA)"
accepts 'R36 EdDSA with Ed448 asked for' "$(token ed448/EdDSA)" --algorithms 'EdDSA Ed448'
refuses '--algorithms is all that is accepted' alg 'algorithm RS256 is not enabled' \
    "$(token rsa)" --algorithms 'ES256 PS256'
accepts 'a list of several algorithms' "$(token rsa/RS512)" --algorithms 'RS512 ES512'

accepts 'R43 typ in capitals' "$(token rsa 'h:typ="AT+JWT"')"
accepts 'R43 typ with application/' "$(token rsa 'h:typ="application/at+jwt"')"
accepts 'R43 no typ' "$(token rsa 'h:-typ')" --token-kind any
accepts 'R43 typ JWT' "$(token rsa 'h:typ="JWT"')" --token-kind any
accepts 'R40 unused header members are ignored' \
    "$(token rsa 'h:jku="https://evil.example/"' 'h:x5t="AAAA"' 'h:x5c=["AAAA"]' 'h:other=[1]')"
with_subject() { # SUBJECT-AS-PRINTED TOKEN
    verify "$2"
    expect 0 "^accepted $1\$"
}
test_it 'R61 a subject of 255 characters' with_subject "$(repeat 255 x)" \
    "$(token rsa "sub=\"$(repeat 255 x)\"")"
test_it 'R93 a backslash in a subject is escaped' with_subject 'CORP\\x5calice b' \
    "$(token rsa 'sub="CORP\\alice b"')"
accepts 'R52 ours is one of several audiences' "$(token rsa "aud=[\"x\",\"$audience\"]")"
accepts 'R52 one of several --audience' "$(token rsa aud='"two"')" --audience two --audience three
accepts 'R52 the first --audience still counts' "$(token rsa)" --audience two

# ---- one refusal of each word ----------------------------------------------------------------------

refuses 'malformed' malformed 'dots where a compact JWS has 2' 'a.b'
refuses 'header' header "has .crit." "$(token rsa 'h:crit=["exp"]')"
refuses 'alg' alg "algorithm 'HS256' is not one that is accepted here" "$(token rsa/HS256 @hmac=x)"
refuses 'unknown_key' unknown_key "no key with kid 'elsewhere'" \
    "$(token rsa 'h:kid="elsewhere"')"
refuses 'signature' signature 'does not fit the key' "$(token rsa @flip)"
refuses 'signature by another key' signature 'does not fit the key' "$(token rsa @by=rsa-other)"
refuses 'issuer' issuer "is 'https://evil.example', not '$issuer'" \
    "$(token rsa iss='"https://evil.example"')"
refuses 'audience' audience "aud is 'ssh://elsewhere', not '$audience'" \
    "$(token rsa aud='"ssh://elsewhere"')"
refuses 'expired' expired 'expired 100 s ago' "$(token rsa exp=$((now - 100)))"
refuses 'not_yet_valid by nbf' not_yet_valid 'not valid for another 100 s' \
    "$(token rsa nbf=$((now + 100)))"
refuses 'not_yet_valid by iat' not_yet_valid 'issued 100 s from now' \
    "$(token rsa iat=$((now + 100)))"
refuses 'too_old' too_old '4000 s old; at most 3600 s' "$(token rsa iat=$((now - 4000)))"
refuses 'type' type 'not marked as an access token' "$(token rsa 'h:typ="JWT"')"
refuses 'claim' claim 'sub is missing' "$(token rsa -sub)"
with_keys '' fails 'keys_unavailable' keys_unavailable 'other.jwks: .*not JSON' "$(token rsa)"

missing_jwks() {
    trust=(--jwks "$dir/nowhere.jwks" --signature-only)
    verify "$(token rsa)"
    expect 2 '^failed: keys_unavailable: [^:]*/nowhere.jwks: No such file'
}
test_it 'keys_unavailable: no such file' missing_jwks

# ---- kinds of token --------------------------------------------------------------------------------

accepts 'R62 access_token takes at+jwt' "$(token rsa)" --token-kind access_token
refuses 'R62 access_token takes no JWT' type 'not marked as an access token' \
    "$(token rsa 'h:typ="JWT"')" --token-kind access_token
refuses 'R62 access_token takes no nonce' type 'an ID token where an access token' \
    "$(token rsa nonce='"n"')" --token-kind access_token
accepts 'R62 id_token takes JWT' "$(token rsa 'h:typ="JWT"' nonce='"n"')" --token-kind id_token
refuses 'R62 id_token takes no at+jwt' type 'an access token where an ID token' "$(token rsa)" \
    --token-kind id_token
refuses 'R54 an ID token has an iat' claim 'has no iat' "$(token rsa 'h:typ="JWT"' -iat)" \
    --token-kind id_token
accepts 'R62 any takes at+jwt' "$(token rsa)" --token-kind any
accepts 'R62 any takes JWT' "$(token rsa 'h:typ="JWT"' nonce='"n"')" --token-kind any
for header in 'h:typ="at+jwt"' 'h:typ="JWT"' h:-typ; do
    exactly_one() {
        local yes=0 kind
        for kind in access_token id_token; do
            verify "$(token rsa "$header")" --token-kind $kind
            yes=$((yes + (code == 0)))
        done
        [ "$yes" -eq 1 ] || { echo "accepted as $yes kinds"; return 1; }
    }
    test_it "E75 exactly one kind with $header" exactly_one
done

# ---- time: skew is 30 s, and each edge is exact ----------------------------------------------------

accepts 'E15 exp a second inside the skew' "$(token rsa exp=$((now - 29)))"
refuses 'E15 exp at the skew' expired 'expired 30 s ago' "$(token rsa exp=$((now - 30)))"
accepts 'E15 exp a fraction inside the skew' "$(token rsa exp=$((now - 30)).5)"
accepts 'E15 nbf at the skew' "$(token rsa nbf=$((now + 30)))"
refuses 'E15 nbf a second past the skew' not_yet_valid '31 s' "$(token rsa nbf=$((now + 31)))"
accepts 'E15 iat at the skew' "$(token rsa iat=$((now + 30)))"
refuses 'E15 iat a second past the skew' not_yet_valid '31 s' "$(token rsa iat=$((now + 31)))"
refuses 'E15 iat far in the future' not_yet_valid 'issued' "$(token rsa iat=253402300799)"
accepts 'R56 as old as may be' "$(token rsa iat=$((now - 3630)))"
refuses 'R56 a second older' too_old '3631 s old' "$(token rsa iat=$((now - 3631)))"
accepts 'R56 as long-lived as may be' "$(token rsa exp=$((now - 60 + 86400)))"
refuses 'R56 lives a second longer' too_old 'lives 86401 s' "$(token rsa exp=$((now - 60 + 86401)))"
refuses 'E15 lives ten years' too_old 'lives' "$(token rsa exp=$((now + 315360000)))"
accepts 'R56 without iat it lives from now' "$(token rsa -iat exp=$((now + 86400)))"
refuses 'R56 without iat, a second longer' too_old 'lives 86401 s' \
    "$(token rsa -iat exp=$((now + 86401)))"

accepts '--clock-skew 0, a second before exp' "$(token rsa exp=$((now + 1)))" --clock-skew 0
refuses '--clock-skew 0, at exp' expired 'expired 0 s ago' "$(token rsa exp="$now")" --clock-skew 0
accepts '--clock-skew 300' "$(token rsa exp=$((now - 299)))" --clock-skew 300
refuses '--clock-skew 300, at its edge' expired '300 s ago' "$(token rsa exp=$((now - 300)))" \
    --clock-skew 300
accepts '--at the last second' "$(token rsa)" --at $((now + 300 + 29))
refuses '--at the second after' expired '30 s ago' "$(token rsa)" --at $((now + 300 + 30))
accepts '--at the first second' "$(token rsa)" --at $((now - 60 - 30))
refuses '--at the second before' not_yet_valid '31 s from now' "$(token rsa)" --at $((now - 60 - 31))
refuses '--at 0' not_yet_valid 'issued' "$(token rsa)" --at 0
for year in 2038-02-01 2107-01-01 9999-01-01; do
    at=$(date -u -d $year +%s)
    accepts "R64 in $year" "$(token rsa iat="$at" exp=$((at + 60)))" --at "$at"
    refuses "R64 after $year" expired 'expired 3600 s ago' "$(token rsa iat="$at" exp="$at")" \
        --at $((at + 3600))
done
clock_now() {
    local at
    at=$(date +%s)
    trust=(--jwks "$dir/keys.jwks" --issuer "$issuer" --audience "$audience")
    accepted "$(token rsa iat="$at" exp=$((at + 60)))" &&
        not_accepted refused 1 expired 'expired' "$(token rsa iat=$((at - 90)) exp=$((at - 60)))"
}
test_it 'R63 without --at it is now' clock_now

# A host whose clock stands elsewhere: clock.c says how late it is. TOKEN must not care with --at.
at_the_time() { # EPOCH EXIT-CODE REGEX TOKEN [OPTION]...
    printf '%s' "$4" >"$dir/token"
    CLOCK=$1 LD_PRELOAD=$dir/clock.so "$program" verify --jwks "$dir/keys.jwks" --issuer "$issuer" \
        --audience "$audience" "${@:5}" "$dir/token" >"$dir/out" 2>"$dir/err"
    code=$?
    expect "$2" "$3"
}
for at in 0 1 946684800 1700000000; do # all before the program was built
    test_alone "E65 R63 a clock at $at decides nothing" at_the_time $at 2 \
        '^failed: clock: the system clock stands at .*before this program was built.*set the clock' \
        "$(token rsa iat=$((at + 1)) exp=$((at + 60)))"
    test_alone "R63 a clock at $at and --at" at_the_time $at 0 "^accepted $subject\$" "$(token rsa)" \
        --at "$now"
done
# 2038-01-19 03:14:07 and a second later, 2106, 2107, 9999
for at in 2147483647 2147483648 4294967295 4323456000 253402300000; do
    test_alone "E65 R64 a clock at $at" at_the_time $at 0 "^accepted $subject\$" \
        "$(token rsa iat=$((at - 9)) exp=$((at + 60)))"
    test_alone "E65 R64 a clock at $at, an old token" at_the_time $at 1 '^refused: expired: ' \
        "$(token rsa)"
done

elsewhere() {
    LC_ALL=tr_TR.UTF-8 LANG=de_DE.UTF-8 TZ=:/etc/passwd accepted "$(token rsa exp=$((now + 60)).5)" &&
        LC_ALL=tr_TR.UTF-8 TZ=UTC+14 not_accepted refused 1 expired '30 s ago' \
            "$(token rsa exp=$((now - 30)))"
}
test_it 'E66 locale and time zone change nothing' elsewhere

# ---- --signature-only ------------------------------------------------------------------------------

bare() { # TOKEN [OPTION]...
    trust=(--jwks "$dir/keys.jwks" --signature-only)
    verify "$@"
    expect 0 '^accepted$'
}
test_it '--signature-only says accepted alone' bare "$(token rsa)"
test_it '--signature-only looks at no claim' bare "$(token rsa exp=1 iss=5 -aud 'sub="canary"')"
test_it 'R31 an empty payload is a JWS' bare "$(token rsa @payload=)"
test_it '--signature-only and a payload that is no JSON' bare "$(token rsa @payload=canary)"
test_it '--signature-only with --algorithms' bare "$(token rsa/RS512)" --algorithms RS512
bare_refused() { # REASON TOKEN
    trust=(--jwks "$dir/keys.jwks" --signature-only)
    not_accepted refused 1 "$1" '' "$2"
}
test_it '--signature-only still wants a signature' bare_refused signature "$(token rsa @flip)"
test_it '--signature-only still wants its algorithms' bare_refused alg "$(token rsa/RS512)"
test_it '--signature-only still wants a key' bare_refused unknown_key "$(token rsa 'h:kid="no"')"
refuses 'R31 an empty payload is no JWT' malformed 'payload: not JSON' "$(token rsa @payload=)"

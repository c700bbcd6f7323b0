# shellcheck shell=bash disable=SC2034,SC2154,SC1003
# What is printed: one JSON object a token, and nothing that a terminal would obey.

good=$(token rsa)

# ---- --json ----------------------------------------------------------------------------------------

# in_json NAME EXIT-CODE JAVASCRIPT TOKEN [OPTION]...
in_json() {
    wanted "$1" || return 0
    judge "$1" is_json "${@:2}"
}
is_json() {
    local wanted_code=$1 expression=$2
    shift 2
    verify "$1" --json "${@:2}"
    [ "$code" -eq "$wanted_code" ] || echo "exit $code"
    [ "$code" -eq "$wanted_code" ] && says "$expression"
}
in_json '--json has these members in this order' 0 \
    'Object.keys(o).join() === "verdict,reason,sentence,provider,sub,alg,kid,checks"' "$good"
in_json '--json of a refusal has the same members' 1 \
    'Object.keys(o).join() === "verdict,reason,sentence,provider,sub,alg,kid,checks"' x
in_json '--json, accepted' 0 "o.verdict === 'accepted' && o.reason === 'accepted' &&
    o.sub === '$subject' && o.alg === 'RS256' && o.kid === 'rsa'" "$good"
in_json '--json, refused for a claim' 1 "o.verdict === 'refused' && o.reason === 'expired' &&
    /expired 100 s ago/.test(o.sentence) && o.sub === '$subject' && o.alg === 'RS256'" \
    "$(token rsa exp=$((now - 100)))"
in_json '--json, refused for its signature' 1 "o.verdict === 'refused' && o.reason === 'signature' &&
o.sub === null && o.provider === null && o.alg === 'RS256' && o.kid === 'rsa'" \
    "$(token rsa @flip)"
in_json '--json, malformed' 1 "o.verdict === 'refused' && o.reason === 'malformed' &&
    o.alg === null && o.kid === null" x
in_json '--json, no kid' 0 'o.kid === null && o.alg === "RS256"' "$(token rsa h:-kid)"
failed_in_json() {
    trust=(--jwks "$dir/nowhere" --signature-only)
    is_json 2 'o.verdict === "failed" && o.reason === "keys_unavailable" && o.sentence !== null' "$good"
}
test_it '--json, failed' failed_in_json

steps='header,algorithm,key,signature,payload'
names='issuer,audience,authorized_party,expiry,not_before,issued_at,age,typ,kind,access_token_hash,person,unbound,subject'
in_json '--json, every step and check by name' 0 \
    "o.checks.map((c) => c.name).join() === '$steps,$names'" "$good"
in_json '--json, steps of a refused claim' 1 \
    "o.checks.map((c) => c.name).join() === '$steps,$names' &&
    o.checks.filter((c) => !c.ok).map((c) => c.name).join() === 'expiry'" \
    "$(token rsa exp=$((now - 100)))"
# What refuses is the last row, and it says what the whole answer says.
stops_at() { # STEPS TOKEN [OPTION]...
    is_json 1 "o.checks.map((c) => c.name).join() === '$1' && (() => { const c = o.checks.pop();
        return !c.ok && c.reason === o.reason && c.sentence === o.sentence &&
            o.checks.every((c) => c.ok); })()" "${@:2}"
}
test_it '--json, malformed stops at the header' stops_at header x
test_it '--json, an unknown member stops at the header' stops_at header "$(token rsa 'h:crit=[]')"
test_it '--json, a bad typ stops at the header' stops_at header "$(token rsa 'h:typ=5' 'h:alg="none"')"
test_it '--json, an unknown algorithm stops at it' stops_at header,algorithm \
    "$(token rsa 'h:alg="none"')"
test_it '--json, an algorithm that is not enabled stops at it' stops_at header,algorithm \
    "$(token rsa/RS512)"
test_it '--json, an unknown key stops at it' stops_at header,algorithm,key \
    "$(token rsa 'h:kid="other"')"
test_it '--json, a key for another algorithm stops at it' stops_at header,algorithm,key \
    "$(token p256 'h:kid="rsa"')"
test_it '--json, a bad signature stops at it' stops_at header,algorithm,key,signature \
    "$(token rsa @flip)"
test_it '--json, a payload that is no JSON stops at it' stops_at "$steps" \
    "$(token rsa @payload=canary)"
in_json '--json, got and want of the steps' 0 "(() => { const [h, a, k, s, p] = o.checks;
    return h.got.alg === 'RS256' && h.got.kid === 'rsa' && h.got.typ === 'at+jwt' &&
        a.got === 'RS256' && a.want.join() === 'RS256,PS256,ES256,EdDSA,Ed25519' &&
        k.got === 'rsa' && s.got === null && p.got === null; })()" "$good"
in_json '--json, what --algorithms wants' 1 "o.checks[1].got === 'RS256' &&
    o.checks[1].want.join() === 'RS512,ES256'" "$good" --algorithms 'ES256 RS512'
keys_in_json() {
    trust=(--jwks "$dir/other.jwks" "${trust[@]:2}")
    jwks "$(jwk rsa1024)" >"$dir/other.jwks"
    is_json 2 "o.verdict === 'failed' && o.checks.map((c) => c.name).join() === 'header,algorithm,key' &&
        o.checks[2].reason === 'keys_unavailable'" "$good"
}
test_it '--json, keys that cannot be had are the key row' keys_in_json
in_json '--json, what a check has' 0 'o.checks.every((c) => typeof c.name === "string" &&
    typeof c.rule === "string" && "got" in c && "want" in c && c.ok === true)' "$good"
in_json '--json, a rule cites its standard' 0 \
    'o.checks.every((c) => /^(RFC [0-9]+|OpenID Connect Core) [0-9.]+$/.test(c.rule))' "$good"
in_json '--json, got and want of the issuer' 1 "(() => { const c = o.checks.find((c) => c.name === 'issuer');
    return c.got === 'https://evil.example' && c.want === '$issuer' && c.ok === false; })()" \
    "$(token rsa iss='"https://evil.example"')"
in_json '--json, got and want of the audience' 1 "(() => { const c = o.checks.find((c) => c.name === 'audience');
    return c.got.join() === 'x,y' && c.want.join() === '$audience,two' && !c.ok; })()" \
    "$(token rsa 'aud=["x","y"]')" --audience two
in_json '--json, got of what is not there is null' 1 'o.checks.find((c) => c.name === "audience").got === null' \
    "$(token rsa -aud)"
in_json '--json, got and want of exp' 1 "(() => { const c = o.checks.find((c) => c.name === 'expiry');
    return c.got === $((now - 100)) && c.want === 'after $((now - 30))' && !c.ok; })()" \
    "$(token rsa exp=$((now - 100)))"
in_json '--json, every failed check is there, not the first alone' 1 \
    'o.checks.filter((c) => !c.ok).map((c) => c.name).join() === "issuer,audience,expiry,subject" &&
    o.reason === "issuer"' "$(token rsa iss=1 aud=2 exp=$((now - 100)) sub=3)"
in_json '--json, a failed check has its own reason and sentence' 1 \
    'o.checks.filter((c) => !c.ok).every((c) => c.reason && c.sentence)' \
    "$(token rsa iss=1 aud=2 exp=$((now - 100)) sub=3)"

bare_json() { # EXIT-CODE JAVASCRIPT TOKEN
    trust=(--jwks "$dir/keys.jwks" --signature-only)
    is_json "$@"
}
test_it '--signature-only --json shows nothing of the payload' bare_json 0 \
    "o.verdict === 'accepted' && o.sub === null && o.provider === null && !text.includes('canary') &&
    !text.includes('$issuer') && o.alg === 'RS256' && o.kid === 'rsa' &&
    o.checks.map((c) => c.name).join() === 'header,algorithm,key,signature'" \
    "$(token rsa 'sub="canary"' 'x="canary"')"
test_it '--signature-only --json of a bad signature neither' bare_json 1 \
    "!text.includes('canary') && o.reason === 'signature'" "$(token rsa 'sub="canary"' @flip)"
batch_json() {
    printf '%s\n' "$good" x "$(token rsa @flip)" "$(token p256)" >"$dir/batch"
    call verify "${trust[@]}" --json --batch "$dir/batch"
    [ "$code" -eq 1 ] && [ "$(node -e '
        console.log(require("fs").readFileSync(process.argv[1], "utf8").trimEnd().split("\n")
            .map((line) => JSON.parse(line).reason).join())' "$dir/out")" = \
        'accepted,malformed,signature,accepted' ]
}
test_it '--json --batch is one object a line' batch_json
not_utf8() {
    trust=(--jwks "$dir/keys.jwks" --issuer "$issuer" --audience $'caf\xe9' --at "$now")
    is_json 1 'typeof o.sentence === "string" && o.reason === "audience"' "$good"
}
test_it '--json has its sentence whatever bytes are in it' not_utf8

# ---- nothing unverified is shown -------------------------------------------------------------------

silent_about() { # TOKEN
    local form
    for form in '' --json; do
        verify "$1" ${form:+"$form"}
        if grep canary "$dir/out" "$dir/err"; then return 1; fi
    done
}
for change in @flip @by=rsa-other 'h:alg="none"' 'h:kid="other"' 'h:crit=["x"]' @signature=00; do
    test_it "R48 nothing of the payload with $change" silent_about \
        "$(token rsa 'sub="canary"' 'iss="canary"' 'aud="canary"' "$change")"
done

# ---- terminals -------------------------------------------------------------------------------------

# Colours, a title, the clipboard, a link, a forged line, bidirectional text, 8-bit controls, DEL.
evils=('\u001b[2J\u001b[31m' '\u001b]0;title\u0007' '\u001b]52;c;ZXZpbA==\u0007'
    '\u001b]8;;https://evil.example\u001b\\\\' '\naccepted root' '\r\naccepted root' '\u202eecila'
    '\u009b31m' '\u007f' '\u0008\u0008' '\u200b' '\u2028' '\ufeff' 'e\u0301' '\ud83d\ude00' '\t'
    '%s%n%1000000c' '\\\"' "$(printf '\xe2\x80\xae')")
tame() { # EXIT-CODE TOKEN [OPTION]...
    local wanted_code=$1
    shift
    verify "$@"
    expect "$wanted_code" '^(refused|accepted)' || return 1
    verify "$@" --json
    [ "$code" -eq "$wanted_code" ] && says 'true'
}
for evil in "${evils[@]}"; do
    test_it "R93 $evil in kid" tame 1 "$(token rsa "h:kid=\"$evil\"")"
    test_it "R93 $evil in alg" tame 1 "$(token rsa "h:alg=\"$evil\"")"
    test_it "R93 $evil in typ" tame 1 "$(token rsa "h:typ=\"$evil\"")" --token-kind any
    test_it "R93 $evil in iss" tame 1 "$(token rsa "iss=\"$evil\"")"
    test_it "R93 $evil in aud" tame 1 "$(token rsa "aud=\"$evil\"")"
    test_it "R93 $evil in aud, among others" tame 1 "$(token rsa "aud=[\"$evil\",\"$evil\"]")"
    test_it "R93 $evil in azp" tame 1 "$(token rsa 'h:typ="JWT"' "azp=\"$evil\"")" --token-kind id_token
    test_it "R93 $evil in cnf" tame 1 "$(token rsa "cnf={\"$evil\":\"$evil\"}")"
done
for evil in "${evils[@]:0:16}" "${evils[18]}"; do
    test_it "R93 $evil in sub" tame 1 "$(token rsa "sub=\"$evil\"")"
done
test_it 'R93 printable, and no format either' tame 0 "$(token rsa 'sub="%s%n%1000000c"')"
with_evil_key() { # the publisher's turn
    trust=(--jwks "$dir/other.jwks" "${trust[@]:2}")
    jwks "$(jwk rsa "kid=\"$1\"" "$2")" "$(jwk p256)" >"$dir/other.jwks"
    tame 1 "$(token rsa "h:kid=\"$1\"" @flip)"
}
for evil in "${evils[@]}"; do
    test_it "R93 $evil in a published kid" with_evil_key "$evil" 'x=1'
    test_it "R93 $evil in a published alg" with_evil_key "$evil" "alg=\"$evil\""
done
refuses 'R93 an escape is shown once' unknown_key "no key with kid '\\\\x1b\[31m'" \
    "$(token rsa 'h:kid="\u001b[31m"')"
refuses 'R93 a long value is cut' audience "aud is 'x{64}\.\.\.', not" \
    "$(token rsa "aud=\"$(repeat 8000 x)\"")"
odd_name() {
    local file=$dir/$'odd\e[31m\n'
    cp "$dir/keys.jwks" "$file"
    trust=(--jwks "$file.no" --signature-only)
    verify "$good"
    expect 2 '^failed: keys_unavailable: '
}
test_it 'R93 the name of a file is foreign text too' odd_name

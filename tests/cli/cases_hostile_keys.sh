# shellcheck shell=bash disable=SC2034,SC2154,SC1003
# Keys that a provider must not publish, or that somebody put there: E30..E33, R37..R49, R67. A key
# that cannot be used is passed over, and its token finds no key.

good=$(token rsa)
with() { # JWKS COMMAND...
    with_keys "$@"
}
# passed_over NAME JWK [TOKEN [OPTION]...]: a good key beside it goes on working
passed_over() {
    local name=$1 key=$2
    shift 2
    with "$(jwks "$key" "$(jwk p256)")" refuses "$name" unknown_key '' "${@:-$good}"
    with "$(jwks "$key" "$(jwk p256)")" accepts "$name: the next key works" "$(token p256)"
}

# ---- E30 RSA ---------------------------------------------------------------------------------------

number() { openssl rand "$1" | base64url; } # BYTES
modulus() { # HEX
    printf '%s' "$1" | sed 's/../\\x&/g' | xargs -0 printf '%b' | base64url
}
passed_over 'E30 R44 RSA of 1024 bits' "$(jwk rsa1024)" "$(token rsa1024)"
passed_over 'E30 R44 RSA of 2040 bits' "$(jwk rsa "n=\"$(modulus "$(repeat 510 b)")\"")"
passed_over 'E30 R44 RSA of 8200 bits' "$(jwk rsa "n=\"$(modulus "$(repeat 2050 b)")\"")"
passed_over 'E30 R44 RSA of 16384 bits' "$(jwk rsa "n=\"$(modulus "$(repeat 4096 b)")\"")"
passed_over 'E30 R44 an even modulus' "$(jwk rsa "n=\"$(modulus "$(repeat 510 b)b2")\"")"
passed_over 'E30 R44 a modulus of zeros' "$(jwk rsa "n=\"$(repeat 342 A)\"")"
passed_over 'E30 R44 an empty modulus' "$(jwk rsa 'n=""')"
passed_over 'E30 R44 a modulus with padding' "$(jwk rsa "n=\"$(jwk rsa | grep -o '"n":"[^"]*' | cut -c6-)==\"")"
passed_over 'E30 R44 a modulus that is no string' "$(jwk rsa n=5)"
passed_over 'E30 R44 no modulus' "$(jwk rsa -n)"
passed_over 'E30 R44 no exponent' "$(jwk rsa -e)"
# e = 1, 3, 65536, 2^32 + 1, 2^64, 0, empty
for e in AQ Aw AQAA AQAAAAE AQAAAAAAAAAA AA ''; do
    passed_over "E30 R44 exponent '$e'" "$(jwk rsa "e=\"$e\"")"
done
# 1 modulo every small prime, as a power of 65537 is: what the ROCA fingerprint looks for.
roca=$(node -e '
    let m = [11,13,17,19,37,53,61,71,73,79,97,103,107,109,127,151,157].reduce((a,b)=>a*BigInt(b),2n);
    let n = (1n << 2047n) / m * m + m + 1n;
    console.log(n.toString(16))')
passed_over 'E30 R44 a ROCA modulus' "$(jwk rsa "n=\"$(modulus "$roca")\"")"
# With a prime modulus everybody can work out the private key.
prime_key_and_token() {
    node -e '
        const crypto = require("crypto");
        const [issuer, audience, now] = process.argv.slice(1);
        const b64 = (x) => Buffer.from(x).toString("base64url");
        const p = BigInt("0x" + crypto.getDiffieHellman("modp14").getPrime("hex"));
        const e = 65537n;
        const power = (b, x, m) => {
            let r = 1n;
            for (b %= m; x > 0n; x >>= 1n, b = b * b % m) if (x & 1n) r = r * b % m;
            return r;
        };
        const inverse = (a, m) => { // extended Euclid
            let [r0, r1, s0, s1] = [m, a % m, 0n, 1n];
            while (r1 > 0n) { const q = r0 / r1; [r0, r1, s0, s1] = [r1, r0 - q * r1, s1, s0 - q * s1]; }
            return ((s0 % m) + m) % m;
        };
        const head = b64(JSON.stringify({alg: "RS256", kid: "prime", typ: "at+jwt"}));
        const body = b64(JSON.stringify({iss: issuer, aud: audience, sub: "root", iat: +now,
            exp: +now + 60}));
        const hash = crypto.createHash("sha256").update(head + "." + body).digest("hex");
        const info = "3031300d060960864801650304020105000420" + hash;
        const em = BigInt("0x0001" + "f".repeat(512 - 6 - info.length) + "00" + info);
        const s = power(em, inverse(e, p - 1n), p);
        const n = Buffer.from(p.toString(16), "hex").toString("base64url");
        console.log(JSON.stringify({kty: "RSA", kid: "prime", n, e: "AQAB"}));
        console.log(head + "." + body + "." +
            Buffer.from(s.toString(16).padStart(512, "0"), "hex").toString("base64url"));
    ' "$issuer" "$audience" "$now"
}
{ read -r prime_key; read -r prime_token; } < <(prime_key_and_token)
passed_over 'E30 R44 a prime modulus' "$prime_key" "$prime_token"

# Whatever is in a set, it is decided in less than 50 ms of processor time; here five times that
# are allowed, for slow machines (tests/unit/limits_test.c measures more closely).
large_set() { # KEY...
    local least
    with "$(jwks "$@" "$(jwk p256)")" accepted "$(token p256)" || return 1
    least=$(with "$(jwks "$@" "$(jwk p256)")" least verify --jwks "$dir/other.jwks" --signature-only \
        "$dir/token")
    echo "E30 a set of $# such keys: ${least% *} us, ${least#* } kB" >&9
    [ -n "${WATCHED:-}" ] || [ "${least% *}" -lt 250000 ]
}
for bits in 2048 4096 8192 16384; do
    key=$(jwk rsa 'kid="k"' "n=\"$(modulus "f$(openssl rand -hex $((bits / 8 - 1)))1")\"")
    keys=()
    for i in {1..99}; do keys+=("${key/\"k\"/\"k$i\"}"); done
    test_it "E30 R44 99 moduli of $bits bits" large_set "${keys[@]}"
    # as many as are tested at once
    few=$((20 * 2048 ** 3 / bits ** 3))
    [ "$few" -eq 0 ] || test_it "E30 R44 $few moduli of $bits bits" large_set "${keys[@]:0:few}"
done
even_key=$(jwk rsa 'kid="even"' "n=\"$(modulus "$(repeat 510 b)b2")\"")
off_key=$(jwk p521 'kid="off"' "y=\"$(repeat 88 A)\"")
keys=()
for i in {1..25}; do
    keys+=("${prime_key/\"prime\"/\"p$i\"}" "${even_key/\"even\"/\"e$i\"}"
        "${off_key/\"off\"/\"o$i\"}")
done
test_it 'E30 E33 25 primes, 25 even moduli and 25 points off the curve' large_set "${keys[@]}"

# ---- E31 names -------------------------------------------------------------------------------------

with "$(jwks "$(jwk rsa)" "$(jwk rsa-b 'kid="rsa"')")" refuses \
    'E31 R39 two keys of one type with that kid' unknown_key "two keys with kid 'rsa'" "$good"
with "$(jwks "$(jwk rsa)" "$(jwk rsa)")" refuses \
    'E31 R39 the same key twice' unknown_key "two keys with kid 'rsa'" "$good"
with "$(jwks "$(jwk rsa)" "$(jwk p256 'kid="rsa"')")" refuses \
    'E31 R39 two keys of two types with that kid' unknown_key "two keys with kid 'rsa'" "$good"
with "$(jwks "$(jwk rsa)" "$(jwk rsa1024 'kid="rsa"')")" accepts \
    'E31 R39 a second one that cannot be used does not count' "$good"
with "$(jwks "$(jwk rsa)")" accepts 'E31 R38 no kid, one key' "$(token rsa h:-kid)"
with "$(jwks "$(jwk rsa -kid)")" accepts 'E31 R38 no kid on either side' "$(token rsa h:-kid)"
with "$(jwks "$(jwk rsa)" "$(jwk rsa-b)")" refuses 'E31 R38 no kid, two keys' unknown_key \
    'names no kid and 2 keys fit RS256' "$(token rsa h:-kid)"
with "$(jwks "$(jwk rsa -kid)" "$(jwk rsa-b -kid)")" refuses 'E31 R38 no kid, two nameless keys' \
    unknown_key 'names no kid and 2 keys fit' "$(token rsa h:-kid)"
with "$(jwks "$(jwk rsa)" "$(jwk p256)")" accepts 'E31 R38 no kid, one key fits the algorithm' \
    "$(token rsa h:-kid)"
with "$(jwks "$(jwk p256)")" refuses 'E31 R38 no kid, no key fits' unknown_key '0 keys fit RS256' \
    "$(token rsa h:-kid)"
with "$(jwks "$(jwk rsa -kid)")" refuses 'E31 R38 a kid that no key has' unknown_key \
    "no key with kid 'rsa'" "$good"
with "$(jwks "$(jwk rsa "kid=\"$(repeat 300 k)\"")" "$(jwk p256)")" refuses \
    'E31 R38 a key with a kid of 300 bytes' unknown_key '' "$good"
for kid in ../../x 'a b' '\u001b]0;x\u0007' '\u202e' '\n' '\"' '\\\\' '/' "$(repeat 256 k)"; do
    with "$(jwks "$(jwk p256 "kid=\"$kid\"")" "$(jwk rsa)")" accepts \
        "E31 R38 kid ${kid:0:20} is a name like any other" "$(token p256 "h:kid=\"$kid\"")"
done
passed_over 'E31 R38 a key whose kid is a number' "$(jwk rsa kid=5)"

# ---- E32 sets --------------------------------------------------------------------------------------

with "$(jwks '{"kty":"oct","k":"AAAA","kid":"rsa"}' "$(jwk rsa)")" accepts \
    'E32 R67 a symmetric key beside a good one' "$good"
passed_over 'E32 R67 only a symmetric key' '{"kty":"oct","k":"AAAA","kid":"rsa"}' \
    "$(token rsa 'h:alg="RS256"' @hmac=)"
passed_over 'E32 R67 a key with its private part' "$(jwk rsa PRIVATE)"
for member in d p q dp dq qi oth k; do
    passed_over "E32 R67 a key with a member $member" "$(jwk rsa "$member=\"AQ\"")"
done
passed_over 'E32 R67 an unknown kty' "$(jwk rsa 'kty="LWE"')"
passed_over 'E32 R67 a kty in small letters' "$(jwk rsa 'kty="rsa"')"
passed_over 'E32 R67 no kty' "$(jwk rsa -kty)"
for key in null 5 '"text"' '[]' '{}' 'true' "[$(jwk rsa)]"; do
    passed_over "E32 R67 a key that is ${key:0:10}" "$key"
done
with "$(jwks "$(jwk rsa 'more={"a":[1]}' 'x5c=["AAAA"]')")" accepts \
    'E32 R67 members that nobody knows' "$good"
with "{\"more\":[1],\"keys\":[$(jwk rsa)]}" accepts 'E32 members beside keys' "$good"

hundred=$(for i in {1..99}; do jwk p256-other "kid=\"k$i\""; echo; done | paste -sd, -)
with "$(jwks "$hundred" "$(jwk rsa)")" accepts 'E32 R67 100 keys' "$good"
quickly() {
    local ms
    verify "$good"
    ms=$(milliseconds verify "$good")
    echo "E32 a set of 100 keys: $ms ms" >&9
    expect 0 '^accepted'
}
with "$(jwks "$hundred" "$(jwk rsa)")" test_it 'E32 a set of 100 keys, timed' quickly
with "$(jwks "$hundred" "$(jwk rsa)" "$(jwk p256)")" fails 'E32 R67 101 keys' keys_unavailable \
    'a JWKS of 101 keys; at most 100' "$good"
with "$(jwks "$(jwk rsa)")$(repeat 600 "$(repeat 1024 ' ')")" fails 'E32 R67 600 KiB' \
    keys_unavailable 'larger than' "$good"
for document in '' ' ' '{}' '{"keys":{}}' '{"keys":"x"}' '{"keys":null}' '[]' "[$(jwk rsa)]" \
    "$(jwk rsa)" '{"keys":[' "$(jwks "$(jwk rsa)")x" $'\xef\xbb\xbf'"$(jwks "$(jwk rsa)")" \
    "{\"keys\":[],\"keys\":[$(jwk rsa)]}" '<html></html>' "$(ask pem rsa)" \
    "{\"keys\":[$(repeat 20 '[')$(repeat 20 ']')]}"; do
    with "$document" fails "E32 a JWKS that is $(printf %q "${document:0:24}")" keys_unavailable \
        'other.jwks: (not|JSON)' "$good"
done
with '{"keys":[]}' fails 'E32 R67 no key at all' keys_unavailable 'no key' "$good"
with "$(jwks "$(jwk rsa1024)")" fails 'E32 R67 no key that can be used' keys_unavailable \
    'RSA modulus of 1024 bits' "$good"

# ---- E33 curves ------------------------------------------------------------------------------------

x=$(jwk p256 | sed 's/.*"x":"\([^"]*\)".*/\1/')
ec=$(token p256)
off_curve=$(tr 'A-Za-z0-9' 'B-ZAb-za1-90' <<<"${x:0:40}")${x:40}
on_p256() { # NAME CHANGE...
    with "$(jwks "$(jwk p256 "${@:2}")" "$(jwk rsa)")" refuses "E33 R45 $1" unknown_key '' "$ec"
    with "$(jwks "$(jwk p256 "${@:2}")" "$(jwk rsa)")" accepts "E33 R45 $1: the next key works" "$good"
}
on_p256 'a point off the curve' "x=\"$off_curve\""
on_p256 'the point 0,0' "x=\"$(repeat 43 A)\"" "y=\"$(repeat 43 A)\""
on_p256 'x of 31 bytes' "x=\"$(repeat 42 A)\""
on_p256 'x of 33 bytes' "x=\"$(repeat 44 A)\""
on_p256 'no y' -y
on_p256 'crv P-384' 'crv="P-384"'
on_p256 'crv P-256K' 'crv="secp256k1"'
on_p256 'crv Ed25519' 'crv="Ed25519"'
on_p256 'no crv' -crv
on_p256 'kty OKP' 'kty="OKP"'
on_p256 'kty RSA' 'kty="RSA"'

# Neither its name nor its being there is anybody else's trouble.
with "$(jwks "$(jwk p256-broken "x=\"$off_curve\"" 'kid="p256"')" "$(jwk p256)")" accepts \
    'E33 R39 a point off the curve with the same kid' "$ec"
with "$(jwks "$(jwk p256)" "$(jwk p256-broken "x=\"$off_curve\"")")" accepts \
    'E33 R38 a point off the curve, and no kid' "$(token p256 h:-kid)"
no_point=$(jwk ed25519-broken "x=\"$(modulus "02$(repeat 62 0)")\"" 'kid="ed25519"')
with "$(jwks "$no_point" "$(jwk ed25519)")" accepts 'E33 R46 a y without an x, the same kid' \
    "$(token ed25519)"
with "$(jwks "$no_point" "$(jwk ed25519)")" accepts 'E33 R46 a y without an x, and no kid' \
    "$(token ed25519 h:-kid)"
with "$(jwks "$no_point")" fails 'E33 R67 no key but one that is no point' keys_unavailable \
    'no point of its curve' "$(token ed25519)"

# Small order and its twins: a constant signature would fit any message (fact 3).
identity_signature=01$(repeat 62 0)$(repeat 64 0)
small_order() { # HEX
    local key
    key=$(jwk ed25519 "x=\"$(modulus "$1")\"")
    for signature in "$identity_signature" "$1$(repeat 64 0)"; do
        with "$(jwks "$key" "$(jwk rsa)")" refuses "E33 R46 small order ${1:0:8}..${1: -2}" \
            unknown_key '' "$(token ed25519 "@signature=$signature")"
    done
}
f=$(repeat 60 f)
for point in "01$(repeat 62 0)" "01$(repeat 60 0)80" "$(repeat 64 0)" "$(repeat 62 0)80" \
    "ec${f}7f" "ec${f}ff" "ed${f}7f" "ed${f}ff" "ee${f}7f" "ee${f}ff" "$(repeat 62 f)7f" \
    26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05 \
    26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85 \
    c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a \
    c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa; do
    small_order "$point"
done
for x in "$(repeat 42 A)" "$(repeat 44 A)" ''; do
    with "$(jwks "$(jwk ed25519 "x=\"$x\"")" "$(jwk rsa)")" refuses "E33 R46 x of ${#x} letters" \
        unknown_key '' "$(token ed25519)"
done
with "$(jwks "$(jwk ed25519 'crv="Ed448"')" "$(jwk rsa)")" refuses 'E33 R46 crv Ed448' unknown_key '' \
    "$(token ed25519)" --algorithms 'EdDSA Ed448'
with "$(jwks "$(jwk ed25519 'crv="X25519"')" "$(jwk rsa)")" refuses 'E33 R46 crv X25519' unknown_key \
    '' "$(token ed25519)"

# ---- R37 what a key is for, R49 order --------------------------------------------------------------

for change in 'use="enc"' 'use="SIG"' 'use=""' use=5 use=null 'key_ops=["sign"]' 'key_ops=[]' \
    'key_ops="verify"' key_ops=null 'alg="RS512"' 'alg="ES256"' 'alg="RSA-OAEP"' 'alg="none"' \
    'alg=""' alg=5 'alg="rs256"'; do
    passed_over "R37 a key with $change" "$(jwk rsa "$change")"
done
for change in 'use="sig"' 'key_ops=["verify"]' 'key_ops=["encrypt","verify"]' 'alg="RS256"'; do
    with "$(jwks "$(jwk rsa "$change")")" accepts "R37 a key with $change" "$good"
done
with "$(jwks "$(jwk ed25519 'alg="EdDSA"')")" accepts 'R37 EdDSA for a key of EdDSA' \
    "$(token ed25519)"
with "$(jwks "$(jwk ed25519 'alg="EdDSA"')")" refuses 'R37 Ed25519 for a key of EdDSA' unknown_key \
    'is not for Ed25519' "$(token ed25519/Ed25519)"

keys=("$(jwk rsa)" "$(jwk p256)" "$(jwk ed25519)" "$(jwk rsa1024)" '{"kty":"oct","k":"AA"}' 5)
for order in '0 1 2 3 4 5' '5 4 3 2 1 0' '3 5 0 4 2 1' '2 0 3 1 5 4'; do
    shuffled=()
    for i in $order; do shuffled+=("${keys[i]}"); done
    for key in rsa p256 ed25519; do
        with "$(jwks "${shuffled[@]}")" accepts "R49 $key in the order $order" "$(token "$key")"
    done
done

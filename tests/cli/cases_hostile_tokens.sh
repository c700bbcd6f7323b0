# shellcheck shell=bash disable=SC2034,SC2154
# Tokens that somebody made to get in, or to break something: E1..E19 and E26 of SECURITY.

# ---- E1..E5 algorithms and keys of the attacker ----------------------------------------------------

for name in none None NONE nOnE; do
    refuses "E1 alg $name with a signature" alg "algorithm '$name' is not one" \
        "$(token rsa "h:alg=\"$name\"")"
    refuses "E1 alg $name without a signature" malformed 'signature is empty' \
        "$(token rsa "h:alg=\"$name\"" @signature=)"
done
for alg in '"RS256 "' '"rs256"' '""' '"RS257"' '"HS384"' '"RSA-OAEP"' '"dir"' 256 null '["RS256"]' \
    '{"RS256":1}' '"RS256\u0020"'; do
    refuses "R36 alg $alg" alg '' "$(token rsa "h:alg=$alg")"
done
refuses 'R36 no alg' alg 'names no algorithm' "$(token rsa h:-alg)"

rsa_pem=$(ask pem rsa)
rsa_der=$(sed '/-----/d' <<<"$rsa_pem" | base64 -d | base64 -w 0) # not raw: bash has no NUL
rsa_n=$(jwk rsa | sed 's/.*"n":"\([^"]*\)".*/\1/')
for secret in "$rsa_pem" "$rsa_pem"$'\n' "$rsa_der" "$(jwk rsa)" "$rsa_n" ''; do
    refuses "E2 HS256 with the public key as its secret (${#secret} bytes)" alg "algorithm 'HS256'" \
        "$(token rsa 'h:alg="HS256"' "@hmac=$secret")"
done
with_keys "$(jwks "$(jwk rsa 'alg="RS256"')")" refuses 'E3 RS512 for a key of RS256' unknown_key \
    "key with kid 'rsa' is not for RS512" "$(token rsa/RS512)" --algorithms 'RS256 RS512'
with_keys "$(jwks "$(jwk rsa 'alg="RS256"')")" refuses 'E3 PS256 for a key of RS256' unknown_key \
    'is not for PS256' "$(token rsa/PS256)"
refuses 'E3 a PS256 signature labelled RS256' signature '' "$(token rsa/PS256 'h:alg="RS256"')"
refuses 'E3 an RS256 signature labelled PS256' signature '' "$(token rsa 'h:alg="PS256"')"
refuses 'E3 an RS256 signature labelled RS384' signature '' "$(token rsa 'h:alg="RS384"')" \
    --algorithms 'RS256 RS384'
refuses 'E3 ES256 for an RSA key' unknown_key 'is not for ES256' "$(token p256 'h:kid="rsa"')"
refuses 'E3 ES256 for a key of P-384' unknown_key 'is not for ES256' "$(token p256 'h:kid="p384"')"
for salt in 0 20 31 33 64; do
    refuses "R44 PSS with a salt of $salt bytes" signature '' "$(token rsa/PS256 "@salt=$salt")"
done

n=ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
zero=$(repeat 64 0)
one=${zero:1}1
for signature in "$zero$zero" "$n$n" "$one$n" "$n$one" "$zero$one" "$one$zero" \
    "$one$one" "$(repeat 128 f)"; do
    refuses "E4 ES256 r=${signature:0:8}.. s=${signature:64:8}.." signature 'does not fit' \
        "$(token p256 "@signature=$signature")"
done
for length in 0 1 63 65 72 128; do
    refuses "E4 ES256 with $length bytes" '(signature|malformed)' \
        "(has $length bytes where its key makes 64|is empty)" \
        "$(token p256 "@signature=$(repeat $((2 * length)) 0)")"
done
refuses 'E4 ES256 as DER' signature 'bytes where its key makes 64' "$(token p256 @der)"
for length in 255 257; do
    refuses "R44 an RSA signature of $length bytes" signature 'where its key makes 256' \
        "$(token rsa "@signature=$(repeat $((2 * length)) 0)")"
done
refuses 'R44 an RSA signature of zeros' signature '' "$(token rsa "@signature=$(repeat 512 0)")"
refuses 'R44 an RSA signature of ones' signature '' "$(token rsa "@signature=$(repeat 512 f)")"
refuses 'R46 an Ed25519 signature of zeros' signature '' \
    "$(token ed25519 "@signature=$(repeat 128 0)")"

refuses 'E5 an embedded key' header 'came with the token' \
    "$(token rsa "h:jwk=$(jwk rsa-evil)" @by=rsa-evil)"
for member in jku x5u; do
    refuses "E5 $member and the attacker's signature" signature 'does not fit' \
        "$(token rsa "h:$member=\"https://evil.example/keys\"" @by=rsa-evil)"
    refuses "E5 $member and no kid of ours" unknown_key "no key with kid 'evil'" \
        "$(token rsa "h:$member=\"https://evil.example/keys\"" 'h:kid="evil"' @by=rsa-evil)"
done
no_network() {
    command -v strace >/dev/null || return 0
    local token
    token=$(token rsa 'h:jku="https://evil.example/keys"' 'h:kid="evil"')
    printf '%s' "$token" >"$dir/token"
    strace -qq -f -e trace=network,process -o "$dir/trace" \
        "$program" verify "${trust[@]}" "$dir/token" >"$dir/out" 2>"$dir/err"
    # the calls, not the path of the program
    if grep -E '^[0-9]+ +(socket|connect|fork|clone3?|vfork)\(' "$dir/trace"; then return 1; fi
    grep -qE '^[0-9]+ +execve\(' "$dir/trace" || return 1
    grep -q '^refused: unknown_key' "$dir/out"
}
# Under ASan a program cannot be traced at its end.
test_alone 'E5 R48 nothing is asked of the network' no_network

# ---- E6, R40..R43 header members -------------------------------------------------------------------

for member in 'crit=["b64"]' 'crit=[]' 'crit="x"' 'crit=null' 'crit={}' 'b64=false' 'b64=true' \
    'b64="false"' 'jwk=null' 'jwk={}' 'zip="DEF"' 'zip=null' 'enc="A256GCM"' 'cty="JWT"' \
    'cty="jwt"' 'cty="application/jwt"' 'cty="at+JWT"' 'cty=5'; do
    refuses "E6 R40 R42 header $member" header '' "$(token rsa "h:$member")"
done
for kid in 5 null '["rsa"]' '{"a":1}' true; do
    refuses "R38 kid $kid" header 'kid is not a string' "$(token rsa "h:kid=$kid")"
done
refuses 'R38 a kid of 257 bytes' header 'longer than 256 bytes' \
    "$(token rsa "h:kid=\"$(repeat 257 k)\"")"
refuses 'R38 a kid of 256 bytes is only unknown' unknown_key 'no key with kid' \
    "$(token rsa "h:kid=\"$(repeat 256 k)\"")"
for kid in '"rsa "' '"RSA"' '"rs"' '"rsaa"' '""' '"../../x"' '"* RSA - -"' '"rsa\n=cnNh"' '"*"' '"="'; do
    refuses "R38 kid $kid is not kid rsa" unknown_key 'no key with kid' "$(token rsa "h:kid=$kid")"
done

# ---- E7..E10 shape ---------------------------------------------------------------------------------

refuses 'E7 a JWE' malformed '4 dots' "$(token rsa).AAAA.AAAA"
refuses 'E7 a JWE of dir' malformed '4 dots' \
    "$(printf '{"alg":"dir","enc":"A256GCM","zip":"DEF"}' | base64url)..AAAA.AAAA.AAAA"
refuses 'E7 p2c of 2^31' alg 'PBES2' \
    "$(token rsa 'h:alg="PBES2-HS256+A128KW"' h:p2c=2147483648 'h:p2s="AAAA"')"
as_json() { # TOKEN
    local h=${1%%.*} p=${1#*.}
    printf '{"protected":"%s","payload":"%s","signature":"%s"}' "$h" "${p%.*}" "${1##*.}"
}
refuses 'E8 flattened JSON' malformed 'not a token: byte 1 ' "$(as_json "$(token rsa)")"
refuses 'E8 general JSON' malformed 'not a token: byte 1 ' \
    "{\"signatures\":[$(as_json "$(token rsa)")]}"
refuses 'E8 a compact string that splits in JSON' malformed 'not a token: byte' \
    "{\"payload\":\"$(token rsa)\"}"
for text in a .. . ... a.b a.b.c.d a.b.c.d.e ''; do
    refuses "E9 '$text'" malformed '(dots where|is empty|header is)' "$text"
done
refuses 'E9 no header' malformed 'header is empty' ".$(token rsa | cut -d. -f2-)"
refuses 'E9 no signature' malformed 'signature is empty' "$(token rsa | cut -d. -f1-2)."
refuses 'E9 no payload' '(malformed|signature)' '' "$(token rsa | sed 's/\..*\./../')"

good=$(token rsa)
IFS=. read -r good_header good_payload good_signature <<<"$good"
refuses 'E10 = behind the header' malformed 'byte' "$good_header=.$good_payload.$good_signature"
refuses 'E10 = behind the payload' malformed 'byte' "$good_header.$good_payload=.$good_signature"
refuses 'E10 = behind the signature' malformed 'byte' "$good="
for byte in + / = ' ' $'\n' $'\t' '~' '"' ',' $'\x80' '%'; do
    refuses "E10 a $(printf %q "$byte") inside" malformed 'not a token: byte 9 ' "${good:0:8}$byte${good:9}"
done
refuses 'E10 = signed with the payload' malformed 'byte' \
    "$(token rsa "@payload-text=$good_payload=")"
refuses 'E10 a header of length 1 mod 4' malformed 'header is not base64url' \
    "$(token rsa "@header-text=${good_header}A$(repeat $(((4 - ${#good_header} % 4) % 4)) A)")"
refuses 'E10 a payload of length 1 mod 4' malformed 'payload is not base64url' \
    "$(token rsa "@payload-text=AAAAA")"
refuses 'E10 a signature of length 1 mod 4' malformed 'signature is not base64url' "${good}AAA"
refuses 'E10 spare bits of the payload' malformed 'payload is not base64url' \
    "$(token rsa @payload='{"a":1 }' @spare)"
refuses 'E10 spare bits of the header' malformed 'header is not base64url' \
    "$(token rsa '@header-text=eyJhbGciOiJub25lIn1')"
refuses 'E10 spare bits of the signature' malformed 'signature is not base64url' \
    "${good%?}$(tr 'AQgw' 'BRhx' <<<"${good: -1}")"
refuses 'R33 ~ is reserved' malformed 'not a token: byte' "$good~$good"

# ---- E11..E13 JSON ---------------------------------------------------------------------------------

refuses 'E11 alg twice in the header' malformed 'header: JSON with a name that stands twice' \
    "$(token rsa 'h:+alg="none"')"
refuses 'E11 alg twice, the first none' malformed 'header: JSON with a name that stands twice' \
    "$(token rsa '@header={"alg":"none","alg":"RS256","kid":"rsa","typ":"at+jwt"}')"
refuses 'E11 alg twice through an escape' malformed 'header: JSON with a name that stands twice' \
    "$(token rsa 'h:+\u0061lg="none"')"
for claim in 'sub="root"' "aud=\"$audience\"" "exp=$((now + 9))" "iss=\"$issuer\"" 'x=1'; do
    refuses "E11 ${claim%%=*} twice" malformed 'payload: JSON with a name that stands twice' \
        "$(token rsa x=0 "+$claim")"
done
refuses 'E11 sub twice through an escape' malformed 'payload: JSON with a name that stands twice' \
    "$(token rsa '+su\u0062="root"')"
refuses 'E11 a member twice, deep inside' malformed 'payload: JSON with a name that stands twice' \
    "$(token rsa 'x={"a":[{"b":1,"b":2}]}')"

for payload in '[]' '"text"' 5 null true '[{"sub":"x"}]'; do
    refuses "E12 payload $payload" malformed 'payload: (JSON that is not an object|not JSON)' \
        "$(token rsa "@payload=$payload")"
    refuses "E12 header $payload" malformed 'header: (JSON that is not an object|not JSON)' \
        "$(token rsa "@header=$payload")"
done
claims="{\"iss\":\"$issuer\",\"aud\":\"$audience\",\"sub\":\"$subject\",\"exp\":$((now + 60))}"
accepts 'E12 the payload of the next ones' "$(token rsa "@payload=$claims")"
for payload in $'\xef\xbb\xbf'"$claims" "$claims x" "$claims{}" "$claims," " $claims]" "${claims%?}" \
    "${claims%?},}" "${claims/\"sub\"/sub}" "${claims//\"/\'}" "// x
$claims" "${claims%?},\"x\":01}" "${claims%?},\"x\":.5}" "${claims%?},\"x\":+5}" \
    "${claims%?},\"x\":NaN}" "${claims%?},\"x\":Infinity}" "${claims%?},\"x\":0x10}" \
    "${claims%?},\"x\":tru}" "${claims%?},\"x\":\"\\x\"}" "${claims%?},\"x\":\"\\ud800\"}" \
    "${claims%?},\"x\":\"\\udc00\\ud800\"}" "${claims%?},\"x\":\"$(printf '\t')\"}" \
    "${claims%?},\"x\":\"\\u0000\"}" "${claims%?},\"x\\u0000\":1}"; do
    refuses "E12 payload $(printf %q "${payload/"${claims%?}"/...}")" malformed 'payload: ' \
        "$(token rsa "@payload=$payload")"
done
for bytes in '\xff' '\xc0\xaf' '\xed\xa0\x80' '\xf4\x90\x80\x80' '\xe2\x82' '\x80'; do
    text=$(printf '%b' "$bytes")
    refuses "E12 bytes $bytes in a claim" malformed 'payload: JSON that is not valid UTF-8' \
        "$(token rsa "x=\"$text\"")"
    refuses "E12 bytes $bytes in the header" malformed 'header: JSON that is not valid UTF-8' \
        "$(token rsa "h:x=\"$text\"")"
done
refuses 'E12 UTF-16' malformed 'payload: ' \
    "$(token rsa "@payload-text=$(iconv -f ASCII -t UTF-16 <<<"$claims" | base64url)")"
refuses 'E12 a NUL and more behind the payload' malformed 'payload: not JSON' \
    "$(token rsa "@payload-text=$(printf '%s\0{"x":1}' "$claims" | base64url)")"
refuses 'E12 a NUL behind the payload' malformed 'payload: not JSON' \
    "$(token rsa "@payload-text=$(printf '%s\0' "$claims" | base64url)")"
refuses 'E12 a NUL behind a number' malformed 'payload: not JSON' \
    "$(token rsa "@payload-text=$(printf '%s\0,"x":1}' "${claims%?}" | base64url)")"

nested() { printf '%s1%s' "$(repeat "$1" '[')" "$(repeat "$1" ']')"; }
accepts 'E13 nested 16 deep' "$(token rsa "x=$(nested 15)")"
refuses 'E13 nested 17 deep' malformed 'nested deeper than 16' "$(token rsa "x=$(nested 16)")"
refuses 'E13 nested 2049 deep' malformed 'nested deeper than 16' "$(token rsa "x=$(nested 2049)")"
refuses 'E13 nested 17 deep in the header' malformed 'header: JSON nested' \
    "$(token rsa "h:x=$(nested 16)")"
refuses 'E13 24000 open brackets' malformed 'nested deeper' \
    "$(token rsa "@payload={\"x\":$(repeat 24000 '[')")"
refuses 'E13 100000 open brackets' malformed '(longer|larger) than' \
    "$(token rsa "@payload=$(repeat 100000 '[')")"
members() { seq -f '"m%g":1' -s , "$1"; }
accepts 'E13 256 members' "$(token rsa "@payload=${claims%?},$(members 252)}")"
refuses 'E13 257 members' malformed 'more than 256 members' \
    "$(token rsa "@payload=${claims%?},$(members 253)}")"
refuses 'E13 257 members in objects inside' malformed 'more than 256 members' \
    "$(token rsa "x=[{$(members 126)},{$(members 126)}]")"
accepts 'E13 a string of 8192 bytes' "$(token rsa "x=\"$(repeat 8192 s)\"")"
refuses 'E13 a string of 8193 bytes' malformed 'longer than 8192' \
    "$(token rsa "x=\"$(repeat 8193 s)\"")"
refuses 'E13 a name of 8193 bytes' malformed 'longer than 8192' \
    "$(token rsa "$(repeat 8193 s)=1")"

# ---- E14..E16 dates and audiences ------------------------------------------------------------------

for exp in -1 0 -0.0 0.0 1.5 '"9999999999"' null true '[9999999999]' '{"a":1}' 253402300800 1e308 \
    9999999999999 9223372036854775807 -9223372036854775808 1e-400 1e-300; do
    refuses "E14 exp $exp" expired '' "$(token rsa "exp=$exp")"
done
for exp in 1e400 -1e400 9223372036854775808 123456789012345678901234567890 NaN Infinity; do
    refuses "E14 exp $exp is no JSON of ours" malformed 'payload: not JSON' "$(token rsa "exp=$exp")"
done
refuses 'E14 no exp' expired 'has no exp' "$(token rsa -exp)"
accepts 'E14 exp now+60.5' "$(token rsa exp=$((now + 60)).5)"
accepts 'E14 exp with an exponent' "$(token rsa exp=1.80000006e9)"
for claim in nbf:not_yet_valid iat:claim; do
    for value in '"1"' null true '[1]' -1 0 1e308 253402300800; do
        refuses "R54 ${claim%:*} $value" "${claim#*:}" "${claim%:*} is not a date" \
            "$(token rsa "${claim%:*}=$value")"
    done
done

for aud in '""' '[]' '["other"]' '[1]' '{"a":1}' null true "[\"$audience\",1]" "[\"$audience\",null]" \
    "[[\"$audience\"]]" "{\"$audience\":1}" "\"$audience/\"" "\"${audience^^}\"" "\"$audience \"" \
    "\"$audience,other\"" "\"other $audience\"" "\"${audience%?}\"" "[\"${audience%?}\",\"$audience/\"]"; do
    refuses "E16 aud $aud" audience 'aud' "$(token rsa "aud=$aud")"
done
refuses 'E16 no aud' audience 'aud is missing' "$(token rsa -aud)"
id() { token rsa 'h:typ="JWT"' nonce='"n"' "$@"; }
refuses 'E16 an ID token for two without azp' audience 'must say in azp' \
    "$(id "aud=[\"$audience\",\"x\"]")" --token-kind id_token
refuses 'E16 an ID token for another azp' audience "azp is 'x', another client" \
    "$(id "aud=[\"$audience\",\"x\"]" azp='"x"')" --token-kind id_token
refuses 'E16 an ID token with azp 5' audience 'azp is not a string' "$(id azp=5)" \
    --token-kind id_token
accepts 'E16 an ID token for two with our azp' \
    "$(id "aud=[\"$audience\",\"x\"]" "azp=\"$audience\"")" --token-kind id_token

# ---- E17..E19, E26 issuer, type, subject, holder ---------------------------------------------------

for iss in "\"$issuer/\"" "\"${issuer^}\"" "\"${issuer/https/http}\"" "\"${issuer/org/org:443}\"" \
    "\"$issuer?\"" "\" $issuer\"" '""' "[\"$issuer\"]" null 5 "\"${issuer%?}\"" "\"$issuer\\u0020\""; do
    refuses "E17 R50 iss $iss" issuer 'iss is' "$(token rsa "iss=$iss")"
done
refuses 'E17 R50 no iss' issuer 'iss is missing' "$(token rsa -iss)"

for typ in logout+jwt dpop+jwt secevent+jwt vp+jwt application/logout+jwt JWE JOSE at-jwt \
    'at+jwt ' application/ application/application/at+jwt 'at+jwt;x=y'; do
    refuses "E18 typ $typ" type '' "$(token rsa "h:typ=\"$typ\"")" --token-kind any
done
refuses 'E18 an empty typ' type 'typ is empty' "$(token rsa 'h:typ=""')" --token-kind any
refuses 'E18 typ 5' type 'typ is not a string' "$(token rsa h:typ=5)" --token-kind any
refuses 'E18 at+jwt as an ID token' type 'an access token' "$(token rsa)" --token-kind id_token
refuses 'E18 JWT as an access token' type 'not marked' "$(token rsa 'h:typ="JWT"')"
refuses 'E18 a typ claim is not a typ' type 'not marked' "$(token rsa h:-typ typ='"at+jwt"')"

for sub in '""' "\"$(repeat 256 s)\"" 5 '["248"]' null true '{"a":1}' '"alice\n"' '"\u001b[2J"' \
    '"\u00e9"' '"\u202eecila"' '"\u007f"' '"a\tb"'; do
    refuses "E19 sub ${sub:0:30}" claim 'sub is' "$(token rsa "sub=$sub")"
done
for sub in '"\u0000"' '"root\u0000x"'; do
    refuses "E19 sub $sub" malformed 'payload: not JSON' "$(token rsa "sub=$sub")"
done
refuses 'E19 no sub' claim 'sub is missing' "$(token rsa -sub)"

for claim in 'cnf={"jkt":"x"}' 'cnf={}' 'cnf=null' 'cnf="x"'; do
    refuses "E26 R60 $claim" claim 'bound to a key' "$(token rsa "$claim")"
done
refuses 'E26 sub is the client_id' type 'its sub is its client_id' \
    "$(token rsa client_id="\"$subject\"")"
refuses 'E26 sub is the azp' type 'its sub is its azp' "$(token rsa azp="\"$subject\"")"
refuses 'E26 idtyp app' type "client's own" "$(token rsa idtyp='"app"')"
for claim in 'gty="client-credentials"' 'gty="client_credentials"' 'gty=["client_credentials"]' \
    "cid=\"$subject\"" "appid=\"$subject\""; do
    refuses "E26 R30 $claim" type "client's own" "$(token rsa "$claim")"
done
accepts 'E26 a person with a client_id' "$(token rsa client_id='"cli"' azp='"cli"' idtyp='"user"')"

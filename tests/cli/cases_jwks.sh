# shellcheck shell=bash disable=SC2154
# jwks: what is shown of the keys that this host keeps, and when; the fetcher is not started here
# (tests/keys has a provider). What is typed wrongly.

etc=$dir/jwks
config=$etc/pam_oauth.conf
mkdir -p "$etc/cache" "$etc/run" && chmod 755 "$etc" "$etc/cache" && chmod 711 "$etc/run"
jwks "$(jwk rsa 'kid="p1"' 'alg="PS256"')" "$(jwk ed25519)" >"$etc/pinned.jwks"
cat >"$config" <<END
[provider corp]
issuer = $issuer
audience = $audience
[provider ci]
kind = workload
issuer = $issuer
audience = ci-runner
[provider hq]
issuer = https://hq.example
audience = $audience
jwks_file = $etc/pinned.jwks
[provider away]
issuer = https://away.example
audience = $audience
jwks_uri = https://away.example/keys
[service sshd]
providers = corp ci hq away
methods = token
[paths]
cache = $etc/cache
run = $etc/run
fetcher = $etc/no-fetcher
END
touch "$etc/accounts.map"
clock=$(date +%s)

# Keys of an issuer, fetched AGE seconds ago and fresh for LIFE; kids are to be base64url.
store() { # ISSUER URI AGE LIFE KID...
    local file kid
    file=$etc/cache/$(printf %s "$1" | sha256sum | cut -d ' ' -f 1).keys
    {
        printf 'pam_oauth keystore 1\nissuer %s\njwks_uri %s\ndevice_authorization_endpoint -\n' "$1" "$2"
        printf 'token_endpoint -\nfetched %d\nfresh_until %d\nkeys %d\n' \
            $((clock - $3)) $((clock - $3 + $4)) $(($# - 4))
        for kid in "${@:5}"; do printf '%s OKP - Ed25519 %s -\n' "$kid" "$(printf %43s '' | tr ' ' A)"; done
        printf 'end\n'
    } >"$file"
    chmod 644 "$file"
}
kid() { printf '=%s' "$(printf %s "$1" | base64url)"; }

# `lists NAME CODE WORD... -- REGEX...`: each is matched by a line of the output
lists() {
    local name=$1 wanted=$2 words=()
    shift 2
    wanted "$name" || return 0
    while [ "$1" != -- ]; do words+=("$1") && shift; done
    shift
    judge "$name" has_lines "$wanted" "${words[*]}" "$@"
}
has_lines() { # CODE WORDS REGEX...
    local regex
    # shellcheck disable=SC2086
    call jwks $2 --config "$config"
    expect_printable "$dir/out" && expect_printable "$dir/err" || return 1
    for regex in "${@:3}"; do
        if [ "$code" -ne "$1" ] || ! grep -qE -- "$regex" "$dir/out" "$dir/err"; then
            printf 'wanted: exit %s and a line like %s\ngot: exit %s\n' "$1" "$regex" "$code"
            cat "$dir/out" "$dir/err"
            return 1
        fi
    done
}

store "$issuer" "$issuer/keys" 600 3600 "$(kid k1)" "$(kid k2)"
store https://away.example https://away.example/keys 7200 3600 "$(kid a1)"
lists 'a line for each key' 0 list -- '^PROVIDER +ISSUER +KID +TYPE +ALG +AGE +FRESHNESS +REFRESH$' \
    "^corp,ci +$issuer +k1 +Ed25519 +- +10m +fresh for (50|49)m +in (20|19)m\$" "^corp,ci .* k2 " \
    '^hq +https://hq.example +p1 +RSA +PS256 +- +pinned +-$' '^hq .* Ed25519 +- ' \
    '^away +https://away.example +a1 +Ed25519 +- +2h +stale, refused in (23|22)h +due$'
lists 'list is what is done without a word' 0 -- '^corp,ci .* k1 '
lists 'one provider alone, by any of the names that share its issuer' 0 list --provider ci -- '^corp,ci .* k1 '
only_one() { call jwks --provider hq --config "$config" && [ "$(grep -c . "$dir/out")" -eq 3 ]; }
test_it 'and the others are not shown' only_one
json() {
    local problem
    call jwks --json --config "$config"
    problem=$(node -e '
        const [corp, hq, away] = require("fs").readFileSync(0, "utf8").trim().split("\n").map(JSON.parse);
        const want = (name, got, wanted) => { if (JSON.stringify(got) !== JSON.stringify(wanted)) console.log(name, got); };
        want("names", corp.providers, ["corp", "ci"]);
        want("issuer", corp.issuer, process.argv[1]);
        want("keys", corp.keys, [{kid: "k1", type: "Ed25519", alg: null}, {kid: "k2", type: "Ed25519", alg: null}]);
        want("freshness", [corp, hq, away].map((i) => i.freshness), ["fresh", "pinned", "stale"]);
        want("times", corp.stale_at - corp.fetched, 3600);
        want("due", corp.refresh_at - corp.fetched, 1800);
        want("refused", corp.refused_at - corp.stale_at, 86400);
        want("age", corp.age >= 600 && corp.age < 660, true);
        want("file", hq.jwks_file, process.argv[2]);
        want("pinned keys", hq.keys.map((k) => k.alg), ["PS256", null]);
        want("reasons", [corp.reason, away.reason], [null, null]);' \
        "$issuer" "$etc/pinned.jwks" <"$dir/out")
    [ -z "$problem" ] || printf '%s\n' "$problem"
    [ "$code" -eq 0 ] && [ -z "$problem" ]
}
test_it '--json has an object an issuer' json

store "$issuer" "$issuer/keys" 600000 3600 "$(kid k1)"
lists 'E36 keys that are too old' 1 list -- '^corp,ci .* k1 .* too stale +due$' \
    '^pam-oauth: corp,ci: the stored keys are older than jwks_stale_limit allows$'
store "$issuer" "$issuer/keys" -90000 3600 "$(kid k1)"
lists 'E65 keys of the future' 1 list -- 'the clock went back'
store "$issuer" "$issuer/keys" 600 3600 '*' "$(kid $'a\e[2J"\xff\n')"
lists 'R93 a kid that is none, and one that nobody should print' 0 list -- '^corp,ci +[^ ]+ +- ' 'a\\x1b\[2J\\x22\\xff\\x0a'
lists 'and in --json it is text' 0 --json -- '"kid":null' '\[2J'
store "$issuer" "$issuer/keys" 600 3600 '*' "$(kid '')"
lists 'no kid is another thing than an empty one' 0 list -- '^corp,ci +[^ ]+ +- +Ed25519 ' '^corp,ci +[^ ]+ +"" +Ed25519 '
lists 'and in --json as well' 0 --json -- '"keys":\[\{"kid":null,.*\{"kid":"",'
store https://away.example https://elsewhere.example/keys 60 3600 "$(kid a1)"
lists 'R74 keys from another jwks_uri are not used' 1 list -- '^away .* not used +due$' 'another jwks_uri'
store "$issuer" https://x/ 60 3600
echo broken >"$etc/cache/$(printf %s "$issuer" | sha256sum | cut -d ' ' -f 1).keys"
lists 'E61 a damaged file' 1 list -- '^corp,ci +[^ ]+ +- +- +- +- +absent +due$' 'the stored keys are damaged'
rm "$etc/cache/"*
lists 'no keys at all' 1 list --provider corp -- ' absent +due$' 'no stored keys: .*No such file'
lists 'no keys at all, for programs' 1 --json -- '"freshness":"absent","reason":"no stored keys'

lists 'refresh says of each why not' 1 refresh -- "^failed corp,ci: config: $etc/no-fetcher: fetcher is missing" \
    '^failed away: config: ' "^pinned hq: $etc/pinned.jwks"
nothing_due() {
    store "$issuer" "$issuer/keys" 600 3600 "$(kid k1)"
    store https://away.example https://away.example/keys 1700 3600 "$(kid a1)"
    call jwks refresh --due --config "$config"
    [ "$code" -eq 0 ] && [ ! -s "$dir/out" ] && [ ! -s "$dir/err" ]
}
test_it 'refresh --due says nothing when nothing is due' nothing_due
due() {
    store https://away.example https://away.example/keys 1800 3600 "$(kid a1)"
    call jwks refresh --due --config "$config"
    [ "$code" -eq 1 ] && grep -q '^failed away' "$dir/out" && ! grep -q corp "$dir/out"
}
test_it 'from half of its time on an issuer is due' due

misused 'jwks: an unknown word' "'refrehs' is neither list nor refresh; did you mean 'refresh'\?" jwks refrehs
misused 'jwks: one word too many' "'more' is one word too many" jwks list more
misused 'jwks: an unknown option' "'--pruvider'.*did you mean '--provider'\?" jwks list --pruvider=x
misused 'jwks: --json is for list' '--json is for list' jwks refresh --json
misused 'jwks: --due is for refresh' 'are for refresh' jwks --due
misused 'jwks: --background is for refresh' 'are for refresh' jwks list --background
misused 'jwks: an unknown provider' 'no \[provider nobody\]' jwks list --provider nobody --config "$config"
misused 'jwks: no configuration' 'config: ' jwks list --config "$dir/nosuch.conf"

echo '{"keys":[]}' >"$etc/pinned.jwks"
lists 'a pinned file in which nothing can be used' 1 list -- '^hq .* not used ' '^pam-oauth: hq: no key in it can be used$'
rm "$etc/pinned.jwks"
lists 'a pinned file that is not there' 1 --json -- '"freshness":"not_used","reason":"[^"]*pinned.jwks: No such file'

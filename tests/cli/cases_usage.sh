# shellcheck shell=bash disable=SC2034,SC2154
# What is typed wrongly: exit 2, a sentence on standard error, nothing on standard output.

good=$(token rsa)
printf '%s' "$good" >"$dir/good"
keys=$dir/keys.jwks

# ---- the program -----------------------------------------------------------------------------------

helps() { # WORD...
    call "$@"
    [ "$code" -eq 0 ] && [ ! -s "$dir/err" ] && grep -q '^usage: pam-oauth' "$dir/out" &&
        grep -q -- 'verify .*--jwks' "$dir/out" && grep -q 'check' "$dir/out"
}
test_it '--help' helps --help
test_it 'help' helps help
test_it 'verify --help' helps verify --help
test_it 'check --help' helps check --help
test_it 'jwks --help' helps jwks --help
version() {
    call --version
    expect 0 '^pam-oauth [0-9]+\.[0-9]+\.[0-9]+$'
}
test_it '--version' version
misused 'no command' 'usage: pam-oauth'
misused 'an unknown command, a near one named' "unknown command 'verfy'; did you mean 'verify'\?" verfy
misused 'an unknown command, the other one' "unknown command 'chek'; did you mean 'check'\?" chek
misused 'an unknown command, none near' "unknown command 'frobnicate'; see pam-oauth --help" frobnicate
misused 'R93 an unknown command is escaped' "unknown command '.x1b\[31m'" $'\e[31m'
misused 'an empty command' "unknown command ''" ''
misused '--config without a file' '--config needs a file' check --config

# ---- verify's options ------------------------------------------------------------------------------

misused 'no token file' 'token file is missing' verify
misused 'no token file, with options' 'token file is missing' verify "${trust[@]}"
misused 'two token files' 'one token file at a time; use --batch' verify "${trust[@]}" "$dir/good" "$dir/good"
misused '--jwks without --issuer and --audience' 'needs --issuer and --audience' \
    verify --jwks "$keys" "$dir/good"
misused '--jwks without --audience' 'needs --issuer and --audience' \
    verify --jwks "$keys" --issuer "$issuer" "$dir/good"
misused '--jwks without --issuer' 'needs --issuer and --audience' \
    verify --jwks "$keys" --audience "$audience" "$dir/good"
misused 'R52 an empty --audience' 'audience' verify --jwks "$keys" --issuer "$issuer" --audience '' "$dir/good"
misused 'R50 an empty --issuer' 'issuer' verify --jwks "$keys" --issuer '' --audience "$audience" "$dir/good"
misused '--jwks with --provider' '--jwks and --provider exclude' \
    verify "${trust[@]}" --provider corp "$dir/good"
misused 'keys and token both on standard input' 'standard input cannot be both' \
    verify --jwks - --signature-only -
for value in -1 '' abc 1.5 1e9 0x10 ' 1' '1 ' +1 01 253402300800 99999999999999999999; do
    misused "--at $value" '--at takes seconds' verify "${trust[@]}" --at "$value" "$dir/good"
done
accepts '--at=EPOCH in one word' "$good" "--at=$now"
for value in -1 301 '' 30s 1.5 99999999999999999999; do
    misused "--clock-skew $value" '--clock-skew takes 0 to 300' \
        verify "${trust[@]}" --clock-skew "$value" "$dir/good"
done
for value in '' none HS256 'RS256,ES256' 'rs256' 'RS256 none' RS1; do
    misused "R36 --algorithms $value" '--algorithms takes names' \
        verify "${trust[@]}" --algorithms "$value" "$dir/good"
done
misused '--algorithms names the word it does not know' "'HS256'" \
    verify "${trust[@]}" --algorithms 'RS256 HS256' "$dir/good"
for value in '' access id access-token ID_TOKEN none; do
    misused "--token-kind $value" '--token-kind is access_token, id_token or any' \
        verify "${trust[@]}" --token-kind "$value" "$dir/good"
done
misused 'an unknown option, a near one named' "'--audiense'.*did you mean '--audience'\?" \
    verify "${trust[@]}" --audiense x "$dir/good"
misused 'an unknown option with a value' "did you mean '--issuer'\?" verify --isuer=x "$dir/good"
misused 'an unknown option, none near' "'--frobnicate'" verify "${trust[@]}" --frobnicate "$dir/good"
misused 'an unknown letter' "'-x'" verify "${trust[@]}" -x "$dir/good"
misused 'unknown letters in one word' "'-xyz'" verify "${trust[@]}" -xyz "$dir/good"
misused 'an option without its value' '--jwks.*value' verify "$dir/good" --jwks
misused 'an option that takes no value' '--batch.*value' verify "${trust[@]}" --batch=3 "$dir/good"
misused 'half an option is none' "'--sig'" verify --jwks "$keys" --sig "$dir/good"
misused 'R93 an unknown option is escaped' '\\x1b' verify $'--\e[31m' "$dir/good"

behind() {
    call verify "$dir/good" "${trust[@]}"
    expect 0 "^accepted $subject\$"
}
test_it 'options may stand behind the token file' behind
dashes() {
    (cd "$dir" && cp good -- --json && "$program" verify "${trust[@]}" -- --json >"$dir/out" 2>"$dir/err")
    code=$?
    expect 0 "^accepted $subject\$"
}
test_it 'behind -- a word is a file' dashes

# ---- check's ---------------------------------------------------------------------------------------

misused 'check takes no file' "'x' is one word too many" check x
misused 'check takes no unknown option' "'--online' is not an option of it" check --online
misused 'check takes no word behind its options' 'one word too many' check --offline more

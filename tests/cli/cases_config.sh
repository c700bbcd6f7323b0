# shellcheck shell=bash disable=SC2034,SC2154
# verify with a configuration: several issuers whose keys have the same names, providers that share
# an issuer, and --provider. All keys are pinned, so that no network is asked.

etc=$dir/etc
config=$etc/pam_oauth.conf
other=https://login.example.net
mkdir -p "$etc" && chmod 755 "$etc"

# Issuer corp: keys one and two. Issuer other: its own keys one and three.
jwks "$(jwk rsa-corp 'kid="one"')" "$(jwk p256-corp 'kid="two"')" >"$etc/corp.jwks"
jwks "$(jwk rsa-other 'kid="one"')" "$(jwk p256-other 'kid="three"')" >"$etc/other.jwks"
cat >"$config" <<END
[provider corp]
issuer = $issuer
audience = $audience linux-login
jwks_file = $etc/corp.jwks

[provider ci]
kind = workload
issuer = $issuer
audience = ci-runner
algorithms = ES256
jwks_file = $etc/corp.jwks

[provider other]
issuer = $other
audience = $audience
token_kind = id_token
clock_skew = 0
jwks_file = $etc/other.jwks

[service sshd]
providers = corp ci other
methods = token
END
touch "$etc/accounts.map"

trust=(--config "$config" --at "$now")
corp() { token rsa-corp 'h:kid="one"' "$@"; }
other() { token rsa-other 'h:kid="one"' 'h:typ="JWT"' "iss=\"$other\"" "$@"; }

accepts 'R51 a token of the first issuer' "$(corp)"
accepts 'R51 a token of the second issuer' "$(other)"
accepts 'R51 a key that only the first has' "$(token p256-corp 'h:kid="two"')"
accepts 'R51 a key that only the second has' \
    "$(token p256-other 'h:kid="three"' 'h:typ="JWT"' "iss=\"$other\"")"
refuses "R51 the first issuer's token by the second's key of that name" issuer \
    "iss is '$issuer', not '$other'" "$(corp @by=rsa-other)" --token-kind any
refuses "R51 the second issuer's token by the first's key of that name" issuer \
    "iss is '$other', not '$issuer'" "$(other @by=rsa-corp)" --token-kind any
refuses "R51 the first issuer's token by a key that only the second has" issuer '' \
    "$(token p256-other 'h:kid="three"')" --token-kind any
refuses "R51 another issuer's token" issuer "iss is 'https://evil.example'" \
    "$(corp 'iss="https://evil.example"')"
refuses 'R51 a key that nobody has' signature '' "$(corp @by=rsa-evil)"
refuses 'R51 a name that nobody has' unknown_key "no key with kid 'four'" "$(corp 'h:kid="four"')"
refuses 'R38 no kid, one fitting key each' signature '' "$(token rsa-evil h:-kid)"
accepts 'R38 no kid, one fitting key each, one of them fits' "$(token rsa-other h:-kid 'h:typ="JWT"' \
    "iss=\"$other\"")"

# ---- one issuer, several providers -----------------------------------------------------------------

of_provider() { # PROVIDER TOKEN [OPTION]...
    verify "$2" --json "${@:3}"
    says "o.verdict === 'accepted' && o.provider === '$1'"
}
ci() { token p256-corp 'h:kid="two"' 'aud="ci-runner"' "$@"; }
test_it 'R51 told apart by audience: corp' of_provider corp "$(corp)"
test_it 'R51 told apart by audience: corp, its second' of_provider corp "$(corp 'aud="linux-login"')"
test_it 'R51 told apart by audience: ci' of_provider ci "$(ci)"
test_it 'R51 told apart by issuer: other' of_provider other "$(other)"
refuses 'R51 an audience that none of them has' audience "aud is 'elsewhere'" "$(corp 'aud="elsewhere"')"
refuses 'R36 an algorithm of the sibling alone' audience "aud is 'ci-runner'" "$(corp 'aud="ci-runner"')"
test_it 'R30 a workload may sign in as itself' of_provider ci "$(ci "client_id=\"$subject\"")"
refuses 'R30 a person may not' type "client's own" "$(corp "client_id=\"$subject\"")"
test_it '--provider' of_provider ci "$(ci)" --provider ci
refuses '--provider, a token of its sibling' audience "aud is 'ci-runner'" "$(ci)" --provider corp
refuses '--provider, a token of another issuer' '(signature|unknown_key)' '' "$(corp)" --provider other
test_it '--issuer is one of the configuration' of_provider other "$(other)" --issuer "$other"
fails '--provider, unknown' config 'no such provider' "$(corp)" --provider nobody
fails '--issuer, unknown' config 'no such provider' "$(corp)" --issuer https://nobody.example

# An opt-in is one provider's own, though they share the issuer's keys.
jwks "$(jwk ed448 'kid="e"')" >"$etc/ed.jwks"
cat >"$etc/ed.conf" <<END
[provider corp]
issuer = $issuer
audience = $audience
jwks_file = $etc/ed.jwks

[provider ci]
issuer = $issuer
audience = ci-runner
algorithms = EdDSA Ed448
jwks_file = $etc/ed.jwks

[provider pure]
issuer = $issuer
audience = pure
algorithms = Ed448
jwks_file = $etc/ed.jwks
END
trust=(--config "$etc/ed.conf" --at "$now")
ed() { token ed448/EdDSA 'h:kid="e"' "$@"; }
test_it 'R36 EdDSA with a key of Ed448, opted in' of_provider ci "$(ed 'aud="ci-runner"')"
refuses "R36 EdDSA with a key of Ed448, the sibling's opt-in" '(alg|unknown_key|audience)' '' "$(ed)"
test_it 'R36 Ed448 by its name' of_provider pure "$(token ed448/Ed448 'h:kid="e"' 'aud="pure"')"
refuses "R36 Ed448 by its name, the sibling's opt-in" '(alg|unknown_key|audience)' '' \
    "$(token ed448/Ed448 'h:kid="e"')"
refuses 'R36 EdDSA and Ed448 opted in by different providers' '(alg|unknown_key|audience)' '' \
    "$(ed 'aud="pure"')"
trust=(--config "$config" --at "$now")

# ---- what an option changes ------------------------------------------------------------------------

refuses 'the configuration says which kind' type 'an access token where an ID token' \
    "$(other 'h:typ="at+jwt"')"
accepts '--token-kind is stronger' "$(other 'h:typ="at+jwt"')" --token-kind access_token
refuses 'the configuration says which algorithms' alg 'algorithm ES384' "$(token p384 'h:kid="two"')"
refuses 'the configuration says how much skew' expired 'expired 0 s ago' "$(other exp="$now")"
accepts '--clock-skew is stronger' "$(other exp="$now")" --clock-skew 5
accepts '--audience is stronger' "$(corp 'aud="elsewhere"')" --audience elsewhere
bare() { verify "$1" --signature-only && expect 0 '^accepted$'; }
test_it '--signature-only with a configuration' bare "$(other exp=1)"

# ---- where it is -----------------------------------------------------------------------------------

everywhere() { # WORD...
    printf '%s' "$(corp)" >"$dir/token"
    call "$@"
    expect 0 "^accepted $subject\$"
}
test_it '--config before the command' everywhere --config "$config" verify --at "$now" "$dir/token"
test_it '--config= before the command' everywhere "--config=$config" verify --at "$now" "$dir/token"
test_it '--config behind the command' everywhere verify --config "$config" --at "$now" "$dir/token"
test_it '--config at the end' everywhere verify --at "$now" "$dir/token" --config "$config"
relative() {
    printf '%s' "$(corp)" >"$dir/token"
    (cd "$etc" && "$program" verify --config pam_oauth.conf --at "$now" "$dir/token" >"$dir/out" 2>"$dir/err")
    code=$?
    expect 0 "^accepted $subject\$"
}
test_it '--config with a relative path' relative
# What is wrong with the configuration is on standard error, finding by finding.
broken() { # FILE-NAME REGEX
    call verify --config "$1" "$dir/good"
    expect 2 '^failed: config: the configuration .* has [0-9]+ errors?' && grep -qE "$2" "$dir/err"
}
test_it 'a configuration that is not there' broken "$etc/nowhere.conf" 'nowhere.conf: error: No such file'
sed 's/^audience/audeince/' "$config" >"$etc/broken.conf"
test_it 'R12 a configuration with errors' broken "$etc/broken.conf" \
    "broken.conf:3: error: unknown key 'audeince'"
install -m 666 "$config" "$etc/writable.conf"
test_it 'R111 a configuration that others may write' broken "$etc/writable.conf" \
    'writable.conf: error: writable by group or others; chmod go-w it'
ln -s pam_oauth.conf "$etc/link.conf"
test_it 'R111 a configuration that is a link' broken "$etc/link.conf" 'link.conf: error: a symbolic link'
mkfifo "$etc/fifo.conf"
test_it 'R111 a configuration that is a FIFO' broken "$etc/fifo.conf" 'fifo.conf: error: not a regular file'
mkdir -m 777 "$etc/open" && cp "$config" "$etc/open/pam_oauth.conf"
test_it 'R111 a configuration in a directory of everybody' broken "$etc/open/pam_oauth.conf" \
    'directory writable by group or others'

# ---- pinned keys that are not to be had ------------------------------------------------------------

of_corp_alone=$(token p256-corp 'h:kid="two"') # no other issuer has a key of that name
printf '{"keys":[]}' >"$dir/empty.jwks"
pinned() { # NAME REGEX COMMAND...: after the command on the file of the first issuer's keys
    wanted "$1" || return 0
    cp -p "$etc/corp.jwks" "$etc/saved"
    (cd "$etc" && "${@:3}")
    judge "$1" not_accepted failed 2 '(config|keys_unavailable)' "$2" "$of_corp_alone"
    rm -rf "$etc/corp.jwks" && mv "$etc/saved" "$etc/corp.jwks"
}
pinned 'pinned keys are gone' 'corp.jwks: No such file' rm corp.jwks
pinned 'R111 pinned keys that others may write' 'corp.jwks: writable by group or others' chmod 666 corp.jwks
pinned 'pinned keys are no JSON' 'corp.jwks: not JSON' cp /dev/null corp.jwks
pinned 'pinned keys are none' 'corp.jwks: .*no key' cp "$dir/empty.jwks" corp.jwks
pinned 'R111 pinned keys are a link' 'corp.jwks: a symbolic link' ln -sf other.jwks corp.jwks
still_works() {
    accepted "$(corp)"
}
test_it 'and are back again' still_works
one_broken() {
    cp -p "$etc/corp.jwks" "$etc/saved"
    rm "$etc/corp.jwks"
    accepted "$(other)"
    local result=$?
    mv "$etc/saved" "$etc/corp.jwks"
    return "$result"
}
test_it "one issuer's keys are gone, the other's tokens go on" one_broken

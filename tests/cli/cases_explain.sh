# shellcheck shell=bash disable=SC2034,SC2154
# explain: the whole verdict, offline, with the line that decides. All accounts are real ones of this
# host: root, and one that every Debian has.

etc=$dir/explain
config=$etc/pam_oauth.conf
mkdir -p "$etc" && chmod 755 "$etc"
jwks "$(jwk rsa)" >"$etc/corp.jwks"
cat >"$config" <<END
[provider corp]
issuer = $issuer
audience = $audience
jwks_file = $etc/corp.jwks

[service sshd]
providers = corp
methods = token
require = groups=staff or groups="Linux Users"
require = acr=phr
max_auth_age = 1h
system_users = nobody games
local_users = breakglass

[service sudo]
providers = corp
methods = token
system_users = root nobody
END
cat >"$etc/accounts.map" <<'END'
# who may be whom
corp   sub=1234               -> nobody
corp   groups=ops             -> nobody   service=su*
corp   sub=248289761001       -> nobody
corp   groups=admins          -> root
corp   sub=248289761001       -> bin
!corp  sub=666
END

explain() { # SERVICE USER TOKEN [OPTION]...
    printf '%s' "$3" >"$dir/token"
    call --config "$config" explain --at "$now" --service "$1" --user "$2" "${@:4}" "$dir/token"
}
# What was printed has a line like this.
line() { # REGEX
    grep -qE -- "$1" "$dir/out" || { printf 'no line like: %s\n' "$1"; cat "$dir/out" "$dir/err"; return 1; }
}
first() { # EXIT-CODE REGEX
    [ "$code" -eq "$1" ] || { printf 'exit %s, wanted %s\n' "$code" "$1"; cat "$dir/out" "$dir/err"; return 1; }
    head -n 1 "$dir/out" | grep -qE -- "$2" || { printf 'first line is not like: %s\n' "$2"; cat "$dir/out"; return 1; }
    expect_printable "$dir/out" && expect_printable "$dir/err"
}
good() { token rsa 'groups=["dev","staff"]' 'acr="phr"' "auth_time=$((now - 60))" "$@"; }

admits() {
    explain sshd nobody "$(good)"
    first 0 "^accepted $subject\$" &&
        line '^  yes  signature +RFC 7515 5.2' && line "^  yes  audience .*\"$audience\"" &&
        line "^  yes  account +$config:6 +\"nobody\"" &&
        line "^  yes  map +accounts.map:4 +\"$subject\"" &&
        line '^ +accounts.map:4: corp   sub=248289761001       -> nobody: applies$' &&
        line "^ +accounts.map:2: .*: no, sub is \"$subject\"\$" &&
        line '^ +accounts.map:3: .*: no, service is "sshd"$' &&
        line "^  yes  requirement +$config:9 +\\{\"groups\":\\[\"dev\",\"staff\"\\]\\}" &&
        line "^  yes  requirement +$config:10 " && line '^  yes  max_auth_age '
}
test_it 'R97 explain shows every step of a token that is accepted' admits

root_is_refused() {
    explain sshd root "$(good)"
    first 1 "^refused: account: uid 0 is a system account; .*system_users of .service sshd." && line "^  no   account +$config:6 +\"root\"" &&
        line '^ +accounts.map:5: .*: no, groups is \["dev","staff"\]$'
}
test_it 'explain names what keeps root out of sshd' root_is_refused

no_rule_is_refused() {
    explain sudo root "$(good)"
    first 1 "^refused: account: no rule of $etc/accounts.map admits this subject" &&
        line "^  no   map +$etc/accounts.map" && line '^ +accounts.map:5: .*: no, groups is '
}
test_it 'explain names the rule that would have admitted, and why it did not' no_rule_is_refused

requirement_is_refused() {
    explain sshd nobody "$(good 'groups="dev"' 'acr="pwd"')"
    first 1 "^refused: requirement: $config:9: " && line "^  no   requirement +$config:9 +\\{\"groups\":\"dev\"\\}" &&
        line "^  no   requirement +$config:10 +\\{\"acr\":\"pwd\"\\}"
}
test_it 'explain names each requirement that refuses' requirement_is_refused

age_is_refused() {
    explain sshd nobody "$(good "auth_time=$((now - 7200))")"
    first 1 '^refused: requirement: the person signed in at the provider 7200 s ago' &&
        line '^  no   max_auth_age '
}
test_it 'R59 explain says how old the sign-in is' age_is_refused

denied_is_refused() {
    explain sshd nobody "$(good 'sub="666"')"
    first 1 '^refused: denied: accounts.map:7 refuses' && line '^ +accounts.map:7: !corp  sub=666: applies$'
}
test_it 'explain names the rule that denies' denied_is_refused

# Everything is shown, whatever came first.
claims_are_refused() {
    explain sshd nobody "$(good "exp=$((now - 100))" 'acr="pwd"')"
    first 1 '^refused: expired: the token expired 100 s ago' && line '^  no   expiry ' &&
        line '^  yes  map +accounts.map:4' && line "^  no   requirement +$config:10"
}
test_it 'explain goes on behind the first refusal' claims_are_refused

key_is_refused() {
    explain sshd nobody "$(token rsa-other 'h:kid="elsewhere"')"
    first 1 '^refused: unknown_key: ' && line '^  no   key ' && ! grep -q map "$dir/out"
}
test_it 'explain shows nothing of a payload that no key has verified' key_is_refused

as_json() {
    explain sudo root "$(good)" --json
    [ "$code" -eq 1 ] && says 'o.verdict === "refused" && o.reason === "account" && o.service === "sudo" &&
        o.account === "root" && o.rule === null && o.sub === "248289761001" &&
        o.checks.find((row) => row.name === "map").ok === false &&
        o.rules.length === 2 && o.rules[1].place === "accounts.map:5" && !o.rules[1].applies &&
        o.rules[1].but === "groups" && o.rules[1].got[0] === "dev"' || return 1
    explain sshd nobody "$(good)" --json
    [ "$code" -eq 0 ] && says 'o.verdict === "accepted" && o.rule === "accounts.map:4" &&
        o.checks.every((row) => row.ok) && o.checks.some((row) => row.name === "max_auth_age")'
}
test_it 'explain --json says the same' as_json

undecided() {
    explain cron nobody "$(good)"
    first 2 '^failed: config: there is no \[service cron\]' || return 1
    explain sshd breakglass "$(good)"
    first 2 "^failed: config: $config:6: 'breakglass' is in local_users" || return 1
    explain sshd breakglass "$(good)" --json
    [ "$code" -eq 2 ] && says 'o.verdict === "failed" && o.reason === "config"'
}
test_it 'explain of what no token decides' undecided

hostile() {
    explain sshd nobody "$(good 'groups=["\u001b[2J\u202e","staff"]' 'sub="\u001b]52;c;x"')"
    first 1 "^refused: claim: the token.s sub is not 1 to 255 printable ASCII" && line "^  yes  requirement .*u202E" || return 1
    explain sshd $'no\e[2Jbody' "$(good)"
    first 1 '^refused: ' || return 1
    explain sshd nobody "$(repeat 70000 x)"
    first 1 '^refused: malformed: '
}
test_it 'R93 explain escapes what a token says' hostile

misused 'explain needs a service' 'pam-oauth explain: --service, --user and a token file' \
    --config "$config" explain --user nobody "$dir/token"
misused 'explain takes one token' 'one token file at a time' \
    --config "$config" explain --service sshd --user nobody "$dir/token" "$dir/token"
misused 'explain knows its options' "did you mean '--service'" \
    --config "$config" explain --servic sshd --user nobody "$dir/token"

# Used on this host: the entry is where the module would have made it, by another reader's arithmetic.
single_use() {
    local used entry digest
    cp "$config" "$etc/before.conf"
    sed -i 's/^max_auth_age = .*/single_use = yes/' "$config"
    printf '[paths]\nstate = %s\n' "$etc/state" >>"$config"
    used=$(good)
    digest=$(printf %s "${used%.*}" | sha256sum | cut -d ' ' -f 1)
    explain sshd nobody "$used"
    first 0 "^accepted $subject\$" && line "^  yes  single_use +$config:6 +\"not used\"" && [ ! -e "$etc/state" ] || return 1
    entry=$etc/state/used/$(($(exp_of "$used") / 3600))/${digest:0:2}/$digest
    mkdir -p "${entry%/*}" && : >"$entry"
    explain sshd nobody "$used"
    first 1 '^refused: replayed: the token was used before' && line "^  no   single_use +$config:6 +\"used\"" || return 1
    # another token, and the same for a service that does not ask
    explain sshd nobody "$(good 'jti="another"')"
    first 0 "^accepted $subject\$" || return 1
    explain sudo nobody "$used"
    first 0 "^accepted $subject\$" && ! grep -q single_use "$dir/out" || return 1
    # what came before it decides, and it is shown all the same
    explain sshd nobody "$(good 'acr="pwd"')"
    first 1 '^refused: requirement' && line '^  yes  single_use' || return 1
    chmod 777 "$etc/state"
    explain sshd nobody "$used"
    first 2 "^failed: store: single_use: $etc/state: directory writable by group or others" &&
        [ "$(find "$etc/state" -type f | wc -l)" = 1 ] || return 1
    mv "$etc/before.conf" "$config"
}
exp_of() { # TOKEN
    local payload=${1#*.}
    payload=$(tr '_-' '/+' <<<"${payload%.*}")
    while [ $((${#payload} % 4)) != 0 ]; do payload+==; done
    base64 -d <<<"$payload" | sed -E 's/.*"exp":([0-9]+).*/\1/'
}
test_it 'R57 R97 explain says whether a token was used, and does not use it up' single_use

# One string for several groups is one name, unless the configuration says that it is a list.
comma_lists() {
    explain sshd nobody "$(good 'groups="dev, staff"')"
    first 1 "^refused: requirement: $config:9: " || return 1
    sed -i "s/^audience = /comma_lists = groups\naudience = /" "$config"
    explain sshd nobody "$(good 'groups="dev, staff"')"
    first 0 "^accepted $subject\$" && line '^  yes  requirement .*\{"groups":"dev, staff"\}' || return 1
    explain sshd nobody "$(good 'groups="dev, staf"')"
    first 1 '^refused: requirement: ' && sed -i '/^comma_lists/d' "$config"
}
test_it 'R26 E24 a claim of comma_lists is a list' comma_lists

# Nothing is stored, and nobody is asked: there is no fetcher that could be.
offline() {
    sed -i "/^jwks_file/d" "$config"
    printf '[paths]\ncache = %s\nrun = %s\nfetcher = %s\n' "$etc/cache" "$etc/run" "$etc/none" >>"$config"
    mkdir -p "$etc/cache" "$etc/run"
    explain sshd nobody "$(good)"
    first 2 "^failed: keys_unavailable: no usable keys of $issuer are stored, .*; .pam-oauth jwks refresh. fetches" &&
        [ -z "$(ls "$etc/cache" "$etc/run" | grep -v :)" ]
}
test_it 'explain asks no provider and writes nothing' offline

# shellcheck shell=bash disable=SC2034,SC2154
# who-can: every rule, requirement and exception that admits, for each service. The accounts are real
# ones of this host, as in cases_explain.

etc=$dir/who
config=$etc/pam_oauth.conf
mkdir -p "$etc/accounts.d" && chmod 755 "$etc" "$etc/accounts.d"
cat >"$config" <<END
[provider corp]
issuer = $issuer
audience = $audience
mutable_claims = yes

[provider ci]
issuer = https://ci.example.org
audience = ssh://%h
kind = workload

[service sshd]
providers = corp
methods = token
require = groups=staff or groups="Linux Users"
max_auth_age = 1h
system_users = nobody games
local_users = breakglass
sign_in_within = 12h

[service sudo]
providers = corp ci
methods = token
system_users = root
END
cat >"$etc/accounts.map" <<'END'
# who may be whom
corp   sub=248289761001       -> nobody
corp   sub=1 and acr=phr      -> root        service=sudo
corp   preferred_username=*@example.org -> *
corp   groups="Platform Admins" -> root      service=sudo host=db-*
corp   groups=ops             -> games
corp   email=joe@example.org  -> games       service=sshd
ci     sub=repo:acme/site     -> root
corp   sub=2                  -> breakglass
END
printf '!corp  sub=666\n!ci repository=evil service=su*\n' >"$etc/accounts.d/gone.map"

who() { call --config "$config" who-can "$@"; }
shows() { # REGEX...: one line after the other like these, with no other between
    local lines regex i=0
    mapfile -t lines <"$dir/out"
    [ ${#lines[@]} -eq $# ] || { printf 'wanted %s lines, got:\n' $#; cat "$dir/out" "$dir/err"; return 1; }
    for regex in "$@"; do
        [[ ${lines[i]} =~ $regex ]] || { printf 'wanted: %s\ngot:    %s\n' "$regex" "${lines[i]}"; return 1; }
        i=$((i + 1))
    done
    expect_printable "$dir/out"
}

root_of_sudo() {
    who --account root --service sudo
    [ "$code" -eq 0 ] && shows "^\[service sudo\] $config:20: token of corp ci$" \
        "^  admits    $etc/accounts.map:3: corp   sub=1 and acr=phr      -> root        service=sudo$" \
        "^  no        $etc/accounts.map:4: " "^ +'root' is in system_users: a rule must name it" \
        "^  no        $etc/accounts.map:5: .*host=db-\*$" "^ +this host is '" \
        "^  admits    $etc/accounts.map:8: ci     sub=repo:acme/site     -> root$" \
        "^  but not   $etc/accounts.d/gone.map:1: !corp  sub=666$" \
        "^  but not   $etc/accounts.d/gone.map:2: !ci repository=evil service=su\*$"
}
test_it 'who-can says who can become root' root_of_sudo

nobody_of_sshd() {
    who --account nobody --service sshd
    [ "$code" -eq 0 ] && shows '^\[service sshd\] ' \
        "^  requires  $config:14: groups=staff or groups=\"Linux Users\"$" "^  requires  $config:11: max_auth_age = 3600s$" \
        "^  of keys   $config:11: sign_in_within = 43200s$" \
        "^  admits    $etc/accounts.map:2: " "^  no        $etc/accounts.map:4: " "^ +'nobody' is in system_users" \
        "^  but not   .*gone.map:1: "
}
test_it 'who-can shows what a service requires' nobody_of_sshd

# A system account that is not in system_users, and one that no rule is for.
not_admitted() {
    who --account root --service sshd
    [ "$code" -eq 1 ] && grep -qE '^ +uid 0 is a system account; ' "$dir/out" && ! grep -q '^  admits' "$dir/out"
}
test_it 'who-can, an account that nobody can become' not_admitted

# A refusal that is for another host keeps nobody out here, and does not look as if it did.
other_hosts_refusal() {
    printf '!corp sub=248289761001 host=elsewhere\n' >"$etc/accounts.d/elsewhere.map"
    who --account nobody --service sshd
    grep -A 1 '^  no        .*elsewhere.map:1: !corp' "$dir/out" | grep -q "this host is '.*', so that it refuses nobody here" || return 1
    who --account nobody --service sshd --json
    grep -q '"kind":"exception",.*"but":"this host is ' "$dir/out"
    local result=$?
    rm "$etc/accounts.d/elsewhere.map"
    return "$result"
}
test_it 'who-can, a refusal for another host' other_hosts_refusal

# Only an account that need not be named.
named_by_a_claim() {
    who --account nobody --service sudo
    [ "$code" -eq 0 ] && grep -A 1 "^  admits    $etc/accounts.map:4:" "$dir/out" |
        grep -qE '^ +everybody at the provider whose claim names this account$'
}
test_it 'R23 who-can, an account that a claim names' named_by_a_claim

local_account() {
    who --account breakglass --service sshd
    [ "$code" -eq 0 ] && grep -qx '  local     breakglass: no token is asked for; the rest of the PAM stack decides' "$dir/out" &&
        ! grep -q '^  admits' "$dir/out" && grep -q "is in local_users: no token is asked for, so that the rule is never" "$dir/out"
}
test_it 'who-can, local_users' local_account

everything() {
    who
    [ "$code" -eq 0 ] && [ "$(grep -c '^\[service ' "$dir/out")" -eq 2 ] &&
        grep -A 1 "accounts.map:6:" "$dir/out" | grep -q '^ *everybody who has that at the provider$' &&
        grep -A 1 "accounts.map:7:" "$dir/out" | grep -q '^ *whoever has, or can give themselves, that' &&
        grep -A 1 "accounts.map:4:" "$dir/out" | grep -q 'each to the account that the claim names: any but those of local_users' &&
        # of ci nothing in sshd
        [ "$(grep -c 'repo:acme' "$dir/out")" -eq 1 ]
}
test_it 'who-can shows groups, wildcards and changeable claims for what they are' everything

as_json() {
    who --account root --service sudo --json
    [ "$code" -eq 0 ] && node -e '
        const lines = require("fs").readFileSync(process.argv[1], "utf8").trim().split("\n").map((x) => JSON.parse(x));
        const kinds = lines.map((x) => x.kind).join(" ");
        const rules = lines.filter((x) => x.kind === "rule");
        process.exit(kinds === "service rule rule rule rule exception exception" &&
            lines.every((x) => x.service === "sudo") && lines[0].system_users[0] === "root" &&
            rules[0].who === null && rules[1].but.includes("is in system_users") && rules[2].but.startsWith("this host") &&
            rules[0].place.endsWith("accounts.map:3") && rules[0].says.startsWith("corp   sub=1") ? 0 : 1)' "$dir/out"
}
test_it 'who-can --json, one fact a line' as_json

broken() {
    printf 'corp email\ncorp upn=* -> *\n\x1b[2J\ncorp sub=\xff -> bob\n' >"$etc/accounts.d/broken.map"
    who --service sshd
    local good=$((code == 0))
    grep -qE "^  broken    $etc/accounts.d/broken.map:1: corp email$" "$dir/out" &&
        [ "$(grep -c '^  broken ' "$dir/out")" -eq 3 ] && expect_printable "$dir/out" && [ "$good" -eq 1 ]
    local said=$?
    chmod 666 "$etc/accounts.d/broken.map"
    who --service sshd
    grep -q 'broken.map.*writable by group or others' <(tr -d '\n' <"$dir/out") && [ "$said" -eq 0 ]
    said=$?
    rm "$etc/accounts.d/broken.map"
    return "$said"
}
test_it 'R93 who-can, lines that cannot be read' broken

none() {
    who --service cron
    [ "$code" -eq 2 ] && grep -q 'there is no \[service cron\]' "$dir/err"
}
test_it 'who-can, a service without a section' none
misused 'who-can takes no file' 'one word too many' who-can --config "$config" x

many() { # a million lines, at constant memory
    awk 'BEGIN { for (i = 0; i < 1000000; i++) printf "corp sub=%d -> u%d\n", i, i }' >"$etc/accounts.d/many.map"
    local kb
    "$dir/measure" "$dir/measured" "$program" --config "$config" who-can --account nobody --service sshd >"$dir/out"
    read -r _ kb <"$dir/measured"
    rm "$etc/accounts.d/many.map"
    [ "$kb" -lt 20000 ] && grep -q '^  but not ' "$dir/out" || { echo "$kb kB"; return 1; }
}
test_alone 'who-can of a million rules' many

# shellcheck shell=bash disable=SC2034,SC2154
# pam-oauth(1) lists every check that verify can name, in their order and with their rule, and no
# other. (The reasons are compared with their table by tests/lint/docs.)

page=$top/pam_oauth/cli/pam-oauth.1

# NAME RULE, one a line.
checks_of_the_page() {
    sed -n '/^\.Ss Checks/,/^\.El/p' "$page" | sed -n '/^\.It Sy /{s/^\.It Sy //;N;s/\n/ /;s/\.$//;p}'
}
checks_of_the_program() {
    verify "$(token rsa)" --json
    node -e '
        for (const {name, rule} of JSON.parse(require("fs").readFileSync(process.argv[1])).checks)
            console.log(name, rule)' "$dir/out"
}
same_checks() {
    diff <(checks_of_the_page) <(checks_of_the_program)
}
test_it 'the manual lists every check and its rule' same_checks

# ---- what the manual must say (SECURITY.md) --------------------------------------------------------

module_manual=$top/pam_oauth/module/pam_oauth.8
manual_says() { # REGEX...: of the text in one line
    local text regex
    text=$(sed 's/^\.[A-Z][a-z] //' "$module_manual" | tr '\n' ' ')
    for regex in "$@"; do
        [[ $text =~ $regex ]] || { printf 'nothing like: %s\n' "$regex"; return 1; }
    done
}
test_it 'R126 the manual says that public keys are not asked, and what to do' manual_says \
    'Public keys are not asked' 'does not call the type auth for a public key' \
    'AuthenticationMethods publickey,keyboard-interactive'
test_it 'R130 the manual says where pam_nologin, pam_access and pam_faillock stand, and of CVE-2024-10963' manual_says \
    'pam_nologin 8 , pam_access 8 and pam_time 8' 'CVE-2024-10963' 'nodns' 'pam_faillock 8 should count passwords alone'

# ---- the examples of the manual --------------------------------------------------------------------

# The blocks of EXAMPLES, or the Nth of them.
examples_of() { # PAGE [N]
    awk -v wanted="${2:-0}" '/^\.Sh /{ on = /EXAMPLES/ } on && /^\.Bd/ { n++; block = 1; next }
        /^\.Ed/ { block = 0 } on && block && (wanted == 0 || n == wanted)' "$top/pam_oauth/policy/$1" |
        sed 's/\\e/\\/g; s/\\-/-/g'
}
# Without an error; what a host of its own lacks is warned of.
example_loads() { # PAGE [N]
    local place=$dir/example
    rm -rf "$place" && mkdir -p "$place/host/etc/pam.d"
    if [ "$1" = accounts.map.5 ]; then
        examples_of "$1" >"$place/accounts.map"
        printf '%s\n' '[provider corp]' "issuer = $issuer" "audience = $audience" 'mutable_claims = yes' \
            '[provider ci]' 'preset = gitlab-ci' 'issuer = https://gitlab.example.org' "audience = $audience" \
            '[service su]' 'providers = corp ci' 'methods = token' 'system_users = root' >"$place/pam_oauth.conf"
    else
        examples_of "$1" "$2" >"$place/pam_oauth.conf"
        : >"$place/accounts.map"
    fi
    [ -s "$place/accounts.map" ] || grep -q '^\[service sshd\]' "$place/pam_oauth.conf" || return 1
    printf '%s\n' '[paths]' "fetcher = $(dirname "$program")/pam-oauth-fetcher" 'fetcher_user = nobody' \
        "presets = $top/conf/providers" >>"$place/pam_oauth.conf"
    call check --offline --root "$place/host" --config "$place/pam_oauth.conf"
    [ "$code" -eq 0 ] || { cat "$dir/out" "$dir/err"; return 1; }
}
test_it 'the first configuration in pam_oauth.conf(5) loads' example_loads pam_oauth.conf.5 1
test_it 'and the second' example_loads pam_oauth.conf.5 2
test_it 'every rule in accounts.map(5) loads' example_loads accounts.map.5

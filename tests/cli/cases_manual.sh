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

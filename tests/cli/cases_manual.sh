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

# shellcheck shell=bash disable=SC2154
# R135: random tokens and key sets, judged by pam-oauth and by node. For longer:
#     node tests/cli/differential.mjs build/pam-oauth SECONDS [SEED]

agree() {
    node "$here/differential.mjs" "$program" 3 >"$dir/differential" || { cat "$dir/differential"; return 1; }
    cat "$dir/differential" >&9
}
test_it 'R135 pam-oauth and node agree' agree

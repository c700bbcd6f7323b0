# shellcheck shell=bash disable=SC2154
#
# One token verified by a program that starts for it. Sourced by tests/bench/inside.

measure_cli() {
    local files=$out/keys/RS256
    cut -d . -f 1,2 "$files/token" | tr -d '\n' >"$SANDBOX_DIR/message"
    cut -d . -f 3 "$files/token" | tr -d '\n' | tr _- /+ | sed 's/$/==/' | base64 -d >"$SANDBOX_DIR/signature"
    cli_commands | race cli 41 && cli_commands | count cli
}

cli_commands() {
    printf 'true\t/bin/true\n'
    printf 'openssl\topenssl\tdgst\t-sha256\t-verify\t%s\t-signature\t%s\t%s\n' "$files/pem" \
        "$SANDBOX_DIR/signature" "$SANDBOX_DIR/message"
    printf 'jose\tjose\tjws\tver\t-i\t%s\t-k\t%s\t-O\t-\n' "$files/token" "$files/jwk"
    printf 'verify\t%s\t--config\t%s\tverify\t%s\n' "$SANDBOX_DIR/pam-oauth" "$config" "$tokens/RS256"
    printf 'explain\t%s\t--config\t%s\texplain\t--service\tkeys\t--user\talice\t%s\n' "$SANDBOX_DIR/pam-oauth" \
        "$config" "$tokens/RS256"
}

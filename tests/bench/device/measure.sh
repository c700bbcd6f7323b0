# shellcheck shell=bash disable=SC2154
#
# A device flow of two polls, beside a loop of curl that sends the same three requests and waits as
# long between them. Sourced by tests/bench/inside.

device_rounds=7

measure_device() {
    local code=0
    sed "s/^\[paths\]/[service device]\nproviders = corp\nmethods = device\n\n[paths]/" "$config" \
        >"$SANDBOX_DIR/pam_oauth/device.conf"
    stack device "auth required $module config=$SANDBOX_DIR/pam_oauth/device.conf"
    : >"$SANDBOX_DIR/enter"
    curl_loop >"$SANDBOX_DIR/curl-loop"
    inject '{"device":{"interval":1},"token":['"$(device_replies $((2 * device_rounds)))"']}' &&
        { printf 'ours\t%s\n' "$(host cold device "$SANDBOX_DIR/enter")" &&
            printf 'curl\tsh\t%s\n' "$SANDBOX_DIR/curl-loop"; } | race device "$device_rounds" || code=1
    clear
    return "$code"
}

# For each flow: not yet, and then an ID token, as the provider signs them.
device_replies() { # FLOWS
    local id_token i
    id_token=$(control mint '{"key":"RS256","header":{"typ":"JWT"},"payload":{"sub":"248289761001"}}')
    for ((i = 0; i < $1; i++)); do
        [ "$i" -eq 0 ] || printf ,
        printf '{"status":400,"body":{"error":"authorization_pending"}},'
        printf '{"status":200,"body":{"access_token":"x","token_type":"Bearer","id_token":"%s"}}' "$id_token"
    done
}

curl_loop() {
    local curl="curl --silent --cacert $provider_dir/ca.pem --output /dev/null --data client_id=linux-login"
    printf '%s\n' 'set -e' "$curl --fail --data scope=openid $issuer/device/auth" 'sleep 1' \
        "$curl --data grant_type=urn:ietf:params:oauth:grant-type:device_code --data device_code=x $issuer/token" \
        'sleep 1' \
        "$curl --fail --data grant_type=urn:ietf:params:oauth:grant-type:device_code --data device_code=x $issuer/token"
}

# shellcheck shell=bash
# The device flow, approved by walking the provider's real pages.

test_ssh_with_the_device_flow_opens_a_shell_as_alice() {
    expect_equal "$(ssh_answer alice '' '!approve_as alice "$1" >&2' -- id -un)" alice &&
        expect_decision 'verdict=accepted provider=corp sub="248289761001" account=alice service=sshd method=device' &&
        expect_match "$(prompts)" 'Sign in to .* as alice \(sshd\)' &&
        expect_match "$(prompts)" 'Approve only if you started this sign-in yourself' &&
        expect_match "$(prompts)" 'Press Enter when you have approved: '
}

# It enters where any other token does, and leaves its mark like any other.
test_R57_the_ID_token_of_a_device_flow_is_used_up_too() {
    write_config 'single_use = yes'
    rm -rf "$SANDBOX_DIR/state/used"
    expect_equal "$(ssh_answer alice '' '!approve_as alice "$1" >&2' -- id -un)" alice &&
        expect_equal "$(find "$SANDBOX_DIR/state/used" -mindepth 3 -type f | wc -l)" 1
}

test_R91_no_provider_is_contacted_before_the_first_answer() {
    warm_keys || return 1
    # shellcheck disable=SC2016
    ! ssh_answer alice '!ctl requests "$provider_dir" >"$provider_dir/early"; echo nonsense' -- true &&
        expect_equal "$(cat "$provider_dir/early")" ''
}

test_E51_approval_by_another_identity_is_refused() {
    ! ssh_answer alice '' '!approve_as bob "$1" >&2' -- id -un &&
        expect_decision 'verdict=refused reason=account .*sub="90125" account=alice .*method=device'
}

test_denial_is_refused() {
    ! ssh_answer alice '' '!deny_it "$1" >&2' -- id -un &&
        expect_decision 'verdict=refused reason=device_denied .*method=device'
}

# One connection for the keys and one for the flow, however often it polls (R101).
test_E45_never_approved_ends_with_device_timeout_on_one_connection() {
    local began=$SECONDS
    sed -i 's/^device_timeout = 30s/device_timeout = 12s/' "$config"
    ! ssh_answer alice '' '' '' '' -- id -un && expect_decision 'reason=device_expired' &&
        expect_within "$began" 30 && [ "$(requests | grep -c 'POST /token')" -ge 2 ] &&
        expect_equal "$(requests | grep -c CONNECT)" 2
}

test_R63_an_approval_long_after_the_prompt_is_in_time() {
    # longer than clock_skew between the first prompt and the ID token
    sed -i 's/^ca_file/clock_skew = 2s\nca_file/; s/^device_timeout = 30s/device_timeout = 60s/' "$config"
    warm_keys || return 1
    expect_equal "$(ssh_answer alice '!sleep 4' '!approve_as alice "$1" >&2' -- id -un)" alice
}

test_a_slow_person_and_cold_keys_sign_in() {
    # the ten seconds for keys begin with the answer, not with the prompt
    SANDBOX_DEADLINE=40 expect_equal "$(ssh_answer alice '!sleep 11' '!approve_as alice "$1" >&2' -- id -un)" alice
}

test_something_typed_at_the_approval_prompt_cancels() {
    ! ssh_answer alice '' 'yes' -- id -un && expect_decision 'reason=cancelled'
}

test_sudo_with_the_device_flow_elevates_after_approval() {
    sudo_tty alice '' '@enter this code:  [A-Z0-9-]+[^A-Z0-9-]!approve_as alice "$1"' -- id -un &&
        expect_match "$(cat "$SANDBOX_DIR/tty")" '^root' &&
        expect_decision 'verdict=accepted .*account=alice service=sudo method=device'
}

test_sudo_refuses_after_denial_within_the_polling_interval() {
    local began=$SECONDS
    sed -i 's/^device_timeout = 20s/device_timeout = 60s/' "$config"
    ! sudo_tty alice '' '@enter this code:  [A-Z0-9-]+[^A-Z0-9-]!deny_it "$1"' -- id -un &&
        expect_no_match "$(cat "$SANDBOX_DIR/tty")" '^root|not approved|reference' &&
        expect_decision 'reason=device_denied' && expect_within "$began" 30
}

test_sudo_with_a_token_in_parts_elevates() {
    local token parts
    token=$(token alice)
    mapfile -t parts < <(fold -w 490 <<<"$token" | sed '$!s/$/+/')
    expect_equal "$(sudo_answer alice "${parts[@]}" -- id -un)" root
}

test_sudo_n_fails_at_once_and_contacts_nobody() {
    local began
    warm_keys || return 1
    echo 'Defaults noninteractive_auth' >>/etc/sudoers
    began=$SECONDS
    ! as_user alice sudo -n true && expect_within "$began" 5 && expect_no_network &&
        expect_decision 'verdict=failed reason=conversation'
    local code=$?
    sed -i '/noninteractive_auth/d' /etc/sudoers
    return "$code"
}

# Where messages are shown at once; and who says nothing more is told what it was.
test_su_says_how_much_time_is_left() {
    sed -i '/^\[service su\]/,/^$/s/^methods = .*/methods = token device/; s/^device_timeout = 30s/device_timeout = 38s/' "$config"
    ! on_tty '' -- bash -c "stty rows 24 cols 80; exec setpriv --reuid bob --regid bob --init-groups su -c 'id -un' alice" &&
        expect_equal "$(shown | grep -cE '^Waiting for approval, [1-8] s left\.$')" 1 &&
        expect_equal "$(shown | grep -c 'enter this code')" 1 &&
        expect_match "$(shown)" '^The sign-in was not approved. Try again. If you need help, give this reference: ' &&
        expect_decision 'verdict=refused reason=device_expired account=alice service=su method=device'
}

# A script, or cron: nobody reads a page, and Enter comes from a pipe.
test_R81_E72_su_and_sudo_without_a_terminal_begin_no_device_flow() {
    warm_keys
    sed -i '/^\[service su\]/,/^$/s/^methods = .*/methods = token device/' "$config"
    ! as_user bob setsid --wait su -c 'id -un' alice <<<'' &&
        expect_decision 'verdict=refused reason=cancelled account=alice service=su ' || return 1
    logs_clear
    ! as_user alice setsid --wait sudo -S true <<<'' && expect_no_network &&
        expect_decision 'verdict=refused reason=cancelled account=alice service=sudo ' || return 1
    logs_clear
    sed -i 's/^methods = token device$/methods = device/' "$config"
    ! as_user alice setsid --wait sudo -S true <<<'' && expect_no_network &&
        expect_decision 'verdict=failed reason=conversation account=alice service=sudo .*no terminal to show a page'
}

test_su_asks_for_the_identity_of_the_target() {
    su_tty alice bob "$(token bob)" -- 'id -un' && expect_match "$(cat "$SANDBOX_DIR/tty")" '^bob' &&
        logs_clear && ! su_tty alice bob "$(token alice)" -- 'id -un' &&
        expect_decision 'verdict=refused reason=account .*account=bob service=su'
}

test_a_provider_without_id_token_is_a_fault() {
    ctl inject "$provider_dir" '{"token":[{"merge":{"id_token":null}}]}'
    ! ssh_answer alice '' '!approve_as alice "$1" >&2' -- id -un &&
        expect_decision 'verdict=failed reason=provider'
}

test_R62_an_id_token_beside_another_access_token_is_refused() {
    ctl inject "$provider_dir" '{"token":[{"merge":{"access_token":"somebody-elses"}}]}'
    ! ssh_answer alice '' '!approve_as alice "$1" >&2' -- id -un &&
        expect_decision 'verdict=refused reason=claim .*method=device' &&
        expect_match "$(logs)" 'at_hash does not fit the access token'
}

test_E46_slow_down_is_obeyed() {
    ctl inject "$provider_dir" '{"device":{"interval":1},"token":[{"status":400,"body":{"error":"slow_down"}}]}'
    expect_equal "$(ssh_answer alice '' '!approve_as alice "$1" >&2' -- id -un)" alice
}

# Not one byte of what could move a cursor, ring a bell or hide a name, on no way to a person or a
# log; and to a person not a word of the provider's (R85). The blocks are those of a QR code (R92).
printable_everywhere() {
    local shown
    shown=$({ prompts && tr -d '\r\n' <"$SANDBOX_DIR/tty"; } | sed 's/▀\|▄\|█//g')
    expect_no_match "$shown" '[^ -~]|evil' && expect_no_match "$(logs)" '[^ -~]'
}

test_E49_escapes_of_the_provider_reach_neither_terminal_nor_log() {
    local escapes='\u001b[2J\u001b]8;;https://evil.example\u0007\u001b]52;c;ZXZpbA==\u0007\r\u009b\u202e'
    : >"$SANDBOX_DIR/tty"
    ctl inject "$provider_dir" "{\"device\":{\"user_code\":\"AB${escapes}CD\"}}"
    ! ssh_answer alice '' '' -- id -un && expect_decision 'verdict=failed reason=provider' &&
        printable_everywhere || return 1
    logs_clear
    ! sudo_tty alice '' -- id -un && printable_everywhere || return 1
    ctl clear "$provider_dir"
    ctl inject "$provider_dir" "{\"device\":{\"interval\":1,\"message\":\"$escapes\",\"verification_uri_complete\":\"https://x/$escapes\"},
        \"token\":[{\"status\":400,\"body\":{\"error\":\"no$escapes\",\"error_description\":\"$escapes\"}}]}"
    logs_clear
    ! ssh_answer alice '' '!approve_as alice "$1" >&2' -- id -un &&
        expect_decision 'verdict=failed reason=provider' && printable_everywhere
}

test_E54_a_crowd_at_the_prompt_costs_the_provider_nothing_and_a_login_goes_on() {
    local i code crowd=()
    warm_keys || return 1
    ctl inject "$provider_dir" '{"device":{"interval":1}}'
    : >"$SANDBOX_DIR/crowd"
    for i in {1..8}; do
        # shellcheck disable=SC2016
        ssh_answer alice '!while [ -e "$SANDBOX_DIR/crowd" ]; do sleep 0.1; done; echo nonsense' \
            -- -o NumberOfPasswordPrompts=1 true >/dev/null 2>&1 &
        crowd+=($!)
    done
    for i in {1..100}; do
        [ "$(prompts | grep -c 'press Enter')" -ge 8 ] && break
        sleep 0.1
    done
    [ "$i" -lt 100 ] && expect_no_network &&
        expect_equal "$(ssh_answer bob '' '!approve_as bob "$1" >&2' -- id -un)" bob
    code=$?
    rm "$SANDBOX_DIR/crowd" # and they all give up, before the next test begins
    wait "${crowd[@]}"
    return "$code"
}

test_client_secret_basic_and_post_sign_in() {
    local client
    for client in basic post; do
        write_config
        printf '%s\n' 's3cr3t+/ %&:=' >"$SANDBOX_DIR/pam_oauth/secret"
        chmod 600 "$SANDBOX_DIR/pam_oauth/secret"
        sed -i "s|^client_id = .*|client_id = linux-$client\nclient_auth = $client\nclient_secret_file = $SANDBOX_DIR/pam_oauth/secret|" "$config"
        expect_equal "$(ssh_answer alice '' '!approve_as alice "$1" >&2' -- id -un)" alice || return 1
    done
}

test_R94_no_secret_reaches_the_log() {
    local token
    token=$(token alice)
    ssh_answer alice "$token" -- true
    ssh_answer alice '' '!approve_as alice "$1" >&2' -- true
    expect_no_match "$(logs)" "${token##*.}" && expect_no_match "$(logs)" 'eyJ'
}

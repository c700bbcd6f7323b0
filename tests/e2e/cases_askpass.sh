# shellcheck shell=bash
# pam-oauth-askpass in front of stock ssh and sudo: long tokens in parts, from every source; nothing
# for a server that only prints our prompt. In a directory of its own: beside it stands a command
# `pam-oauth` where a test wants a stored token.

askpass_dir=$SANDBOX_DIR/askpass
askpass=$askpass_dir/pam-oauth-askpass
# What alice calls two hosts of hers, the second of which is somebody else's by now.
good_host=testhost
rogue_host=rogue.example

# Services that take tokens alone, unless a test says otherwise: an askpass that fails is an empty
# answer to ssh, and with a device flow that is a wait.
askpass_world() {
    local service
    sed -i 's/^methods = token device$/methods = token/' "$config"
    # the module alone: pam_unix would have every refusal wait
    for service in sshd sudo su; do
        pam_stack "$service" "auth required $module config=$config" 'account required pam_permit.so' \
            'session required pam_permit.so'
    done
    [ -x "$askpass" ] && return
    install -d "$askpass_dir/bin" "$askpass_dir/rogue" &&
        install -m 755 "$top/$BUILD/pam-oauth-askpass" "$askpass" &&
        "${CC:-cc}" -O1 -Wall -Wextra -D_GNU_SOURCE "$top/tests/e2e/client.c" -o "$askpass_dir/bin/ssh" &&
        "${CC:-cc}" -O1 -Wall -Wextra -D_GNU_SOURCE -shared -fPIC \
            -o "$askpass_dir/rogue/rogue.so" "$top/tests/e2e/rogue.c" -lpam &&
        printf '127.0.0.1 %s %s\n' "$good_host" "$rogue_host" >>/etc/hosts
}

# A token of so many bytes, at least. No string of it is longer than the module reads.
long_token() { # BYTES [PAYLOAD-MEMBERS]
    local each=$(($1 * 3 / 8 - 200)) pad
    printf -v pad '%*s' "$each" ''
    mint "\"pad\":\"${pad// /x}\",\"fill\":\"${pad// /y}\"${2:+,$2}"
}

# alice's own file with a token in it.
token_file() { # TOKEN
    rm -rf "$SANDBOX_DIR/home/alice/token"
    (umask 077 && printf '%s\n' "$1" >"$SANDBOX_DIR/home/alice/token") &&
        chown alice: "$SANDBOX_DIR/home/alice/token"
    echo "$SANDBOX_DIR/home/alice/token"
}

# alice, without a terminal, and with the askpass; VARIABLEs are of her environment.
alone() { # [VARIABLE=VALUE...] COMMAND...
    as_user alice env SSH_ASKPASS="$askpass" SSH_ASKPASS_REQUIRE=force SUDO_ASKPASS="$askpass" \
        setsid --wait env "$@"
}

# The host is the one that she calls by that name; any other is the rogue's.
ssh_words() { # HOST
    local port=$SSHD_PORT
    [ "$1" = "$rogue_host" ] && port=$ROGUE_PORT
    ssh_line=(ssh -F "$SSH_CONFIG" -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR
        -o StrictHostKeyChecking=no -p "$port" "alice@$1")
}

ssh_alone() { # HOST [VARIABLE=VALUE...]
    local ssh_line
    ssh_words "$1"
    alone "${@:2}" "${ssh_line[@]}" true
}

# The askpass behind a stand-in for the client of good_host, for what never gets as far as a server.
asked_alone() { # [VARIABLE=VALUE...]
    alone CLIENT_VERSION=OpenSSH_9.2p1 "$@" "$askpass_dir/bin/ssh" "$askpass" "(alice@$good_host) Token: "
}

# Nothing that was kept between two parts is left.
expect_nothing_kept() {
    expect_equal "$(find /run/user /run/pam_oauth/user /dev/shm -name 'askpass.*' 2>/dev/null)" ''
}

# ---- long tokens ----------------------------------------------------------------------------------

test_R116_ssh_takes_a_token_of_15_kB() {
    local token
    # behind either prompt
    askpass_world && write_config && token=$(long_token 15000) && [ "${#token}" -ge 15000 ] || return 1
    ssh_alone $good_host PAM_OAUTH_TOKEN_FILE="$(token_file "$token")" &&
        expect_decision 'verdict=accepted .*account=alice service=sshd method=token' &&
        expect_nothing_kept
}

test_R116_sudo_takes_a_token_of_15_kB() {
    local token
    askpass_world && token=$(long_token 15000) || return 1
    expect_equal "$(alone PAM_OAUTH_TOKEN_FILE="$(token_file "$token")" sudo -A id -un)" root &&
        expect_decision 'verdict=accepted .*account=alice service=sudo method=token' &&
        expect_nothing_kept
}

test_R116_the_longest_token_goes_through_sudo() {
    local pad token
    askpass_world || return 1
    printf -v pad '%*s' 8000 ''
    token=$(mint "$(for n in 1 2 3 4 5 6; do printf '"p%d":"%s",' "$n" "${pad// /x}"; done)\"last\":1")
    [ "${#token}" -gt 64000 ] && [ "${#token}" -le 65536 ] || return 1
    alone PAM_OAUTH_TOKEN_FILE="$(token_file "$token")" sudo -A true && expect_decision 'verdict=accepted'
}

# With and without a runtime directory of the system's, and where nothing is but /dev/shm.
test_R113_a_token_is_kept_between_parts_in_the_users_own_directory() {
    local file place code=0
    askpass_world && file=$(token_file "$(long_token 3000)") || return 1
    for place in /run/user /run/pam_oauth/user nowhere; do
        [ "$place" = nowhere ] || install -d -m 711 "$place"
        [ "$place" = nowhere ] || install -d -m 700 -o alice -g alice "$place/60001"
        logs_clear
        # where it is can be seen while it is kept
        strace -f -qq -e trace=renameat -o "$SANDBOX_DIR/trace" setpriv --reuid alice --regid alice \
            --clear-groups env -C / HOME="$SANDBOX_DIR/home/alice" CLIENT_VERSION=OpenSSH_9.2p1 \
            PAM_OAUTH_TOKEN_FILE="$file" "$askpass_dir/bin/ssh" "$askpass" "(alice@$good_host) Token: " \
            >"$SANDBOX_DIR/part" || code=1
        expect_equal "$(($(wc -c <"$SANDBOX_DIR/part") - 1))" 1000 &&
            expect_match "$(<"$SANDBOX_DIR/trace")" 'renameat\([0-9]+, "askpass\.[0-9]+\.[0-9]+\.new"' &&
            case "$place" in
            /run/user) expect_equal "$(stat -c '%U %a' /run/user/60001/pam-oauth/askpass.*)" 'alice 600' ;;
            nowhere) expect_equal "$(stat -c '%U %a' /dev/shm/pam-oauth-60001/askpass.*)" 'alice 600' ;;
            *) expect_equal "$(stat -c '%U %a' "$place"/60001/askpass.*)" 'alice 600' ;;
            esac || code=1
        # what that client left behind is gone, and nothing else, when the next one has been served
        ssh_alone $good_host PAM_OAUTH_TOKEN_FILE="$file" && expect_nothing_kept || code=1
        rm -rf /run/user/60001 /run/pam_oauth/user
    done
    return "$code"
}

test_a_directory_that_somebody_else_made_is_not_used() {
    local file output code=0
    askpass_world && file=$(token_file "$(long_token 3000)") || return 1
    rm -rf /dev/shm/pam-oauth-60001
    install -d -m 755 -o bob -g bob /dev/shm/pam-oauth-60001
    output=$(asked_alone PAM_OAUTH_TOKEN_FILE="$file" 2>&1) && code=1
    expect_match "$output" '/dev/shm/pam-oauth-60001 is not yours alone' || code=1
    rm -rf /dev/shm/pam-oauth-60001
    ln -s "$SANDBOX_DIR/home/alice" /dev/shm/pam-oauth-60001
    asked_alone PAM_OAUTH_TOKEN_FILE="$file" 2>/dev/null && code=1
    rm -f /dev/shm/pam-oauth-60001
    return "$code"
}

# ---- sources --------------------------------------------------------------------------------------

# The first prompt makes one, the other parts are of the same.
test_a_command_that_makes_a_new_token_each_time_is_asked_once() {
    local count=$SANDBOX_DIR/home/alice/count number
    askpass_world || return 1
    : >"$count"
    chown alice: "$count"
    for number in 1 2 3; do
        long_token 15000 "\"jti\":\"$number\"" >"$SANDBOX_DIR/home/alice/token.$number"
    done
    ssh_alone $good_host PAM_OAUTH_TOKEN_COMMAND="echo x >>$count; cat $SANDBOX_DIR/home/alice/token.\$(wc -l <$count)" &&
        expect_equal "$(wc -l <"$count")" 1 && expect_decision 'verdict=accepted'
}

# What it prints is the token, what ssh reads from its own input is not the command's.
test_a_command_does_not_eat_what_ssh_reads() {
    local ssh_line
    askpass_world && ssh_words $good_host || return 1
    mint >"$SANDBOX_DIR/home/alice/printed"
    expect_equal "$(echo payload | alone PAM_OAUTH_TOKEN_COMMAND="cat - $SANDBOX_DIR/home/alice/printed" \
        "${ssh_line[@]}" cat)" payload
}

# Such as an agent that it has started: ssh waits for nobody but the askpass.
test_a_command_may_leave_somebody_behind() {
    local began=$SECONDS
    askpass_world && mint >"$SANDBOX_DIR/home/alice/printed" || return 1
    ssh_alone $good_host PAM_OAUTH_TOKEN_COMMAND="sleep 40 >/dev/null & cat $SANDBOX_DIR/home/alice/printed" &&
        expect_within "$began" 15
}

test_a_command_that_fails_is_no_token() {
    local output command
    askpass_world || return 1
    for command in 'mint=x; echo "$mint"; exit 3' 'no-such-program' 'kill -9 $$' 'echo "<html>"' ':' 'cat /dev/zero'; do
        output=$(asked_alone PAM_OAUTH_TOKEN_COMMAND="$command" 2>&1) && return 1
        expect_match "$output" 'pam-oauth-askpass: .*(exit code (3|127)|signal 9|is none: its byte 1 |nothing where|prints more than)' || return 1
    done
    ! ssh_alone $good_host PAM_OAUTH_TOKEN_COMMAND=false 2>/dev/null && expect_decision 'verdict=refused reason=cancelled'
}

# `pam-oauth login` once, and neither ssh, scp nor sudo needs typing; what is asked for it is the
# pam-oauth beside the askpass, whatever PATH says.
test_the_stored_token_after_pam_oauth_login() {
    local code=0 home=$SANDBOX_DIR/home/alice ssh_line output
    askpass_world && install -m 755 "$top/$BUILD/pam-oauth" "$askpass_dir/pam-oauth" &&
        install -d -m 700 -o alice -g alice /run/user/60001 "$home/.config" "$home/.config/pam_oauth" || return 1
    printf '#!/bin/sh\necho found by PATH >&2\nexit 1\n' >"$home/pam-oauth"
    chmod 755 "$home/pam-oauth"
    { sed -n '/^\[provider corp\]/,/^$/p' "$config" && paths_section &&
        echo "fetcher = $SANDBOX_DIR/pam-oauth-fetcher"; } >"$home/.config/pam_oauth/pam_oauth.conf"
    as_user alice "$askpass_dir/pam-oauth" login --device --audience "ssh://$good_host" |
        while IFS= read -r line; do
            shown+=$line$'\n'
            [[ $line != *'enter this code:'* ]] || approve_as alice "$shown" >&2
        done
    ssh_words $good_host
    logs_clear
    echo payload >"$home/file"
    ssh_alone $good_host PATH="$home:$PATH" && expect_decision 'verdict=accepted .*service=sshd method=token' &&
        alone scp "${ssh_line[@]:1:${#ssh_line[@]}-4}" -P "$SSHD_PORT" "$home/file" "alice@$good_host:copy" &&
        expect_equal "$(cat "$home/copy")" payload &&
        expect_equal "$(alone sudo -A id -un)" root || code=1
    as_user alice "$askpass_dir/pam-oauth" logout >/dev/null || code=1
    output=$(asked_alone 2>&1) && code=1
    expect_match "$output" "no stored token .*run 'pam-oauth login'" || code=1
    rm -rf "$askpass_dir/pam-oauth" /run/user/60001 "$home/.config"
    return "$code"
}

test_R114_no_token_is_taken_from_the_environment_itself() {
    local token
    askpass_world && token=$(mint) || return 1
    ! asked_alone PAM_OAUTH_TOKEN="$token" TOKEN="$token" 2>/dev/null
}

# Each is refused, with its reason, and at once.
test_R112_E64_a_token_file_that_is_not_plainly_ones_own_is_refused() {
    local token file began=$SECONDS
    askpass_world && token=$(mint) && file=$(token_file "$token") || return 1
    refused_file() { # PATH REASON
        local output
        output=$(asked_alone PAM_OAUTH_TOKEN_FILE="$1" 2>&1) && return 1
        expect_match "$output" "pam-oauth-askpass: .*$2"
    }
    ln -s token "$file.link" && refused_file "$file.link" 'a symbolic link' &&
        ln -f "$file" "$file.hard" && refused_file "$file" 'another name \(a hard link\)' && rm "$file.hard" &&
        mkfifo -m 600 "$file.pipe" && chown alice: "$file.pipe" && refused_file "$file.pipe" 'not a regular file' &&
        refused_file /dev/zero 'not a regular file' && refused_file "$SANDBOX_DIR/home/alice" 'not a regular file' &&
        chmod 640 "$file" && refused_file "$file" 'open to group or others; chmod 600' && chmod 600 "$file" &&
        chown bob "$file" && refused_file "$file" 'Permission denied' && chmod 644 "$file" &&
        refused_file "$file" 'owned by uid 60002, not by you' && chmod 600 "$file" && chown alice "$file" &&
        refused_file "$file.none" 'No such file' &&
        : >"$file" && refused_file "$file" 'nothing where the token should be' &&
        head -c 66560 /dev/zero | tr '\0' a >"$file" && refused_file "$file" 'larger than' &&
        printf '%s extra' "$token" >"$file" && refused_file "$file" 'no letter, digit' || return 1
    rm -f "$file".*
    expect_within "$began" 30
}

# ---- sudo -----------------------------------------------------------------------------------------

test_sudo_with_a_prompt_of_ones_own_takes_a_token_of_one_part() {
    local token file output
    askpass_world && file=$(token_file "$(mint '' EdDSA '"kid":null')") || return 1
    # as short as a token of one part must be
    token=$(mint '' EdDSA) && [ "${#token}" -le 500 ] || return 1
    file=$(token_file "$token")
    expect_equal "$(alone PAM_OAUTH_TOKEN_FILE="$file" sudo -A -p 'mine: ' id -un)" root &&
        expect_equal "$(alone PAM_OAUTH_TOKEN_FILE="$file" sudo -H -Ap mine -u root id -un)" root &&
        expect_equal "$(alone PAM_OAUTH_TOKEN_FILE="$file" sudo -A --prompt=mine id -un)" root || return 1
    logs_clear
    file=$(token_file "$(long_token 1400)")
    output=$(alone PAM_OAUTH_TOKEN_FILE="$file" sudo -A -p 'mine: ' id -un 2>&1) && return 1
    expect_match "$output" 'the token takes [34] answers, and with sudo -p nobody can tell which'
}

# A -p that belongs to the command is not sudo's; another stack's password prompt is not ours.
test_sudo_asking_for_a_password_gets_no_token() {
    local file output
    askpass_world && file=$(token_file "$(mint '' EdDSA)") || return 1
    pam_stack sudo 'auth required pam_unix.so' 'account required pam_unix.so'
    output=$(alone PAM_OAUTH_TOKEN_FILE="$file" sudo -A grep -p mine 2>&1) && return 1
    expect_match "$output" 'this is no prompt for a token; there is no terminal to ask on' &&
        expect_no_match "$(logs)" 'authentication failure'
}

# With become_flags = -H -A and no password of its own: by Ansible itself where there is one, and by
# the command that it runs.
test_ansible_become_finds_the_askpass() {
    local file
    askpass_world && file=$(token_file "$(long_token 15000)") || return 1
    expect_equal "$(alone PAM_OAUTH_TOKEN_FILE="$file" /bin/sh -c \
        'sudo -H -A -u root /bin/sh -c '\''echo BECOME-SUCCESS-qwertz ; id -un'\'' && sleep 0')" \
        $'BECOME-SUCCESS-qwertz\nroot' || return 1
    command -v ansible >/dev/null || return 0
    expect_match "$(alone PAM_OAUTH_TOKEN_FILE="$file" ansible localhost -i localhost, -c local -b \
        -m ansible.builtin.command -a 'id -un' \
        -e "ansible_become_flags='-H -A' ansible_python_interpreter=/usr/bin/python3" 2>&1)" '^root$'
}

# ---- answers that were cut -------------------------------------------------------------------------

# By stock ssh, sudo and su, which pass 1023, 511 and 4095 bytes: what ends there was cut.
test_R115_E56_a_cut_answer_is_recognised_behind_ssh() {
    local token length
    token=$(long_token 6000)
    askpass_world || return 1
    for length in 511 1023 1024 4095; do
        logs_clear
        ! ssh_answer alice "${token:0:length}" -- true && expect_decision 'verdict=refused reason=truncated' || return 1
    done
    logs_clear
    ! on_tty "${token:0:5000}" -- ssh -F "$SSH_CONFIG" -l alice 127.0.0.1 true &&
        expect_decision 'verdict=refused reason=truncated' || return 1
    logs_clear
    ! ssh_answer alice "${token:0:512}" -- true && expect_decision 'verdict=refused reason=malformed'
}

test_R115_E56_a_cut_answer_is_recognised_behind_sudo() {
    local token length
    askpass_world && token=$(long_token 6000) || return 1
    ! sudo_answer alice "${token:0:511}" -- true && expect_decision 'verdict=refused reason=truncated' || return 1
    # sudo itself refuses what is longer, and says nothing of it to anybody
    for length in 512 1023 4095 5000; do
        logs_clear
        ! sudo_answer alice "${token:0:length}" -- true && expect_decision 'verdict=failed reason=conversation' || return 1
    done
}

test_R115_E56_a_cut_answer_is_recognised_behind_su() {
    local token length
    askpass_world && token=$(long_token 6000) || return 1
    for length in 511 4095 5000; do
        logs_clear
        ! su_tty bob alice "${token:0:length}" -- true && expect_decision 'verdict=refused reason=truncated' || return 1
    done
    logs_clear
    ! su_tty bob alice "${token:0:512}" -- true && expect_decision 'verdict=refused reason=malformed'
}

# ---- a rogue server --------------------------------------------------------------------------------

# An sshd of another name has a PAM service of that name.
rogue_start() {
    local try
    pam_stack rogue "auth required $askpass_dir/rogue/rogue.so" 'account required pam_permit.so'
    [ -x "$askpass_dir/rogue/rogue" ] || install -m 755 "${SSHD:-/usr/sbin/sshd}" "$askpass_dir/rogue/rogue" || return 1
    for try in 1 2 3 4 5; do
        ROGUE_PORT=$((20000 + RANDOM % 12000))
        sed "s/^Port .*/Port $ROGUE_PORT/" "$SANDBOX_DIR/sshd_config" >"$askpass_dir/rogue/config"
        "$askpass_dir/rogue/rogue" -D -f "$askpass_dir/rogue/config" -E "$askpass_dir/rogue/log$try" &
        ROGUE_PID=$!
        for _ in $(seq 250); do
            grep -q "listening on 127.0.0.1 port $ROGUE_PORT" "$askpass_dir/rogue/log$try" 2>/dev/null && return 0
            kill -0 "$ROGUE_PID" 2>/dev/null || break
            sleep 0.02
        done
    done
    return 1
}
rogue_stop() { kill "$ROGUE_PID" 2>/dev/null; wait "$ROGUE_PID" 2>/dev/null; rm -f "$askpass_dir"/rogue/log*; }
rogue_asks() { # PROMPT, with the escapes of printf %b
    printf '%b\x1e' "$@" >"$askpass_dir/rogue/prompts"
    rm -f "$askpass_dir/rogue/answers"
}
# Asked for it all, it got empty answers.
expect_rogue_got_nothing() {
    expect_equal "$(sort -u "$askpass_dir/rogue/answers")" ''
}

hostile_prompts=('Token: ' 'Token (press Enter to sign in with a browser): ' 'Token, part 2: '
    "(alice@$good_host) Token: " "\n(alice@$good_host) Token: " "\r(alice@$good_host) Token: "
    "\033[2K\r(alice@$good_host) Token: " "Token: \n(alice@$good_host) Token: " "\b\b\b(alice@$good_host) Token: "
    "\t(alice@$good_host) Token: " "@$good_host) Token: " ') Token: ' '' ' Token: ' 'Token:' 'token: ' 'Token:  '
    'Token, part 1: ' 'Token, part 02: ' 'Token, part 2 : ' "Token: \x9b1A(alice@$good_host) Token: ")

test_R138_E79_a_rogue_server_gets_nothing() {
    local file code=0
    askpass_world && rogue_start && file=$(token_file "$(mint)") || return 1
    rogue_asks "${hostile_prompts[@]}" "$(printf '%20000s' '')Token: "
    # by the token's own audience, by a list, and by a user name that looks like a prefix
    ssh_alone $rogue_host PAM_OAUTH_TOKEN_FILE="$file" 2>"$SANDBOX_DIR/said"
    ssh_alone $rogue_host PAM_OAUTH_TOKEN_FILE="$file" PAM_OAUTH_HOSTS="$good_host *.example.org" 2>/dev/null
    expect_equal "$(wc -l <"$askpass_dir/rogue/answers")" $(((${#hostile_prompts[@]} + 1) * 2)) &&
        expect_rogue_got_nothing && expect_match "$(<"$SANDBOX_DIR/said")" 'not made for rogue\.example alone' || code=1
    rogue_stop
    return "$code"
}

test_R138_E79_a_listed_host_gets_the_token_for_our_prompts_alone() {
    local file code=0
    askpass_world && rogue_start && file=$(token_file "$(mint)") || return 1
    rogue_asks "${hostile_prompts[@]:3}"
    ssh_alone $rogue_host PAM_OAUTH_TOKEN_FILE="$file" PAM_OAUTH_HOSTS="$rogue_host" 2>/dev/null
    expect_rogue_got_nothing || code=1
    rogue_asks 'Token: '
    ssh_alone $rogue_host PAM_OAUTH_TOKEN_FILE="$file" PAM_OAUTH_HOSTS="$rogue_host" 2>/dev/null
    expect_equal "$(<"$askpass_dir/rogue/answers")" "$(<"$file")" || code=1
    rogue_stop
    return "$code"
}

# Whoever gets a token for two could be one of them at the other's door.
test_R138_a_token_for_several_is_given_to_none_that_is_not_listed() {
    local audience output file
    askpass_world || return 1
    for audience in "[\"ssh://$good_host\",\"ssh://build-3\"]" "[\"account\",\"ssh://$good_host\"]" '[]'; do
        file=$(token_file "$(mint "\"aud\":$audience")")
        output=$(asked_alone PAM_OAUTH_TOKEN_FILE="$file" 2>&1) && return 1
        expect_match "$output" "not made for $good_host alone" &&
            expect_equal "$(asked_alone PAM_OAUTH_TOKEN_FILE="$file" PAM_OAUTH_HOSTS=$good_host)" "$(<"$file")" || return 1
    done
    file=$(token_file "$(mint "\"aud\":[\"ssh://$good_host\"]")")
    expect_equal "$(asked_alone PAM_OAUTH_TOKEN_FILE="$file")" "$(<"$file")"
}

# A user name can hold what it likes; where the prefix ends is then not certain.
test_E79_a_user_name_is_no_prefix() {
    local file code=0 ssh_line
    askpass_world && rogue_start && file=$(token_file "$(mint)") || return 1
    rogue_asks 'Token: '
    ssh_words $rogue_host
    for name in "alice@$good_host) Token: " "alice@$good_host" '(alice' "a b@$good_host" "x) (alice@$good_host"; do
        alone PAM_OAUTH_TOKEN_FILE="$file" "${ssh_line[@]:0:${#ssh_line[@]}-1}" -l "$name" $rogue_host true 2>/dev/null
    done
    expect_rogue_got_nothing || code=1
    rogue_stop
    return "$code"
}

# In her own configuration, of the provider that issued the token.
test_R138_the_hosts_of_the_configuration() {
    local file code=0 own=$SANDBOX_DIR/home/alice/.config/pam_oauth/pam_oauth.conf
    askpass_world && rogue_start && file=$(token_file "$(mint)") || return 1
    install -d -o alice -g alice "$SANDBOX_DIR/home/alice/.config" "${own%/*}"
    rogue_asks 'Token: '
    asked_with() { # LINE...
        printf '[provider corp]\nissuer = %s\n%s\n[provider other]\nissuer = https://other.example\nhosts = %s\n' \
            "$issuer" "$1" "$rogue_host" >"$own"
        chown alice: "$own"
        rm -f "$askpass_dir/rogue/answers"
        ssh_alone $rogue_host PAM_OAUTH_TOKEN_FILE="$file" 2>"$SANDBOX_DIR/said"
    }
    asked_with "hosts = $good_host" && code=1
    expect_rogue_got_nothing && expect_match "$(<"$SANDBOX_DIR/said")" "not one of the hosts of 'hosts' in" || code=1
    asked_with 'hosts = *.example' && code=1
    expect_equal "$(<"$askpass_dir/rogue/answers")" "$(<"$file")" || code=1
    # a list that is wrong allows nobody
    asked_with 'hosts = *' && code=1
    expect_rogue_got_nothing && expect_match "$(<"$SANDBOX_DIR/said")" "pam_oauth.conf:3: error: .*'hosts' is '\*'" || code=1
    chmod 666 "$own"
    ssh_alone $rogue_host PAM_OAUTH_TOKEN_FILE="$file" 2>"$SANDBOX_DIR/said" && code=1
    expect_rogue_got_nothing && expect_match "$(<"$SANDBOX_DIR/said")" 'writable by group or others' || code=1
    rm -rf "$SANDBOX_DIR/home/alice/.config"
    rogue_stop
    return "$code"
}

# An ssh that does not write which host asks shows a server's forgery as its own words.
test_E79_an_ssh_before_8_5_is_not_believed() {
    local file version output
    askpass_world && file=$(token_file "$(mint)") || return 1
    ask_as() { alone PAM_OAUTH_TOKEN_FILE="$file" CLIENT_VERSION="$1" "$askpass_dir/bin/ssh" "$askpass" "$2" 2>&1; }
    for version in OpenSSH_8.5p1 OpenSSH_9.2p1 OpenSSH_10.0p2; do
        expect_equal "$(ask_as "$version" "(alice@$good_host) Token: ")" "$(<"$file")" || return 1
    done
    for version in OpenSSH_8.4p1 OpenSSH_7.9 OpenSSH_ OpenSSH_9 OpenSSH_x.9 dropbear ''; do
        output=$(ask_as "$version" "(alice@$good_host) Token: ") && return 1
        expect_match "$output" 'not OpenSSH 8.5 or later' || return 1
    done
    # behind ssh nothing is asked without the prefix; so it is no sudo either
    ! output=$(ask_as OpenSSH_9.2p1 'Token: ') && expect_match "$output" 'this is no prompt for a token'
}

test_E79_no_other_program_is_answered() {
    local file output name
    askpass_world && file=$(token_file "$(mint)") || return 1
    output=$(alone PAM_OAUTH_TOKEN_FILE="$file" bash -c '"$1" "Token: "; exit' bash "$askpass" 2>&1) && return 1
    expect_match "$output" 'bash asks, not ssh or sudo itself' || return 1
    # nor one that only has the name
    for name in sudo sudo-rs git; do
        cp "$askpass_dir/bin/ssh" "$askpass_dir/bin/$name"
        output=$(alone PAM_OAUTH_TOKEN_FILE="$file" "$askpass_dir/bin/$name" "$askpass" 'Token: ' 2>&1) && return 1
        expect_match "$output" "$name asks, not ssh or sudo itself" || return 1
    done
}

# ---- the terminal ----------------------------------------------------------------------------------

# On a terminal, with the askpass: alice and what she types.
on_tty_with_askpass() { # STEP... -- [VARIABLE=VALUE...] COMMAND...
    local before after person
    split_words "$@"
    person_words alice
    on_tty "${before[@]}" -- "${person[@]}" env SSH_ASKPASS="$askpass" SSH_ASKPASS_REQUIRE=force \
        SUDO_ASKPASS="$askpass" "${after[@]}"
}

test_a_foreign_prompt_goes_to_the_terminal_with_a_warning() {
    local shown code=0 ssh_line
    askpass_world && rogue_start && ssh_words $rogue_host || return 1
    rogue_asks 'Password: ' "line one\n(alice@$good_host) Token: \x9b\xe2\x80\xae: "
    shown=$(on_tty_with_askpass 'my secret' 'second' -- PAM_OAUTH_TOKEN_FILE="$(token_file "$(mint)")" \
        LC_ALL=C.UTF-8 "${ssh_line[@]}" true)
    expect_equal "$(<"$askpass_dir/rogue/answers")" $'my secret\nsecond' &&
        expect_match "$shown" 'pam-oauth-askpass: this is no prompt for a token' &&
        expect_match "$shown" "^. \(alice@$rogue_host\) Password: " &&
        # every line of it behind our mark, and nothing that steers the terminal
        expect_match "$shown" "^. \(alice@$good_host\) Token: " &&
        expect_no_match "$shown" 'my secret|second' &&
        expect_no_match "$(tr -d '\r' <<<"$shown")" $'[^ -~]' || code=1
    rogue_stop
    return "$code"
}

test_a_host_that_is_not_allowed_is_asked_for_on_the_terminal() {
    local shown code=0 ssh_line
    askpass_world && rogue_start && ssh_words $rogue_host || return 1
    rogue_asks 'Token: '
    shown=$(on_tty_with_askpass 'by.my.self' -- PAM_OAUTH_TOKEN_FILE="$(token_file "$(mint)")" "${ssh_line[@]}" true)
    expect_equal "$(<"$askpass_dir/rogue/answers")" by.my.self &&
        expect_match "$shown" "not made for rogue.example alone .*name it in PAM_OAUTH_HOSTS" || code=1
    rogue_stop
    return "$code"
}

# The browser's code comes in a prompt of our own, which is the person's too.
test_the_device_flow_works_through_the_askpass() {
    local shown ssh_line
    askpass_world && ssh_words $good_host && write_config || return 1
    shown=$(on_tty_with_askpass '' '!approve_as alice "$1"' -- "${ssh_line[@]}" id -un)
    expect_match "$shown" "no stored token" && expect_match "$shown" '^. +Open this page in any browser' &&
        expect_decision 'verdict=accepted .*method=device'
}

test_hints_of_ssh_are_honoured() {
    local shown file
    askpass_world && file=$(token_file "$(mint)") || return 1
    ask_hint() { # HINT ANSWER
        on_tty_with_askpass "$2" -- SSH_ASKPASS_PROMPT="$1" PAM_OAUTH_TOKEN_FILE="$file" \
            CLIENT_VERSION=OpenSSH_9.2p1 "$askpass_dir/bin/ssh" "$askpass" "(alice@$good_host) Token: "
    }
    shown=$(ask_hint confirm 'yes') && ! ask_hint confirm 'y' >/dev/null && ! ask_hint confirm '' >/dev/null &&
        expect_match "$shown" 'Token:  \(yes/no\): ' && expect_no_match "$shown" "$(cut -c 1-40 "$file")" &&
        shown=$(ask_hint none 'x') && expect_no_match "$shown" "$(cut -c 1-40 "$file")" || return 1
    expect_equal "$(alone SSH_ASKPASS_PROMPT=none PAM_OAUTH_TOKEN_FILE="$file" CLIENT_VERSION=OpenSSH_9.2p1 \
        "$askpass_dir/bin/ssh" "$askpass" "(alice@$good_host) Token: " 2>&1)" \
        'pam-oauth-askpass: there is no terminal to ask on'
}

# Ctrl-C, and an echo that is as it was.
test_a_signal_leaves_the_echo_on() {
    local shown
    askpass_world || return 1
    # shellcheck disable=SC2016
    shown=$(on_tty $'\003' -- \
        bash -c 'trap : INT; "$0" "Enter it: "; echo "code $?"; stty -a' "$askpass")
    expect_match "$shown" 'code 130' && expect_match "$shown" '(^| )echo( |$)'
}

test_askpass_needs_one_argument() {
    local output
    askpass_world || return 1
    output=$("$askpass" 2>&1)
    expect_equal "$?" 2 && expect_match "$output" 'pam-oauth-askpass\(1\)'
}

# Where passwords are on, sshd hands a module junk in place of what was typed for an account that
# does not exist. It is a wrong token like any other, to the person and in the log.
test_R117_sshd_s_junk_for_an_unknown_user_is_a_wrong_token() {
    local user name code=0 said=()
    askpass_world || return 1
    sshd_stop
    sshd_start 'PasswordAuthentication yes' 'KbdInteractiveAuthentication no' || return 1
    for user in alice nosuchuser; do
        logs_clear
        said+=("$(with_answers "$(mint '' unknown)" -- ssh -F "$SSH_CONFIG" \
            -o PreferredAuthentications=password -l "$user" 127.0.0.1 true 2>&1 | sed "s/$user/USER/")")
        name=$user
        [ "$user" = alice ] || name='"unknown user"'
        expect_decision "verdict=refused reason=(unknown_key|unknown_user) .*account=$name" || code=1
    done
    expect_match "${said[0]}" 'Permission denied' && expect_equal "${said[1]}" "${said[0]}" || code=1
    sshd_stop
    sshd_start || code=1
    return "$code"
}

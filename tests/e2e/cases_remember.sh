# shellcheck shell=bash
# Not asking twice: `remember` behind publickey,keyboard-interactive, and `sign_in_within` for keys
# alone, with real ssh, scp, sftp and rsync, and the records that they stand on (DESIGN section 7).

# ---- keys -------------------------------------------------------------------------------------------

ssh_keys=$SANDBOX_DIR/keys

# Two keys of alice's, of which bob has one too, and one with a certificate.
make_keys() {
    local name
    [ ! -d "$ssh_keys" ] || return 0
    mkdir -m 700 "$ssh_keys"
    for name in one two bob ca signed; do
        ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$ssh_keys/$name"
    done
    certify
    authorise alice "$(cat "$ssh_keys/one.pub" "$ssh_keys/two.pub")" \
        "cert-authority $(cat "$ssh_keys/ca.pub")"
    authorise bob "$(cat "$ssh_keys/bob.pub" "$ssh_keys/one.pub")"
    authorise carol "$(cat "$ssh_keys/one.pub")"
    authorise breakglass "$(cat "$ssh_keys/one.pub")"
}
authorise() { # ACCOUNT LINE...
    local home=$SANDBOX_DIR/home/$1
    install -d -m 700 -o "$1" -g "$1" "$home/.ssh"
    printf '%s\n' "${@:2}" >"$home/.ssh/authorized_keys"
    chown "$1:" "$home/.ssh/authorized_keys"
}
serial=0
certify() {
    serial=$((serial + 1))
    ssh-keygen -q -s "$ssh_keys/ca" -I alice -n alice -z "$serial" "$ssh_keys/signed.pub"
}

# An sshd that wants a key and then us, or what LINE says.
keys_sshd() { # [LINE...]
    make_keys
    sshd_stop
    sshd_start 'PubkeyAuthentication yes' \
        "${@:-AuthenticationMethods publickey,keyboard-interactive}"
}
# One for which a key is enough.
key_or_us_sshd() { keys_sshd 'AuthenticationMethods any'; }

# Sets `ssh` to the words of a client with this key, or with several: one+two.
ssh_words() { # KEY
    local key
    ssh=(ssh -F "$SSH_CONFIG" -o IdentitiesOnly=yes
        -o 'PreferredAuthentications=publickey,keyboard-interactive')
    for key in ${1//+/ }; do
        ssh+=(-i "$ssh_keys/$key")
    done
}
key_ssh() { # KEY USER ANSWER... -- [SSH-OPTIONS] [COMMAND...]
    local before after ssh
    split_words "${@:2}"
    ssh_words "$1"
    with_answers "${before[@]:1}" -- "${ssh[@]}" -l "${before[0]}" 127.0.0.1 "${after[@]}"
}
batch_ssh() { # KEY USER [COMMAND...]
    local ssh
    ssh_words "$1"
    within_deadline "${ssh[@]}" -o BatchMode=yes -l "$2" 127.0.0.1 "${@:3}"
}

prompts_count() { prompts | grep -cF -- '-----8<-----'; }
signs_in() { # KEY USER [TOKEN]: with one prompt
    prompts_clear
    logs_clear
    expect_equal "$(key_ssh "$1" "$2" "${3:-$(mint)}" -- id -un)" "$2" &&
        expect_equal "$(prompts_count)" 1 && expect_decision 'verdict=accepted .*method=token'
}
is_remembered() { # KEY USER
    prompts_clear
    logs_clear
    expect_equal "$(key_ssh "$1" "$2" -- id -un)" "$2" && expect_equal "$(prompts_count)" 0 &&
        expect_decision "verdict=accepted .*account=$2 service=sshd method=remembered "
}
bobs_token() { mint '"sub":"90125"'; }

sessions() { "$SANDBOX_DIR/pam-oauth" --config "$config" sessions "$@"; }
records() { find "$SANDBOX_DIR/run/signins" -name '*.signins'; }

# ---- the same through pamtester, which costs no connection ------------------------------------------

info='publickey ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA=='
# Without an answer nobody is at the prompt.
pam_key() { # [ANSWER]... ; $info is what sshd says
    pam_answer sshd alice "$@" -- -I tty=ssh -E "SSH_AUTH_INFO_0=$info" authenticate
}
pam_is_remembered() {
    logs_clear
    pam_key && expect_decision 'verdict=accepted .*method=remembered'
}
pam_is_asked() {
    logs_clear
    ! pam_key && expect_decision 'verdict=failed reason=conversation'
}

# ---- remember ---------------------------------------------------------------------------------------

test_R126_a_key_and_one_approval_and_then_the_key_alone() {
    write_config 'remember = 1h'
    keys_sshd && signs_in one alice || return 1
    forget
    is_remembered one alice && expect_no_network &&
        expect_logged 'event=sign_in v=1 verdict=accepted provider=corp sub="248289761001" account=alice service=sshd method=remembered rule=accounts.map:2 rhost=127.0.0.1 ms=[0-9]+ ref=[a-z2-7]{8}$' &&
        # the session is ours: setcred and open_session say so
        expect_match "$(key_ssh one alice -- env)" '^PAM_OAUTH_REF=[a-z2-7]{8}$'
}

test_without_remember_every_time() {
    keys_sshd && signs_in one alice && signs_in one alice && expect_equal "$(records)" ''
}

test_another_key_another_account_and_no_key_are_asked() {
    write_config 'remember = 1h'
    keys_sshd && signs_in one alice && signs_in two alice && is_remembered one alice &&
        is_remembered two alice && signs_in one bob "$(bobs_token)" && is_remembered one bob &&
        signs_in bob bob "$(bobs_token)" || return 1
    # an address is not a credential
    key_or_us_sshd
    [ "$(ssh_answer alice "$(mint)" -- id -un)" = alice ] &&
        prompts_clear && ssh_answer alice "$(mint)" -- true && expect_equal "$(prompts_count)" 1
}

test_several_keys_count_together() {
    write_config 'remember = 1h'
    keys_sshd 'AuthenticationMethods publickey,publickey,keyboard-interactive' &&
        signs_in one+two alice && is_remembered one+two alice || return 1
    keys_sshd && signs_in one alice && is_remembered one alice
}

test_a_certificate_is_remembered_and_a_new_one_is_not() {
    write_config 'remember = 1h'
    keys_sshd && signs_in signed alice && is_remembered signed alice && certify &&
        signs_in signed alice && is_remembered signed alice
}

test_twenty_scp_after_one_approval_ask_nothing_more_until_forgotten() {
    local n ssh
    write_config 'remember = 1h'
    keys_sshd && expect_equal "$(key_ssh one alice '' '!approve_as alice "$1" >&2' -- id -un)" alice ||
        return 1
    expect_decision 'method=device' || return 1
    ssh_words one
    prompts_clear
    for n in $(seq 20); do
        echo "$n" >"$SANDBOX_DIR/file$n"
        with_answers -- scp -q -S ssh "${ssh[@]:1}" "$SANDBOX_DIR/file$n" alice@127.0.0.1: || return 1
    done
    expect_equal "$(prompts_count)" 0 && expect_equal "$(cat "$SANDBOX_DIR/home/alice/file20")" 20 &&
        expect_equal "$(logs | grep -c method=remembered)" 20 || return 1
    expect_equal "$(sessions forget alice)" 'forgotten: alice' && signs_in one alice &&
        is_remembered one alice
}

test_rsync_sftp_and_a_control_master_ask_nothing_more() {
    local ssh socket=$SANDBOX_DIR/control
    write_config 'remember = 1h'
    keys_sshd && signs_in one alice || return 1
    ssh_words one
    prompts_clear
    logs_clear
    echo one >"$SANDBOX_DIR/file"
    with_answers -- rsync -e "${ssh[*]}" "$SANDBOX_DIR/file" alice@127.0.0.1:by-rsync &&
        echo "put $SANDBOX_DIR/file by-sftp" |
        with_answers -- sftp -oBatchMode=no -b - "${ssh[@]:1}" alice@127.0.0.1 &&
        expect_equal "$(cat "$SANDBOX_DIR/home/alice/by-rsync" "$SANDBOX_DIR/home/alice/by-sftp")" \
            $'one\none' && expect_equal "$(logs | grep -c method=remembered)" 2 || return 1
    with_answers -- "${ssh[@]}" -M -S "$socket" -f -N alice@127.0.0.1 &&
        expect_equal "$(ssh -F "$SSH_CONFIG" -S "$socket" alice@127.0.0.1 id -un)" alice &&
        ssh -F "$SSH_CONFIG" -S "$socket" -O exit alice@127.0.0.1 &&
        expect_equal "$(logs | grep -c method=remembered)" 3 && expect_equal "$(prompts_count)" 0
}

test_any_change_of_policy_forgets_it() {
    local map=$SANDBOX_DIR/pam_oauth/accounts.map token
    token=$(mint)
    write_config 'remember = 1h'
    keys_sshd && signs_in one alice "$token" && is_remembered one alice || return 1
    echo '# another line' >>"$map"
    signs_in one alice "$token" && is_remembered one alice || return 1
    mkdir "$SANDBOX_DIR/pam_oauth/accounts.d"
    echo 'corp sub=1 -> bob' >"$SANDBOX_DIR/pam_oauth/accounts.d/more.map"
    signs_in one alice "$token" && is_remembered one alice || return 1
    echo '# another line' >>"$config"
    signs_in one alice "$token" && is_remembered one alice || return 1
    mkdir "$SANDBOX_DIR/pam_oauth/conf.d"
    echo '; nothing' >"$SANDBOX_DIR/pam_oauth/conf.d/more.conf"
    signs_in one alice "$token" && is_remembered one alice || return 1
    # a map that others may write is none, and lets nobody in
    chmod g+w "$map"
    logs_clear
    ! key_ssh one alice "$token" -- true && expect_decision 'verdict=failed reason=config' || return 1
    chmod g-w "$map"
    is_remembered one alice && echo '!corp sub=248289761001' >>"$map" && logs_clear &&
        ! key_ssh one alice "$token" -- true && expect_decision 'verdict=refused reason=denied'
}

test_it_ends_when_its_time_is_over_and_use_does_not_make_it_longer() {
    write_config 'remember = 10s'
    keys_sshd && signs_in one alice && sleep 4 && is_remembered one alice && sleep 6.5 &&
        signs_in one alice
}

test_max_auth_age_ends_it() {
    # 30 s come on top, for clocks
    write_config $'remember = 1h\nmax_auth_age = 10s'
    keys_sshd && signs_in one alice "$(mint "\"auth_time\":$(($(date +%s) - 30))")" &&
        is_remembered one alice && sleep 11 && signs_in one alice "$(mint "\"auth_time\":$(date +%s)")"
}

test_an_expired_or_refused_account_stays_out() {
    write_config 'remember = 1h'
    keys_sshd && signs_in one alice && is_remembered one alice || return 1
    chage -E 1 alice
    ! key_ssh one alice '' -- true
    local refused=$?
    chage -E -1 alice
    expect_equal "$refused" 0 && is_remembered one alice || return 1
    # below UID_MIN, and not in system_users
    sed -i 's/^UID_MIN.*/UID_MIN 60002/' /etc/login.defs
    logs_clear
    ! key_ssh one alice "$(mint)" -- true && expect_decision 'reason=account .*method=token'
    refused=$?
    sed -i 's/^UID_MIN.*/UID_MIN 1000/' /etc/login.defs
    expect_equal "$refused" 0 && is_remembered one alice
}

test_only_sshd_as_root_and_only_public_keys_count() {
    local info=$info
    write_config 'remember = 1h'
    pam_key "$(mint)" && pam_is_remembered || return 1
    ! pam_answer sshd alice -- -I tty=pts/1 -E "SSH_AUTH_INFO_0=$info" authenticate &&
        ! pam_answer sshd alice -- -E "SSH_AUTH_INFO_0=$info" authenticate &&
        ! pam_answer sshd alice -- -I tty=ssh authenticate || return 1
    # whoever is not root, whatever he says he is
    chmod 711 "$SANDBOX_DIR/run/signins"
    chmod 644 "$(records)"
    ! as_user alice pamtester -I tty=ssh -E "SSH_AUTH_INFO_0=$info" sshd alice authenticate \
        </dev/null || return 1
    for info in '' 'password' 'hostbased ssh-ed25519 AAAA' 'publickey' 'publickey ssh-ed25519' \
        'publickey ssh-ed25519 ' 'publickey  AAAA' 'publickey ssh-ed25519 AAAA x' \
        $'publickey ssh-ed25519 AAAA\npassword' $'keyboard-interactive/pam\npublickey a b' $'\n' \
        ' publickey ssh-ed25519 AAAA' 'PUBLICKEY ssh-ed25519 AAAA'; do
        if ! { pam_key "$(mint)" && pam_is_asked; }; then
            printf 'with: %s\n' "$info"
            return 1
        fi
    done
}

# ---- the records ------------------------------------------------------------------------------------

test_E61_every_oddity_of_a_record_counts_as_absent() {
    local record good=$SANDBOX_DIR/good change token
    token=$(mint)
    write_config 'remember = 1h'
    pam_key "$token" && pam_is_remembered && record=$(records) || return 1
    expect_equal "$(stat -c '%a %U %h' "$record") $(stat -c '%a %U' "$SANDBOX_DIR/run/signins")" \
        '600 root 1 700 root' && cp "$record" "$good" || return 1
    while read -r change; do
        rm -rf "$record" "$record.link"
        cp "$good" "$record"
        chmod 600 "$record"
        pam_is_remembered || return 1
        R=$record G=$good bash -c "$change"
        if ! pam_is_asked; then
            printf 'after: %s\n' "$change"
            return 1
        fi
        # and the sign-in that follows is written down, whatever stood there
        rm -rf "$record"
    done <<'END'
chmod 640 "$R"
chmod 604 "$R"
chmod 4600 "$R"
chown alice "$R"
ln "$R" "$R.link"
rm "$R"; ln -s "$G" "$R"
rm "$R"; mkfifo -m 600 "$R"
rm "$R"; mkdir -m 600 "$R"
: >"$R"
truncate -s -1 "$R"
truncate -s -4 "$R"
head -n 5 "$G" >"$R"
head -c 300000 /dev/zero >>"$R"
echo >>"$R"
echo end >>"$R"
sed -i '$d' "$R"
sed -i '1s/1/2/' "$R"
sed -i 's/^account alice/account bob/' "$R"
sed -i 's/^boot ./boot /' "$R"
sed -i 's/^boot .*/boot 00000000-0000-4000-8000-000000000000/' "$R"
sed -i 's/^last [0-9]*/last 99999999999/' "$R"
sed -i 's/^last .*/last 1/' "$R"
sed -i 's/^last .*/last -1 1/' "$R"
sed -i '/^last/d' "$R"
sed -i 's/^remembered 1/remembered 0/' "$R"
sed -i 's/^remembered 1/remembered 2/' "$R"
sed -i 's/^remembered 1/remembered 01/' "$R"
sed -i 's/^remembered 1/remembered 65/' "$R"
sed -i 's/^key ./key g/' "$R"
sed -i 's/^key ../key /' "$R"
sed -i 's/^key .\{64\}/key 0000000000000000000000000000000000000000000000000000000000000000/' "$R"
sed -i 's/^policy .\{64\}/policy 0000000000000000000000000000000000000000000000000000000000000000/' "$R"
sed -i 's/^at [0-9]*/at 99999999999/' "$R"
sed -i 's/^at [0-9]* [0-9]*/at 1 1/' "$R"
sed -i 's/^auth_time .*/auth_time x/' "$R"
sed -i 's/^service sshd/service sudo/' "$R"
sed -i 's/^service sshd/service/' "$R"
sed -i 's/^provider corp/provider other/' "$R"
sed -i 's/^sub .*/sub /' "$R"
sed -i 's/^sub /sub \x1b/' "$R"
sed -i 's/$/\r/' "$R"
sed -i 's/^sub /sub\t/' "$R"
sed -n 'p;/^key/,/^sub/p' "$G" >"$R"
END
    pam_key "$token" && pam_is_remembered
}

test_a_record_is_its_own_accounts_alone() {
    write_config 'remember = 1h'
    pam_key "$(mint)" && pam_is_remembered || return 1
    local alices bobs
    alices=$(records)
    bobs=$SANDBOX_DIR/run/signins/$(printf bob | sha256sum | cut -d ' ' -f 1).signins
    expect_equal "$(basename "$alices" .signins)" "$(printf alice | sha256sum | cut -d ' ' -f 1)" || return 1
    cp -p "$alices" "$bobs"
    ! pam_answer sshd bob -- -I tty=ssh -E "SSH_AUTH_INFO_0=$info" authenticate || return 1
    sed -i 's/^account alice/account bob/' "$bobs"
    mv "$bobs" "$alices"
    pam_is_asked
}

test_R76_a_place_that_cannot_be_used_asks_and_refuses_nobody() {
    local token place=$SANDBOX_DIR/run/signins
    token=$(mint)
    write_config 'remember = 1h'
    chmod 777 "$SANDBOX_DIR/run"
    pam_key "$token" && expect_logged 'event=sign_in_not_stored v=1 account=alice detail="[^"]*writable' &&
        pam_is_asked && chmod 711 "$SANDBOX_DIR/run" || return 1
    ln -s /etc "$place"
    pam_key "$token" && pam_is_asked && rm "$place" && : >"$place" || return 1
    pam_key "$token" && pam_is_asked && rm "$place" && mkdir -m 770 "$place" || return 1
    pam_key "$token" && pam_is_asked && chmod 700 "$place" || return 1
    pam_key "$token" && pam_is_remembered
}

test_sign_ins_at_once_are_all_remembered() {
    local n pids=() token
    token=$(mint)
    write_config 'remember = 1h'
    keys_sshd || return 1
    key_ssh one alice "$token" -- true &
    pids+=($!)
    key_ssh two alice "$token" -- true &
    pids+=($!)
    for n in $(seq 6); do
        info="publickey ssh-ed25519 $n" pam_key "$token" &
        pids+=($!)
    done
    wait "${pids[@]}"
    is_remembered one alice && is_remembered two alice || return 1
    for n in $(seq 6); do
        info="publickey ssh-ed25519 $n" pam_is_remembered || return 1
    done
    expect_equal "$(find "$SANDBOX_DIR/run/signins" -type f | wc -l)" 1
}

test_E53_a_killed_or_stopped_writer_keeps_nobody_from_signing_in() {
    local token new pid
    token=$(mint)
    write_config 'remember = 1h'
    pam_key "$token" && new=$(records).new || return 1
    # what a killed one leaves
    echo half >"$new"
    info='publickey ssh-ed25519 next' pam_key "$token" && info='publickey ssh-ed25519 next' pam_is_remembered &&
        [ ! -e "$new" ] || return 1
    # one that is stopped has the lock for good: not written down, within a second, and forgotten all
    # the same
    flock --no-fork -x "$new" sleep 60 &
    pid=$!
    until ! flock -n "$new" true; do sleep 0.1; done
    local began=$SECONDS
    info='publickey ssh-ed25519 other' pam_key "$token" && expect_within "$began" 10 &&
        expect_logged 'event=sign_in_not_stored .*another process is writing' && pam_is_remembered &&
        expect_equal "$(sessions forget alice)" 'forgotten: alice' && pam_is_asked
    local code=$?
    kill "$pid"
    wait "$pid"
    return "$code"
}

# ---- pam-oauth sessions -----------------------------------------------------------------------------

test_sessions_list_and_forget() {
    write_config $'remember = 1h\nsign_in_within = 2h'
    expect_equal "$(sessions)" 'ACCOUNT  SIGNED IN  SERVICE  PROVIDER  SUBJECT  KEY  REMEMBERED' &&
        pam_key "$(mint)" && pam_answer tokens bob "$(bobs_token)" || return 1
    expect_match "$(sessions)" '^alice +[0-9]+s ago +sshd +corp +248289761001 +[0-9a-f]{12} +for (59|60)m$' &&
        expect_match "$(sessions list)" '^bob +[0-9]+s ago +- +- +- +- +-$' &&
        expect_equal "$(sessions list --json | wc -l)" 2 || return 1
    expect_match "$(sessions --json | head -n 1)" '^\{"account":"alice","signed_in":[0-9]+,"age":[0-9]+,"remembered":\[\{"service":"sshd","provider":"corp","sub":"248289761001","rule":"accounts.map:2","key":"[0-9a-f]{64}","state":"remembered","signed_in":[0-9]+,"age":[0-9]+,"left":3[0-9]+\}\]\}$' || return 1
    echo '# changed' >>"$SANDBOX_DIR/pam_oauth/accounts.map"
    expect_match "$(sessions)" 'no, the policy changed$' && write_config 'remember = 1s' && sleep 1 &&
        expect_match "$(sessions)" 'no, it is over$' && write_config '' &&
        expect_match "$(sessions --json)" '"state":"off".*"left":null' || return 1
    expect_equal "$(sessions forget alice)" 'forgotten: alice' &&
        expect_equal "$(sessions forget alice)" 'nothing was known of: alice' &&
        expect_equal "$(sessions --json | grep -c alice)" 0
}

test_sessions_are_roots_business() {
    local output
    write_config 'remember = 1h'
    pam_key "$(mint)" || return 1
    for action in list 'forget alice'; do
        # shellcheck disable=SC2086 # two words
        output=$(as_user alice "$SANDBOX_DIR/pam-oauth" --config "$config" sessions $action 2>&1)
        expect_equal "$?" 2 && expect_match "$output" 'store: .*Permission denied' || return 1
    done
    pam_is_remembered
}

# ---- sign_in_within ---------------------------------------------------------------------------------

test_E74_a_key_counts_only_while_its_account_signs_in() {
    local output
    write_config 'sign_in_within = 1h'
    key_or_us_sshd || return 1
    output=$(batch_ssh one alice id -un 2>&1) && return 1
    expect_match "$output" 'Nobody has signed in to this account here for too long. Sign in once with a token or a browser: ssh -o PreferredAuthentications=keyboard-interactive alice@[^ ]+. If you need help, give this reference: [a-z2-7]{8}' &&
        expect_logged 'event=account v=1 verdict=refused reason=requirement account=alice service=sshd rhost=127.0.0.1 ms=[0-9]+ ref=[a-z2-7]{8} detail="[^"]*sign_in_within' || return 1
    # the reference that was shown finds it
    expect_match "$(logs | "$SANDBOX_DIR/pam-oauth" why --log - \
        "$(grep -oE 'reference: [a-z2-7]{8}' <<<"$output" | cut -d ' ' -f 2)")" \
        'remedy +sign in to the account once' || return 1
    expect_equal "$(ssh_answer alice "$(mint)" -- id -un)" alice && logs_clear &&
        expect_equal "$(batch_ssh one alice id -un)" alice &&
        expect_equal "$(batch_ssh two alice id -un)" alice &&
        expect_logged 'event=account v=1 verdict=accepted account=alice service=sshd' &&
        # another account, and after it is forgotten
        ! batch_ssh bob bob true && sessions forget alice && ! batch_ssh one alice true
}

test_a_shared_account_stays_open_while_anyone_signs_in() {
    write_config 'sign_in_within = 1h'
    echo 'corp sub=90125 -> alice' >>"$SANDBOX_DIR/pam_oauth/accounts.map"
    key_or_us_sshd && ! batch_ssh one alice true && ssh_answer alice "$(bobs_token)" -- true &&
        batch_ssh one alice true
}

test_sign_in_within_ends_and_a_remembered_sign_in_is_none() {
    write_config $'sign_in_within = 8s\nremember = 8s'
    pam_key "$(mint)" && pam_answer sshd alice -- -I tty=ssh acct_mgmt && sleep 3 &&
        pam_is_remembered && sleep 5.5 && ! pam_answer sshd alice -- -I tty=ssh acct_mgmt
}

test_R4_who_just_signed_in_needs_no_record() {
    write_config 'sign_in_within = 1h'
    chmod 777 "$SANDBOX_DIR/run"
    pam_answer sshd alice "$(mint)" -- -I tty=ssh authenticate acct_mgmt &&
        ! pam_answer sshd alice -- -I tty=ssh acct_mgmt &&
        expect_logged 'event=account v=1 verdict=failed reason=store account=alice' &&
        chmod 711 "$SANDBOX_DIR/run" && ! pam_answer sshd alice -- -I tty=ssh acct_mgmt
}

account_answer() { # SERVICE USER: what pamtester says of the module alone
    pam_stack "$1" "account required $module config=$config"
    pam_answer "$1" "$2" -- acct_mgmt 2>&1
}
test_R4_R7_the_codes_of_the_account_phase() {
    write_config 'sign_in_within = 1h'
    # PAM_IGNORE alone is libpam's 'permission denied', so a line that succeeds stands behind
    pam_stack sshd "account required $module config=$config" 'account required pam_permit.so'
    pam_stack nosection "account required $module config=$config" 'account required pam_permit.so'
    pam_answer sshd breakglass -- acct_mgmt && pam_answer sshd carol -- acct_mgmt &&
        pam_answer nosection alice -- acct_mgmt && expect_equal "$(logs | grep -c event=)" 0 || return 1
    expect_match "$(account_answer sshd alice)" 'Permission denied' &&
        expect_match "$(account_answer sshd nosuchuser)" 'Permission denied' &&
        expect_logged 'verdict=refused reason=unknown_user account="unknown user"' &&
        pam_answer tokens alice "$(mint)" -- authenticate &&
        expect_match "$(account_answer sshd alice)" 'account management done' || return 1
    echo 'no configuration at all' >"$config"
    expect_match "$(account_answer sshd alice)" 'cannot retrieve authentication info' &&
        expect_logged 'event=account v=1 verdict=failed reason=config'
}

test_break_glass_needs_neither_a_sign_in_nor_a_configuration() {
    write_config 'sign_in_within = 1h'
    key_or_us_sshd && batch_ssh one breakglass true && batch_ssh one carol true || return 1
    echo 'no configuration at all' >"$config"
    batch_ssh one breakglass true && ! batch_ssh one carol true
}

test_E72_sudo_without_a_password_is_told_nothing_and_waits_for_nothing() {
    local output
    cp -p /etc/sudoers "$SANDBOX_DIR/sudoers"
    echo 'alice ALL=(ALL) NOPASSWD: ALL' >>/etc/sudoers
    write_config 'sign_in_within = 1h'
    output=$(as_user alice sudo -n true 2>&1)
    local code=$?
    pam_answer tokens alice "$(mint)" -- authenticate && as_user alice sudo -n true &&
        [ "$code" -ne 0 ] && expect_no_match "$output" 'Nobody has signed in'
    code=$?
    cp -p "$SANDBOX_DIR/sudoers" /etc/sudoers
    return "$code"
}

# ---- configuration ----------------------------------------------------------------------------------

test_combinations_that_cannot_work_are_refused_at_load() {
    write_config $'remember = 2h\nsign_in_within = 1h'
    local output line
    line=$(grep -n '^remember' "$config" | cut -d : -f 1)
    output=$("$SANDBOX_DIR/pam-oauth" check --config "$config") && return 1
    expect_match "$output" "pam_oauth.conf:$line: error: 'remember' is longer than 'sign_in_within'.*make it 3600 seconds or less" &&
        ! pam_key "$(mint)" && expect_decision 'verdict=failed reason=config' || return 1
    ! pam_answer sshd alice -- acct_mgmt
}

test_the_shipped_sshd_configuration_is_one() {
    local file=$SANDBOX_DIR/example
    { echo "HostKey $SANDBOX_DIR/ssh_host_key" && cat "$top/conf/sshd_config.d/pam_oauth.conf"; } >"$file"
    said() { "${SSHD:-/usr/sbin/sshd}" -T -f "$file" -C "user=$1,host=h,addr=127.0.0.1"; }
    expect_match "$(said alice)" '^authenticationmethods publickey,keyboard-interactive$' &&
        expect_match "$(said breakglass)" '^authenticationmethods keyboard-interactive$' &&
        expect_match "$(said alice)" '^kbdinteractiveauthentication yes$'
}

# The sshd of the other tests, for those that come after these.
test_zz_the_plain_sshd_is_back() {
    sshd_stop
    sshd_start
}

# shellcheck shell=bash disable=SC2154,SC2317
# Whose sign-in it is: the account that the host program names, and the subject of the token. Nothing
# else that anybody says counts.

# A directory may know more names than are accounts here, and a token is no account.
test_R15_a_good_token_makes_no_account() {
    echo 'corp  sub=248289761001  -> nosuchuser' >>"$SANDBOX_DIR/pam_oauth/accounts.map"
    local before
    before=$(cat /etc/passwd /etc/group /etc/shadow)
    ! pam_answer tokens nosuchuser "$(mint)" -- authenticate &&
        expect_decision 'verdict=refused reason=unknown_user ' &&
        expect_equal "$(cat /etc/passwd /etc/group /etc/shadow)" "$before"
}

test_R24_what_a_token_says_of_uids_groups_and_homes_is_nothing() {
    local alice
    alice=$(id alice)
    expect_equal "$(ssh_answer alice "$(mint '"uid":0,"gid":0,"uid_number":"0","gecos":"x","home":"/","homeDirectory":"/",
        "shell":"/bin/false","loginShell":"/bin/false","groups":["root","sudo"],"roles":["wheel"]')" -- \
        'id; printf "%s " "$HOME" "$SHELL"')" "$alice
$(getent passwd alice | cut -d : -f 6,7 | tr : ' ') "
}

# What a userinfo endpoint says is not signed: nobody asks it.
test_R20_the_userinfo_endpoint_is_never_asked() {
    ssh_answer alice '' '!approve_as alice "$1" >&2' -- id -un && expect_no_match "$(requests)" ' /me' &&
        expect_match "$(requests)" ' /token'
}

# sudo passes 511 bytes at a time.
sudo_with() { # TOKEN [SUDO-OPTION...] COMMAND...
    local parts
    mapfile -t parts < <(fold -w 490 <<<"$1" | sed '$!s/$/+/')
    sudo_answer alice "${parts[@]}" -- "${@:2}"
}

# sudo -u bob asks alice who she is; with targetpw, it asks for bob; and root's name is no token's.
test_R27_sudo_asks_who_the_invoker_is() {
    expect_equal "$(sudo_with "$(mint)" -u bob id -un)" bob &&
        expect_decision 'verdict=accepted .*account=alice service=sudo' &&
        logs_clear && ! sudo_with "$(mint '"sub":"90125"')" -u bob id -un &&
        expect_decision 'verdict=refused reason=account .*account=alice service=sudo'
}

test_R27_sudo_with_targetpw_asks_for_the_target() {
    local code
    printf 'Defaults targetpw\n' >>/etc/sudoers
    ! sudo_with "$(mint)" -u bob id -un &&
        expect_decision 'verdict=refused reason=account .*account=bob service=sudo' && logs_clear &&
        expect_equal "$(sudo_with "$(mint '"sub":"90125"')" -u bob id -un)" bob &&
        expect_decision 'verdict=accepted .*account=bob service=sudo'
    code=$?
    sed -i '/targetpw/d' /etc/sudoers
    return "$code"
}

test_R27_nobody_else_is_believed_about_who_asks() {
    ! pam_answer tokens alice "$(mint '"sub":"90125"')" -- -I ruser=bob -E SUDO_USER=bob -E PAM_USER=bob authenticate &&
        expect_decision 'verdict=refused reason=account .*account=alice'
}

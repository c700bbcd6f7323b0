# shellcheck shell=bash disable=SC2016,SC2154
# R125: the stacks of conf/pam.d as they are shipped, each behind its real program: sshd, sudo, su and
# login; lightdm and xsecurelock, which cases_desktop.sh starts, and gdm-password, whose GDM cannot run
# here, by pamtester. With pam_unix for the least of Debian's common-*.

shipped=(sshd sudo sudo-i su login lightdm gdm-password xsecurelock)

# All of them, for a configuration that knows them. alice has a password too, which is never asked for.
shipped_world() { # [LINES-OF-[service *]]
    local service name
    write_config "${1:-}"
    printf '[service %s]\nproviders = corp\nmethods = token\nlocal_users = breakglass\n' 'login lightdm gdm-password xsecurelock' >>"$config"
    for service in "${shipped[@]}"; do
        shipped_stack "$service"
    done
    echo 'breakglass ALL=(ALL:ALL) ALL' >>/etc/sudoers
    for name in alice breakglass; do
        printf 'echo "this is %s"; exit\n' "$name" >"$SANDBOX_DIR/home/$name/.profile"
    done
    alices_shadow 2 "$(sed -n 's/^breakglass:\([^:]*\):.*/\1/p' /etc/shadow)"
    warm_keys
}
alices_shadow() { # FIELD VALUE
    awk -v field="$1" -v value="$2" 'BEGIN { FS = OFS = ":" } $1 == "alice" { $field = value } { print }' /etc/shadow \
        >"$SANDBOX_DIR/shadow" && cat "$SANDBOX_DIR/shadow" >/etc/shadow
}
shipped_end() {
    sed -i '/^breakglass/d' /etc/sudoers
    alices_shadow 2 '*'
    alices_shadow 8 ''
    rm -f /etc/nologin
    install -m 644 "$BUILD/pam_oauth.so" "$module"
}
# Is USER let in at the door of SERVICE? A token in parts that pass all doors; then what is said next.
door() { # SERVICE USER ANSWER [ANSWER]
    local parts
    mapfile -t parts < <(fold -w 490 <<<"$3" | sed '$!s/$/+/')
    prompts_clear
    : >"$SANDBOX_DIR/tty"
    case $1 in
    sshd) [ "$(ssh_answer "$2" "${parts[@]}" "${@:4}" -- id -un)" = "$2" ] ;;
    sudo) [ "$(sudo_answer "$2" "${parts[@]}" "${@:4}" -- id -un)" = root ] ;;
    sudo-i) [ "$(sudo_answer "$2" "${parts[@]}" "${@:4}" -- -i id -un)" = root ] ;;
    su) su_tty bob "$2" "${parts[@]}" "${@:4}" -- 'echo "this is $(id -un)"' && shown | grep -q "^this is $2\$" ;;
    login)
        # it would ask for another name, and not for what is said next
        login_tty "$2" "${parts[@]}" '@Login incorrect!leave_login'
        shown | grep -q "^this is $2\$"
        ;;
    *) pam_answer "$1" "$2" "${parts[@]}" "${@:4}" -- authenticate acct_mgmt ;;
    esac
}
# At each door in turn.
at_each_door() { # FUNCTION
    local service
    for service in "${shipped[@]}"; do
        logs_clear
        "$1" "$service" || { echo "at the door of $service"; return 1; }
    done
}
shipped_test() { # FUNCTION [LINES-OF-[service *]]
    local code
    shipped_world "${2:-}" && at_each_door "$1"
    code=$?
    shipped_end
    return "$code"
}

a_token_opens() {
    door "$1" alice "$(mint)" && expect_decision "verdict=accepted .*account=alice service=$1"
}
test_R125_each_shipped_stack_lets_in_whom_a_rule_admits() { shipped_test a_token_opens; }

# No password is asked for behind a refusal, though alice has one.
a_refusal_is_final() {
    ! door "$1" alice "$(mint '"sub":"90125"')" 'open sesame' && expect_decision 'verdict=refused reason=account' &&
        expect_no_match "$(prompts; shown)" '[Pp]assword'
}
test_R125_a_refusal_ends_the_login_in_each_shipped_stack() { shipped_test a_refusal_is_final; }

# An account that has expired, and a host that is closed, are for others to say.
others_still_deny() {
    local code=0
    [ "$1" = xsecurelock ] || { # has no account module but ours
        alices_shadow 8 1
        ! door "$1" alice "$(mint)" && expect_decision 'verdict=accepted' || code=1
        alices_shadow 8 ''
    }
    case $1 in sshd | login | lightdm | gdm-password)
        touch /etc/nologin
        ! door "$1" alice "$(mint)" || code=1
        rm /etc/nologin
        ;;
    esac
    return "$code"
}
test_R4_R125_modules_behind_ours_still_deny_in_each_shipped_stack() { shipped_test others_still_deny; }

# As a public key comes: nobody has signed in. Modules behind ours would let it pass.
the_account_phase_denies() {
    rm -rf "$SANDBOX_DIR"/run/*
    ! pam_answer "$1" alice -- acct_mgmt && expect_logged "event=account .*verdict=refused .*service=$1" &&
        pam_answer "$1" breakglass -- acct_mgmt && door "$1" alice "$(mint)"
}
test_R4_R125_E74_a_denial_of_the_account_phase_is_final_in_each_shipped_stack() {
    shipped_test the_account_phase_denies 'sign_in_within = 12h'
}

# The provider is away, and then the configuration is nonsense, too.
break_glass_opens() { door "$1" breakglass 'open sesame' && expect_no_match "$(logs)" 'event='; }
nothing_else_does() {
    ! door "$1" breakglass wrong && ! door "$1" alice "$(cat "$SANDBOX_DIR/token")" 'open sesame'
}
test_R124_R125_E73_each_shipped_stack_has_its_break_glass() {
    local code
    shipped_world && mint >"$SANDBOX_DIR/token" && ctl stop "$provider_dir" || return 1
    rm -f "$SANDBOX_DIR"/cache/*
    at_each_door break_glass_opens && echo nonsense >>"$config" && at_each_door break_glass_opens &&
        at_each_door nothing_else_does
    code=$?
    shipped_end
    return "$code"
}

# Nobody gets in by a module that is not there, and those who do not need it are not hindered.
without_the_module() {
    door "$1" breakglass 'open sesame' && ! door "$1" alice "$(mint)" 'open sesame' &&
        pam_answer "$1" alice -- acct_mgmt
}
test_R125_each_shipped_stack_survives_the_removal_of_the_module() {
    local code
    shipped_world && rm "$module" && at_each_door without_the_module
    code=$?
    shipped_end
    return "$code"
}

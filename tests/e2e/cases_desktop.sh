# shellcheck shell=bash disable=SC2016,SC2154
# A workstation: LightDM with its GTK greeter, with the stack that is shipped for it, on an X server
# without a screen (Xvfb); somebody with a keyboard (xdotool) and eyes (tesseract reads a picture of
# the screen). In memory of its own: what LightDM keeps below /var is not the machine's.

desk=$SANDBOX_DIR/desk
pictures=$top/$BUILD/desktop
# Eyes are slow on a busy machine.
desk_patience() { sed -i 's/^device_timeout = 30s/device_timeout = 150s/' "$config"; }

# Once. Where LightDM is not installed it was unpacked (tests/tools/deps).
desk_make() {
    local place
    [ ! -e "$desk/made" ] || return 0
    if [ -d "$top/build/deps/desktop/usr" ]; then
        mount -t overlay -o "lowerdir=$top/build/deps/desktop/usr:/usr" desktop /usr || return
        cp -r "$top/build/deps/desktop/etc/dbus-1" "$top/build/deps/desktop/etc/lightdm" /etc || return
    fi
    getent passwd lightdm >/dev/null || desk_account lightdm 902
    getent passwd messagebus >/dev/null || desk_account messagebus 903
    mkdir -p "$desk/sessions" "$pictures" /run/dbus /var/log/lightdm
    for place in /var/lib /var/cache; do
        mkdir -p "$desk/upper$place" "$desk/work$place"
        mount -t overlay -o "lowerdir=$place,upperdir=$desk/upper$place,workdir=$desk/work$place" \
            desktop "$place" || return
    done
    install -d -o lightdm -g lightdm /var/lib/lightdm /var/cache/lightdm
    install -d -m 755 /var/lib/lightdm-data
    dbus-daemon --system --nofork --nopidfile >"$desk/dbus.log" 2>&1 &
    desk_files
    touch "$desk/made"
}
desk_account() { # NAME ID
    printf '%s:x:%d:%d::/var/lib/%s:/usr/sbin/nologin\n' "$1" "$2" "$2" "$1" >>/etc/passwd
    printf '%s:x:%d:\n' "$1" "$2" >>/etc/group
}
desk_files() {
    display=$((100 + RANDOM % 20000))
    # Of the words that LightDM has for an X server Xvfb knows the first and the one behind -auth. Keys
    # do not repeat (-r): on a busy machine they are held for long.
    cat >"$desk/xserver" <<-'END'
		#!/bin/sh
		display=$1
		while [ "$1" != -auth ]; do shift; done
		exec Xvfb "$display" -auth "$2" -screen 0 1024x768x24 -nolisten tcp -r
	END
    cat >"$desk/session" <<-END
		#!/bin/sh
		id -un >"$desk/here/\$(id -un)"
		exec sleep 30
	END
    chmod 755 "$desk" "$desk/xserver" "$desk/session"
    # as Debian's is called, which the greeter asks for
    printf '[Desktop Entry]\nName=test\nExec=%s\nType=Application\n' "$desk/session" \
        >"$desk/sessions/lightdm-xsession.desktop"
    cat >"$desk/lightdm.conf" <<-END
		[LightDM]
		minimum-display-number=$display
		sessions-directory=$desk/sessions
		logind-check-graphical=false
		[Seat:*]
		xserver-command=$desk/xserver
		greeter-session=lightdm-gtk-greeter
		greeter-hide-users=true
		session-wrapper=/usr/bin/env
	END
    XAUTHORITY=/run/lightdm/$(id -un)/:$display
    export DISPLAY=:$display XAUTHORITY
}

# LightDM waits for a name.
desk_start() {
    desk_make || return
    shipped_stack lightdm
    desk_patience
    pam_stack lightdm-greeter 'auth required pam_permit.so' 'account required pam_permit.so' \
        'session required pam_permit.so'
    printf '[service lightdm]\nproviders = corp\nmethods = token device\nlocal_users = breakglass\n' >>"$config"
    ctl inject "$provider_dir" '{"device":{"interval":1}}'
    rm -rf "$desk/here" && install -d -m 1777 "$desk/here"
    env -u DISPLAY -u XAUTHORITY lightdm -c "$desk/lightdm.conf" -d >"$desk/lightdm.log" 2>&1 &
    desk_pid=$!
    desk_asks 1 && desk_shows start 'Log In'
}
desk_stop() {
    kill "$desk_pid" 2>/dev/null
    wait "$desk_pid"
}
# LightDM has said so, so many times.
desk_says() { # TEXT TIMES
    local n
    for ((n = 0; n < 600 * ${PATIENCE:-1}; n++)); do
        [ "$(grep -cF "$1" "$desk/lightdm.log")" -ge "$2" ] && return
        sleep 0.1
    done
    tail -n 20 "$desk/lightdm.log"
    return 1
}
# The greeter has been told to ask, so many times in all, and has done so: what is typed now is an answer.
desk_asks() { desk_says 'Prompt greeter with 1 message' "$1" && desk_rests lightdm-gtk-gre; } # TIMES
# They are there and wait for somebody, three times that they are looked at: they have nothing left to read
# or to draw.
desk_rests() { # PROGRAM...
    local n rests=0 program
    for ((n = 0; n < 300 && rests < 3; n++)); do
        sleep 0.1
        rests=$((rests + 1))
        for program in "$@"; do
            grep -qs '^State:.S' "/proc/$(pgrep -nx "$program")/status" || rests=0
        done
    done
}
# A sign-in has been decided.
desk_decides() {
    local n
    for ((n = 0; n < 300 * ${PATIENCE:-1}; n++)); do
        logs | grep -q event=sign_in && return
        sleep 0.1
    done
    echo 'nothing was decided'
    return 1
}
# A name and Enter, and the field for the first answer is there.
desk_name() { # NAME
    xdotool type "$1" && xdotool key Return && desk_asks 2
}

# What stands in the box in the middle of the screen, read at a size.
picture() { import -window root "$pictures/$1.png"; }
read_picture() { # NAME PER-CENT [FORMAT]
    convert "$pictures/$1.png" -gravity center -crop 1016x460+0+0 +repage -colorspace gray \
        -resize "$2%" "$desk/read.png" &&
        OMP_THREAD_LIMIT=1 tesseract "$desk/read.png" - --psm 6 ${3-} 2>/dev/null
}
desk_shows() { # NAME REGEX
    local n
    for ((n = 0; n < 12; n++)); do
        picture "$1"
        box=$(read_picture "$1" 300)
        grep -qE "$2" <<<"$box" && return
    done
    printf 'the screen (%s) shows no %s:\n%s\n' "$pictures/$1.png" "$2" "$box"
    return 1
}
# Clicks on a word.
desk_click() { # NAME WORD
    local left up n
    for ((n = 0; n < 12; n++)); do
        picture "$1"
        read -r left up < <(read_picture "$1" 300 tsv | awk -v word="$2" -F '\t' \
            '$12 == word { print int(4 + ($7 + $9 / 2) / 3), int(154 + ($8 + $10 / 2) / 3) }') && break
    done
    xdotool mousemove "$left" "$up" click 1
}
# Eyes make mistakes, others at another size; the provider knows its codes.
desk_approve() { # NAME USER [deny]
    local size code
    for size in 300 400 250 500 200; do
        code=$(read_picture "$1" "$size" | sed -n 's/.*enter this code: *\([^ ]*\).*/\1/p' | tr '}]|)0' 'JJIJO')
        [[ $code =~ ^[A-Z]{4}-[A-Z]{4}$ ]] || continue
        if [ "${3-}" = deny ]; then
            ctl deny "$provider_dir" "$issuer/device" "$code" "$2" && return
        else
            ctl approve "$provider_dir" "$issuer/device" "$code" "$2" && return
        fi
    done
    return 1
}
desk_session_of() { # USER
    local n
    for ((n = 0; n < 100 * ${PATIENCE:-1}; n++)); do
        [ -s "$desk/here/$1" ] && { expect_equal "$(cat "$desk/here/$1")" "$1"; return; }
        sleep 0.1
    done
    echo 'no session was begun'
    return 1
}
no_session() { expect_equal "$(ls "$desk/here")" ''; }
# A test, and LightDM is gone afterwards whatever it says.
at_desk() { # FUNCTION
    local code
    desk_start && "$1"
    code=$?
    desk_stop
    [ "$code" -eq 0 ] || tail -n 80 "$desk/lightdm.log" /var/log/lightdm/seat0-greeter.log
    return "$code"
}

device_flow_read_off_the_screen() {
    desk_name alice && xdotool key Return && desk_shows greeter 'enter this code' || return 1
    # host and account, page, code, warning: whole, each in one line
    expect_match "$box" "^ *Sign in to $(uname -n) as alice .lightdm." &&
        expect_match "$box" "^ *Open this page in any browser: *$issuer/device\$" &&
        expect_match "$box" '^ *Approve only if you started this sign-in yourself' &&
        desk_approve greeter alice && desk_session_of alice &&
        expect_decision 'verdict=accepted .*account=alice service=lightdm method=device'
}
test_R82_lightdm_signs_in_with_what_can_be_read_in_its_box() { at_desk device_flow_read_off_the_screen; }

# The greeter shows the last message alone: what is told of the time left says all of it again.
nobody_hurries() {
    desk_name alice && xdotool key Return && desk_shows slow 'enter this code' &&
        desk_says 'Prompt greeter with 1 message' 4 && desk_shows slow 'Waiting for approval, [0-9]+ s left' || return 1
    expect_match "$box" "^ *Open this page in any browser: *$issuer/device\$" &&
        expect_match "$box" '^ *Approve only if you started this sign-in yourself' &&
        desk_approve slow alice && desk_session_of alice
}
test_R82_lightdm_shows_page_and_code_as_long_as_they_can_be_used() { at_desk nobody_hurries; }

# The library of its greeters writes no answer of more than 1007 bytes; such a one never arrives.
desk_answer() { # TEXT
    xdotool key ctrl+a && printf %s "$1" | xdotool type --delay 2 --file - && xdotool key Return
}
token_in_parts() {
    local part pad times=2
    printf -v pad '%*s' 900 ''
    desk_name alice || return 1
    for part in $(mint "\"pad\":\"${pad// /x}\"" EdDSA | fold -w 1006 | sed '$!s/$/+/'); do
        desk_asks "$times" && desk_answer "$part" || return 1
        times=$((times + 1))
    done
    desk_session_of alice && expect_decision 'verdict=accepted .*account=alice service=lightdm method=token'
}
test_R116_lightdm_passes_a_token_in_parts_of_1007_bytes() { at_desk token_in_parts; }

longest_answer() {
    local answer
    printf -v answer '%*s' 1007 ''
    desk_name alice && desk_answer "${answer// /a}" && desk_decides &&
        expect_decision 'verdict=refused reason=malformed .*service=lightdm method=token' &&
        desk_asks 4 && logs_clear &&
        desk_answer "${answer// /a}a" && sleep 1.5 && expect_no_match "$(logs)" event=sign_in && no_session
}
test_R115_lightdm_passes_no_longer_answer() { at_desk longest_answer; }

another_approves() {
    desk_name alice && xdotool key Return && desk_shows wrong 'enter this code' &&
        desk_approve wrong bob && desk_shows wrong-after 'Whoever approved this may not use this account' &&
        no_session && expect_decision 'verdict=refused reason=account .*sub="90125" account=alice service=lightdm'
}
test_E51_lightdm_says_that_another_identity_approved() { at_desk another_approves; }

cancelled() {
    local n
    desk_name alice && xdotool key Return && desk_shows cancel 'enter this code' || return 1
    desk_click cancel Cancel
    expect_equal "$(how_long_it_lives)" gone && no_session &&
        sleep 1 && forget && sleep 2 && expect_no_network
}
test_E53_lightdm_ends_the_fetcher_when_its_user_cancels() { at_desk cancelled; }

without_provider() {
    ctl stop "$provider_dir"
    rm -f "$SANDBOX_DIR"/cache/*
    desk_name alice && xdotool key Return && desk_shows away 'Signing in is not possible right now' &&
        expect_decision 'verdict=failed reason=keys_unavailable .*service=lightdm' || return 1
    # the greeter asks for a password again; another name is one click away
    desk_asks 4 && desk_click away Cancel && desk_asks 5 &&
        xdotool type breakglass && xdotool key Return && desk_says 'for breakglass' 1 && desk_asks 6 &&
        xdotool type 'open sesame' && xdotool key Return && desk_session_of breakglass
}
test_lightdm_without_a_provider_has_its_break_glass() { at_desk without_provider; }

# LightDM asks PAM for any name; nobody's account is made.
no_such_account() {
    desk_name nobody-here && xdotool key Return && desk_shows unknown 'enter this code' &&
        desk_approve unknown alice && desk_shows unknown-after 'Whoever approved this may not use this account' &&
        no_session && expect_decision 'verdict=refused reason=unknown_user .*account="unknown user" service=lightdm'
}
test_E67_lightdm_and_an_account_that_does_not_exist() { at_desk no_such_account; }

# ---- a screen locker, which runs as its user (E77) --------------------------------------------------

# xsecurelock before alice's screen. It takes at most 255 characters of one answer.
locker_start() { # [FUNCTION: what else the configuration gets]
    desk_make || return
    shipped_stack xsecurelock
    desk_patience
    printf '[service xsecurelock]\nproviders = corp\nmethods = token device\n' >>"$config"
    warm_keys
    "${1:-:}"
    rm -rf "$desk/lock" && install -d -m 777 "$desk/lock"
    Xvfb "$DISPLAY" -ac -screen 0 1024x768x24 -nolisten tcp -r >"$desk/xvfb.log" 2>&1 &
    screen_pid=$!
    local n
    for ((n = 0; n < 100; n++)); do
        xdotool getdisplaygeometry >/dev/null 2>&1 && break
        sleep 0.1
    done
    as_user alice env DISPLAY="$DISPLAY" XSECURELOCK_PAM_SERVICE=xsecurelock XSECURELOCK_SAVER=saver_blank \
        XSECURELOCK_NO_COMPOSITE=1 XSECURELOCK_AUTH_TIMEOUT=30 xsecurelock -- touch "$desk/lock/on" \
        >"$desk/locker.log" 2>&1 &
    locker_pid=$!
    for ((n = 0; n < 300; n++)); do
        [ ! -e "$desk/lock/on" ] || break
        sleep 0.1
    done
    locker_wakes
}
# Any key, which is part of no answer.
locker_wakes() {
    xdotool key space && locker_asks && xdotool key BackSpace
}
locker_asks() { desk_rests auth_x11 authproto_pam; }
# It has decided, has shown what came of it, and asks again.
locker_decides() { desk_decides && sleep 3 && locker_asks; }
locker_stop() {
    kill "$locker_pid" "$screen_pid" 2>/dev/null
    wait "$locker_pid" "$screen_pid"
}
locked() { kill -0 "$locker_pid" 2>/dev/null; }
at_locker() { # FUNCTION [FUNCTION]
    local code
    locker_start "${2-}" && "$1"
    code=$?
    locker_stop
    [ "$code" -eq 0 ] || cat "$desk/locker.log"
    return "$code"
}
type_token() { # TOKEN
    local part parts
    mapfile -t parts < <(fold -w 254 <<<"$1" | sed '$!s/$/+/')
    for part in "${parts[@]}"; do
        locker_asks && printf %s "$part" | xdotool type --delay 2 --file - && xdotool key Return
    done
}

a_token_unlocks() {
    local n
    picture locker
    locked && type_token "$(mint '"sub":"90125"' EdDSA)" && locker_decides && locked &&
        expect_match "$(logs)" 'verdict=refused reason=account .*account=alice service=xsecurelock method=token' || return 1
    # more ends it, and whoever speaks then is a bug to it
    logs_clear && locker_wakes && printf '%300s' '' | tr ' ' a | xdotool type --delay 2 --file - &&
        locker_decides && xdotool key Escape && sleep 1 && locked && expect_match "$(logs)" 'verdict=failed reason=conversation .*service=xsecurelock' &&
        expect_no_match "$(<"$desk/locker.log")" 'bug in the PAM module' || return 1
    logs_clear && locker_wakes && type_token "$(mint '' EdDSA)"
    for ((n = 0; n < 200; n++)); do locked || break; sleep 0.1; done
    ! locked && expect_match "$(logs)" 'verdict=accepted .*account=alice service=xsecurelock method=token'
}
test_E77_a_token_unlocks_the_screen_of_a_locker_that_is_not_root() { at_locker a_token_unlocks; }

# It shows one line and the last message alone: page, code and the time that is left.
a_code_unlocks() {
    local n
    xdotool key Return
    desk_shows locker-code 'Enter .*, [0-9]+ s left' || return 1
    locker_code
    for ((n = 0; n < 300; n++)); do locked || break; sleep 0.1; done
    ! locked && expect_decision 'verdict=accepted .*account=alice service=xsecurelock method=device'
}
locker_code() {
    local size code
    for size in 300 400 250 500 200; do
        code=$(read_picture locker-code "$size" | grep -oE "[A-Z0-9]{4}-[A-Z0-9]{4}" | tr '01' 'OI')
        ctl approve "$provider_dir" "$issuer/device" "$code" alice && return
    done
}
test_R82_a_code_unlocks_the_screen_too() { at_locker a_code_unlocks; }

# The client's secret is root's: the browser is for services of root's there, and the screen stays.
a_secret_of_roots() {
    printf 's3cr3t\n' >"$SANDBOX_DIR/pam_oauth/secret"
    chmod 600 "$SANDBOX_DIR/pam_oauth/secret"
    sed -i "s|^client_id = .*|client_id = linux-basic\nclient_auth = basic\nclient_secret_file = $SANDBOX_DIR/pam_oauth/secret|" "$config"
}
a_secret_is_not_read() {
    forget
    xdotool key Return
    desk_decides && expect_decision 'verdict=failed reason=config .*account=alice service=xsecurelock method=device .*secret' &&
        expect_no_network && locked
}
test_E77_R129_a_device_flow_with_a_secret_is_refused_to_a_locker_that_is_not_root() {
    at_locker a_secret_is_not_read a_secret_of_roots
}

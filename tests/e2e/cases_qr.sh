# shellcheck shell=bash disable=SC2016,SC2154
# The QR code of the device flow on real terminals and behind real clients. It is read off what was
# shown, and opened, as a telephone would.

# What a telephone reads off a text.
scan() { node "$top/tests/e2e/qr.mjs" <<<"$1" | zbarimg -q --raw -Sdisable -Sqrcode.enable pgm:-; }
# Scans, opens what was scanned, and sees there the same code as on the screen.
approve_scanned() { # USER TEXT
    local code
    code=$(sed -n 's/.*enter this code:  *\([A-Z0-9-]*\).*/\1/p' <<<"$2" | tail -n 1)
    ctl approve "$provider_dir" "$(scan "$2")" "$code" "$1"
}
export -f scan approve_scanned

expect_drawing() { expect_match "$1" '[▄▀█]{21}'; }
expect_ascii() { expect_no_match "$(LC_ALL=C tr -d '\n' <<<"$1")" '[^ -~]'; }
# Lines of what was shown from the first question on: what stands in a terminal of so many.
ssh_tty() { # LOCALE STEP... -- COMMAND
    local locale=$1 before after
    split_words "${@:2}"
    on_tty "${before[@]}" -- env LC_ALL="$locale" ssh -F "$SSH_CONFIG" -l alice 127.0.0.1 "${after[@]}"
}
interval() { ctl inject "$provider_dir" '{"device":{"interval":1}}'; }

test_R84_a_stock_ssh_client_shows_a_code_that_signs_in() {
    interval &&
        ssh_tty C.UTF-8 '' '!approve_scanned alice "$1" >&2' -- id -un &&
        expect_match "$(shown)" '^alice$' && expect_decision 'verdict=accepted .*method=device' &&
        expect_equal "$(scan "$(shown)")" "$(shown | grep -oE 'https://[^ ]+' | head -n 1)?user_code=$(
            shown | sed -n 's/.*enter this code:  \(.*\)/\1/p')"
}

# Page and code stand before it, and once more below: 24 lines are enough for what has to be read.
test_R82_page_and_code_stand_before_the_picture_and_below() {
    interval &&
        ssh_answer alice '' '!approve_as alice "$1" >&2' -- true || return 1
    local prompt order
    prompt=$(prompts)
    # one prompt for the token, one for all the rest
    expect_equal "$(grep -c -e '-----8<-----' <<<"$prompt")" 2 || return 1
    order=$(grep -oE 'Open this page|enter this code|Approve only|▀▀▀|^https://[^ ]+  [A-Z-]+$|Press Enter when' <<<"$prompt" |
        sed 's|^https.*|again|' | uniq | tr '\n' ' ')
    expect_equal "$order" 'Open this page enter this code Approve only ▀▀▀ again Press Enter when '
}

test_R92_a_client_without_utf8_still_shows_page_and_code() {
    interval &&
        ssh_tty C '' '!approve_as alice "$1" >&2' -- id -un &&
        expect_match "$(shown)" '^alice$' && expect_ascii "$(shown)"
}

# The longest URL that is taken, 400 bytes: 73 columns, 8 kB in one prompt.
test_R82_the_largest_code_passes_a_stock_client() {
    local url
    url="$issuer/device?code=ABCD-EFGH&"
    while [ ${#url} -lt 400 ]; do url+=x; done
    ctl inject "$provider_dir" "{\"device\":{\"user_code\":\"ABCD-EFGH\",\"verification_uri_complete\":\"$url\"}}"
    ! ssh_tty C.UTF-8 '' no -- true && expect_equal "$(scan "$(shown)")" "$url" &&
        expect_match "$(shown)" '^Press Enter when you have approved: $'
}

# Of another host, or without the code in it: what is drawn is the plain one.
test_R84_a_complete_url_of_another_host_is_not_drawn() {
    local complete
    for complete in 'https://evil.example/device?user_code=ABCD-EFGH' "$issuer/device"; do
        ctl clear "$provider_dir"
        ctl inject "$provider_dir" "{\"device\":{\"user_code\":\"ABCD-EFGH\",\"verification_uri_complete\":\"$complete\"}}"
        ! ssh_tty C.UTF-8 '' no -- true && expect_equal "$(scan "$(shown)")" "$issuer/device" || return 1
    done
}

test_qr_no_shows_none_and_yes_shows_one() {
    write_config 'qr = no' && ! ssh_answer alice '' no -- true &&
        expect_ascii "$(prompts)" && prompts_clear &&
        write_config 'qr = yes' && ! ssh_answer alice '' no -- true && expect_drawing "$(prompts)"
}

test_without_libqrencode_there_is_none_and_the_sign_in_goes_on() {
    local library code
    library=$(realpath /usr/lib/*/libqrencode.so.4) && mount --bind /dev/null "$library" || return 1
    interval && write_config 'qr = yes' &&
        expect_equal "$(ssh_answer alice '' '!approve_as alice "$1" >&2' -- id -un)" alice &&
        expect_ascii "$(prompts)"
    code=$?
    umount "$library"
    return "$code"
}

# And the person's own command, on a terminal that is theirs.
test_R82_pam_oauth_login_shows_one() {
    interval && install -d -m 700 -o alice -g alice /run/user/60001 &&
        LC_ALL=C.UTF-8 on_tty '@Approve only(.*\n){20}!approve_scanned alice "$1"' -- bash -c "stty rows 60 cols 80
            chown alice \$(tty); exec setpriv --reuid alice --regid alice --init-groups \
                $SANDBOX_DIR/pam-oauth --config $config login --device --audience ssh://testhost" &&
        expect_drawing "$(shown)" && expect_match "$(shown)" '^Signed in at corp as 248289761001; the token is for ssh://testhost'
}

# sudo on a terminal of this host: its size is known, and its locale is its caller's.
sudo_sized() { # LOCALE ROWS STEP...
    local person
    person_words alice
    on_tty "${@:3}" -- env LC_ALL="$1" "${person[@]}" \
        bash -c "stty rows $2 cols 80; exec sudo id -un"
}
test_R82_sudo_shows_one_where_it_fits() {
    interval
    sudo_sized C.UTF-8 60 '' '@Approve only(.*\n){20}!approve_scanned alice "$1"' &&
        expect_match "$(shown)" '^root$' && expect_drawing "$(shown)"
}
test_R82_sudo_shows_none_on_24_lines_or_without_utf8() {
    interval
    sudo_sized C.UTF-8 24 '' '@Approve only!approve_as alice "$1"' && expect_ascii "$(shown)" &&
        sudo_sized C 60 '' '@Approve only!approve_as alice "$1"' && expect_ascii "$(shown)"
}

# shellcheck shell=bash
#
# Typing README.md: for tests/readme/inside and tests/readme/debian-inside. The host that is typed on is called
# build-3; sudo, ssh and the rest are its own.
#
#   sh        typed as root, in the project's directory; it must succeed
#   console   `$ ` and `alice@build-3:~$ ` are typed as alice, `admin@build-3:~$ ` as root; what stands
#             below them must be shown, and `...` stands for anything
#   ini       is accepted behind the provider that is there by then
#
# The commands of the running text are typed as well, when all is set up, but for those that are run
# elsewhere.
#
# Whoever is asked a question answers as a person would: `answers` has them.

passed=0
failed=0
here=$top/tests/readme
provider=$SANDBOX_DIR/provider
export provider top

expect() { # NAME COMMAND...
    local output
    if output=$("${@:2}" 2>&1); then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED: %s\n' "$1"
        printf "    %s\n" "${output//$'\n'/$'\n    '}"
    fi
}

# ---- the provider of the README's example --------------------------------------------------------

ctl() { node "$top/tests/provider/ctl.mjs" "$@"; }
provider_begin() {
    ctl start "$provider" --host sso.example.org --port 443 --issuer-path /realms/corp >/dev/null &&
        ctl inject "$provider" '{"device":{"interval":1}}' &&
        cat "$provider/ca.pem" >>/etc/ssl/certs/ca-certificates.crt
}
provider_end() { ctl stop "$provider"; }
# As in the world of tests/e2e: reads page and code off the screen.
approve_as() { # USER TEXT
    ctl approve "$provider" "$(grep -oE 'https://[^ ]+' <<<"${2//$'\r'/}" | head -n 1)" \
        "$(sed -n 's/.*enter this code:  *\([A-Z0-9-]*\).*/\1/p' <<<"$2" | tail -n 1)" "$1"
}
export -f ctl approve_as

# ---- the host ------------------------------------------------------------------------------------

names() { printf '127.0.0.1 localhost build-3 sso.example.org\n'; }
# alice has been here before.
acquainted() {
    local home
    home=$(getent passwd alice | cut -d : -f 6)
    install -d -m 700 -o alice -g alice "$home/.ssh"
    printf 'build-3 %s\n' "$(cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub)" >"$home/.ssh/known_hosts"
}
# There is no systemd here: what these two commands would have it do.
no_systemd() {
    cat >/usr/local/bin/systemctl <<-'END'
		#!/bin/sh
		set -e
		case "$*" in
		# it writes the number down again when it listens
		'reload ssh')
		    sshd -t && pid=$(cat /run/sshd.pid) && rm /run/sshd.pid && kill -HUP "$pid"
		    for try in $(seq 200); do [ ! -s /run/sshd.pid ] || exit 0; sleep 0.1; done
		    exit 1 ;;
		'enable --now pam-oauth-jwks.timer')
		    test -e "/usr/lib/systemd/system/pam-oauth-jwks.timer"
		    mkdir -p /etc/systemd/system/timers.target.wants
		    ln -s /usr/lib/systemd/system/pam-oauth-jwks.timer /etc/systemd/system/timers.target.wants/
		    exec $(sed -n 's/^ExecStart=//p' /usr/lib/systemd/system/pam-oauth-jwks.service) ;;
		'disable --now pam-oauth-jwks.timer')
		    rm /etc/systemd/system/timers.target.wants/pam-oauth-jwks.timer
		    rmdir --ignore-fail-on-non-empty /etc/systemd/system/timers.target.wants ;;
		*) echo "systemctl: not tried here: $*" >&2; exit 1 ;;
		esac
	END
    chmod 755 /usr/local/bin/systemctl
}

sshd_begin() {
    /usr/sbin/sshd -D -E "$SANDBOX_DIR/sshd.log" &
    for _ in {1..100}; do
        ! grep -qs 'Server listening' "$SANDBOX_DIR/sshd.log" || return 0
        sleep 0.05
    done
    cat "$SANDBOX_DIR/sshd.log"
    return 1
}

# ---- blocks --------------------------------------------------------------------------------------

answers() { # TEXT: sets steps to what a person does who is asked by it
    # shellcheck disable=SC2016 # the shell of tty.exp expands
    local approves='@enter this code:!approve_as alice "$1"'
    case $1 in
    *'passwd breakglass'*) steps=('correct horse' 'correct horse') ;;
    *'pam-oauth try'* | *'ssh alice@build-3'*) steps=('' "$approves" '') ;;
    *'pam-oauth login'*) steps=("$approves") ;;
    *) steps=() ;;
    esac
}

# Makefile and packages are here; elsewhere an administrator has a token at hand.
typed() { # FILE
    local steps place=$SANDBOX_DIR/admin
    answers "$(cat "$1")"
    ! grep -qE '^make|make |/build/' "$1" || place=$top
    mkdir -p "$SANDBOX_DIR/admin" && a_token >"$SANDBOX_DIR/admin/token.jwt" || return
    (cd "$place" && on_tty "${steps[@]}" -- bash -eu -o pipefail "$1")
}

a_token() {
    ctl mint "$provider" '{"key":"ES256","payload":{"sub":"248289761001","aud":"ssh://build-3","typ":"Bearer"}}'
}

ini() { # FILE
    local file=$SANDBOX_DIR/readme.conf
    { sed -n '/^\[provider/,/^$/p' /etc/pam_oauth/pam_oauth.conf && cat "$1"; } >"$file"
    grep -q '^providers' "$1" || printf 'providers = corp\nmethods = token device\n' >>"$file"
    cp /etc/pam_oauth/accounts.map "$SANDBOX_DIR/accounts.map" && pam-oauth --config "$file" who-can
}

# What is typed into a console, as a script; and what is shown there, one line each.
prompt='^([a-z]+@build-3:~)?\$ '
commands() { sed -nE "s/$prompt//p" "$1"; }
output_of() { sed -E "/$prompt/d; /^\$/d" "$1"; }
# Codes and references differ each time.
mask() { sed -E 's/[A-Z0-9]{4}-[A-Z0-9]{4}/CODE-CODE/g; s/\r$//'; }
as_pattern() { sed -E 's/[][\.*^$]/\\&/g; s/(\\\.){3}/.*/g'; }

console() { # FILE
    local steps person=() line code script=$SANDBOX_DIR/console.sh
    commands "$1" >"$script"
    answers "$(cat "$script")"
    grep -q '^admin@' "$1" || person_words alice
    on_tty "${steps[@]}" -- "${person[@]}" bash -e "$script"
    code=$?
    while IFS= read -r line; do
        mask <"$SANDBOX_DIR/tty" | grep -q -- "$line" || { printf 'not shown: %s\n' "$line"; return 1; }
    done < <(output_of "$1" | mask | as_pattern)
    # A refusal is no success, and stands there as one.
    [ "$code" -eq 0 ] || grep -q '^refused: ' "$1"
}

break_glass() {
    local person
    person_words alice
    on_tty 'correct horse' -- "${person[@]}" ssh breakglass@build-3 id -un && grep -q '^breakglass' "$SANDBOX_DIR/tty"
}

# What the picture at the top of README.md is drawn of, on the host that can be signed in to by now, from a
# terminal that shows UTF-8.
picture() {
    local home token recording=$SANDBOX_DIR/recording
    home=$(getent passwd alice | cut -d : -f 6)
    token=$(a_token)
    person_words alice
    echo 'set enable-bracketed-paste off' >"$home/.inputrc"
    touch "$home/.hushlogin"
    mv "$home/.profile" "$home/profile"
    # shellcheck disable=SC2016 # the shell of record.exp expands
    LC_ALL=C.UTF-8 APPROVE='approve_as alice "$1"' "$here/record.exp" "$recording" "$token" \
        "${person[@]}" env -C / PS1='$ ' bash --norc ||
        { failed=$((failed + 1)); return; }
    mv "$home/profile" "$home/.profile"
    if [ "${PICTURE-}" = draw ]; then
        node "$here/draw.mjs" "$recording" >"$here/login.svg"
    fi
    expect 'the picture in README.md shows what is shown (else: make picture)' \
        diff <(node "$here/draw.mjs" --text "$here/login.svg") <(node "$here/draw.mjs" --text "$recording")
}

# ---- commands in the running text ----------------------------------------------------------------

elsewhere() { awk -F ' : ' -v command="$1" '$1 == command { found = 1 } END { exit !found }' "$here/elsewhere"; }

in_a_browser() { # FILE: by alice, whose browser goes to the provider and comes back
    local person
    sed -i 's|$| --audience ssh://build-3|' "$1" # without which this provider's access tokens are no JWTs
    printf '#!/bin/sh\nexec node %s browse %s "$1" alice\n' "$top/tests/provider/ctl.mjs" "$provider" >"$SANDBOX_DIR/browser"
    chmod 755 "$SANDBOX_DIR/browser"
    person_words alice
    within_deadline "${person[@]}" env BROWSER="$SANDBOX_DIR/browser" bash -e "$1"
}
# A reference is another one each time; that of the last sign-in will do.
of_a_sign_in() { # FILE
    sed -i "s/[^ ]*\$/$(sed -n 's/.* ref=\([a-z2-7]*\).*/\1/p' "$SANDBOX_DIR/log" | tail -n 1)/" "$1"
    typed "$1"
}
in_the_text() { # FILE
    local code
    rm -rf "$SANDBOX_DIR/stacks.kept" && cp -a /etc/pam.d "$SANDBOX_DIR/stacks.kept"
    case $(cat "$1") in
    'sudo -s') [ "$(bash -e "$1" <<<'id -un')" = root ] ;;
    'pam-oauth login'*) in_a_browser "$1" ;;
    'sudo pam-oauth why '*) of_a_sign_in "$1" ;;
    *) typed "$1" ;;
    esac
    code=$?
    rm -f /etc/pam.d/* && cp -a "$SANDBOX_DIR"/stacks.kept/. /etc/pam.d
    return "$code"
}
type_text() { # make|deb
    local line command file=$SANDBOX_DIR/command
    while read -r line command; do
        ! elsewhere "$command" || continue
        case $1:$command in deb:make* | deb:'sudo make'*) continue ;; esac
        printf '%s\n' "$command" >"$file"
        expect "README.md:$line: $command" in_the_text "$file"
    done < <("$here/spans" "$top/README.md")
}

# ---- all of it -----------------------------------------------------------------------------------

type_block() { # make|deb FILE LINE
    local file=$2
    # what is run elsewhere is not run here
    grep -vxFf <(sed -n 's/ : .*//p' "$here/elsewhere") "$file" >"$file.here" || return 0
    mv "$file.here" "$file"
    # Of the two ways to install, and to go back, one is chosen.
    case $1:$(cat "$file") in
    make:*'make deb'* | make:*'apt-get purge'* | deb:*'install -y make' | deb:*'make install'* | deb:*'make uninstall'*) return ;;
    esac
    case $file in
    *.sh) expect "README.md:$3" typed "$file" ;;
    *.console) expect "README.md:$3" console "$file" ;;
    *.ini) expect "README.md:$3" ini "$file" ;;
    esac
    ! grep -q '^\$ ssh ' "$file" || expect 'the break glass gets in by its password' break_glass
    [ "$1" = deb ] || ! grep -q '^\$ ssh ' "$file" || picture
}

# The way back is typed last.
type_readme() { # make|deb
    local number language line blocks=$SANDBOX_DIR/blocks back=''
    mkdir "$blocks"
    "$top/tests/readme/blocks" -v dir="$blocks" "$top/README.md" >"$blocks/index" || return
    # The shell of a person who signs in says who it is.
    echo 'exec id -un' >"$(getent passwd alice | cut -d : -f 6)/.profile"
    awk '/^#/ { back = /^### And back$/ } back { print NR }' "$top/README.md" >"$blocks/back"
    while read -r number language line; do
        if grep -qx "$line" "$blocks/back"; then
            back+=" $number.$language:$line"
        else
            type_block "$1" "$blocks/$number.$language" "$line"
        fi
    done <"$blocks/index"
    type_text "$1"
    [ -n "$back" ] || expect 'README.md leads back' false
    for line in $back; do
        type_block "$1" "$blocks/${line%:*}" "${line#*:}"
    done
}

# shellcheck shell=bash disable=SC2034,SC2154
# check: every error of every file, one a line, before it is live.

etc=$dir/check
config=$etc/pam_oauth.conf
good_configuration() {
    rm -rf "$etc"
    mkdir -m 755 "$etc" "$etc/conf.d" "$etc/accounts.d"
    cat >"$config" <<-END
		# A comment, and one behind blanks
		   ; as well

		[provider corp]
		issuer = $issuer
		client_id = linux-login
		audience = ssh://%h
		jwks_file = $dir/keys.jwks

		[service sshd]
		providers = corp
		methods = token
	END
    printf 'corp sub=%s -> alice\n' "$subject" >"$etc/accounts.map"
}

form='^[^ ]+: (error|warning): [^ ].*[^.]$'
expect_findings() { # EXIT-CODE REGEX...: as many lines as these, each like one of them, in order
    local lines regex i=0
    mapfile -t lines <"$dir/out"
    [ "$code" -eq "$1" ] || { printf 'wanted exit %s, got %s\n' "$1" "$code"; cat "$dir/out" "$dir/err"; return 1; }
    shift
    [ ${#lines[@]} -eq $# ] || { printf 'wanted %s lines, got:\n' $#; cat "$dir/out"; return 1; }
    for regex in "$@"; do
        if ! [[ ${lines[i]} =~ $regex && ${lines[i]} =~ $form ]]; then
            printf 'wanted: %s\ngot:    %s\n' "$regex" "${lines[i]}"
            return 1
        fi
        i=$((i + 1))
    done
}
host_root "$dir/host" sshd
check() { call check --root "$dir/host" --config "$config" "$@"; }
# finds NAME EXIT-CODE REGEX...: of the configuration as it is
finds() {
    wanted "$1" || return 0
    check
    judge "$1" expect_findings "${@:2}"
}

good_configuration
finds 'check, a good configuration' 0
sentence() { check && grep -qx "$config: \(no\|0\) errors, 0 warnings" "$dir/err" && [ ! -s "$dir/out" ]; }
test_it 'check says so' sentence
offline() { check --offline; [ "$code" -eq 0 ]; }
test_it 'check --offline' offline

sed -i 's/^audience/audeince/' "$config"
finds 'R12 the nearest key is named' 1 \
    "^$config:7: error: unknown key 'audeince' in \[provider corp\]; did you mean 'audience'\?$" \
    "^$config:4: error: \[provider corp\] has no 'audience'"

# Each of these is one line that is added to [service sshd].
one_line() { # LINE REGEX
    good_configuration
    printf '%s\n' "$1" >>"$config"
    finds "R12 a line '$(printf %q "$1")'" 1 "^$config:13: error: $2"
}
one_line 'metods = token' "unknown key 'metods' in \[service sshd\]; did you mean 'methods'\?"
one_line 'issuer = x' "unknown key 'issuer' in \[service sshd\]; it belongs in a \[provider\] section"
one_line 'frobnicate = x' "unknown key 'frobnicate' in \[service sshd\]; remove it"
one_line 'methods = token' "'methods' is set twice in \[service sshd\], first at $config:12; keep one"
one_line 'max_auth_age = soon' "'max_auth_age' is 'soon'; it must be"
one_line 'max_auth_age = -1' "'max_auth_age' is '-1'; it must be"
one_line 'device_timeout = 5' "'device_timeout' is '5'; it must be"
one_line 'device_display = maybe' "'device_display' is 'maybe'; it must be"
one_line 'require = groups' ''
one_line 'require =' "'require' has no value; remove the line"
one_line 'require' 'not a .\[section\]., a .key = value. or a comment'
one_line '[servce login]' "unknown section 'servce'; did you mean 'service'\?"
one_line '[service sshd]' '\[service sshd\] appears a second time'
one_line '[provider]' '\[provider\] needs a name'
one_line '[service' 'a section is'
one_line 'single_use = once' "'single_use' is 'once'; it must be"
one_line 'remember = soon' "'remember' is 'soon'; it must be"
one_line 'local_users = ro ot:x' "'local_users'"
one_line $'device_timeout = 90s\r' 'the line has a carriage return; save the file with LF'
one_line $'x = \e[31m' 'the line has a control character; remove it'
one_line $'x = \xff' 'the line has bytes that are not UTF-8'
one_line "$(printf 'x%.0s' {1..200}) = 1" 'unknown key'
with_nul() {
    good_configuration
    printf 'device_timeout = 90s\0\n' >>"$config"
    check
    expect_findings 1 "^$config:13: error: the line has a NUL byte; remove it"
}
test_it 'R12 a line with a NUL' with_nul
inline_comment() {
    good_configuration
    sed -i 's/^methods = token/methods = token # for now/' "$config"
    check
    [ "$code" -eq 1 ] && grep -qE "^$config:12: error: " "$dir/out"
}
test_it 'there are no comments behind values' inline_comment

# ---- all errors of all files -----------------------------------------------------------------------

good_configuration
sed -i 's/^client_id/clientid/; s/^methods = token/methods = tokn/' "$config"
printf '[provider two]\nissuer = http://x.example\n' >"$etc/conf.d/20-two.conf"
printf 'timeout = 3s\n[service login]\nproviders = corp nobody\nmethods = token\n' >"$etc/conf.d/10-one.conf"
printf 'ignored = yes\n' >"$etc/conf.d/10-one.conf.bak"
printf '# fine\ncorp sub=1 -> root:x\nnobody sub=2 -> bob\n' >>"$etc/accounts.map"
printf 'corp email=*@example.org -> *\n' >"$etc/accounts.d/more.map"
all_of_them() {
    local file
    check
    [ "$code" -eq 1 ] || { cat "$dir/out" "$dir/err"; return 1; }
    for file in "pam_oauth.conf:6:" "pam_oauth.conf:12:" "conf.d/10-one.conf:1:" "conf.d/10-one.conf:3:" \
        "conf.d/20-two.conf:2:"; do
        grep -q "^$etc/$file error: " "$dir/out" || { echo "nothing of $file"; cat "$dir/out"; return 1; }
    done
    ! grep -q 'bak' "$dir/out"
}
test_it 'R12 R25 every error of every file' all_of_them
in_form() { ! grep -vE "$form" "$dir/out"; }
check
test_it 'every finding has the form' in_form
remedies() { ! grep -vE '(; |, so |did you mean|must be)' "$dir/out"; }
test_it 'every finding has a remedy' remedies

good_configuration
printf '# fine\ncorp sub=1 -> root:x\nnobody sub=2 -> bob\n' >>"$etc/accounts.map"
printf 'corp email=*@example.org -> *\n' >"$etc/accounts.d/more.map"
finds 'R25 every error of every map' 1 "^$etc/accounts.map:3: error: " "^$etc/accounts.map:4: error: .*nobody" \
    "^$etc/accounts.d/more.map:1: error: .*email"
rm "$etc/accounts.map"
good_configuration
rm "$etc/accounts.map"
finds 'a map that is not there' 1 "^$etc/accounts.map: error: No such file"

# ---- warnings, and R51 -----------------------------------------------------------------------------

good_configuration
sed -i 's/^audience = .*/audience = linux-login/' "$config"
finds 'R58 a warning is no error' 0 "^$config:7: warning: 'audience' is only the client_id"
good_configuration
cat >>"$config" <<END
[provider ci]
issuer = $issuer
audience = x ssh://%h
jwks_file = $dir/keys.jwks
END
finds 'R51 overlapping audiences of one issuer' 1 \
    "^$config:15: error: \[provider ci\] and \[provider corp\] .*the same issuer and the same audience"
good_configuration
for name in microsoftonline.com/common/v2.0 'microsoftonline.com/{tenantid}/v2.0'; do
    sed -i "s#^issuer = .*#issuer = https://login.$name#" "$config"
    finds "R28 an issuer for every tenant, $name" 1 "^$config:5: error: 'issuer' is "
done

good_configuration
for i in {1..1500}; do echo "an_unknown_key_with_a_long_name_$i = 1"; done >>"$config"
many() {
    check
    [ "$code" -eq 1 ] && expect_printable "$dir/err" && grep -q '1500 errors' "$dir/err"
}
test_it 'more errors than are shown are counted' many
unwritable() {
    good_configuration
    "$program" check --root "$dir/host" --config "$config" >/dev/full 2>"$dir/err" || return 1 # nothing to write
    sed -i 's/^audience/audeince/' "$config"
    "$program" check --root "$dir/host" --config "$config" >/dev/full 2>"$dir/err"
    [ $? -eq 2 ]
}
test_it 'findings that cannot be written' unwritable

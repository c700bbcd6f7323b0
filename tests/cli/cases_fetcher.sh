# shellcheck shell=bash disable=SC2154
# check: the fetcher is started, asked what it could give up, and nobody else is asked anything.

kernels=$dir/kernels
host_root "$dir/host" sshd
install -d -m 755 "$kernels" "$dir/fetched" "$dir/fetched/conf.d" "$dir/fetched/accounts.d"
install -m 755 "$(dirname "$program")/pam-oauth-fetcher" "$kernels/pam-oauth-fetcher"
for kernel in landlock-2 no-landlock no-seccomp neither; do
    [ ! -x "$(dirname "$program")/tests/fetcher/kernel" ] ||
        install -m 755 "$(dirname "$program")/tests/fetcher/kernel" "$kernels/$kernel"
done
printf 'corp sub=1 -> alice\n' >"$dir/fetched/accounts.map"

with_fetcher() { # PATH USER [MORE-LINES-OF-THE-PROVIDER]
    cat >"$dir/fetched/pam_oauth.conf" <<-END
		[provider corp]
		issuer = $issuer
		client_id = linux-login
		audience = ssh://%h
		${3:-}
		[service sshd]
		providers = corp
		methods = token
		[paths]
		fetcher = $1
		fetcher_user = $2
	END
    call check --offline --root "$dir/host" --config "$dir/fetched/pam_oauth.conf"
}
# fetcher_says EXIT-CODE REGEX-OF-ALL-OUTPUT REGEX-IN-ERRORS PATH USER [MORE]
fetcher_says() {
    with_fetcher "${@:4}"
    [ "$code" -eq "$1" ] && [[ $(<"$dir/out") =~ ^$2$ ]] && grep -qE -- "$3" "$dir/err" && return
    printf 'exit %s\n' "$code"
    cat "$dir/out" "$dir/err"
    return 1
}

# This machine's kernel may lack what the others are to lack: then they say more.
whole_kernel() { with_fetcher "$kernels/pam-oauth-fetcher" nobody && [ ! -s "$dir/out" ] && [ "$code" -eq 0 ]; }

if [ -x "$kernels/neither" ] && whole_kernel; then
    test_it 'check, a fetcher that is wholly confined' fetcher_says 0 '' \
        "^$kernels/pam-oauth-fetcher: confined to one TCP port, no file \(Landlock\) and the system calls" \
        "$kernels/pam-oauth-fetcher" nobody
    test_it 'check, the kernel of Debian 12' fetcher_says 0 \
        "$kernels/landlock-2: warning: Landlock of this kernel cannot limit the ports .*: Linux 6.7 and later can" \
        '0 errors, 1 warning$' "$kernels/landlock-2" nobody
    test_it 'check, a kernel without Landlock' fetcher_says 0 \
        "$kernels/no-landlock: warning: this kernel has no Landlock[^;]*" '0 errors, 1 warning$' \
        "$kernels/no-landlock" nobody
    test_it 'check, a kernel without seccomp' fetcher_says 0 \
        "$kernels/no-seccomp: warning: this kernel has no seccomp filters[^;]*" '0 errors, 1 warning$' \
        "$kernels/no-seccomp" nobody
    test_it 'check, a kernel with neither' fetcher_says 0 \
        "$kernels/neither: warning: this kernel has no Landlock.*; this kernel has no seccomp filters.*" \
        '0 errors, 1 warning$' "$kernels/neither" nobody
fi
test_it 'E70 check, no fetcher' fetcher_says 1 \
    "$kernels/none: error: fetcher is missing; install pam-oauth-fetcher or set \[paths\] fetcher" \
    '1 error, ' "$kernels/none" nobody
test_it 'check, no network, no fetcher' fetcher_says 0 '' '0 errors, 0 warnings$' \
    "$kernels/none" nobody "jwks_file = $dir/keys.jwks"
test_it 'R100 check, a user that does not exist' fetcher_says 1 \
    "$kernels/pam-oauth-fetcher: error: user 'no-such-user' for the fetcher does not exist; .*" \
    '1 error, ' "$kernels/pam-oauth-fetcher" no-such-user
install -m 777 "$kernels/pam-oauth-fetcher" "$kernels/writable"
test_it 'E70 check, a fetcher that others can write' fetcher_says 1 \
    "$kernels/writable: error: writable by group or others; chmod go-w it; .*" '1 error, ' \
    "$kernels/writable" nobody
install -m 755 /bin/true "$kernels/mute"
test_it 'E70 check, a fetcher that says nothing' fetcher_says 1 \
    "$kernels/mute: error: the fetcher ended without an answer.*" '1 error, ' "$kernels/mute" nobody

# shellcheck shell=bash
#
# For test scripts that run inside the sandbox: servers to sign in to, and
# people who sign in.  Source it in bash; it defines only what stands here.
#
#   sshd_start [LINE...]       a private sshd on 127.0.0.1, PAM service "sshd"; LINEs go into
#                              sshd_config before ours, so they win.  Sets SSHD_PORT; logs to
#                              DIR/sshd.log.  Publickey is off: "PubkeyAuthentication yes"
#   sshd_stop                  stops it; sessions it has begun go on
#   ssh_answer USER ANSWER... -- [SSH-OPTIONS] [COMMAND...]
#                              ssh USER@127.0.0.1 with keyboard-interactive
#   with_answers ANSWER... -- COMMAND...
#                              COMMAND, as root, with the answers ready for ssh below it:
#                              with_answers TOKEN -- scp -F "$SSH_CONFIG" FILE alice@127.0.0.1:
#   sudo_answer USER ANSWER... -- [SUDO-OPTIONS] COMMAND...
#                              USER's sudo -A COMMAND, without a terminal
#   sudo_tty USER STEP... -- [SUDO-OPTIONS] COMMAND...
#                              the same on a terminal
#   su_tty FROM TO STEP... [-- COMMAND-STRING]
#                              FROM's su TO, on a terminal; runs "id -un" if not told otherwise
#   pam_answer SERVICE USER ANSWER... [-- [-I ITEM=VALUE | -E NAME=VALUE]... OPERATION...]
#                              pamtester with the ANSWERs on standard input; the operations
#                              are authenticate and acct_mgmt if not told otherwise
#   pam_tty SERVICE USER STEP... [-- [-I ITEM=VALUE | -E NAME=VALUE]... OPERATION...]
#                              the same on a terminal
#   on_tty STEP... -- COMMAND...   any command on a terminal
#   as_user USER COMMAND...    COMMAND as USER, in /, with USER's HOME, USER, LOGNAME
#   logs, logs_clear           the syslog so far, complete; and away with it
#   prompts, prompts_clear     what askpass was asked so far, a line -----8<----- after each
#   pam_stack SERVICE LINE...  makes /etc/pam.d/SERVICE of the LINEs
#   paths_section              [paths] of a configuration that keeps to DIR
#
# An ANSWER is what to type at the Nth prompt.  "!CMD" is a shell command that
# sees the prompt as its $1 and prints the answer: '!approve "$1"'; it may call
# functions exported with export -f.  Of ssh_answer and with_answers it runs as
# root, of sudo_answer as USER.  A STEP is an ANSWER, or "@REGEX!CMD": see
# tty.exp.  What was shown on a terminal last is in DIR/tty.
#
# SSHD names another sshd than /usr/sbin/sshd, by its whole path.
#
# Every function's status is that of the command it runs.  Each is ended after
# SANDBOX_DEADLINE seconds (60 if not set), PATIENCE times that if it is set,
# with status 124.

: "${SANDBOX_DIR:?lib.sh is for scripts run by sandbox}"

sandbox_lib=$(dirname "$(realpath "${BASH_SOURCE[0]}")")

# ---- sshd

sshd_start() {
	local try
	sshd_keys
	for ((try = 0; try < 20; try++)); do
		# below the range of ports the kernel hands out by itself
		SSHD_PORT=$((20000 + RANDOM % 12000))
		sshd_config "$@" >"$SANDBOX_DIR/sshd_config"
		: >"$SANDBOX_DIR/sshd.log"
		"${SSHD:-/usr/sbin/sshd}" -D -f "$SANDBOX_DIR/sshd_config" -E "$SANDBOX_DIR/sshd.log" &
		SSHD_PID=$!
		if sshd_listens; then
			ssh_config
			return 0
		fi
		sshd_stop
		grep -q 'Address already in use' "$SANDBOX_DIR/sshd.log" || break
	done
	echo "sshd_start: no sshd:" >&2
	cat "$SANDBOX_DIR/sshd.log" >&2
	return 1
}

sshd_keys() {
	SSH_CONFIG=$SANDBOX_DIR/ssh_config
	[[ -f $SANDBOX_DIR/ssh_host_key ]] ||
		ssh-keygen -q -t ed25519 -N '' -C sandbox -f "$SANDBOX_DIR/ssh_host_key" </dev/null
}

sshd_config() {
	(($# == 0)) || printf '%s\n' "$@"
	cat <<-END
		Port $SSHD_PORT
		ListenAddress 127.0.0.1
		HostKey $SANDBOX_DIR/ssh_host_key
		PidFile none
		LogLevel VERBOSE
		UsePAM yes
		KbdInteractiveAuthentication yes
		PasswordAuthentication no
		PubkeyAuthentication no
		UseDNS no
		PrintMotd no
		Subsystem sftp internal-sftp
	END
}

# Its own word for it: a connection made to see would stand in the log.
sshd_listens() {
	local try
	for ((try = 0; try < 500; try++)); do
		grep -q "Server listening on 127.0.0.1 port $SSHD_PORT" "$SANDBOX_DIR/sshd.log" && return 0
		kill -0 "$SSHD_PID" 2>/dev/null || return 1
		sleep 0.02
	done
	return 1
}

# The client's configuration: options on the command line come before it.
ssh_config() {
	printf '[127.0.0.1]:%s,[localhost]:%s %s\n' "$SSHD_PORT" "$SSHD_PORT" \
		"$(cut -d ' ' -f 1,2 "$SANDBOX_DIR/ssh_host_key.pub")" >"$SANDBOX_DIR/known_hosts"
	cat >"$SSH_CONFIG" <<-END
		Port $SSHD_PORT
		UserKnownHostsFile $SANDBOX_DIR/known_hosts
		GlobalKnownHostsFile none
		StrictHostKeyChecking yes
		UpdateHostKeys no
		PreferredAuthentications keyboard-interactive
		NumberOfPasswordPrompts 1
		IdentityFile none
		IdentityAgent none
	END
}

sshd_stop() {
	[[ -n ${SSHD_PID-} ]] || return 0
	kill "$SSHD_PID" 2>/dev/null || true
	wait "$SSHD_PID" 2>/dev/null || true
	SSHD_PID=
}

# ---- people with askpass

ssh_answer() {
	local before after
	split_words "$@"
	with_answers "${before[@]:1}" -- \
		ssh -F "$SSH_CONFIG" -l "${before[0]}" 127.0.0.1 "${after[@]}"
}

with_answers() {
	answered root "$@"
}

sudo_answer() {
	local before after
	split_words "$@"
	answered "${before[@]}" -- setsid --wait sudo -A "${after[@]}"
}

# answered USER ANSWER... -- COMMAND...: COMMAND as USER, with an answerer of its own
answered() {
	local before after person state number status=0
	split_words "$@"
	person_words "${before[0]}"
	state=$(mktemp -d "$SANDBOX_DIR/answers.XXXXXX") || return
	install -m 755 "$sandbox_lib/answerer" "$state/askpass"
	echo 0 >"$state/given"
	for ((number = 1; number < ${#before[@]}; number++)); do
		printf '%s\n' "${before[number]}" >"$state/$number"
	done
	chown -R "${before[0]}:" "$state"
	prompts_file
	SSH_ASKPASS=$state/askpass SSH_ASKPASS_REQUIRE=force SUDO_ASKPASS=$state/askpass \
		within_deadline "${person[@]}" "${after[@]}" || status=$?
	rm -r "$state"
	return "$status"
}

# All the test accounts write there.
prompts_file() {
	[[ -f $SANDBOX_DIR/prompts ]] || install -m 666 /dev/null "$SANDBOX_DIR/prompts"
}

prompts() {
	prompts_file
	cat "$SANDBOX_DIR/prompts"
}

prompts_clear() {
	prompts_file
	: >"$SANDBOX_DIR/prompts"
}

# ---- people with a terminal

on_tty() {
	within_deadline "$sandbox_lib/tty.exp" "$SANDBOX_DIR/tty" "$(deadline)" "$@"
}

sudo_tty() {
	local before after person
	split_words "$@"
	person_words "${before[0]}"
	on_tty "${before[@]:1}" -- "${person[@]}" sudo "${after[@]}"
}

su_tty() {
	local before after person
	split_words "$@"
	person_words "${before[0]}"
	on_tty "${before[@]:2}" -- "${person[@]}" su -c "${after[0]-id -un}" "${before[1]}"
}

# ---- people with pamtester

pam_answer() {
	local before after tester
	split_words "$@"
	tester_words
	within_deadline "${tester[@]}" \
		< <(((${#before[@]} == 2)) || printf '%s\n' "${before[@]:2}")
}

pam_tty() {
	local before after tester
	split_words "$@"
	tester_words
	on_tty "${before[@]:2}" -- "${tester[@]}"
}

# Sets tester to the command, of before and after: options stand in front.
tester_words() {
	tester=(pamtester)
	while [[ ${after[0]-} == -* ]]; do
		tester+=("${after[@]:0:2}")
		after=("${after[@]:2}")
	done
	((${#after[@]})) || after=(authenticate acct_mgmt)
	tester+=("${before[@]:0:2}" "${after[@]}")
}

# ---- syslog

# A message of our own comes out behind all that were sent before it.
logs_complete() {
	local try mark=sync.$BASHPID.$RANDOM$RANDOM
	# not logger(1): libgcrypt, which it links, hangs below a preloaded ASan
	printf '<13>Jan  1 00:00:00 sandbox-sync: %s' "$mark" | socat -u - UNIX-SENDTO:/dev/log
	for ((try = 0; try < 250; try++)); do
		grep -q "sandbox-sync: $mark" "$SANDBOX_DIR/log" && return 0
		sleep 0.02
	done
	echo "logs: /dev/log is not being read" >&2
	return 1
}

logs() {
	logs_complete || return
	sed '/ sandbox-sync: sync\./d' "$SANDBOX_DIR/log"
}

logs_clear() {
	logs_complete || return
	: >"$SANDBOX_DIR/log"
}

# ---- configuration

pam_stack() {
	printf '%s\n' "${@:2}" >"/etc/pam.d/$1"
}

paths_section() {
	cat <<-END
		[paths]
		cache = $SANDBOX_DIR/cache
		state = $SANDBOX_DIR/state
		run = $SANDBOX_DIR/run
		presets = $SANDBOX_DIR/presets
		refresher = $SANDBOX_DIR/pam-oauth
	END
}

# ---- what the others stand on

as_user() {
	local person
	person_words "$1"
	within_deadline "${person[@]}" "${@:2}"
}

# Sets person to the words that make a command after them run as USER: not
# runuser or su, which are PAM services themselves.
person_words() {
	local home
	person=()
	[[ $1 != root ]] || return 0
	home=$(getent passwd "$1" | cut -d : -f 6)
	person=(env -C / "HOME=$home" "USER=$1" "LOGNAME=$1"
		setpriv --reuid "$1" --regid "$1" --init-groups)
}

# Sets before and after to the words before and after the first --.
split_words() {
	before=()
	while (($#)) && [[ $1 != -- ]]; do
		before+=("$1")
		shift
	done
	after=("${@:2}")
}

deadline() {
	echo "$((${SANDBOX_DEADLINE:-60} * ${PATIENCE:-1}))"
}

within_deadline() {
	timeout --foreground --kill-after=5 "$(deadline)" "$@"
}

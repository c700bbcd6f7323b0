# shellcheck shell=bash disable=SC2154
#
# Many who sign in through one sshd at the same moment: with a token, with a password, and with nothing
# (pam_permit). sshd is told to take them all. Sourced by tests/bench/inside.

storm_sizes=(1 5 20 100 500)

measure_storm() {
    local code=0 size
    storm_askpass
    sshd_start 'MaxStartups 1000' 'LoginGraceTime 600' || return 1
    : >"$measured/storm.race"
    : >"$measured/storm.server"
    for size in "${storm_sizes[@]}"; do
        storm "$size" || { code=1 && break; }
    done
    sshd_stop
    return "$code"
}

# The kinds take turns: few sign-ins are done several times. Into storm.race, and into storm.server the
# processor time of sshd and all it started, in hundredths of a second.
storm() { # SIZE
    local kind turn before turns=$(($1 >= 500 ? 1 : $1 >= 100 ? 2 : 5))
    for ((turn = 0; turn < turns; turn++)); do
        for kind in permit keys unix; do
            storm_stack "$kind"
            before=$(server_ticks)
            storm_command "$kind/$1" >"$SANDBOX_DIR/commands"
            SSH_ASKPASS=$SANDBOX_DIR/askpass SSH_ASKPASS_REQUIRE=force ANSWER=$SANDBOX_DIR/answer.$kind \
                "$out/race" 1 "$1" "$SANDBOX_DIR/commands" | sed "s/^0/$turn/" >>"$measured/storm.race"
            [ "${PIPESTATUS[0]}" -eq 0 ] && server_idle || return 1
            printf '%s\t%s/%s\t%s\n' "$turn" "$kind" "$1" $(($(server_ticks) - before)) >>"$measured/storm.server"
        done
    done
}

# Of all key exchanges the one that takes least: what differs shall not drown in what does not.
storm_command() { # NAME
    printf '%s\tssh\t-F\t%s\t-o\tKexAlgorithms=curve25519-sha256\t-l\talice\t127.0.0.1\ttrue\n' "$1" "$SSH_CONFIG"
}

server_ticks() { sed 's/.*) //' "/proc/$SSHD_PID/stat" | awk '{ print $12 + $13 + $14 + $15 }'; }
# All that it started has ended.
server_idle() {
    local try
    for ((try = 0; try < 500; try++)); do
        [ -n "$(cat "/proc/$SSHD_PID/task/$SSHD_PID/children")" ] || return 0
        sleep 0.02
    done
    return 1
}

storm_stack() { # KIND
    pam_stack sshd "$(sed -n 1p "$stacks/$1")" 'account required pam_permit.so' 'session required pam_permit.so'
}

storm_askpass() {
    stack permit 'auth required pam_permit.so'
    stack unix 'auth required pam_unix.so'
    sed "s/^\[service keys\]/[service sshd keys]/" -i "$config"
    cp "$tokens/ES256" "$SANDBOX_DIR/answer.keys" # that of RSA is too long for one answer
    echo 'open sesame' >"$SANDBOX_DIR/answer.unix"
    # shellcheck disable=SC2016 # for that shell
    printf '%s\n' '#!/bin/sh' 'read -r answer <"$ANSWER"' 'echo "$answer"' >"$SANDBOX_DIR/askpass"
    chmod 755 "$SANDBOX_DIR/askpass"
    password alice
}

# shellcheck shell=bash disable=SC2154,SC2317
# Servers that are broken or hostile, and networks that are not there, before the built module and
# the real fetcher: what is said, how long it takes, and that nothing is left of it.

# The crowd of tests/fetcher; it ends with this shell.
faults_start() {
    local try
    [ ! -s "$faults_dir/ports" ] || return 0
    mkdir -p "$faults_dir"
    "$top/tests/fetcher/certs" "$faults_dir" >"$faults_dir/certs.log" 2>&1 || return 1
    : >"$faults_dir/log"
    mkfifo "$faults_dir/leash"
    node "$top/tests/fetcher/server.mjs" "$faults_dir" "$faults_dir/log" <"$faults_dir/leash" \
        >"$faults_dir/ports" 2>"$faults_dir/errors" &
    exec 6>"$faults_dir/leash"
    for ((try = 0; try < 200; try++)); do
        [ -s "$faults_dir/ports" ] && return 0
        sleep 0.05
    done
    return 1
}
faults_dir=$SANDBOX_DIR/faults
fault_port() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$faults_dir/ports"; }

# NAME URL: a service whose provider has its keys there; sections for the configuration, and a stack.
fault_service() {
    cat <<-END
		[provider $1]
		issuer = $(issuer_of "$@")
		client_id = linux-login
		audience = ssh://testhost
		ca_file = $faults_dir/ca.pem
		timeout = 4s
		jwks_uri = $2
		device_authorization_endpoint = $(issuer_of "$@")/device
		token_endpoint = $(issuer_of "$@")/token

		[service $1]
		providers = $1
		methods = token

	END
    printf '%s\n' "auth required $module config=$config" 'auth required pam_permit.so' >"$PAM_TESTS/stacks/$1"
    echo "$1  sub=248289761001  -> alice" >>"$SANDBOX_DIR/pam_oauth/accounts.map"
}
issuer_of() { sed -E 's|^([^:]*://[^:/]*).*|\1/'"$1|" <<<"$2"; } # NAME URL

# What there is behind a sign-in: no process, dead or alive, no file (in the run directory it is
# counted who asks, and below "$said" is what the tests note), and nothing of the fetcher's user.
expect_nothing_left() {
    local places=("$SANDBOX_DIR" /etc /run /var/log)
    expect_equal "$(processes)" '' &&
        expect_equal "$(find "${places[@]}" -newer "$SANDBOX_DIR/stamp" -type f -not -name '*.refresh' \
            -not -path "$said*" -not -path "$SANDBOX_DIR/output" -not -path "$SANDBOX_DIR/log" \
            -not -path "$faults_dir/log")" '' &&
        expect_equal "$(find /tmp /var/tmp /dev/shm -type f -user _pam-oauth -newer "$SANDBOX_DIR/stamp" 2>/dev/null)" ''
}

# NAME SERVER/PATH SECONDS REASON: a line of standard input is a service, where its keys would be
# (SERVER is one of tests/fetcher/server.mjs, or it is a whole URL), how long a sign-in may take, and
# what the log has to say. All sign in at the same time, within the words of faults_in.
faults_in=()
faults_services() {
    local name url most detail
    # libpam wants the name of a service in small letters
    rm -rf "$said" && mkdir "$said" && sed -E 's/^[^ ]+/\L&/' >"$said/lines" && keys_config || return 1
    while read -r name url most detail; do
        [[ $url == https:* ]] || url="https://localhost:$(fault_port "${url%%/*}")/${url#*/}"
        printf '%s\n' "$name $url $most $detail" >>"$said/list"
        fault_service "$name" "$url" >>"$said/services"
    done <"$said/lines"
    cat "$config" >>"$said/services" && cat "$said/services" >"$config"
}
faults_sign_in() {
    local name url most detail pids=()
    touch "$SANDBOX_DIR/stamp" && sleep 0.02
    while read -r name url most detail; do
        "${faults_in[@]}" "$many" "$name" 1 "${1:-$said/$name.token}" >"$said/$name" &
        pids+=($!)
    done <"$said/list"
    wait "${pids[@]}"
    logs >"$said/log"
}
# NAME CODE SECONDS DECISION: one decision, in time, and the host was told so
fault_came_to() {
    expect_match "$(cat "$said/$1")" "^$2 1\$" && expect_equal "$(grep -c "event=sign_in .*service=$1 " "$said/log")" 1 &&
        expect_match "$(grep "service=$1 " "$said/log")" "$4" &&
        at_most "$(sed -n 's/^slowest //p' "$said/$1")" "$(($3 * 1000))" ms && return
    printf -- '-- %s\n' "$1"
    return 1
}
said=$SANDBOX_DIR/outcomes

faults_judge() { # [KB: most memory that a fetcher may take]
    local name url most detail wrong=0
    faults_services && faults_sign_in "$SANDBOX_DIR/good" || return 1
    while read -r name url most detail; do
        fault_came_to "$name" PAM_AUTHINFO_UNAVAIL "$most" \
            "verdict=failed reason=keys_unavailable .*detail=\"[^\"]*$detail" &&
            at_most "$(sed -n 's/^memory //p' "$said/$name")" "${1:-99999}" "kB by $name" || wrong=1
    done <"$said/list"
    expect_nothing_left && [ "$wrong" = 0 ]
}
at_most() { # GOT MOST UNIT
    [ "${1:-999999}" -le "$2" ] || { printf 'got %s %s, at most %s\n' "$1" "$3" "$2"; return 1; }
}

test_E39_R120_redirects_and_other_schemes() {
    faults_start && faults_judge <<-'END' && expect_equal "$(grep -c elsewhere "$faults_dir/log")" 0
		E39-301 good/status/301 5 HTTP status 301
		E39-302 good/status/302 5 HTTP status 302
		E39-307 good/status/307 5 HTTP status 307
		E39-308 good/status/308 5 HTTP status 308
		E39-to-a-file bad/to-a-file 5 HTTP status 302
		E39-plain plain/ 5 TLS
	END
}

test_E40_R118_bad_tls_of_every_kind() {
    faults_start && faults_judge <<-'END'
		E40-expired expired/ 5 certificate has expired
		E40-self-signed selfsigned/ 5 certificate.*self-signed
		E40-wrong-host otherhost/ 5 certificate.*localhost
		E40-unknown-ca unknown/ 5 certificate.*unable to get local issuer
		E40-tls-1-1 tls11/ 5 TLS
		R118-refused https://localhost:1/ 5 cannot connect: Connection refused
	END
}

test_E41_R119_half_open_slow_and_cut() {
    faults_start && faults_judge <<-'END'
		E41-never-answers bad/silent 10 no answer in time
		E41-no-handshake deaf/ 10 no answer in time
		E41-slow-headers bad/slow-headers 10 no answer in time
		E41-slow-body bad/slow-body 10 no answer in time
		E41-endless-chunks bad/endless-chunks 10 larger than 512 KiB
		E41-endless-body bad/endless 10 larger than 512 KiB
		E41-reset bad/reset 10 /reset:
		E41-cut bad/cut 10 /cut:
		E41-hang-up bad/hang-up 10 /hang-up:
	END
}

# Less than 32 MB, whatever is sent; the certificates here are those of the test alone.
test_E42_E43_R122_bombs_lengths_and_headers() {
    faults_start && faults_judge 32768 <<-'END'
		E42-gzip bad/gzip 5 compressed
		E42-gzip-as-transfer bad/gzip-transfer 5 Transfer-Encoding
		E42-length-2-63 bad/length-2-63 5 /length-2-63:
		E42-length-negative bad/length-negative 5 /length-negative:
		E42-two-lengths bad/length-twice 5 two Content-Length
		E42-length-lies bad/length-short 5 shorter than announced
		E42-large-announced bad/large-known 5 larger than 512 KiB
		E42-large-unannounced bad/large-unknown 5 larger than 512 KiB
		E43-5000-headers bad/5000-headers 5 header lines
		E43-endless-headers bad/endless-headers 5 header lines
		E43-header-of-1-MB bad/long-header 5 header line
	END
}

test_R121_R122_no_document_at_all() {
    faults_start && faults_judge <<-'END'
		R121-429 good/status/429 5 HTTP status 429
		R121-500 good/status/500 5 HTTP status 500
		R121-502 good/status/502 5 HTTP status 502
		R121-503 good/status/503 5 HTTP status 503
		R121-504 good/status/504 5 HTTP status 504
		R122-not-http bad/not-http 5 not HTTP
		R122-empty bad/empty 5 /empty:
		R122-html bad/html 5 /html:
		R122-cut-json bad/cut-json 5 /cut-json:
		R122-byte-order-mark bad/byte-order-mark 5 /byte-order-mark:
		R122-utf-16 bad/utf-16 5 /utf-16:
		R122-name-twice bad/name-twice 5 /name-twice:
		R122-list bad/list 5 /list:
		R122-no-keys bad/no-keys 5 no key in it can be used
	END
}

# ---- networks -----------------------------------------------------------------------------------------

# A network with nothing in it but itself, a name server (tests/fetcher/dns.mjs), and a port behind
# which nobody takes a connection, so that the kernel drops who knocks, as a filter does: its number
# is in filtered.
nowhere_start() {
    local try
    unshare --net sleep 300 &
    nowhere=$!
    faults_in=(nsenter --target "$nowhere" --net)
    for ((try = 0; try < 100; try++)); do
        [ "$(readlink "/proc/$nowhere/ns/net")" != "$(readlink /proc/self/ns/net)" ] && break
        sleep 0.02
    done
    "${faults_in[@]}" ip link set lo up
    rm -f "$said".{leash,dns,port} && mkfifo "$said.leash"
    "${faults_in[@]}" node "$top/tests/fetcher/dns.mjs" "$said.dns" <"$said.leash" >"$said.listens" &
    nowhere_pids=($!)
    # shellcheck disable=SC2016
    "${faults_in[@]}" perl -MSocket -e '
        my $s;
        socket($s, AF_INET, SOCK_STREAM, 0) && bind($s, sockaddr_in(0, INADDR_LOOPBACK)) && listen($s, 0) or die;
        my ($port) = sockaddr_in(getsockname($s));
        my $c; # whose connection is all that waits here
        socket($c, AF_INET, SOCK_STREAM, 0) && connect($c, getsockname($s)) or die;
        $| = 1; print "$port\n"; <STDIN>' <"$said.leash" >"$said.port" &
    nowhere_pids+=($!)
    exec 5>"$said.leash"
    for ((try = 0; try < 200; try++)); do
        [ -s "$said.listens" ] && [ -s "$said.port" ] && break
        sleep 0.05
    done
    filtered=$(cat "$said.port")
    cp /etc/resolv.conf /etc/hosts "$SANDBOX_DIR/home"
    echo 'nameserver 127.0.0.1' >/etc/resolv.conf
    echo '127.0.0.1 localhost filtered.test' >/etc/hosts
}
nowhere_end() {
    exec 5>&-
    kill "$nowhere"
    wait "$nowhere" "${nowhere_pids[@]}"
    cat "$SANDBOX_DIR/home/resolv.conf" >/etc/resolv.conf
    cat "$SANDBOX_DIR/home/hosts" >/etc/hosts
    faults_in=()
}
networks() {
    cat <<-END
		E44-nxdomain https://nosuch.idp.test/ 10 cannot resolve nosuch.idp.test: Name or service not known
		E44-dns-timeout https://silent.idp.test/ 10 cannot resolve silent.idp.test: Temporary failure
		E44-no-route https://192.0.2.7/ 10 cannot connect: Network is unreachable
		E44-filtered https://filtered.test:$filtered/ 10 no answer in time
	END
}

test_E44_R118_networks_that_are_not_there() {
    faults_start && nowhere_start
    faults_judge < <(networks)
    local code=$?
    nowhere_end
    return "$code"
}

# The same with keys on disk that are stale: nobody waits for a network.
test_E44_R72_stale_keys_are_used_where_there_is_no_network() {
    local name url rest code=0
    warm && faults_start && nowhere_start && faults_services < <(networks) || return 1
    age_keys 7200 3600
    while read -r name url rest; do
        sed -E "s|^issuer .*|issuer $(issuer_of "$name" "$url")|; s|^jwks_uri .*|jwks_uri $url|" "$keys_file" \
            >"$cache/$(issuer_of "$name" "$url" | tr -d '\n' | sha256sum | cut -d ' ' -f 1).keys"
        mint "\"iss\":\"$(issuer_of "$name" "$url")\"" >"$said/$name.token"
    done <"$said/list"
    faults_sign_in
    while read -r name url rest; do
        fault_came_to "$name" PAM_SUCCESS 3 'verdict=accepted ' &&
            expect_match "$(cat "$said/log")" "event=keys_stale v=1 provider=$name " || code=1
    done <"$said/list"
    nowhere_end
    wait_for_refresher && expect_equal "$(logs | grep -c 'event=keys_not_refreshed')" 4 && [ "$code" = 0 ]
}

# shellcheck shell=bash
#
# The world of tests/gate, in /run/gate, which is a file system in memory and the sandbox's own: no
# path, name, time or file in it depends on the machine. Sourced inside the sandbox, by `inside`.

# shellcheck disable=SC2154 # by whoever sources this
: "${here:?}" "${spoiled[0]:?}"

world=/run/gate
issuer=https://sso.example.org/realms/corp
now=4102444800 # as tests/gate/host.c

provider() { # NAME ISSUER [LINE...]
    printf '%s\n' "[provider $1]" "issuer = $2" 'client_id = linux-login' 'audience = ssh://gate' \
        'access_token_marker = typ=Bearer' "${@:3}" ''
}

service_and_paths() { # PROVIDERS MAP
    cat <<-END
		[service sshd]
		providers = $1
		methods = token
		local_users = root breakglass

		[paths]
		accounts = $world/etc/$2.map
		cache = $world/cache
		state = $world/state
		run = $world/run
	END
}

write_configs() {
    local keys
    { provider corp $issuer && service_and_paths corp accounts; } >etc/plain.conf
    for keys in 1 1000; do
        { provider corp $issuer "jwks_file = $world/etc/$keys.jwks" &&
            service_and_paths corp accounts; } >"etc/pinned-$keys.conf"
    done
    for keys in sorted shuffled; do
        { provider corp $issuer && service_and_paths corp $keys; } >"etc/map-$keys.conf"
    done
    # `edge` is asked for nothing that is signed with RS256, `other` not by this service
    { provider edge https://edge.example.org 'algorithms = ES256' && provider corp $issuer &&
        provider other https://other.example.org &&
        service_and_paths 'edge corp' accounts; } >etc/three.conf
}

# A million people, sorted by account or not, the one who signs in last.
write_maps() {
    local line='corp sub=%010d -> u%07d\n' alice='corp sub=248289761001 -> alice' # 32 bytes, the usual
    { awk -v line="$line" 'BEGIN { for (i = 0; i < 9; i++) printf line, i, i }' && echo "$alice"; } \
        >etc/accounts.map
    { awk -v line="$line" 'BEGIN { for (i = 0; i < 999999; i++) printf line, i, i }' &&
        echo "$alice"; } >etc/sorted.map
    # 1,000,003 is a prime: each number comes once, in no order
    { awk -v line="$line" 'BEGIN {
        for (i = 0; i < 999999; i++) { n = (n + 382321) % 1000003; printf line, n, n } }' &&
        echo "$alice"; } >etc/shuffled.map
}

keys_file() { # ISSUER
    printf '%s.keys' "$(printf %s "$1" | sha256sum | cut -d ' ' -f 1)"
}

store() { # DIRECTORY ISSUER COUNT
    mkdir -p "$1"
    {
        printf 'pam_oauth keystore 1\nissuer %s\njwks_uri %s/jwks\n' "$2" "$2"
        printf 'device_authorization_endpoint -\ntoken_endpoint -\n'
        printf 'fetched %d\nfresh_until %d\n' $((now - 60)) $((now + 3600))
        printf 'keys %d\n' "$3"
        node "$here/keys.mjs" lines "$3"
        echo end
    } >"$1/$(keys_file "$2")"
}

write_keys() {
    local count
    for count in 1 10 100 1000; do
        store "keys-$count" $issuer "$count"
    done
    store cache $issuer 4
    store cache https://edge.example.org 4
    store cache https://other.example.org 4
    for count in 1 4 1000; do
        node "$here/keys.mjs" jwks "$count" >"etc/$count.jwks"
    done
    for count in 1 10 100 1000; do
        sed "s,^cache = .*,cache = $world/keys-$count," etc/plain.conf >"etc/keys-$count.conf"
    done
}

stack() { # NAME MODULE CONFIG
    mkdir -p "stacks/$1"
    echo "auth required $world/$2 config=$world/etc/$3.conf" >"stacks/$1/sshd"
}

write_stacks() {
    local name
    mkdir -p stacks/permit
    echo 'auth required pam_permit.so' >stacks/permit/sshd
    for name in plain three pinned-1 pinned-1000 map-sorted map-shuffled keys-1 keys-10 keys-100 \
        keys-1000; do
        stack "$name" pam_oauth.so "$name"
    done
    for name in "${spoiled[@]}"; do
        stack "$name" "$name.so" three
    done
}

world_make() { # BUILD
    hostname gate
    mkdir -p "$world"
    cd "$world" || return
    mkdir -p etc cache state run
    install -m 644 "$1/pam_oauth.so" . && install -m 755 "$1/tests/gate/host" . &&
        install -m 644 "$1"/tests/gate/*.so . && cp "$here"/vectors/*.jwt . || return
    for _ in {1..10}; do cat ./*.jwt; done >in-turn
    write_configs && write_maps && write_keys && write_stacks
}

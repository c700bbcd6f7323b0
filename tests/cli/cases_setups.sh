# shellcheck shell=bash disable=SC2154,SC2034
# check: a corpus of broken set-ups. Each directory of setups/ holds what differs from setups/base (a
# working host whose PAM stacks are those of conf/pam.d), `prepare` (shell, what files cannot say)
# and `expected`: the findings, all and in their order, as patterns of the shell.

fetcher=$(dirname "$program")/pam-oauth-fetcher

make_setup() { # NAME: in $setup
    local file
    setup=$dir/setups/$1
    mkdir -p "$setup"
    cp -R "$here/setups/base/." "$setup/"
    host_root "$setup/host" sshd sudo su login
    [ "$1" = base ] || cp -R "$here/setups/$1/." "$setup/"
    cp "$dir/keys.jwks" "$setup/corp.jwks"
    mkdir -m 755 "$setup/cache"
    mkdir -m 700 "$setup/state"
    mkdir -m 711 "$setup/run"
    sed -i "s#@DIR@#$setup#g; s#@FETCHER@#$fetcher#" "$setup/pam_oauth.conf"
    # shellcheck source=/dev/null
    [ ! -f "$setup/prepare" ] || . "$setup/prepare"
}

# That this machine's kernel is an old one is no fault of the set-up.
findings_of() { grep -v "^$fetcher: warning: " "$dir/out"; }

as_expected() { # NAME
    local setup expected=() found=() i finding code_wanted=0
    make_setup "$1"
    call check --offline --root "$setup/host" --config "$setup/pam_oauth.conf"
    mapfile -t expected <"$setup/expected"
    mapfile -t found < <(findings_of)
    grep -q ': error: ' "$setup/expected" && code_wanted=1
    [ "$code" -eq "$code_wanted" ] && [ "${#found[@]}" -eq "${#expected[@]}" ] || {
        printf 'exit %s, %s findings wanted\n' "$code_wanted" "${#expected[@]}"
        printf 'exit %s:\n' "$code"
        cat "$dir/out" "$dir/err"
        return 1
    }
    for i in "${!expected[@]}"; do
        finding=${found[i]#"$setup/"}
        # shellcheck disable=SC2053 # a pattern
        [[ $finding == ${expected[i]} && $finding =~ $form ]] || {
            printf 'wanted: %s\ngot:    %s\n' "${expected[i]}" "$finding"
            return 1
        }
    done
    expect_printable "$dir/out" && expect_printable "$dir/err"
}

form='^[^ ]+: (error|warning): [^ ].*[^.]$'
for setup in "$here"/setups/*/; do
    name=$(basename "$setup")
    test_it "R127 R111 E63 check, set-up $name" as_expected "$name"
done

# Every stack of conf/pam.d, and what is installed: it says of itself that it enables nothing.
shipped() {
    make_setup base
    host_root "$setup/host"
    cp "$top/conf/pam_oauth.conf" "$top/conf/accounts.map" "$setup"
    call check --root "$setup/host" --config "$setup/pam_oauth.conf"
    [ "$code" -eq 0 ] && [ -s "$dir/out" ] && ! grep -v ': warning: the configuration enables no service yet' "$dir/out"
}
test_it 'R125 check of what is shipped' shipped
all_stacks() {
    make_setup base
    host_root "$setup/host"
    sed -i "s#^\[service .*#[service $(cd "$top/conf/pam.d" && echo ./*)]#; s# \./# #g" "$setup/pam_oauth.conf"
    call check --root "$setup/host" --config "$setup/pam_oauth.conf"
    [ "$code" -eq 0 ] && [ ! -s "$dir/out" ] || { cat "$dir/out" "$dir/err"; return 1; }
}
test_it 'R125 check of every stack that is shipped, with a section' all_stacks

clock_of() { # SECONDS
    make_setup base
    CLOCK=$1 LD_PRELOAD=$dir/clock.so "$program" check --offline --root "$setup/host" \
        --config "$setup/pam_oauth.conf" >"$dir/out" 2>"$dir/err"
    code=$?
    [ "$code" -eq 1 ] && grep -qE "^$setup/pam_oauth.conf: error: .*clock" "$dir/out"
}
test_alone 'E65 check, a clock of 1970' clock_of 1000

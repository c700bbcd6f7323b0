# shellcheck shell=bash disable=SC2016,SC2154
# A kernel that cannot confine the fetcher, or not wholly: signing in works, and the log says so
# once (tests/fetcher/kernel.c plays the kernel).

# From here on the fetcher runs on that kernel, on a host that was just booted; on one that has
# stored no keys, unless they are to be kept.
boot() { # KERNEL [keep]
    install -m 755 "$top/$BUILD/tests/fetcher/kernel" "$SANDBOX_DIR/$1"
    sed -i "s|^fetcher = .*|fetcher = $SANDBOX_DIR/$1|" "$config"
    rm -f "$SANDBOX_DIR"/run/*
    [ -n "${2-}" ] || rm -f "$SANDBOX_DIR"/cache/*
}
sign_in_twice() {
    pam_answer tokens alice "$(mint)" -- authenticate && rm "$SANDBOX_DIR"/cache/* &&
        pam_answer tokens alice "$(mint)" -- authenticate &&
        expect_equal "$(logs | grep -c 'verdict=accepted')" 2
}
expect_told() { # REGEX
    local lines
    lines=$(logs | grep 'event=fetcher_confinement')
    expect_equal "$(wc -l <<<"$lines")" 1 && expect_match "$lines" "event=fetcher_confinement v=1 detail=\"$1"
}

test_a_kernel_without_landlock_is_told_once() {
    boot no-landlock && sign_in_twice && expect_told 'this kernel has no Landlock'
}
test_a_kernel_without_seccomp_is_told_once() {
    boot no-seccomp && sign_in_twice && expect_told '.*this kernel has no seccomp filters'
}
test_the_kernel_of_debian_12_is_told_once() {
    boot landlock-2 && sign_in_twice && expect_told 'Landlock of this kernel cannot limit the ports'
}
test_a_kernel_with_neither_is_told_again_after_a_boot() {
    boot neither && sign_in_twice && expect_told 'this kernel has no Landlock.*; this kernel has no seccomp' &&
        logs_clear && boot neither && sign_in_twice && expect_told 'this kernel has no Landlock'
}
test_the_device_flow_tells_of_its_fetcher_too() {
    warm_keys && boot no-landlock keep &&
        expect_equal "$(ssh_answer alice '' '!approve_as alice "$1" >&2' -- id -un)" alice &&
        expect_told 'this kernel has no Landlock'
}
test_a_kernel_that_can_is_not_told() {
    sign_in_twice || return 1
    # unless it cannot: then the machine's own is told
    [ "$("$SANDBOX_DIR/pam-oauth" check --config "$config" 2>/dev/null | grep -c warning)" != 0 ] ||
        expect_equal "$(logs | grep -c event=fetcher_confinement)" 0
}

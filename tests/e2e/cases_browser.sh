# shellcheck shell=bash disable=SC2016,SC2119,SC2154
# pam-oauth login in a real browser, on the provider's own pages. In a file of its own: Chromium does
# not run with another program's library in it (tests/sanitize).

# shellcheck source=tests/e2e/stored.sh
. "$here/stored.sh"

# Chromium opens connections that it does not use, asks for an icon, and follows the redirect itself.
test_login_in_chromium_on_the_provider_s_pages() {
    stored_config && place_without_runtime || return 1
    browser 'node "$top/tests/e2e/chromium.mjs" "$1" alice'
    own alice login --audience ssh://testhost >/dev/null || { browsed; return 1; }
    expect_equal "$(as_user alice sudo -n id -un)" root || return 1
    expect_match "$(browsed)" '^Back to the terminal$' &&
        expect_match "$(browsed)" 'The provider has answered. The terminal says whether you are signed in'
}

/*
 * Signing in with the browser of this machine (oauth/authcode.h), and opening it.
 */
#ifndef PAM_OAUTH_CLI_LOGIN_BROWSER_H
#define PAM_OAUTH_CLI_LOGIN_BROWSER_H

#include "cli/login/mine.h"
#include "oauth/granted.h"
#include "oauth/metadata.h"

/* In base32, 160 bits and more (RFC 7636 7.1 asks for 256 in a verifier: 64 characters have 320).
 */
#define BROWSER_NONCE_LENGTH 32

/* What is asked for; borrowed strings. */
struct browser_errand {
    const struct provider *provider; /* with its scope as it is wanted */
    const char *audience;            /* or NULL */
    const struct metadata_client *metadata;
    const char *acr_values; /* "": any */
    int64_t max_age_s;      /* -1: any */
};

/*
 * Shows the URL, opens the browser, waits until it comes back, and exchanges the code. `nonce` has
 * room for BROWSER_NONCE_LENGTH + 1 bytes; the ID token must hold it. ST_CANCELLED ST_ISSUER
 * ST_EXPIRED; ST_CONFIG ST_PROVIDER ST_INTERNAL ST_MEMORY.
 */
MUST_CHECK enum status browser_sign_in(struct mine *mine, const struct browser_errand *errand,
                                       struct why *why, char *nonce, struct granted *granted);

#endif

/*
 * From token bytes to claims that were checked: the first four steps of DESIGN section 3. The
 * module and `pam-oauth verify` both come through here; there is no other way.
 */
#ifndef PAM_OAUTH_LOGIN_TOKEN_TOKEN_H
#define PAM_OAUTH_LOGIN_TOKEN_TOKEN_H

#include "login/keys/keyring.h"
#include "oauth/checks.h"
#include "oauth/claims.h"

/* What one token is checked against. */
struct token_policy {
    const struct provider *const *providers; /* whose tokens are acceptable */
    size_t provider_count;
    bool from_device_flow;    /* an ID token made for our own client, whatever token_kind says */
    struct span access_token; /* that came beside it; empty when none did */
};

/* The way of a token, in its order: DESIGN section 3 from the top down to the claims. */
enum token_step {
    TOKEN_UNREAD,
    TOKEN_HEADER,
    TOKEN_ALGORITHM,
    TOKEN_KEY,
    TOKEN_SIGNATURE,
    TOKEN_PAYLOAD,
    TOKEN_CLAIMS /* opened: the checks of oauth/checks.h can run */
};

/* What a step is called, and the clause that it implements; for those between the two ends. */
struct token_step_row {
    const char *name; /* stable: `verify --json` shows it */
    const char *rule;
};
const struct token_step_row *token_step_row(enum token_step step);

/* What is known of a token so far; on a refusal, as much as was reached. TOKEN zeroes it. */
struct token {
    enum token_step step; /* the last that was taken: on a refusal, the one that refused */
    struct jws *jws;
    struct verified *verified;       /* NULL until a key has verified it */
    struct keyring_issuer *issuer;   /* whose key that was */
    const struct key *key;           /* the key; the ring's, until it is asked for another */
    const struct provider *provider; /* told apart by audience among those of the issuer */
    struct claims *claims;           /* NULL until then */
};
#define TOKEN                                                                                      \
    {                                                                                              \
        .step = TOKEN_UNREAD, .jws = NULL, .verified = NULL, .issuer = NULL, .provider = NULL,     \
        .claims = NULL                                                                             \
    }
void token_done(struct token *token);

/*
 * Takes `text` apart and finds the key that verifies it. `text` must outlive the token.
 * ST_OK; ST_MALFORMED ST_HEADER ST_ALG ST_TYPE ST_UNKNOWN_KEY ST_SIGNATURE; ST_KEYS_UNAVAILABLE
 * ST_CONFIG ST_MEMORY ST_INTERNAL.
 */
MUST_CHECK enum status token_verify(struct keyring *keyring, struct span text, struct why *why,
                                    struct token *token);

/*
 * Parses the claims of a verified token and finds the provider it is of. ST_MALFORMED, ST_ALG
 * when no provider of the issuer has enabled the algorithm for such a key, ST_MEMORY.
 */
MUST_CHECK enum status token_open(const struct token_policy *policy, struct why *why,
                                  struct token *token);

/* What the checks compare with (oauth/checks.h), for a token that was opened. */
struct expectation token_expectation(const struct site *site, const struct token_policy *policy,
                                     const struct token *token);

/* All three in a row, and the checks. */
MUST_CHECK enum status token_check(const struct site *site, const struct token_policy *policy,
                                   struct keyring *keyring, struct span text, struct why *why,
                                   struct token *token);

#endif

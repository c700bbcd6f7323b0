/*
 * What is kept of a sign-in beside its token, in PROVIDER.grant (store/wallet.h): what it was, and
 * what it takes to renew it. One JSON object; the user's own, and read as if it were not.
 */
#ifndef PAM_OAUTH_CLI_LOGIN_GRANT_H
#define PAM_OAUTH_CLI_LOGIN_GRANT_H

#include <stdint.h>

#include "base/buf.h"
#include "oauth/granted.h"
#include "store/wallet.h"

#define GRANT_TEXT_MAX ((size_t)2048)
#define GRANT_FILE_MAX (4 * GRANTED_TOKEN_MAX)

/* Each text is empty where there is none. */
struct grant {
    struct buf issuer;
    struct buf client_id;
    struct buf token_endpoint;
    struct buf revocation_endpoint;
    struct buf asked_audience; /* --audience, */
    struct buf audience;       /* and what is in the token */
    struct buf scope;
    struct buf subject;
    struct buf token; /* what PROVIDER.token holds */
    struct buf refresh_token;
    int64_t issued_s;
    int64_t expires_s;
};
#define GRANT                                                                                      \
    {                                                                                              \
        .issuer = BUF(GRANT_TEXT_MAX), .client_id = BUF(GRANT_TEXT_MAX),                           \
        .token_endpoint = BUF(GRANT_TEXT_MAX), .revocation_endpoint = BUF(GRANT_TEXT_MAX),         \
        .asked_audience = BUF(GRANT_TEXT_MAX), .audience = BUF(GRANT_TEXT_MAX),                    \
        .scope = BUF(GRANTED_SCOPE_MAX), .subject = BUF(GRANT_TEXT_MAX),                           \
        .token = BUF(GRANTED_TOKEN_MAX), .refresh_token = BUF(GRANTED_TOKEN_MAX), .issued_s = 0,   \
        .expires_s = 0                                                                             \
    }
void grant_done(struct grant *grant);

/* Puts `text` in the place of what was there. ST_MEMORY; ST_MALFORMED where it is too long. */
MUST_CHECK enum status grant_set(struct buf *field, struct span text);

/*
 * Reads what the wallet has of a provider; `*ret_found` is false, with the remedy in `why`, when
 * there is nothing. ST_STORE when it is not to be trusted, or damaged; ST_MEMORY.
 */
MUST_CHECK enum status grant_load(const struct wallet_place *place, const char *provider,
                                  struct why *why, struct grant *grant, bool *ret_found);

/* Keeps it, and the token beside it; the lock is held. ST_STORE, ST_MEMORY. */
MUST_CHECK enum status grant_save(int directory, const char *provider, const struct grant *grant,
                                  struct why *why);

/* Is the token good for so many seconds more? */
bool grant_is_good(const struct grant *grant, int64_t now_s, int64_t least_s);

#endif

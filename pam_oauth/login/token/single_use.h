/*
 * A token that lets in once: the last step before a sign-in is accepted, so that a token that is
 * refused for any other reason is not used up (R57, DESIGN section 3). An ID token at the end of a
 * device flow is a token like any other: whoever gets hold of it later cannot present it.
 *
 * Which token it is says the digest of its signed bytes, not its jti: that identifies it for every
 * issuer, whether or not it writes a jti, or writes one twice.
 */
#ifndef PAM_OAUTH_LOGIN_TOKEN_SINGLE_USE_H
#define PAM_OAUTH_LOGIN_TOKEN_SINGLE_USE_H

#include "login/token/token.h"

/*
 * Uses up a token that passed every check, if the service wants that. ST_OK; ST_REPLAYED when it
 * was used before; ST_STORE with the reason when that cannot be known or written down; ST_CONFIG
 * when the fetcher or the password for Redis is not as it should be; ST_MEMORY, ST_INTERNAL.
 */
MUST_CHECK enum status single_use_claim(const struct site *site, const struct service *service,
                                        const struct token *token, struct why *why);

/* What this host's own store would say, with nothing changed. */
MUST_CHECK enum status single_use_look(const struct site *site, const struct token *token,
                                       struct why *why);

#endif

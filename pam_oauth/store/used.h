/*
 * The tokens that were used on this host, for services that let each in only once (R57, E29): an
 * empty file for each, made with O_EXCL, so that of two that come at once one has made it.
 *
 *     used/HOUR/DD/DIGEST    HOUR: that of its exp, counted from 1970; DD: how DIGEST begins
 *     used/forgotten         the hours that come before its length in bytes are forgotten
 *
 * Whoever claims a token removes a few of those that nobody accepts any more, an hour after the
 * next: so the cost is the same however many there are. Before the first of an hour is removed,
 * `forgotten` is made longer than that hour, and nothing here ever makes it shorter: who comes too
 * late for an hour, stopped in the middle or under a clock that was set back, is refused, because
 * nobody can know any more. Whatever stands in the place of an entry is one.
 */
#ifndef PAM_OAUTH_STORE_USED_H
#define PAM_OAUTH_STORE_USED_H

#include <stdint.h>
#include <sys/types.h>

#include "base/span.h"
#include "base/status.h"

/*
 * Kept for so long behind exp: longer than any clock_skew, and than the clocks of hosts that share
 * their used tokens should differ.
 */
#define USED_GRACE_S ((int64_t)3600)

/* What is said of a token that was used before, wherever that is written down. */
#define USED_SENTENCE                                                                              \
    "the token was used before, and this service accepts each only once (single_use)"

/* One token, as its signed bytes say: so it is the same one for every process. */
struct used_token {
    const char *digest; /* of what the signature covers: jws_digest */
    int64_t expires_s;  /* exp, in whole seconds; not negative */
};

/* Where they are kept. */
struct used_store {
    const char *directory; /* paths.state; it is made if it is missing */
    uid_t owner;           /* may own it besides root */
};

/*
 * Uses the token up. ST_OK, and on this host never again for the same one; ST_REPLAYED when it was
 * used before; ST_STORE with the reason when that cannot be known, or not be written down for good:
 * then it may be used up all the same.
 */
MUST_CHECK enum status used_claim(const struct used_store *store, const struct used_token *token,
                                  int64_t now_s, struct why *why);

/* What used_claim would say, with nothing changed. */
MUST_CHECK enum status used_look(const struct used_store *store, const struct used_token *token,
                                 struct why *why);

#endif

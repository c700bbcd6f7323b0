/*
 * The claims of a token whose signature was verified. There is no other way to get one: the only
 * constructor takes a struct verified. RFC 7519 sections 2 and 4.
 */
#ifndef PAM_OAUTH_OAUTH_CLAIMS_H
#define PAM_OAUTH_OAUTH_CLAIMS_H

#include <jansson.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "base/status.h"

struct claims;
struct verified; /* jose/jws.h */

/*
 * Parses the payload. The claims own what they hold; `verified` may be freed afterwards.
 * ST_MALFORMED when it is not one JSON object within the limits (R35), ST_MEMORY.
 */
MUST_CHECK enum status claims_open(const struct verified *verified, struct why *why,
                                   struct claims **ret_claims);

/* Frees; *claims may be NULL. Fits CLEANUP. */
void claims_done(struct claims **claims);

/* The `typ` of the protected header, empty if there is none. */
struct span claims_typ(const struct claims *claims);

/*
 * The value of a claim, or NULL. The name is looked up literally first; if that finds nothing and
 * it has dots, as a path (`realm_access.roles`): of the parts before a dot, the shortest that names
 * a member, and in that the rest in the same way (`kubernetes.io.namespace`). Never back and forth:
 * what is behind a member is looked for in it alone. Valid while the claims live.
 */
const json_t *claims_find(const struct claims *claims, struct span name);

/* A claim that is a string; false if it is absent or anything else. */
bool claims_text(const struct claims *claims, const char *name, struct span *ret_text);

/*
 * A NumericDate (RFC 7519 section 2) in (0, 253402300799], fractions included: a double holds
 * every such second exactly, and comparing doubles overflows nothing.
 * ABSENT and BAD are told apart because an absent nbf is fine and a bad one is not.
 */
enum claims_date { CLAIMS_DATE_OK, CLAIMS_DATE_ABSENT, CLAIMS_DATE_BAD };
enum claims_date claims_date(const struct claims *claims, const char *name, double *ret_s);

/*
 * Appends the half of a digest of `text` that at_hash holds of an access token, by the algorithm
 * and the key of this token's signature (digest_left_half). ST_INTERNAL, ST_MEMORY.
 */
MUST_CHECK enum status claims_left_half(const struct claims *claims, struct span text,
                                        struct buf *into);

/*
 * Says that the values of these claims, where they are strings, are lists with commas
 * (condition.h). The names are borrowed: they outlive the claims.
 */
void claims_set_comma_lists(struct claims *claims, char *const *names, size_t count);
bool claims_is_comma_list(const struct claims *claims, struct span name);

/* The whole claims set, for a program that shows it to its administrator. */
const json_t *claims_all(const struct claims *claims);

#endif

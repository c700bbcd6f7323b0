/*
 * The host that the pam target signs in to: its configuration, its account map, and tokens that are
 * good for it or nearly. In a script `@NAME` stands for such a token, `@NAME.1` and `@NAME.2` for
 * its halves; the provider's documents have names too.
 */
#ifndef PAM_OAUTH_TESTS_FUZZ_PAM_HOST_H
#define PAM_OAUTH_TESTS_FUZZ_PAM_HOST_H

#include <stdbool.h>

#include "base/span.h"

#define PAM_HOST_SECRET "c1ient-s3cret-0123456789"
#define PAM_HOST_DEVICE_CODE "d3vice-c0de-0123456789"

/* Writes the configuration into the world and makes the tokens. */
void pam_host_open(void);

/* The pinned keys as they should be; a script may have replaced them. */
void pam_host_reset(void);

/* What the key store holds: "fresh", "stale", "old", or anything else for nothing. */
void pam_host_store(struct span age);

/* The text that `@NAME` stands for; NULL for none of this name. */
const char *pam_host_text(struct span name);

/*
 * May somebody who showed this token, or whose approval brought this ID token, be let in? The
 * answer is a table, made by hand.
 */
bool pam_host_admits(const char *service, const char *user, struct span token);
bool pam_host_admits_approved(const char *service, const char *user, struct span id_token);

/* Is the account left to others (`local_users`)? */
bool pam_host_leaves(const char *service, const char *user);

/* Is there a section for the service? */
bool pam_host_serves(const char *service);

#endif

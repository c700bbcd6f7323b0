/*
 * How long a document may be used without asking again (RFC 9111 sections 4.2 and 5.2.2, R69), and
 * how long a server wants us to stay away (RFC 9110 section 10.2.3).
 */
#ifndef PAM_OAUTH_OAUTH_FRESHNESS_H
#define PAM_OAUTH_OAUTH_FRESHNESS_H

#include <stdint.h>

#include "base/span.h"

/* When neither max-age nor anything like it is said. */
#define FRESHNESS_DEFAULT_S 3600

/*
 * Seconds from now: Cache-Control's first max-age less Age (no-cache and no-store count as 0, and
 * so does a max-age that is no number: RFC 9111 section 4.2.1), the default when none of these is
 * said, then clamped to [min_s, max_s]. Overflow-safe; both headers are foreign text and may hold
 * anything. An Age that is no number is ignored (section 5.1).
 */
int64_t freshness_s(struct span cache_control, struct span age, int64_t min_s, int64_t max_s);

/*
 * Retry-After as a number of seconds in [0, most]; `most` for a larger one; -1 for anything else,
 * a date included: it would make us trust the server's clock for a wait of a minute.
 */
int64_t freshness_retry_after_s(struct span retry_after, int64_t most);

#endif

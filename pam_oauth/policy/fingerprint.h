/*
 * What the policy of this host was at some moment, as one digest: the configuration as it was
 * loaded, this host's name, and every account map, byte by byte. What was decided by it, and does
 * not depend on the time, would be decided by the same policy again; so a decision may be
 * remembered with it, and any change forgets it (DESIGN section 7).
 *
 * accounts_search fills one with the very bytes that it decides by; fingerprint_of reads the maps.
 */
#ifndef PAM_OAUTH_POLICY_FINGERPRINT_H
#define PAM_OAUTH_POLICY_FINGERPRINT_H

#include "jose/digest.h"
#include "policy/config/config.h"

struct fingerprint {
    struct digest whole;
    struct digest map; /* the one that is being read */
};
#define FINGERPRINT                                                                                \
    {                                                                                              \
        .whole = DIGEST, .map = DIGEST                                                             \
    }
/* Fits CLEANUP. */
void fingerprint_done(struct fingerprint *fingerprint);

/* A piece of the map at hand, and its end. ST_INTERNAL, ST_MEMORY. */
void fingerprint_add(struct fingerprint *fingerprint, struct span piece);
MUST_CHECK enum status fingerprint_end_map(struct fingerprint *fingerprint, const char *path);

/*
 * Appends it in hexadecimal, 64 characters; nothing is left in it then. ST_INTERNAL, also for a
 * configuration without a service that remembers, which keeps no texts; ST_MEMORY.
 */
MUST_CHECK enum status fingerprint_end(struct fingerprint *fingerprint, const struct config *config,
                                       struct buf *into);

/*
 * Reads all maps, which must be there and to be trusted (accounts_maps), and appends the
 * fingerprint. ST_CONFIG as accounts_search, ST_INTERNAL, ST_MEMORY.
 */
MUST_CHECK enum status fingerprint_of(const struct config *config, uid_t owner, struct why *why,
                                      struct buf *into);

#endif

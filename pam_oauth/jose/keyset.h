/*
 * The keys of one issuer as lines (jose/jwk.h), and the one that a token's header selects.
 * RFC 7517 section 5; R38, R39, R49, R67.
 */
#ifndef PAM_OAUTH_JOSE_KEYSET_H
#define PAM_OAUTH_JOSE_KEYSET_H

#include "jose/jws.h"
#include "jose/key.h"

/* What a provider may publish, and what an administrator may pin in a file. */
#define KEYSET_FETCHED_MAX ((size_t)100)
#define KEYSET_PINNED_MAX ((size_t)4096)
#define KEYSET_DOCUMENT_MAX ((size_t)512 * 1024)
#define KEYSET_LINES_MAX ((size_t)4 * 1024 * 1024)

/*
 * What keyset_prove may do, in tests of RSA keys of 2048 bits, 1.6 ms each: where a sign-in waits
 * (E30 allows 50 ms), and where nobody does: there it is enough for 100 keys of 4096 bits.
 */
#define KEYSET_WORK_WAITED ((size_t)20)
#define KEYSET_WORK_UNWATCHED ((size_t)1000)

struct keyset {
    const char *issuer; /* whose keys are wanted, borrowed; NULL or empty: all */
    size_t work;        /* for keyset_prove: KEYSET_WORK_WAITED, or _UNWATCHED */
    /* For keyset_prove: lines that it let stand before, borrowed, since most keys stay. */
    struct span proven;
    json_t *unread; /* keyset_open: the document, whose keys have no lines yet */
    struct buf lines;
    size_t usable;        /* lines written */
    size_t passed_over;   /* keys of the document that no line was written for */
    size_t private_parts; /* of those, how many were published with their private part */
    struct why first_passed_over;
    struct span shared_kid; /* keyset_prove: one that two usable lines begin with (R39), or empty */
};
#define KEYSET                                                                                     \
    {                                                                                              \
        .issuer = NULL, .work = KEYSET_WORK_WAITED, .proven = {"", 0}, .unread = NULL,             \
        .lines = BUF(KEYSET_LINES_MAX), .usable = 0, .passed_over = 0                              \
    }
void keyset_done(struct keyset *keyset);

/*
 * Opens a JWKS document: it is read as JSON, whole and strictly, and no key of it is looked at.
 * ST_MALFORMED when it is no JWKS or has more than `most` keys; ST_MEMORY.
 */
MUST_CHECK enum status keyset_open(struct span document, size_t most, struct why *why,
                                   struct keyset *keyset);

/*
 * Of a set that was opened, adds the lines of the usable keys with this kid to `lines`: for a
 * login, which needs one. ST_MEMORY.
 */
MUST_CHECK enum status keyset_named(const struct keyset *keyset, struct span kid,
                                    struct buf *lines);

/* Of a set that was opened, reads all keys, as keyset_read does; once. ST_MEMORY. */
MUST_CHECK enum status keyset_read_opened(struct keyset *keyset);

/*
 * Reads a JWKS document, all of it. A key that cannot be used is passed over, and so is everything
 * in the document that is not `keys`. So is, where keyset->issuer is set, a key of another tenant:
 * Entra ID lists keys for all tenants and for the consumers' alone side by side, and says in a
 * member `issuer` which is which. ST_MALFORMED when it is no JWKS or has more than `most` keys;
 * ST_MEMORY.
 */
MUST_CHECK enum status keyset_read(struct span document, size_t most, struct why *why,
                                   struct keyset *keyset);

/*
 * The tests that take arithmetic, for a key set that was read from outside and will be used often:
 * drops the RSA keys whose modulus is a prime and the others that are no point of their curve.
 * At most keyset->work, some 30 ms or 1.6 s, whoever published the set (E30): RSA keys that are too
 * large or too many for that are marked (JWK_UNPROVEN), and tested when one of them is imported.
 * What becomes of a key does not depend on its place in the set (R49). A line that stands in
 * keyset->proven, byte for byte and without a mark, is not tested again, and is no work. ST_MEMORY.
 */
MUST_CHECK enum status keyset_prove(struct keyset *keyset);

/*
 * The key that the header selects, imported: the one with its kid, or without a kid in the header
 * the only one that fits its algorithm. Two lines with that kid are no key at all (R39). The
 * answer does not depend on the order of the lines.
 * ST_UNKNOWN_KEY with the reason, ST_MEMORY.
 */
MUST_CHECK enum status keyset_select(struct span lines, const struct jws_header *header,
                                     alg_set allowed, struct why *why, struct key **ret_key);

#endif

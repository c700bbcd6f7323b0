/*
 * The keys of one issuer that were imported for the tokens of a batch, which has many tokens of a
 * few keys: to import a key costs more than to verify with it, and for a large RSA key, which is
 * tested for a prime, fifty times as much. Bounded, oldest out; and void when the issuer's lines
 * are others.
 */
#ifndef PAM_OAUTH_LOGIN_KEYS_KEPT_H
#define PAM_OAUTH_LOGIN_KEYS_KEPT_H

#include "jose/jws.h"
#include "jose/key.h"

/* A provider signs with one key an algorithm, and with twice as many while it rotates. */
#define KEPT_MAX ((size_t)16)

/* A key, and the header that selects it. */
struct kept_key {
    struct key *key; /* NULL: the place is free */
    enum alg alg;
    struct buf kid;
};

struct kept {
    struct kept_key keys[KEPT_MAX];
    size_t next;        /* the place that is taken next */
    struct key *latest; /* the one that has no name to be found by */
};
/* Zeroed memory is an empty one. */
void kept_done(struct kept *kept);

/* The key for this header, or NULL. Of a header without a kid none is kept. */
const struct key *kept_find(const struct kept *kept, const struct jws_header *header);

/*
 * Keeps a key, or frees it: `key` is taken in any case. It lives until the next call. ST_MEMORY.
 */
MUST_CHECK enum status kept_add(struct kept *kept, const struct jws_header *header,
                                struct key *key);

#endif

/*
 * JSON Web Keys, brought into a form of our own: one line a key, its kid first, only public
 * parameters, only keys that could verify something here. RFC 7517 section 4, RFC 7518 section 6,
 * RFC 8037 section 2.
 *
 *     KID KTY ALG CRV A B
 *
 * KID is `=` and the base64url of the kid, or `*` without one; ALG is the JWK's `alg`, or `-`;
 * CRV is `-` for RSA, or JWK_UNPROVEN; A and B are base64url: n e, x y, or x `-`. So a login finds
 * a key by a search for bytes and reads no other key and no JSON.
 */
#ifndef PAM_OAUTH_JOSE_JWK_H
#define PAM_OAUTH_JOSE_JWK_H

#include <jansson.h>

#include "base/buf.h"
#include "jose/alg.h"

/* Longer than any line that jwk_normalise writes: a kid of 256 bytes, an RSA modulus of 1024. */
#define JWK_LINE_MAX ((size_t)4096)

/* In place of the curve of an RSA key: nobody has tested yet whether its modulus is a prime. */
#define JWK_UNPROVEN '?'

/* A line taken apart; the spans point into it. */
struct jwk {
    struct span kid; /* as it stands in the line, with its `=`, or `*` */
    bool pinned;     /* the JWK names its algorithm, */
    enum alg alg;    /* and this is it */
    enum alg_kty kty;
    enum alg_crv crv;
    bool unproven; /* key_import tests the modulus first */
    struct span a;
    struct span b;
};

/*
 * Appends the line, LF included, of one key of a JWKS. ST_UNKNOWN_KEY, with the reason in `why`,
 * for a key that this program will not use: unknown type or curve, not for signatures, private
 * members, an algorithm that does not fit, or parameters that R44..R46 refuse. ST_MEMORY.
 */
MUST_CHECK enum status jwk_normalise(const json_t *key, struct why *why, struct buf *lines);

/* A published private key is no longer anybody's proof of anything (R67): an alarm. */
bool jwk_shows_private_part(const json_t *key);

/* False for a line that jwk_normalise cannot have written. */
bool jwk_parse(struct span line, struct jwk *ret_jwk);

/* Appends a line of an RSA key, taken apart in `jwk`, marked with JWK_UNPROVEN and without a LF. */
MUST_CHECK enum status jwk_mark_unproven(struct span line, const struct jwk *jwk, struct buf *into);

/* Appends `=` and the encoded kid, as a line for it begins. */
MUST_CHECK enum status jwk_kid(struct span kid, struct buf *into);

/* May this key verify a token whose header says `alg`? The pinned algorithm must be it (R37). */
bool jwk_fits(const struct jwk *jwk, enum alg alg, alg_set allowed);

#endif

/*
 * Digests: SHA-256, and the half of one by which an ID token names what came with it.
 */
#ifndef PAM_OAUTH_JOSE_DIGEST_H
#define PAM_OAUTH_JOSE_DIGEST_H

#include "base/buf.h"
#include "jose/alg.h"

#define DIGEST_BYTES 32

/* Appends SHA-256 in lower-case hexadecimal, 64 characters. ST_INTERNAL, ST_MEMORY. */
MUST_CHECK enum status digest_sha256_hex(struct span bytes, struct buf *into);

/* Appends SHA-256 in base64url, 43 characters: PKCE's S256 (RFC 7636 4.2). As above. */
MUST_CHECK enum status digest_sha256_base64url(struct span bytes, struct buf *into);

/*
 * SHA-256 of what comes in pieces. After a failure nothing more is taken, and the end says so.
 */
struct digest {
    void *context; /* EVP_MD_CTX, NULL before the first piece */
    enum status status;
};
#define DIGEST                                                                                     \
    {                                                                                              \
        .context = NULL, .status = ST_OK                                                           \
    }
/* Fits CLEANUP. */
void digest_done(struct digest *digest);
void digest_add(struct digest *digest, struct span bytes);
/* Appends it as above, and begins again. ST_INTERNAL, ST_MEMORY. */
MUST_CHECK enum status digest_end(struct digest *digest, struct buf *into);

/*
 * Appends the base64url of the left half of the digest that a signature algorithm uses, as in
 * at_hash (OpenID Connect Core 3.1.3.6). `crv` is the curve of the key: EdDSA names no digest, so
 * it is the one inside of the signature, SHA-512 for Ed25519 and 114 bytes of SHAKE256 for Ed448
 * (RFC 8032 5.1 and 5.2, which is what providers do). ST_INTERNAL, ST_MEMORY.
 */
MUST_CHECK enum status digest_left_half(enum alg alg, enum alg_crv crv, struct span bytes,
                                        struct buf *into);

#endif

/*
 * SHA-256.
 */
#ifndef PAM_OAUTH_JOSE_DIGEST_H
#define PAM_OAUTH_JOSE_DIGEST_H

#include "base/buf.h"

#define DIGEST_BYTES 32

/* Appends SHA-256 in lower-case hexadecimal, 64 characters. ST_INTERNAL, ST_MEMORY. */
MUST_CHECK enum status digest_sha256_hex(struct span bytes, struct buf *into);

#endif

/*
 * One signature, one key, one answer: RFC 7518 sections 3.3 to 3.5, RFC 8037 section 3.1.
 */
#ifndef PAM_OAUTH_JOSE_SIGNATURE_H
#define PAM_OAUTH_JOSE_SIGNATURE_H

#include <openssl/types.h>

#include "base/span.h"
#include "base/status.h"
#include "jose/alg.h"

/* RSA of 8192 bits. */
#define SIGNATURE_MAX ((size_t)1024)

/*
 * Makes a key ready to verify `alg`: which digest, which padding. It costs as much as a tenth of an
 * RSA verification, so it is done once a key. The caller frees the result with EVP_MD_CTX_free; it
 * keeps the key. ST_INTERNAL if OpenSSL cannot, also for want of memory.
 */
MUST_CHECK enum status signature_prepare(enum alg alg, EVP_PKEY *key, struct why *why,
                                         EVP_MD_CTX **ret_ready);

/*
 * `ready` was prepared for `alg` and stays as it is. ST_OK only if OpenSSL said exactly 1;
 * ST_SIGNATURE if the signature has the wrong length or does not verify; ST_INTERNAL if OpenSSL
 * could not even start. Leaves nothing in OpenSSL's error queue.
 */
MUST_CHECK enum status signature_verify(enum alg alg, const EVP_MD_CTX *ready, struct span message,
                                        struct span signature, struct why *why);

#endif

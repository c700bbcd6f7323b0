/*
 * Is a public key one that a signature can be trusted under? OpenSSL imports several that are not:
 * the Ed25519 identity point, for one, under which a constant signature fits every message.
 * RFC 7518 sections 3.3 and 6.3, RFC 8032 section 5; requirements R44, R45, R46.
 */
#ifndef PAM_OAUTH_JOSE_KEYCHECK_H
#define PAM_OAUTH_JOSE_KEYCHECK_H

#include "base/span.h"
#include "base/status.h"
#include "jose/alg.h"

/*
 * n and e as unsigned big-endian bytes. n: odd, 2048 to 8192 bits, not made by the generator of
 * CVE-2017-15361 (ROCA); e: odd, 65537 to 2^32 - 1.
 * ST_UNKNOWN_KEY with the reason, ST_MEMORY.
 */
MUST_CHECK enum status keycheck_rsa(struct span n, struct span e, struct why *why);

/*
 * True if n is probably a prime: then whoever reads it can compute the private key. A modular
 * exponentiation, thousands of times dearer than the checks above: for keys that are read once and
 * used often. ST_MEMORY.
 */
MUST_CHECK enum status keycheck_rsa_prime(struct span n, bool *ret_prime);

/* x and y: exactly as long as the curve's field. */
MUST_CHECK enum status keycheck_ec(enum alg_crv crv, struct span x, struct span y, struct why *why);

/* x: exactly 32 or 57 bytes, a canonical encoding, and not a point of small order. */
MUST_CHECK enum status keycheck_okp(enum alg_crv crv, struct span x, struct why *why);

/*
 * Are x and y, which passed keycheck_ec, a point of their curve? OpenSSL refuses to import one that
 * is none, but does not say whether that is why, or memory. ST_UNKNOWN_KEY with the reason,
 * ST_MEMORY.
 */
MUST_CHECK enum status keycheck_ec_point(enum alg_crv crv, struct span x, struct span y,
                                         struct why *why);

/*
 * Is x, which passed keycheck_okp, a point of its curve at all (RFC 8032 5.1.3 and 5.2.3)? OpenSSL
 * imports such a key and refuses its every signature. Dearer than the checks above: for keys that
 * are read once. ST_UNKNOWN_KEY with the reason, ST_MEMORY.
 */
MUST_CHECK enum status keycheck_okp_point(enum alg_crv crv, struct span x, struct why *why);

#endif

/*
 * A public key that OpenSSL can verify with, for one algorithm (R37). Imported from its parameters,
 * never from PEM or DER: that is ten times slower at first use, and a parser less to trust.
 */
#ifndef PAM_OAUTH_JOSE_KEY_H
#define PAM_OAUTH_JOSE_KEY_H

#include <openssl/types.h>

#include "base/span.h"
#include "base/status.h"
#include "jose/jwk.h"

struct key;

/*
 * Imports a key to verify `alg`, which it fits (jwk_fits). ST_UNKNOWN_KEY for parameters that
 * OpenSSL refuses (a point that is not on its curve), and for a prime modulus where that was not
 * tested yet (JWK_UNPROVEN: milliseconds); ST_MEMORY; ST_INTERNAL if this host's OpenSSL cannot
 * verify that algorithm.
 */
MUST_CHECK enum status key_import(const struct jwk *jwk, enum alg alg, struct why *why,
                                  struct key **ret_key);

/*
 * Is it a key at all: parameters that keycheck.h lets pass, on its curve? By arithmetic and not by
 * importing it, as OpenSSL does not tell a point that is none from memory that is none. Whether a
 * modulus is a prime is not asked. ST_UNKNOWN_KEY with the reason, ST_MEMORY.
 */
MUST_CHECK enum status key_check(const struct jwk *jwk, struct why *why);

/* Frees; *key may be NULL. Fits CLEANUP. */
void key_done(struct key **key);

/* The algorithm that it was imported for, */
enum alg key_alg(const struct key *key);

/* on this curve (CRV_NONE for RSA), */
enum alg_crv key_crv(const struct key *key);

/* and may it be used under a policy that allows `allowed` (alg_fits)? */
bool key_fits(const struct key *key, alg_set allowed);

/* signature_verify with this key and its algorithm. */
MUST_CHECK enum status key_verify(const struct key *key, struct span message, struct span signature,
                                  struct why *why);

#endif

/*
 * A public key that OpenSSL can verify with. Imported from its parameters, never from PEM or DER:
 * that is ten times slower at first use, and a parser less to trust.
 */
#ifndef PAM_OAUTH_JOSE_KEY_H
#define PAM_OAUTH_JOSE_KEY_H

#include <openssl/types.h>

#include "base/status.h"
#include "jose/jwk.h"

struct key;

/*
 * ST_UNKNOWN_KEY for parameters that OpenSSL refuses (a point that is not on its curve), and for a
 * prime modulus where that was not tested yet (JWK_UNPROVEN: milliseconds); ST_MEMORY.
 */
MUST_CHECK enum status key_import(const struct jwk *jwk, struct why *why, struct key **ret_key);

/* Frees; *key may be NULL. Fits CLEANUP. */
void key_done(struct key **key);

/* May the key verify `alg` under a policy that allows `allowed` (alg_fits)? */
bool key_fits(const struct key *key, enum alg alg, alg_set allowed);

/* Valid as long as the key. Only jose/ looks inside. */
EVP_PKEY *key_public(const struct key *key);

#endif

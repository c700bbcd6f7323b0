/*
 * OpenSSL as a guest in somebody else's process: EVP only, the process's own library context, no
 * initialisation, no clean-up, and the error queue left as it was found (R102).
 */
#ifndef PAM_OAUTH_JOSE_OPENSSL_H
#define PAM_OAUTH_JOSE_OPENSSL_H

#include <openssl/ec.h>
#include <openssl/types.h>
#include <stdbool.h>

#include "base/guard.h"

/*
 * `int mark OPENSSL_QUIET = openssl_mark();` takes back every error that is queued from there to
 * the end of the block; what the host had queued before stays.
 */
int openssl_mark(void);
void openssl_restore(int *mark);
#define OPENSSL_QUIET __attribute__((__unused__)) CLEANUP(openssl_restore)

/*
 * False when there was no memory to set OpenSSL's own library context up at its first use. It must
 * be asked before anything is fetched from it: OpenSSL 3.0 would take a lock that is not there.
 */
bool openssl_is_ready(void);

/* For CLEANUP; each leaves NULL behind. */
void openssl_free_bn(BIGNUM **number);
void openssl_free_bn_context(BN_CTX **context);
void openssl_free_pkey(EVP_PKEY **key);
void openssl_free_md(EVP_MD_CTX **context);
void openssl_free_digest(EVP_MD **digest);
void openssl_free_pkey_context(EVP_PKEY_CTX **context);
void openssl_free_ecdsa(ECDSA_SIG **pair);

#endif

/*
 * What unit tests share: keys made at run time and real signatures made with them. Nothing here
 * is a shortcut into the code under test: claims come from tokens that were signed and verified.
 */
#ifndef PAM_OAUTH_TESTS_UNIT_SUPPORT_H
#define PAM_OAUTH_TESTS_UNIT_SUPPORT_H

#include <openssl/types.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/status.h"
#include "jose/alg.h"
#include "oauth/claims.h"

/* The path of a file in vectors/; malloced. */
char *support_vector(const char *name);

/* A key pair that fits `alg`; free with EVP_PKEY_free. New, but for RSA: that is always the same.
 */
EVP_PKEY *support_key(enum alg alg);

/* Its public JWK, with the kid, and the alg unless it is NULL; malloced. */
char *support_jwk(EVP_PKEY *key, const char *kid, const char *alg);

/* {"keys":[...]} of one JWK text; malloced. */
char *support_jwks(const char *jwk);

/* A compact JWS over the payload with exactly this header text; malloced. */
char *support_sign(EVP_PKEY *key, enum alg alg, const char *header, const char *payload);

/* A compact JWS of three given texts, each encoded; malloced. */
char *support_join(const char *header, const char *payload, const char *signature,
                   size_t signature_length);

/* The claims of a signed and verified token with this payload (typ absent, or as given). */
struct claims *support_claims(const char *payload);
struct claims *support_claims_typ(const char *typ, const char *payload);
/* The same, signed by this pair with this algorithm. */
struct claims *support_claims_signed(EVP_PKEY *pair, enum alg alg, const char *typ,
                                     const char *payload);

/* printf into a malloced string. */
char *support_text(const char *format, ...) PRINTF_LIKE(1, 2);

/* A fresh directory, mode 0755, below /tmp; remove with support_remove. Both malloc nothing else.
 */
char *support_directory(void);
void support_remove(char *directory);

/* How many descriptors this process has open. */
size_t support_open_descriptors(void);

/*
 * For a test that plays the fetcher, in a process of its own: the next request frame from standard
 * input; when there is none, the process ends. It points into `frame`.
 */
struct span support_take_request(struct buf *frame);

/* Writes a file (0644, or as given) in a directory. */
void support_write(const char *directory, const char *name, const char *text);
void support_write_mode(const char *directory, const char *name, const char *text,
                        unsigned int mode);

#endif

/*
 * Tokens with real signatures, by the Ed25519 key of RFC 8037 appendix A.1: so that what is mutated
 * behind a signature reaches the code behind the signature. Encoded by code of our own, not by the
 * code under test.
 */
#ifndef PAM_OAUTH_TESTS_FUZZ_SIGN_H
#define PAM_OAUTH_TESTS_FUZZ_SIGN_H

#include "oauth/claims.h"

/* The public key as a JWKS, kid "ed", and as the line that jwk_normalise writes. */
extern const char sign_jwks[];
extern const char sign_lines[];

/* base64url; freed with fuzz_done(). */
char *sign_encode(struct span bytes);

/* A compact JWS with exactly this header; freed with fuzz_done(). Made with failures paused. */
char *sign_token(struct span header, struct span payload);

/*
 * The claims of a signed token with this payload, or NULL when they are not opened. `typ` may be
 * NULL. Free with claims_done().
 */
struct claims *sign_claims(const char *typ, struct span payload);

#endif

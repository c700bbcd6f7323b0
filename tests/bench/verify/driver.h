/*
 * One verifier under measurement: the driver gives it keys once and then the same token again and
 * again. A verifier's file implements these four; nothing of one is linked into another's program.
 */
#ifndef PAM_OAUTH_TESTS_BENCH_DRIVER_H
#define PAM_OAUTH_TESTS_BENCH_DRIVER_H

#include <stdbool.h>
#include <stddef.h>

#define BENCH_ISSUER "https://sso.example.org/realms/corp"
#define BENCH_AUDIENCE "ssh://build-3"

struct bench_input {
    const char *jwks;  /* a JWKS document of one key */
    const char *jwk;   /* that key alone */
    const char *pem;   /* the same as PEM */
    const char *alg;   /* the name as in a header */
    const char *token; /* without line end */
};

/* False if the library does not have the algorithm. */
bool bench_open(const struct bench_input *input);

/* Verifies the token from its text on, all of it each time. */
bool bench_verify(const char *token, size_t length);

/* What the verifier is called in the table. */
extern const char bench_name[];

/* Checks issuer, audience and dates too? */
extern const bool bench_checks_claims;

#endif

/*
 * The signature algorithms that exist here: RFC 7518 section 3.1, RFC 8037, RFC 9864. Asymmetric
 * only; `none` and HS* are not refused by a rule, they are not in the table.
 */
#ifndef PAM_OAUTH_JOSE_ALG_H
#define PAM_OAUTH_JOSE_ALG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

enum alg {
    ALG_RS256,
    ALG_RS384,
    ALG_RS512,
    ALG_PS256,
    ALG_PS384,
    ALG_PS512,
    ALG_ES256,
    ALG_ES384,
    ALG_ES512,
    ALG_EDDSA,
    ALG_ED25519,
    ALG_ED448,
    ALG_COUNT
};

enum alg_kty { KTY_RSA, KTY_EC, KTY_OKP };
enum alg_crv { CRV_NONE, CRV_P256, CRV_P384, CRV_P521, CRV_ED25519, CRV_ED448, CRV_COUNT };

struct alg_row {
    const char *name; /* as in a header and a configuration; case matters */
    enum alg_kty kty;
    enum alg_crv crv;   /* what a key must have; EdDSA allows two, see alg_fits */
    const char *digest; /* OpenSSL's name, NULL for EdDSA */
    bool pss;
};

/* A curve; RSA keys have CRV_NONE, whose name is `-`, which is no `crv` of any key. */
struct alg_crv_row {
    const char *name; /* in a JWK, and to OpenSSL */
    enum alg_kty kty;
    /* Of the curves of SEC 2, y^2 = x^3 + a x + b over the field of the prime p, in hexadecimal. */
    size_t width;          /* bytes of a coordinate */
    unsigned long minus_a; /* a is -3, or 0 */
    const char *p;
    const char *b;
};

/* A set of algorithms: bit 1 << alg. */
typedef uint32_t alg_set;
#define ALG_BIT(alg) ((alg_set)1 << (alg))

/* RS256 PS256 ES256 EdDSA Ed25519 (DESIGN section 4). */
#define ALG_DEFAULT                                                                                \
    (ALG_BIT(ALG_RS256) | ALG_BIT(ALG_PS256) | ALG_BIT(ALG_ES256) | ALG_BIT(ALG_EDDSA) |           \
     ALG_BIT(ALG_ED25519))

const struct alg_row *alg_row(enum alg alg);
const struct alg_crv_row *alg_crv_row(enum alg_crv crv);

/* False for a name that is not in the table, byte for byte. */
bool alg_by_name(struct span name, enum alg *ret_alg);

/*
 * Reads a list of names separated by blanks; `EdDSA` includes `Ed25519`. False for an empty list
 * or an unknown name, which is then in `*ret_unknown`.
 */
bool alg_set_parse(struct span list, alg_set *ret_set, struct span *ret_unknown);

/* Can a key of this type and curve verify `alg`, under a policy that allows `allowed`? */
bool alg_fits(enum alg alg, alg_set allowed, enum alg_kty kty, enum alg_crv crv);

#endif

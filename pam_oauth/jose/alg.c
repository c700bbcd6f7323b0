#include "jose/alg.h"

static const struct alg_row alg_rows[ALG_COUNT] = {
    [ALG_RS256] = {"RS256", KTY_RSA, CRV_NONE, "SHA256", false},
    [ALG_RS384] = {"RS384", KTY_RSA, CRV_NONE, "SHA384", false},
    [ALG_RS512] = {"RS512", KTY_RSA, CRV_NONE, "SHA512", false},
    [ALG_PS256] = {"PS256", KTY_RSA, CRV_NONE, "SHA256", true},
    [ALG_PS384] = {"PS384", KTY_RSA, CRV_NONE, "SHA384", true},
    [ALG_PS512] = {"PS512", KTY_RSA, CRV_NONE, "SHA512", true},
    [ALG_ES256] = {"ES256", KTY_EC, CRV_P256, "SHA256", false},
    [ALG_ES384] = {"ES384", KTY_EC, CRV_P384, "SHA384", false},
    [ALG_ES512] = {"ES512", KTY_EC, CRV_P521, "SHA512", false},
    [ALG_EDDSA] = {"EdDSA", KTY_OKP, CRV_ED25519, NULL, false},
    [ALG_ED25519] = {"Ed25519", KTY_OKP, CRV_ED25519, NULL, false},
    [ALG_ED448] = {"Ed448", KTY_OKP, CRV_ED448, NULL, false},
};

const struct alg_row *
alg_row(enum alg alg)
{
    return &alg_rows[alg];
}

bool
alg_by_name(struct span name, enum alg *ret_alg)
{
    for (unsigned int alg = 0; alg < ALG_COUNT; alg++) {
        if (span_is(name, alg_rows[alg].name)) {
            *ret_alg = (enum alg)alg;
            return true;
        }
    }
    return false;
}

bool
alg_set_parse(struct span list, alg_set *ret_set, struct span *ret_unknown)
{
    alg_set set = 0;
    struct span word;

    *ret_unknown = (struct span){.at = list.at, .length = 0};
    while (span_word(&list, &word)) {
        enum alg alg;
        if (!alg_by_name(word, &alg)) {
            *ret_unknown = word;
            return false;
        }
        set |= ALG_BIT(alg);
        if (alg == ALG_EDDSA) {
            set |= ALG_BIT(ALG_ED25519);
        }
    }
    *ret_set = set;
    return set != 0;
}

bool
alg_fits(enum alg alg, alg_set allowed, enum alg_kty kty, enum alg_crv crv)
{
    const struct alg_row *row = &alg_rows[alg];

    if ((allowed & ALG_BIT(alg)) == 0 || row->kty != kty) {
        return false;
    }
    /* EdDSA is either curve (RFC 8037 section 3.1), but Ed448 only where it is opted in. */
    if (alg == ALG_EDDSA && crv == CRV_ED448) {
        return (allowed & ALG_BIT(ALG_ED448)) != 0;
    }
    return row->crv == crv;
}

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

static const struct alg_crv_row crv_rows[CRV_COUNT] = {
    [CRV_NONE] = {"-", KTY_RSA, 0, 0, NULL, NULL},
    [CRV_P256] = {"P-256", KTY_EC, 32, 3,
                  "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF",
                  "5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B"},
    [CRV_P384] = {"P-384", KTY_EC, 48, 3,
                  "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
                  "FFFFFFFFFFFFFFFEFFFFFFFF0000000000000000FFFFFFFF",
                  "B3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE814112"
                  "0314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF"},
    [CRV_P521] = {"P-521", KTY_EC, 66, 3,
                  "01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
                  "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
                  "0051953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E1"
                  "56193951EC7E937B1652C0BD3BB1BF073573DF883D2C34F1EF451FD46B503F00"},
    [CRV_ED25519] = {"Ed25519", KTY_OKP, 0, 0, NULL, NULL},
    [CRV_ED448] = {"Ed448", KTY_OKP, 0, 0, NULL, NULL},
};

const struct alg_row *
alg_row(enum alg alg)
{
    return &alg_rows[alg];
}

const struct alg_crv_row *
alg_crv_row(enum alg_crv crv)
{
    return &crv_rows[crv];
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

#include "jose/signature.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "jose/openssl.h"

/* The order of P-521 in bytes; two of them as DER, each with a header and a byte for its sign. */
#define ORDER_MAX ((size_t)66)
#define DER_MAX (2 * (ORDER_MAX + 3) + 3)

static const unsigned char *
bytes_of(struct span span)
{
    return (const unsigned char *)span.at;
}

/* The length that a signature must have, to the byte (R44..R46). */
static size_t
wanted_length(const struct alg_row *row, const EVP_PKEY *key)
{
    size_t bits = (size_t)EVP_PKEY_get_bits(key);

    switch (row->kty) {
    case KTY_EC:
        return 2 * ((bits + 7) / 8);
    case KTY_OKP:
        return EVP_PKEY_is_a(key, "ED448") ? 114 : 64;
    case KTY_RSA:
    default:
        return (bits + 7) / 8;
    }
}

/* r and s of RFC 7518 3.4 as the DER that OpenSSL wants. ST_SIGNATURE for what no signer makes. */
static enum status
ecdsa_der(struct span signature, unsigned char der[DER_MAX], struct span *ret_der)
{
    unsigned char *end = der;
    int half = (int)(signature.length / 2);
    ECDSA_SIG *pair CLEANUP(openssl_free_ecdsa) = ECDSA_SIG_new();
    BIGNUM *r CLEANUP(openssl_free_bn) = BN_bin2bn(bytes_of(signature), half, NULL);
    BIGNUM *s CLEANUP(openssl_free_bn) = BN_bin2bn(bytes_of(signature) + half, half, NULL);

    if (signature.length > 2 * ORDER_MAX) {
        return ST_SIGNATURE;
    }
    if (pair == NULL || r == NULL || s == NULL) {
        return ST_INTERNAL;
    }
    /* Zero is refused by OpenSSL too; CVE-2022-21449 is what happens when somebody forgets. */
    if (BN_is_zero(r) || BN_is_zero(s)) {
        return ST_SIGNATURE;
    }
    if (ECDSA_SIG_set0(pair, r, s) != 1) {
        return ST_INTERNAL;
    }
    r = NULL; /* the pair owns them now */
    s = NULL;
    int length = i2d_ECDSA_SIG(pair, &end);
    *ret_der = (struct span){.at = (const char *)der, .length = (size_t)length};
    return length > 0 ? ST_OK : ST_INTERNAL;
}

static enum status
cannot(enum alg alg, struct why *why)
{
    return status_because(why, ST_INTERNAL, "OpenSSL cannot verify %s on this host",
                          alg_row(alg)->name);
}

/* RFC 7518 3.5: MGF1 with the same digest (OpenSSL's default), a salt as long as the digest. */
static bool
set_pss(EVP_PKEY_CTX *context)
{
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

enum status
signature_prepare(enum alg alg, EVP_PKEY *key, struct why *why, EVP_MD_CTX **ret_ready)
{
    const struct alg_row *row = alg_row(alg);
    int mark OPENSSL_QUIET = openssl_mark();
    EVP_MD_CTX *ready CLEANUP(openssl_free_md) = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key_context = NULL; /* belongs to `ready` */

    if (ready == NULL ||
        EVP_DigestVerifyInit_ex(ready, &key_context, row->digest, NULL, NULL, key, NULL) != 1 ||
        (row->pss && !set_pss(key_context))) {
        return cannot(alg, why);
    }
    *ret_ready = TAKE(ready);
    return ST_OK;
}

static enum status
refused(struct why *why)
{
    return status_because(why, ST_SIGNATURE, "the token's signature does not fit the key");
}

enum status
signature_verify(enum alg alg, const EVP_MD_CTX *ready, struct span message, struct span signature,
                 struct why *why)
{
    const struct alg_row *row = alg_row(alg);
    EVP_PKEY *key = EVP_PKEY_CTX_get0_pkey(EVP_MD_CTX_get_pkey_ctx(ready));
    unsigned char der[DER_MAX];
    int mark OPENSSL_QUIET = openssl_mark();
    EVP_MD_CTX *context CLEANUP(openssl_free_md) = EVP_MD_CTX_new();

    if (signature.length != wanted_length(row, key)) {
        return status_because(why, ST_SIGNATURE,
                              "the token's signature has %zu bytes where its key makes %zu",
                              signature.length, wanted_length(row, key));
    }
    if (row->kty == KTY_EC) {
        enum status status = ecdsa_der(signature, der, &signature);
        if (status != ST_OK) {
            return status == ST_SIGNATURE ? refused(why) : cannot(alg, why);
        }
    }
    if (context == NULL || EVP_MD_CTX_copy_ex(context, ready) != 1) {
        return cannot(alg, why);
    }
    /* 1 is success; 0 and every negative value are not (R47). */
    if (EVP_DigestVerify(context, bytes_of(signature), signature.length, bytes_of(message),
                         message.length) != 1) {
        return refused(why);
    }
    return ST_OK;
}

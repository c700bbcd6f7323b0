#include "jose/key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>

#include "jose/base64url.h"
#include "jose/keycheck.h"
#include "jose/openssl.h"
#include "jose/signature.h"

struct key {
    EVP_MD_CTX *ready; /* holds the public key */
    enum alg alg;
    enum alg_kty kty;
    enum alg_crv crv;
};

/* An RSA modulus, the longest parameter; and a coordinate of P-521, the longest of EC. */
#define PARAMETER_MAX ((size_t)1100)
#define EC_WIDTH_MAX ((size_t)66)

void
key_done(struct key **key)
{
    if (*key != NULL) {
        EVP_MD_CTX_free((*key)->ready);
        free(*key);
        *key = NULL;
    }
}

enum alg
key_alg(const struct key *key)
{
    return key->alg;
}

enum alg_crv
key_crv(const struct key *key)
{
    return key->crv;
}

bool
key_fits(const struct key *key, alg_set allowed)
{
    return alg_fits(key->alg, allowed, key->kty, key->crv);
}

enum status
key_verify(const struct key *key, struct span message, struct span signature, struct why *why)
{
    return signature_verify(key->alg, key->ready, message, signature, why);
}

/* Hands OpenSSL the parameters of a public key of type `type`; NULL if it will not have them. */
static EVP_PKEY *
from_parameters(const char *type, OSSL_PARAM *parameters)
{
    EVP_PKEY_CTX *context CLEANUP(openssl_free_pkey_context) =
        EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    if (context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
        EVP_PKEY_free(key);
        return NULL;
    }
    return key;
}

/* OSSL_PARAM integers are in the machine's byte order: turn `bytes` round where that differs. */
static void
to_native_order(struct buf *bytes)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    for (size_t i = 0; i < bytes->length / 2; i++) {
        char *other = &bytes->at[bytes->length - 1 - i];
        char byte = *other;
        *other = bytes->at[i];
        bytes->at[i] = byte;
    }
#else
    (void)bytes;
#endif
}

static EVP_PKEY *
import_rsa(struct buf *n, struct buf *e)
{
    to_native_order(n);
    to_native_order(e);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, (unsigned char *)n->at, n->length),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, (unsigned char *)e->at, e->length),
        OSSL_PARAM_END,
    };
    return from_parameters("RSA", parameters);
}

static EVP_PKEY *
import_ec(enum alg_crv crv, const struct buf *x, const struct buf *y)
{
    const char *name = alg_crv_row(crv)->name;
    char group[16] = "";
    unsigned char point[1 + 2 * EC_WIDTH_MAX] = {0x04}; /* uncompressed, SEC 1 section 2.3.3 */

    memcpy(group, name, strnlen(name, sizeof(group) - 1));
    memcpy(point + 1, x->at, x->length);
    memcpy(point + 1 + x->length, y->at, y->length);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, strlen(group)),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, 1 + x->length + y->length),
        OSSL_PARAM_END,
    };
    return from_parameters("EC", parameters);
}

static EVP_PKEY *
import_okp(enum alg_crv crv, const struct buf *x)
{
    return EVP_PKEY_new_raw_public_key_ex(NULL, alg_crv_row(crv)->name, NULL,
                                          (const unsigned char *)x->at, x->length);
}

static EVP_PKEY *
import(const struct jwk *jwk, struct buf *a, struct buf *b)
{
    int mark OPENSSL_QUIET = openssl_mark();

    if (jwk->kty == KTY_RSA) {
        return import_rsa(a, b);
    }
    if (jwk->kty == KTY_OKP) {
        return import_okp(jwk->crv, a);
    }
    /* OpenSSL knows how wide they must be; here they must fit. */
    bool fits = a->length <= EC_WIDTH_MAX && b->length <= EC_WIDTH_MAX;
    return fits ? import_ec(jwk->crv, a, b) : NULL;
}

/* What was put off when the set was read (keyset_prove). */
static enum status
check_not_prime(const struct buf *n, struct why *why)
{
    bool prime = false;

    TRY(keycheck_rsa_prime(buf_span(n), &prime));
    return prime ? status_because(why, ST_UNKNOWN_KEY, "an RSA modulus that is a prime") : ST_OK;
}

/* The parameters' bytes; a line was written by us, but is still only a file's text. */
static enum status
decode(const struct jwk *jwk, struct why *why, struct buf *a, struct buf *b)
{
    enum status status = base64url_decode(jwk->a, a);

    if (status == ST_OK && jwk->kty != KTY_OKP) {
        status = base64url_decode(jwk->b, b);
    }
    if (status == ST_MEMORY) {
        return status_because(why, status, "out of memory while reading a key");
    }
    return status == ST_OK ? ST_OK
                           : status_because(why, ST_UNKNOWN_KEY, "the stored key is damaged");
}

enum status
key_check(const struct jwk *jwk, struct why *why)
{
    struct buf a CLEANUP(buf_done) = BUF(PARAMETER_MAX);
    struct buf b CLEANUP(buf_done) = BUF(PARAMETER_MAX);

    TRY(decode(jwk, why, &a, &b));
    switch (jwk->kty) {
    case KTY_EC:
        TRY(keycheck_ec(jwk->crv, buf_span(&a), buf_span(&b), why));
        return keycheck_ec_point(jwk->crv, buf_span(&a), buf_span(&b), why);
    case KTY_OKP:
        TRY(keycheck_okp(jwk->crv, buf_span(&a), why));
        return keycheck_okp_point(jwk->crv, buf_span(&a), why);
    case KTY_RSA:
    default:
        return keycheck_rsa(buf_span(&a), buf_span(&b), why);
    }
}

static enum status
public_of(const struct jwk *jwk, struct why *why, EVP_PKEY **ret_public)
{
    struct buf a CLEANUP(buf_done) = BUF(PARAMETER_MAX);
    struct buf b CLEANUP(buf_done) = BUF(PARAMETER_MAX);

    TRY(decode(jwk, why, &a, &b));
    if (jwk->unproven) {
        TRY(check_not_prime(&a, why));
    }
    if (!openssl_is_ready()) {
        return status_because(why, ST_MEMORY, "out of memory while reading a key");
    }
    *ret_public = import(jwk, &a, &b);
    if (*ret_public != NULL) {
        return ST_OK;
    }
    TRY(key_check(jwk, why)); /* the key is at fault, or else OpenSSL or this host's memory is */
    return status_because(why, ST_INTERNAL, "OpenSSL cannot take the key; is there memory left?");
}

enum status
key_import(const struct jwk *jwk, enum alg alg, struct why *why, struct key **ret_key)
{
    struct key *key CLEANUP(key_done) = calloc(1, sizeof(*key));
    EVP_PKEY *public CLEANUP(openssl_free_pkey) = NULL;

    if (key == NULL) {
        return status_because(why, ST_MEMORY, "out of memory while reading a key");
    }
    TRY(public_of(jwk, why, &public));
    *key = (struct key){.alg = alg, .kty = jwk->kty, .crv = jwk->crv};
    TRY(signature_prepare(alg, public, why, &key->ready));
    *ret_key = TAKE(key);
    return ST_OK;
}

/*
 * The floor: the signature is base64url-decoded and given to EVP_DigestVerify; nothing of the
 * header or payload is looked at. One context, used again.
 */
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#include "base/buf.h"
#include "driver.h"
#include "jose/base64url.h"

const char bench_name[] = "EVP_DigestVerify";
const bool bench_checks_claims = false;

static struct {
    EVP_PKEY *key;
    EVP_MD_CTX *context;
    EVP_MD *digest;
    bool pss;
    bool ecdsa;
} raw;

bool
bench_open(const struct bench_input *input)
{
    BIO *bio = BIO_new_mem_buf(input->pem, -1);
    char digest[8] = "SHA";

    raw.key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
    BIO_free(bio);
    raw.context = EVP_MD_CTX_new();
    raw.pss = input->alg[0] == 'P';
    raw.ecdsa = strncmp(input->alg, "ES", 2) == 0;
    if (strncmp(input->alg, "Ed", 2) != 0) {
        memcpy(digest + 3, input->alg + 2, 4);
        raw.digest = EVP_MD_fetch(NULL, digest, NULL);
    }
    return raw.key != NULL && raw.context != NULL;
}

/* r and s as DER, which is what OpenSSL takes. */
static size_t
der_of(struct span signature, unsigned char **ret_der)
{
    const unsigned char *at = (const unsigned char *)signature.at;
    int half = (int)(signature.length / 2);
    ECDSA_SIG *pair = ECDSA_SIG_new();

    (void)ECDSA_SIG_set0(pair, BN_bin2bn(at, half, NULL), BN_bin2bn(at + half, half, NULL));
    int length = i2d_ECDSA_SIG(pair, ret_der);
    ECDSA_SIG_free(pair);
    return (size_t)length;
}

static bool
verify(struct span message, const unsigned char *signature, size_t length)
{
    EVP_PKEY_CTX *key_context = NULL;

    if (EVP_DigestVerifyInit(raw.context, &key_context, raw.digest, NULL, raw.key) != 1 ||
        (raw.pss && (EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) != 1 ||
                     EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST) != 1))) {
        return false;
    }
    return EVP_DigestVerify(raw.context, signature, length, (const unsigned char *)message.at,
                            message.length) == 1;
}

bool
bench_verify(const char *token, size_t length)
{
    struct buf signature CLEANUP(buf_done) = BUF(1024);
    const char *dot = memrchr(token, '.', length);
    struct span message = {.at = token, .length = (size_t)(dot - token)};
    struct span encoded = {.at = dot + 1, .length = length - message.length - 1};
    unsigned char *der = NULL;

    if (base64url_decode(encoded, &signature) != ST_OK) {
        return false;
    }
    if (!raw.ecdsa) {
        return verify(message, (const unsigned char *)signature.at, signature.length);
    }
    size_t der_length = der_of(buf_span(&signature), &der);
    bool good = verify(message, der, der_length);
    OPENSSL_free(der);
    return good;
}

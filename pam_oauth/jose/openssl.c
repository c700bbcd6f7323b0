#include "jose/openssl.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>

int
openssl_mark(void)
{
    return ERR_set_mark();
}

void
openssl_restore(int *mark)
{
    /* Without a mark the queue was empty, and popping to the bottom is what we want then too. */
    (void)mark;
    (void)ERR_pop_to_mark();
}

bool
openssl_is_ready(void)
{
    return OSSL_LIB_CTX_get0_global_default() != NULL;
}

void
openssl_free_bn(BIGNUM **number)
{
    BN_free(*number);
    *number = NULL;
}

void
openssl_free_bn_context(BN_CTX **context)
{
    BN_CTX_free(*context);
    *context = NULL;
}

void
openssl_free_pkey(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
    *key = NULL;
}

void
openssl_free_md(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
    *context = NULL;
}

void
openssl_free_digest(EVP_MD **digest)
{
    EVP_MD_free(*digest);
    *digest = NULL;
}

void
openssl_free_pkey_context(EVP_PKEY_CTX **context)
{
    EVP_PKEY_CTX_free(*context);
    *context = NULL;
}

void
openssl_free_ecdsa(ECDSA_SIG **pair)
{
    ECDSA_SIG_free(*pair);
    *pair = NULL;
}

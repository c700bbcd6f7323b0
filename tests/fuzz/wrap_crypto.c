/* What OpenSSL can answer instead of yes. Nothing here ever turns a no into a yes. */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "wrap.h"

/* 0, and the negative values that EVP functions have for "not supported" and worse. */
static int
no(void)
{
    static const int noes[] = {0, -1, -2};

    return noes[fault_way(3)];
}

WRAP(BN_CTX *, BN_CTX_new, (void), (), NULL)
WRAP(BIGNUM *, BN_bin2bn, (const unsigned char *bytes, int length, BIGNUM *into),
     (bytes, length, into), NULL)
WRAP(BIGNUM *, BN_dup, (const BIGNUM *number), (number), NULL)
WRAP(BIGNUM *, BN_lebin2bn, (const unsigned char *bytes, int length, BIGNUM *into),
     (bytes, length, into), NULL)
WRAP(int, BN_hex2bn, (BIGNUM * *into, const char *hex), (into, hex), 0)
WRAP(BIGNUM *, BN_new, (void), (), NULL)
WRAP(int, BN_add_word, (BIGNUM * number, BN_ULONG word), (number, word), 0)
WRAP(int, BN_sub_word, (BIGNUM * number, BN_ULONG word), (number, word), 0)
WRAP(int, BN_mod_add,
     (BIGNUM * result, const BIGNUM *a, const BIGNUM *b, const BIGNUM *modulus, BN_CTX *context),
     (result, a, b, modulus, context), 0)
WRAP(int, BN_mod_mul,
     (BIGNUM * result, const BIGNUM *a, const BIGNUM *b, const BIGNUM *modulus, BN_CTX *context),
     (result, a, b, modulus, context), 0)
WRAP(int, BN_mod_sqr, (BIGNUM * result, const BIGNUM *a, const BIGNUM *modulus, BN_CTX *context),
     (result, a, modulus, context), 0)
WRAP(int, BN_kronecker, (const BIGNUM *a, const BIGNUM *b, BN_CTX *context), (a, b, context), -2)
WRAP(int, BN_mod_exp_mont_word,
     (BIGNUM * result, BN_ULONG base, const BIGNUM *power, const BIGNUM *modulus, BN_CTX *context,
      BN_MONT_CTX *montgomery),
     (result, base, power, modulus, context, montgomery), 0)
WRAP(ECDSA_SIG *, ECDSA_SIG_new, (void), (), NULL)
WRAP(int, ECDSA_SIG_set0, (ECDSA_SIG * pair, BIGNUM *r, BIGNUM *s), (pair, r, s), 0)
WRAP(int, i2d_ECDSA_SIG, (const ECDSA_SIG *pair, unsigned char **der), (pair, der), no())
WRAP(EVP_MD_CTX *, EVP_MD_CTX_new, (void), (), NULL)
WRAP(EVP_PKEY_CTX *, EVP_PKEY_CTX_new_from_name,
     (OSSL_LIB_CTX * library, const char *name, const char *query), (library, name, query), NULL)
WRAP(int, EVP_PKEY_CTX_set_rsa_padding, (EVP_PKEY_CTX * context, int padding), (context, padding),
     no())
WRAP(int, EVP_PKEY_CTX_set_rsa_pss_saltlen, (EVP_PKEY_CTX * context, int length), (context, length),
     no())
WRAP(int, EVP_PKEY_fromdata_init, (EVP_PKEY_CTX * context), (context), no())
WRAP(int, EVP_PKEY_fromdata,
     (EVP_PKEY_CTX * context, EVP_PKEY **key, int selection, OSSL_PARAM parameters[]),
     (context, key, selection, parameters), no())
WRAP(EVP_PKEY *, EVP_PKEY_new_raw_public_key_ex,
     (OSSL_LIB_CTX * library, const char *type, const char *query, const unsigned char *bytes,
      size_t length),
     (library, type, query, bytes, length), NULL)
WRAP(int, EVP_DigestVerifyInit_ex,
     (EVP_MD_CTX * context, EVP_PKEY_CTX **key_context, const char *digest, OSSL_LIB_CTX *library,
      const char *query, EVP_PKEY *key, const OSSL_PARAM parameters[]),
     (context, key_context, digest, library, query, key, parameters), no())
WRAP(int, EVP_DigestVerify,
     (EVP_MD_CTX * context, const unsigned char *signature, size_t signature_length,
      const unsigned char *message, size_t message_length),
     (context, signature, signature_length, message, message_length), no())
WRAP(int, EVP_Q_digest,
     (OSSL_LIB_CTX * library, const char *name, const char *query, const void *data, size_t length,
      unsigned char *digest, size_t *digest_length),
     (library, name, query, data, length, digest, digest_length), 0)
WRAP(EVP_MD *, EVP_MD_fetch, (OSSL_LIB_CTX * library, const char *name, const char *query),
     (library, name, query), NULL)
WRAP(int, EVP_DigestInit_ex2,
     (EVP_MD_CTX * context, const EVP_MD *type, const OSSL_PARAM parameters[]),
     (context, type, parameters), 0)
WRAP(int, EVP_DigestUpdate, (EVP_MD_CTX * context, const void *data, size_t length),
     (context, data, length), 0)
WRAP(int, EVP_DigestFinal_ex, (EVP_MD_CTX * context, unsigned char *digest, unsigned int *length),
     (context, digest, length), 0)

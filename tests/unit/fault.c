#include "support.h"

#include "fault.h"

#include <jansson.h>
#include <locale.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    bool armed;
    size_t passing;     /* calls that pass before one fails */
    const char *failed; /* the call that did */
    bool memory;        /* it was one for memory */
    size_t calls;
    size_t verified;
} fault;

static bool
is_due(const char *name, bool memory)
{
    fault.calls++;
    if (!fault.armed || fault.failed != NULL || fault.passing-- > 0) {
        return false;
    }
    fault.failed = name;
    fault.memory = memory;
    return true;
}

size_t
fault_each(enum status (*scenario)(void *world), void *world)
{
    json_set_alloc_funcs(malloc, free);
    for (size_t passing = 0;; passing++) {
        fault.passing = passing;
        fault.failed = NULL;
        fault.armed = true;
        enum status status = scenario(world);
        fault.armed = false;
        if (fault.failed == NULL) {
            assert_int_equal(status, ST_OK);
            return passing;
        }
        if (status == ST_OK || (fault.memory && status != ST_MEMORY)) {
            fail_msg("call %zu, %s, fails: %s", passing + 1, fault.failed, status_word(status));
        }
    }
}

const char *
fault_failed(void)
{
    return fault.failed;
}

size_t
fault_calls(void)
{
    return fault.calls;
}

size_t
fault_verified(void)
{
    return fault.verified;
}

/* ---- memory ---------------------------------------------------------------------------------- */

#define WRAP(type, name, parameters, arguments, memory, failed)                                    \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return is_due(#name, memory) ? (failed) : __real_##name arguments;                         \
    }

WRAP(void *, malloc, (size_t size), (size), true, NULL)
WRAP(void *, calloc, (size_t count, size_t size), (count, size), true, NULL)
WRAP(void *, realloc, (void *at, size_t size), (at, size), true, NULL)
WRAP(void *, reallocarray, (void *at, size_t count, size_t size), (at, count, size), true, NULL)
WRAP(char *, strdup, (const char *text), (text), true, NULL)
WRAP(int, vasprintf, (char **text, const char *format, va_list arguments),
     (text, format, arguments), true, -1)
WRAP(locale_t, newlocale, (int mask, const char *name, locale_t base), (mask, name, base), true,
     (locale_t)0)

/* ---- what OpenSSL makes ---------------------------------------------------------------------- */

#define WRAP_NEW(type, name, parameters, arguments)                                                \
    WRAP(type *, name, parameters, arguments, false, NULL)

/* NULL only where there was no memory to set it up. */
WRAP(OSSL_LIB_CTX *, OSSL_LIB_CTX_get0_global_default, (void), (), true, NULL)
WRAP_NEW(BIGNUM, BN_new, (void), ())
WRAP_NEW(BIGNUM, BN_dup, (const BIGNUM *number), (number))
WRAP_NEW(BIGNUM, BN_bin2bn, (const unsigned char *bytes, int length, BIGNUM *into),
         (bytes, length, into))
WRAP_NEW(BIGNUM, BN_lebin2bn, (const unsigned char *bytes, int length, BIGNUM *into),
         (bytes, length, into))
WRAP_NEW(BN_CTX, BN_CTX_new, (void), ())
WRAP_NEW(ECDSA_SIG, ECDSA_SIG_new, (void), ())
WRAP_NEW(EVP_MD_CTX, EVP_MD_CTX_new, (void), ())
WRAP_NEW(EVP_MD, EVP_MD_fetch, (OSSL_LIB_CTX * library, const char *name, const char *query),
         (library, name, query))
WRAP_NEW(EVP_PKEY_CTX, EVP_PKEY_CTX_new_from_name,
         (OSSL_LIB_CTX * library, const char *name, const char *query), (library, name, query))
WRAP_NEW(EVP_PKEY, EVP_PKEY_new_raw_public_key_ex,
         (OSSL_LIB_CTX * library, const char *type, const char *query, const unsigned char *bytes,
          size_t length),
         (library, type, query, bytes, length))

/* ---- what OpenSSL says ----------------------------------------------------------------------- */

#define WRAP_NO(name, parameters, arguments, memory, no)                                           \
    int __real_##name parameters;                                                                  \
    int __wrap_##name parameters;                                                                  \
    int __wrap_##name parameters                                                                   \
    {                                                                                              \
        int answer = __real_##name arguments;                                                      \
        return is_due(#name, memory) ? (no) : answer;                                              \
    }

WRAP_NO(BN_add_word, (BIGNUM * number, BN_ULONG word), (number, word), true, 0)
WRAP_NO(BN_sub_word, (BIGNUM * number, BN_ULONG word), (number, word), true, 0)
WRAP_NO(BN_hex2bn, (BIGNUM * *number, const char *text), (number, text), true, 0)
WRAP_NO(BN_mod_sqr, (BIGNUM * result, const BIGNUM *a, const BIGNUM *modulus, BN_CTX *context),
        (result, a, modulus, context), true, 0)
WRAP_NO(BN_mod_add,
        (BIGNUM * result, const BIGNUM *a, const BIGNUM *b, const BIGNUM *modulus, BN_CTX *context),
        (result, a, b, modulus, context), true, 0)
WRAP_NO(BN_mod_mul,
        (BIGNUM * result, const BIGNUM *a, const BIGNUM *b, const BIGNUM *modulus, BN_CTX *context),
        (result, a, b, modulus, context), true, 0)
WRAP_NO(BN_mod_exp_mont_word,
        (BIGNUM * result, BN_ULONG base, const BIGNUM *power, const BIGNUM *modulus,
         BN_CTX *context, BN_MONT_CTX *montgomery),
        (result, base, power, modulus, context, montgomery), true, 0)
WRAP_NO(BN_kronecker, (const BIGNUM *a, const BIGNUM *b, BN_CTX *context), (a, b, context), true,
        -2)
WRAP_NO(i2d_ECDSA_SIG, (const ECDSA_SIG *pair, unsigned char **der), (pair, der), false, 0)
WRAP_NO(EVP_PKEY_CTX_set_rsa_padding, (EVP_PKEY_CTX * context, int padding), (context, padding),
        false, -2)
WRAP_NO(EVP_PKEY_CTX_set_rsa_pss_saltlen, (EVP_PKEY_CTX * context, int length), (context, length),
        false, -2)
WRAP_NO(EVP_DigestVerifyInit_ex,
        (EVP_MD_CTX * context, EVP_PKEY_CTX **key_context, const char *digest,
         OSSL_LIB_CTX *library, const char *query, EVP_PKEY *key, const OSSL_PARAM parameters[]),
        (context, key_context, digest, library, query, key, parameters), false, 0)
WRAP_NO(EVP_DigestUpdate, (EVP_MD_CTX * context, const void *data, size_t length),
        (context, data, length), false, 0)
WRAP_NO(EVP_DigestFinal_ex, (EVP_MD_CTX * context, unsigned char *digest, unsigned int *length),
        (context, digest, length), false, 0)
WRAP_NO(EVP_DigestFinalXOF, (EVP_MD_CTX * context, unsigned char *digest, size_t length),
        (context, digest, length), false, 0)
WRAP_NO(EVP_MD_CTX_copy_ex, (EVP_MD_CTX * into, const EVP_MD_CTX *from), (into, from), false, 0)
WRAP_NO(EVP_Q_digest,
        (OSSL_LIB_CTX * library, const char *name, const char *query, const void *data,
         size_t length, unsigned char *digest, size_t *digest_length),
        (library, name, query, data, length, digest, digest_length), false, 0)

/* Takes the numbers over only where it says yes. */
WRAP(int, ECDSA_SIG_set0, (ECDSA_SIG * pair, BIGNUM *r, BIGNUM *s), (pair, r, s), false, 0)

/* ---- what may not be handed on: their manuals do not say what would become of a NULL ----------
 */

int __real_json_object_setn_new_nocheck(json_t *object, const char *name, size_t length,
                                        json_t *value);
int __wrap_json_object_setn_new_nocheck(json_t *object, const char *name, size_t length,
                                        json_t *value);

int
__wrap_json_object_setn_new_nocheck(json_t *object, const char *name, size_t length, json_t *value)
{
    assert_non_null(object);
    assert_non_null(value);
    return __real_json_object_setn_new_nocheck(object, name, length, value);
}

int __real_json_array_append_new(json_t *array, json_t *value);
int __wrap_json_array_append_new(json_t *array, json_t *value);

int
__wrap_json_array_append_new(json_t *array, json_t *value)
{
    assert_non_null(array);
    assert_non_null(value);
    return __real_json_array_append_new(array, value);
}

int __real_EVP_PKEY_fromdata(EVP_PKEY_CTX *context, EVP_PKEY **key, int selection,
                             OSSL_PARAM parameters[]);
int __wrap_EVP_PKEY_fromdata(EVP_PKEY_CTX *context, EVP_PKEY **key, int selection,
                             OSSL_PARAM parameters[]);

int
__wrap_EVP_PKEY_fromdata(EVP_PKEY_CTX *context, EVP_PKEY **key, int selection,
                         OSSL_PARAM parameters[])
{
    size_t count = 0;

    /* Two, and an end behind them: read here, where ASan sees it. */
    while (parameters[count].key != NULL) {
        count++;
    }
    assert_int_equal(count, 2);
    int answer = __real_EVP_PKEY_fromdata(context, key, selection, parameters);
    return is_due("EVP_PKEY_fromdata", false) ? -1 : answer;
}

int __real_EVP_DigestInit_ex2(EVP_MD_CTX *context, const EVP_MD *type,
                              const OSSL_PARAM parameters[]);
int __wrap_EVP_DigestInit_ex2(EVP_MD_CTX *context, const EVP_MD *type,
                              const OSSL_PARAM parameters[]);

int
__wrap_EVP_DigestInit_ex2(EVP_MD_CTX *context, const EVP_MD *type, const OSSL_PARAM parameters[])
{
    assert_non_null(context);
    assert_non_null(type);
    int answer = __real_EVP_DigestInit_ex2(context, type, parameters);
    return is_due("EVP_DigestInit_ex2", false) ? 0 : answer;
}

int __real_EVP_PKEY_fromdata_init(EVP_PKEY_CTX *context);
int __wrap_EVP_PKEY_fromdata_init(EVP_PKEY_CTX *context);

int
__wrap_EVP_PKEY_fromdata_init(EVP_PKEY_CTX *context)
{
    assert_non_null(context);
    int answer = __real_EVP_PKEY_fromdata_init(context);
    return is_due("EVP_PKEY_fromdata_init", false) ? -2 : answer;
}

int __real_EVP_DigestVerify(EVP_MD_CTX *context, const unsigned char *signature,
                            size_t signature_length, const unsigned char *message,
                            size_t message_length);
int __wrap_EVP_DigestVerify(EVP_MD_CTX *context, const unsigned char *signature,
                            size_t signature_length, const unsigned char *message,
                            size_t message_length);

int
__wrap_EVP_DigestVerify(EVP_MD_CTX *context, const unsigned char *signature,
                        size_t signature_length, const unsigned char *message,
                        size_t message_length)
{
    assert_in_range(signature_length, 1, 1024);
    assert_true(!fault.armed || fault.failed == NULL); /* nothing goes on behind a failure */
    int answer =
        __real_EVP_DigestVerify(context, signature, signature_length, message, message_length);

    fault.verified++;
    return is_due("EVP_DigestVerify", false) ? -1 : answer;
}

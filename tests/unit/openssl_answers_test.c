/*
 * R47: of everything that OpenSSL can answer, 1 alone is yes. Its functions are replaced here by
 * ones that, when they are told to, answer something else about a token and a key that are good:
 * 0, negative values, and 2, which would be true to a mere `if`.
 */
#include "support.h"

#include <dlfcn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "jose/jws.h"
#include "jose/keyset.h"
#include "oauth/claims.h"

/* Which function lies, and what it says; nobody does while the name is NULL. */
static struct {
    const char *function;
    int answer;
    size_t told; /* how often */
} lie;

static bool
lies(const char *function)
{
    bool yes = lie.function != NULL && strcmp(lie.function, function) == 0;

    lie.told += yes ? 1 : 0;
    return yes;
}

#define MAY_LIE(name, parameters, arguments)                                                       \
    int name parameters;                                                                           \
    int name parameters                                                                            \
    {                                                                                              \
        int(*real) parameters = NULL;                                                              \
        void *found = dlsym(RTLD_NEXT, #name);                                                     \
        assert_non_null(found);                                                                    \
        memcpy(&real, &found, sizeof(real));                                                       \
        return lies(#name) ? lie.answer : real arguments;                                          \
    }

MAY_LIE(EVP_DigestVerify,
        (EVP_MD_CTX * context, const unsigned char *signature, size_t signature_length,
         const unsigned char *message, size_t message_length),
        (context, signature, signature_length, message, message_length))
MAY_LIE(EVP_DigestVerifyInit_ex,
        (EVP_MD_CTX * context, EVP_PKEY_CTX **key_context, const char *digest,
         OSSL_LIB_CTX *library, const char *query, EVP_PKEY *key, const OSSL_PARAM parameters[]),
        (context, key_context, digest, library, query, key, parameters))
MAY_LIE(EVP_MD_CTX_copy_ex, (EVP_MD_CTX * to, const EVP_MD_CTX *from), (to, from))
MAY_LIE(EVP_PKEY_fromdata_init, (EVP_PKEY_CTX * context), (context))
MAY_LIE(EVP_PKEY_fromdata,
        (EVP_PKEY_CTX * context, EVP_PKEY **key, int selection, OSSL_PARAM parameters[]),
        (context, key, selection, parameters))
MAY_LIE(EVP_PKEY_CTX_set_rsa_padding, (EVP_PKEY_CTX * context, int padding), (context, padding))
MAY_LIE(EVP_PKEY_CTX_set_rsa_pss_saltlen, (EVP_PKEY_CTX * context, int length), (context, length))
MAY_LIE(EVP_DigestInit_ex2,
        (EVP_MD_CTX * context, const EVP_MD *type, const OSSL_PARAM parameters[]),
        (context, type, parameters))
MAY_LIE(EVP_DigestUpdate, (EVP_MD_CTX * context, const void *bytes, size_t length),
        (context, bytes, length))
MAY_LIE(EVP_DigestFinal_ex, (EVP_MD_CTX * context, unsigned char *into, unsigned int *length),
        (context, into, length))
MAY_LIE(EVP_DigestFinalXOF, (EVP_MD_CTX * context, unsigned char *into, size_t length),
        (context, into, length))

static const int answers[] = {0, -1, -2, 2, 0x7FFFFFFF, -0x7FFFFFFF};

/* One algorithm's key set and token. */
struct good {
    enum alg alg;
    struct keyset keyset;
    char *token;
};

static void
good_make(enum alg alg, struct good *good)
{
    EVP_PKEY *pair = support_key(alg);
    char *jwk = support_jwk(pair, NULL, NULL);
    char *jwks = support_jwks(jwk);
    char *header = support_text("{\"alg\":\"%s\"}", alg_row(alg)->name);

    *good = (struct good){.alg = alg, .keyset = KEYSET};
    good->token = support_sign(pair, alg, header, "{}");
    assert_int_equal(keyset_read(span_of(jwks), KEYSET_FETCHED_MAX, NULL, &good->keyset), ST_OK);
    EVP_PKEY_free(pair);
    free(jwk);
    free(jwks);
    free(header);
}

static void
good_done(struct good *good)
{
    keyset_done(&good->keyset);
    free(good->token);
}

static enum status
verify(const struct good *good, struct why *why)
{
    struct jws *jws CLEANUP(jws_done) = NULL;
    struct key *key CLEANUP(key_done) = NULL;
    struct verified *verified CLEANUP(verified_done) = NULL;

    *why = (struct why){""};
    assert_int_equal(jws_parse(span_of(good->token), why, &jws), ST_OK);
    enum status status =
        keyset_select(buf_span(&good->keyset.lines), jws_header(jws), ~(alg_set)0, why, &key);
    if (status == ST_OK) {
        status = jws_verify(jws, key, why, &verified);
    }
    assert_int_equal(verified != NULL, status == ST_OK);
    assert_int_equal(why->sentence[0] == '\0', status == ST_OK);
    assert_int_equal(ERR_peek_error(), 0);
    return status;
}

static void
R47_nothing_but_1_is_yes(void **state)
{
    static const struct {
        const char *function;
        enum alg alg;
        enum status status;
        const char *says;
    } rows[] = {
        {"EVP_DigestVerify", ALG_RS256, ST_SIGNATURE, "does not fit"},
        {"EVP_DigestVerify", ALG_PS256, ST_SIGNATURE, "does not fit"},
        {"EVP_DigestVerify", ALG_ES256, ST_SIGNATURE, "does not fit"},
        {"EVP_DigestVerify", ALG_ES512, ST_SIGNATURE, "does not fit"},
        {"EVP_DigestVerify", ALG_ED25519, ST_SIGNATURE, "does not fit"},
        {"EVP_DigestVerify", ALG_ED448, ST_SIGNATURE, "does not fit"},
        {"EVP_DigestVerifyInit_ex", ALG_RS256, ST_INTERNAL, "cannot verify"},
        {"EVP_DigestVerifyInit_ex", ALG_ES256, ST_INTERNAL, "cannot verify"},
        {"EVP_DigestVerifyInit_ex", ALG_ED25519, ST_INTERNAL, "cannot verify"},
        {"EVP_MD_CTX_copy_ex", ALG_RS256, ST_INTERNAL, "cannot verify"},
        {"EVP_MD_CTX_copy_ex", ALG_ED25519, ST_INTERNAL, "cannot verify"},
        {"EVP_PKEY_fromdata_init", ALG_RS256, ST_INTERNAL, "cannot take the key"},
        {"EVP_PKEY_fromdata_init", ALG_ES256, ST_INTERNAL, "cannot take the key"},
        {"EVP_PKEY_fromdata", ALG_RS256, ST_INTERNAL, "cannot take the key"},
        {"EVP_PKEY_fromdata", ALG_ES384, ST_INTERNAL, "cannot take the key"},
        {"EVP_PKEY_CTX_set_rsa_padding", ALG_PS256, ST_INTERNAL, "cannot verify"},
        {"EVP_PKEY_CTX_set_rsa_pss_saltlen", ALG_PS512, ST_INTERNAL, "cannot verify"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct good good;
        struct why why;
        good_make(rows[i].alg, &good);
        assert_int_equal(verify(&good, &why), ST_OK);
        for (size_t j = 0; j < COUNT(answers); j++) {
            lie.function = rows[i].function;
            lie.answer = answers[j];
            lie.told = 0;
            enum status status = verify(&good, &why);
            lie.function = NULL;
            if (status != rows[i].status || lie.told == 0 ||
                strstr(why.sentence, rows[i].says) == NULL) {
                fail_msg("%s of %s says %d, told %zu times: %s", rows[i].function,
                         alg_row(rows[i].alg)->name, answers[j], lie.told, status_word(status));
            }
        }
        assert_int_equal(verify(&good, &why), ST_OK); /* and leaves nothing behind */
        good_done(&good);
    }
}

static void
R47_a_digest_that_fails_is_none(void **state)
{
    static const struct {
        const char *function;
        enum alg alg;
    } rows[] = {
        {"EVP_DigestInit_ex2", ALG_RS256}, {"EVP_DigestUpdate", ALG_RS384},
        {"EVP_DigestFinal_ex", ALG_ES512}, {"EVP_DigestFinalXOF", ALG_ED448},
        {"EVP_DigestUpdate", ALG_ED25519},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        EVP_PKEY *pair = support_key(rows[i].alg);
        struct claims *claims = support_claims_signed(pair, rows[i].alg, NULL, "{}");
        for (size_t j = 0; j < COUNT(answers); j++) {
            struct buf half CLEANUP(buf_done) = BUF(128);
            lie.function = rows[i].function;
            lie.answer = answers[j];
            lie.told = 0;
            assert_int_equal(claims_left_half(claims, span_of("token"), &half), ST_INTERNAL);
            lie.function = NULL;
            assert_int_equal(lie.told, 1);
            assert_int_equal(half.length, 0);
            assert_int_equal(claims_left_half(claims, span_of("token"), &half), ST_OK);
        }
        claims_done(&claims);
        EVP_PKEY_free(pair);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R47_nothing_but_1_is_yes),
        cmocka_unit_test(R47_a_digest_that_fails_is_none),
    };

    return cmocka_run_group_tests_name("openssl_answers", tests, NULL, NULL);
}

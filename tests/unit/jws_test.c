#include "support.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "jose/jws.h"
#include "jose/keyset.h"

/* Verifies `token` against `lines`; the payload must come out whole. */
static enum status
verify(const char *token, struct span lines, alg_set allowed, struct why *why)
{
    struct jws *jws CLEANUP(jws_done) = NULL;
    struct key *key CLEANUP(key_done) = NULL;
    struct verified *verified CLEANUP(verified_done) = NULL;

    TRY(jws_parse(span_of(token), why, &jws));
    TRY(keyset_select(lines, jws_header(jws), allowed, why, &key));
    return jws_verify(jws, key, why, &verified);
}

static void
every_algorithm_verifies_and_notices_one_changed_byte(void **state)
{
    (void)state;
    for (unsigned int alg = 0; alg < ALG_COUNT; alg++) {
        const char *name = alg_row((enum alg)alg)->name;
        EVP_PKEY *pair = support_key((enum alg)alg);
        char *jwk = support_jwk(pair, "k1", name);
        char *jwks = support_jwks(jwk);
        char *header = support_text("{\"alg\":\"%s\",\"kid\":\"k1\"}", name);
        char *token = support_sign(pair, (enum alg)alg, header, "{\"sub\":\"alice\"}");
        struct keyset keyset = KEYSET;
        struct why why = {""};

        assert_int_equal(keyset_read(span_of(jwks), KEYSET_FETCHED_MAX, &why, &keyset), ST_OK);
        assert_int_equal(keyset.usable, 1);
        struct span lines = buf_span(&keyset.lines);
        assert_int_equal(verify(token, lines, ~(alg_set)0, &why), ST_OK);
        assert_int_equal(verify(token, lines, 0, &why), ST_UNKNOWN_KEY);
        char *payload_byte = strchr(token, '.') + 3;
        *payload_byte = *payload_byte == 'A' ? 'B' : 'A';
        assert_int_equal(verify(token, lines, ~(alg_set)0, &why), ST_SIGNATURE);

        keyset_done(&keyset);
        EVP_PKEY_free(pair);
        free(jwk);
        free(jwks);
        free(header);
        free(token);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_algorithm_verifies_and_notices_one_changed_byte),
    };

    return cmocka_run_group_tests_name("jws", tests, NULL, NULL);
}

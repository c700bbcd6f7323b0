/*
 * The examples of the RFCs, in files named by RFC and section: NAME.jws a compact token, NAME.json
 * one in another serialization, NAME.jwk a key, NAME.jwks a set. R134.
 */
#include "support.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "jose/jws.h"
#include "jose/keyset.h"

static char *
read_vector(const char *name, const char *suffix)
{
    struct buf text CLEANUP(buf_done) = BUF(16384);
    char *here = strdup(__FILE__);
    char *path = support_text("%s/vectors/%s.%s", dirname(here), name, suffix);
    FILE *stream = fopen(path, "re");

    if (stream == NULL) {
        fail_msg("%s is missing: run the tests in the root of the repository", path);
    }
    assert_int_equal(file_read_all(fileno(stream), NULL, &text), ST_OK);
    assert_int_equal(fclose(stream), 0);
    free(here);
    free(path);
    struct span whole = jws_without_line_end(buf_span(&text));
    return strndup(whole.at, whole.length);
}

/* What a token comes to with the one key, and the algorithms that are allowed. */
static enum status
verify(const char *token, const char *jwk, alg_set allowed, struct why *why)
{
    struct keyset keyset CLEANUP(keyset_done) = KEYSET;
    struct jws *jws CLEANUP(jws_done) = NULL;
    struct key *key CLEANUP(key_done) = NULL;
    struct verified *verified CLEANUP(verified_done) = NULL;
    char *jwks = support_jwks(jwk);

    assert_int_equal(keyset_read(span_of(jwks), KEYSET_FETCHED_MAX, why, &keyset), ST_OK);
    free(jwks);
    assert_int_equal(keyset_prove(&keyset), ST_OK);
    TRY(jws_parse(span_of(token), why, &jws));
    TRY(keyset_select(buf_span(&keyset.lines), jws_header(jws), allowed, why, &key));
    return jws_verify(jws, key, why, &verified);
}

/*
 * The tokens with the public parts of their keys: that they verify is the proof that they are those
 * of the texts.
 */
static void
R134_tokens_of_the_rfcs_verify(void **state)
{
    static const struct {
        const char *name;
        enum alg alg;
    } rows[] = {
        {"rfc7515_A.2", ALG_RS256}, {"rfc7515_A.3", ALG_ES256}, {"rfc7515_A.4", ALG_ES512},
        {"rfc7520_4.1", ALG_RS256}, {"rfc7520_4.2", ALG_PS384}, {"rfc7520_4.3", ALG_ES512},
        {"rfc8037_A.4", ALG_EDDSA},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *jwk = read_vector(rows[i].name, "jwk");
        char *token = read_vector(rows[i].name, "jws");
        struct why why = {""};
        if (verify(token, jwk, ALG_BIT(rows[i].alg), &why) != ST_OK) {
            fail_msg("%s: %s", rows[i].name, why.sentence);
        }
        *(strrchr(token, '.') + 1) ^= 1;
        assert_int_not_equal(verify(token, jwk, ~(alg_set)0, &why), ST_OK);
        free(jwk);
        free(token);
    }
}

/*
 * Those that are no token here, beside the key that the text has for them: symmetric ones, one
 * without a signature and one with crit besides, one whose payload is elsewhere, all in JSON, whose
 * signatures are good and asymmetric in part.
 */
static void
R134_other_tokens_of_the_rfcs_are_refused(void **state)
{
    static const struct {
        const char *name;
        const char *suffix;
        const char *key;
        enum status status;
    } rows[] = {
        {"rfc7515_A.1", "jws", "rfc7515_A.1", ST_ALG},
        {"rfc7515_A.5", "jws", "rfc7515_A.2", ST_MALFORMED},
        {"rfc7515_A.6", "json", "rfc7515_A.2", ST_MALFORMED},
        {"rfc7515_A.7", "json", "rfc7515_A.3", ST_MALFORMED},
        {"rfc7515_E", "jws", "rfc7515_A.2", ST_MALFORMED},
        {"rfc7520_4.1", "json", "rfc7520_3.3", ST_MALFORMED},
        {"rfc7520_4.2", "json", "rfc7520_3.3", ST_MALFORMED},
        {"rfc7520_4.3", "json", "rfc7520_3.1", ST_MALFORMED},
        {"rfc7520_4.4", "jws", "rfc7520_3.5", ST_ALG},
        {"rfc7520_4.4", "json", "rfc7520_3.5", ST_MALFORMED},
        {"rfc7520_4.5", "jws", "rfc7520_3.5", ST_ALG},
        {"rfc7520_4.5", "json", "rfc7520_3.5", ST_MALFORMED},
        {"rfc7520_4.6", "json", "rfc7520_3.5", ST_MALFORMED},
        {"rfc7520_4.7", "json", "rfc7520_3.5", ST_MALFORMED},
        {"rfc7520_4.8", "json", "rfc7520_3.3", ST_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *jwk = read_vector(rows[i].key, "jwk");
        char *token = read_vector(rows[i].name, rows[i].suffix);
        struct why why = {""};
        enum status status = verify(token, jwk, ~(alg_set)0, &why);
        if (status != rows[i].status) {
            fail_msg("%s.%s: %s (%s)", rows[i].name, rows[i].suffix, status_word(status),
                     why.sentence);
        }
        free(jwk);
        free(token);
    }
}

static void
R134_R67_keys_of_the_rfcs_are_used_or_passed_over(void **state)
{
    static const struct {
        const char *name;
        const char *suffix;
        size_t usable;
        size_t passed_over;
        size_t private_parts;
        const char *first_passed_over;
    } rows[] = {
        {"rfc7517_A.1", "jwks", 1, 1, 0, "key 1: its `use` is not sig"},
        {"rfc7517_A.2", "jwks", 0, 2, 2, "key 1: it is published with its private part"},
        {"rfc7517_A.3", "jwks", 0, 2, 2, "key 1: its kty is none of"},
        {"rfc7517_B", "jwk", 1, 0, 0, ""},
        {"rfc7520_3.1", "jwk", 1, 0, 0, ""},
        {"rfc7520_3.2", "jwk", 0, 1, 1, "it is published with its private part"},
        {"rfc7520_3.3", "jwk", 1, 0, 0, ""},
        {"rfc7520_3.4", "jwk", 0, 1, 1, "it is published with its private part"},
        {"rfc7520_3.5", "jwk", 0, 1, 1, "its kty is none of"},
        {"rfc7520_3.6", "jwk", 0, 1, 1, "its kty is none of"},
        {"rfc8037_A.1", "jwk", 0, 1, 1, "it is published with its private part"},
        {"rfc8037_A.4", "jwk", 1, 0, 0, ""},
        {"rfc8037_A.6", "jwk", 0, 1, 0, "its curve is not one that signs here"},
        {"rfc8037_A.7", "jwk", 0, 1, 0, "its curve is not one that signs here"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct keyset keyset CLEANUP(keyset_done) = KEYSET;
        char *text = read_vector(rows[i].name, rows[i].suffix);
        char *jwks = strcmp(rows[i].suffix, "jwks") == 0 ? strdup(text) : support_jwks(text);
        struct why why = {""};
        assert_int_equal(keyset_read(span_of(jwks), KEYSET_FETCHED_MAX, &why, &keyset), ST_OK);
        assert_int_equal(keyset_prove(&keyset), ST_OK);
        if (keyset.usable != rows[i].usable || keyset.passed_over != rows[i].passed_over ||
            keyset.private_parts != rows[i].private_parts ||
            strstr(keyset.first_passed_over.sentence, rows[i].first_passed_over) == NULL) {
            fail_msg("%s: %zu usable, %zu passed over (%s), %zu private", rows[i].name,
                     keyset.usable, keyset.passed_over, keyset.first_passed_over.sentence,
                     keyset.private_parts);
        }
        free(text);
        free(jwks);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R134_tokens_of_the_rfcs_verify),
        cmocka_unit_test(R134_other_tokens_of_the_rfcs_are_refused),
        cmocka_unit_test(R134_R67_keys_of_the_rfcs_are_used_or_passed_over),
    };

    return cmocka_run_group_tests_name("rfc", tests, NULL, NULL);
}

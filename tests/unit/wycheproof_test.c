/*
 * Project Wycheproof's vectors for JSON Web Signatures, Keys and Encryption (C2SP/wycheproof,
 * testvectors_v1), every one of them, at the level of jws_parse, keyset_read, keyset_select and
 * jws_verify with all algorithms allowed (R134). WYCHEPROOF is the directory of the JSON files;
 * without it the tests are skipped.
 *
 * "invalid" must be refused; "valid" must be accepted, but for the rows of `explained`.
 */
#include "support.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/strictjson.h"
#include "jose/jws.h"
#include "jose/keyset.h"

static const char *const reasons[] = {
    "symmetric algorithms do not exist here (R36)",
    "the alg of the JWK contradicts the token's (R37); without it the key verifies",
    "a JWE is no token here (R31)",
};

enum reason { SYMMETRIC, CONTRADICTION, ENCRYPTION };

struct explained {
    int test; /* tcId, 0 stands for every valid case of the file that has a `jwe` */
    enum reason reason;
    enum status status; /* of the refusal */
};

static const struct explained signature_explained[] = {
    {1, SYMMETRIC, ST_ALG},
    {348, SYMMETRIC, ST_ALG},
    {352, SYMMETRIC, ST_ALG},
    {357, SYMMETRIC, ST_ALG},
    {358, SYMMETRIC, ST_ALG},
    {359, SYMMETRIC, ST_ALG},
    {372, SYMMETRIC, ST_MALFORMED}, /* and a '?' in its base64url, which the RFC has refused */
    {373, SYMMETRIC, ST_MALFORMED}, /* likewise */
    {376, SYMMETRIC, ST_ALG},
    {377, SYMMETRIC, ST_ALG},
    {346, CONTRADICTION, ST_UNKNOWN_KEY}, /* PS256 on the key, PS384 in the token */
    {350, CONTRADICTION, ST_UNKNOWN_KEY},
    {347, CONTRADICTION, ST_UNKNOWN_KEY}, /* "ES521", which is no algorithm */
    {351, CONTRADICTION, ST_UNKNOWN_KEY},
};

static const struct explained key_explained[] = {
    {2, SYMMETRIC, ST_ALG},
    {13, SYMMETRIC, ST_ALG},
    {14, SYMMETRIC, ST_ALG},
    {15, SYMMETRIC, ST_ALG},
};

static const struct explained crypto_explained[] = {
    {1, SYMMETRIC, ST_ALG},
    {48, SYMMETRIC, ST_ALG},
    {0, ENCRYPTION, ST_MALFORMED},
};

static const struct explained encryption_explained[] = {
    {0, ENCRYPTION, ST_MALFORMED},
};

struct totals {
    size_t cases;
    size_t as_expected;
    size_t explained;
    size_t accepted;
    size_t differing;
};

static struct totals all;

static enum status
verify(const char *token, const char *document)
{
    struct keyset keyset CLEANUP(keyset_done) = KEYSET;
    struct jws *jws CLEANUP(jws_done) = NULL;
    struct key *key CLEANUP(key_done) = NULL;
    struct verified *verified CLEANUP(verified_done) = NULL;
    struct why why = {""};

    TRY(jws_parse(span_of(token), &why, &jws));
    TRY(keyset_read(span_of(document), KEYSET_FETCHED_MAX, &why, &keyset));
    TRY(keyset_select(buf_span(&keyset.lines), jws_header(jws), ~(alg_set)0, &why, &key));
    return jws_verify(jws, key, &why, &verified);
}

/* The key of a group as the text of a JWKS; without its `alg` if asked. */
static char *
document_of(const json_t *group, bool with_alg)
{
    const json_t *key = json_object_get(group, "public");
    json_t *copy = json_deep_copy(key != NULL ? key : json_object_get(group, "private"));

    assert_non_null(copy);
    if (!with_alg) {
        assert_int_equal(json_object_del(copy, "alg"), 0);
    }
    char *text = json_dumps(copy, 0);
    char *document = json_object_get(copy, "keys") != NULL ? strdup(text) : support_jwks(text);
    json_decref(copy);
    free(text);
    return document;
}

/* A case's token; one of them is a JSON object, handed over as its text. */
static char *
token_of(const json_t *test, bool *ret_encrypted)
{
    const json_t *token = json_object_get(test, "jws");

    *ret_encrypted = token == NULL;
    if (token == NULL) {
        token = json_object_get(test, "jwe");
    }
    assert_non_null(token);
    return json_is_string(token) ? strdup(json_string_value(token))
                                 : json_dumps(token, JSON_COMPACT);
}

static const struct explained *
explanation_of(const struct explained *rows, size_t count, int test, bool encrypted)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].test == test || (rows[i].test == 0 && encrypted)) {
            return &rows[i];
        }
    }
    return NULL;
}

static void
run_case(const json_t *group, const json_t *test, const struct explained *rows, size_t count,
         struct totals *totals)
{
    int id = (int)json_integer_value(json_object_get(test, "tcId"));
    const char *result = json_string_value(json_object_get(test, "result"));
    bool valid = strcmp(result, "valid") == 0;
    bool encrypted = false;
    char *token = token_of(test, &encrypted);
    char *document = document_of(group, true);
    enum status status = verify(token, document);
    const struct explained *explained = valid ? explanation_of(rows, count, id, encrypted) : NULL;

    assert_true(valid || strcmp(result, "invalid") == 0); /* there is no third verdict */
    /* A refusal is of the input: no vector may end in a fault of ours. */
    assert_int_not_equal(status_class(status), CLASS_FAULT);
    totals->cases++;
    totals->accepted += status == ST_OK ? 1 : 0;
    if (explained != NULL && status == explained->status) {
        totals->explained++;
        if (explained->reason == CONTRADICTION) {
            char *unpinned = document_of(group, false);
            assert_int_equal(verify(token, unpinned), ST_OK);
            free(unpinned);
        }
    } else if (explained == NULL && valid == (status == ST_OK)) {
        totals->as_expected++;
    } else {
        totals->differing++;
        print_message("tcId %d (%s): %s, wanted %s%s%s\n", id,
                      json_string_value(json_object_get(test, "comment")), status_word(status),
                      valid ? "valid" : "invalid", explained != NULL ? ", explained by: " : "",
                      explained != NULL ? reasons[explained->reason] : "");
    }
    free(token);
    free(document);
}

/* A file of vectors; the test that asks is skipped where there are none. */
static json_t *
load(const char *name)
{
    const char *directory = getenv("WYCHEPROOF");
    json_error_t error;

    if (directory == NULL || directory[0] == '\0') {
        print_message("WYCHEPROOF is not set: %s is not run\n", name);
        skip();
    }
    char *path = support_text("%s/%s", directory, name);
    json_t *root = json_load_file(path, 0, &error);
    if (root == NULL) {
        fail_msg("%s: %s", path, error.text);
    }
    free(path);
    return root;
}

static void
run_file(const char *name, const struct explained *rows, size_t count, size_t wanted_cases,
         size_t wanted_explained)
{
    struct totals totals = {0};
    size_t i;
    size_t j;
    const json_t *group;
    const json_t *test;

    json_t *root = load(name);
    json_array_foreach(json_object_get(root, "testGroups"), i, group)
    {
        json_array_foreach(json_object_get(group, "tests"), j, test)
        {
            run_case(group, test, rows, count, &totals);
        }
    }
    assert_int_equal(json_integer_value(json_object_get(root, "numberOfTests")), totals.cases);
    print_message("wycheproof: %s: %zu cases, %zu as expected (%zu accepted), %zu explained\n",
                  name, totals.cases, totals.as_expected, totals.accepted, totals.explained);
    json_decref(root);
    all.cases += totals.cases;
    all.as_expected += totals.as_expected;
    all.explained += totals.explained;
    assert_int_equal(totals.differing, 0);
    assert_int_equal(totals.cases, wanted_cases);
    assert_int_equal(totals.explained, wanted_explained);
    assert_int_equal(totals.as_expected + totals.explained, totals.cases);
}

static void
R134_json_web_signatures(void **state)
{
    (void)state;
    run_file("json_web_signature_test.json", signature_explained, COUNT(signature_explained), 401,
             14);
}

static void
R134_json_web_keys(void **state)
{
    (void)state;
    run_file("json_web_key_test.json", key_explained, COUNT(key_explained), 26, 4);
}

/* A weak key is refused for what makes it weak, and not for something else about it. */
static void
E30_E33_weak_keys_have_their_reason(void **state)
{
    static const struct {
        int test;
        const char *reason;
    } rows[] = {
        {6, "its alg is not a signature algorithm"},
        {7, "ROCA, CVE-2017-15361"},
        {8, "RSA modulus of 1024 bits"},
        {9, "RSA exponent"},
        {19, "its alg is not a signature algorithm"},
        {20, "its alg is not a signature algorithm"},
        {21, "its `use` is not sig"},
        {22, "no point of its curve"},
        {23, "its alg does not fit its type"},
        {24, "its alg does not fit its type"},
    };
    size_t found = 0;
    size_t i;
    size_t j;
    const json_t *group;
    const json_t *test;

    (void)state;
    json_t *root = load("json_web_key_test.json");
    json_array_foreach(json_object_get(root, "testGroups"), i, group)
    {
        json_array_foreach(json_object_get(group, "tests"), j, test)
        {
            for (size_t row = 0; row < COUNT(rows); row++) {
                if (json_integer_value(json_object_get(test, "tcId")) != rows[row].test) {
                    continue;
                }
                struct keyset keyset CLEANUP(keyset_done) = KEYSET;
                char *document = document_of(group, true);
                assert_int_equal(keyset_read(span_of(document), KEYSET_FETCHED_MAX, NULL, &keyset),
                                 ST_OK);
                assert_int_equal(keyset_prove(&keyset), ST_OK);
                assert_int_equal(keyset.usable, 0);
                if (strstr(keyset.first_passed_over.sentence, rows[row].reason) == NULL) {
                    fail_msg("tcId %d: %s", rows[row].test, keyset.first_passed_over.sentence);
                }
                free(document);
                found++;
            }
        }
    }
    assert_int_equal(found, COUNT(rows));
    json_decref(root);
}

static void
R134_json_web_crypto(void **state)
{
    (void)state;
    run_file("json_web_crypto_test.json", crypto_explained, COUNT(crypto_explained), 83, 4);
}

static void
E7_json_web_encryption_is_refused(void **state)
{
    (void)state;
    run_file("json_web_encryption_test.json", encryption_explained, COUNT(encryption_explained),
             139, 65);
}

static int
print_totals(void **state)
{
    (void)state;
    if (all.cases > 0) {
        print_message("wycheproof: %zu cases, %zu as expected, %zu explained\n", all.cases,
                      all.as_expected, all.explained);
    }
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R134_json_web_signatures),
        cmocka_unit_test(R134_json_web_keys),
        cmocka_unit_test(E30_E33_weak_keys_have_their_reason),
        cmocka_unit_test(R134_json_web_crypto),
        cmocka_unit_test(E7_json_web_encryption_is_refused),
    };

    return cmocka_run_group_tests_name("wycheproof", tests, NULL, print_totals);
}

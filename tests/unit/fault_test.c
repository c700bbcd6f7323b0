/*
 * Every call for memory, and every call of OpenSSL, fails once: never is the answer yes, never is
 * half a result taken for a whole one (R47, R132, E69).
 */
#include "support.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/strictjson.h"
#include "fault.h"
#include "jose/base64url.h"
#include "jose/digest.h"
#include "jose/jws.h"
#include "jose/keyset.h"

#define EVERYTHING (~(alg_set)0)

/* ---- bytes and JSON ------------------------------------------------------------------------- */

static enum status
encode_and_decode(void *world)
{
    struct buf text CLEANUP(buf_done) = BUF(1000);
    struct buf bytes CLEANUP(buf_done) = BUF(1000);
    struct span message = span_of(world);

    TRY(base64url_encode(message, &text));
    TRY(base64url_decode(buf_span(&text), &bytes));
    assert_true(span_equals(buf_span(&bytes), message));
    return ST_OK;
}

static enum status
digest(void *world)
{
    struct buf text CLEANUP(buf_done) = BUF(1000);

    TRY(digest_sha256_hex(span_of(world), &text));
    assert_int_equal(text.length, 2 * DIGEST_BYTES);
    return ST_OK;
}

/* RFC 7636 appendix B. */
static enum status
challenge(void *world)
{
    struct buf text CLEANUP(buf_done) = BUF(1000);

    TRY(digest_sha256_base64url(span_of(world), &text));
    assert_string_equal(buf_text(&text), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    return ST_OK;
}

static enum status
digest_in_pieces(void *world)
{
    struct digest digest CLEANUP(digest_done) = DIGEST;
    struct buf text CLEANUP(buf_done) = BUF(1000);

    digest_add(&digest, span_of(world));
    digest_add(&digest, span_of(world));
    TRY(digest_end(&digest, &text));
    assert_int_equal(text.length, 2 * DIGEST_BYTES);
    return ST_OK;
}

static enum status
left_half(void *world)
{
    struct buf text CLEANUP(buf_done) = BUF(1000);
    enum alg *alg = world;

    TRY(digest_left_half(*alg, CRV_ED448, span_of("a"), &text));
    assert_int_equal(text.length, *alg == ALG_ED448 ? 76 : 22);
    return ST_OK;
}

static void
E69_bytes_are_whole_or_there_are_none(void **state)
{
    char message[] = "any message, and long enough to need memory of its own";
    char verifier[] = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    enum alg algs[] = {ALG_RS256, ALG_ED448};

    (void)state;
    assert_int_equal(fault_each(encode_and_decode, message), 2);
    assert_int_equal(fault_each(digest, message), 3);
    assert_int_equal(fault_each(challenge, verifier), 3);
    /* ready, fetch, new, init, two and the empty update, final, and the text's own */
    assert_int_equal(fault_each(digest_in_pieces, message), 9);
    for (size_t i = 0; i < COUNT(algs); i++) {
        assert_int_equal(fault_each(left_half, &algs[i]), 6);
    }
}

struct json {
    struct span text;
    json_t *value; /* as Jansson reads it */
};

static enum status
read_json(void *world)
{
    const struct json *json = world;
    json_t *object CLEANUP(strictjson_done) = NULL;
    struct why why = {""};
    enum status status = strictjson_object(json->text, &strictjson_token, &why, &object);

    assert_int_equal(status == ST_OK, why.sentence[0] == '\0');
    assert_int_equal(status == ST_OK, object != NULL);
    TRY(status);
    assert_int_equal(json_equal(object, json->value), 1);
    return ST_OK;
}

static void
E69_json_is_whole_or_there_is_none(void **state)
{
    static const char text[] =
        "{\"a\":\"b\\n\",\"c\\n\":[1,-2.5,true,false,null,[],{\"d\":\"e\"}],\"f\":1,"
        "\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":[1,1,1,1,1,1,1,1,1,1]}";
    struct json json = {.text = span_of(text), .value = json_loads(text, 0, NULL)};

    struct json empty = {.text = span_of("{}"), .value = json_object()};
    struct json plain = {.text = span_of("{\"a\":\"b\"}"), .value = json_pack("{s:s}", "a", "b")};

    (void)state;
    assert_non_null(json.value);
    assert_true(fault_each(read_json, &json) > 40);
    assert_true(fault_each(read_json, &empty) > 0);
    /* The object, the name, the string: none of ours where there is no escape. */
    assert_int_equal(fault_each(read_json, &plain), fault_each(read_json, &empty) + 3);
    json_decref(json.value);
    json_decref(empty.value);
    json_decref(plain.value);
}

/* ---- keys ----------------------------------------------------------------------------------- */

struct set {
    char *document;
    struct keyset whole;  /* what is read where nothing fails, */
    struct keyset proven; /* and what is left of it behind keyset_prove */
};

static struct set
read_whole(const char *document)
{
    struct set set = {.document = strdup(document), .whole = KEYSET, .proven = KEYSET};
    struct why why = {""};
    struct span text = span_of(document);

    assert_int_equal(keyset_read(text, KEYSET_FETCHED_MAX, &why, &set.whole), ST_OK);
    assert_int_equal(keyset_read(text, KEYSET_FETCHED_MAX, &why, &set.proven), ST_OK);
    assert_int_equal(keyset_prove(&set.proven), ST_OK);
    assert_int_equal(set.whole.passed_over, 0);
    assert_int_equal(set.proven.passed_over, 0);
    return set;
}

static void
free_set(struct set *set)
{
    keyset_done(&set->whole);
    keyset_done(&set->proven);
    free(set->document);
}

/* A key of each type; one with neither kid nor algorithm. */
static struct set
make_set(void)
{
    static const struct {
        enum alg alg;
        const char *kid;
        const char *pinned;
    } keys[] = {{ALG_RS256, "r", "PS256"},
                {ALG_ES384, "e", NULL},
                {ALG_EDDSA, NULL, NULL},
                {ALG_ED448, "o", "Ed448"}};
    char *document = strdup("");

    for (size_t i = 0; i < COUNT(keys); i++) {
        EVP_PKEY *pair = support_key(keys[i].alg);
        char *jwk = support_jwk(pair, keys[i].kid, keys[i].pinned);
        char *longer = support_text("%s%s%s", document, i > 0 ? "," : "", jwk);
        EVP_PKEY_free(pair);
        free(jwk);
        free(document);
        document = longer;
    }
    char *jwks = support_jwks(document);
    struct set set = read_whole(jwks);
    assert_int_equal(set.whole.usable, COUNT(keys));
    free(jwks);
    free(document);
    return set;
}

static enum status
read_set(void *world)
{
    struct set *set = world;
    struct keyset keyset CLEANUP(keyset_done) = KEYSET;
    struct why why = {""};

    TRY(keyset_read(span_of(set->document), KEYSET_FETCHED_MAX, &why, &keyset));
    assert_true(span_equals(buf_span(&keyset.lines), buf_span(&set->whole.lines)));
    assert_int_equal(keyset.usable, set->whole.usable);
    return ST_OK;
}

/* Where OpenSSL will not have a key, the key is dropped, and the others are whole. */
static enum status
prove_set(void *world)
{
    struct set *set = world;
    struct keyset keyset CLEANUP(keyset_done) = KEYSET;
    struct span rest;
    struct span line;
    size_t lines = 0;

    keyset.usable = set->whole.usable;
    TRY(buf_add(&keyset.lines, buf_span(&set->whole.lines)));
    TRY(keyset_prove(&keyset));
    for (rest = buf_span(&keyset.lines); span_line(&rest, &line); lines++) {
        assert_non_null(
            memmem(set->proven.lines.at, set->proven.lines.length, line.at, line.length + 1));
    }
    assert_int_equal(lines, keyset.usable);
    assert_int_equal(keyset.usable + keyset.passed_over, set->whole.usable);
    return keyset.passed_over == 0 ? ST_OK : ST_UNKNOWN_KEY;
}

static void
E69_a_key_set_is_whole_or_there_is_none(void **state)
{
    struct set set = make_set();

    (void)state;
    assert_true(fault_each(read_set, &set) > 50);
    assert_true(fault_each(prove_set, &set) > 30);
    free_set(&set);
}

/* An RSA key that is too large to be tested for a prime before it is used. */
static char *
large_rsa(const char *kid)
{
    char bytes[1024];
    struct buf n CLEANUP(buf_done) = BUF(2048);

    memset(bytes, 0xA7, sizeof(bytes));
    assert_int_equal(base64url_encode((struct span){.at = bytes, .length = sizeof(bytes)}, &n),
                     ST_OK);
    return support_text("{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"AQAB\",\"kid\":\"%s\"}",
                        buf_text(&n), kid);
}

/* Lines of all lengths, so that there is one to need more memory at each of their bytes. */
static void
E69_a_line_is_whole_however_long_it_is(void **state)
{
    EVP_PKEY *pairs[] = {support_key(ALG_EDDSA), support_key(ALG_ES256), NULL};
    char kid[JWS_KID_MAX + 1];

    (void)state;
    memset(kid, 'k', sizeof(kid));
    for (size_t i = 0; i < COUNT(pairs); i++) {
        for (size_t length = 0; length < sizeof(kid); length++) {
            kid[length] = '\0';
            char *jwk = pairs[i] != NULL ? support_jwk(pairs[i], kid, NULL) : large_rsa(kid);
            char *jwks = support_jwks(jwk);
            struct set set = read_whole(jwks);
            assert_true(fault_each(read_set, &set) > 5);
            assert_true(fault_each(prove_set, &set) > 2);
            free_set(&set);
            free(jwks);
            free(jwk);
            kid[length] = 'k';
        }
        EVP_PKEY_free(pairs[i]);
    }
}

/* ---- tokens --------------------------------------------------------------------------------- */

struct sealed {
    char *token;
    struct keyset keyset;
};

static enum status
open_token(void *world)
{
    struct sealed *sealed = world;
    struct jws *jws CLEANUP(jws_done) = NULL;
    struct key *key CLEANUP(key_done) = NULL;
    struct verified *verified CLEANUP(verified_done) = NULL;
    struct claims *claims CLEANUP(claims_done) = NULL;
    struct why why = {""};
    struct span subject;

    enum status status = jws_parse(span_of(sealed->token), &why, &jws);
    if (status == ST_OK) {
        status =
            keyset_select(buf_span(&sealed->keyset.lines), jws_header(jws), EVERYTHING, &why, &key);
    }
    if (status == ST_OK) {
        status = jws_verify(jws, key, &why, &verified);
    }
    if (status == ST_OK) {
        status = claims_open(verified, &why, &claims);
    }
    assert_int_equal(claims != NULL, status == ST_OK);
    /* That the signature is wrong is OpenSSL's word alone, and no want of memory. */
    if (status == ST_SIGNATURE) {
        assert_string_equal(fault_failed(), "EVP_DigestVerify");
    }
    TRY(status);
    assert_true(span_is(verified_typ(verified), "JWT"));
    assert_true(span_is(claims_typ(claims), "JWT"));
    assert_true(claims_text(claims, "sub", &subject) && span_is(subject, "alice"));
    return ST_OK;
}

/* Whether its modulus is a prime is tested when it is used. */
static void
make_unproven(struct keyset *keyset)
{
    char *rsa = strstr(keyset->lines.at, " RSA - - ");

    if (rsa != NULL) {
        rsa[strlen(" RSA - ")] = JWK_UNPROVEN;
    }
}

static void
E69_R47_no_algorithm_verifies_where_a_call_fails(void **state)
{
    (void)state;
    for (unsigned int alg = 0; alg < ALG_COUNT; alg++) {
        EVP_PKEY *pair = support_key((enum alg)alg);
        char *jwk = support_jwk(pair, "k1", NULL);
        char *jwks = support_jwks(jwk);
        char *header = support_text("{\"alg\":\"%s\",\"typ\":\"JWT\"%s}",
                                    alg_row((enum alg)alg)->name, alg % 2 ? ",\"kid\":\"k1\"" : "");
        struct sealed sealed = {
            .token = support_sign(pair, (enum alg)alg, header, "{\"sub\":\"alice\"}"),
            .keyset = KEYSET};
        struct why why = {""};

        assert_int_equal(keyset_read(span_of(jwks), KEYSET_FETCHED_MAX, &why, &sealed.keyset),
                         ST_OK);
        assert_true(fault_each(open_token, &sealed) > 20);
        make_unproven(&sealed.keyset);
        assert_true(fault_each(open_token, &sealed) > 20);
        keyset_done(&sealed.keyset);
        EVP_PKEY_free(pair);
        free(sealed.token);
        free(header);
        free(jwks);
        free(jwk);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(E69_bytes_are_whole_or_there_are_none),
        cmocka_unit_test(E69_json_is_whole_or_there_is_none),
        cmocka_unit_test(E69_a_key_set_is_whole_or_there_is_none),
        cmocka_unit_test(E69_a_line_is_whole_however_long_it_is),
        cmocka_unit_test(E69_R47_no_algorithm_verifies_where_a_call_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

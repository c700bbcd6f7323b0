#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "base/strictjson.h"
#include "jose/base64url.h"
#include "jose/jwk.h"
#include "jose/jws.h"

#define EVERYTHING (~(alg_set)0)

/* Public keys of the RFCs: 7515 A.2, 7515 A.3, 8037 A.2; and one of RFC 7520 3.1. */
#define RSA_N                                                                                      \
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4" \
    "d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5re" \
    "xMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxX" \
    "FvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
#define EC_X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define EC_Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define OKP_X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define ED448_X                                                                                    \
    "X9dEm1m0Yf0s54fsYWrUah2hNCSFpw4fig6nXYDpZ3jt8SR2m0bHBhvWeD3x5Q9s0foavq_oJWGA" /* RFC 8032 7.4 \
                                                                                    */
#define P521_X                                                                                     \
    "AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt"
#define P521_Y                                                                                     \
    "AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1"

#define RSA "\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\""
#define EC "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\""
#define P521 "\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"" P521_X "\",\"y\":\"" P521_Y "\""
#define OKP "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" OKP_X "\""

/* What becomes of one JWK; its line, or the reason why there is none. */
static enum status
normalise(const char *text, struct buf *line)
{
    struct why why = {""};
    json_t *key = json_loads(text, JSON_DECODE_ANY, NULL);

    assert_non_null(key);
    buf_cut(line, 0);
    assert_int_equal(buf_add_text(line, "#"), ST_OK);
    enum status status = jwk_normalise(key, &why, line);
    assert_int_equal(why.sentence[0] == '\0', status == ST_OK);
    if (status != ST_OK) {
        assert_string_equal(buf_text(line), "#"); /* nothing of a refused key stays */
    }
    json_decref(key);
    return status;
}

static void
a_usable_key_becomes_one_line(void **state)
{
    static const struct {
        const char *key;
        const char *line;
    } rows[] = {
        {"{" RSA "}", "* RSA - - " RSA_N " AQAB\n"},
        {"{" RSA ",\"kid\":\"k1\",\"alg\":\"PS512\"}", "=azE RSA PS512 - " RSA_N " AQAB\n"},
        {"{" EC ",\"kid\":\"\"}", "= EC - P-256 " EC_X " " EC_Y "\n"},
        {"{" EC ",\"kid\":\"\\n =*\",\"alg\":\"ES256\"}",
         "=CiA9Kg EC ES256 P-256 " EC_X " " EC_Y "\n"},
        {"{" P521 "}", "* EC - P-521 " P521_X " " P521_Y "\n"},
        {"{" OKP "}", "* OKP - Ed25519 " OKP_X " -\n"},
        {"{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"x\":\"" ED448_X "\"}",
         "* OKP - Ed448 " ED448_X " -\n"},
        {"{" OKP ",\"alg\":\"EdDSA\"}", "* OKP EdDSA Ed25519 " OKP_X " -\n"},
        /* RFC 7517 section 4: members that we do not know are ignored. */
        {"{" OKP ",\"x5c\":[\"MIIB\"],\"x5t#S256\":1,\"exp\":5,\"ext\":true,\"y\":\"ignored\"}",
         "* OKP - Ed25519 " OKP_X " -\n"},
        {"{" RSA ",\"crv\":\"P-256\",\"x\":5}", "* RSA - - " RSA_N " AQAB\n"},
    };
    struct buf line CLEANUP(buf_done) = BUF(8192);

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(normalise(rows[i].key, &line), ST_OK);
        assert_string_equal(buf_text(&line) + 1, rows[i].line);
    }
}

static void
run_refused(const char *const *keys, size_t count)
{
    struct buf line CLEANUP(buf_done) = BUF(8192);

    for (size_t i = 0; i < count; i++) {
        if (normalise(keys[i], &line) != ST_UNKNOWN_KEY) {
            fail_msg("%s", keys[i]);
        }
    }
}

static void
E32_unknown_types_and_curves_are_refused(void **state)
{
    static const char *const bad[] = {
        "5",
        "null",
        "\"RSA\"",
        "[]",
        "{}",
        "{\"kty\":\"oct\",\"k\":\"AAAA\"}",
        "{\"kty\":\"oct\"}",
        "{\"kty\":\"AKP\",\"alg\":\"ML-DSA-44\",\"pub\":\"AAAA\"}",
        "{\"kty\":\"rsa\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA \",\"n\":\"" RSA_N "\",\"e\":\"AQAB\"}",
        "{\"kty\":\"\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\"}",
        "{\"kty\":5,\"n\":\"" RSA_N "\",\"e\":\"AQAB\"}",
        "{\"kty\":[\"RSA\"],\"n\":\"" RSA_N "\",\"e\":\"AQAB\"}",
        "{\"n\":\"" RSA_N "\",\"e\":\"AQAB\"}",
        "{\"kty\":\"EC\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}",
        "{\"kty\":\"EC\",\"crv\":5,\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}",
        "{\"kty\":\"EC\",\"crv\":\"\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}",
        "{\"kty\":\"EC\",\"crv\":\"-\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}",
        "{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}",
        "{\"kty\":\"EC\",\"crv\":\"p-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}",
        "{\"kty\":\"EC\",\"crv\":\"Ed25519\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" P521_X "\",\"y\":\"" P521_Y "\"}",
        "{\"kty\":\"EC\",\"x\":\"" P521_X "\",\"y\":\"" P521_Y "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-522\",\"x\":\"" P521_X "\",\"y\":\"" P521_Y "\"}",
        "{\"kty\":\"OKP\",\"x\":\"" OKP_X "\"}",
        "{\"kty\":\"OKP\",\"x\":\"" ED448_X "\"}",
        "{\"kty\":\"OKP\",\"crv\":\"X448\",\"x\":\"" ED448_X "\"}",
        "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" OKP_X "\"}",
        "{\"kty\":\"OKP\",\"crv\":\"P-256\",\"x\":\"" OKP_X "\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"x\":\"" OKP_X "\"}",
        "{\"kty\":\"OKP\",\"crv\":\"ed25519\",\"x\":\"" OKP_X "\"}",
        "{\"kty\":\"RSA\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}",
    };

    (void)state;
    run_refused(bad, COUNT(bad));
}

static void
R44_R45_R46_parameters_are_checked_when_the_line_is_written(void **state)
{
    static const char *const bad[] = {
        "{\"kty\":\"RSA\",\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\"}",
        "{\"kty\":\"RSA\",\"n\":5,\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":65537}",
        "{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"\"}",
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "=\",\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "==\",\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"n\":\" " RSA_N "\",\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQ\"}",      /* e = 1 */
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"Aw\"}",      /* e = 3 */
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAAAAE\"}", /* e = 2^32 + 1 */
        "{\"kty\":\"RSA\",\"n\":\"" OKP_X "\",\"e\":\"AQAB\"}",    /* 256 bits */
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "A\",\"e\":\"AQAB\"}",   /* spare bits or length */
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"y\":\"" EC_Y "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"AA\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"" EC_Y "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"\",\"y\":\"\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":null}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" EC_X "A\"}",
        ("{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
         "\"x\":\"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"), /* the identity */
    };

    (void)state;
    run_refused(bad, COUNT(bad));
}

/* Whoever published the key is told which of its members it is. */
static void
a_refused_key_has_its_reason(void **state)
{
    static const struct {
        const char *key;
        const char *reason;
    } rows[] = {
        {"5", "it is not a JSON object"},
        {"{}", "its kty is none of RSA, EC, OKP"},
        {"{\"kty\":\"EC\"}", "its curve is not one that signs here"},
        {"{" OKP ",\"d\":\"AA\"}", "it is published with its private part"},
        {"{" OKP ",\"use\":\"enc\"}", "its `use` is not sig"},
        {"{" OKP ",\"key_ops\":[\"sign\"]}", "its `key_ops` do not hold verify"},
        {"{" OKP ",\"kid\":5}", "its kid is not a string of at most 256 bytes"},
        {"{" OKP ",\"alg\":\"HS256\"}", "its alg is not a signature algorithm that is accepted"},
        {"{" OKP ",\"alg\":\"ES256\"}", "its alg does not fit its type"},
        {"{\"kty\":\"RSA\",\"e\":\"AQAB\"}", "it has no `n`"},
        {"{\"kty\":\"RSA\",\"n\":\"" RSA_N "\"}", "it has no `e`"},
        {"{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":5}", "it has no `e`"},
        {"{\"kty\":\"RSA\",\"n\":\"=\",\"e\":\"AQAB\"}", "its `n` is not base64url"},
        {"{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"=\"}", "its `e` is not base64url"},
        {"{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}", "RSA modulus of 17 bits"},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"y\":\"" EC_Y "\"}", "it has no `x`"},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\"}", "it has no `y`"},
        {"{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}", "it has no `x`"},
        {"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}", "OKP key of 1 bytes"},
    };
    struct buf line CLEANUP(buf_done) = BUF(8192);

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct why why = {""};
        json_t *key = json_loads(rows[i].key, JSON_DECODE_ANY, NULL);
        assert_non_null(key);
        assert_int_equal(jwk_normalise(key, &why, &line), ST_UNKNOWN_KEY);
        if (strncmp(why.sentence, rows[i].reason, strlen(rows[i].reason)) != 0) {
            fail_msg("%s: %s", rows[i].key, why.sentence);
        }
        json_decref(key);
    }
}

static void
R37_use_is_absent_or_sig_and_key_ops_hold_verify(void **state)
{
    static const struct {
        const char *member;
        enum status status;
    } rows[] = {
        {"\"use\":\"sig\"", ST_OK},
        {"\"use\":\"enc\"", ST_UNKNOWN_KEY},
        {"\"use\":\"SIG\"", ST_UNKNOWN_KEY},
        {"\"use\":\"\"", ST_UNKNOWN_KEY},
        {"\"use\":\"sig enc\"", ST_UNKNOWN_KEY},
        {"\"use\":null", ST_UNKNOWN_KEY},
        {"\"use\":5", ST_UNKNOWN_KEY},
        {"\"use\":[\"sig\"]", ST_UNKNOWN_KEY},
        {"\"key_ops\":[\"verify\"]", ST_OK},
        {"\"key_ops\":[\"sign\",\"verify\"]", ST_OK},
        {"\"key_ops\":[5,null,\"verify\"]", ST_OK},
        {"\"key_ops\":[]", ST_UNKNOWN_KEY},
        {"\"key_ops\":[\"sign\"]", ST_UNKNOWN_KEY},
        {"\"key_ops\":[\"encrypt\"]", ST_UNKNOWN_KEY},
        {"\"key_ops\":[\"Verify\"]", ST_UNKNOWN_KEY},
        {"\"key_ops\":[\"verify \"]", ST_UNKNOWN_KEY},
        {"\"key_ops\":[[\"verify\"]]", ST_UNKNOWN_KEY},
        {"\"key_ops\":\"verify\"", ST_UNKNOWN_KEY},
        {"\"key_ops\":{\"verify\":1}", ST_UNKNOWN_KEY},
        {"\"key_ops\":null", ST_UNKNOWN_KEY},
        {"\"use\":\"sig\",\"key_ops\":[\"verify\"]", ST_OK},
        {"\"use\":\"enc\",\"key_ops\":[\"verify\"]", ST_UNKNOWN_KEY},
        {"\"use\":\"sig\",\"key_ops\":[\"encrypt\"]", ST_UNKNOWN_KEY},
    };
    struct buf line CLEANUP(buf_done) = BUF(8192);

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *key = support_text("{" OKP ",%s}", rows[i].member);
        if (normalise(key, &line) != rows[i].status) {
            fail_msg("%s", rows[i].member);
        }
        free(key);
    }
}

static void
R67_a_key_with_any_private_member_is_refused(void **state)
{
    static const char *const members[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
    static const char *const values[] = {"\"AAAA\"", "\"\"", "null", "5", "[]"};
    static const char *const bases[] = {RSA, EC, OKP};
    struct buf line CLEANUP(buf_done) = BUF(8192);

    (void)state;
    for (size_t i = 0; i < COUNT(members) * COUNT(values) * COUNT(bases); i++) {
        char *text = support_text("{%s,\"%s\":%s}", bases[i % 3], members[i / 3 % COUNT(members)],
                                  values[i / 3 / COUNT(members)]);
        json_t *key = json_loads(text, 0, NULL);
        assert_true(jwk_shows_private_part(key));
        assert_int_equal(normalise(text, &line), ST_UNKNOWN_KEY);
        json_decref(key);
        free(text);
    }
    json_t *public = json_loads("{" RSA ",\"D\":1,\"x\":1,\"y\":1,\"n2\":1}", 0, NULL);
    json_t *none = json_loads("[\"d\"]", 0, NULL);
    assert_false(jwk_shows_private_part(public));
    assert_false(jwk_shows_private_part(none));
    assert_false(jwk_shows_private_part(NULL));
    json_decref(public);
    json_decref(none);
}

static void
R38_a_kid_is_a_string_of_at_most_256_bytes(void **state)
{
    static const struct {
        const char *kid;
        enum status status;
    } rows[] = {
        {"5", ST_UNKNOWN_KEY},    {"null", ST_UNKNOWN_KEY},         {"[\"k\"]", ST_UNKNOWN_KEY},
        {"true", ST_UNKNOWN_KEY}, {"\"../../x\\u001b\\n\"", ST_OK}, {"\"\"", ST_OK},
    };
    struct buf line CLEANUP(buf_done) = BUF(8192);
    char kid[258];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *key = support_text("{" OKP ",\"kid\":%s}", rows[i].kid);
        assert_int_equal(normalise(key, &line), rows[i].status);
        free(key);
    }
    for (size_t length = 255; length <= 257; length++) {
        memset(kid, 'k', length);
        kid[length] = '\0';
        char *key = support_text("{" OKP ",\"kid\":\"%s\"}", kid);
        assert_int_equal(normalise(key, &line), length <= 256 ? ST_OK : ST_UNKNOWN_KEY);
        free(key);
    }
}

/* The longest key there is still fits a line: a kid of 256 bytes and 8192 bits. */
static void
the_longest_key_fits_its_line(void **state)
{
    struct buf line CLEANUP(buf_done) = BUF(8192);
    struct buf n CLEANUP(buf_done) = BUF(2048);
    char bytes[1024 + 8] = {0};
    char kid[257];
    struct jwk jwk;

    (void)state;
    memset(bytes + 8, 0xA7, 1024);
    memset(kid, 'k', 256);
    kid[256] = '\0';
    assert_int_equal(base64url_encode((struct span){.at = bytes, .length = sizeof(bytes)}, &n),
                     ST_OK);
    char *key = support_text("{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"AAAAAAAAAAAAAAAA_____w\","
                             "\"kid\":\"%s\",\"alg\":\"RS256\"}",
                             buf_text(&n), kid);
    assert_int_equal(normalise(key, &line), ST_OK);
    struct span parsed = {.at = line.at + 1, .length = line.length - 2};
    assert_true(parsed.length <= JWK_LINE_MAX);
    assert_true(jwk_parse(parsed, &jwk));
    assert_true(span_is(jwk.a, buf_text(&n)));
    free(key);
    /* A buffer that is full is no bad key: it is told apart. */
    struct buf full CLEANUP(buf_done) = BUF(20);
    json_t *small = json_loads("{" OKP "}", 0, NULL);
    assert_int_equal(jwk_normalise(small, NULL, &full), ST_MALFORMED);
    assert_int_equal(full.length, 0);
    json_decref(small);
}

/* ---- algorithms ---------------------------------------------------------------------------- */

/* RFC 7518 3.1, RFC 8037 3.1, RFC 9864: which algorithm goes with which type and curve. */
static const struct {
    const char *name;
    enum alg alg;
    enum alg_kty kty;
    enum alg_crv crv;
} registry[] = {
    {"RS256", ALG_RS256, KTY_RSA, CRV_NONE},  {"RS384", ALG_RS384, KTY_RSA, CRV_NONE},
    {"RS512", ALG_RS512, KTY_RSA, CRV_NONE},  {"PS256", ALG_PS256, KTY_RSA, CRV_NONE},
    {"PS384", ALG_PS384, KTY_RSA, CRV_NONE},  {"PS512", ALG_PS512, KTY_RSA, CRV_NONE},
    {"ES256", ALG_ES256, KTY_EC, CRV_P256},   {"ES384", ALG_ES384, KTY_EC, CRV_P384},
    {"ES512", ALG_ES512, KTY_EC, CRV_P521},   {"EdDSA", ALG_EDDSA, KTY_OKP, CRV_ED25519},
    {"EdDSA", ALG_EDDSA, KTY_OKP, CRV_ED448}, {"Ed25519", ALG_ED25519, KTY_OKP, CRV_ED25519},
    {"Ed448", ALG_ED448, KTY_OKP, CRV_ED448},
};

static const struct {
    enum alg_kty kty;
    enum alg_crv crv;
} key_types[] = {
    {KTY_RSA, CRV_NONE}, {KTY_EC, CRV_P256},     {KTY_EC, CRV_P384},
    {KTY_EC, CRV_P521},  {KTY_OKP, CRV_ED25519}, {KTY_OKP, CRV_ED448},
};

static bool
is_registered(enum alg alg, enum alg_kty kty, enum alg_crv crv)
{
    for (size_t i = 0; i < COUNT(registry); i++) {
        if (registry[i].alg == alg && registry[i].kty == kty && registry[i].crv == crv) {
            return true;
        }
    }
    return false;
}

static void
R36_the_table_is_the_registry(void **state)
{
    static const char *const digests[] = {
        [ALG_RS256] = "SHA256", [ALG_RS384] = "SHA384", [ALG_RS512] = "SHA512",
        [ALG_PS256] = "SHA256", [ALG_PS384] = "SHA384", [ALG_PS512] = "SHA512",
        [ALG_ES256] = "SHA256", [ALG_ES384] = "SHA384", [ALG_ES512] = "SHA512",
        [ALG_COUNT] = NULL};
    size_t named = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(registry); i++) {
        enum alg alg = ALG_COUNT;
        assert_true(alg_by_name(span_of(registry[i].name), &alg));
        assert_int_equal(alg, registry[i].alg);
        assert_string_equal(alg_row(alg)->name, registry[i].name);
        assert_int_equal(alg_row(alg)->kty, registry[i].kty);
        assert_int_equal(alg_row(alg)->pss, strncmp(registry[i].name, "PS", 2) == 0);
        if (digests[alg] == NULL) {
            assert_null(alg_row(alg)->digest);
        } else {
            assert_string_equal(alg_row(alg)->digest, digests[alg]);
        }
        named |= (size_t)1 << alg;
    }
    assert_int_equal(named, ((size_t)1 << ALG_COUNT) - 1);
}

static void
R36_no_other_name_is_an_algorithm(void **state)
{
    static const char *const bad[] = {"",       "none",   "HS256", "HS384",   "HS512",  "rs256",
                                      "RS256 ", " RS256", "RS25",  "RS2566",  "ES256K", "ES521",
                                      "EDDSA",  "eddsa",  "ED448", "ed25519", "X25519", "RSA"};
    enum alg alg = ALG_COUNT;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_false(alg_by_name(span_of(bad[i]), &alg));
    }
    assert_false(alg_by_name((struct span){.at = "RS256\0", .length = 6}, &alg));
    assert_false(alg_by_name((struct span){.at = NULL, .length = 0}, &alg));
    assert_int_equal(alg, ALG_COUNT);
}

static void
R37_an_algorithm_fits_its_type_its_curve_and_the_policy(void **state)
{
    (void)state;
    for (unsigned int alg = 0; alg < ALG_COUNT; alg++) {
        for (size_t i = 0; i < COUNT(key_types); i++) {
            enum alg_kty kty = key_types[i].kty;
            enum alg_crv crv = key_types[i].crv;
            bool registered = is_registered((enum alg)alg, kty, crv);
            bool second_curve = alg == ALG_EDDSA && crv == CRV_ED448; /* Ed448 is an opt-in */
            assert_int_equal(alg_fits((enum alg)alg, EVERYTHING, kty, crv), registered);
            assert_int_equal(alg_fits((enum alg)alg, ALG_BIT(alg), kty, crv),
                             registered && !second_curve);
            assert_int_equal(alg_fits((enum alg)alg, ALG_BIT(alg) | ALG_BIT(ALG_ED448), kty, crv),
                             registered);
            assert_false(alg_fits((enum alg)alg, EVERYTHING & ~ALG_BIT(alg), kty, crv));
            assert_false(alg_fits((enum alg)alg, 0, kty, crv));
        }
    }
    /* Types and curves that no key has together. */
    assert_false(alg_fits(ALG_RS256, EVERYTHING, KTY_RSA, CRV_P256));
    assert_false(alg_fits(ALG_ES256, EVERYTHING, KTY_OKP, CRV_P256));
    assert_false(alg_fits(ALG_EDDSA, EVERYTHING, KTY_EC, CRV_ED25519));
    assert_false(alg_fits(ALG_EDDSA, EVERYTHING, KTY_RSA, CRV_ED448));
    assert_false(alg_fits(ALG_EDDSA, EVERYTHING, KTY_OKP, CRV_NONE));
}

static void
R36_the_defaults_are_these_five(void **state)
{
    (void)state;
    assert_int_equal(ALG_DEFAULT, 1u << ALG_RS256 | 1u << ALG_PS256 | 1u << ALG_ES256 |
                                      1u << ALG_EDDSA | 1u << ALG_ED25519);
}

static void
R36_a_list_of_algorithms_is_known_names_and_not_empty(void **state)
{
    static const struct {
        const char *list;
        alg_set set;         /* 0: refused */
        const char *unknown; /* then */
    } rows[] = {
        {"RS256", ALG_BIT(ALG_RS256), ""},
        {" \tRS256  ES512\t", ALG_BIT(ALG_RS256) | ALG_BIT(ALG_ES512), ""},
        {"EdDSA", ALG_BIT(ALG_EDDSA) | ALG_BIT(ALG_ED25519), ""},
        {"Ed25519", ALG_BIT(ALG_ED25519), ""},
        {"Ed448", ALG_BIT(ALG_ED448), ""},
        {"RS256 RS256", ALG_BIT(ALG_RS256), ""},
        {"RS256 PS256 ES256 EdDSA", ALG_DEFAULT, ""},
        {"", 0, ""},
        {"  ", 0, ""},
        {"HS256", 0, "HS256"},
        {"RS256 none", 0, "none"},
        {"RS256,ES256", 0, "RS256,ES256"},
        {"rs256", 0, "rs256"},
        {"*", 0, "*"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        alg_set set = 0x5a5a;
        struct span unknown;
        bool good = alg_set_parse(span_of(rows[i].list), &set, &unknown);
        if (good != (rows[i].set != 0) || (good && set != rows[i].set) ||
            !span_is(unknown, rows[i].unknown)) {
            fail_msg("'%s'", rows[i].list);
        }
    }
}

/* A JWK's own alg, whatever it is, must be one of ours that fits its type. */
static void
R37_the_alg_of_a_key_fits_its_type_or_the_key_is_refused(void **state)
{
    static const struct {
        const char *members;
        enum alg_kty kty;
        enum alg_crv crv;
    } keys[] = {{RSA, KTY_RSA, CRV_NONE},
                {EC, KTY_EC, CRV_P256},
                {P521, KTY_EC, CRV_P521},
                {OKP, KTY_OKP, CRV_ED25519}};
    static const char *const bad[] = {"\"none\"",   "\"HS256\"", "\"\"",         "\"ES521\"",
                                      "\"RSA1_5\"", "\"rs256\"", "\"RSA-OAEP\"", "\"ECDH-ES\"",
                                      "null",       "5",         "[\"RS256\"]"};
    struct buf line CLEANUP(buf_done) = BUF(8192);

    (void)state;
    for (size_t i = 0; i < COUNT(keys); i++) {
        for (unsigned int alg = 0; alg < ALG_COUNT; alg++) {
            char *key =
                support_text("{%s,\"alg\":\"%s\"}", keys[i].members, alg_row((enum alg)alg)->name);
            bool fits = is_registered((enum alg)alg, keys[i].kty, keys[i].crv);
            assert_int_equal(normalise(key, &line), fits ? ST_OK : ST_UNKNOWN_KEY);
            free(key);
        }
        for (size_t j = 0; j < COUNT(bad); j++) {
            char *key = support_text("{%s,\"alg\":%s}", keys[i].members, bad[j]);
            assert_int_equal(normalise(key, &line), ST_UNKNOWN_KEY);
            free(key);
        }
    }
}

/* ---- lines --------------------------------------------------------------------------------- */

static void
a_line_is_taken_apart(void **state)
{
    struct jwk jwk;

    (void)state;
    assert_true(jwk_parse(span_of("=azE RSA PS512 - AAAA AQAB"), &jwk));
    assert_true(span_is(jwk.kid, "=azE"));
    assert_true(jwk.pinned);
    assert_int_equal(jwk.alg, ALG_PS512);
    assert_int_equal(jwk.kty, KTY_RSA);
    assert_int_equal(jwk.crv, CRV_NONE);
    assert_true(span_is(jwk.a, "AAAA"));
    assert_true(span_is(jwk.b, "AQAB"));
    assert_true(jwk_parse(span_of("* OKP - Ed448 AAAA -"), &jwk));
    assert_true(span_is(jwk.kid, "*"));
    assert_false(jwk.pinned);
    assert_int_equal(jwk.kty, KTY_OKP);
    assert_int_equal(jwk.crv, CRV_ED448);
    assert_true(jwk_parse(span_of("= EC - P-384 AA BB"), &jwk));
    assert_true(span_is(jwk.kid, "="));
    assert_int_equal(jwk.crv, CRV_P384);
}

static void
a_line_that_was_not_written_here_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "*",
        "* RSA",
        "* RSA -",
        "* RSA - -",
        "* RSA - - AAAA",
        "* RSA - - AAAA AQAB x",
        "RSA - - AAAA AQAB",
        "azE RSA - - AAAA AQAB",
        "** RSA - - AAAA AQAB",
        "*azE RSA - - AAAA AQAB",
        "-azE RSA - - AAAA AQAB",
        "* oct - - AAAA AQAB",
        "* rsa - - AAAA AQAB",
        "* - - - AAAA AQAB",
        "* RSA - P-256 AAAA AQAB",
        "* RSA - ?? AAAA AQAB",
        "* EC - ? AAAA AQAB",
        "* RSA - - AAAA AQAB AQAB AQAB",
        "* EC - - AAAA AQAB",
        "* EC - Ed25519 AAAA AQAB",
        "* OKP - P-256 AAAA -",
        "* OKP - X25519 AAAA -",
        "* RSA none - AAAA AQAB",
        "* RSA HS256 - AAAA AQAB",
        "* RSA rs256 - AAAA AQAB",
        "* RSA = - AAAA AQAB",
        "# a comment of five words more",
        "{\"kty\":\"RSA\",\"n\":\"AAAA\",\"e\":\"AQAB\"}",
    };
    struct jwk jwk;

    (void)state;
    memset(&jwk, 0x5a, sizeof(jwk));
    struct jwk before = jwk;
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (jwk_parse(span_of(bad[i]), &jwk)) {
            fail_msg("%s", bad[i]);
        }
    }
    assert_false(jwk_parse((struct span){.at = NULL, .length = 0}, &jwk));
    assert_memory_equal(&jwk, &before, sizeof(jwk));
}

static void
a_line_of_4096_bytes_is_the_longest(void **state)
{
    char *line = malloc(JWK_LINE_MAX + 2);
    struct jwk jwk;

    (void)state;
    assert_non_null(line);
    for (size_t length = JWK_LINE_MAX - 1; length <= JWK_LINE_MAX + 1; length++) {
        memset(line, 'A', length);
        memcpy(line, "* RSA - - ", 10);
        memcpy(line + length - 5, " AQAB", 5);
        assert_int_equal(jwk_parse((struct span){.at = line, .length = length}, &jwk),
                         length <= JWK_LINE_MAX);
    }
    free(line);
}

static void
R37_a_pinned_line_fits_that_algorithm_alone(void **state)
{
    struct jwk jwk;

    (void)state;
    for (unsigned int alg = 0; alg < ALG_COUNT; alg++) {
        assert_true(jwk_parse(span_of("* RSA PS256 - AAAA AQAB"), &jwk));
        assert_int_equal(jwk_fits(&jwk, (enum alg)alg, EVERYTHING), alg == ALG_PS256);
        assert_int_equal(jwk_fits(&jwk, (enum alg)alg, ALG_DEFAULT), alg == ALG_PS256);
        assert_false(jwk_fits(&jwk, (enum alg)alg, EVERYTHING & ~ALG_BIT(ALG_PS256)));
        assert_true(jwk_parse(span_of("* RSA - - AAAA AQAB"), &jwk));
        assert_int_equal(jwk_fits(&jwk, (enum alg)alg, EVERYTHING), alg <= ALG_PS512);
        /* A damaged line may pin what its type cannot do. */
        assert_true(jwk_parse(span_of("* RSA ES256 - AAAA AQAB"), &jwk));
        assert_false(jwk_fits(&jwk, (enum alg)alg, EVERYTHING));
    }
}

static void
a_kid_becomes_one_word_whatever_it_holds(void **state)
{
    static const struct {
        const char *kid;
        const char *word;
    } rows[] = {{"", "="}, {"k1", "=azE"}, {"\n", "=Cg"}, {"=", "=PQ"}, {" *", "=ICo"}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf buf CLEANUP(buf_done) = BUF(10);
        assert_int_equal(jwk_kid(span_of(rows[i].kid), &buf), ST_OK);
        assert_string_equal(buf_text(&buf), rows[i].word);
    }
    struct buf full CLEANUP(buf_done) = BUF(3);
    struct buf none CLEANUP(buf_done) = BUF(0);
    assert_int_equal(jwk_kid(span_of("k1"), &full), ST_MALFORMED);
    assert_int_equal(jwk_kid(span_of(""), &none), ST_MALFORMED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_usable_key_becomes_one_line),
        cmocka_unit_test(E32_unknown_types_and_curves_are_refused),
        cmocka_unit_test(R44_R45_R46_parameters_are_checked_when_the_line_is_written),
        cmocka_unit_test(a_refused_key_has_its_reason),
        cmocka_unit_test(R37_use_is_absent_or_sig_and_key_ops_hold_verify),
        cmocka_unit_test(R67_a_key_with_any_private_member_is_refused),
        cmocka_unit_test(R38_a_kid_is_a_string_of_at_most_256_bytes),
        cmocka_unit_test(the_longest_key_fits_its_line),
        cmocka_unit_test(R36_the_table_is_the_registry),
        cmocka_unit_test(R36_no_other_name_is_an_algorithm),
        cmocka_unit_test(R37_an_algorithm_fits_its_type_its_curve_and_the_policy),
        cmocka_unit_test(R36_the_defaults_are_these_five),
        cmocka_unit_test(R36_a_list_of_algorithms_is_known_names_and_not_empty),
        cmocka_unit_test(R37_the_alg_of_a_key_fits_its_type_or_the_key_is_refused),
        cmocka_unit_test(a_line_is_taken_apart),
        cmocka_unit_test(a_line_that_was_not_written_here_is_refused),
        cmocka_unit_test(a_line_of_4096_bytes_is_the_longest),
        cmocka_unit_test(R37_a_pinned_line_fits_that_algorithm_alone),
        cmocka_unit_test(a_kid_becomes_one_word_whatever_it_holds),
    };

    return cmocka_run_group_tests_name("jwk", tests, NULL, NULL);
}

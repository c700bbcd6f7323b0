#include "support.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "fault.h"
#include "jose/base64url.h"
#include "jose/jws.h"
#include "jose/keyset.h"

#define EVERYTHING (~(alg_set)0)

/* ---- key pairs, made once ------------------------------------------------------------------ */

#define PAIRS 4
static EVP_PKEY *ed[PAIRS]; /* Ed25519 */
static EVP_PKEY *ec;        /* P-256 */
static EVP_PKEY *rsa;       /* 2048 bits */

static int
make_pairs(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        ed[i] = support_key(ALG_EDDSA);
    }
    ec = support_key(ALG_ES256);
    rsa = support_key(ALG_RS256);
    return 0;
}

static int
free_pairs(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        EVP_PKEY_free(ed[i]);
    }
    EVP_PKEY_free(ec);
    EVP_PKEY_free(rsa);
    return 0;
}

/* ---- reading a document -------------------------------------------------------------------- */

#define OKP_X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define GOOD "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" OKP_X "\"}"
#define LINE "* OKP - Ed25519 " OKP_X " -\n"

static void
E32_a_document_is_an_object_with_an_array_keys(void **state)
{
    static const struct {
        const char *document;
        enum status status;
        size_t usable;
        size_t passed_over;
    } rows[] = {
        {"{\"keys\":[]}", ST_OK, 0, 0},
        {"{\"keys\":[" GOOD "]}", ST_OK, 1, 0},
        {"{\"x\":1,\"keys\":[" GOOD "],\"y\":[{\"keys\":[]}]}", ST_OK, 1, 0},
        {"{\"keys\":[" GOOD "," GOOD "]}", ST_OK, 2, 0},
        {"{\"keys\":[5,null,\"x\",[],{}," GOOD "]}", ST_OK, 1, 5},
        {"", ST_MALFORMED, 0, 0},
        {"{}", ST_MALFORMED, 0, 0},
        {"{\"Keys\":[" GOOD "]}", ST_MALFORMED, 0, 0},
        {"{\"keys\":{}}", ST_MALFORMED, 0, 0},
        {"{\"keys\":" GOOD "}", ST_MALFORMED, 0, 0},
        {"{\"keys\":null}", ST_MALFORMED, 0, 0},
        {"{\"keys\":\"[]\"}", ST_MALFORMED, 0, 0},
        {"{\"keys\":5}", ST_MALFORMED, 0, 0},
        {"[" GOOD "]", ST_MALFORMED, 0, 0},
        {GOOD, ST_MALFORMED, 0, 0},
        {"{\"keys\":[" GOOD "]}x", ST_MALFORMED, 0, 0},
        {"{\"keys\":[" GOOD "],\"keys\":[]}", ST_MALFORMED, 0, 0},
        {"{\"keys\":[" GOOD ",{\"kty\":\"OKP\",\"kty\":\"RSA\"}]}", ST_MALFORMED, 0, 0},
        {"\xEF\xBB\xBF{\"keys\":[]}", ST_MALFORMED, 0, 0},
        {"<!DOCTYPE html><html></html>", ST_MALFORMED, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct keyset keyset = KEYSET;
        struct why why = {""};
        enum status status =
            keyset_read(span_of(rows[i].document), KEYSET_FETCHED_MAX, &why, &keyset);
        if (status != rows[i].status || keyset.usable != rows[i].usable ||
            keyset.passed_over != rows[i].passed_over) {
            fail_msg("%s: %s, %zu, %zu", rows[i].document, status_word(status), keyset.usable,
                     keyset.passed_over);
        }
        assert_int_equal(why.sentence[0] == '\0', status == ST_OK);
        keyset_done(&keyset);
    }
}

/* R67: whatever is wrong with one key costs that key and no other. */
static void
R67_a_bad_key_is_passed_over_and_counted(void **state)
{
    static const char *const bad[] = {
        "5",
        "{}",
        "{\"kty\":\"oct\",\"k\":\"AAAA\",\"alg\":\"HS256\"}",
        "{\"kty\":\"oct\"}",
        "{\"kty\":\"future\",\"n\":\"AAAA\"}",
        "{\"kty\":\"RSA\",\"n\":\"AAAA\",\"e\":\"AQAB\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" OKP_X "\",\"d\":\"AAAA\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" OKP_X "\",\"use\":\"enc\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" OKP_X "\",\"kid\":5}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" OKP_X "\",\"alg\":\"RS256\"}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        for (size_t place = 0; place < 3; place++) {
            struct keyset keyset = KEYSET;
            char *document = support_text("{\"keys\":[%s,%s,%s]}", place == 0 ? bad[i] : GOOD,
                                          place == 1 ? bad[i] : GOOD, place == 2 ? bad[i] : GOOD);
            char *named = support_text("key %zu: ", place + 1);
            bool shows = i == 2 || i == 7;
            assert_int_equal(keyset_read(span_of(document), KEYSET_FETCHED_MAX, NULL, &keyset),
                             ST_OK);
            assert_int_equal(keyset.usable, 2);
            assert_int_equal(keyset.passed_over, 1);
            assert_int_equal(keyset.private_parts, shows ? 1 : 0);
            assert_string_equal(buf_text(&keyset.lines), LINE LINE);
            assert_ptr_equal(strstr(keyset.first_passed_over.sentence, named),
                             keyset.first_passed_over.sentence);
            free(document);
            free(named);
            keyset_done(&keyset);
        }
    }
}

static void
the_first_key_passed_over_is_the_one_that_is_named(void **state)
{
    struct keyset keyset = KEYSET;

    (void)state;
    assert_int_equal(keyset_read(span_of("{\"keys\":[" GOOD ",{\"kty\":\"oct\",\"k\":\"\"},5,"
                                         "{\"kty\":\"RSA\",\"d\":\"\"}]}"),
                                 KEYSET_FETCHED_MAX, NULL, &keyset),
                     ST_OK);
    assert_int_equal(keyset.passed_over, 3);
    assert_int_equal(keyset.private_parts, 2);
    assert_ptr_equal(strstr(keyset.first_passed_over.sentence, "key 2: "),
                     keyset.first_passed_over.sentence);
    assert_non_null(strstr(keyset.first_passed_over.sentence, "kty"));
    keyset_done(&keyset);
    assert_int_equal(keyset.usable, 0);
    assert_int_equal(keyset.passed_over, 0);
    assert_int_equal(keyset.private_parts, 0);
    assert_string_equal(keyset.first_passed_over.sentence, "");
    assert_null(keyset.lines.at);
    assert_int_equal(keyset.lines.limit, KEYSET_LINES_MAX);
}

/* Entra ID: what its JWKS for all tenants holds, and what of it is whose. */
static void
R51_a_key_of_another_tenant_is_passed_over(void **state)
{
#define TENANT "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"
#define CONSUMERS "9188040d-6c67-4c5b-b112-36a304b66dad"
    static const char ours[] = "https://login.microsoftonline.com/" TENANT "/v2.0";
    static const char ours_1[] = "https://sts.windows.net/" TENANT "/";
    static const struct {
        const char *issuer; /* that is wanted */
        const char *member; /* of the key, as JSON */
        size_t usable;
    } rows[] = {
        {ours, "\"https://login.microsoftonline.com/{tenantid}/v2.0\"", 1},
        {ours, "\"https://login.microsoftonline.com/" TENANT "/v2.0\"", 1},
        {ours, "\"https://login.microsoftonline.com/" CONSUMERS "/v2.0\"", 0},
        {ours_1, "\"https://login.microsoftonline.com/{tenantid}/v2.0\"", 1},
        {ours_1, "\"https://login.microsoftonline.com/" TENANT "/v2.0\"", 1},
        {ours_1, "\"https://login.microsoftonline.com/" CONSUMERS "/v2.0\"", 0},
        {ours, "\"https://login.microsoftonline.com/" TENANT "\"", 1},
        {ours, "\"https://login.microsoftonline.com/" TENANT "0/v2.0\"", 0},
        {ours, "\"https://login.microsoftonline.com/{tenantid}x/v2.0\"", 0},
        {ours, "\"https://login.microsoftonline.com/\"", 0},
        {ours, "\"https://login.microsoftonline.com\"", 0},
        {ours, "\"" TENANT "\"", 0},
        {ours, "\"\"", 0},
        {ours, "5", 0},
        {ours, "null", 0},
        {"https://idp.example", "\"https://idp.example\"", 1},
        {"https://idp.example", "\"https://evil.example\"", 0},
        {"https://idp.example", "\"\"", 0},
        {NULL, "\"https://login.microsoftonline.com/" CONSUMERS "/v2.0\"", 1},
        {"", "\"https://login.microsoftonline.com/" CONSUMERS "/v2.0\"", 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct keyset keyset = KEYSET;
        char *document = support_text(
            "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" OKP_X "\",\"issuer\":%s}]}",
            rows[i].member);

        keyset.issuer = rows[i].issuer;
        assert_int_equal(keyset_read(span_of(document), KEYSET_FETCHED_MAX, NULL, &keyset), ST_OK);
        if (keyset.usable != rows[i].usable || keyset.passed_over != 1 - rows[i].usable) {
            fail_msg("%s for %s: %zu", rows[i].member, rows[i].issuer, keyset.usable);
        }
        const char *reason = rows[i].member[0] == '"' ? "key 1: it is a key of the issuer '"
                                                      : "key 1: its issuer is not a string";
        assert_int_equal(strncmp(keyset.first_passed_over.sentence, reason, strlen(reason)) == 0,
                         rows[i].usable == 0);
        free(document);
        keyset_done(&keyset);
    }
}

static void
read_many(size_t count, size_t most, const char *key, enum status wanted)
{
    struct buf document CLEANUP(buf_done) = BUF((size_t)4 * 1024 * 1024);
    struct keyset keyset = KEYSET;
    struct why why = {""};

    assert_int_equal(buf_add_text(&document, "{\"keys\":["), ST_OK);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(buf_printf(&document, "%s%s", i > 0 ? "," : "", key), ST_OK);
    }
    assert_int_equal(buf_add_text(&document, "]}"), ST_OK);
    assert_int_equal(keyset_read(buf_span(&document), most, &why, &keyset), wanted);
    if (wanted == ST_OK) {
        assert_int_equal(keyset.usable + keyset.passed_over, count);
    } else {
        assert_int_equal(keyset.lines.length, 0);
    }
    keyset_done(&keyset);
}

static void
E32_a_hundred_keys_are_the_most(void **state)
{
    (void)state;
    assert_int_equal(KEYSET_FETCHED_MAX, 100);
    assert_int_equal(KEYSET_DOCUMENT_MAX, 512 * 1024);
    read_many(99, KEYSET_FETCHED_MAX, GOOD, ST_OK);
    read_many(100, KEYSET_FETCHED_MAX, GOOD, ST_OK);
    read_many(101, KEYSET_FETCHED_MAX, GOOD, ST_MALFORMED);
    read_many(101, KEYSET_FETCHED_MAX, "5", ST_MALFORMED);
    read_many(101, KEYSET_PINNED_MAX, GOOD, ST_OK);
    read_many(KEYSET_PINNED_MAX, KEYSET_PINNED_MAX, GOOD, ST_OK);
    read_many(KEYSET_PINNED_MAX + 1, KEYSET_PINNED_MAX, GOOD, ST_MALFORMED);
    read_many(1, 0, GOOD, ST_MALFORMED);
}

/* A document whose lines have no room is refused whole: no key is lost silently. */
static void
R67_a_set_that_does_not_fit_is_no_set(void **state)
{
    char bytes[1024];
    struct buf n CLEANUP(buf_done) = BUF(2048);

    (void)state;
    memset(bytes, 0xA7, sizeof(bytes));
    assert_int_equal(base64url_encode((struct span){.at = bytes, .length = sizeof(bytes)}, &n),
                     ST_OK);
    char *key = support_text("{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"AQAB\"}", buf_text(&n));
    struct buf document CLEANUP(buf_done) = BUF((size_t)8 * 1024 * 1024);
    struct keyset keyset = KEYSET;
    assert_int_equal(buf_add_text(&document, "{\"keys\":["), ST_OK);
    for (size_t i = 0; i < 3500; i++) { /* 4.8 MB of lines */
        assert_int_equal(buf_printf(&document, "%s%s", i > 0 ? "," : "", key), ST_OK);
    }
    assert_int_equal(buf_add_text(&document, "]}"), ST_OK);
    assert_int_equal(keyset_read(buf_span(&document), KEYSET_PINNED_MAX, NULL, &keyset),
                     ST_MALFORMED);
    keyset_done(&keyset);
    free(key);
}

/* Few keys with very many members, or very deep ones, are no JWKS either. */
static void
E13_the_limits_of_json_hold_for_a_key_set(void **state)
{
    struct buf key CLEANUP(buf_done) = BUF(100000);

    (void)state;
    assert_int_equal(buf_add_text(&key, "{\"kty\":\"x\""), ST_OK);
    for (size_t i = 2; i < 31; i++) {
        assert_int_equal(buf_printf(&key, ",\"m%zu\":1", i), ST_OK);
    }
    assert_int_equal(buf_add_text(&key, "}"), ST_OK);
    read_many(100, 100, buf_text(&key), ST_OK); /* 30 members each and `keys`: 3001 of 3200 */
    buf_cut(&key, key.length - 1);
    assert_int_equal(buf_add_text(&key, ",\"a\":1,\"b\":1,\"c\":1}"), ST_OK);
    read_many(100, 100, buf_text(&key), ST_MALFORMED);
    read_many(1, 100, "{\"kty\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}", ST_MALFORMED);
}

/* E32: 600 KiB. The caller's buffer refuses it (KEYSET_DOCUMENT_MAX); here it costs no time. */
static void
E32_a_large_document_is_read_at_once(void **state)
{
    char *spaces = malloc(600 * 1024 + 1);
    int64_t before = clock_ms();
    struct keyset keyset = KEYSET;

    (void)state;
    memset(spaces, ' ', 600 * 1024);
    memcpy(spaces, "{\"keys\":[]", 10);
    spaces[600 * 1024 - 1] = '}';
    assert_int_equal(
        keyset_read((struct span){.at = spaces, .length = 600 * 1024}, 100, NULL, &keyset), ST_OK);
    print_message("600 KiB: %lld ms\n", (long long)(clock_ms() - before));
    keyset_done(&keyset);
    free(spaces);
}

/* ---- choosing a key ------------------------------------------------------------------------ */

/* A token by `pair`; `kid` is JSON text, or NULL for a header without one. */
static char *
token_by(EVP_PKEY *pair, enum alg alg, const char *kid)
{
    char *header = kid != NULL
                       ? support_text("{\"alg\":\"%s\",\"kid\":%s}", alg_row(alg)->name, kid)
                       : support_text("{\"alg\":\"%s\"}", alg_row(alg)->name);
    char *token = support_sign(pair, alg, header, "{}");

    free(header);
    return token;
}

/* What the header of `token` selects from these lines, and whether it then verifies. */
static enum status
verify_token(struct span lines, const char *token, alg_set allowed)
{
    struct jws *jws CLEANUP(jws_done) = NULL;
    struct key *key CLEANUP(key_done) = NULL;
    struct verified *verified CLEANUP(verified_done) = NULL;
    struct why why = {""};

    assert_int_equal(jws_parse(span_of(token), &why, &jws), ST_OK);
    enum status status = keyset_select(lines, jws_header(jws), allowed, &why, &key);
    assert_int_equal(key != NULL, status == ST_OK);
    assert_int_equal(why.sentence[0] == '\0', status == ST_OK);
    return status == ST_OK ? jws_verify(jws, key, &why, &verified) : status;
}

static enum status
verify_lines(struct span lines, EVP_PKEY *pair, enum alg alg, const char *kid, alg_set allowed)
{
    char *token = token_by(pair, alg, kid);
    enum status status = verify_token(lines, token, allowed);

    free(token);
    return status;
}

/* The JWK of `pair` with `kid` as JSON text (NULL for none) and `more` members. */
static char *
jwk_of(EVP_PKEY *pair, const char *kid, const char *more)
{
    char *plain = support_jwk(pair, NULL, NULL);
    char *text = support_text("%.*s%s%s%s}", (int)strlen(plain) - 1, plain,
                              kid != NULL ? ",\"kid\":" : "", kid != NULL ? kid : "", more);

    free(plain);
    return text;
}

/* The lines of a JWKS of so many JWKs, which are freed. */
static struct keyset
set_of(char *const *jwks, size_t count)
{
    struct buf document CLEANUP(buf_done) = BUF((size_t)1024 * 1024);
    struct keyset keyset = KEYSET;

    assert_int_equal(buf_add_text(&document, "{\"keys\":["), ST_OK);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(buf_printf(&document, "%s%s", i > 0 ? "," : "", jwks[i]), ST_OK);
        free(jwks[i]);
    }
    assert_int_equal(buf_add_text(&document, "]}"), ST_OK);
    assert_int_equal(keyset_read(buf_span(&document), KEYSET_FETCHED_MAX, NULL, &keyset), ST_OK);
    return keyset;
}

#define SET(name, ...)                                                                             \
    char *name##_jwks[] = {__VA_ARGS__};                                                           \
    struct keyset name = set_of(name##_jwks, COUNT(name##_jwks))

static void
R38_a_kid_selects_its_key_byte_for_byte(void **state)
{
    SET(set, jwk_of(ed[0], "\"k1\"", ""), jwk_of(ed[1], "\"k11\"", ""), jwk_of(ed[2], "\"k\"", ""),
        jwk_of(ed[3], "\"K1\"", ""));
    static const struct {
        const char *kid;
        size_t pair;
        enum status status;
    } rows[] = {
        {"\"k1\"", 0, ST_OK},
        {"\"k11\"", 1, ST_OK},
        {"\"k\"", 2, ST_OK},
        {"\"K1\"", 3, ST_OK},
        {"\"k1\"", 1, ST_SIGNATURE},
        {"\"k11\"", 0, ST_SIGNATURE},
        {"\"k\"", 0, ST_SIGNATURE},
        {"\"k111\"", 1, ST_UNKNOWN_KEY},
        {"\"\"", 0, ST_UNKNOWN_KEY},
        {"\"k1 \"", 0, ST_UNKNOWN_KEY},
        {"\" k1\"", 0, ST_UNKNOWN_KEY},
        {"\"1\"", 0, ST_UNKNOWN_KEY},
        {"\"k1\\n\"", 0, ST_UNKNOWN_KEY},
        {"\"*\"", 0, ST_UNKNOWN_KEY},
        {"\"=azE\"", 0, ST_UNKNOWN_KEY},
        {"\"azE\"", 0, ST_UNKNOWN_KEY},
        {"\"OKP\"", 0, ST_UNKNOWN_KEY},
        {NULL, 0, ST_UNKNOWN_KEY}, /* four would fit */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum status status = verify_lines(buf_span(&set.lines), ed[rows[i].pair], ALG_EDDSA,
                                          rows[i].kid, ALG_DEFAULT);
        if (status != rows[i].status) {
            fail_msg("kid %s: %s", rows[i].kid != NULL ? rows[i].kid : "(none)",
                     status_word(status));
        }
    }
    keyset_done(&set);
}

/* E31: every kid is data. Each of these selects its own key and no other. */
static void
E31_a_kid_may_hold_any_bytes(void **state)
{
    static const char *const kids[] = {
        "\"\"",
        "\" \"",
        "\"\\n\"",
        "\"\\n=azE OKP - Ed25519\"",
        "\"=\"",
        "\"*\"",
        "\"../../x\"",
        "\"\\u001b[2J\"",
        "\"\\u00e9\"",
        "\"\\ud83d\\ude00\"",
        "\"' OR 1=1 --\"",
        "\"%s%n\"",
        "\"\\\"\\\\\"",
        "\"a\"",
        "\"ab\"",
        "\"abc\"",
        "\"abcd\"",
        "\"abcde\"",
        "\"\\u007f\"",
        "\"-_\"",
    };
    char *jwks[COUNT(kids)];

    (void)state;
    for (size_t i = 0; i < COUNT(kids); i++) {
        jwks[i] = jwk_of(ed[i % PAIRS], kids[i], "");
    }
    struct keyset set = set_of(jwks, COUNT(jwks));
    assert_int_equal(set.usable, COUNT(kids));
    for (size_t i = 0; i < COUNT(kids); i++) {
        for (size_t pair = 0; pair < PAIRS; pair++) {
            enum status status =
                verify_lines(buf_span(&set.lines), ed[pair], ALG_EDDSA, kids[i], ALG_DEFAULT);
            if (status != (pair == i % PAIRS ? ST_OK : ST_SIGNATURE)) {
                fail_msg("kid %s: %s", kids[i], status_word(status));
            }
        }
    }
    keyset_done(&set);
}

static void
E31_a_kid_of_256_bytes_is_found(void **state)
{
    char kid[300];

    (void)state;
    memset(kid, 'k', sizeof(kid));
    kid[0] = '"';
    strcpy(kid + 257, "\"");
    SET(set, jwk_of(ed[0], kid, ""), jwk_of(ed[1], "\"other\"", ""));
    assert_int_equal(set.usable, 2);
    assert_int_equal(verify_lines(buf_span(&set.lines), ed[0], ALG_EDDSA, kid, ALG_DEFAULT), ST_OK);
    strcpy(kid + 256, "\""); /* 255 of them */
    assert_int_equal(verify_lines(buf_span(&set.lines), ed[0], ALG_EDDSA, kid, ALG_DEFAULT),
                     ST_UNKNOWN_KEY);
    keyset_done(&set);
}

static void
R39_two_usable_keys_with_one_kid_are_no_key(void **state)
{
    SET(same, jwk_of(ed[0], "\"k1\"", ""), jwk_of(ed[1], "\"k1\"", ""),
        jwk_of(ed[2], "\"k2\"", ""));
    SET(twice, jwk_of(ed[0], "\"k1\"", ""), jwk_of(ed[2], "\"k2\"", ""),
        jwk_of(ed[0], "\"k1\"", ""));
    SET(types, jwk_of(ed[0], "\"k1\"", ""), jwk_of(rsa, "\"k1\"", ""), jwk_of(ed[2], "\"k2\"", ""));
    SET(pins, jwk_of(rsa, "\"k1\"", ",\"alg\":\"RS256\""),
        jwk_of(rsa, "\"k1\"", ",\"alg\":\"PS256\""), jwk_of(ed[2], "\"k2\"", ""));
    struct keyset *const sets[] = {&same, &twice, &types, &pins};

    (void)state;
    for (size_t i = 0; i < COUNT(sets); i++) {
        struct span lines = buf_span(&sets[i]->lines);
        assert_int_equal(sets[i]->usable, 3);
        assert_int_equal(verify_lines(lines, ed[0], ALG_EDDSA, "\"k1\"", EVERYTHING),
                         ST_UNKNOWN_KEY);
        assert_int_equal(verify_lines(lines, ed[1], ALG_EDDSA, "\"k1\"", EVERYTHING),
                         ST_UNKNOWN_KEY);
        assert_int_equal(verify_lines(lines, rsa, ALG_RS256, "\"k1\"", EVERYTHING), ST_UNKNOWN_KEY);
        assert_int_equal(verify_lines(lines, ed[2], ALG_EDDSA, "\"k2\"", EVERYTHING), ST_OK);
        keyset_done(sets[i]);
    }
}

/* R39 speaks of usable keys: an encryption key, or a broken one, does not take a kid away. */
static void
R39_an_unusable_key_with_the_same_kid_does_no_harm(void **state)
{
    SET(set, jwk_of(rsa, "\"k1\"", ",\"use\":\"enc\""), jwk_of(ed[0], "\"k1\"", ""),
        jwk_of(ed[1], "\"k1\"", ",\"d\":\"AAAA\""),
        strdup("{\"kty\":\"oct\",\"kid\":\"k1\",\"k\":\"AAAA\"}"));

    (void)state;
    assert_int_equal(set.usable, 1);
    assert_int_equal(set.private_parts, 2);
    assert_int_equal(verify_lines(buf_span(&set.lines), ed[0], ALG_EDDSA, "\"k1\"", ALG_DEFAULT),
                     ST_OK);
    keyset_done(&set);
}

static void
R37_the_selected_key_is_for_the_algorithm_or_none_is(void **state)
{
    SET(set, jwk_of(ed[0], "\"ed\"", ""), jwk_of(ec, "\"ec\"", ""), jwk_of(rsa, "\"rsa\"", ""),
        jwk_of(rsa, "\"pinned\"", ",\"alg\":\"RS256\""));
    static const struct {
        const char *kid;
        enum alg alg;
        alg_set allowed;
        enum status status;
    } rows[] = {
        {"\"rsa\"", ALG_RS256, ALG_DEFAULT, ST_OK},
        {"\"rsa\"", ALG_PS256, ALG_DEFAULT, ST_OK},
        {"\"rsa\"", ALG_RS512, ALG_DEFAULT, ST_UNKNOWN_KEY}, /* not allowed here */
        {"\"rsa\"", ALG_RS512, EVERYTHING, ST_OK},
        {"\"rsa\"", ALG_RS256, 0, ST_UNKNOWN_KEY},
        {"\"pinned\"", ALG_RS256, ALG_DEFAULT, ST_OK},
        {"\"pinned\"", ALG_PS256, ALG_DEFAULT, ST_UNKNOWN_KEY},
        {"\"pinned\"", ALG_RS512, EVERYTHING, ST_UNKNOWN_KEY},
        {"\"pinned\"", ALG_RS256, EVERYTHING & ~ALG_BIT(ALG_RS256), ST_UNKNOWN_KEY},
        {"\"ed\"", ALG_RS256, EVERYTHING, ST_UNKNOWN_KEY},
        {"\"ec\"", ALG_RS256, EVERYTHING, ST_UNKNOWN_KEY},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (verify_lines(buf_span(&set.lines), rsa, rows[i].alg, rows[i].kid, rows[i].allowed) !=
            rows[i].status) {
            fail_msg("row %zu", i);
        }
    }
    assert_int_equal(verify_lines(buf_span(&set.lines), ec, ALG_ES256, "\"ec\"", ALG_DEFAULT),
                     ST_OK);
    assert_int_equal(verify_lines(buf_span(&set.lines), ec, ALG_ES256, "\"rsa\"", ALG_DEFAULT),
                     ST_UNKNOWN_KEY);
    keyset_done(&set);
}

static void
R38_without_a_kid_exactly_one_key_must_fit(void **state)
{
    SET(mixed, jwk_of(ed[0], "\"a\"", ""), jwk_of(ec, NULL, ""), jwk_of(rsa, "\"c\"", ""));
    SET(two, jwk_of(ed[0], "\"a\"", ""), jwk_of(ed[1], NULL, ""), jwk_of(ec, NULL, ""));
    SET(pins, jwk_of(rsa, NULL, ",\"alg\":\"RS256\""), jwk_of(rsa, NULL, ",\"alg\":\"PS256\""));
    SET(copy, jwk_of(ed[0], NULL, ""), jwk_of(ed[0], NULL, ""));
    static const struct {
        enum alg alg;
        alg_set allowed;
        enum status mixed;
        enum status two;
        enum status pins;
        enum status copy;
    } rows[] = {
        {ALG_EDDSA, ALG_DEFAULT, ST_OK, ST_UNKNOWN_KEY, ST_UNKNOWN_KEY, ST_UNKNOWN_KEY},
        {ALG_ES256, ALG_DEFAULT, ST_OK, ST_OK, ST_UNKNOWN_KEY, ST_UNKNOWN_KEY},
        {ALG_RS256, ALG_DEFAULT, ST_OK, ST_UNKNOWN_KEY, ST_OK, ST_UNKNOWN_KEY},
        {ALG_PS256, ALG_DEFAULT, ST_OK, ST_UNKNOWN_KEY, ST_OK, ST_UNKNOWN_KEY},
        {ALG_RS512, EVERYTHING, ST_OK, ST_UNKNOWN_KEY, ST_UNKNOWN_KEY, ST_UNKNOWN_KEY},
        {ALG_RS512, ALG_DEFAULT, ST_UNKNOWN_KEY, ST_UNKNOWN_KEY, ST_UNKNOWN_KEY, ST_UNKNOWN_KEY},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        EVP_PKEY *pair = rows[i].alg == ALG_EDDSA ? ed[0] : rows[i].alg == ALG_ES256 ? ec : rsa;
        const struct {
            const struct keyset *set;
            enum status status;
        } cases[] = {{&mixed, rows[i].mixed},
                     {&two, rows[i].two},
                     {&pins, rows[i].pins},
                     {&copy, rows[i].copy}};
        for (size_t j = 0; j < COUNT(cases); j++) {
            enum status status = verify_lines(buf_span(&cases[j].set->lines), pair, rows[i].alg,
                                              NULL, rows[i].allowed);
            if (status != cases[j].status) {
                fail_msg("row %zu, set %zu: %s", i, j, status_word(status));
            }
        }
    }
    keyset_done(&mixed);
    keyset_done(&two);
    keyset_done(&pins);
    keyset_done(&copy);
}

/* A kid in the header is not answered by a key without one, though it is the only one. */
static void
R38_a_kid_is_not_ignored(void **state)
{
    SET(set, jwk_of(ed[0], NULL, ""));

    (void)state;
    assert_int_equal(verify_lines(buf_span(&set.lines), ed[0], ALG_EDDSA, NULL, ALG_DEFAULT),
                     ST_OK);
    assert_int_equal(verify_lines(buf_span(&set.lines), ed[0], ALG_EDDSA, "\"k1\"", ALG_DEFAULT),
                     ST_UNKNOWN_KEY);
    assert_int_equal(verify_lines(buf_span(&set.lines), ed[0], ALG_EDDSA, "\"\"", ALG_DEFAULT),
                     ST_UNKNOWN_KEY);
    assert_int_equal(verify_lines(buf_span(&set.lines), ed[0], ALG_EDDSA, "\"*\"", ALG_DEFAULT),
                     ST_UNKNOWN_KEY);
    assert_int_equal(verify_lines(span_of(""), ed[0], ALG_EDDSA, NULL, ALG_DEFAULT),
                     ST_UNKNOWN_KEY);
    assert_int_equal(verify_lines((struct span){.at = NULL, .length = 0}, ed[0], ALG_EDDSA,
                                  "\"k1\"", ALG_DEFAULT),
                     ST_UNKNOWN_KEY);
    keyset_done(&set);
}

/* Each refusal has its own words: a provider's administrator must know which it was. */
static void
a_refusal_says_why_no_key_was_found(void **state)
{
    SET(set, jwk_of(ed[0], "\"k1\"", ""), jwk_of(ed[1], "\"k1\"", ""), jwk_of(ed[2], "\"k2\"", ""));
    static const struct {
        const char *kid;
        enum alg alg;
        const char *says;
    } rows[] = {
        {"\"k3\"", ALG_EDDSA, "no key with kid 'k3'"},
        {"\"\\u001b\"", ALG_EDDSA, "no key with kid '\\x1b'"},
        {"\"k1\"", ALG_EDDSA, "two keys with kid 'k1'"},
        {"\"k2\"", ALG_ES256, "kid 'k2' is not for ES256"},
        {NULL, ALG_EDDSA, "names no kid and 3 keys fit EdDSA"},
        {NULL, ALG_ES256, "names no kid and 0 keys fit ES256"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *token = token_by(rows[i].alg == ALG_EDDSA ? ed[0] : ec, rows[i].alg, rows[i].kid);
        struct jws *jws = NULL;
        struct key *key = NULL;
        struct why why = {""};
        assert_int_equal(jws_parse(span_of(token), NULL, &jws), ST_OK);
        assert_int_equal(
            keyset_select(buf_span(&set.lines), jws_header(jws), ALG_DEFAULT, &why, &key),
            ST_UNKNOWN_KEY);
        if (strstr(why.sentence, rows[i].says) == NULL) {
            fail_msg("%s", why.sentence);
        }
        jws_done(&jws);
        free(token);
    }
    keyset_done(&set);
}

/* The point is on no curve: only importing it shows that, so the key is found and then refused. */
static void
E33_a_selected_key_that_openssl_refuses_is_unknown(void **state)
{
    SET(set, strdup("{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"k1\","
                    "\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\","
                    "\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\"}"));

    (void)state;
    assert_int_equal(set.usable, 1);
    assert_int_equal(verify_lines(buf_span(&set.lines), ec, ALG_ES256, "\"k1\"", ALG_DEFAULT),
                     ST_UNKNOWN_KEY);
    assert_int_equal(verify_lines(buf_span(&set.lines), ec, ALG_ES256, NULL, ALG_DEFAULT),
                     ST_UNKNOWN_KEY);
    keyset_done(&set);
}

/* ---- primes (E30) ---------------------------------------------------------------------------- */

/* 2^2203 - 1, a Mersenne prime, as a JWK. */
static char *
prime_jwk(const char *kid)
{
    struct buf n CLEANUP(buf_done) = BUF(1024);
    char bytes[276];

    memset(bytes, 0xFF, sizeof(bytes));
    bytes[0] = 0x07;
    assert_int_equal(base64url_encode((struct span){.at = bytes, .length = sizeof(bytes)}, &n),
                     ST_OK);
    return support_text("{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"AQAB\",\"kid\":\"%s\"}",
                        buf_text(&n), kid);
}

static void
E30_keys_with_a_prime_modulus_are_dropped(void **state)
{
    SET(mixed, prime_jwk("p1"), jwk_of(ed[0], "\"ed\"", ""), jwk_of(rsa, "\"rsa\"", ""),
        jwk_of(ec, "\"ec\"", ""), prime_jwk("p3"));
    SET(after, strdup("5"), prime_jwk("p1"), jwk_of(ed[0], "\"ed\"", ""));
    SET(only, prime_jwk("p1"));
    SET(honest, jwk_of(ed[0], "\"ed\"", ""), jwk_of(rsa, "\"rsa\"", ""));

    (void)state;
    assert_int_equal(mixed.usable, 5);
    assert_int_equal(keyset_prove(&mixed), ST_OK);
    assert_int_equal(mixed.shared_kid.length, 0);
    assert_int_equal(mixed.usable, 3);
    assert_int_equal(mixed.passed_over, 2);
    assert_non_null(strstr(mixed.first_passed_over.sentence, "prime"));
    struct span lines = buf_span(&mixed.lines);
    assert_int_equal(verify_lines(lines, ed[0], ALG_EDDSA, "\"ed\"", ALG_DEFAULT), ST_OK);
    assert_int_equal(verify_lines(lines, rsa, ALG_RS256, "\"rsa\"", ALG_DEFAULT), ST_OK);
    assert_int_equal(verify_lines(lines, ec, ALG_ES256, "\"ec\"", ALG_DEFAULT), ST_OK);
    assert_int_equal(verify_lines(lines, rsa, ALG_RS256, "\"p1\"", ALG_DEFAULT), ST_UNKNOWN_KEY);
    assert_int_equal(verify_lines(lines, rsa, ALG_RS256, "\"p3\"", ALG_DEFAULT), ST_UNKNOWN_KEY);
    assert_int_equal(verify_lines(lines, rsa, ALG_RS256, NULL, ALG_DEFAULT), ST_OK);
    assert_int_equal(mixed.lines.limit, KEYSET_LINES_MAX);
    assert_int_equal(keyset_prove(&after), ST_OK);
    assert_int_equal(after.usable, 1);
    assert_int_equal(after.passed_over, 2);
    assert_null(strstr(after.first_passed_over.sentence, "prime")); /* it was not the first */
    assert_int_equal(keyset_prove(&only), ST_OK);
    assert_int_equal(only.usable, 0);
    assert_int_equal(only.lines.length, 0);
    struct buf before CLEANUP(buf_done) = BUF(4096);
    assert_int_equal(buf_add(&before, buf_span(&honest.lines)), ST_OK);
    assert_int_equal(keyset_prove(&honest), ST_OK);
    assert_string_equal(buf_text(&honest.lines), buf_text(&before));
    assert_int_equal(honest.usable, 2);
    assert_int_equal(honest.passed_over, 0);
    keyset_done(&mixed);
    keyset_done(&after);
    keyset_done(&only);
    keyset_done(&honest);
}

/* An honest modulus of so many bytes as a JWK; `salt` makes it another one. */
static char *
modulus_jwk(size_t bytes, unsigned char salt, const char *kid, const char *more)
{
    struct buf n CLEANUP(buf_done) = BUF(2048);
    char modulus[1024];

    memset(modulus, 0xA7, sizeof(modulus));
    modulus[100] = (char)salt;
    assert_int_equal(base64url_encode((struct span){.at = modulus, .length = bytes}, &n), ST_OK);
    return support_text("{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"AQAB\",\"kid\":\"%s\"%s}",
                        buf_text(&n), kid, more);
}

static char *
large_jwk(size_t bytes, unsigned char salt, const char *kid)
{
    return modulus_jwk(bytes, salt, kid, "");
}

static size_t
count_unproven(const struct keyset *set)
{
    struct span rest = buf_span(&set->lines);
    struct span line;
    struct jwk jwk;
    size_t count = 0;

    while (span_line(&rest, &line)) {
        assert_true(jwk_parse(line, &jwk));
        count += jwk.unproven ? 1 : 0;
    }
    return count;
}

/*
 * What is too much to be tested at once is tested when it is used: a key of 4096 bits is worth
 * eight tests of 2048, and so is a prime of 2203 bits; two of those fit beside one of 2048 bits,
 * and four do not. None of that size is then tested at once, but the key of 2048 bits is.
 */
static void
E30_keys_beyond_the_work_are_tested_when_they_are_used(void **state)
{
    SET(set, large_jwk(512, 1, "a"), prime_jwk("p"), large_jwk(512, 2, "b"),
        jwk_of(rsa, "\"rsa\"", ""), large_jwk(512, 3, "c"));
    SET(within, large_jwk(512, 1, "a"), prime_jwk("p"), jwk_of(rsa, "\"rsa\"", ""));
    SET(just, large_jwk(512, 1, "a"), large_jwk(512, 2, "b"), large_jwk(256, 3, "c"),
        large_jwk(256, 4, "d"), large_jwk(256, 5, "e"), large_jwk(256, 6, "f"));
    struct key *key = NULL;
    struct why why = {""};
    struct jws_header header = {.alg = ALG_RS256, .has_kid = true, .kid = span_of("p")};

    (void)state;
    assert_int_equal(keyset_prove(&within), ST_OK);
    assert_int_equal(within.usable, 2);
    assert_int_equal(count_unproven(&within), 0);
    assert_int_equal(keyset_prove(&just), ST_OK);
    assert_int_equal(just.usable, 6);
    assert_int_equal(count_unproven(&just), 0);
    keyset_done(&just);
    assert_int_equal(keyset_prove(&set), ST_OK);
    assert_int_equal(set.usable, 5);
    assert_int_equal(count_unproven(&set), 4);
    struct span lines = buf_span(&set.lines);
    assert_int_equal(keyset_select(lines, &header, ALG_DEFAULT, &why, &key), ST_UNKNOWN_KEY);
    assert_non_null(strstr(why.sentence, "prime"));
    header.kid = span_of("b");
    assert_int_equal(keyset_select(lines, &header, ALG_DEFAULT, &why, &key), ST_OK);
    key_done(&key);
    assert_int_equal(verify_lines(lines, rsa, ALG_RS256, "\"rsa\"", ALG_DEFAULT), ST_OK);
    assert_int_equal(keyset_prove(&set), ST_OK); /* once more: the marks are no obstacle */
    assert_int_equal(count_unproven(&set), 4);
    keyset_done(&set);
    keyset_done(&within);
}

/* Where nobody waits, all keys that a provider may publish are tested; of the rest, only the new
 * one. */
static void
E30_a_process_that_nobody_waits_for_tests_more(void **state)
{
    char *jwks[24];

    (void)state;
    for (size_t i = 0; i < COUNT(jwks); i++) {
        jwks[i] = i == 0 ? prime_jwk("p") : large_jwk(i < 12 ? 512 : 256, (unsigned char)i, "k");
    }
    struct keyset unwatched = set_of(jwks, COUNT(jwks));
    unwatched.work = KEYSET_WORK_UNWATCHED;
    assert_int_equal(keyset_prove(&unwatched), ST_OK);
    assert_int_equal(unwatched.usable, COUNT(jwks) - 1);
    assert_int_equal(count_unproven(&unwatched), 0);
    for (size_t i = 0; i < COUNT(jwks); i++) {
        jwks[i] = i == 0 ? large_jwk(512, 100, "n")
                         : large_jwk(i < 12 ? 512 : 256, (unsigned char)i, "k");
    }
    struct keyset waited = set_of(jwks, COUNT(jwks));
    waited.proven = buf_span(&unwatched.lines);
    assert_int_equal(keyset_prove(&waited), ST_OK);
    assert_int_equal(waited.usable, COUNT(jwks));
    assert_int_equal(count_unproven(&waited), 0);
    keyset_done(&unwatched);
    keyset_done(&waited);
}

/* What was let stand before is not tested again; anything that only looks like it is. */
static void
E30_a_line_that_was_proven_is_not_tested_again(void **state)
{
    SET(again, prime_jwk("p"), jwk_of(rsa, "\"rsa\"", ""));
    SET(begins, prime_jwk("p"));
    SET(ends, prime_jwk("p"));
    SET(another, prime_jwk("q"));
    struct buf known CLEANUP(buf_done) = BUF(8192);
    struct buf longer CLEANUP(buf_done) = BUF(8192);
    struct buf behind CLEANUP(buf_done) = BUF(8192);

    (void)state;
    assert_int_equal(buf_add_text(&known, "nonsense\n"), ST_OK);
    assert_int_equal(buf_add(&known, buf_span(&begins.lines)), ST_OK);
    assert_int_equal(buf_add(&longer, buf_span(&begins.lines)), ST_OK);
    buf_cut(&longer, longer.length - 1);
    assert_int_equal(buf_add_text(&longer, "A\n"), ST_OK);
    assert_int_equal(buf_add_text(&behind, "A"), ST_OK);
    assert_int_equal(buf_add(&behind, buf_span(&ends.lines)), ST_OK);

    again.proven = buf_span(&known);
    assert_int_equal(keyset_prove(&again), ST_OK);
    assert_int_equal(again.usable, 2);
    assert_int_equal(count_unproven(&again), 0);
    assert_int_equal(again.proven.length, 0); /* it was borrowed */
    assert_int_equal(keyset_prove(&again), ST_OK);
    assert_int_equal(again.usable, 1);

    begins.proven = buf_span(&longer);
    assert_int_equal(keyset_prove(&begins), ST_OK);
    assert_int_equal(begins.usable, 0);
    ends.proven = buf_span(&behind);
    assert_int_equal(keyset_prove(&ends), ST_OK);
    assert_int_equal(ends.usable, 0);
    another.proven = buf_span(&known);
    assert_int_equal(keyset_prove(&another), ST_OK);
    assert_int_equal(another.usable, 0);
    keyset_done(&again);
    keyset_done(&begins);
    keyset_done(&ends);
    keyset_done(&another);
}

/* A mark is part of a line: what was put off stays put off. */
static void
E30_a_marked_line_is_not_a_proven_one(void **state)
{
    SET(first, large_jwk(512, 1, "a"), prime_jwk("p"), large_jwk(512, 2, "b"),
        large_jwk(512, 3, "c"));
    SET(second, large_jwk(512, 1, "a"), prime_jwk("p"), large_jwk(512, 2, "b"),
        large_jwk(512, 3, "c"));

    (void)state;
    assert_int_equal(keyset_prove(&first), ST_OK);
    assert_int_equal(count_unproven(&first), 4);
    second.proven = buf_span(&first.lines);
    assert_int_equal(keyset_prove(&second), ST_OK);
    assert_int_equal(count_unproven(&second), 4);
    keyset_done(&first);
    keyset_done(&second);
}

/* What is no RSA key is no work, however much of it there is: the prime among it is found. */
static void
E30_other_keys_and_damaged_lines_are_no_work(void **state)
{
    SET(set, prime_jwk("p"), jwk_of(ec, "\"ec\"", ""));
    struct buf lines CLEANUP(buf_done) = BUF(65536);
    struct span rest = buf_span(&set.lines);
    struct span prime;

    (void)state;
    assert_true(span_line(&rest, &prime));
    for (size_t i = 0; i <= 50; i++) {
        assert_int_equal(buf_add(&lines, prime), ST_OK);
        assert_int_equal(buf_add_text(&lines, i == 0 ? "\n" : " damaged\n"), ST_OK);
    }
    for (size_t i = 0; i < 50; i++) {
        assert_int_equal(buf_add(&lines, rest), ST_OK);
    }
    buf_done(&set.lines);
    assert_int_equal(buf_add(&set.lines, buf_span(&lines)), ST_OK);
    set.usable = 101;
    assert_int_equal(keyset_prove(&set), ST_OK);
    assert_int_equal(set.usable, 50);
    assert_int_equal(set.passed_over, 51);
    assert_int_equal(set.lines.length, 50 * rest.length);
    assert_string_equal(set.first_passed_over.sentence, "an RSA modulus that is a prime");
    keyset_done(&set);
}

/* Nobody writes such a line; whoever reads one does not read on behind it. */
static void
a_modulus_of_zeros_has_no_size(void **state)
{
    struct keyset set = KEYSET;
    char line[] = "* RSA - - AAAA AQAB\n";

    (void)state;
    assert_int_equal(buf_add_text(&set.lines, line), ST_OK);
    set.usable = 1;
    assert_int_equal(keyset_prove(&set), ST_OK);
    assert_string_equal(buf_text(&set.lines), line);
    keyset_done(&set);
}

static void
R49_an_honest_key_is_not_dropped_for_its_place(void **state)
{
    SET(large, large_jwk(1024, 0, "k0"), large_jwk(1024, 1, "k1"), large_jwk(1024, 2, "k2"));
    char *many[KEYSET_FETCHED_MAX];

    (void)state;
    assert_int_equal(large.usable, 3);
    assert_int_equal(keyset_prove(&large), ST_OK);
    assert_int_equal(large.usable, 3);
    assert_int_equal(count_unproven(&large), 3);
    keyset_done(&large);
    for (size_t i = 0; i < COUNT(many); i++) {
        char *kid = support_text("k%zu", i);
        many[i] = large_jwk(256, (unsigned char)i, kid);
        free(kid);
    }
    struct keyset set = set_of(many, COUNT(many));
    assert_int_equal(keyset_prove(&set), ST_OK);
    assert_int_equal(set.usable, COUNT(many));
    assert_int_equal(count_unproven(&set), COUNT(many));
    keyset_done(&set);
}

/* A zero in front, as of a signed number, makes a key no larger. */
static void
R44_leading_zeros_do_not_count_as_size(void **state)
{
    char bytes[257];
    char *jwks[9];

    (void)state;
    memset(bytes, 0xA7, sizeof(bytes));
    bytes[0] = '\0';
    for (size_t i = 0; i < COUNT(jwks); i++) {
        struct buf n CLEANUP(buf_done) = BUF(2048);
        bytes[100] = (char)i;
        assert_int_equal(base64url_encode((struct span){.at = bytes, .length = sizeof(bytes)}, &n),
                         ST_OK);
        jwks[i] = support_text("{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"AQAB\"}", buf_text(&n));
    }
    struct keyset set = set_of(jwks, COUNT(jwks));
    assert_int_equal(keyset_prove(&set), ST_OK);
    assert_int_equal(set.usable, COUNT(jwks));
    assert_int_equal(count_unproven(&set), 0);
    keyset_done(&set);
}

/* ---- points (E33) ---------------------------------------------------------------------------- */

/* y = 2 is on neither curve; OpenSSL imports both keys and then refuses every signature. */
#define NO_POINT_ED25519                                                                           \
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"%s\",\"x\":"                                   \
    "\"AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"
#define NO_POINT_P256                                                                              \
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"%s\",\"x\":"                                      \
    "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\",\"y\":"                                       \
    "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAI\"}"

/* Neither the name nor the place of the broken ones is anybody's trouble (R39, R38). */
static void
neighbours_do_no_harm(const struct keyset *set)
{
    struct span lines = buf_span(&set->lines);

    assert_int_equal(verify_lines(lines, ed[0], ALG_EDDSA, "\"ed\"", ALG_DEFAULT), ST_OK);
    assert_int_equal(verify_lines(lines, ec, ALG_ES256, "\"ec\"", ALG_DEFAULT), ST_OK);
    assert_int_equal(verify_lines(lines, ed[0], ALG_EDDSA, NULL, ALG_DEFAULT), ST_OK);
    assert_int_equal(verify_lines(lines, ec, ALG_ES256, NULL, ALG_DEFAULT), ST_OK);
}

static void
E33_a_key_that_is_no_point_is_dropped(void **state)
{
    SET(set, support_text(NO_POINT_ED25519, "ed"), jwk_of(ed[0], "\"ed\"", ""),
        jwk_of(ec, "\"ec\"", ""), support_text(NO_POINT_P256, "ec"));
    SET(only, support_text(NO_POINT_P256, "ec"));
    struct jws_header header = {.alg = ALG_ES256, .has_kid = true, .kid = span_of("ec")};
    struct key *key = NULL;
    struct why why = {""};

    (void)state;
    /* Of a single one it is said what is wrong with it, and not that there are two. */
    assert_int_equal(keyset_select(buf_span(&only.lines), &header, ALG_DEFAULT, &why, &key),
                     ST_UNKNOWN_KEY);
    assert_non_null(strstr(why.sentence, "no point of its curve"));
    assert_int_equal(set.usable, 4);
    neighbours_do_no_harm(&set); /* a pinned set is not proven, and answers the same */
    assert_int_equal(keyset_prove(&set), ST_OK);
    assert_int_equal(set.usable, 2);
    assert_int_equal(set.passed_over, 2);
    assert_non_null(strstr(set.first_passed_over.sentence, "no point of its curve"));
    neighbours_do_no_harm(&set);
    assert_int_equal(keyset_prove(&only), ST_OK);
    assert_int_equal(only.usable, 0);
    assert_non_null(strstr(only.first_passed_over.sentence, "curve"));
    keyset_done(&set);
    keyset_done(&only);
}

/* ---- one name, two keys (R39) ------------------------------------------------------------------
 */

static void
R39_a_kid_that_two_usable_keys_share_is_reported(void **state)
{
    SET(shared, jwk_of(ed[0], "\"a\"", ""), jwk_of(ec, "\"b\"", ""),
        jwk_of(rsa, "\"\\u001bb\"", ""), jwk_of(ed[1], "\"\\u001bb\"", ""));
    SET(prefix, jwk_of(ed[0], "\"a\"", ""), jwk_of(ed[1], "\"aaaa\"", ""), jwk_of(ed[2], NULL, ""),
        jwk_of(ed[3], NULL, ""));
    SET(broken, jwk_of(ed[0], "\"a\"", ""), support_text(NO_POINT_ED25519, "a"),
        modulus_jwk(128, 0, "a", ""));

    SET(twice, jwk_of(ed[0], "\"a\"", ""), jwk_of(ed[1], "\"b\"", ""), jwk_of(ed[2], "\"b\"", ""),
        jwk_of(ed[3], "\"a\"", ""));

    (void)state;
    assert_int_equal(keyset_prove(&twice), ST_OK);
    assert_true(span_is(twice.shared_kid, "=YQ")); /* the first of them */
    keyset_done(&twice);
    assert_int_equal(keyset_prove(&shared), ST_OK);
    assert_true(span_is(shared.shared_kid, "=G2I")); /* base64url of ESC and b */
    assert_int_equal(shared.usable, 4);
    assert_int_equal(keyset_prove(&prefix), ST_OK);
    assert_int_equal(prefix.shared_kid.length, 0);
    assert_int_equal(keyset_prove(&broken), ST_OK);
    assert_int_equal(broken.shared_kid.length, 0);
    keyset_done(&shared);
    keyset_done(&prefix);
    keyset_done(&broken);
}

struct choice {
    struct span lines;
    struct jws_header header;
};

static enum status
select_one(void *world)
{
    const struct choice *choice = world;
    struct key *key CLEANUP(key_done) = NULL;
    struct why why = {""};
    enum status status = keyset_select(choice->lines, &choice->header, ALG_DEFAULT, &why, &key);

    assert_int_equal(key != NULL, status == ST_OK);
    return status;
}

static enum status
prove_again(void *world)
{
    const struct keyset *known = world;
    struct keyset set CLEANUP(keyset_done) = KEYSET;

    TRY(buf_add(&set.lines, buf_span(&known->lines)));
    set.usable = known->usable;
    set.proven = buf_span(&known->lines);
    return keyset_prove(&set);
}

/* None is lost on the way, and nobody told. */
static void
E69_a_proven_key_is_kept_or_memory_was_out(void **state)
{
    SET(set, jwk_of(ec, "\"a\"", ""), jwk_of(rsa, "\"b\"", ""));

    (void)state;
    assert_true(fault_each(prove_again, &set) >= 2);
    keyset_done(&set);
}

/* Beside one that is no key at all: whether it is one is not known where memory runs out (R39). */
static void
E69_no_key_is_taken_for_the_only_one_where_memory_runs_out(void **state)
{
    SET(set, support_text(NO_POINT_P256, "a"), jwk_of(ec, "\"a\"", ""),
        support_text(NO_POINT_P256, "a"));
    struct choice choice = {
        .lines = buf_span(&set.lines),
        .header = {.alg = ALG_ES256, .has_kid = true, .kid = span_of("a")},
    };

    (void)state;
    assert_true(fault_each(select_one, &choice) > 20);
    choice.header.has_kid = false;
    assert_true(fault_each(select_one, &choice) > 20);
    keyset_done(&set);
}

/* Of several names, one of them written in another way; and what has none. */
#define NAMED(kid) "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" OKP_X "\",\"kid\":" kid "}"
#define OF_NAMES                                                                                   \
    "{\"keys\":[" NAMED("\"a\"") "," NAMED("\"b\"") "," NAMED("\"\\u0061\"") "," GOOD "," NAMED(   \
        "5") "," NAMED("\"\"") ",{\"kty\":\"oct\",\"k\":\"\",\"kid\":\"c\"}"                       \
                               "," NAMED("\"ab\"") "]}"

/* The lines of a set that begin with this kid. */
static void
lines_of(struct span lines, const char *kid, struct buf *into)
{
    struct buf word CLEANUP(buf_done) = BUF(2 * JWS_KID_MAX);
    struct span line;

    assert_int_equal(jwk_kid(span_of(kid), &word), ST_OK);
    assert_int_equal(buf_add_char(&word, ' '), ST_OK);
    while (span_line(&lines, &line)) {
        if (span_starts(line, buf_text(&word))) {
            assert_int_equal(buf_add(into, line), ST_OK);
            assert_int_equal(buf_add_char(into, '\n'), ST_OK);
        }
    }
}

static void
R39_the_keys_of_a_name_are_those_that_the_whole_set_has(void **state)
{
    static const struct {
        const char *kid;
        size_t count;
    } rows[] = {{"a", 2}, {"b", 1}, {"", 1}, {"ab", 1}, {"c", 0}, {"5", 0}, {"nobody", 0}};
    struct keyset set CLEANUP(keyset_done) = KEYSET;
    struct keyset whole CLEANUP(keyset_done) = KEYSET;

    (void)state;
    assert_int_equal(keyset_open(span_of(OF_NAMES), 8, NULL, &set), ST_OK);
    assert_int_equal(set.lines.length, 0);
    assert_int_equal(keyset_read(span_of(OF_NAMES), 8, NULL, &whole), ST_OK);
    assert_int_equal(whole.usable, 6);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf lines CLEANUP(buf_done) = BUF_PUBLIC(KEYSET_LINES_MAX);
        struct buf wanted CLEANUP(buf_done) = BUF(KEYSET_LINES_MAX);
        size_t count = 0;
        assert_int_equal(keyset_named(&set, span_of(rows[i].kid), &lines), ST_OK);
        lines_of(buf_span(&whole.lines), rows[i].kid, &wanted);
        assert_string_equal(buf_text(&lines), buf_text(&wanted));
        for (size_t at = 0; at < lines.length; at++) {
            count += lines.at[at] == '\n' ? 1 : 0;
        }
        assert_int_equal(count, rows[i].count);
    }
    assert_int_equal(keyset_read_opened(&set), ST_OK);
    assert_string_equal(buf_text(&set.lines), buf_text(&whole.lines));
    assert_int_equal(set.passed_over, whole.passed_over);
}

static enum status
read_until_it_is_read(void *world)
{
    struct keyset set CLEANUP(keyset_done) = KEYSET;

    (void)world;
    TRY(keyset_open(span_of(OF_NAMES), 8, NULL, &set));
    enum status status = keyset_read_opened(&set);
    if (status != ST_OK) {
        assert_int_equal(set.lines.length, 0);
        assert_int_equal(keyset_read_opened(&set), ST_OK);
    }
    assert_int_equal(set.usable, 6);
    return status;
}

static void
E69_a_set_that_was_opened_is_read_whole_or_not_at_all(void **state)
{
    (void)state;
    assert_true(fault_each(read_until_it_is_read, NULL) > 20);
}

/* Two good ones are too many, however many there are: the third is not looked at. */
static void
R39_a_crowd_of_one_name_costs_what_two_cost(void **state)
{
    static const size_t crowds[] = {2, 3, 50};
    SET(one, jwk_of(ec, "\"a\"", ""));
    struct choice choice = {.header = {.alg = ALG_ES256, .has_kid = true, .kid = span_of("a")}};
    size_t cost[COUNT(crowds)];

    (void)state;
    for (size_t i = 0; i < COUNT(crowds); i++) {
        struct buf lines CLEANUP(buf_done) = BUF(65536);
        for (size_t j = 0; j < crowds[i]; j++) {
            assert_int_equal(buf_add(&lines, buf_span(&one.lines)), ST_OK);
        }
        choice.lines = buf_span(&lines);
        size_t before = fault_calls();
        assert_int_equal(select_one(&choice), ST_UNKNOWN_KEY);
        cost[i] = fault_calls() - before;
    }
    assert_int_equal(cost[1], cost[0]);
    assert_int_equal(cost[2], cost[0]);
    keyset_done(&one);
}

/* A line that is none is dropped, and said to be one. */
static void
a_damaged_line_is_dropped(void **state)
{
    struct keyset set = KEYSET;

    (void)state;
    assert_int_equal(buf_add_text(&set.lines, "damaged\n"), ST_OK);
    set.usable = 1;
    assert_int_equal(keyset_prove(&set), ST_OK);
    assert_int_equal(set.usable, 0);
    assert_int_equal(set.passed_over, 1);
    assert_int_equal(set.lines.length, 0);
    assert_string_equal(set.first_passed_over.sentence, "a damaged line");
    keyset_done(&set);
}

/* ---- order and neighbours (R49) ------------------------------------------------------------ */

#define SHUFFLED 20
#define USABLE 8

/*
 * Eight good keys and twelve neighbours that nobody can use, most of them with the kid of a good
 * one: their answers must be those of the eight alone.
 */
static void
make_shuffled(char *jwks[SHUFFLED])
{
    static const char *const broken[] = {
        "5",
        "{}",
        "{\"kty\":\"oct\",\"kid\":\"ed\",\"k\":\"AAAA\"}",
        "{\"kty\":\"RSA\",\"kid\":\"ed\",\"n\":\"AAAA\",\"e\":\"AQAB\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"ed\",\"x\":\"\",\"y\":\"\"}",
        ("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"ed\",\"x\":"
         "\"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"),
    };

    jwks[0] = jwk_of(ed[0], "\"ed\"", "");
    jwks[1] = jwk_of(ed[1], "\"twice\"", "");
    jwks[2] = jwk_of(ed[2], "\"twice\"", "");
    jwks[3] = jwk_of(ed[3], NULL, "");
    jwks[4] = jwk_of(ec, "\"ec\"", "");
    jwks[5] = jwk_of(rsa, "\"e\"", ",\"alg\":\"RS256\"");
    jwks[6] = jwk_of(rsa, "\"edd\"", ",\"alg\":\"PS256\"");
    jwks[7] = modulus_jwk(1024, 0, "large", ",\"alg\":\"RS512\""); /* is put off */
    for (size_t i = 0; i < COUNT(broken); i++) {
        jwks[8 + i] = strdup(broken[i]);
    }
    jwks[14] = jwk_of(rsa, "\"enc\"", ",\"use\":\"enc\"");
    jwks[15] = prime_jwk("ed");
    jwks[16] = modulus_jwk(128, 0, "rsa", "");
    jwks[17] = support_text(NO_POINT_ED25519, "ed");
    jwks[18] = support_text(NO_POINT_P256, "ec");
    jwks[19] = jwk_of(ed[1], "\"ed\"", ",\"d\":\"AQ\"");
}

#define HEADERS 40

/* Every kid of the set, an unknown one and none, by each of five signers. */
static void
make_tokens(char *tokens[HEADERS])
{
    static const char *const kids[] = {"\"ed\"",  "\"twice\"", "\"ec\"", "\"e\"",
                                       "\"edd\"", "\"enc\"",   "\"x\"",  NULL};
    const struct {
        EVP_PKEY *pair;
        enum alg alg;
    } signers[] = {{ed[0], ALG_EDDSA},
                   {ed[3], ALG_EDDSA},
                   {ec, ALG_ES256},
                   {rsa, ALG_RS256},
                   {rsa, ALG_PS256}};

    assert_int_equal(COUNT(kids) * COUNT(signers), HEADERS);
    for (size_t i = 0; i < HEADERS; i++) {
        tokens[i] = token_by(signers[i % COUNT(signers)].pair, signers[i % COUNT(signers)].alg,
                             kids[i / COUNT(signers)]);
    }
}

/* One letter an answer; `a` is yes. */
static void
answers_of(const struct keyset *set, char *const tokens[HEADERS], char answers[HEADERS + 1])
{
    for (size_t i = 0; i < HEADERS; i++) {
        enum status status = verify_token(buf_span(&set->lines), tokens[i], ALG_DEFAULT);
        answers[i] = (char)('a' + (char)status);
    }
    answers[HEADERS] = '\0';
}

static void
R49_the_order_of_the_keys_and_broken_neighbours_change_nothing(void **state)
{
    uint32_t seed = 20240229;
    char wanted[HEADERS + 1] = "";
    char *tokens[HEADERS];

    (void)state;
    make_tokens(tokens);
    for (size_t round = 0; round <= 200; round++) {
        char *jwks[SHUFFLED];
        char answers[HEADERS + 1];
        make_shuffled(jwks);
        /* The first round is of the good keys alone, in their order. */
        size_t count = round == 0 ? USABLE : SHUFFLED;
        for (size_t i = USABLE; round == 0 && i < SHUFFLED; i++) {
            free(jwks[i]);
        }
        for (size_t i = SHUFFLED - 1; round > 0 && i > 0; i--) {
            seed = seed * 1664525 + 1013904223;
            size_t j = (seed >> 8) % (i + 1);
            char *moved = jwks[i];
            jwks[i] = jwks[j];
            jwks[j] = moved;
        }
        struct keyset set = set_of(jwks, count);
        assert_int_equal(keyset_prove(&set), ST_OK);
        assert_int_equal(set.usable, USABLE);
        assert_int_equal(set.passed_over, count - USABLE);
        assert_int_equal(count_unproven(&set), 1);
        answers_of(&set, tokens, answers);
        if (round == 0) {
            /* Of 40 answers seven are yes: ed, ec, e with RS256, edd with PS256, and without a kid
               ES256, RS256 and PS256, where one key fits each. */
            size_t good = 0;
            for (const char *at = answers; *at != '\0'; at++) {
                good += *at == 'a' ? 1 : 0;
            }
            assert_int_equal(good, 7);
            strcpy(wanted, answers);
        }
        assert_string_equal(answers, wanted);
        keyset_done(&set);
    }
    for (size_t i = 0; i < HEADERS; i++) {
        free(tokens[i]);
    }
}

/* ---- damaged lines -------------------------------------------------------------------------- */

#define KEY " OKP - Ed25519 "

/* `%s` is the x of the first pair. k1 is azE, and ed[0] signs with kid k1, or without. */
static void
a_damaged_store_gives_no_wrong_key(void **state)
{
    static const struct {
        const char *lines;
        enum status with_kid;
        enum status without;
    } rows[] = {
        {"=azE" KEY "%s -\n", ST_OK, ST_OK},
        {"=azE" KEY "%s -", ST_OK, ST_OK}, /* the last line lost its end */
        {"\n\n=azE" KEY "%s -\n\n", ST_OK, ST_OK},
        {"garbage\n=azE" KEY "%s -\n", ST_OK, ST_OK},
        {"=azE" KEY "%s -\ngarbage", ST_OK, ST_OK},
        {"==azE" KEY "%s -\n", ST_UNKNOWN_KEY, ST_OK},
        {"x=azE" KEY "%s -\n", ST_UNKNOWN_KEY, ST_UNKNOWN_KEY},
        {" =azE" KEY "%s -\n", ST_UNKNOWN_KEY, ST_OK},
        {"=azEA" KEY "%s -\n", ST_UNKNOWN_KEY, ST_OK},
        {"=az" KEY "%s -\n", ST_UNKNOWN_KEY, ST_OK},
        {"=azE=azE" KEY "%s -\n", ST_UNKNOWN_KEY, ST_OK},
        {"=azE\n=azE" KEY "%s -\n", ST_OK, ST_OK}, /* a lone word is no line */
        {"=azE", ST_UNKNOWN_KEY, ST_UNKNOWN_KEY},
        {"=azE ", ST_UNKNOWN_KEY, ST_UNKNOWN_KEY},
        {"=azE \n", ST_UNKNOWN_KEY, ST_UNKNOWN_KEY},
        {"=azE\t OKP - Ed25519 %s -\n", ST_UNKNOWN_KEY, ST_OK},
        {"=azE" KEY "%s\n", ST_UNKNOWN_KEY, ST_UNKNOWN_KEY},
        {"=azE" KEY "%s - more\n", ST_UNKNOWN_KEY, ST_UNKNOWN_KEY},
        {"=azE" KEY "%sA -\n", ST_UNKNOWN_KEY, ST_UNKNOWN_KEY},
        {"=azE EC - P-256 %s -\n", ST_UNKNOWN_KEY, ST_UNKNOWN_KEY},
        /* What is no key is no second key of that name either (R39, R49). */
        {"=azE broken\n=azE" KEY "%s -\n", ST_OK, ST_OK},
        {"=azE" KEY "%s -\n=azE broken\n", ST_OK, ST_OK},
        {"=azE" KEY "%s -\n=azE ", ST_OK, ST_OK},
        {"=azE" KEY "%s -\n=azE" KEY "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA -\n", ST_OK,
         ST_OK},
        {"=azE" KEY "%s -\n=azE", ST_OK, ST_OK},
        {"* RSA x=azE - A\n=azE" KEY "%s -\n", ST_OK, ST_OK},
        {"=other OKP =azE =azE =azE =azE\n=azE" KEY "%s -\n", ST_OK, ST_OK},
        {"#=azE \n=azE" KEY "%s -\n", ST_OK, ST_OK},
    };
    char *jwk = support_jwk(ed[0], NULL, NULL);
    char *x = strndup(strstr(jwk, "\"x\":\"") + 5, 43);

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *place = strstr(rows[i].lines, "%s") != NULL ? strdup(rows[i].lines) : NULL;
        char *lines = NULL;
        if (place == NULL) {
            lines = strdup(rows[i].lines);
        } else {
            char *mark = strstr(place, "%s");
            *mark = '\0';
            lines = support_text("%s%s%s", place, x, mark + 2);
        }
        struct span exact = {.at = malloc(strlen(lines)), .length = strlen(lines)};
        memcpy((char *)(uintptr_t)exact.at, lines, exact.length); /* no NUL behind: ASan looks */
        enum status with_kid = verify_lines(exact, ed[0], ALG_EDDSA, "\"k1\"", ALG_DEFAULT);
        enum status without = verify_lines(exact, ed[0], ALG_EDDSA, NULL, ALG_DEFAULT);
        free((char *)(uintptr_t)exact.at);
        if (with_kid != rows[i].with_kid || without != rows[i].without) {
            fail_msg("row %zu: %s, %s", i, status_word(with_kid), status_word(without));
        }
        free(place);
        free(lines);
    }
    free(jwk);
    free(x);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(E32_a_document_is_an_object_with_an_array_keys),
        cmocka_unit_test(R67_a_bad_key_is_passed_over_and_counted),
        cmocka_unit_test(R51_a_key_of_another_tenant_is_passed_over),
        cmocka_unit_test(the_first_key_passed_over_is_the_one_that_is_named),
        cmocka_unit_test(E32_a_hundred_keys_are_the_most),
        cmocka_unit_test(R67_a_set_that_does_not_fit_is_no_set),
        cmocka_unit_test(E13_the_limits_of_json_hold_for_a_key_set),
        cmocka_unit_test(E32_a_large_document_is_read_at_once),
        cmocka_unit_test(R38_a_kid_selects_its_key_byte_for_byte),
        cmocka_unit_test(E31_a_kid_may_hold_any_bytes),
        cmocka_unit_test(E31_a_kid_of_256_bytes_is_found),
        cmocka_unit_test(R39_two_usable_keys_with_one_kid_are_no_key),
        cmocka_unit_test(R39_an_unusable_key_with_the_same_kid_does_no_harm),
        cmocka_unit_test(R37_the_selected_key_is_for_the_algorithm_or_none_is),
        cmocka_unit_test(R38_without_a_kid_exactly_one_key_must_fit),
        cmocka_unit_test(R38_a_kid_is_not_ignored),
        cmocka_unit_test(a_refusal_says_why_no_key_was_found),
        cmocka_unit_test(E33_a_selected_key_that_openssl_refuses_is_unknown),
        cmocka_unit_test(E30_keys_with_a_prime_modulus_are_dropped),
        cmocka_unit_test(E30_keys_beyond_the_work_are_tested_when_they_are_used),
        cmocka_unit_test(E30_a_process_that_nobody_waits_for_tests_more),
        cmocka_unit_test(E30_a_line_that_was_proven_is_not_tested_again),
        cmocka_unit_test(E30_a_marked_line_is_not_a_proven_one),
        cmocka_unit_test(E30_other_keys_and_damaged_lines_are_no_work),
        cmocka_unit_test(a_modulus_of_zeros_has_no_size),
        cmocka_unit_test(R44_leading_zeros_do_not_count_as_size),
        cmocka_unit_test(E33_a_key_that_is_no_point_is_dropped),
        cmocka_unit_test(R39_a_kid_that_two_usable_keys_share_is_reported),
        cmocka_unit_test(R49_an_honest_key_is_not_dropped_for_its_place),
        cmocka_unit_test(E69_no_key_is_taken_for_the_only_one_where_memory_runs_out),
        cmocka_unit_test(E69_a_proven_key_is_kept_or_memory_was_out),
        cmocka_unit_test(R39_the_keys_of_a_name_are_those_that_the_whole_set_has),
        cmocka_unit_test(E69_a_set_that_was_opened_is_read_whole_or_not_at_all),
        cmocka_unit_test(R39_a_crowd_of_one_name_costs_what_two_cost),
        cmocka_unit_test(a_damaged_line_is_dropped),
        cmocka_unit_test(a_damaged_store_gives_no_wrong_key),
        /* the longest of them */
        cmocka_unit_test(R49_the_order_of_the_keys_and_broken_neighbours_change_nothing),
    };

    return cmocka_run_group_tests_name("keyset", tests, make_pairs, free_pairs);
}

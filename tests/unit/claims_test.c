/*
 * Claims come from a verified token and from nowhere else (R48, STYLE 9.16): claims_open takes a
 * struct verified, whose only maker is jws_verify, and there is no call that reads a payload before
 * that. So every payload here, hostile or not, is signed and verified first.
 */
#include "support.h"

#include <locale.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/strictjson.h"
#include "jose/base64url.h"
#include "jose/jws.h"
#include "jose/keyset.h"

static EVP_PKEY *pair;
static struct keyset keyset = KEYSET;

static int
make_key(void **state)
{
    (void)state;
    pair = support_key(ALG_EDDSA);
    char *jwk = support_jwk(pair, NULL, NULL);
    char *jwks = support_jwks(jwk);
    assert_int_equal(keyset_read(span_of(jwks), 1, NULL, &keyset), ST_OK);
    free(jwk);
    free(jwks);
    return 0;
}

static int
free_key(void **state)
{
    (void)state;
    EVP_PKEY_free(pair);
    keyset_done(&keyset);
    return 0;
}

/* A token over these bytes; support_sign cannot write a NUL. */
static void
sign_bytes(struct span payload, struct buf *token)
{
    unsigned char signature[64];
    size_t length = sizeof(signature);
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    assert_int_equal(base64url_encode(span_of("{\"alg\":\"EdDSA\"}"), token), ST_OK);
    assert_int_equal(buf_add_char(token, '.'), ST_OK);
    assert_int_equal(base64url_encode(payload, token), ST_OK);
    assert_int_equal(EVP_DigestSignInit(context, NULL, NULL, NULL, pair), 1);
    assert_int_equal(EVP_DigestSign(context, signature, &length, (const unsigned char *)token->at,
                                    token->length),
                     1);
    EVP_MD_CTX_free(context);
    assert_int_equal(buf_add_char(token, '.'), ST_OK);
    assert_int_equal(
        base64url_encode((struct span){.at = (const char *)signature, .length = length}, token),
        ST_OK);
}

/* What becomes of a signed and verified token with this payload. */
static enum status
open_payload(struct span payload, struct why *why, struct claims **ret_claims)
{
    struct buf token CLEANUP(buf_done) = BUF((size_t)4 * 1024 * 1024);
    struct jws *jws CLEANUP(jws_done) = NULL;
    struct key *key CLEANUP(key_done) = NULL;
    struct verified *verified CLEANUP(verified_done) = NULL;

    sign_bytes(payload, &token);
    assert_int_equal(jws_parse(buf_span(&token), why, &jws), ST_OK);
    assert_int_equal(
        keyset_select(buf_span(&keyset.lines), jws_header(jws), ALG_DEFAULT, why, &key), ST_OK);
    assert_int_equal(jws_verify(jws, key, why, &verified), ST_OK);
    return claims_open(verified, why, ret_claims);
}

static enum status
status_of(const char *payload, size_t length)
{
    struct why why = {""};
    struct claims *claims CLEANUP(claims_done) = NULL;
    enum status status =
        open_payload((struct span){.at = payload, .length = length}, &why, &claims);

    assert_int_equal(claims != NULL, status == ST_OK);
    assert_int_equal(why.sentence[0] == '\0', status == ST_OK);
    return status;
}

static void
E11_E12_a_payload_that_is_not_one_json_object_is_malformed(void **state)
{
    static const struct {
        const char *payload;
        size_t length; /* 0: to the NUL */
    } bad[] = {
        {"", 0},
        {" ", 0},
        {"[]", 0},
        {"[{\"sub\":\"root\"}]", 0},
        {"\"root\"", 0},
        {"5", 0},
        {"null", 0},
        {"true", 0},
        {"{", 0},
        {"{}{}", 0},
        {"{}x", 0},
        {"{\"sub\":\"a\"", 0},
        {"{\"sub\":\"a\",\"sub\":\"root\"}", 0},
        {"{\"aud\":\"a\",\"aud\":\"b\"}", 0},
        {"{\"exp\":1,\"e\\u0078p\":9999999999}", 0},
        {"{\"a\":{\"b\":1,\"b\":2}}", 0},
        {"{\"sub\":\"root\\u0000x\"}", 0},
        {"{\"sub\":\"\\ud800\"}", 0},
        {"{\"sub\":\"\xFF\"}", 0},
        {"\xEF\xBB\xBF{}", 0},
        {"{\0}\0", 4},
        {"\xFF\xFE{\0}\0", 6},
        {"{}\0", 3},
        {"{}\0{\"sub\":\"root\"}", 17},
        {"{\"exp\":1e400}", 0}, /* E14: no number that there is */
        {"{\"exp\":-1e400}", 0},
        {"{\"exp\":9223372036854775808}", 0},
        {"{\"exp\":NaN}", 0},
        {"{\"exp\":Infinity}", 0},
        {"{\"exp\":0x7fffffff}", 0},
        {"{\"exp\":01893456000}", 0},
        {"{\"exp\":1.}", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        size_t length = bad[i].length > 0 ? bad[i].length : strlen(bad[i].payload);
        if (status_of(bad[i].payload, length) != ST_MALFORMED) {
            fail_msg("row %zu: %s", i, bad[i].payload);
        }
    }
    assert_int_equal(status_of("{}", 2), ST_OK);
}

static void
E13_the_limits_hold_for_a_payload(void **state)
{
    static const struct {
        const char *before;
        const char *piece;
        size_t times;
        const char *after;
        enum status status;
    } rows[] = {
        {"{\"a\":", "[", 15, "", ST_MALFORMED},    {"{\"a\":", "[", 17, "", ST_MALFORMED},
        {"{\"a\":", "[", 40000, "", ST_MALFORMED}, {"{\"x\":1", ",\"a\":1", 1, "}", ST_OK},
        {"{\"a\":\"", "x", 8192, "\"}", ST_OK},    {"{\"a\":\"", "x", 8193, "\"}", ST_MALFORMED},
        {"{\"a\":[0", ",0", 15000, "]}", ST_OK}, /* groups of a large organisation: 30 kB */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf text CLEANUP(buf_done) = BUF(200000);
        assert_int_equal(buf_add_text(&text, rows[i].before), ST_OK);
        for (size_t j = 0; j < rows[i].times; j++) {
            assert_int_equal(buf_add_text(&text, rows[i].piece), ST_OK);
        }
        assert_int_equal(buf_add_text(&text, rows[i].after), ST_OK);
        if (status_of(buf_text(&text), text.length) != rows[i].status) {
            fail_msg("row %zu", i);
        }
    }
    for (size_t members = 256; members <= 257; members++) {
        struct buf text CLEANUP(buf_done) = BUF(20000);
        for (size_t i = 0; i < members; i++) {
            assert_int_equal(buf_printf(&text, "%c\"m%zu\":1", i == 0 ? '{' : ',', i), ST_OK);
        }
        assert_int_equal(buf_add_char(&text, '}'), ST_OK);
        assert_int_equal(status_of(buf_text(&text), text.length),
                         members <= 256 ? ST_OK : ST_MALFORMED);
    }
}

static void
R94_the_reason_quotes_nothing_of_the_payload(void **state)
{
    struct why why = {""};
    struct claims *claims = NULL;

    (void)state;
    assert_int_equal(open_payload(span_of("{\"canary\":canary}"), &why, &claims), ST_MALFORMED);
    assert_null(strstr(why.sentence, "canary"));
    assert_non_null(strstr(why.sentence, "payload"));
    assert_null(claims);
    claims_done(&claims);
}

static void
claims_keep_what_they_hold_and_the_typ_of_the_header(void **state)
{
    struct claims *claims = support_claims_typ("at+jwt", "{\"sub\":\"alice\",\"n\":5}");
    struct claims *bare = support_claims("{}");
    struct span text = span_of("untouched");

    (void)state;
    assert_true(span_is(claims_typ(claims), "at+jwt"));
    assert_int_equal(claims_typ(bare).length, 0);
    assert_int_equal(json_object_size(claims_all(claims)), 2);
    assert_int_equal(json_object_size(claims_all(bare)), 0);
    assert_true(claims_text(claims, "sub", &text));
    assert_true(span_is(text, "alice"));
    text = span_of("untouched");
    assert_false(claims_text(claims, "n", &text));
    assert_false(claims_text(claims, "missing", &text));
    assert_true(span_is(text, "untouched"));
    claims_done(&claims);
    claims_done(&bare);
    assert_null(claims);
    claims_done(&claims);
}

/* DESIGN section 4: literally first, then, if the name has dots, as a path. */
static void
a_name_is_looked_up_literally_and_then_as_a_path(void **state)
{
    static const struct {
        const char *name;
        const char *found; /* NULL: nothing */
    } rows[] = {
        {"top", "top"},
        {"realm_access.roles", "path"},
        {"both.ways", "literal"},
        {"https://example.org/claims.groups", "url"},
        {"a.b.c", "abc"},
        {"a.b.d", NULL},
        {"a.b", "(object)"},
        {"a", "(object)"},
        {"a.", "empty last"},
        {".x", "empty first"},
        {"a..y", "empty middle"},
        {"", "empty"},
        {".", NULL},
        {"a.b.c.", NULL},
        {"a.b.c.d", NULL}, /* through a string */
        {"list.0", NULL},  /* through an array */
        {"list.x", NULL},
        {"number.x", NULL},
        {"nothing.x", NULL},
        {"missing", NULL},
        {"missing.x", NULL},
        {"TOP", NULL},
        {"top ", NULL},
        {"a.B.c", NULL},
        {"null", "(null)"},
        /* A step may be a name with dots, where no shorter name is there. */
        {"d.e.f", "dotted last"},
        {"kubernetes.io.namespace", "dotted first"},
        {"kubernetes.io.pod.name", "dotted middle"},
        {"kubernetes.io.pod.uid", NULL},
        {"kubernetes.pod.name", NULL},
        {"both.ways.pod", NULL}, /* a string, and nobody goes back to look in `both` */
        {"x.y.z", NULL},         /* `x` is there, so `x.y` is not looked at */
    };
    struct claims *claims = support_claims(
        "{\"top\":\"top\",\"realm_access\":{\"roles\":\"path\"},\"both.ways\":\"literal\","
        "\"both\":{\"ways\":\"path\"},\"https://example.org/claims.groups\":\"url\","
        "\"a\":{\"b\":{\"c\":\"abc\"},\"\":\"empty "
        "last\"},\"\":\"empty\",\"list\":[{\"x\":\"no\"}],"
        "\"number\":5,\"nothing\":null,\"null\":null,\"d\":{\"e.f\":\"dotted last\"},"
        "\"kubernetes.io\":{\"namespace\":\"dotted first\",\"pod\":{\"name\":\"dotted middle\"}},"
        "\"x\":{\"a\":\"no\"},\"x.y\":{\"z\":\"no\"}}");
    struct claims *empties =
        support_claims("{\"\":{\"x\":\"empty first\"},\"a\":{\"\":{\"y\":\"empty middle\"}}}");

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool other = rows[i].found != NULL && (strcmp(rows[i].found, "empty first") == 0 ||
                                               strcmp(rows[i].found, "empty middle") == 0);
        const json_t *value = claims_find(other ? empties : claims, span_of(rows[i].name));
        const char *got = value == NULL           ? NULL
                          : json_is_null(value)   ? "(null)"
                          : json_is_object(value) ? "(object)"
                                                  : json_string_value(value);
        if (rows[i].found == NULL ? got != NULL : got == NULL || strcmp(got, rows[i].found) != 0) {
            fail_msg("'%s': %s", rows[i].name, got != NULL ? got : "nothing");
        }
    }
    assert_null(claims_find(claims, (struct span){.at = NULL, .length = 0}));
    assert_non_null(claims_find(claims, (struct span){.at = "topmost", .length = 3}));
    assert_null(claims_find(claims, (struct span){.at = "top\0", .length = 4}));
    claims_done(&claims);
    claims_done(&empties);
}

static void
a_path_has_at_most_eight_steps(void **state)
{
    struct claims *claims =
        support_claims("{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}");

    (void)state;
    assert_non_null(claims_find(claims, span_of("a.a.a.a.a.a.a")));
    assert_non_null(claims_find(claims, span_of("a.a.a.a.a.a.a.a")));
    assert_null(claims_find(claims, span_of("a.a.a.a.a.a.a.a.a")));
    claims_done(&claims);
    claims = support_claims("{\"1.2.3.4.5.6.7\":{\"x\":1},\"1.2.3.4.5.6.7.8\":{\"x\":1}}");
    assert_non_null(claims_find(claims, span_of("1.2.3.4.5.6.7.x")));
    assert_null(claims_find(claims, span_of("1.2.3.4.5.6.7.8.x")));
    claims_done(&claims);
    static char dots[5001];
    memset(dots, '.', sizeof(dots) - 1);
    dots[sizeof(dots) - 1] = '\0';
    claims = support_claims("{\"\":{}}");
    assert_null(claims_find(claims, span_of(dots)));
    claims_done(&claims);
}

static void
E14_a_date_is_a_number_in_the_years_up_to_9999(void **state)
{
    static const struct {
        const char *value;
        enum claims_date date;
        double seconds;
    } rows[] = {
        {"1893456000", CLAIMS_DATE_OK, 1893456000.0},
        {"1893456000.5", CLAIMS_DATE_OK, 1893456000.5},
        {"1.893456e9", CLAIMS_DATE_OK, 1893456000.0},
        {"1893456000.0", CLAIMS_DATE_OK, 1893456000.0},
        {"1", CLAIMS_DATE_OK, 1.0},
        {"0.5", CLAIMS_DATE_OK, 0.5},
        {"2147483648", CLAIMS_DATE_OK, 2147483648.0}, /* R64 */
        {"4294967297", CLAIMS_DATE_OK, 4294967297.0},
        {"253402300799", CLAIMS_DATE_OK, 253402300799.0},
        {"253402300799.0", CLAIMS_DATE_OK, 253402300799.0},
        {"253402300799.5", CLAIMS_DATE_BAD, 0},
        {"253402300800", CLAIMS_DATE_BAD, 0},
        {"0", CLAIMS_DATE_BAD, 0},
        {"-0", CLAIMS_DATE_BAD, 0},
        {"-0.0", CLAIMS_DATE_BAD, 0},
        {"0.0", CLAIMS_DATE_BAD, 0},
        {"-1", CLAIMS_DATE_BAD, 0},
        {"-0.5", CLAIMS_DATE_BAD, 0},
        {"1e308", CLAIMS_DATE_BAD, 0},
        {"-1e308", CLAIMS_DATE_BAD, 0},
        {"1e-400", CLAIMS_DATE_BAD, 0}, /* rounds to zero */
        {"9223372036854775807", CLAIMS_DATE_BAD, 0},
        {"-9223372036854775808", CLAIMS_DATE_BAD, 0},
        {"18446744073709551616.0", CLAIMS_DATE_BAD, 0},
        {"\"1893456000\"", CLAIMS_DATE_BAD, 0},
        {"\"\"", CLAIMS_DATE_BAD, 0},
        {"null", CLAIMS_DATE_BAD, 0},
        {"true", CLAIMS_DATE_BAD, 0},
        {"false", CLAIMS_DATE_BAD, 0},
        {"[1893456000]", CLAIMS_DATE_BAD, 0},
        {"{\"exp\":1893456000}", CLAIMS_DATE_BAD, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *payload = support_text("{\"exp\":%s}", rows[i].value);
        struct why why = {""};
        struct claims *claims = NULL;
        double seconds = -7;
        assert_int_equal(open_payload(span_of(payload), &why, &claims), ST_OK);
        enum claims_date date = claims_date(claims, "exp", &seconds);
        double wanted = rows[i].date == CLAIMS_DATE_OK ? rows[i].seconds : -7;
        if (date != rows[i].date || seconds < wanted || seconds > wanted) {
            fail_msg("%s: %d, %f", rows[i].value, (int)date, seconds);
        }
        assert_int_equal(claims_date(claims, "nbf", &seconds), CLAIMS_DATE_ABSENT);
        claims_done(&claims);
        free(payload);
    }
}

/* A claim named like a path is no date: dates are registered claims, at the top. */
static void
dates_are_looked_up_at_the_top_only(void **state)
{
    struct claims *claims = support_claims("{\"a\":{\"exp\":5},\"a.exp\":6}");
    double seconds = 0;

    (void)state;
    assert_int_equal(claims_date(claims, "exp", &seconds), CLAIMS_DATE_ABSENT);
    claims_done(&claims);
}

static void
E66_a_date_is_the_same_in_every_locale_and_time_zone(void **state)
{
    static const char *const locales[] = {"C", "C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8"};

    (void)state;
    assert_int_equal(setenv("TZ", "garbage/../x", 1), 0);
    for (size_t i = 0; i < COUNT(locales); i++) {
        (void)setlocale(LC_ALL, locales[i]);
        struct claims *claims = support_claims("{\"exp\":1893456000.5}");
        double seconds = 0;
        assert_int_equal(claims_date(claims, "exp", &seconds), CLAIMS_DATE_OK);
        assert_true(seconds > 1893456000.25 && seconds < 1893456000.75);
        claims_done(&claims);
    }
    (void)setlocale(LC_ALL, "C");
    assert_int_equal(unsetenv("TZ"), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(E11_E12_a_payload_that_is_not_one_json_object_is_malformed),
        cmocka_unit_test(E13_the_limits_hold_for_a_payload),
        cmocka_unit_test(R94_the_reason_quotes_nothing_of_the_payload),
        cmocka_unit_test(claims_keep_what_they_hold_and_the_typ_of_the_header),
        cmocka_unit_test(a_name_is_looked_up_literally_and_then_as_a_path),
        cmocka_unit_test(a_path_has_at_most_eight_steps),
        cmocka_unit_test(E14_a_date_is_a_number_in_the_years_up_to_9999),
        cmocka_unit_test(dates_are_looked_up_at_the_top_only),
        cmocka_unit_test(E66_a_date_is_the_same_in_every_locale_and_time_zone),
    };

    return cmocka_run_group_tests_name("claims", tests, make_key, free_key);
}

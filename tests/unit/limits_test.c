/*
 * What the most hostile input costs: processor time and memory, not the clock's time, so that a
 * busy machine changes nothing. The bounds are those of SECURITY.md (E9, E30, E76); a machine on
 * which OpenSSL itself is slow gets as much more.
 */
#include "support.h"

#include <malloc.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "jose/base64url.h"
#include "jose/jws.h"
#include "jose/keycheck.h"
#include "jose/keyset.h"

static int64_t
processor_us(void)
{
    struct rusage used;

    assert_int_equal(getrusage(RUSAGE_SELF, &used), 0);
    return ((int64_t)used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
           used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

static long
peak_kb(void)
{
    struct rusage used;

    assert_int_equal(getrusage(RUSAGE_SELF, &used), 0);
    return used.ru_maxrss;
}

/* Below what watches memory (tests/sanitize/run), time and memory are for the most part its own. */
static bool
is_watched(void)
{
    return getenv("WATCHED") != NULL;
}

/* The least processor time of three calls. */
static int64_t
least_us(void (*work)(const void *), const void *argument)
{
    int64_t least = INT64_MAX;

    for (size_t i = 0; i < 3; i++) {
        int64_t before = processor_us();
        work(argument);
        int64_t took = processor_us() - before;
        least = took < least ? took : least;
    }
    return least;
}

/* ---- tokens (E9, R32) --------------------------------------------------------------------------
 */

static void
parse_refused(const void *argument)
{
    struct jws *jws = NULL;

    assert_int_equal(jws_parse(*(const struct span *)argument, NULL, &jws), ST_MALFORMED);
    assert_null(jws);
}

static void
E9_R32_ten_megabytes_cost_less_than_5_ms_and_no_memory(void **state)
{
    static const struct {
        char fill;
        size_t length;
    } rows[] = {{'.', 10485760}, {'A', 10485760}, {'.', 65536},  {'A', 65536},
                {'.', 65537},    {'{', 10485760}, {'\0', 65536}, {'.', 1000000}};
    char *bytes = malloc(10485760);

    (void)state;
    assert_non_null(bytes);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span token = {.at = bytes, .length = rows[i].length};
        memset(bytes, rows[i].fill, rows[i].length);
        long before = peak_kb();
        int64_t took = least_us(parse_refused, &token);
        if (took >= 5000 && !is_watched()) {
            fail_msg("%zu bytes of '%c': %lld us", rows[i].length, rows[i].fill, (long long)took);
        }
        assert_true(peak_kb() - before < 256 || is_watched());
    }
    free(bytes);
}

/* ---- key sets (E30, E33)
 * ------------------------------------------------------------------------- */

static void
read_and_prove(const void *argument)
{
    struct keyset keyset CLEANUP(keyset_done) = KEYSET;

    assert_int_equal(keyset_read(span_of(argument), KEYSET_FETCHED_MAX, /* why: */ NULL, &keyset),
                     ST_OK);
    assert_int_equal(keyset_prove(&keyset), ST_OK);
}

/* So many RSA keys of one modulus, whose kids differ. */
static void
add_rsa(struct buf *document, size_t count, const char *bytes, size_t length)
{
    struct buf n CLEANUP(buf_done) = BUF(4096);

    assert_int_equal(base64url_encode((struct span){.at = bytes, .length = length}, &n), ST_OK);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(
            buf_printf(document,
                       "%s{\"kty\":\"RSA\",\"e\":\"AQAB\",\"kid\":\"%zu-%zu\",\"n\":\"%s\"}",
                       document->length > 9 ? "," : "", length, i, buf_text(&n)),
            ST_OK);
    }
}

/* 2^2203 - 1, a prime: what the test of a modulus takes longest for. */
static void
add_primes(struct buf *document, size_t count)
{
    char bytes[276];

    memset(bytes, 0xFF, sizeof(bytes));
    bytes[0] = 0x07;
    add_rsa(document, count, bytes, sizeof(bytes));
}

static void
add_moduli(struct buf *document, size_t count, size_t length, char last)
{
    char bytes[2048];

    memset(bytes, 0xA7, sizeof(bytes));
    bytes[length - 1] = last;
    add_rsa(document, count, bytes, length);
}

static void
add_no_points(struct buf *document, size_t count)
{
    struct buf x CLEANUP(buf_done) = BUF(128);
    char bytes[66] = {0};

    bytes[65] = 5;
    assert_int_equal(base64url_encode((struct span){.at = bytes, .length = sizeof(bytes)}, &x),
                     ST_OK);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(
            buf_printf(
                document,
                "%s{\"kty\":\"EC\",\"crv\":\"P-521\",\"kid\":\"e%zu\",\"x\":\"%s\",\"y\":\"%s\"}",
                document->length > 9 ? "," : "", i, buf_text(&x), buf_text(&x)),
            ST_OK);
    }
}

/* One test of a modulus of 2048 bits, by which a machine's speed is known. */
static void
test_one(const void *argument)
{
    bool prime = false;

    assert_int_equal(keycheck_rsa_prime(*(const struct span *)argument, &prime), ST_OK);
    assert_false(prime);
}

static int64_t
allowed_us(void)
{
    char bytes[256];
    struct span n = {.at = bytes, .length = sizeof(bytes)};

    memset(bytes, 0xA7, sizeof(bytes));
    int64_t one = least_us(test_one, &n);
    return one * 30 > 50000 ? one * 30 : 50000;
}

static void
E30_E33_a_hostile_key_set_costs_less_than_50_ms(void **state)
{
    int64_t allowed = allowed_us();

    (void)state;
    for (size_t kind = 0; kind < 8; kind++) {
        struct buf document CLEANUP(buf_done) = BUF(KEYSET_DOCUMENT_MAX);
        assert_int_equal(buf_add_text(&document, "{\"keys\":["), ST_OK);
        switch (kind) {
        case 0: /* as many as are tested at once, and one size that is put off */
            add_moduli(&document, 20, 256, 0x21);
            add_moduli(&document, 80, 512, 0x21);
            break;
        case 1:
            add_moduli(&document, 2, 512, 0x21);
            add_moduli(&document, 4, 256, 0x21);
            break;
        case 2:
            add_moduli(&document, 100, 1024, 0x21);
            break;
        case 3:
            add_moduli(&document, 100, 2048, 0x21); /* 16384 bits */
            break;
        case 4:
            add_moduli(&document, 100, 1024, 0x20); /* even */
            break;
        case 5:
            add_primes(&document, 100);
            break;
        case 6:
            add_no_points(&document, 100);
            break;
        default: /* some of each */
            add_primes(&document, 2);
            add_moduli(&document, 20, 256, 0x20);
            add_moduli(&document, 4, 256, 0x21);
            add_moduli(&document, 20, 2048, 0x21);
            add_moduli(&document, 20, 1024, 0x21);
            add_no_points(&document, 34);
            break;
        }
        assert_int_equal(buf_add_text(&document, "]}"), ST_OK);
        int64_t took = least_us(read_and_prove, buf_text(&document));
        print_message("key set %zu: %lld us of %lld\n", kind, (long long)took, (long long)allowed);
        assert_true(took < allowed || is_watched());
    }
}

/* R44: how large a modulus is decides before any arithmetic with it. */
static void
check_large(const void *argument)
{
    static const char e[] = {0x01, 0x00, 0x01};

    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(keycheck_rsa(*(const struct span *)argument,
                                      (struct span){.at = e, .length = sizeof(e)}, NULL),
                         ST_UNKNOWN_KEY);
    }
}

static void
R44_the_size_of_a_modulus_costs_nothing(void **state)
{
    static const size_t lengths[] = {1033, 2048, 65536, 1048576};
    char *bytes = malloc(1048576);

    (void)state;
    assert_non_null(bytes);
    memset(bytes, 0xA7, 1048576);
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct span n = {.at = bytes, .length = lengths[i]};
        int64_t took = least_us(check_large, &n);
        if (took >= 50000 && !is_watched()) { /* of a thousand */
            fail_msg("%zu bytes: %lld us a thousand times", lengths[i], (long long)took);
        }
    }
    free(bytes);
}

/* ---- E76 ---------------------------------------------------------------------------------------
 */

/* A good token, one with a wrong signature, one without a key, one that is none. */
static void
verify_four(const struct keyset *keyset, char *const tokens[4])
{
    static const enum status wanted[] = {ST_OK, ST_SIGNATURE, ST_UNKNOWN_KEY, ST_MALFORMED};

    for (size_t i = 0; i < COUNT(wanted); i++) {
        struct jws *jws CLEANUP(jws_done) = NULL;
        struct key *key CLEANUP(key_done) = NULL;
        struct verified *verified CLEANUP(verified_done) = NULL;
        struct claims *claims CLEANUP(claims_done) = NULL;
        struct why why = {""};

        enum status status = jws_parse(span_of(tokens[i]), &why, &jws);
        if (status == ST_OK) {
            status =
                keyset_select(buf_span(&keyset->lines), jws_header(jws), ALG_DEFAULT, &why, &key);
        }
        if (status == ST_OK) {
            status = jws_verify(jws, key, &why, &verified);
        }
        if (status == ST_OK) {
            status = claims_open(verified, &why, &claims);
        }
        assert_int_equal(status, wanted[i]);
    }
}

static void
E76_ten_thousand_verifications_leave_nothing_behind(void **state)
{
    EVP_PKEY *pair = support_key(ALG_RS256);
    EVP_PKEY *other = EVP_RSA_gen(2048);
    char *jwk = support_jwk(pair, "k", NULL);
    char *jwks = support_jwks(jwk);
    struct keyset keyset = KEYSET;
    char *tokens[4] = {
        support_sign(pair, ALG_RS256, "{\"alg\":\"RS256\",\"kid\":\"k\"}", "{\"sub\":\"248\"}"),
        support_sign(other, ALG_RS256, "{\"alg\":\"RS256\",\"kid\":\"k\"}", "{\"sub\":\"248\"}"),
        support_sign(pair, ALG_RS256, "{\"alg\":\"RS256\",\"kid\":\"x\"}", "{\"sub\":\"248\"}"),
        strdup("a.b"),
    };

    (void)state;
    assert_int_equal(keyset_read(span_of(jwks), 100, NULL, &keyset), ST_OK);
    for (size_t i = 0; i < 100; i++) {
        verify_four(&keyset, tokens); /* what OpenSSL makes once */
    }
    size_t held = mallinfo2().uordblks;
    size_t open = support_open_descriptors();
    for (size_t i = 0; i < 2500; i++) {
        verify_four(&keyset, tokens);
    }
    /* Less than a byte each: malloc itself splits its blocks now this way, now that. */
    assert_true(mallinfo2().uordblks < held + 10000);
    assert_int_equal(support_open_descriptors(), open);
    keyset_done(&keyset);
    for (size_t i = 0; i < COUNT(tokens); i++) {
        free(tokens[i]);
    }
    EVP_PKEY_free(pair);
    EVP_PKEY_free(other);
    free(jwk);
    free(jwks);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(E9_R32_ten_megabytes_cost_less_than_5_ms_and_no_memory),
        cmocka_unit_test(E30_E33_a_hostile_key_set_costs_less_than_50_ms),
        cmocka_unit_test(R44_the_size_of_a_modulus_costs_nothing),
        cmocka_unit_test(E76_ten_thousand_verifications_leave_nothing_behind),
    };

    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}

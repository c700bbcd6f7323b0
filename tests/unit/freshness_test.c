/* oauth/freshness: Cache-Control, Age and Retry-After. RFC 9111, R69, R80, E37, E48. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/guard.h"
#include "oauth/freshness.h"

/* jwks_min_age and jwks_max_age as they are by default. */
#define MIN_S 300
#define MAX_S 86400

static void
a_lifetime_is_read_and_clamped_R69_E37(void **state)
{
    static const struct {
        const char *cache_control;
        const char *age;
        int64_t expected;
    } cases[] = {
        /* Nothing said. */
        {NULL, NULL, 3600},
        {"", "", 3600},
        {"public", "10", 3600},
        {"must-revalidate, no-transform", NULL, 3600},
        {",,, ,", NULL, 3600},
        /* The field: Auth0, Google, Okta, Azure B2C, Keycloak. */
        {"public, max-age=15, stale-while-revalidate=15, stale-if-error=15", NULL, MIN_S},
        {"public, max-age=22159, must-revalidate, no-transform", NULL, 22159},
        {"max-age=3293198", NULL, MAX_S},
        {"max-age=86400, private", NULL, 86400},
        {"no-cache", NULL, MIN_S},
        /* Spelling. */
        {"MAX-AGE=1000", NULL, 1000},
        {"\tMax-Age = 1000 ,x", NULL, 1000},
        {"max-age=\"1000\"", NULL, 1000},
        {"max-age=01000", NULL, 1000},
        {"s-maxage=2000, max-age=1000", NULL, 1000},
        {"xmax-age=2000", NULL, 3600},
        {"max-agex=2000", NULL, 3600},
        {"maxage2000", NULL, 3600},
        /* The first of two counts; the most restrictive directive wins. */
        {"max-age=1000, max-age=2000", NULL, 1000},
        {"max-age=, max-age=2000", NULL, MIN_S},
        {"max-age=7200, no-store", NULL, MIN_S},
        {"No-Cache, max-age=7200", NULL, MIN_S},
        {"max-age=7200, no-cache=\"Set-Cookie\"", NULL, MIN_S},
        /* A max-age that is no number: stale. */
        {"max-age", NULL, MIN_S},
        {"max-age=", NULL, MIN_S},
        {"max-age=\"", NULL, MIN_S},
        {"max-age=\"1000", NULL, MIN_S},
        {"max-age=1000\"", NULL, MIN_S},
        {"max-age=-1", NULL, MIN_S},
        {"max-age=+9999", NULL, MIN_S},
        {"max-age=1e18", NULL, MIN_S},
        {"max-age=7200.5", NULL, MIN_S},
        {"max-age=0x7fff", NULL, MIN_S},
        {"max-age=7200;x", NULL, MIN_S},
        {"max-age=0", NULL, MIN_S},
        /* Overflows of 32, 63 and 64 bits and of patience. */
        {"max-age=2147483648", NULL, MAX_S},
        {"max-age=4294967297", NULL, MAX_S},
        {"max-age=9223372036854775808", NULL, MAX_S},
        {"max-age=18446744073709551617", NULL, MAX_S},
        {"max-age=1000000000000000000", NULL, MAX_S},
        {"max-age=99999999999999999999999999999999999999999999999999999", NULL, MAX_S},
        {"max-age=99999999999999999999", "99999999999999999999", MIN_S},
        /* Commas and directives in quotes are neither. */
        {"private=\"a, no-store, max-age=9\", max-age=1000", NULL, 1000},
        {"x=\"\\\", no-store\", max-age=1000", NULL, 1000},
        {"x=\"no-store, max-age=9", NULL, 3600},
        {"x=\"\\", NULL, 3600},
        {"x=\"y\\", NULL, 3600},
        {"x=\\\"no-store, max-age=9", NULL, 3600},
        /* Age. */
        {"max-age=7200", "0", 7200},
        {"max-age=7200", "1000", 6200},
        {"max-age=7200", " 1000 ", 6200},
        {"max-age=7200", "1000, 5", 6200},
        {"max-age=7200", "7200", MIN_S},
        {"max-age=7200", "9223372036854775807", MIN_S},
        {"max-age=7200", "-1000", 7200},
        {"max-age=7200", "1e3", 7200},
        {"max-age=7200", "x", 7200},
        {"max-age=7200", ",1000", 7200},
        /* Bytes. */
        {"max-age=7200\x1b[2J", NULL, MIN_S},
        {"\xff\xfe, max-age=1000", NULL, 1000},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t got =
            freshness_s(span_of(cases[i].cache_control), span_of(cases[i].age), MIN_S, MAX_S);
        if (got != cases[i].expected) {
            fail_msg("%s / %s: %lld", cases[i].cache_control, cases[i].age, (long long)got);
        }
    }
}

static void
the_default_is_clamped_too_R69(void **state)
{
    struct span none = {NULL, 0};

    (void)state;
    assert_int_equal(freshness_s(none, none, 4000, 5000), 4000);
    assert_int_equal(freshness_s(none, none, 0, 60), 60);
    assert_int_equal(freshness_s(span_of("max-age=0"), none, 0, 60), 0);
    assert_int_equal(freshness_s(none, none, 60, 60), 60);
}

static void
nul_bytes_are_bytes_E37(void **state)
{
    static const char header[] = "max-age=10\0"
                                 "00, x";

    (void)state;
    /* A span ends where it ends. */
    assert_int_equal(
        freshness_s((struct span){"max-age=10000", 11}, (struct span){NULL, 0}, 1, MAX_S), 100);
    assert_int_equal(freshness_retry_after_s((struct span){"123", 1}, 60), 1);
    assert_int_equal(
        freshness_s((struct span){header, sizeof(header) - 1}, (struct span){NULL, 0}, 1, MAX_S),
        1);
}

static void
retry_after_is_seconds_and_never_more_than_allowed_R80_E48(void **state)
{
    static const struct {
        const char *text;
        int64_t expected;
    } cases[] = {
        {"0", 0},
        {"1", 1},
        {" 30\t", 30},
        {"030", 30},
        {"60", 60},
        {"61", 60},
        {"3600", 60},
        {"99999999999999999999999999", 60},
        {NULL, -1},
        {"", -1},
        {" ", -1},
        {"-1", -1},
        {"+1", -1},
        {"1.5", -1},
        {"1, 2", -1},
        {"1e3", -1},
        {"\"30\"", -1},
        {"Wed, 21 Oct 2037 07:28:00 GMT", -1},
        {"30\r\nSet-Cookie: x", -1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t got = freshness_retry_after_s(span_of(cases[i].text), 60);
        if (got != cases[i].expected) {
            fail_msg("%s: %lld", cases[i].text, (long long)got);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lifetime_is_read_and_clamped_R69_E37),
        cmocka_unit_test(the_default_is_clamped_too_R69),
        cmocka_unit_test(nul_bytes_are_bytes_E37),
        cmocka_unit_test(retry_after_is_seconds_and_never_more_than_allowed_R80_E48),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "support.h"

#include "store/lifetime.h"

#define FETCHED_S INT64_C(1700000000)
#define HOUR_S 3600

static const struct lifetime_limits usual = {
    .max_age_s = 24 * HOUR_S, .stale_limit_s = 24 * HOUR_S, .clock_skew_s = 60};

static enum lifetime_state
state_at(int64_t age_s)
{
    return lifetime_of(FETCHED_S, FETCHED_S + HOUR_S, &usual, FETCHED_S + age_s).state;
}

static void
R72_fresh_stale_and_over_to_the_second(void **state)
{
    (void)state;
    assert_int_equal(state_at(0), LIFETIME_FRESH);
    assert_int_equal(state_at(HOUR_S - 1), LIFETIME_FRESH);
    assert_int_equal(state_at(HOUR_S), LIFETIME_STALE);
    assert_int_equal(state_at(25 * HOUR_S - 1), LIFETIME_STALE);
    assert_int_equal(state_at(25 * HOUR_S), LIFETIME_OVER);
}

static void
the_times_are_told(void **state)
{
    struct lifetime lifetime =
        lifetime_of(FETCHED_S, FETCHED_S + HOUR_S, &usual, FETCHED_S + 10 * HOUR_S);

    (void)state;
    assert_int_equal(lifetime.due_s, FETCHED_S + HOUR_S / 2);
    assert_int_equal(lifetime.stale_s, FETCHED_S + HOUR_S);
    assert_int_equal(lifetime.over_s, FETCHED_S + 25 * HOUR_S);
}

static void
R72_a_limit_of_nothing_knows_no_stale_keys(void **state)
{
    struct lifetime_limits limits = usual;

    (void)state;
    limits.stale_limit_s = 0;
    assert_int_equal(lifetime_of(FETCHED_S, FETCHED_S + 5, &limits, FETCHED_S + 4).state,
                     LIFETIME_FRESH);
    assert_int_equal(lifetime_of(FETCHED_S, FETCHED_S + 5, &limits, FETCHED_S + 5).state,
                     LIFETIME_OVER);
}

/* What was stored under another configuration, or by hand. */
static void
E61_what_is_configured_bounds_what_is_stored(void **state)
{
    struct lifetime_limits limits = usual;

    (void)state;
    limits.max_age_s = 600;
    struct lifetime lifetime =
        lifetime_of(FETCHED_S, INT64_C(253402300799), &limits, FETCHED_S + 599);
    assert_int_equal(lifetime.state, LIFETIME_FRESH);
    assert_int_equal(lifetime.stale_s, FETCHED_S + 600);
    assert_int_equal(lifetime_of(FETCHED_S, INT64_C(253402300799), &limits, FETCHED_S + 600).state,
                     LIFETIME_STALE);
    assert_int_equal(lifetime_of(0, INT64_C(253402300799), &limits, FETCHED_S).state,
                     LIFETIME_OVER);
    /* fresh until before it was fetched: never was */
    assert_int_equal(lifetime_of(FETCHED_S, 5, &usual, FETCHED_S).state, LIFETIME_OVER);
}

static void
R63_keys_of_the_future_say_that_the_clock_went_back(void **state)
{
    (void)state;
    assert_int_equal(state_at(-60), LIFETIME_FRESH);
    assert_int_equal(state_at(-61), LIFETIME_OVER);
}

static void
R64_the_last_times_that_a_file_can_hold_do_not_overflow(void **state)
{
    struct lifetime_limits limits = {
        .max_age_s = 30 * 24 * HOUR_S, .stale_limit_s = 30 * 24 * HOUR_S, .clock_skew_s = 300};
    int64_t last_s = INT64_C(253402300799);
    struct lifetime lifetime = lifetime_of(last_s, last_s, &limits, last_s);

    (void)state;
    assert_int_equal(lifetime.state, LIFETIME_STALE);
    assert_int_equal(lifetime.over_s, last_s + limits.stale_limit_s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R72_fresh_stale_and_over_to_the_second),
        cmocka_unit_test(the_times_are_told),
        cmocka_unit_test(R72_a_limit_of_nothing_knows_no_stale_keys),
        cmocka_unit_test(E61_what_is_configured_bounds_what_is_stored),
        cmocka_unit_test(R63_keys_of_the_future_say_that_the_clock_went_back),
        cmocka_unit_test(R64_the_last_times_that_a_file_can_hold_do_not_overflow),
    };
    return cmocka_run_group_tests_name("lifetime", tests, NULL, NULL);
}

#include "support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* The clock as the test wants it; the archive's calls come here. -1: not to be read. */
static bool clock_is_ours;
static struct timespec wall;
static struct timespec monotonic;
static bool clock_broken;

int
clock_gettime(clockid_t id, struct timespec *now)
{
    if (!clock_is_ours) {
        return (int)syscall(SYS_clock_gettime, id, now);
    }
    if (clock_broken) {
        errno = EINVAL;
        return -1;
    }
    *now = id == CLOCK_REALTIME ? wall : monotonic;
    return 0;
}

/* DESIGN section 3: words that logs, tests and people depend on, and what each one comes to. */
static const struct {
    enum status status;
    const char *word;
    enum status_class class;
    enum status_outcome outcome;
    enum status_advice advice;
} frozen[] = {
    {ST_OK, "accepted", CLASS_OK, OUTCOME_ACCEPTED, ADVICE_NONE},
    {ST_MALFORMED, "malformed", CLASS_REFUSED, OUTCOME_DENIED, ADVICE_REFUSED},
    {ST_TRUNCATED, "truncated", CLASS_REFUSED, OUTCOME_DENIED, ADVICE_CUT},
    {ST_HEADER, "header", CLASS_REFUSED, OUTCOME_DENIED, ADVICE_REFUSED},
    {ST_ALG, "alg", CLASS_REFUSED, OUTCOME_DENIED, ADVICE_REFUSED},
    {ST_UNKNOWN_KEY, "unknown_key", CLASS_REFUSED, OUTCOME_DENIED, ADVICE_REFUSED},
    {ST_SIGNATURE, "signature", CLASS_REFUSED, OUTCOME_DENIED, ADVICE_REFUSED},
    {ST_ISSUER, "issuer", CLASS_REFUSED, OUTCOME_DENIED, ADVICE_REFUSED},
    {ST_AUDIENCE, "audience", CLASS_REFUSED, OUTCOME_DENIED, ADVICE_REFUSED},
    {ST_EXPIRED, "expired", CLASS_REFUSED, OUTCOME_DENIED, ADVICE_REFUSED},
    {ST_NOT_YET_VALID, "not_yet_valid", CLASS_REFUSED, OUTCOME_DENIED, ADVICE_REFUSED},
    {ST_TOO_OLD, "too_old", CLASS_REFUSED, OUTCOME_DENIED, ADVICE_REFUSED},
    {ST_TYPE, "type", CLASS_REFUSED, OUTCOME_DENIED, ADVICE_REFUSED},
    {ST_CLAIM, "claim", CLASS_REFUSED, OUTCOME_DENIED, ADVICE_REFUSED},
    {ST_ACCOUNT, "account", CLASS_REFUSED, OUTCOME_DENIED, ADVICE_IDENTITY},
    {ST_DENIED, "denied", CLASS_REFUSED, OUTCOME_DENIED, ADVICE_IDENTITY},
    {ST_REQUIREMENT, "requirement", CLASS_REFUSED, OUTCOME_DENIED, ADVICE_IDENTITY},
    {ST_REPLAYED, "replayed", CLASS_REFUSED, OUTCOME_DENIED, ADVICE_REFUSED},
    {ST_CANCELLED, "cancelled", CLASS_REFUSED, OUTCOME_DENIED, ADVICE_NOT_APPROVED},
    {ST_DEVICE_DENIED, "device_denied", CLASS_REFUSED, OUTCOME_DENIED, ADVICE_NOT_APPROVED},
    {ST_DEVICE_EXPIRED, "device_expired", CLASS_REFUSED, OUTCOME_DENIED, ADVICE_NOT_APPROVED},
    {ST_DEVICE_BLOCKED, "device_blocked", CLASS_REFUSED, OUTCOME_DENIED, ADVICE_BLOCKED},
    {ST_UNKNOWN_USER, "unknown_user", CLASS_REFUSED, OUTCOME_DENIED, ADVICE_IDENTITY},
    {ST_CONFIG, "config", CLASS_FAULT, OUTCOME_MISCONFIGURED, ADVICE_LATER},
    {ST_MEMORY, "memory", CLASS_FAULT, OUTCOME_NO_MEMORY, ADVICE_LATER},
    {ST_STORE, "store", CLASS_FAULT, OUTCOME_BROKEN, ADVICE_LATER},
    {ST_PROVIDER, "provider", CLASS_FAULT, OUTCOME_UNAVAILABLE, ADVICE_LATER},
    {ST_KEYS_UNAVAILABLE, "keys_unavailable", CLASS_FAULT, OUTCOME_UNAVAILABLE, ADVICE_LATER},
    {ST_CLOCK, "clock", CLASS_FAULT, OUTCOME_UNAVAILABLE, ADVICE_LATER},
    {ST_CONVERSATION, "conversation", CLASS_FAULT, OUTCOME_NO_CONVERSATION, ADVICE_LATER},
    {ST_INTERNAL, "internal", CLASS_FAULT, OUTCOME_BROKEN, ADVICE_LATER},
};

static void
R7_words_classes_and_outcomes_are_frozen(void **state)
{
    (void)state;
    assert_int_equal(COUNT(frozen), ST_COUNT);
    for (size_t i = 0; i < COUNT(frozen); i++) {
        assert_string_equal(status_word(frozen[i].status), frozen[i].word);
        assert_int_equal(status_class(frozen[i].status), frozen[i].class);
        assert_string_equal(status_verdict(frozen[i].status),
                            frozen[i].class == CLASS_OK        ? "accepted"
                            : frozen[i].class == CLASS_REFUSED ? "refused"
                                                               : "failed");
        assert_int_equal(status_outcome(frozen[i].status), frozen[i].outcome);
        assert_int_equal(status_advice(frozen[i].status), frozen[i].advice);
    }
}

static void
R1_only_zero_is_success_and_every_word_is_its_own(void **state)
{
    (void)state;
    assert_int_equal(ST_OK, 0);
    for (unsigned int i = 1; i < ST_COUNT; i++) {
        assert_int_not_equal(status_class((enum status)i), CLASS_OK);
        assert_int_not_equal(status_outcome((enum status)i), OUTCOME_ACCEPTED);
        for (unsigned int j = 0; j < i; j++) {
            assert_string_not_equal(status_word((enum status)i), status_word((enum status)j));
        }
    }
}

static void
R1_a_value_outside_the_enum_is_a_fault_of_ours(void **state)
{
    static const unsigned int values[] = {ST_COUNT, ST_COUNT + 1, 255, 0x7fffffff, 0xffffffff};

    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        /* Built from bytes: the sanitizer is right that no cast may make such a value. */
        enum status status;
        memcpy(&status, &values[i], sizeof(status));
        assert_string_equal(status_word(status), "internal");
        assert_string_equal(status_verdict(status), "failed");
        assert_int_equal(status_class(status), CLASS_FAULT);
        assert_int_equal(status_outcome(status), OUTCOME_BROKEN);
        assert_int_equal(status_advice(status), ADVICE_LATER);
    }
}

static void
a_sentence_is_written_and_the_status_handed_on(void **state)
{
    struct why why;

    (void)state;
    memset(&why, 'x', sizeof(why));
    assert_int_equal(status_because(&why, ST_AUDIENCE, "%s is %d", "aud", 5), ST_AUDIENCE);
    assert_string_equal(why.sentence, "aud is 5");
    assert_int_equal(status_because(NULL, ST_EXPIRED, "%s", "dropped"), ST_EXPIRED);
    assert_int_equal(status_because(&why, ST_OK, "%s", ""), ST_OK);
    assert_string_equal(why.sentence, "");
}

static void
a_sentence_too_long_is_cut_and_terminated(void **state)
{
    struct why why;

    (void)state;
    memset(&why, 'x', sizeof(why));
    assert_int_equal(status_because(&why, ST_CLAIM, "%0511d", 1), ST_CLAIM);
    assert_int_equal(strlen(why.sentence), 511);
    assert_int_equal(why.sentence[510], '1');
    assert_int_equal(status_because(&why, ST_CLAIM, "%09000d", 1), ST_CLAIM);
    assert_int_equal(strlen(why.sentence), 511);
    assert_int_equal(why.sentence[510], '0');
}

static int
use_our_clock(void **state)
{
    (void)state;
    clock_is_ours = true;
    clock_broken = false;
    return 0;
}

static int
use_the_real_clock(void **state)
{
    (void)state;
    clock_is_ours = false;
    return 0;
}

/* The moment that the archive was built for, which may be older than this file's: from its words.
 */
static int64_t
build_epoch(void)
{
    struct why why = {""};
    int64_t now_s;

    wall = (struct timespec){.tv_sec = 0};
    assert_int_equal(clock_wall_s(&why, &now_s), ST_CLOCK);
    const char *number = strstr(why.sentence, "built (");
    assert_non_null(number);
    return strtoll(number + strlen("built ("), NULL, 10);
}

static void
a_moment_has_both_clocks_and_the_name_of_its_boot(void **state)
{
    struct clock_moment now;
    struct why why = {""};
    char boot[CLOCK_BOOT_LENGTH + 2] = "";
    struct rlimit limit;
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

    (void)state;
    assert_non_null(file);
    assert_non_null(fgets(boot, sizeof(boot), file));
    assert_int_equal(fclose(file), 0);
    wall = (struct timespec){.tv_sec = build_epoch() + 5};
    monotonic = (struct timespec){.tv_sec = 77, .tv_nsec = 999999999};
    assert_int_equal(clock_moment_now(&why, &now), ST_OK);
    assert_int_equal(now.wall_s, wall.tv_sec);
    assert_int_equal(now.boot_s, 77);
    assert_int_equal(strlen(now.boot), CLOCK_BOOT_LENGTH);
    assert_memory_equal(now.boot, boot, CLOCK_BOOT_LENGTH);

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    enum status status = clock_moment_now(&why, &now);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(status, ST_CLOCK);
    assert_string_equal(why.sentence, "the name of this boot cannot be read from /proc; mount it");
    wall.tv_sec = 5;
    assert_int_equal(clock_moment_now(&why, &now), ST_CLOCK);
}

static void
R63_a_clock_before_the_build_is_a_fault(void **state)
{
    const int64_t epoch = build_epoch();
    const struct {
        int64_t now_s;
        enum status status;
    } rows[] = {
        {-1, ST_CLOCK},
        {0, ST_CLOCK},
        {epoch - 1, ST_CLOCK},
        {epoch, ST_OK},
        {epoch + 1, ST_OK},
        {(int64_t)1 << 31, ST_OK}, /* R64 */
        {(int64_t)1 << 40, ST_OK},
    };

    (void)state;
    assert_true(epoch > 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct why why = {""};
        int64_t now_s = -7;
        wall = (struct timespec){.tv_sec = rows[i].now_s, .tv_nsec = 999999999};
        assert_int_equal(clock_wall_s(&why, &now_s), rows[i].status);
        assert_int_equal(now_s, rows[i].status == ST_OK ? rows[i].now_s : -7);
        assert_int_equal(why.sentence[0] == '\0', rows[i].status == ST_OK);
    }
    assert_int_equal(clock_wall_s(NULL, &(int64_t){0}), ST_OK);
}

static void
a_clock_that_cannot_be_read_is_a_fault(void **state)
{
    struct why why = {""};
    int64_t now_s = -7;

    (void)state;
    wall = (struct timespec){.tv_sec = (int64_t)1 << 40};
    clock_broken = true;
    assert_int_equal(clock_wall_s(&why, &now_s), ST_CLOCK);
    assert_int_equal(now_s, -7);
    assert_string_not_equal(why.sentence, "");
}

static void
milliseconds_are_of_the_monotonic_clock_and_64_bits_wide(void **state)
{
    (void)state;
    wall = (struct timespec){.tv_sec = 1, .tv_nsec = 1};
    monotonic = (struct timespec){.tv_sec = 5, .tv_nsec = 999999999};
    assert_int_equal(clock_ms(), 5999);
    monotonic = (struct timespec){.tv_sec = 3000000000, .tv_nsec = 1000000};
    assert_true(clock_ms() == 3000000000001);
}

static void
the_real_clocks_run(void **state)
{
    int64_t before = clock_ms();
    int64_t now_s = 0;

    (void)state;
    assert_int_equal(clock_wall_s(NULL, &now_s), ST_OK);
    assert_true(now_s > 0);
    assert_true(clock_ms() >= before);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R7_words_classes_and_outcomes_are_frozen),
        cmocka_unit_test(R1_only_zero_is_success_and_every_word_is_its_own),
        cmocka_unit_test(R1_a_value_outside_the_enum_is_a_fault_of_ours),
        cmocka_unit_test(a_sentence_is_written_and_the_status_handed_on),
        cmocka_unit_test(a_sentence_too_long_is_cut_and_terminated),
        cmocka_unit_test_setup_teardown(R63_a_clock_before_the_build_is_a_fault, use_our_clock,
                                        use_the_real_clock),
        cmocka_unit_test_setup_teardown(a_moment_has_both_clocks_and_the_name_of_its_boot,
                                        use_our_clock, use_the_real_clock),
        cmocka_unit_test_setup_teardown(a_clock_that_cannot_be_read_is_a_fault, use_our_clock,
                                        use_the_real_clock),
        cmocka_unit_test_setup_teardown(milliseconds_are_of_the_monotonic_clock_and_64_bits_wide,
                                        use_our_clock, use_the_real_clock),
        cmocka_unit_test(the_real_clocks_run),
    };

    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}

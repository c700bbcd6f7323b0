/*
 * login/device/interrupt: waits as long as it is told to, is not shortened by a host's own signals,
 * ends soon when the program is to end, and leaves the program's signals as they were (R9, R90,
 * R103, E53, E59).
 */
#include "support.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "login/device/interrupt.h"

static volatile sig_atomic_t caught;

static void
take(int number)
{
    caught = number;
}

/* Sends the signal to this process after a tenth of a second. */
static pid_t
send_soon(int number)
{
    pid_t target = getpid();
    pid_t child = fork();

    if (child == 0) {
        (void)usleep(100000);
        (void)kill(target, number);
        _exit(0);
    }
    return child;
}

/* Waits for up to `most_ms` while the signal comes; `*ret_ms` is how long it took. */
static enum status
wait_with(int number, int64_t most_ms, int64_t *ret_ms)
{
    struct why why = {""};
    pid_t child = send_soon(number);
    int64_t began_ms = clock_ms();
    sigset_t before;
    sigset_t after;

    /* A sigset_t has more bytes than the kernel has signals. */
    memset(&before, 0, sizeof(before));
    memset(&after, 0, sizeof(after));
    assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &before), 0);
    enum status status = interrupt_wait(began_ms + most_ms, &why);
    *ret_ms = clock_ms() - began_ms;
    assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &after), 0);
    assert_memory_equal(&before, &after, sizeof(before));
    while (waitpid(child, NULL, 0) < 0) {
    }
    return status;
}

static void
it_waits_as_long_as_it_is_told_to(void **state)
{
    struct why why = {""};
    int64_t began_ms = clock_ms();

    (void)state;
    assert_int_equal(interrupt_wait(began_ms + 600, &why), ST_OK);
    assert_in_range(clock_ms() - began_ms, 600, 5000);
    assert_int_equal(interrupt_wait(began_ms, &why), ST_OK);
}

static void
R90_E53_a_program_that_is_told_to_end_gets_an_answer_and_its_signal(void **state)
{
    static const int numbers[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    int64_t took_ms = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        assert_true(signal(numbers[i], take) != SIG_ERR);
        caught = 0;
        assert_int_equal(wait_with(numbers[i], 20000, &took_ms), ST_CANCELLED);
        assert_in_range(took_ms, 0, 10000);
        assert_int_equal(caught, numbers[i]);
        assert_true(signal(numbers[i], SIG_DFL) == take);
    }
}

/* sudo, while PAM is at work. */
static void
R90_E53_a_signal_that_is_blocked_is_seen_and_stays_where_it_is(void **state)
{
    int64_t took_ms = 0;
    sigset_t keyboard;
    sigset_t pending;

    (void)state;
    assert_true(signal(SIGINT, take) != SIG_ERR);
    assert_int_equal(sigemptyset(&keyboard), 0);
    assert_int_equal(sigaddset(&keyboard, SIGINT), 0);
    assert_int_equal(sigprocmask(SIG_BLOCK, &keyboard, NULL), 0);
    caught = 0;
    assert_int_equal(wait_with(SIGINT, 20000, &took_ms), ST_CANCELLED);
    assert_in_range(took_ms, 0, 10000);
    assert_int_equal(caught, 0);
    assert_int_equal(sigpending(&pending), 0);
    assert_int_equal(sigismember(&pending, SIGINT), 1);
    assert_int_equal(sigprocmask(SIG_UNBLOCK, &keyboard, NULL), 0);
    assert_int_equal(caught, SIGINT);
    assert_true(signal(SIGINT, SIG_DFL) == take);
}

static void
R103_what_the_program_ignores_or_does_not_end_of_changes_nothing(void **state)
{
    static const struct {
        int number;
        void (*handler)(int);
    } cases[] = {{SIGHUP, SIG_IGN}, {SIGINT, SIG_IGN}, {SIGUSR1, take}, {SIGWINCH, SIG_DFL}};
    int64_t took_ms = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(signal(cases[i].number, cases[i].handler) != SIG_ERR);
        assert_int_equal(wait_with(cases[i].number, 500, &took_ms), ST_OK);
        assert_in_range(took_ms, 500, 15000);
        assert_true(signal(cases[i].number, SIG_DFL) != SIG_ERR);
    }
}

static void
E59_an_alarm_every_ten_milliseconds_shortens_nothing(void **state)
{
    const struct itimerval often = {.it_interval = {.tv_usec = 10000},
                                    .it_value = {.tv_usec = 10000}};
    const struct itimerval never = {.it_value = {.tv_usec = 0}};
    struct why why = {""};
    int64_t began_ms = clock_ms();

    (void)state;
    assert_true(signal(SIGALRM, take) != SIG_ERR);
    assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
    assert_int_equal(interrupt_wait(began_ms + 500, &why), ST_OK);
    assert_in_range(clock_ms() - began_ms, 500, 5000);
    assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
    assert_true(signal(SIGALRM, SIG_DFL) == take);
}

/* A program that would die of it dies: nothing of ours keeps it alive. */
static void
R90_a_program_that_dies_of_it_dies(void **state)
{
    int status = 0;
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        struct why why = {""};
        _exit(interrupt_wait(clock_ms() + 20000, &why) == ST_OK ? 7 : 8);
    }
    (void)usleep(100000);
    assert_int_equal(kill(child, SIGTERM), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_waits_as_long_as_it_is_told_to),
        cmocka_unit_test(R90_E53_a_program_that_is_told_to_end_gets_an_answer_and_its_signal),
        cmocka_unit_test(R90_E53_a_signal_that_is_blocked_is_seen_and_stays_where_it_is),
        cmocka_unit_test(R103_what_the_program_ignores_or_does_not_end_of_changes_nothing),
        cmocka_unit_test(E59_an_alarm_every_ten_milliseconds_shortens_nothing),
        cmocka_unit_test(R90_a_program_that_dies_of_it_dies),
    };

    return cmocka_run_group_tests_name("interrupt", tests, NULL, NULL);
}

/*
 * A line from a terminal: a real one, whose other side is ours.
 */
#include "support.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "base/tty.h"

static bool
shows(int fd)
{
    struct termios settings;

    assert_int_equal(tcgetattr(fd, &settings), 0);
    return (settings.c_lflag & (tcflag_t)ECHO) != 0;
}

/* Waits until the terminal shows what is typed, or no longer does: then somebody reads it. */
static void
wait_until(int fd, bool shown)
{
    for (int i = 0; i < 1000 && shows(fd) != shown; i++) {
        (void)usleep(10000);
    }
    assert_int_equal(shows(fd), shown);
}

/* A child that reads a line, and exits with 0 if it is "yes", else with its status. */
static pid_t
reader(int fd, enum status (*read_it)(int, struct why *, struct buf *))
{
    (void)fflush(NULL);
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        struct buf answer CLEANUP(buf_done) = BUF(8);
        struct why why = {""};
        enum status status = read_it(fd, &why, &answer);
        /* Not _exit: what was reached of the house is written down at the end (make coverage). */
        exit(status == ST_OK ? (span_is(buf_span(&answer), "yes") ? 0 : 99) : (int)status);
    }
    return pid;
}

static int
end_of(pid_t pid)
{
    int status = 0;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

struct pair {
    int ours;
    int theirs;
};

static struct pair
pair_open(void)
{
    struct pair pair;

    assert_int_equal(openpty(&pair.ours, &pair.theirs, NULL, NULL, NULL), 0);
    return pair;
}

static void
pair_close(struct pair *pair)
{
    assert_int_equal(close(pair->ours), 0);
    assert_int_equal(close(pair->theirs), 0);
}

static void
a_hidden_line_is_read_and_the_terminal_is_as_before(void **state)
{
    struct pair pair = pair_open();
    char shown[16] = "";

    (void)state;
    pid_t pid = reader(pair.theirs, tty_read_hidden);
    wait_until(pair.theirs, false);
    assert_true(file_write_all(pair.ours, span_of("yes\n")));
    assert_int_equal(end_of(pid), 0);
    assert_true(shows(pair.theirs));
    ssize_t got = read(pair.ours, shown, sizeof(shown) - 1);
    assert_int_equal(got, 2); /* the line end, and nothing of the line */
    assert_string_equal(shown, "\r\n");
    pair_close(&pair);
}

static void
a_shown_line_is_read(void **state)
{
    struct pair pair = pair_open();

    (void)state;
    assert_true(file_write_all(pair.ours, span_of("no")));
    pid_t pid = reader(pair.theirs, tty_read_shown);
    (void)usleep(100000); /* what was typed before is thrown away */
    assert_true(file_write_all(pair.ours, span_of("\b\b\025yes\n")));
    assert_int_equal(end_of(pid), 0);
    pair_close(&pair);
}

static void
an_end_of_input_and_a_line_too_long_are_no_answer(void **state)
{
    static const char *const typed[] = {"\004", "123456789\n"};

    (void)state;
    for (size_t i = 0; i < COUNT(typed); i++) {
        struct pair pair = pair_open();
        pid_t pid = reader(pair.theirs, tty_read_hidden);
        wait_until(pair.theirs, false);
        assert_true(file_write_all(pair.ours, span_of(typed[i])));
        int status = end_of(pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), ST_CONVERSATION);
        assert_true(shows(pair.theirs));
        pair_close(&pair);
    }
}

static void
a_signal_ends_the_program_with_the_terminal_as_before(void **state)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

    (void)state;
    for (size_t i = 0; i < COUNT(signals); i++) {
        struct pair pair = pair_open();
        /* Whoever started the tests in the background had the shell ignore two of them. */
        assert_true(signal(signals[i], SIG_DFL) != SIG_ERR);
        pid_t pid = reader(pair.theirs, tty_read_hidden);
        wait_until(pair.theirs, false);
        assert_int_equal(kill(pid, signals[i]), 0);
        int status = end_of(pid);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), signals[i]);
        assert_true(shows(pair.theirs));
        pair_close(&pair);
    }
}

static void
what_is_no_terminal_is_not_asked(void **state)
{
    struct buf answer CLEANUP(buf_done) = BUF(8);
    struct why why = {""};
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

    (void)state;
    assert_int_equal(tty_read_hidden(fd, &why, &answer), ST_CONVERSATION);
    assert_int_equal(tty_read_shown(fd, &why, &answer), ST_CONVERSATION);
    assert_int_equal(close(fd), 0);
    assert_false(file_write_all(fd, span_of("x")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hidden_line_is_read_and_the_terminal_is_as_before),
        cmocka_unit_test(a_shown_line_is_read),
        cmocka_unit_test(an_end_of_input_and_a_line_too_long_are_no_answer),
        cmocka_unit_test(a_signal_ends_the_program_with_the_terminal_as_before),
        cmocka_unit_test(what_is_no_terminal_is_not_asked),
    };

    return cmocka_run_group_tests_name("tty", tests, NULL, NULL);
}

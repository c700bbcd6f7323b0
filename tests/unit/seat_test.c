/*
 * store/seat: so many device flows for the host and for an account, whoever they are, and a seat
 * that is free again when its process is gone (R89, R75). Real processes.
 */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/seat.h"

#define FILE_NAME "device.flows"
#define FOR_ALL 5
#define FOR_ACCOUNT 3

struct fixture {
    char *directory;
    char *run;
};

static int
setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    assert_non_null(fixture);
    fixture->directory = support_directory();
    fixture->run = support_text("%s/run", fixture->directory);
    *state = fixture;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;

    support_remove(fixture->directory);
    free(fixture->run);
    free(fixture);
    return 0;
}

static struct seat_wish
wish_of(const struct fixture *fixture, const char *account)
{
    return (struct seat_wish){
        .directory = fixture->run,
        .owner = geteuid(),
        .account = account,
        .now_ms = clock_ms(),
        .until_ms = clock_ms() + 60000,
        .for_all = FOR_ALL,
        .for_account = FOR_ACCOUNT,
    };
}

static enum status
take(const struct fixture *fixture, const char *account, struct seat *seat)
{
    struct seat_wish wish = wish_of(fixture, account);
    struct why why = {""};

    enum status status = seat_take(&wish, &why, seat);
    assert_int_equal(status == ST_OK, why.sentence[0] == '\0');
    assert_int_equal(status == ST_OK, seat->fd >= 0);
    return status;
}

/* A process that sits there, until it is killed. */
static pid_t
sitter(const struct fixture *fixture, const char *account)
{
    int ready[2];
    char answer = 0;

    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct seat_wish wish = wish_of(fixture, account);
        struct seat seat = SEAT;
        answer = seat_take(&wish, /* why: */ NULL, &seat) == ST_OK ? 'y' : 'n';
        (void)!write(ready[1], &answer, 1);
        for (;;) {
            (void)pause();
        }
    }
    assert_int_equal(read(ready[0], &answer, 1), 1);
    assert_int_equal(answer, 'y');
    (void)close(ready[0]);
    (void)close(ready[1]);
    return pid;
}

static void
end(pid_t pid)
{
    int status;

    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void
an_account_has_so_many_seats_and_the_host_more_R89(void **state)
{
    struct fixture *fixture = *state;
    struct seat seats[FOR_ALL + 1];

    for (size_t i = 0; i < COUNT(seats); i++) {
        seats[i] = (struct seat)SEAT;
    }
    for (size_t i = 0; i < FOR_ACCOUNT; i++) {
        assert_int_equal(take(fixture, "alice", &seats[i]), ST_OK);
    }
    assert_int_equal(take(fixture, "alice", &seats[FOR_ALL]), ST_PROVIDER);
    for (size_t i = FOR_ACCOUNT; i < FOR_ALL; i++) {
        assert_int_equal(take(fixture, "Alice", &seats[i]), ST_OK);
    }
    assert_int_equal(take(fixture, "bob", &seats[FOR_ALL]), ST_PROVIDER);
    /* Whichever is given back is the one that is free. */
    seat_done(&seats[1]);
    assert_int_equal(seats[1].fd, -1);
    assert_int_equal(take(fixture, "alice", &seats[1]), ST_OK);
    assert_int_equal(take(fixture, "alice", &seats[FOR_ALL]), ST_PROVIDER);
    seat_done(&seats[4]);
    assert_int_equal(take(fixture, "bob", &seats[4]), ST_OK);
    for (size_t i = 0; i < COUNT(seats); i++) {
        seat_done(&seats[i]);
        seat_done(&seats[i]);
    }
    assert_int_equal(take(fixture, "alice", &seats[0]), ST_OK);
    seat_done(&seats[0]);
}

static void
the_reason_says_which_limit_it_was(void **state)
{
    struct fixture *fixture = *state;
    struct seat_wish wish = wish_of(fixture, "alice");
    struct seat seats[3] = {SEAT, SEAT, SEAT};
    struct why why = {""};

    wish.for_account = 1;
    wish.for_all = 2;
    assert_int_equal(seat_take(&wish, &why, &seats[0]), ST_OK);
    assert_int_equal(seat_take(&wish, &why, &seats[1]), ST_PROVIDER);
    assert_string_equal(why.sentence, "1 device flows wait for this account already "
                                      "(device_limit_per_account)");
    wish.account = "bob";
    assert_int_equal(seat_take(&wish, &why, &seats[1]), ST_OK);
    wish.account = "carol";
    assert_int_equal(seat_take(&wish, &why, &seats[2]), ST_PROVIDER);
    assert_string_equal(why.sentence, "2 device flows wait on this host already (device_limit)");
    /* A service with a higher limit has a seat left. */
    wish.for_all = 3;
    assert_int_equal(seat_take(&wish, &why, &seats[2]), ST_OK);
    for (size_t i = 0; i < COUNT(seats); i++) {
        seat_done(&seats[i]);
    }
}

static void
a_killed_process_leaves_its_seat_R89_E53(void **state)
{
    struct fixture *fixture = *state;
    struct seat seat = SEAT;
    pid_t pids[FOR_ACCOUNT];

    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT(pids); i++) {
            pids[i] = sitter(fixture, "alice");
        }
        assert_int_equal(take(fixture, "alice", &seat), ST_PROVIDER);
        end(pids[round]);
        assert_int_equal(take(fixture, "alice", &seat), ST_OK);
        seat_done(&seat);
        for (size_t i = 0; i < COUNT(pids); i++) {
            if (i != (size_t)round) {
                end(pids[i]);
            }
        }
    }
}

/* sshd and others fork while a sign-in is under way. */
static void
a_child_that_has_the_descriptor_does_not_keep_the_seat(void **state)
{
    struct fixture *fixture = *state;
    struct seat_wish wish = wish_of(fixture, "alice");
    struct seat seat = SEAT;
    struct seat next = SEAT;

    wish.for_all = 1;
    assert_int_equal(seat_take(&wish, /* why: */ NULL, &seat), ST_OK);
    assert_int_not_equal(fcntl(seat.fd, F_GETFD) & FD_CLOEXEC, 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)pause();
        _exit(0);
    }
    assert_int_equal(seat_take(&wish, /* why: */ NULL, &next), ST_PROVIDER);
    seat_done(&seat);
    assert_int_equal(seat_take(&wish, /* why: */ NULL, &next), ST_OK);
    seat_done(&next);
    end(pid);
}

static void
of_many_at_once_so_many_get_one_as_there_are_seats_R89_E54(void **state)
{
    struct fixture *fixture = *state;
    enum { CROWD = 40 };
    pid_t pids[CROWD];
    int ready[2];
    int go[2];
    int taken = 0;

    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(go), 0);
    for (size_t i = 0; i < CROWD; i++) {
        char account[16];
        (void)snprintf(account, sizeof(account), "user%zu", i % 2);
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0) {
            struct seat seat = SEAT;
            char byte;
            (void)close(go[1]);
            (void)!read(go[0], &byte, 1); /* all of them go on when it is closed */
            struct seat_wish wish = wish_of(fixture, account);
            byte = seat_take(&wish, /* why: */ NULL, &seat) == ST_OK ? (char)('0' + i % 2) : 'n';
            (void)!write(ready[1], &byte, 1);
            for (;;) {
                (void)pause();
            }
        }
    }
    (void)close(go[0]);
    (void)close(go[1]);
    int of_account[2] = {0, 0};
    for (size_t i = 0; i < CROWD; i++) {
        char byte = 0;
        assert_int_equal(read(ready[0], &byte, 1), 1);
        if (byte != 'n') {
            of_account[byte - '0']++;
            taken++;
        }
    }
    (void)close(ready[0]);
    (void)close(ready[1]);
    assert_int_equal(taken, FOR_ALL);
    assert_true(of_account[0] <= FOR_ACCOUNT && of_account[1] <= FOR_ACCOUNT);
    for (size_t i = 0; i < CROWD; i++) {
        end(pids[i]);
    }
}

static void
who_stays_beyond_the_time_keeps_nobody_out_R75(void **state)
{
    struct fixture *fixture = *state;
    struct seat_wish wish = wish_of(fixture, "alice");
    struct seat stopped[FOR_ACCOUNT] = {SEAT, SEAT, SEAT};
    struct seat seats[FOR_ACCOUNT] = {SEAT, SEAT, SEAT};
    struct seat one_more = SEAT;

    for (size_t i = 0; i < FOR_ACCOUNT; i++) {
        assert_int_equal(seat_take(&wish, /* why: */ NULL, &stopped[i]), ST_OK);
    }
    wish.now_ms = wish.until_ms;
    assert_int_equal(seat_take(&wish, /* why: */ NULL, &one_more), ST_PROVIDER);
    wish.now_ms = wish.until_ms + 1;
    wish.until_ms += 60000;
    for (size_t i = 0; i < FOR_ACCOUNT; i++) {
        assert_int_equal(seat_take(&wish, /* why: */ NULL, &seats[i]), ST_OK);
    }
    assert_int_equal(seat_take(&wish, /* why: */ NULL, &one_more), ST_PROVIDER);
    for (size_t i = 0; i < FOR_ACCOUNT; i++) {
        seat_done(&stopped[i]);
        seat_done(&seats[i]);
    }
}

/* Whoever runs su can stop it anywhere, also where others wait for it. */
static void
a_process_that_is_stopped_at_the_door_costs_a_second_R75(void **state)
{
    struct fixture *fixture = *state;
    struct seat seat = SEAT;
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)1 << 40, .l_len = 1};

    assert_int_equal(take(fixture, "alice", &seat), ST_OK);
    seat_done(&seat);
    char *path = support_text("%s/" FILE_NAME, fixture->run);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
    int64_t began_ms = clock_ms();
    assert_int_equal(take(fixture, "alice", &seat), ST_OK);
    int64_t took_ms = clock_ms() - began_ms;
    assert_true(took_ms >= 900 && took_ms < 10000);
    seat_done(&seat);
    (void)close(fd);
    free(path);
}

static void
what_stands_in_the_file_keeps_nobody_out_by_itself(void **state)
{
    static const char *const texts[] = {"x", "", "\n", " 5\n", "\xff\xff\xff"};
    struct fixture *fixture = *state;
    struct seat seat = SEAT;

    assert_int_equal(take(fixture, "alice", &seat), ST_OK);
    seat_done(&seat);
    for (size_t i = 0; i < COUNT(texts); i++) {
        char *text = calloc(1, 96 * 10 + 1);
        assert_non_null(text);
        for (size_t at = 0; at < (size_t)96 * 10; at++) {
            text[at] = texts[i][0] == '\0' ? 'x' : texts[i][at % strlen(texts[i])];
        }
        support_write_mode(fixture->run, FILE_NAME, text, 0600);
        assert_int_equal(take(fixture, "alice", &seat), ST_OK);
        seat_done(&seat);
        free(text);
    }
}

/* A damaged record of somebody who sits there counts for the host, and for no account. */
static void
a_damaged_record_is_somebody(void **state)
{
    struct fixture *fixture = *state;
    struct seat_wish wish = wish_of(fixture, "alice");
    struct seat seats[2] = {SEAT, SEAT};

    wish.for_account = 1;
    wish.for_all = 1;
    assert_int_equal(seat_take(&wish, /* why: */ NULL, &seats[0]), ST_OK);
    assert_int_equal(pwrite(seats[0].fd, "garbage", 7, seats[0].at), 7);
    assert_int_equal(seat_take(&wish, /* why: */ NULL, &seats[1]), ST_PROVIDER);
    wish.for_all = 2;
    assert_int_equal(seat_take(&wish, /* why: */ NULL, &seats[1]), ST_OK);
    seat_done(&seats[0]);
    seat_done(&seats[1]);
}

static void
no_place_to_count_is_told_from_no_seat_R76_E62(void **state)
{
    struct fixture *fixture = *state;
    struct seat seat = SEAT;
    char *file = support_text("%s/" FILE_NAME, fixture->run);
    char *other = support_text("%s/other", fixture->run);

    assert_int_equal(mkdir(fixture->run, 0777), 0);
    assert_int_equal(chmod(fixture->run, 0777), 0);
    assert_int_equal(take(fixture, "alice", &seat), ST_STORE);
    assert_int_equal(chmod(fixture->run, 0711), 0);
    assert_int_equal(symlink("/dev/null", file), 0);
    assert_int_equal(take(fixture, "alice", &seat), ST_STORE);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(mkfifo(file, 0600), 0);
    assert_int_equal(take(fixture, "alice", &seat), ST_STORE);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(mkdir(file, 0700), 0);
    assert_int_equal(take(fixture, "alice", &seat), ST_STORE);
    assert_int_equal(rmdir(file), 0);
    support_write_mode(fixture->run, "other", "", 0600);
    assert_int_equal(link(other, file), 0);
    assert_int_equal(take(fixture, "alice", &seat), ST_STORE);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(take(fixture, "alice", &seat), ST_OK);
    seat_done(&seat);
    free(file);
    free(other);
}

static void
a_limit_on_files_is_no_signal_R108_E58(void **state)
{
    struct fixture *fixture = *state;
    int status;

    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};
        struct seat_wish wish = wish_of(fixture, "alice");
        struct seat seat = SEAT;
        bool good = setrlimit(RLIMIT_FSIZE, &none) == 0 &&
                    seat_take(&wish, /* why: */ NULL, &seat) == ST_STORE && seat.fd == -1;
        _exit(good ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_account_has_so_many_seats_and_the_host_more_R89),
        TEST(the_reason_says_which_limit_it_was),
        TEST(a_killed_process_leaves_its_seat_R89_E53),
        TEST(a_child_that_has_the_descriptor_does_not_keep_the_seat),
        TEST(of_many_at_once_so_many_get_one_as_there_are_seats_R89_E54),
        TEST(who_stays_beyond_the_time_keeps_nobody_out_R75),
        TEST(a_process_that_is_stopped_at_the_door_costs_a_second_R75),
        TEST(what_stands_in_the_file_keeps_nobody_out_by_itself),
        TEST(a_damaged_record_is_somebody),
        TEST(no_place_to_count_is_told_from_no_seat_R76_E62),
        TEST(a_limit_on_files_is_no_signal_R108_E58),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

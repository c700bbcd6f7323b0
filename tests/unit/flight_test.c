/*
 * One process asks, the others wait (store/flight.h): with real processes, some of which die or are
 * stopped in the middle.
 */
#include "support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "store/flight.h"

#define ISSUER "https://sso.example.org/realms/corp"
#define NOW_S INT64_C(1900000000)

static int
set_up(void **state)
{
    *state = support_directory();
    return 0;
}

static int
tear_down(void **state)
{
    support_remove(*state);
    return 0;
}

static void
open_it(const char *directory, struct flight *flight)
{
    struct why why = {""};

    assert_int_equal(flight_open(directory, 0, ISSUER, &why, flight), ST_OK);
}

static char *
path_in(const char *directory)
{
    struct buf name CLEANUP(buf_done) = BUF(PLACE_NAME_MAX);

    assert_int_equal(place_name(ISSUER, ".refresh", &name), ST_OK);
    return support_text("%s/%s", directory, buf_text(&name));
}

/* What a login gets that has keys and meets an unknown one. */
static enum status
force_at(const char *directory, int64_t now_s)
{
    struct flight flight CLEANUP(flight_done) = FLIGHT;
    struct why why = {""};

    if (flight_open(directory, 0, ISSUER, &why, &flight) != ST_OK ||
        flight_take(&flight, now_s) != FLIGHT_OURS) {
        return ST_PROVIDER;
    }
    enum status status = flight_begin_forced(&flight, now_s, &why);
    assert_int_equal(status != ST_OK, why.sentence[0] != '\0');
    flight_land(&flight, FLIGHT_FAILED, "whatever");
    return status;
}

static enum flight_turn
call_at(const char *directory, int64_t now_s)
{
    struct flight flight CLEANUP(flight_done) = FLIGHT;

    open_it(directory, &flight);
    return flight_call(&flight, now_s);
}

/* ---- once a minute ------------------------------------------------------------------------- */

static void
R70_forced_once_a_minute_also_after_a_failure(void **state)
{
    assert_int_equal(force_at(*state, NOW_S), ST_OK);
    assert_int_equal(force_at(*state, NOW_S), ST_STORE);
    assert_int_equal(force_at(*state, NOW_S + 59), ST_STORE);
    assert_int_equal(force_at(*state, NOW_S + 60), ST_OK);
    assert_int_equal(force_at(*state, NOW_S + 61), ST_STORE);
    /* the clock went back: the stamp lies in the future and means nothing */
    assert_int_equal(force_at(*state, NOW_S - 5000), ST_OK);
}

static void
R70_a_first_fetch_does_not_use_up_the_minute(void **state)
{
    struct flight flight CLEANUP(flight_done) = FLIGHT;

    open_it(*state, &flight);
    assert_int_equal(flight_take(&flight, NOW_S), FLIGHT_OURS);
    assert_true(flight_begin(&flight, NOW_S));
    flight_land(&flight, FLIGHT_STORED, NULL);
    assert_int_equal(force_at(*state, NOW_S + 1), ST_OK);
}

static void
begin_at(const char *directory, int64_t now_s)
{
    struct flight flight CLEANUP(flight_done) = FLIGHT;

    open_it(directory, &flight);
    assert_int_equal(flight_take(&flight, now_s), FLIGHT_OURS);
    assert_true(flight_begin(&flight, now_s));
    flight_land(&flight, FLIGHT_FAILED, "whatever");
}

static void
R72_a_refresh_is_called_for_once_a_minute(void **state)
{
    assert_int_equal(call_at(*state, NOW_S), FLIGHT_OURS);
    begin_at(*state, NOW_S + 1);
    assert_int_equal(call_at(*state, NOW_S + 59), FLIGHT_TAKEN);
    assert_int_equal(call_at(*state, NOW_S + 60), FLIGHT_OURS);
    begin_at(*state, NOW_S + 60);
    /* and is another matter than a forced one */
    assert_int_equal(force_at(*state, NOW_S + 61), ST_OK);
    assert_int_equal(call_at(*state, NOW_S + 62), FLIGHT_TAKEN);
}

/* Somebody ends it before it can begin; but not each time for a minute. */
static void
R72_who_does_not_come_is_called_again(void **state)
{
    assert_int_equal(call_at(*state, NOW_S), FLIGHT_OURS);
    assert_int_equal(call_at(*state, NOW_S + 4), FLIGHT_TAKEN);
    assert_int_equal(call_at(*state, NOW_S + 5), FLIGHT_OURS);
}

static void
R70_a_place_that_cannot_be_written_grants_nothing(void **state)
{
    struct flight flight CLEANUP(flight_done) = FLIGHT;
    struct why why = {""};

    (void)state;
    assert_int_equal(flight_open("/nonexistent/run", 0, ISSUER, &why, &flight), ST_STORE);
    assert_non_null(strstr(why.sentence, "/nonexistent/run"));
}

static void
R70_R108_a_limit_on_files_grants_nothing(void **state)
{
    struct rlimit before;
    struct rlimit none;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    enum status status = force_at(*state, NOW_S);
    enum flight_turn turn = call_at(*state, NOW_S);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(turn, FLIGHT_LOST);
    assert_int_equal(status, ST_STORE);
    assert_int_equal(force_at(*state, NOW_S), ST_OK);
}

static void
R70_a_damaged_file_counts_as_asked_just_now_and_heals(void **state)
{
    static const char *const damages[] = {"x", "pam_oauth flight 1\nnumber 1\n",
                                          "pam_oauth flight 2\n"};
    char *path = path_in(*state);

    for (size_t i = 0; i < COUNT(damages); i++) {
        int64_t now_s = NOW_S + 1000 * (int64_t)i;
        support_write_mode(*state, strrchr(path, '/') + 1, damages[i], 0600);
        assert_int_equal(force_at(*state, now_s), ST_STORE);
        assert_int_equal(force_at(*state, now_s + 59), ST_STORE);
        assert_int_equal(force_at(*state, now_s + 60), ST_OK);
    }
    free(path);
}

static void
R74_odd_things_in_its_place_grant_nothing(void **state)
{
    struct stat status;
    char *path = path_in(*state);

    assert_int_equal(mkdir(path, 0755), 0);
    assert_int_equal(force_at(*state, NOW_S), ST_PROVIDER);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(force_at(*state, NOW_S), ST_PROVIDER);
    assert_int_equal(unlink(path), 0);
    support_write(*state, "target", "untouched");
    assert_int_equal(symlink("target", path), 0);
    assert_int_equal(force_at(*state, NOW_S), ST_PROVIDER);
    char *target = support_text("%s/target", (const char *)*state);
    assert_int_equal(stat(target, &status), 0);
    assert_int_equal(status.st_size, 9);
    free(target);
    free(path);
}

/* ---- processes ----------------------------------------------------------------------------- */

/* What one process of a test tells the others. */
struct shared {
    volatile int flights;
    volatile int ready;
    volatile int go;
};

static struct shared *
share(void)
{
    struct shared *shared =
        mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    assert_true(shared != MAP_FAILED);
    return shared;
}

static void
sleep_ms(int ms)
{
    (void)usleep((useconds_t)ms * 1000);
}

/*
 * A process that begins a flight and then lands, dies or hangs. It tells when it is in the air, and
 * goes on when it is told to.
 */
static pid_t
fly(const char *directory, struct shared *shared, void (*then)(struct flight *))
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        struct flight flight = FLIGHT;
        struct why why = {""};
        int64_t now_s = 0;
        if (flight_open(directory, 0, ISSUER, &why, &flight) != ST_OK ||
            clock_wall_s(&why, &now_s) != ST_OK || flight_take(&flight, now_s) != FLIGHT_OURS ||
            !flight_begin(&flight, now_s)) {
            _exit(1);
        }
        shared->ready = 1;
        while (shared->go == 0) {
            sleep_ms(1);
        }
        then(&flight);
        _exit(0);
    }
    while (shared->ready == 0) {
        sleep_ms(1);
    }
    return pid;
}

static void
land_stored(struct flight *flight)
{
    sleep_ms(200);
    flight_land(flight, FLIGHT_STORED, NULL);
}

static void
land_unstored(struct flight *flight)
{
    sleep_ms(200);
    flight_land(flight, FLIGHT_UNSTORED, NULL);
}

static void
land_failed(struct flight *flight)
{
    sleep_ms(200);
    flight_land(flight, FLIGHT_FAILED, "HTTP status 503\nend stored \x1b[2J");
}

static void
die(struct flight *flight)
{
    (void)flight;
    sleep_ms(200);
    (void)raise(SIGKILL);
}

static void
hang(struct flight *flight)
{
    (void)flight;
    for (;;) {
        (void)pause();
    }
}

static enum flight_news
wait_for(const char *directory, void (*then)(struct flight *), struct flight *flight)
{
    struct shared *shared = share();
    int status = 0;
    pid_t pid = fly(directory, shared, then);

    open_it(directory, flight);
    assert_int_equal(flight_take(flight, NOW_S), FLIGHT_TAKEN);
    shared->go = 1;
    enum flight_news news = flight_wait(flight, NOW_S, clock_ms() + 5000);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(flight_take(flight, NOW_S), FLIGHT_OURS);
    (void)munmap(shared, sizeof(*shared));
    return news;
}

static void
R123_who_waits_learns_how_it_ended(void **state)
{
    struct flight flight CLEANUP(flight_done) = FLIGHT;
    struct flight second CLEANUP(flight_done) = FLIGHT;
    struct flight third CLEANUP(flight_done) = FLIGHT;

    assert_int_equal(wait_for(*state, land_stored, &flight), FLIGHT_NEWS_STORED);
    flight_leave(&flight);
    assert_int_equal(wait_for(*state, land_unstored, &second), FLIGHT_NEWS_UNSTORED);
    flight_leave(&second);
    assert_int_equal(wait_for(*state, land_failed, &third), FLIGHT_NEWS_FAILED);
    /* foreign text in one printable line */
    assert_string_equal(third.record.sentence, "HTTP status 503?end stored ?[2J");
}

static void
R75_a_dead_holder_is_noticed_at_once(void **state)
{
    struct flight flight CLEANUP(flight_done) = FLIGHT;
    int64_t began_ms = clock_ms();

    assert_int_equal(wait_for(*state, die, &flight), FLIGHT_NEWS_OVER);
    assert_true(clock_ms() - began_ms < 4000);
}

/* The record says that a flight began `age_s` ago; its holder is stopped. */
static void
date_flight(const char *directory, int64_t age_s)
{
    char *path = path_in(directory);
    int64_t now_s = 0;
    struct why why = {""};
    char text[2048];
    FILE *file = fopen(path, "r+e");

    assert_int_equal(clock_wall_s(&why, &now_s), ST_OK);
    assert_non_null(file);
    memset(text, '\n', sizeof(text));
    int length = snprintf(text, sizeof(text),
                          "pam_oauth flight 1\nnumber 7\nbegan %lld\nforced %lld\ncalled 0\n"
                          "end flying ",
                          (long long)(now_s - age_s), (long long)(now_s - 20));
    text[length] = '\n';
    assert_int_equal(fwrite(text, 1, sizeof(text), file), sizeof(text));
    assert_int_equal(fclose(file), 0);
    free(path);
}

static void
R75_a_stopped_holder_loses_the_lock_when_its_time_is_over(void **state)
{
    struct flight flight CLEANUP(flight_done) = FLIGHT;
    struct flight other CLEANUP(flight_done) = FLIGHT;
    struct shared *shared = share();
    int64_t now_s = 0;
    struct why why = {""};
    pid_t pid = fly(*state, shared, hang);

    assert_int_equal(clock_wall_s(&why, &now_s), ST_OK);
    open_it(*state, &flight);
    /* within its time it is waited for, up to the deadline */
    assert_int_equal(flight_wait(&flight, now_s, clock_ms() + 1500), FLIGHT_NEWS_NONE);
    assert_int_equal(flight_take(&flight, now_s), FLIGHT_TAKEN);
    date_flight(*state, 16);
    int64_t began_ms = clock_ms();
    assert_int_equal(flight_wait(&flight, now_s, clock_ms() + 9000), FLIGHT_NEWS_OVER);
    assert_true(clock_ms() - began_ms < 6000);
    assert_int_equal(flight_take(&flight, now_s), FLIGHT_OURS);
    /* the minute is kept, and the number goes on */
    assert_int_equal(flight_begin_forced(&flight, now_s, &why), ST_STORE);
    assert_int_equal(flight.record.number, 7);
    /* others who waited for the stopped one come to the new file */
    open_it(*state, &other);
    assert_int_equal(flight_take(&other, now_s), FLIGHT_TAKEN);
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    (void)munmap(shared, sizeof(*shared));
}

/* One who looked for the file before it was replaced finds the new one. */
static void
R75_a_replaced_file_is_not_locked_by_mistake(void **state)
{
    struct flight early CLEANUP(flight_done) = FLIGHT;
    struct flight late CLEANUP(flight_done) = FLIGHT;
    char *path = path_in(*state);

    open_it(*state, &early);
    assert_int_equal(unlink(path), 0);
    open_it(*state, &late);
    assert_int_equal(flight_take(&late, NOW_S), FLIGHT_OURS);
    assert_int_equal(flight_take(&early, NOW_S), FLIGHT_TAKEN);
    flight_leave(&late);
    assert_int_equal(flight_take(&early, NOW_S), FLIGHT_OURS);
    assert_int_equal(flight_take(&late, NOW_S), FLIGHT_TAKEN);
    free(path);
}

/* The lock is given back even if a fork of the host holds the descriptor. */
static void
R104_a_fork_of_the_host_does_not_keep_the_lock(void **state)
{
    struct flight flight = FLIGHT;
    struct flight other CLEANUP(flight_done) = FLIGHT;

    open_it(*state, &flight);
    assert_int_equal(flight_take(&flight, NOW_S), FLIGHT_OURS);
    pid_t pid = fork();
    if (pid == 0) {
        (void)pause();
        _exit(0);
    }
    flight_done(&flight);
    open_it(*state, &other);
    assert_int_equal(flight_take(&other, NOW_S), FLIGHT_OURS);
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

/* What a login without keys does: asks, or waits for who asks. */
static void
one_of_many(const char *directory, struct shared *shared, const char *stored)
{
    struct flight flight CLEANUP(flight_done) = FLIGHT;
    int64_t deadline_ms = clock_ms() + 9000;

    open_it(directory, &flight);
    while (access(stored, F_OK) != 0) {
        if (flight_take(&flight, NOW_S) == FLIGHT_OURS) {
            if (access(stored, F_OK) == 0) {
                return;
            }
            if (!flight_begin(&flight, NOW_S)) {
                _exit(2);
            }
            (void)__atomic_add_fetch(&shared->flights, 1, __ATOMIC_SEQ_CST);
            sleep_ms(300);
            int fd = open(stored, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
            file_close(&fd);
            flight_land(&flight, FLIGHT_STORED, NULL);
            return;
        }
        if (flight_wait(&flight, NOW_S, deadline_ms) == FLIGHT_NEWS_NONE) {
            _exit(3);
        }
    }
}

static void
R123_of_100_at_once_one_flies(void **state)
{
    struct shared *shared = share();
    char *stored = support_text("%s/stored", (const char *)*state);
    int64_t began_ms = clock_ms();
    int failed = 0;

    for (int i = 0; i < 100; i++) {
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            while (shared->go == 0) {
                sleep_ms(1);
            }
            one_of_many(*state, shared, stored);
            _exit(0);
        }
    }
    shared->go = 1;
    for (int i = 0; i < 100; i++) {
        int status = 0;
        (void)wait(&status);
        failed += status != 0 ? 1 : 0;
    }
    assert_int_equal(failed, 0);
    assert_int_equal(shared->flights, 1);
    assert_true(clock_ms() - began_ms < 5000);
    free(stored);
    (void)munmap(shared, sizeof(*shared));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(R70_forced_once_a_minute_also_after_a_failure),
        TEST(R70_a_first_fetch_does_not_use_up_the_minute),
        TEST(R72_a_refresh_is_called_for_once_a_minute),
        TEST(R72_who_does_not_come_is_called_again),
        TEST(R70_a_place_that_cannot_be_written_grants_nothing),
        TEST(R70_R108_a_limit_on_files_grants_nothing),
        TEST(R70_a_damaged_file_counts_as_asked_just_now_and_heals),
        TEST(R74_odd_things_in_its_place_grant_nothing),
        TEST(R123_who_waits_learns_how_it_ended),
        TEST(R75_a_dead_holder_is_noticed_at_once),
        TEST(R75_a_stopped_holder_loses_the_lock_when_its_time_is_over),
        TEST(R75_a_replaced_file_is_not_locked_by_mistake),
        TEST(R104_a_fork_of_the_host_does_not_keep_the_lock),
        TEST(R123_of_100_at_once_one_flies),
    };
#undef TEST
    return cmocka_run_group_tests_name("flight", tests, NULL, NULL);
}

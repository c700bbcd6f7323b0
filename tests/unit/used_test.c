/*
 * store/used: a token lets in once on this host, whoever comes at the same time, whatever stands in
 * the place of its entry, and whatever the clock does; and what nobody accepts any more is removed
 * little by little (R57, E29). Real files, real processes.
 */
#include "support.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/used.h"

#define NOW_S INT64_C(1900000000)
#define HOUR_S 3600
#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

struct fixture {
    char *directory;
    char *state;
    char *used;
    struct used_store store;
    struct why why;
};

static int
setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    assert_non_null(fixture);
    fixture->directory = support_directory();
    fixture->state = support_text("%s/state", fixture->directory);
    fixture->used = support_text("%s/used", fixture->state);
    fixture->store = (struct used_store){.directory = fixture->state, .owner = geteuid()};
    *state = fixture;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;

    support_remove(fixture->directory);
    free(fixture->state);
    free(fixture->used);
    free(fixture);
    return 0;
}

static struct used_token
token_of(const char *digest)
{
    return (struct used_token){.digest = digest, .expires_s = NOW_S + 600};
}

static enum status
claim_at(struct fixture *fixture, struct used_token token, int64_t now_s)
{
    fixture->why.sentence[0] = '\0';
    enum status status = used_claim(&fixture->store, &token, now_s, &fixture->why);
    assert_int_equal(status == ST_OK, fixture->why.sentence[0] == '\0');
    return status;
}

static enum status
claim(struct fixture *fixture, const char *digest)
{
    return claim_at(fixture, token_of(digest), NOW_S);
}

static enum status
look(struct fixture *fixture, const char *digest)
{
    struct used_token token = token_of(digest);

    fixture->why.sentence[0] = '\0';
    enum status status = used_look(&fixture->store, &token, &fixture->why);
    assert_int_equal(status == ST_OK, fixture->why.sentence[0] == '\0');
    return status;
}

/* The place of DIGEST's entry, or of a directory above it: 0 the hour, 1 its part, 2 the entry. */
static char *
place(const struct fixture *fixture, unsigned int depth)
{
    static const char *const tails[] = {"", "/00", ("/00/" DIGEST)};

    return support_text("%s/%lld%s", fixture->used, (long long)((NOW_S + 600) / HOUR_S),
                        tails[depth]);
}

static size_t counted;

static int
count_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)path;
    (void)status;
    (void)walk;
    counted += type == FTW_F ? 1 : 0;
    return 0;
}

/* The entries there are, of all hours. */
static size_t
count_entries(const struct fixture *fixture)
{
    counted = 0;
    (void)nftw(fixture->used, count_one, 16, FTW_PHYS);
    return counted > 0 ? counted - 1 : 0; /* without `forgotten` */
}

static int64_t
forgotten(const struct fixture *fixture)
{
    char *path = support_text("%s/forgotten", fixture->used);
    struct stat status;

    assert_int_equal(stat(path, &status), 0);
    free(path);
    return status.st_size;
}

/* ---- once ------------------------------------------------------------------------------------ */

static void
a_token_lets_in_once_R57_E28(void **state)
{
    struct fixture *fixture = *state;
    struct used_token later = token_of("ff" DIGEST);

    assert_int_equal(look(fixture, DIGEST), ST_OK);
    assert_int_equal(claim(fixture, DIGEST), ST_OK);
    assert_int_equal(claim(fixture, DIGEST), ST_REPLAYED);
    assert_int_equal(look(fixture, DIGEST), ST_REPLAYED);
    /* Of the same beginning, of another, and of another hour. */
    assert_int_equal(claim(fixture, "0011"), ST_OK);
    assert_int_equal(claim(fixture, "ff11"), ST_OK);
    later.expires_s += 10 * HOUR_S;
    assert_int_equal(claim_at(fixture, later, NOW_S), ST_OK);
    assert_int_equal(claim_at(fixture, later, NOW_S + HOUR_S), ST_REPLAYED);
    assert_int_equal(claim(fixture, "0011"), ST_REPLAYED);
    assert_int_equal(claim(fixture, "ff11"), ST_REPLAYED);
    assert_string_equal(fixture->why.sentence,
                        "the token was used before, and this service accepts each only once "
                        "(single_use)");
}

static void
looking_changes_nothing_R57(void **state)
{
    struct fixture *fixture = *state;
    struct stat status;

    assert_int_equal(look(fixture, DIGEST), ST_OK);
    assert_int_not_equal(stat(fixture->state, &status), 0);
    assert_int_equal(mkdir(fixture->state, 0700), 0);
    assert_int_equal(look(fixture, DIGEST), ST_OK);
    assert_int_not_equal(stat(fixture->used, &status), 0);
    assert_int_equal(claim(fixture, "ff"), ST_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(look(fixture, DIGEST), ST_OK);
        assert_int_equal(count_entries(fixture), 1);
    }
    assert_int_equal(claim(fixture, DIGEST), ST_OK);
}

static void
what_is_made_is_for_root_alone_R57_R108(void **state)
{
    struct fixture *fixture = *state;
    struct stat status;
    mode_t before = umask(0777);

    assert_int_equal(claim(fixture, DIGEST), ST_OK);
    (void)umask(before);
    char *paths[] = {strdup(fixture->state), strdup(fixture->used), place(fixture, 0),
                     place(fixture, 1)};
    for (size_t i = 0; i < COUNT(paths); i++) {
        assert_int_equal(stat(paths[i], &status), 0);
        assert_int_equal(status.st_mode & 07777, 0700);
        free(paths[i]);
    }
    char *entry = place(fixture, 2);
    assert_int_equal(stat(entry, &status), 0);
    assert_int_equal(status.st_mode & 077, 0);
    free(entry);
}

/* ---- at once --------------------------------------------------------------------------------- */

static void
of_many_at_once_one_is_let_in_R57(void **state)
{
    struct fixture *fixture = *state;
    enum { CROWD = 20, ROUNDS = 25 };

    for (int round = 0; round < ROUNDS; round++) {
        char *digest = support_text("%02x%s", (unsigned int)round, DIGEST);
        int results[2];
        int go[2];
        int in = 0;

        assert_int_equal(pipe(results), 0);
        assert_int_equal(pipe(go), 0);
        for (int i = 0; i < CROWD; i++) {
            pid_t pid = fork();
            assert_true(pid >= 0);
            if (pid == 0) {
                struct used_token token = token_of(digest);
                char byte;
                (void)close(go[1]);
                (void)!read(go[0], &byte, 1); /* all of them go on when it is closed */
                byte = (char)used_claim(&fixture->store, &token, NOW_S, /* why: */ NULL);
                (void)!write(results[1], &byte, 1);
                _exit(0);
            }
        }
        (void)close(go[0]);
        (void)close(go[1]);
        for (int i = 0; i < CROWD; i++) {
            char byte = 0;
            assert_int_equal(read(results[0], &byte, 1), 1);
            assert_true(byte == (char)ST_OK || byte == (char)ST_REPLAYED);
            in += byte == (char)ST_OK ? 1 : 0;
        }
        assert_int_equal(in, 1);
        (void)close(results[0]);
        (void)close(results[1]);
        while (wait(NULL) > 0) {
        }
        free(digest);
    }
}

/* ---- what does not look as it should -----------------------------------------------------------
 */

static void
whatever_stands_there_is_a_used_token_R57_E29(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(claim(fixture, "00ff"), ST_OK);
    char *entry = place(fixture, 2);
    for (int kind = 0; kind < 5; kind++) {
        switch (kind) {
        case 0:
            assert_int_equal(mkdir(entry, 0000), 0);
            break;
        case 1:
            assert_int_equal(symlink("/nosuch/file", entry), 0);
            break;
        case 2:
            assert_int_equal(mkfifo(entry, 0600), 0);
            break;
        case 3:
            assert_int_equal(link("/proc/self/exe", entry) == 0 || symlink("x", entry) == 0, 1);
            break;
        default:
            support_write(fixture->directory, "garbage", "not used\n");
            char *garbage = support_text("%s/garbage", fixture->directory);
            assert_int_equal(rename(garbage, entry), 0);
            free(garbage);
        }
        assert_int_equal(look(fixture, DIGEST), ST_REPLAYED);
        assert_int_equal(claim(fixture, DIGEST), ST_REPLAYED);
        assert_int_equal(claim(fixture, DIGEST), ST_REPLAYED);
        assert_int_equal(kind == 0 ? rmdir(entry) : unlink(entry), 0);
    }
    assert_int_equal(claim(fixture, DIGEST), ST_OK);
    free(entry);
}

/* Replaces what is at `path` by something else, tries, and puts it back. */
static void
with_odd_place(struct fixture *fixture, const char *path)
{
    char *aside = support_text("%s/aside", fixture->directory);

    assert_int_equal(rename(path, aside), 0);
    assert_int_equal(symlink(aside, path), 0);
    assert_int_equal(claim(fixture, DIGEST), ST_STORE);
    assert_int_equal(look(fixture, DIGEST), ST_STORE);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(claim(fixture, DIGEST), ST_STORE);
    assert_int_equal(look(fixture, DIGEST), ST_STORE);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rename(aside, path), 0);
    assert_int_equal(chmod(path, 0770), 0);
    assert_int_equal(claim(fixture, DIGEST), ST_STORE);
    assert_int_equal(chmod(path, 0702), 0);
    assert_int_equal(claim(fixture, DIGEST), ST_STORE);
    if (geteuid() == 0) {
        assert_int_equal(chmod(path, 0700), 0);
        assert_int_equal(chown(path, 4242, 0), 0);
        assert_int_equal(claim(fixture, DIGEST), ST_STORE);
        assert_int_equal(chown(path, 0, 0), 0);
    }
    assert_int_equal(chmod(path, 0700), 0);
    free(aside);
}

static void
an_odd_directory_lets_nobody_in_R57_E29(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(claim(fixture, "00ff"), ST_OK);
    char *paths[] = {strdup(fixture->state), strdup(fixture->used), place(fixture, 0),
                     place(fixture, 1)};
    for (size_t i = 0; i < COUNT(paths); i++) {
        with_odd_place(fixture, paths[i]);
        free(paths[i]);
    }
    assert_int_equal(look(fixture, DIGEST), ST_OK);
    assert_int_equal(claim(fixture, DIGEST), ST_OK);
}

static void
an_odd_record_of_what_is_forgotten_lets_nobody_in_R57_E29(void **state)
{
    struct fixture *fixture = *state;
    char *path = support_text("%s/forgotten", fixture->used);

    assert_int_equal(claim(fixture, "00ff"), ST_OK);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(claim(fixture, "01"), ST_STORE);
    assert_int_equal(look(fixture, "02"), ST_STORE);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(claim(fixture, "03"), ST_STORE);
    assert_non_null(strstr(fixture->why.sentence, "forgotten is not a file; remove it"));
    assert_int_equal(look(fixture, "04"), ST_STORE);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/nosuch/file", path), 0);
    assert_int_equal(claim(fixture, "05"), ST_STORE);
    assert_int_equal(look(fixture, "06"), ST_STORE);
    assert_int_equal(unlink(path), 0);
    /* None at all is how it begins. */
    assert_int_equal(look(fixture, "07"), ST_OK);
    assert_int_equal(claim(fixture, "07"), ST_OK);
    free(path);
}

/* ---- who may not write -------------------------------------------------------------------------
 */

/* As another user than the one whose store it is: a screen locker. 0 if it went as it should. */
static int
try_as_nobody(struct fixture *fixture)
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        struct used_token token = token_of(DIGEST);
        struct why why = {""};
        bool good = setgid(65534) == 0 && setuid(65534) == 0 &&
                    used_claim(&fixture->store, &token, NOW_S, &why) == ST_STORE &&
                    strstr(why.sentence, "Permission denied") != NULL &&
                    used_look(&fixture->store, &token, &why) == ST_STORE;
        _exit(good ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void
who_may_not_write_is_not_let_in_R57_E29(void **state)
{
    struct fixture *fixture = *state;

    if (geteuid() != 0) {
        skip();
    }
    assert_int_equal(claim(fixture, "00ff"), ST_OK);
    assert_int_equal(try_as_nobody(fixture), 0);
    assert_int_equal(claim(fixture, DIGEST), ST_OK);
    /* The directory is there, but cannot be made. */
    fixture->store.directory = "/proc/nosuch";
    assert_int_equal(claim(fixture, DIGEST), ST_STORE);
    assert_int_equal(look(fixture, DIGEST), ST_OK);
    fixture->store.directory = "/proc/self/fdinfo";
    assert_int_equal(claim(fixture, DIGEST), ST_STORE);
}

static void
a_limit_on_files_is_no_signal_R108_E58(void **state)
{
    struct fixture *fixture = *state;
    int status;

    assert_int_equal(claim_at(fixture, token_of("00ff"), NOW_S), ST_OK);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};
        struct used_token token = token_of(DIGEST);
        token.expires_s += 1000000;
        bool good =
            setrlimit(RLIMIT_FSIZE, &none) == 0 &&
            used_claim(&fixture->store, &token, NOW_S + 1000000, /* why: */ NULL) == ST_OK &&
            used_claim(&fixture->store, &token, NOW_S + 1000000, /* why: */ NULL) == ST_REPLAYED;
        _exit(good ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    /* Nothing could be forgotten, so nothing was removed. */
    assert_int_equal(forgotten(fixture), 0);
    assert_int_equal(count_entries(fixture), 2);
}

/* ---- forgetting --------------------------------------------------------------------------------
 */

/* So many tokens, of hours from NOW_S on. */
static void
fill(struct fixture *fixture, int count, int hours)
{
    for (int i = 0; i < count; i++) {
        char *digest = support_text("%02x%06x", (unsigned int)i % 3, (unsigned int)i);
        struct used_token token = token_of(digest);
        token.expires_s += (int64_t)(i % hours) * HOUR_S;
        assert_int_equal(claim_at(fixture, token, NOW_S), ST_OK);
        free(digest);
    }
}

static void
what_nobody_accepts_any_more_goes_a_few_at_a_time_R57(void **state)
{
    struct fixture *fixture = *state;
    struct used_token token = token_of(DIGEST);
    struct stat status;

    fill(fixture, 300, 2);
    assert_int_equal(count_entries(fixture), 300);
    assert_int_equal(forgotten(fixture), 0);
    /* As long as it might be accepted, with every skew, and on a clock that is behind. */
    token.expires_s = NOW_S + HOUR_S;
    assert_int_equal(claim_at(fixture, token, NOW_S + HOUR_S), ST_OK);
    assert_int_equal(count_entries(fixture), 301);
    size_t before = 301;
    for (int i = 0; i < 12; i++) {
        char *digest = support_text("late%d", i);
        token = (struct used_token){.digest = digest, .expires_s = NOW_S + 100 * HOUR_S};
        assert_int_equal(claim_at(fixture, token, NOW_S + 50 * HOUR_S), ST_OK);
        size_t now = count_entries(fixture);
        assert_true(now + 64 >= before && now <= before + 1);
        before = now;
        free(digest);
    }
    assert_int_equal(before, 12);
    assert_int_equal(forgotten(fixture), (NOW_S + 600 + HOUR_S) / HOUR_S + 1);
    /* Their directories too. */
    char *hour = place(fixture, 0);
    assert_int_not_equal(stat(hour, &status), 0);
    free(hour);
}

/* The clock was ahead, what was used went, and now it is right. */
static void
a_clock_that_was_ahead_makes_no_token_new_R57_R63(void **state)
{
    struct fixture *fixture = *state;
    struct used_token late = token_of("late");
    struct used_token next = token_of("next");

    assert_int_equal(claim(fixture, DIGEST), ST_OK);
    late.expires_s = NOW_S + 1000 * HOUR_S;
    assert_int_equal(claim_at(fixture, late, NOW_S + 999 * HOUR_S), ST_OK);
    assert_int_equal(count_entries(fixture), 1);
    assert_int_equal(look(fixture, DIGEST), ST_STORE);
    for (int i = 0; i < 3; i++) {
        assert_int_not_equal(claim(fixture, DIGEST), ST_OK);
    }
    assert_int_equal(claim(fixture, "other"), ST_STORE);
    assert_non_null(strstr(fixture->why.sentence, "is forgotten: this host's clock was ahead"));
    /* Hours of which nothing was removed are as good as before. */
    next.expires_s += HOUR_S;
    assert_int_equal(claim_at(fixture, next, NOW_S), ST_OK);
    assert_int_equal(claim_at(fixture, next, NOW_S), ST_REPLAYED);
    assert_int_equal(claim_at(fixture, late, NOW_S), ST_REPLAYED);
}

static void
forgetting_goes_one_way_R57(void **state)
{
    struct fixture *fixture = *state;
    struct used_token token = token_of(DIGEST);

    /* Two hours; the later one is over first for a clock that jumps. */
    fill(fixture, 2, 2);
    token.expires_s = NOW_S + 90 * HOUR_S;
    assert_int_equal(claim_at(fixture, token, NOW_S + 80 * HOUR_S), ST_OK);
    int64_t first = forgotten(fixture);
    assert_true(first > 0);
    token.digest = "ff";
    assert_int_equal(claim_at(fixture, token, NOW_S + 80 * HOUR_S), ST_OK);
    assert_true(forgotten(fixture) >= first);
    assert_int_equal(forgotten(fixture), (NOW_S + 600 + HOUR_S) / HOUR_S + 1);
}

static void
what_is_not_ours_is_left_alone(void **state)
{
    struct fixture *fixture = *state;
    struct used_token token = token_of("late");
    struct stat status;
    char *names[] = {support_text("%s/lost+found", fixture->used),
                     support_text("%s/007", fixture->used), support_text("%s/-1", fixture->used),
                     support_text("%s/99999999999", fixture->used)};

    assert_int_equal(claim(fixture, DIGEST), ST_OK);
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_int_equal(mkdir(names[i], 0700), 0);
    }
    /* A file in place of an hour, and a directory in place of an entry: no reason to fail. */
    support_write(fixture->used, "5", "");
    char *inside = support_text("%s/directory", fixture->used);
    char *hour = place(fixture, 1);
    char *moved = support_text("%s/directory", hour);
    assert_int_equal(mkdir(inside, 0700), 0);
    assert_int_equal(rename(inside, moved), 0);
    token.expires_s = NOW_S + 100 * HOUR_S;
    assert_int_equal(claim_at(fixture, token, NOW_S + 99 * HOUR_S), ST_OK);
    token.digest = "later";
    assert_int_equal(claim_at(fixture, token, NOW_S + 99 * HOUR_S), ST_OK);
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_int_equal(stat(names[i], &status), 0);
        free(names[i]);
    }
    free(inside);
    free(hour);
    free(moved);
}

static void
nothing_stays_open(void **state)
{
    struct fixture *fixture = *state;
    size_t before = support_open_descriptors();
    struct used_token late = token_of("late");

    assert_int_equal(claim(fixture, DIGEST), ST_OK);
    assert_int_equal(claim(fixture, DIGEST), ST_REPLAYED);
    assert_int_equal(look(fixture, DIGEST), ST_REPLAYED);
    late.expires_s = NOW_S + 100 * HOUR_S;
    assert_int_equal(claim_at(fixture, late, NOW_S + 99 * HOUR_S), ST_OK);
    assert_int_equal(claim(fixture, "other"), ST_STORE);
    assert_int_equal(support_open_descriptors(), before);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_token_lets_in_once_R57_E28),
        TEST(looking_changes_nothing_R57),
        TEST(what_is_made_is_for_root_alone_R57_R108),
        TEST(of_many_at_once_one_is_let_in_R57),
        TEST(whatever_stands_there_is_a_used_token_R57_E29),
        TEST(an_odd_directory_lets_nobody_in_R57_E29),
        TEST(an_odd_record_of_what_is_forgotten_lets_nobody_in_R57_E29),
        TEST(who_may_not_write_is_not_let_in_R57_E29),
        TEST(a_limit_on_files_is_no_signal_R108_E58),
        TEST(what_nobody_accepts_any_more_goes_a_few_at_a_time_R57),
        TEST(a_clock_that_was_ahead_makes_no_token_new_R57_R63),
        TEST(forgetting_goes_one_way_R57),
        TEST(what_is_not_ours_is_left_alone),
        TEST(nothing_stays_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

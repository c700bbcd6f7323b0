/*
 * store/signins: what is written is read back, everything else counts as absent, several may write
 * at once, and what is forgotten stays forgotten (R74 to R76, E29, E61, E62, E65). Real files, real
 * processes; the time is ours.
 */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault.h"
#include "jose/digest.h"
#include "store/signins.h"
#include "store/signins_text.h"

#define BOOT "12a65bca-1560-4ccc-97ef-e603b2a02105"
#define KEY "23d09227bfcf199cd1ecb65d497e6f48e9df3deeb04023d41d332f7be035ea3f"
#define OTHER "51abc2dbc43fa4f97d971b04b9d1c7550e74cf841f6ee48a7cbcfb767e793cc1"

static const struct clock_moment now = {.boot = BOOT, .boot_s = 5000000, .wall_s = 1800000000};

struct fixture {
    char *directory;
    char *run;
    struct signins_place place;
};

static int
setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    assert_non_null(fixture);
    fixture->directory = support_directory();
    fixture->run = support_text("%s/run", fixture->directory);
    fixture->place = (struct signins_place){.run = fixture->run, .owner = geteuid()};
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

static struct signin
sample(const char *key)
{
    return (struct signin){
        .key = span_of(key),
        .policy = span_of(OTHER),
        .service = span_of("sshd"),
        .provider = span_of("corp"),
        .rule = span_of("accounts.map:2"),
        .sub = span_of("a \"sub\" with = and blanks"),
        .auth_time_s = 1799999990,
    };
}

static enum status
add(const struct fixture *fixture, const char *account, const char *key)
{
    struct signin signin = sample(key);
    struct why why = {""};

    enum status status = signins_add(fixture->place, account, &now, &signin, &why);
    assert_int_equal(status == ST_OK, why.sentence[0] == '\0');
    return status;
}

static void
load(const struct fixture *fixture, const char *account, struct signins *signins)
{
    struct why why = {""};

    signins_done(signins);
    assert_int_equal(signins_load(fixture->place, account, &now, &why, signins), ST_OK);
}

static size_t
count(const struct signins *signins)
{
    struct span entries = signins->entries;
    struct signin signin;
    size_t found = 0;

    while (signins->known && signins_next(signins, &entries, &signin)) {
        found++;
    }
    return found;
}

static bool
is_known(const struct fixture *fixture, const char *account)
{
    struct signins signins CLEANUP(signins_done) = SIGNINS;

    load(fixture, account, &signins);
    return signins.known;
}

/* The path of an account's file, or of the one that replaces it. */
static char *
file_of(const struct fixture *fixture, const char *account, const char *more)
{
    struct buf digest CLEANUP(buf_done) = BUF(64);

    assert_int_equal(digest_sha256_hex(span_of(account), &digest), ST_OK);
    return support_text("%s/signins/%s.signins%s", fixture->run, buf_text(&digest), more);
}

static char *
text_of(const char *path)
{
    char *text = calloc(1, 65536);
    FILE *file = fopen(path, "re");

    assert_non_null(text);
    assert_non_null(file);
    (void)!fread(text, 1, 65535, file);
    assert_int_equal(fclose(file), 0);
    return text;
}

static void
put(const char *path, const char *text, size_t length)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, length), length);
    assert_int_equal(close(fd), 0);
}

/* ---- what is written ------------------------------------------------------------------------- */

static void
what_is_written_is_read_back(void **state)
{
    struct fixture *fixture = *state;
    struct signins signins CLEANUP(signins_done) = SIGNINS;
    struct signin signin;
    struct stat stat_of;

    load(fixture, "alice", &signins);
    assert_false(signins.known);
    assert_int_equal(add(fixture, "alice", KEY), ST_OK);
    load(fixture, "alice", &signins);
    assert_true(signins.known);
    assert_true(span_is(signins.account, "alice"));
    assert_int_equal(signins.last.boot_s, now.boot_s);
    assert_int_equal(signins.last.wall_s, now.wall_s);
    struct span entries = signins.entries;
    assert_true(signins_next(&signins, &entries, &signin));
    assert_true(span_is(signin.key, KEY) && span_is(signin.policy, OTHER));
    assert_true(span_is(signin.service, "sshd") && span_is(signin.provider, "corp"));
    assert_true(span_is(signin.rule, "accounts.map:2"));
    assert_true(span_is(signin.sub, "a \"sub\" with = and blanks"));
    assert_int_equal(signin.auth_time_s, 1799999990);
    assert_int_equal(clock_seconds_since(&signin.at, &now), 0);
    assert_false(signins_next(&signins, &entries, &signin));
    assert_false(is_known(fixture, "bob"));

    char *path = file_of(fixture, "alice", "");
    assert_int_equal(stat(path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 07777, 0600);
    free(path);
    path = support_text("%s/signins", fixture->run);
    assert_int_equal(stat(path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 07777, 0700);
    free(path);
}

static void
an_account_may_have_a_last_sign_in_and_nothing_remembered(void **state)
{
    struct fixture *fixture = *state;
    struct signins signins CLEANUP(signins_done) = SIGNINS;
    struct signin signin = sample(KEY);
    struct clock_moment later = now;

    later.boot_s -= 100;
    later.wall_s -= 100;
    signin.auth_time_s = -1;
    assert_int_equal(signins_add(fixture->place, "alice", &later, &signin, NULL), ST_OK);
    assert_int_equal(signins_add(fixture->place, "alice", &now, NULL, NULL), ST_OK);
    load(fixture, "alice", &signins);
    assert_int_equal(clock_seconds_since(&signins.last, &now), 0);
    struct span entries = signins.entries;
    assert_true(signins_next(&signins, &entries, &signin));
    assert_int_equal(clock_seconds_since(&signin.at, &now), 100);
    assert_int_equal(signin.auth_time_s, -1);
    assert_int_equal(signins_add(fixture->place, "bob", &now, NULL, NULL), ST_OK);
    load(fixture, "bob", &signins);
    assert_true(signins.known);
    assert_int_equal(count(&signins), 0);
}

static void
the_same_key_and_service_is_replaced(void **state)
{
    struct fixture *fixture = *state;
    struct signins signins CLEANUP(signins_done) = SIGNINS;
    struct signin signin = sample(KEY);

    assert_int_equal(add(fixture, "alice", KEY), ST_OK);
    assert_int_equal(add(fixture, "alice", KEY), ST_OK);
    load(fixture, "alice", &signins);
    assert_int_equal(count(&signins), 1);
    assert_int_equal(add(fixture, "alice", OTHER), ST_OK);
    signin.service = span_of("sshd-inside");
    assert_int_equal(signins_add(fixture->place, "alice", &now, &signin, NULL), ST_OK);
    load(fixture, "alice", &signins);
    assert_int_equal(count(&signins), 3);
}

/* Growth is bounded: the oldest goes, and the longest of everything fits. */
static void
of_too_many_the_oldest_is_forgotten(void **state)
{
    struct fixture *fixture = *state;
    struct signins signins CLEANUP(signins_done) = SIGNINS;
    char *longest = calloc(1, SIGNINS_VALUE_MAX + 2);
    struct signin signin;
    char key[65];

    assert_non_null(longest);
    memset(longest, 'x', SIGNINS_VALUE_MAX);
    for (unsigned int i = 0; i < SIGNINS_MAX + 3; i++) {
        (void)snprintf(key, sizeof(key), "%064x", i);
        signin = sample(key);
        signin.sub = signin.rule = signin.provider = signin.service = span_of(longest);
        assert_int_equal(signins_add(fixture->place, "alice", &now, &signin, NULL), ST_OK);
    }
    load(fixture, "alice", &signins);
    assert_int_equal(count(&signins), SIGNINS_MAX);
    struct span entries = signins.entries;
    for (unsigned int i = 3; i < SIGNINS_MAX + 3; i++) {
        (void)snprintf(key, sizeof(key), "%064x", i);
        assert_true(signins_next(&signins, &entries, &signin));
        assert_true(span_is(signin.key, key));
    }
    /* With nothing new, none has to go. */
    assert_int_equal(signins_add(fixture->place, "alice", &now, NULL, NULL), ST_OK);
    load(fixture, "alice", &signins);
    assert_int_equal(count(&signins), SIGNINS_MAX);
    longest[SIGNINS_VALUE_MAX] = 'x';
    signin = sample(KEY);
    signin.sub = span_of(longest);
    assert_int_equal(signins_add(fixture->place, "alice", &now, &signin, NULL), ST_STORE);
    free(longest);
}

static void
after_a_month_it_is_forgotten(void **state)
{
    struct fixture *fixture = *state;
    struct signins signins CLEANUP(signins_done) = SIGNINS;
    struct signin signin = sample(KEY);
    struct clock_moment then = now;

    then.boot_s -= SIGNINS_AGE_MAX_S;
    assert_int_equal(signins_add(fixture->place, "alice", &then, &signin, NULL), ST_OK);
    assert_int_equal(add(fixture, "alice", OTHER), ST_OK);
    load(fixture, "alice", &signins);
    assert_int_equal(count(&signins), 2);
    then = now;
    then.boot_s++;
    assert_int_equal(signins_add(fixture->place, "alice", &then, NULL, NULL), ST_OK);
    load(fixture, "alice", &signins);
    assert_int_equal(count(&signins), 1);
}

static void
what_has_no_place_in_a_line_is_not_written(void **state)
{
    static const char *const values[] = {"",         "a\nb", "a\x7f",        "a\x1b[2J",
                                         "\xc3\xa4", "a\tb", ("x\nkey " KEY)};
    struct fixture *fixture = *state;

    assert_int_equal(add(fixture, "alice", KEY), ST_OK);
    char *path = file_of(fixture, "alice", "");
    char *before = text_of(path);
    for (size_t i = 0; i < COUNT(values); i++) {
        struct span value = span_of(values[i]);
        struct signin signins[] = {sample(OTHER), sample(OTHER), sample(OTHER),
                                   sample(OTHER), sample(OTHER), sample(OTHER)};
        signins[0].key = value;
        signins[1].policy = value;
        signins[2].service = value;
        signins[3].provider = value;
        signins[4].rule = value;
        signins[5].sub = value;
        for (size_t j = 0; j < COUNT(signins); j++) {
            assert_int_equal(signins_add(fixture->place, "alice", &now, &signins[j], NULL),
                             ST_STORE);
        }
        assert_int_equal(signins_add(fixture->place, values[i], &now, NULL, NULL), ST_STORE);
    }
    struct signin cut = sample(OTHER);
    cut.sub = (struct span){.at = "24\0008", .length = 4};
    assert_int_equal(signins_add(fixture->place, "alice", &now, &cut, NULL), ST_STORE);
    char *after = text_of(path);
    assert_string_equal(before, after);
    free(before);
    free(after);
    free(path);
}

/* ---- what is read ---------------------------------------------------------------------------- */

static bool
parses(const char *text, size_t length)
{
    struct signins signins = SIGNINS;

    return signins_text_parse((struct span){.at = text, .length = length}, &now, &signins);
}

static void
every_prefix_and_every_byte_more_is_damaged_E61(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(add(fixture, "alice", KEY), ST_OK);
    assert_int_equal(add(fixture, "alice", OTHER), ST_OK);
    char *path = file_of(fixture, "alice", "");
    char *text = text_of(path);
    size_t length = strlen(text);
    assert_true(parses(text, length));
    for (size_t i = 0; i < length; i++) {
        assert_false(parses(text, i));
    }
    assert_false(parses(text, length + 1)); /* a NUL */
    for (size_t i = 0; i < length; i++) {
        char byte = text[i];
        text[i] = '\0';
        assert_false(parses(text, length));
        text[i] = '\x80';
        assert_false(parses(text, length));
        text[i] = byte;
    }
    free(text);
    free(path);
}

static void
what_is_odd_in_a_line_is_damaged_E61(void **state)
{
    static const struct {
        const char *from;
        const char *to;
    } rows[] = {
        {"pam_oauth signins 1", "pam_oauth signins 2"},
        {"account alice", "account"},
        {"account alice", "account "},
        {"account alice", "accounts alice"},
        {"boot " BOOT, "boot 12a65bca-1560-4ccc-97ef-e603b2a02106"},
        {"boot 12a", "boot  12a"},
        {"last 5000000 1800000000", "last 5000000"},
        {"last 5000000 1800000000", "last 5000000 "},
        {"last 5000000 1800000000", "last 5000000 1800000000 1"},
        {"last 5000000 1800000000", "last 05000000 1800000000"},
        {"last 5000000 1800000000", "last -5 1800000000"},
        {"last 5000000 1800000000", "last 5000061 1800000000"},
        {"last 5000000 1800000000", "last 5000000 253402300800"},
        {"remembered 1", "remembered 0"},
        {"remembered 1", "remembered 2"},
        {"remembered 1", "remembered 65"},
        {"remembered 1", "remembered"},
        {"remembered 1", "remembered x"},
        {"key 2", "key g"},
        {"key 2", "key `"},
        {"key 2", "key /"},
        {"key 2", "key :"},
        {"key 2", "key A"},
        {"key 2", "key 22"},
        {"key 23", "key 3"},
        {"policy 5", "policy F"},
        {"at 5000000 1800000000", "at 5000000"},
        {"at 5000000 1800000000", "at 5000061 1800000000"},
        {"at 5000000 1800000000", "at x 1800000000"},
        {"at 5000000 1800000000", "at 5000000 x"},
        {"auth_time 1799999990", "auth_time"},
        {"auth_time 1799999990", "auth_time --"},
        {"auth_time 1799999990", "auth_time -1"},
        {"auth_time 1799999990", "auth_time 253402300800"},
        {"service sshd", "service"},
        {"service sshd\nprovider corp", "provider corp\nservice sshd"},
        {"provider corp", "provider"},
        {"rule ", "rules "},
        {"sub ", "sub"},
        {"end\n", "end"},
        {"end\n", "end \n"},
        {"end\n", "\nend\n"},
        {"end\n", "END\n"},
    };
    struct fixture *fixture = *state;

    assert_int_equal(add(fixture, "alice", KEY), ST_OK);
    char *path = file_of(fixture, "alice", "");
    char *good = text_of(path);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *at = strstr(good, rows[i].from);
        assert_non_null(at);
        char *bad =
            support_text("%.*s%s%s", (int)(at - good), good, rows[i].to, at + strlen(rows[i].from));
        put(path, bad, strlen(bad));
        if (is_known(fixture, "alice")) {
            fail_msg("%s instead of %s", rows[i].to, rows[i].from);
        }
        free(bad);
    }
    put(path, good, strlen(good));
    assert_true(is_known(fixture, "alice"));
    /* A damaged one is replaced by the next sign-in. */
    put(path, good, strlen(good) - 1);
    assert_int_equal(add(fixture, "alice", OTHER), ST_OK);
    struct signins signins CLEANUP(signins_done) = SIGNINS;
    load(fixture, "alice", &signins);
    assert_int_equal(count(&signins), 1);
    free(good);
    free(path);
}

static void
what_is_not_a_file_of_ours_is_absent_E61(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(add(fixture, "alice", KEY), ST_OK);
    assert_int_equal(add(fixture, "bob", KEY), ST_OK);
    char *path = file_of(fixture, "alice", "");
    char *other = support_text("%s/other", fixture->directory);
    char *bobs = file_of(fixture, "bob", "");
    static const mode_t modes[] = {0400, 0640, 0604, 0700, 0610, 0601, 0620, 0602, 04600, 01600};
    for (size_t i = 0; i < COUNT(modes); i++) {
        assert_int_equal(chmod(path, modes[i]), 0);
        assert_false(is_known(fixture, "alice"));
    }
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(chown(path, 60001, (gid_t)-1), 0);
    assert_false(is_known(fixture, "alice"));
    assert_int_equal(chown(path, 0, (gid_t)-1), 0);
    assert_true(is_known(fixture, "alice"));
    assert_int_equal(link(path, other), 0);
    assert_false(is_known(fixture, "alice"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink(other, path), 0);
    assert_false(is_known(fixture, "alice"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_false(is_known(fixture, "alice"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0600), 0);
    assert_false(is_known(fixture, "alice"));
    /* and cannot be replaced or forgotten */
    bool known;
    assert_int_equal(add(fixture, "alice", KEY), ST_STORE);
    assert_int_equal(signins_forget(fixture->place, "alice", now.wall_s, NULL, &known), ST_STORE);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rename(bobs, path), 0);
    assert_false(is_known(fixture, "alice"));
    /* nor is anything of it kept */
    assert_int_equal(add(fixture, "alice", OTHER), ST_OK);
    struct signins signins CLEANUP(signins_done) = SIGNINS;
    load(fixture, "alice", &signins);
    assert_int_equal(count(&signins), 1);
    char *big = malloc(SIGNINS_FILE_MAX + 1);
    assert_non_null(big);
    memset(big, '\n', SIGNINS_FILE_MAX + 1);
    put(path, big, SIGNINS_FILE_MAX + 1);
    assert_false(is_known(fixture, "alice"));
    free(big);
    free(path);
    free(other);
    free(bobs);
}

static void
whose_owner_it_may_be_is_said_by_the_caller(void **state)
{
    struct fixture *fixture = *state;
    struct signins signins CLEANUP(signins_done) = SIGNINS;
    char *path = file_of(fixture, "alice", "");

    assert_int_equal(add(fixture, "alice", KEY), ST_OK);
    assert_int_equal(chown(path, 60001, (gid_t)-1), 0);
    fixture->place.owner = 60001;
    load(fixture, "alice", &signins);
    assert_true(signins.known);
    free(path);
}

/* ---- time ------------------------------------------------------------------------------------ */

static void
the_clock_that_says_more_counts_E65(void **state)
{
    static const struct {
        int64_t boot_s;
        int64_t wall_s;
        int64_t since_s;
    } rows[] = {
        {0, 0, 0},        {10, 10, 10}, {10, -3600, 10}, /* set back */
        {10, 3600, 3600}, /* set forward, or the machine was asleep where no clock goes */
        {3600, 10, 3600}, /* set back, with time passing */
        {-60, 0, 0},      /* somebody looked at the clock a little later */
        {-60, 5, 5},      {-61, 0, -1}, {-61, 3600, -1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct clock_moment then = now;
        then.boot_s -= rows[i].boot_s;
        then.wall_s -= rows[i].wall_s;
        assert_int_equal(clock_seconds_since(&then, &now), rows[i].since_s);
        then.boot[0] = '2';
        assert_int_equal(clock_seconds_since(&then, &now), -1);
    }
}

static void
another_boot_knows_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct signins signins CLEANUP(signins_done) = SIGNINS;
    struct clock_moment then = now;

    then.boot[35] = '6';
    assert_int_equal(add(fixture, "alice", KEY), ST_OK);
    assert_int_equal(signins_load(fixture->place, "alice", &then, NULL, &signins), ST_OK);
    assert_false(signins.known);
    assert_int_equal(signins_add(fixture->place, "alice", &then, NULL, NULL), ST_OK);
    assert_false(is_known(fixture, "alice"));
}

/* ---- several at once ------------------------------------------------------------------------- */

static void
all_that_write_at_once_are_remembered(void **state)
{
    struct fixture *fixture = *state;
    struct signins signins CLEANUP(signins_done) = SIGNINS;
    enum { CROWD = 24 };
    pid_t pids[CROWD];
    int go[2];
    struct clock_moment real = now;
    struct why why = {""};

    /* Whose lock is old is told by the wall clock. */
    assert_int_equal(clock_wall_s(&why, &real.wall_s), ST_OK);
    assert_int_equal(pipe(go), 0);
    for (unsigned int i = 0; i < CROWD; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0) {
            char key[65];
            char byte;
            struct clock_moment mine = real;
            mine.boot_s -= i % 3; /* who waits has looked at the clock before */
            (void)snprintf(key, sizeof(key), "%064x", i);
            struct signin signin = sample(key);
            (void)close(go[1]);
            (void)!read(go[0], &byte, 1);
            /* Nobody waits for longer than a second, which is little below valgrind. */
            enum status status = ST_STORE;
            for (int tries = 0; tries < 60 && status == ST_STORE; tries++) {
                status = signins_add(fixture->place, "alice", &mine, &signin, NULL);
            }
            _exit(status == ST_OK ? 0 : 1);
        }
    }
    (void)close(go[0]);
    (void)close(go[1]);
    for (size_t i = 0; i < CROWD; i++) {
        int status;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    load(fixture, "alice", &signins);
    assert_int_equal(count(&signins), CROWD);
}

/* The lock of a process that was stopped in the middle of writing. */
static int
hold(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    return fd;
}

static void
who_is_stopped_keeps_others_for_a_second_and_not_for_good_R75(void **state)
{
    struct fixture *fixture = *state;
    char *new = file_of(fixture, "alice", ".new");
    bool known = false;

    assert_int_equal(add(fixture, "alice", KEY), ST_OK);
    int fd = hold(new);
    struct clock_moment real = now;
    struct why why = {""};
    assert_int_equal(clock_wall_s(&why, &real.wall_s), ST_OK);
    int64_t began_ms = clock_ms();
    assert_int_equal(signins_add(fixture->place, "alice", &real, NULL, &why), ST_STORE);
    assert_string_equal(why.sentence,
                        "the sign-in cannot be written down: another process is writing");
    int64_t took_ms = clock_ms() - began_ms;
    assert_true(took_ms >= 900 && took_ms < 10000);
    /* long ago: the name is taken away from it */
    real.wall_s += 15;
    assert_int_equal(signins_add(fixture->place, "alice", &real, NULL, NULL), ST_OK);
    assert_int_equal(access(new, F_OK), -1);
    (void)close(fd);

    /* Forgetting does not wait for that, and leaves nothing that could be renamed. */
    fd = hold(new);
    real.wall_s -= 15;
    assert_int_equal(signins_forget(fixture->place, "alice", real.wall_s, NULL, &known), ST_OK);
    assert_true(known);
    assert_false(is_known(fixture, "alice"));
    assert_int_equal(access(new, F_OK), -1);
    (void)close(fd);
    free(new);
}

static void
forgotten_is_forgotten(void **state)
{
    struct fixture *fixture = *state;
    bool known = true;

    assert_int_equal(signins_forget(fixture->place, "alice", now.wall_s, NULL, &known), ST_OK);
    assert_false(known);
    assert_int_equal(add(fixture, "alice", KEY), ST_OK);
    assert_int_equal(add(fixture, "bob", KEY), ST_OK);
    assert_int_equal(signins_forget(fixture->place, "alice", now.wall_s, NULL, &known), ST_OK);
    assert_true(known);
    assert_false(is_known(fixture, "alice"));
    assert_true(is_known(fixture, "bob"));
    /* also what is damaged */
    char *path = file_of(fixture, "alice", "");
    put(path, "x", 1);
    assert_int_equal(signins_forget(fixture->place, "alice", now.wall_s, NULL, &known), ST_OK);
    assert_true(known);
    assert_int_equal(access(path, F_OK), -1);
    free(path);
}

/* ---- where nothing can be written or read ---------------------------------------------------- */

static void
a_place_that_is_not_to_be_trusted_is_no_answer_R76_E62(void **state)
{
    struct fixture *fixture = *state;
    struct signins signins CLEANUP(signins_done) = SIGNINS;
    struct why why = {""};
    bool known;

    assert_int_equal(add(fixture, "alice", KEY), ST_OK);
    assert_int_equal(chmod(fixture->run, 0777), 0);
    assert_int_equal(signins_load(fixture->place, "alice", &now, &why, &signins), ST_STORE);
    assert_non_null(strstr(why.sentence, "writable"));
    assert_int_equal(add(fixture, "alice", KEY), ST_STORE);
    assert_int_equal(signins_forget(fixture->place, "alice", now.wall_s, &why, &known), ST_STORE);
    assert_int_equal(signins_each(fixture->place, &now, &why, NULL, NULL), ST_STORE);
    assert_int_equal(chmod(fixture->run, 0711), 0);
    assert_true(is_known(fixture, "alice"));
    char *place = support_text("%s/signins", fixture->run);
    assert_int_equal(chmod(place, 0770), 0);
    assert_int_equal(signins_load(fixture->place, "alice", &now, &why, &signins), ST_STORE);
    assert_int_equal(chmod(place, 0700), 0);
    free(place);
    fixture->place.run = "/proc/nowhere/run";
    assert_int_equal(signins_load(fixture->place, "alice", &now, &why, &signins), ST_STORE);
}

static void
without_a_descriptor_it_cannot_be_told(void **state)
{
    struct fixture *fixture = *state;
    int status;

    assert_int_equal(add(fixture, "alice", KEY), ST_OK);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        /* Each number of descriptors that is too few: never "there is none". */
        int good = 0;
        struct rlimit limit;
        if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
            _exit(2);
        }
        for (rlim_t most = 3; most < 12; most++) {
            struct signins signins CLEANUP(signins_done) = SIGNINS;
            limit.rlim_cur = most;
            if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
                _exit(2);
            }
            enum status told = signins_load(fixture->place, "alice", &now, NULL, &signins);
            if (told == ST_OK ? !signins.known : told != ST_STORE) {
                _exit(3);
            }
            good += told == ST_OK ? 1 : 0;
        }
        _exit(good > 0 && good < 9 ? 0 : 4);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void
a_limit_on_files_is_no_signal_R108_E58(void **state)
{
    struct fixture *fixture = *state;
    int status;

    assert_int_equal(add(fixture, "alice", KEY), ST_OK);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};
        bool good = setrlimit(RLIMIT_FSIZE, &none) == 0 &&
                    signins_add(fixture->place, "alice", &now, NULL, NULL) == ST_STORE;
        _exit(good ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_true(is_known(fixture, "alice"));
}

/* ---- all of them ----------------------------------------------------------------------------- */

static enum status
take(void *into, const struct signins *signins)
{
    char *seen = into;

    seen[strlen(seen)] = signins->account.at[0];
    return seen[0] == '!' ? ST_MEMORY : ST_OK;
}

static void
each_account_is_walked_to(void **state)
{
    struct fixture *fixture = *state;
    char seen[8] = "";
    char stop[8] = "!";

    assert_int_equal(signins_each(fixture->place, &now, NULL, take, seen), ST_OK);
    assert_string_equal(seen, "");
    assert_int_equal(add(fixture, "alice", KEY), ST_OK);
    assert_int_equal(add(fixture, "bob", KEY), ST_OK);
    char *bobs = file_of(fixture, "bob", "");
    char *new = file_of(fixture, "bob", ".new");
    char *mine = support_text("%s/signins/x.signins", fixture->run);
    char *suffix = support_text("%s/signins/.signins", fixture->run);
    assert_int_equal(link(bobs, new), 0);
    assert_int_equal(unlink(bobs), 0);
    assert_int_equal(symlink(new, mine), 0);
    put(suffix, "", 0);
    assert_int_equal(signins_each(fixture->place, &now, NULL, take, seen), ST_OK);
    assert_string_equal(seen, "a");
    assert_int_equal(signins_each(fixture->place, &now, NULL, take, stop), ST_MEMORY);
    assert_string_equal(stop, "!a");
    free(bobs);
    free(new);
    free(mine);
    free(suffix);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static enum status
add_and_load(void *world)
{
    const struct fixture *fixture = world;
    struct signins signins CLEANUP(signins_done) = SIGNINS;
    struct signin signin = sample(KEY);
    char seen[8] = "";
    bool known = false;

    TRY(signins_add(fixture->place, "alice", &now, &signin, NULL));
    TRY(signins_load(fixture->place, "alice", &now, NULL, &signins));
    assert_true(signins.known);
    assert_int_equal(count(&signins), 1);
    TRY(signins_each(fixture->place, &now, NULL, take, seen));
    assert_string_equal(seen, "a");
    TRY(signins_forget(fixture->place, "alice", now.wall_s, NULL, &known));
    assert_true(known);
    return ST_OK;
}

static void
E69_without_memory_nothing_is_half_done(void **state)
{
    struct fixture *fixture = *state;
    size_t descriptors = support_open_descriptors();

    assert_true(fault_each(add_and_load, fixture) > 20);
    assert_int_equal(support_open_descriptors(), descriptors);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_is_read_back),
        TEST(an_account_may_have_a_last_sign_in_and_nothing_remembered),
        TEST(the_same_key_and_service_is_replaced),
        TEST(of_too_many_the_oldest_is_forgotten),
        TEST(after_a_month_it_is_forgotten),
        TEST(what_has_no_place_in_a_line_is_not_written),
        TEST(every_prefix_and_every_byte_more_is_damaged_E61),
        TEST(what_is_odd_in_a_line_is_damaged_E61),
        TEST(what_is_not_a_file_of_ours_is_absent_E61),
        TEST(whose_owner_it_may_be_is_said_by_the_caller),
        TEST(the_clock_that_says_more_counts_E65),
        TEST(another_boot_knows_nothing),
        TEST(all_that_write_at_once_are_remembered),
        TEST(who_is_stopped_keeps_others_for_a_second_and_not_for_good_R75),
        TEST(forgotten_is_forgotten),
        TEST(a_place_that_is_not_to_be_trusted_is_no_answer_R76_E62),
        TEST(without_a_descriptor_it_cannot_be_told),
        TEST(a_limit_on_files_is_no_signal_R108_E58),
        TEST(each_account_is_walked_to),
        TEST(E69_without_memory_nothing_is_half_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

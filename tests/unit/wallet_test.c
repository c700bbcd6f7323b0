#include "support.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/identity.h"
#include "store/wallet.h"

#define USER ((uid_t)60001)
#define OTHER ((uid_t)60002)
#define LIMIT ((size_t)65538)
#define TOKEN "a.b.c\n"

/* A machine's /run, with a directory for the user in each of the two places. */
struct world {
    char *directory;
    char *runtime;
    char *run;
    char *own;   /* RUNTIME/UID/pam-oauth */
    char *spare; /* RUN/user/UID */
    struct wallet_place place;
};

static void
make(const char *path, mode_t mode, uid_t uid)
{
    assert_int_equal(mkdir(path, mode), 0);
    assert_int_equal(chmod(path, mode), 0);
    assert_int_equal(chown(path, uid, uid), 0);
}

static int
set_up(void **state)
{
    struct world *world = calloc(1, sizeof(*world));

    if (geteuid() != 0) {
        free(world);
        return 0; /* each test skips itself */
    }
    world->directory = support_directory();
    world->runtime = support_text("%s/run-user", world->directory);
    world->run = support_text("%s/run", world->directory);
    world->own = support_text("%s/%u/pam-oauth", world->runtime, USER);
    world->spare = support_text("%s/user/%u", world->run, USER);
    make(world->runtime, 0755, 0);
    world->place = (struct wallet_place){.runtime = world->runtime, .run = world->run, .uid = USER};
    *state = world;
    return 0;
}

static int
tear_down(void **state)
{
    struct world *world = *state;

    if (world != NULL) {
        support_remove(world->directory);
        free(world->runtime);
        free(world->run);
        free(world->own);
        free(world->spare);
        free(world);
    }
    return 0;
}

#define ROOT_ONLY(state)                                                                           \
    do {                                                                                           \
        if (*(state) == NULL) {                                                                    \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

/* RUNTIME/UID as the system makes it, and in it the user's directory. */
static void
with_runtime(const struct world *world)
{
    char *user = support_text("%s/%u", world->runtime, USER);

    make(user, 0700, USER);
    make(world->own, 0700, USER);
    free(user);
}

/* As the module does: with the user's rights. */
static enum status
read_as(const struct world *world, struct why *why, struct buf *text, bool *ret_found)
{
    struct identity identity CLEANUP(identity_done) = IDENTITY;
    int directory CLEANUP(file_close) = -1;

    *ret_found = false;
    assert_int_equal(identity_take(USER, USER, why, &identity), ST_OK);
    TRY(wallet_open(&world->place, why, &directory));
    if (directory < 0) {
        return ST_OK;
    }
    return wallet_read(directory, USER, "corp.token", why, text, ret_found);
}

static void
expect_token(const struct world *world)
{
    struct buf text CLEANUP(buf_done) = BUF(LIMIT);
    struct why why = {""};
    bool found = false;

    assert_int_equal(read_as(world, &why, &text, &found), ST_OK);
    assert_true(found);
    assert_string_equal(buf_text(&text), TOKEN);
}

static void
expect_nothing(const struct world *world)
{
    struct buf text CLEANUP(buf_done) = BUF(LIMIT);
    struct why why = {""};
    bool found = true;

    assert_int_equal(read_as(world, &why, &text, &found), ST_OK);
    assert_false(found);
}

static void
expect_refused(const struct world *world, const char *part)
{
    struct buf text CLEANUP(buf_done) = BUF(LIMIT);
    struct why why = {""};
    bool found = false;

    assert_int_equal(read_as(world, &why, &text, &found), ST_STORE);
    if (strstr(why.sentence, part) == NULL) {
        fail_msg("'%s' is not in: %s", part, why.sentence);
    }
}

/* A token of the user's in a directory, as `pam-oauth login` leaves it. */
static void
put(const char *directory, uid_t uid, mode_t mode)
{
    char *path = support_text("%s/corp.token", directory);

    support_write(directory, "corp.token", TOKEN);
    assert_int_equal(chown(path, uid, uid), 0);
    assert_int_equal(chmod(path, mode), 0);
    free(path);
}

static char *
token_in(const char *directory)
{
    return support_text("%s/corp.token", directory);
}

static void
R113_the_runtime_directory_goes_before_ours(void **state)
{
    ROOT_ONLY(state);
    struct world *world = *state;
    struct why why = {""};

    expect_nothing(world);
    assert_int_equal(wallet_give(&world->place, USER, &why), ST_OK);
    expect_nothing(world);
    put(world->spare, USER, 0600);
    expect_token(world);
    with_runtime(world);
    expect_nothing(world);
    put(world->own, USER, 0600);
    char *token = token_in(world->spare);
    assert_int_equal(unlink(token), 0);
    free(token);
    expect_token(world);
}

static void
R113_a_session_makes_ours_only_where_the_system_makes_none(void **state)
{
    ROOT_ONLY(state);
    struct world *world = *state;
    struct why why = {""};
    struct stat status;

    with_runtime(world);
    assert_int_equal(wallet_give(&world->place, USER, &why), ST_OK);
    assert_int_not_equal(stat(world->spare, &status), 0);
    world->place.uid = OTHER;
    assert_int_equal(wallet_give(&world->place, OTHER, &why), ST_OK);
    assert_int_equal(wallet_give(&world->place, OTHER, &why), ST_OK); /* the next session */
    char *others = support_text("%s/user/%u", world->run, OTHER);
    assert_int_equal(stat(others, &status), 0);
    assert_int_equal(status.st_mode, S_IFDIR | 0700);
    assert_int_equal(status.st_uid, OTHER);
    assert_int_equal(status.st_gid, OTHER);
    free(others);
}

static void
E64_odd_files_are_refused(void **state)
{
    ROOT_ONLY(state);
    struct world *world = *state;

    with_runtime(world);
    char *token = token_in(world->own);
    char *elsewhere = support_text("%s/elsewhere", world->own);

    put(world->own, USER, 0644);
    expect_refused(world, "open to group or others; chmod go= it");
    assert_int_equal(chmod(token, 0620), 0);
    expect_refused(world, "open to group or others");
    assert_int_equal(chmod(token, 0400), 0);
    expect_token(world);

    assert_int_equal(link(token, elsewhere), 0);
    expect_refused(world, "hard link");
    assert_int_equal(unlink(token), 0);
    assert_int_equal(symlink(elsewhere, token), 0);
    expect_refused(world, "a symbolic link");
    assert_int_equal(unlink(token), 0);
    assert_int_equal(mkfifo(token, 0600), 0);
    assert_int_equal(chown(token, USER, USER), 0);
    expect_refused(world, "not a regular file");
    assert_int_equal(unlink(token), 0);
    make(token, 0700, USER);
    expect_refused(world, "not a regular file");
    assert_int_equal(rmdir(token), 0);
    assert_int_equal(mknod(token, S_IFCHR | 0600, (dev_t)((1 << 8) | 5)), 0); /* /dev/zero */
    assert_int_equal(chown(token, USER, USER), 0);
    expect_refused(world, "");
    free(token);
    free(elsewhere);
}

/* Of root's files too: what the user may not read is not read for him. */
static void
E64_foreign_files_are_refused(void **state)
{
    ROOT_ONLY(state);
    struct world *world = *state;

    with_runtime(world);
    put(world->own, 0, 0600);
    expect_refused(world, "Permission denied");
    put(world->own, OTHER, 0600);
    expect_refused(world, "Permission denied");
    put(world->own, OTHER, 0644);
    expect_refused(world, "owned by uid 60002, not by uid 60001");
}

static void
E64_a_file_that_is_too_long(void **state)
{
    ROOT_ONLY(state);
    struct world *world = *state;

    with_runtime(world);
    put(world->own, USER, 0600);
    char *token = token_in(world->own);
    assert_int_equal(truncate(token, LIMIT + 1), 0);
    expect_refused(world, "larger than 65538 bytes");
    free(token);
}

static void
R113_odd_directories(void **state)
{
    ROOT_ONLY(state);
    struct world *world = *state;

    with_runtime(world);
    put(world->own, USER, 0600);
    assert_int_equal(chmod(world->own, 0755), 0);
    expect_refused(world, "open to group or others");
    assert_int_equal(chmod(world->own, 0700), 0);
    expect_token(world);
    /* one that is not the user's counts as none */
    assert_int_equal(chown(world->own, OTHER, OTHER), 0);
    assert_int_equal(chmod(world->own, 0777), 0);
    expect_nothing(world);
    assert_int_equal(chown(world->own, USER, USER), 0);
    assert_int_equal(chmod(world->own, 0700), 0);
    char *away = support_text("%s/away", world->directory);
    assert_int_equal(rename(world->own, away), 0);
    assert_int_equal(symlink(away, world->own), 0);
    expect_refused(world, "pam-oauth: ");
    assert_int_equal(unlink(world->own), 0);
    assert_int_equal(rename(away, world->own), 0);
    /* others could put one there */
    assert_int_equal(chmod(world->runtime, 0777), 0);
    expect_refused(world, "writable by group or others");
    free(away);
}

/* A user may mount what never answers (FUSE): nobody goes there. */
static void
R112_a_mounted_directory_is_not_entered(void **state)
{
    ROOT_ONLY(state);
    struct world *world = *state;

    with_runtime(world);
    put(world->own, USER, 0600);
    if (mount("none", world->own, "tmpfs", 0, "uid=60001,mode=0700") != 0) {
        skip();
    }
    struct why why = {""};
    struct buf text CLEANUP(buf_done) = BUF(LIMIT);
    bool found = false;
    enum status status = read_as(world, &why, &text, &found);
    assert_int_equal(umount(world->own), 0);
    assert_int_equal(status, ST_STORE);
    assert_non_null(strstr(why.sentence, "another file system is mounted there"));
    expect_token(world);
}

static void
R112_the_identity_is_given_back(void **state)
{
    ROOT_ONLY(state);
    struct world *world = *state;
    struct why why = {""};

    with_runtime(world);
    put(world->own, 0, 0600);
    {
        struct identity identity CLEANUP(identity_done) = IDENTITY;
        assert_int_equal(identity_take(USER, USER, &why, &identity), ST_OK);
        assert_int_equal(open("/etc/shadow", O_RDONLY | O_CLOEXEC), -1);
    }
    int fd CLEANUP(file_close) = open("/etc/shadow", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
}

/* Runs `body` as the user, in a process of its own. */
static void
as_user(const struct world *world, void (*body)(const struct world *world))
{
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        if (setgid(USER) != 0 || setuid(USER) != 0) {
            _exit(1);
        }
        body(world);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* cmocka's own checks leave by longjmp, which is not for a child. */
#define CHILD_ASSERT(condition)                                                                    \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            _exit(__LINE__ % 200 + 1);                                                             \
        }                                                                                          \
    } while (0)

static void
write_one(const struct world *world)
{
    struct why why = {""};
    int directory CLEANUP(file_close) = -1;
    int lock CLEANUP(file_close) = -1;

    umask(0);
    CHILD_ASSERT(wallet_make(&world->place, &why, &directory) == ST_OK);
    CHILD_ASSERT(wallet_lock(directory, "corp.lock", clock_ms(), &why, &lock) == ST_OK);
    CHILD_ASSERT(wallet_write(directory, "corp.token", span_of("old\n"), &why) == ST_OK);
    CHILD_ASSERT(wallet_write(directory, "corp.token", span_of(TOKEN), &why) == ST_OK);
}

static void
remove_one(const struct world *world)
{
    struct why why = {""};
    int directory CLEANUP(file_close) = -1;

    CHILD_ASSERT(wallet_make(&world->place, &why, &directory) == ST_OK);
    CHILD_ASSERT(wallet_remove(directory, "corp.token", &why) == ST_OK);
    CHILD_ASSERT(wallet_remove(directory, "corp.token", &why) == ST_OK);
}

static void
what_the_user_writes_is_read(void **state)
{
    ROOT_ONLY(state);
    struct world *world = *state;
    struct stat status;
    char *user = support_text("%s/%u", world->runtime, USER);

    make(user, 0700, USER);
    as_user(world, write_one);
    expect_token(world);
    char *token = token_in(world->own);
    assert_int_equal(stat(token, &status), 0);
    assert_int_equal(status.st_mode, S_IFREG | 0600);
    as_user(world, remove_one);
    expect_nothing(world);
    free(token);
    free(user);
}

static void
what_the_user_writes_where_there_is_no_runtime_directory(void **state)
{
    ROOT_ONLY(state);
    struct world *world = *state;
    struct why why = {""};

    assert_int_equal(wallet_give(&world->place, USER, &why), ST_OK);
    as_user(world, write_one);
    char *token = token_in(world->spare);
    assert_int_equal(access(token, F_OK), 0);
    expect_token(world);
    free(token);
}

static void
find_no_place(const struct world *world)
{
    struct why why = {""};
    int directory CLEANUP(file_close) = -1;

    CHILD_ASSERT(wallet_make(&world->place, &why, &directory) == ST_STORE);
    CHILD_ASSERT(directory == -1);
    CHILD_ASSERT(strstr(why.sentence, "there is no directory to keep a token in") != NULL);
}

static void
without_a_place_the_user_is_told(void **state)
{
    ROOT_ONLY(state);
    as_user(*state, find_no_place);
}

static void
meet_a_lock(const struct world *world)
{
    struct why why = {""};
    int directory CLEANUP(file_close) = -1;
    int lock CLEANUP(file_close) = -1;
    int64_t began_ms = clock_ms();

    CHILD_ASSERT(wallet_make(&world->place, &why, &directory) == ST_OK);
    CHILD_ASSERT(wallet_lock(directory, "corp.lock", began_ms + 100, &why, &lock) == ST_STORE);
    CHILD_ASSERT(strstr(why.sentence, "another pam-oauth holds it") != NULL);
    CHILD_ASSERT(clock_ms() - began_ms >= 100);
    CHILD_ASSERT(wallet_lock(directory, "other.lock", began_ms, &why, &lock) == ST_OK);
}

static void
a_lock_that_is_held_is_waited_for_and_not_longer(void **state)
{
    ROOT_ONLY(state);
    struct world *world = *state;

    with_runtime(world);
    char *path = support_text("%s/corp.lock", world->own);
    int fd CLEANUP(file_close) = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(fchown(fd, USER, USER), 0);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    as_user(world, meet_a_lock);
    free(path);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(R113_the_runtime_directory_goes_before_ours),
        TEST(R113_a_session_makes_ours_only_where_the_system_makes_none),
        TEST(E64_odd_files_are_refused),
        TEST(E64_foreign_files_are_refused),
        TEST(E64_a_file_that_is_too_long),
        TEST(R113_odd_directories),
        TEST(R112_a_mounted_directory_is_not_entered),
        TEST(R112_the_identity_is_given_back),
        TEST(what_the_user_writes_is_read),
        TEST(what_the_user_writes_where_there_is_no_runtime_directory),
        TEST(without_a_place_the_user_is_told),
        TEST(a_lock_that_is_held_is_waited_for_and_not_longer),
    };

    return cmocka_run_group_tests_name("wallet", tests, NULL, NULL);
}

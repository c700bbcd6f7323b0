/* The local account, with a directory of accounts that answers whatever it is told to. */
#include "support.h"

#include <errno.h>
#include <pwd.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/text.h"
#include "fault.h"
#include "login/account.h"

/* An ordinary account and one of the system's, by any UID_MIN. */
#define PERSON ((uid_t)60001)
#define DAEMON ((uid_t)1)

/* What the directory answers. */
static struct {
    const char *name;
    uid_t uid;
    gid_t gid;
    int error;
    size_t needs; /* bytes of room, or else ERANGE */
    size_t most;  /* bytes that it was given */
} directory;

int
getpwnam_r(const char *name, struct passwd *entry, char *into, size_t room, struct passwd **found)
{
    (void)name;
    *found = NULL;
    directory.most = room;
    memset(into, 'x', room); /* all of it is to be had */
    if (room < directory.needs) {
        return ERANGE;
    }
    if (directory.error != 0 || directory.name == NULL) {
        return directory.error;
    }
    strcpy(into, directory.name);
    *entry = (struct passwd){.pw_name = into, .pw_uid = directory.uid, .pw_gid = directory.gid};
    *found = entry;
    return 0;
}

static int
set_up(void **state)
{
    (void)state;
    memset(&directory, 0, sizeof(directory));
    directory.name = "alice";
    directory.uid = PERSON;
    directory.gid = PERSON;
    return 0;
}

/* For a service that lists nobody, or alice. */
static enum status
check(bool is_listed, struct why *why)
{
    char name[] = "alice";
    char sshd[] = "sshd";
    char *names[] = {name};
    struct service service = {.name = sshd,
                              .system_users = {.at = names, .count = is_listed ? 1 : 0}};

    *why = (struct why){""};
    enum status status = account_check(&service, "alice", why);
    assert_true((status == ST_OK) == (why->sentence[0] == '\0'));
    return status;
}

static void
an_account_is_found_by_exactly_its_name_R15_R17(void **state)
{
    static const char *const others[] = {"Alice", "alice2", "alic", "", "alice@example.org"};
    struct account account = {.uid = 7};
    struct why why;

    (void)state;
    assert_int_equal(check(false, &why), ST_OK);
    assert_int_equal(account_find("alice", &why, &account), ST_OK);
    assert_int_equal(account.uid, PERSON);
    assert_int_equal(account.gid, PERSON);
    assert_int_equal(account_exists("alice", &why), ST_OK);
    for (size_t i = 0; i < COUNT(others); i++) {
        directory.name = others[i];
        assert_int_equal(check(true, &why), ST_UNKNOWN_USER);
        assert_int_equal(account_exists("alice", &why), ST_UNKNOWN_USER);
    }
    directory.name = NULL;
    assert_int_equal(check(true, &why), ST_UNKNOWN_USER);
    assert_string_equal(why.sentence, "the system has no such account");
}

/* getpwnam(3): some of its errors mean that there is no such name. */
static void
a_directory_that_cannot_answer_is_a_fault(void **state)
{
    static const struct {
        int error;
        enum status status;
    } rows[] = {
        {EIO, ST_INTERNAL},        {EMFILE, ST_INTERNAL},    {ENFILE, ST_INTERNAL},
        {ENOENT, ST_UNKNOWN_USER}, {ESRCH, ST_UNKNOWN_USER}, {EBADF, ST_UNKNOWN_USER},
        {EPERM, ST_UNKNOWN_USER},
    };
    struct why why;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        directory.error = rows[i].error;
        assert_int_equal(check(true, &why), rows[i].status);
        assert_int_equal(account_exists("alice", &why), rows[i].status);
    }
}

/* One entry may be long (a directory's gecos), and none has no end. */
static void
an_entry_has_room_up_to_a_limit(void **state)
{
    struct why why;

    (void)state;
    directory.needs = (size_t)256 * 1024;
    assert_int_equal(check(false, &why), ST_OK);
    assert_int_equal(directory.most, directory.needs);
    directory.needs++;
    assert_int_equal(check(true, &why), ST_INTERNAL);
    assert_string_equal(why.sentence, "the account's passwd entry is too large");
    directory.needs = 0;
    assert_int_equal(check(false, &why), ST_OK);
    assert_int_equal(directory.most, 1024);
}

/* setreuid(2) takes -1 for "as it is", which is root. */
static void
an_id_that_is_none_enters_nowhere_R15(void **state)
{
    struct why why;

    (void)state;
    directory.uid = (uid_t)-1;
    assert_int_equal(check(true, &why), ST_ACCOUNT);
    directory.uid = PERSON;
    directory.gid = (gid_t)-1;
    assert_int_equal(check(true, &why), ST_ACCOUNT);
    assert_string_equal(why.sentence,
                        "the account has uid 60001 and gid 4294967295, of which one is none; mend "
                        "its entry in passwd(5) or in the directory");
    directory.gid = 0;
    assert_int_equal(check(false, &why), ST_OK);
}

/* By number: whatever root is called. */
static void
system_accounts_must_be_listed_R23(void **state)
{
    static const uid_t system[] = {0, DAEMON};
    struct why why;

    (void)state;
    for (size_t i = 0; i < COUNT(system); i++) {
        directory.uid = system[i];
        assert_int_equal(check(false, &why), ST_ACCOUNT);
        assert_non_null(strstr(why.sentence, "list it in system_users of [service sshd]"));
        assert_int_equal(check(true, &why), ST_OK);
    }
}

/* The least uid that needs no listing, with this login.defs(5) in the place of the machine's. */
static void
expect_uid_min(const char *parent, const char *defs, uid_t least)
{
    struct why why;

    support_write(parent, "login.defs", defs);
    directory.uid = least;
    if (check(false, &why) != ST_OK) {
        fail_msg("%s: %s", defs, why.sentence);
    }
    directory.uid = least - 1;
    assert_int_equal(check(false, &why), ST_ACCOUNT);
}

/* In a mount namespace of its own, as tests must not write to /etc. */
static void
the_least_uid_of_a_person_is_that_of_login_defs_R23(void **state)
{
    (void)state;
    if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
        skip();
    }
    char *parent = support_directory();
    char *path = support_text("%s/login.defs", parent);
    support_write(parent, "login.defs", "");
    if (mount(path, "/etc/login.defs", NULL, MS_BIND, NULL) != 0) {
        skip();
    }
    expect_uid_min(parent, "", 1000);
    expect_uid_min(parent, "MAIL_DIR /var/mail\nUID_MIN 500\nUID_MAX 60000\n", 500);
    expect_uid_min(parent, "UID_MIN\t\t 2000", 2000);
    expect_uid_min(parent, "SYS_UID_MIN 100\n  UID_MIN 3000\nSUB_UID_MIN 100000\n", 3000);
    expect_uid_min(parent, "# UID_MIN 500\n#UID_MIN 500\n", 1000);
    expect_uid_min(parent, "UID_MIN\n500\n", 1000);
    expect_uid_min(parent, "500 UID_MIN 700\n", 1000);
    expect_uid_min(parent, "UID_MIN x\nUID_MINIMUM 500\n", 1000);
    expect_uid_min(parent, "UID_MIN -1\n", 1000);
    expect_uid_min(parent, "UID_MIN 0\n", 1); /* root is root */
    /* One that others may write says nothing. */
    struct why why;
    support_write_mode(parent, "login.defs", "UID_MIN 500\n", 0666);
    directory.uid = 999;
    assert_int_equal(check(false, &why), ST_ACCOUNT);
    assert_int_equal(umount("/etc/login.defs"), 0);
    support_remove(parent);
    free(path);
}

static enum status
find_somebody(void *world)
{
    return account_exists("alice", world);
}

static void
E69_no_account_where_memory_runs_out(void **state)
{
    struct why why = {""};

    (void)state;
    directory.needs = 3000;
    assert_int_equal(fault_each(find_somebody, &why), 2);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_account_is_found_by_exactly_its_name_R15_R17),
        TEST(a_directory_that_cannot_answer_is_a_fault),
        TEST(an_entry_has_room_up_to_a_limit),
        TEST(an_id_that_is_none_enters_nowhere_R15),
        TEST(system_accounts_must_be_listed_R23),
        TEST(the_least_uid_of_a_person_is_that_of_login_defs_R23),
        TEST(E69_no_account_where_memory_runs_out),
    };

    return cmocka_run_group_tests_name("account", tests, NULL, NULL);
}

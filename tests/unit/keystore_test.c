#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/keystore.h"

#define ISSUER "https://sso.example.org/realms/corp"
#define NOW_S 1700000000
#define LINES "=azE RSA RS256 - AQAB AQAB\n=azI EC - P-256 AAAA AAAA\n"

static struct keystore_entry
sample(void)
{
    return (struct keystore_entry){
        .issuer = span_of(ISSUER),
        .jwks_uri = span_of(ISSUER "/keys"),
        .token_endpoint = span_of(ISSUER "/token"),
        .fetched_s = 1700000000,
        .fresh_until_s = 1700003600,
        .lines = span_of(LINES),
        .text = BUF(KEYSTORE_FILE_MAX),
    };
}

static int
set_up(void **state)
{
    struct keystore_entry entry = sample();
    struct why why = {""};

    *state = support_directory();
    assert_int_equal(keystore_save(*state, &entry, NOW_S, &why), ST_OK);
    return 0;
}

static int
tear_down(void **state)
{
    support_remove(*state);
    return 0;
}

static enum status
load(const char *directory, const char *issuer)
{
    struct keystore_entry entry CLEANUP(keystore_entry_done) = KEYSTORE_ENTRY;
    struct why why = {""};

    return keystore_load(directory, /* owner: */ 0, issuer, &why, &entry);
}

/* The only file in the directory, as a path. */
static char *
only_file(const char *directory)
{
    char *path = NULL;
    char *command = support_text("ls -A %s", directory);
    char name[128];
    FILE *list = popen(command, "re");

    assert_non_null(list);
    assert_non_null(fgets(name, sizeof(name), list));
    name[strcspn(name, "\n")] = '\0';
    path = support_text("%s/%s", directory, name);
    assert_null(fgets(name, sizeof(name), list));
    assert_int_equal(pclose(list), 0);
    free(command);
    return path;
}

static char *
read_whole(const char *path)
{
    char *text = calloc(1, 65536);
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    assert_true(fread(text, 1, 65535, file) > 0);
    assert_int_equal(fclose(file), 0);
    return text;
}

static void
write_whole(const char *path, const char *text, size_t length)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static void
what_was_saved_is_loaded(void **state)
{
    struct keystore_entry entry = KEYSTORE_ENTRY;
    struct why why = {""};

    assert_int_equal(keystore_load(*state, 0, ISSUER, &why, &entry), ST_OK);
    assert_true(span_is(entry.issuer, ISSUER));
    assert_true(span_is(entry.jwks_uri, ISSUER "/keys"));
    assert_true(span_is(entry.token_endpoint, ISSUER "/token"));
    assert_int_equal(entry.device_authorization_endpoint.length, 0);
    assert_int_equal(entry.fetched_s, 1700000000);
    assert_int_equal(entry.fresh_until_s, 1700003600);
    assert_true(span_is(entry.lines, LINES));
    keystore_entry_done(&entry);
}

static void
another_issuer_has_nothing(void **state)
{
    assert_int_equal(load(*state, ISSUER "/"), ST_STORE);
}

static void
R74_saving_replaces_and_leaves_no_temporary_file(void **state)
{
    struct keystore_entry entry = sample();
    struct why why = {""};
    struct stat status;

    entry.lines = span_of("");
    assert_int_equal(keystore_save(*state, &entry, NOW_S, &why), ST_OK);
    char *path = only_file(*state);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0644);
    free(path);
    assert_int_equal(load(*state, ISSUER), ST_OK);
}

static void
E61_every_cut_counts_as_absent(void **state)
{
    char *path = only_file(*state);
    char *text = read_whole(path);

    for (size_t length = 0; length < strlen(text); length++) {
        write_whole(path, text, length);
        assert_int_equal(load(*state, ISSUER), ST_STORE);
    }
    write_whole(path, text, strlen(text));
    assert_int_equal(load(*state, ISSUER), ST_OK);
    free(text);
    free(path);
}

static void
E61_foreign_or_damaged_text_counts_as_absent(void **state)
{
    static const char *const damages[][2] = {
        {"keystore 1", "keystore 2"},  {"issuer https", "issuer Https"},
        {"fetched 17", "fetched -17"}, {"fetched 17", "fetched 99917000000000"},
        {"keys 2", "keys 3"},          {"keys 2", "keys x"},
        {"jwks_uri ", "jwks_url "},    {"\nend\n", "\nend\nmore\n"},
    };
    char *path = only_file(*state);
    char *text = read_whole(path);

    for (size_t i = 0; i < COUNT(damages); i++) {
        const char *at = strstr(text, damages[i][0]);
        assert_non_null(at);
        char *damaged = support_text("%.*s%s%s", (int)(at - text), text, damages[i][1],
                                     at + strlen(damages[i][0]));
        write_whole(path, damaged, strlen(damaged));
        assert_int_equal(load(*state, ISSUER), ST_STORE);
        free(damaged);
    }
    free(text);
    free(path);
}

static void
E61_a_file_that_others_could_have_written_counts_as_absent(void **state)
{
    char *path = only_file(*state);

    assert_int_equal(chmod(path, 0664), 0);
    assert_int_equal(load(*state, ISSUER), ST_STORE);
    assert_int_equal(chmod(path, 0644), 0);
    if (geteuid() == 0) {
        assert_int_equal(chown(path, 12345, 0), 0);
        assert_int_equal(load(*state, ISSUER), ST_STORE);
        assert_int_equal(chown(path, 0, 0), 0);
    }
    assert_int_equal(load(*state, ISSUER), ST_OK);
    free(path);
}

static void
E61_a_link_a_fifo_or_a_directory_in_its_place_counts_as_absent(void **state)
{
    char *path = only_file(*state);
    char *elsewhere = support_text("%s.real", path);

    assert_int_equal(rename(path, elsewhere), 0);
    assert_int_equal(symlink(elsewhere, path), 0);
    assert_int_equal(load(*state, ISSUER), ST_STORE);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0644), 0);
    assert_int_equal(load(*state, ISSUER), ST_STORE);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0755), 0);
    assert_int_equal(load(*state, ISSUER), ST_STORE);
    free(elsewhere);
    free(path);
}

static void
R76_a_directory_that_is_not_there_is_told(void **state)
{
    struct keystore_entry entry = sample();
    struct why why = {""};

    (void)state;
    assert_int_equal(keystore_save("/nonexistent/cache", &entry, NOW_S, &why), ST_STORE);
    assert_non_null(strstr(why.sentence, "/nonexistent/cache"));
    assert_int_equal(load("/nonexistent/cache", ISSUER), ST_STORE);
}

static void
E61_a_hard_link_counts_as_absent(void **state)
{
    char *path = only_file(*state);
    char *other = support_text("%s.other", path);

    assert_int_equal(link(path, other), 0);
    assert_int_equal(load(*state, ISSUER), ST_STORE);
    assert_int_equal(unlink(other), 0);
    assert_int_equal(load(*state, ISSUER), ST_OK);
    free(other);
    free(path);
}

/* What is stored after these times were saved on top of those that are. */
static int64_t
fetched_after_saving(const char *directory, int64_t fetched_s, int64_t now_s)
{
    struct keystore_entry entry = sample();
    struct keystore_entry stored CLEANUP(keystore_entry_done) = KEYSTORE_ENTRY;
    struct why why = {""};

    entry.fetched_s = fetched_s;
    assert_int_equal(keystore_save(directory, &entry, now_s, &why), ST_OK);
    assert_int_equal(keystore_load(directory, 0, ISSUER, &why, &stored), ST_OK);
    return stored.fetched_s;
}

/* A process that was stopped with an old answer in its hands goes on. */
static void
R73_an_older_answer_does_not_replace_a_newer_one(void **state)
{
    assert_int_equal(fetched_after_saving(*state, NOW_S + 100, NOW_S + 100), NOW_S + 100);
    assert_int_equal(fetched_after_saving(*state, NOW_S + 40, NOW_S + 160), NOW_S + 100);
    assert_int_equal(fetched_after_saving(*state, NOW_S + 100, NOW_S + 160), NOW_S + 100);
    assert_int_equal(fetched_after_saving(*state, NOW_S + 101, NOW_S + 160), NOW_S + 101);
    free(only_file(*state));
}

static void
E65_an_answer_from_the_future_is_replaced(void **state)
{
    assert_int_equal(fetched_after_saving(*state, NOW_S + 9000, NOW_S + 9000), NOW_S + 9000);
    assert_int_equal(fetched_after_saving(*state, NOW_S + 5400, NOW_S + 5400), NOW_S + 5400);
}

/* The file that is written before it takes the other's place, locked by somebody else. */
static int
lock_temporary(const char *directory, int64_t since_s)
{
    const struct timespec stamp[2] = {{.tv_sec = since_s}, {.tv_sec = since_s}};
    char *path = only_file(directory);
    int fd;

    (void)snprintf(strstr(path, ".keys"), sizeof(".keys"), ".new");
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    assert_int_equal(write(fd, "half of something", 17), 17);
    assert_int_equal(futimens(fd, stamp), 0);
    free(path);
    return fd;
}

static void
R75_a_temporary_file_that_is_being_written_is_left_alone(void **state)
{
    int fd = lock_temporary(*state, NOW_S + 100);
    struct stat status;

    assert_int_equal(fetched_after_saving(*state, NOW_S + 101, NOW_S + 101), NOW_S);
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(status.st_size, 17);
    assert_int_equal(status.st_nlink, 1);
    assert_int_equal(close(fd), 0);
}

static void
R75_a_temporary_file_whose_writer_is_stopped_is_replaced(void **state)
{
    int fd = lock_temporary(*state, NOW_S + 100);
    struct stat status;

    assert_int_equal(fetched_after_saving(*state, NOW_S + 115, NOW_S + 115), NOW_S + 115);
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(status.st_nlink, 0);
    assert_int_equal(close(fd), 0);
    free(only_file(*state));
}

static void
E62_what_is_left_of_a_killed_writer_is_used_up(void **state)
{
    assert_int_equal(close(lock_temporary(*state, NOW_S + 100)), 0);
    assert_int_equal(fetched_after_saving(*state, NOW_S + 101, NOW_S + 101), NOW_S + 101);
    free(only_file(*state));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_was_saved_is_loaded),
        TEST(another_issuer_has_nothing),
        TEST(R74_saving_replaces_and_leaves_no_temporary_file),
        TEST(E61_every_cut_counts_as_absent),
        TEST(E61_foreign_or_damaged_text_counts_as_absent),
        TEST(E61_a_file_that_others_could_have_written_counts_as_absent),
        TEST(E61_a_link_a_fifo_or_a_directory_in_its_place_counts_as_absent),
        TEST(R76_a_directory_that_is_not_there_is_told),
        TEST(E61_a_hard_link_counts_as_absent),
        TEST(R73_an_older_answer_does_not_replace_a_newer_one),
        TEST(E65_an_answer_from_the_future_is_replaced),
        TEST(R75_a_temporary_file_that_is_being_written_is_left_alone),
        TEST(R75_a_temporary_file_whose_writer_is_stopped_is_replaced),
        TEST(E62_what_is_left_of_a_killed_writer_is_used_up),
    };
#undef TEST
    return cmocka_run_group_tests_name("keystore", tests, NULL, NULL);
}

#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/keystore.h"

#define ISSUER "https://sso.example.org/realms/corp"
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
    assert_int_equal(keystore_save(*state, &entry, &why), ST_OK);
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
    assert_int_equal(keystore_save(*state, &entry, &why), ST_OK);
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
    assert_int_equal(keystore_save("/nonexistent/cache", &entry, &why), ST_STORE);
    assert_non_null(strstr(why.sentence, "/nonexistent/cache"));
    assert_int_equal(load("/nonexistent/cache", ISSUER), ST_STORE);
}

static enum status
claim(const char *directory, int64_t now_s)
{
    struct why why = {""};

    return keystore_claim_refresh(directory, 0, ISSUER, now_s, 60, &why);
}

static void
R70_a_refresh_is_claimed_once_a_minute(void **state)
{
    assert_int_equal(claim(*state, 1700000000), ST_OK);
    assert_int_equal(claim(*state, 1700000000), ST_STORE);
    assert_int_equal(claim(*state, 1700000059), ST_STORE);
    assert_int_equal(claim(*state, 1700000060), ST_OK);
    assert_int_equal(claim(*state, 1700000061), ST_STORE);
    /* the clock went back: the stamp lies in the future and means nothing */
    assert_int_equal(claim(*state, 1600000000), ST_OK);
}

static void
R70_a_stamp_that_cannot_be_kept_is_no_claim(void **state)
{
    (void)state;
    assert_int_equal(claim("/nonexistent/run", 1700000000), ST_STORE);
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
        TEST(R70_a_refresh_is_claimed_once_a_minute),
        TEST(R70_a_stamp_that_cannot_be_kept_is_no_claim),
    };
#undef TEST
    return cmocka_run_group_tests_name("keystore", tests, NULL, NULL);
}

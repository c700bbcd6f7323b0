/*
 * E61, E62, E63, E70, R74, R75, R76, R123: what may stand where the module keeps and reads its
 * files. Whatever it is, no sign-in hangs, nothing is written through it, and a good token is
 * accepted as soon as the keys can be fetched.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

static char key_file[600];
static const char *directory;

static int
login_with(const char *service, const char *token, struct login *login)
{
    static const char *answers[2];

    answers[0] = host_token(token);
    login->service = service;
    login->user = "alice";
    login->answers = answers;
    return host_login(login);
}

/* Fetches the keys, and finds out what their file is called. */
static void
fresh_keys(void)
{
    struct login login = {.stacks = NULL};
    struct dirent *entry;

    host_forget_keys();
    (void)login_with("faked", "faked", &login);
    DIR *cache = opendir(directory);
    key_file[0] = '\0';
    while ((entry = readdir(cache)) != NULL) {
        if (strstr(entry->d_name, ".keys") != NULL && entry->d_name[0] != '.') {
            (void)snprintf(key_file, sizeof(key_file), "%s/%s", directory, entry->d_name);
        }
    }
    (void)closedir(cache);
    if (key_file[0] == '\0') {
        abort();
    }
    host_forget(&login);
}

static void
write_text(const char *path, const char *text, size_t length)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd < 0 || write(fd, text, length) != (ssize_t)length || fchmod(fd, 0644) != 0) {
        abort();
    }
    (void)close(fd);
}

/* ---- odd things in the place of the keys --------------------------------------------------------
 */

static void
a_link_to_shadow(void)
{
    (void)unlink(key_file);
    (void)!symlink("/etc/shadow", key_file);
}

static void
a_hard_link(void)
{
    (void)unlink(key_file);
    (void)!link(host_path("target"), key_file);
}

static void
a_fifo(void)
{
    (void)unlink(key_file);
    (void)mkfifo(key_file, 0644);
}

static void
a_directory(void)
{
    (void)unlink(key_file);
    (void)mkdir(key_file, 0755);
}

static void
a_device(void)
{
    (void)unlink(key_file);
    (void)mknod(key_file, S_IFCHR | 0644, (dev_t)(1 << 8 | 5)); /* /dev/zero */
}

static void
writable_by_a_group(void)
{
    (void)chmod(key_file, 0664);
}

static void
of_a_user(void)
{
    (void)!chown(key_file, 60001, 60001);
}

static void
cut_by_one(void)
{
    char *text = host_read(key_file);

    write_text(key_file, text, strlen(text) - 1);
    free(text);
}

static void
cut_in_half(void)
{
    char *text = host_read(key_file);

    write_text(key_file, text, strlen(text) / 2);
    free(text);
}

static void
empty(void)
{
    write_text(key_file, "", 0);
}

static void
garbage(void)
{
    static const char bytes[] = "\0\xff\x1b[2J%s%n\nend\n";

    write_text(key_file, bytes, sizeof(bytes) - 1);
}

static void
sparse_gigabyte(void)
{
    (void)!truncate(key_file, (off_t)1024 * 1024 * 1024);
}

static void
of_another_issuer(void)
{
    char *text = host_read(key_file);
    char *at = strstr(text, "faked.example");

    memcpy(at, "other", 5);
    write_text(key_file, text, strlen(text));
    free(text);
}

static void
with_a_nul(void)
{
    char *text = host_read(key_file);
    size_t length = strlen(text);

    text[length / 2] = '\0';
    write_text(key_file, text, length);
    free(text);
}

/* A line of the file with another number. */
static void
set_seconds(const char *name, long long seconds)
{
    char *text = host_read(key_file);
    char *at = strstr(text, name);
    char *rest = strchr(at, '\n');
    char *changed = NULL;

    if (asprintf(&changed, "%.*s%s %lld%s", (int)(at - text), text, name, seconds, rest) > 0) {
        write_text(key_file, changed, strlen(changed));
    }
    free(changed);
    free(text);
}

static void
of_the_future(void)
{
    set_seconds("fetched", 4102444800);
    set_seconds("fresh_until", 4102448400);
}

static void
of_1970(void)
{
    set_seconds("fetched", 1);
    set_seconds("fresh_until", 2);
}

static void
fresh_for_ever_without_date(void)
{
    set_seconds("fetched", 0);
    set_seconds("fresh_until", 253402300799);
}

static const struct {
    const char *name;
    void (*make)(void);
} odd[] = {
    {"E61_a_link_to_shadow", a_link_to_shadow},
    {"E61_a_hard_link", a_hard_link},
    {"E61_a_fifo", a_fifo},
    {"E61_a_directory", a_directory},
    {"E61_a_device", a_device},
    {"E61_writable_by_a_group", writable_by_a_group},
    {"E61_of_a_user", of_a_user},
    {"E61_cut_by_one_byte", cut_by_one},
    {"E61_cut_in_half", cut_in_half},
    {"E61_empty", empty},
    {"E61_garbage", garbage},
    {"E61_a_sparse_gigabyte", sparse_gigabyte},
    {"E61_of_another_issuer", of_another_issuer},
    {"E61_with_a_NUL", with_a_nul},
    {"E61_E65_of_the_future", of_the_future},
    {"E61_E65_of_1970", of_1970},
    {"E61_fresh_for_ever", fresh_for_ever_without_date},
};

static void
odd_key_files(void)
{
    char *shadow = host_read("/etc/shadow");

    write_text(host_path("target"), "untouched", 9);
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        struct login login = {.stacks = NULL};
        char name[96];
        fresh_keys();
        odd[i].make();
        int64_t start = host_ms();
        int code = login_with("faked", "faked", &login);
        int bad = login_with("faked", "faked_bad", &login);
        int64_t took = host_ms() - start;
        (void)snprintf(name, sizeof(name), "R74_%s", odd[i].name);
        check(code == PAM_SUCCESS && bad == PAM_AUTH_ERR && host_within(took, 8000), name,
              "%s and %s after %lld ms: %s", host_code(code), host_code(bad), (long long)took,
              login.log);
        (void)rmdir(key_file);
        (void)unlink(key_file);
        host_forget(&login);
    }
    char *target = host_read(host_path("target"));
    char *shadow_after = host_read("/etc/shadow");
    check(strcmp(target, "untouched") == 0 && strcmp(shadow, shadow_after) == 0,
          "R74_E61_targets_are_untouched", "they are not");
    free(target);
    free(shadow);
    free(shadow_after);
}

/* ---- odd directories (E62) ----------------------------------------------------------------------
 */

static void
expect(const char *name, int wanted, int64_t most_ms)
{
    struct login login = {.stacks = NULL};
    int64_t start = host_ms();
    int code = login_with("faked", "faked", &login);
    int64_t took = host_ms() - start;

    check(code == wanted && host_within(took, most_ms), name, "%s after %lld ms: %s",
          host_code(code), (long long)took, login.log);
    int bad = login_with("faked", "faked_bad", &login);
    check(bad != PAM_SUCCESS && bad != PAM_IGNORE, name, "a bad token: %s", host_code(bad));
    host_forget(&login);
}

static void
odd_directories(void)
{
    char away[600];

    (void)snprintf(away, sizeof(away), "%s.away", directory);
    host_forget_keys();
    (void)rename(directory, away);
    (void)umask(0777);
    expect("E62_R76_no_cache_directory", PAM_SUCCESS, 8000);
    (void)umask(022);
    /* it may have been made: then it is as it should be */
    struct stat made;
    check(lstat(directory, &made) != 0 ||
              (S_ISDIR(made.st_mode) && made.st_uid == 0 && (made.st_mode & 07777) == 0755),
          "E62_R74_a_cache_directory_that_was_made", "mode %o", made.st_mode);
    host_forget_keys();
    (void)rmdir(directory);
    (void)!symlink(away, directory);
    expect("E62_R74_the_cache_directory_is_a_link", PAM_SUCCESS, 8000);
    (void)unlink(directory);
    write_text(directory, "", 0);
    expect("E62_R76_the_cache_directory_is_a_file", PAM_SUCCESS, 8000);
    (void)unlink(directory);
    (void)rename(away, directory);
    (void)chmod(directory, 0777);
    expect("E62_R74_a_cache_directory_for_everybody", PAM_SUCCESS, 8000);
    (void)chmod(directory, 0755);
    (void)!chown(directory, 60001, 60001);
    expect("E62_R74_a_cache_directory_of_a_user", PAM_SUCCESS, 8000);
    (void)!chown(directory, 0, 0);
    host_forget_keys();
    expect("E62_R76_the_directory_as_it_should_be", PAM_SUCCESS, 8000);
}

/* ---- stale keys, rotation, many at once
 * ------------------------------------------------------------ */

/* How often since the last time. The file only grows: while it is taken away, it may be written. */
static size_t
asked(void)
{
    static size_t seen;
    char *text = host_read(host_path("../fake/asked"));
    size_t count = strlen(text) - seen;

    seen += count;
    free(text);
    return count;
}

static void
publish(const char *name)
{
    char *text = host_read(host_path(name));

    write_text(host_path("../fake/jwks"), text, strlen(text));
    free(text);
}

/* Sign-ins at the same time; how many were let in. */
static int
at_once(int count, const char *token)
{
    int let_in = 0;

    for (int i = 0; i < count; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            struct login login = {.stacks = NULL};
            host_sleep_ms(50);
            _exit(login_with("faked", token, &login));
        }
    }
    for (int i = 0; i < count; i++) {
        int status = 0;
        (void)wait(&status);
        let_in += WIFEXITED(status) && WEXITSTATUS(status) == PAM_SUCCESS ? 1 : 0;
    }
    return let_in;
}

static void
many_at_once(void)
{
    int let_in;

    host_forget_keys();
    (void)asked();
    let_in = at_once(20, "faked");
    size_t times = asked();
    check(let_in == 20 && times <= 2, "R123_20_sign_ins_without_keys_at_once",
          "%d let in, %zu asked", let_in, times);
    let_in = at_once(20, "faked");
    check(let_in == 20 && asked() == 0, "R123_20_sign_ins_with_keys_at_once", "%d let in", let_in);

    publish("old.jwks");
    host_forget_keys();
    let_in = at_once(1, "faked_k2");
    publish("corp.jwks");
    (void)asked();
    let_in = at_once(1, "faked");
    check(let_in == 1 && asked() == 1, "R71_rotation_just_before_a_sign_in", "%d let in", let_in);

    publish("old.jwks");
    host_forget_keys();
    (void)at_once(1, "faked_k2");
    publish("corp.jwks");
    (void)asked();
    let_in = at_once(10, "faked");
    times = asked();
    check(let_in == 10 && times == 1, "R71_rotation_just_before_10_sign_ins_at_once",
          "%d let in, %zu asked", let_in, times);
}

/* Waits until the keys were asked for so often, or in vain for ten seconds. */
static size_t
asked_within_10_s(size_t wanted)
{
    int64_t until_ms = host_ms() + 10000;
    size_t count = asked();

    while (count < wanted && host_ms() < until_ms) {
        host_sleep_ms(20);
        count += asked();
    }
    host_sleep_ms(200);
    return count + asked();
}

/* What an earlier sign-in has started must not come in between. */
static void
wait_for_refresher(void)
{
    int64_t until_ms = host_ms() + 20000;

    while (host_processes("pam-oauth") > 0 && host_ms() < until_ms) {
        host_sleep_ms(10);
    }
}

static void
make_stale(void)
{
    long long now = (long long)time(NULL);

    wait_for_refresher();
    host_behave("serve");
    fresh_keys();
    set_seconds("fetched", now - 7200);
    set_seconds("fresh_until", now - 3600);
    (void)asked();
}

/* Nobody waits for the refresh of keys that are known, and nothing of it is a child of the host. */
static void
use_stale_keys(const char *behaviour)
{
    struct login login = {.stacks = NULL};
    char name[96];

    make_stale();
    host_behave(behaviour);
    int64_t start = host_ms();
    int code = login_with("faked", "faked", &login);
    int64_t took = host_ms() - start;
    (void)snprintf(name, sizeof(name), "E36_R72_R9_stale_keys_and_a_provider_that_is_%s",
                   behaviour);
    check(code == PAM_SUCCESS && host_within(took, 1900) && host_children() == 0 &&
              strstr(login.log, "event=keys_stale") != NULL &&
              strstr(login.log, "keys_not_refreshed") == NULL,
          name, "%s after %lld ms: %s", host_code(code), (long long)took, login.log);
    host_forget(&login);
}

static void
stale_keys(void)
{
    struct login login = {.stacks = NULL};
    long long now = (long long)time(NULL);

    use_stale_keys("silent");
    use_stale_keys("deaf");
    use_stale_keys("serve");
    (void)login_with("faked", "faked", &login);
    size_t times = asked_within_10_s(1);
    check(times == 1, "R72_stale_keys_are_refreshed_once", "asked %zu times", times);
    (void)login_with("faked", "faked", &login);
    check(strstr(login.log, "keys_stale") == NULL, "R72_and_then_they_are_fresh", "%s", login.log);

    make_stale();
    set_seconds("fetched", now - 200000);
    set_seconds("fresh_until", now - 100000);
    host_behave("silent");
    int code = login_with("faked", "faked", &login);
    check(code == PAM_AUTHINFO_UNAVAIL, "E36_R72_keys_too_stale", "%s: %s", host_code(code),
          login.log);
    host_behave("serve");
    host_forget(&login);
}

/* ---- what is configured is not what it should be
 * ---------------------------------------------------- */

static void
in_place_of(const char *path, const char *service, const char *token, const char *what)
{
    char away[700];
    struct login login = {.stacks = NULL};
    char name[128];
    static const char *const kinds[] = {"fifo",     "link",      "of_a_user",
                                        "writable", "directory", "absent"};

    (void)snprintf(away, sizeof(away), "%s.away", path);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (rename(path, away) != 0) {
            abort();
        }
        char *text = host_read(away);
        if (strcmp(kinds[i], "fifo") == 0) {
            (void)mkfifo(path, 0644);
        } else if (strcmp(kinds[i], "link") == 0) {
            (void)!symlink(away, path);
        } else if (strcmp(kinds[i], "directory") == 0) {
            (void)mkdir(path, 0755);
        } else if (strcmp(kinds[i], "absent") != 0) {
            (void)!link(away, path);
            (void)!(strcmp(kinds[i], "writable") == 0 ? chmod(path, 0775)
                                                      : chown(path, 60001, 60001));
        }
        host_forget_keys();
        int64_t start = host_ms();
        int code = login_with(service, token, &login);
        (void)snprintf(name, sizeof(name), "E63_E70_R111_%s_%s", what, kinds[i]);
        check(code == PAM_SERVICE_ERR && host_within(host_ms() - start, 5000) && login.logged == 1,
              name, "%s after %lld ms: %s", host_code(code), (long long)(host_ms() - start),
              login.log);
        (void)rmdir(path);
        (void)unlink(path);
        (void)rename(away, path);
        (void)chmod(path, 0755);
        (void)!chown(path, 0, 0);
        free(text);
    }
    host_forget(&login);
}

static void
odd_files(void)
{
    in_place_of(host_path("../pam_oauth/pam_oauth.conf"), "tokens", "good", "configuration");
    in_place_of(host_path("../pam_oauth/accounts.map"), "tokens", "good", "account_map");
    in_place_of(host_path("corp.jwks"), "tokens", "good", "pinned_keys");
    in_place_of(host_path("../fake/pam-oauth-fetcher"), "faked", "faked", "fetcher");
}

int
main(void)
{
    directory = host_path("../cache");
    odd_key_files();
    odd_directories();
    many_at_once();
    stale_keys();
    odd_files();
    expect("everything_is_well_again", PAM_SUCCESS, 8000);
    return checked();
}

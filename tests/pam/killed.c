/*
 * R75, R103: a sign-in that is killed at any moment leaves no lock and no heap of temporary files,
 * and what it leaves does not hinder the next one. Killed are whole sign-ins that fetch keys and
 * store them, through the fetcher in fetcher.c.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

static int
leftovers(void)
{
    DIR *directory = opendir(host_path("../cache"));
    struct dirent *entry;
    int count = 0;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        count += strstr(entry->d_name, ".new") != NULL ? 1 : 0;
    }
    (void)closedir(directory);
    return count;
}

/* The temporary files are removed, or look as if they were written two minutes ago. */
static void
treat_leftovers(bool remove)
{
    DIR *directory = opendir(host_path("../cache"));
    const struct timespec then[2] = {{.tv_sec = time(NULL) - 120}, {.tv_sec = time(NULL) - 120}};
    struct dirent *entry;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        if (strstr(entry->d_name, ".new") != NULL) {
            (void)(remove ? unlinkat(dirfd(directory), entry->d_name, 0)
                          : utimensat(dirfd(directory), entry->d_name, then, 0));
        }
    }
    (void)closedir(directory);
}

static int
login_with(const char *token)
{
    const char *answers[] = {host_token(token), NULL};
    struct login login = {.service = "faked", .user = "alice", .answers = answers};
    int code = host_login(&login);

    host_forget(&login);
    return code;
}

/* The fetchers of killed sign-ins notice the end of their input. */
static bool
fetchers_end(void)
{
    for (int i = 0; i < 250; i++) {
        if (host_processes("pam-oauth-fetch") == 0) {
            return true;
        }
        host_sleep_ms(20);
    }
    return false;
}

static void
random_moments(int signal_number, const char *name)
{
    enum { ROUNDS = 120 };
    int died = 0;
    int worst = 0;
    char text[96];

    srandom(20240601); /* the same moments each time, as far as that goes */
    for (int round = 0; round < ROUNDS; round++) {
        host_forget_keys();
        pid_t pid = fork();
        if (pid == 0) {
            for (;;) {
                (void)login_with("faked");
                host_forget_keys();
            }
        }
        (void)usleep((useconds_t)(random() % 12000));
        (void)kill(pid, signal_number);
        int status = 0;
        (void)waitpid(pid, &status, 0);
        died += WIFSIGNALED(status) && WTERMSIG(status) == signal_number ? 1 : 0;
        worst = leftovers() > worst ? leftovers() : worst;
    }
    (void)snprintf(text, sizeof(text), "R103_%s_at_random_moments", name);
    check(died == ROUNDS && login_with("faked") == PAM_SUCCESS, text, "%d of %d died of it", died,
          ROUNDS);
    (void)snprintf(text, sizeof(text), "R103_%s_leaves_no_heap_of_files", name);
    check(worst <= 1, text, "up to %d temporary files in the cache directory", worst);
    (void)snprintf(text, sizeof(text), "R90_%s_ends_the_fetcher", name);
    check(fetchers_end(), text, "%d are there", host_processes("pam-oauth-fetch"));
}

/*
 * Stops the child before each of its system calls that change the file system, from the first to
 * the last, and kills it there: every state that a kill can leave is seen.
 */
static bool
changes_files(long call)
{
    return call == SYS_write || call == SYS_pwrite64 || call == SYS_fsync || call == SYS_renameat ||
           call == SYS_renameat2 || call == SYS_fchmod || call == SYS_flock ||
           call == SYS_ftruncate || call == SYS_utimensat || call == SYS_unlinkat;
}

/* True if it was killed before its call number `wanted`; false if it ended before. */
static bool
kill_before(int wanted, const char *token)
{
    int status = 0;
    int seen = 0;
    bool entering = true;
    pid_t pid = fork();

    if (pid == 0) {
        (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        (void)raise(SIGSTOP);
        _exit(login_with(token));
    }
    (void)waitpid(pid, &status, 0);
    (void)ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD);
    int deliver = 0;
    while (ptrace(PTRACE_SYSCALL, pid, NULL, deliver) == 0 && waitpid(pid, &status, 0) == pid &&
           WIFSTOPPED(status)) {
        deliver = 0;
        if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
            deliver = WSTOPSIG(status);
            continue;
        }
        struct user_regs_struct registers;
        if (entering && ptrace(PTRACE_GETREGS, pid, NULL, &registers) == 0 &&
            changes_files((long)registers.orig_rax) && ++seen == wanted) {
            (void)kill(pid, SIGKILL);
            (void)waitpid(pid, &status, 0);
            return true;
        }
        entering = !entering;
    }
    return false;
}

static void
every_moment(const char *token, const char *name)
{
    int moments = 0;
    int worst = 0;
    bool good = true;
    char text[96];

    for (int i = 1; i < 200; i++) {
        host_forget_keys();
        treat_leftovers(/* remove: */ true);
        if (strcmp(token, "faked_unknown") == 0) {
            (void)login_with("faked"); /* so that it is a refresh that is killed */
        }
        if (!kill_before(i, token)) {
            break;
        }
        moments++;
        worst = leftovers() > worst ? leftovers() : worst;
        int64_t start = host_ms();
        int code = login_with("faked");
        if (code != PAM_SUCCESS || !host_within(host_ms() - start, 6000)) {
            good = check(false, name, "killed before change %d: then %s after %lld ms", i,
                         host_code(code), (long long)(host_ms() - start));
        }
    }
    (void)snprintf(text, sizeof(text), "%s_and_the_next_one_works", name);
    check(good && moments > 3, text, "%d moments", moments);
    (void)snprintf(text, sizeof(text), "%s_leaves_no_heap_of_files", name);
    check(worst <= 1, text, "up to %d temporary files in the cache directory", worst);
    note("%s: %d moments", name, moments);
}

/* What a killed process left behind is used up by the next one, a minute later. */
static void
leftover_is_used_up(void)
{
    int left = 0;

    for (int i = 1; i < 200 && left == 0; i++) {
        host_forget_keys();
        if (!kill_before(i, "faked")) {
            break;
        }
        left = leftovers();
    }
    int at_once = login_with("faked");
    treat_leftovers(/* remove: */ false);
    host_forget_keys();
    int later = login_with("faked");
    check(at_once == PAM_SUCCESS && later == PAM_SUCCESS && leftovers() == 0,
          "R103_a_temporary_file_left_behind_is_used_up", "%d left; %s, %s; then %d", left,
          host_code(at_once), host_code(later), leftovers());
}

/* Somebody holds a lock for ever: no sign-in waits for it (R75). */
static void
locks_are_held(void)
{
    DIR *directory;
    struct dirent *entry;
    int held = 0;

    host_forget_keys();
    (void)login_with("faked");
    (void)login_with("faked_unknown");
    directory = opendir(host_path("../run"));
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        int fd = openat(dirfd(directory), entry->d_name, O_RDONLY | O_CLOEXEC);
        held += fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && strstr(entry->d_name, ".") != NULL
                    ? 1
                    : 0;
    }
    (void)closedir(directory);
    int64_t start = host_ms();
    int unknown = login_with("faked_unknown");
    int good = login_with("faked");
    check(held > 0 && unknown == PAM_AUTH_ERR && good == PAM_SUCCESS &&
              host_within(host_ms() - start, 6000),
          "R75_a_held_lock_hangs_nobody", "%d held, %s and %s after %lld ms", held,
          host_code(unknown), host_code(good), (long long)(host_ms() - start));
}

int
main(void)
{
    random_moments(SIGKILL, "SIGKILL");
    random_moments(SIGTERM, "SIGTERM");
    every_moment("faked", "R103_killed_before_each_change_of_a_file");
    every_moment("faked_unknown", "R103_a_refresh_killed_before_each_change");
    leftover_is_used_up();
    locks_are_held();
    return checked();
}

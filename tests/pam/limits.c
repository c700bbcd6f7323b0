/*
 * E58, R106, R108, E77, R129: hosts with odd limits, descriptors, directories and users. Each
 * sign-in runs in a process of its own: a good token is accepted or fails cleanly, as the row says,
 * a bad one is never accepted, and nothing is ever killed by a signal.
 */
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"

static void
limit(int resource, rlim_t most)
{
    const struct rlimit both = {.rlim_cur = most, .rlim_max = most};

    if (setrlimit((enum __rlimit_resource)resource, &both) != 0) {
        _exit(120);
    }
}

static void
nothing(void)
{
}

static void
umask_0(void)
{
    (void)umask(0);
}

static void
umask_777(void)
{
    (void)umask(0777);
}

static void
cwd_deleted(void)
{
    char path[300];

    (void)snprintf(path, sizeof(path), "%s/cwd.XXXXXX", getenv("PAM_TESTS"));
    if (mkdtemp(path) == NULL || chdir(path) != 0 || rmdir(path) != 0) {
        _exit(120);
    }
}

static void
no_standard_descriptors(void)
{
    (void)close(0);
    (void)close(1);
    (void)close(2);
}

static void
no_standard_input(void)
{
    (void)close(0);
}

static void
thousand_descriptors(void)
{
    limit(RLIMIT_NOFILE, 4096);
    for (int i = 0; i < 1000; i++) {
        if (open("/dev/null", O_RDWR) < 0) { /* not O_CLOEXEC */
            _exit(120);
        }
    }
}

static void
nofile_4(void)
{
    limit(RLIMIT_NOFILE, 4);
}

static void
nofile_0(void)
{
    limit(RLIMIT_NOFILE, 0);
}

static void
nofile_all_taken(void)
{
    limit(RLIMIT_NOFILE, 64);
    while (open("/dev/null", O_RDWR) >= 0) {
    }
}

static void
as_40_megabytes(void)
{
    limit(RLIMIT_AS, (rlim_t)40 * 1024 * 1024);
}

static void
data_1_megabyte(void)
{
    limit(RLIMIT_DATA, (rlim_t)1024 * 1024);
}

static void
nproc_0(void)
{
    limit(RLIMIT_NPROC, 0);
}

static void
fsize_0(void)
{
    limit(RLIMIT_FSIZE, 0);
}

static void
fsize_100(void)
{
    limit(RLIMIT_FSIZE, 100);
}

static void
stack_256k(void)
{
    limit(RLIMIT_STACK, 256 * 1024);
}

static void
memlock_0(void)
{
    limit(RLIMIT_MEMLOCK, 0);
    limit(RLIMIT_CORE, RLIM_INFINITY);
    limit(RLIMIT_SIGPENDING, 0);
}

static void
no_groups_and_nice(void)
{
    (void)setpriority(PRIO_PROCESS, 0, 19);
    if (setgroups(0, NULL) != 0) {
        _exit(120);
    }
}

/* As su is while it asks: the person's real uid, root's rights. */
static void
like_su(void)
{
    if (setgroups(0, NULL) != 0 || setresgid(60002, 0, 0) != 0 || setresuid(60002, 0, 0) != 0) {
        _exit(120);
    }
}

static void
like_su_without_limits(void)
{
    limit(RLIMIT_NPROC, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_STACK, 256 * 1024);
    like_su();
}

/* A screen locker: nothing but the person's own rights (R129). */
static void
like_a_locker(void)
{
    if (setgroups(0, NULL) != 0 || setresgid(60001, 60001, 60001) != 0 ||
        setresuid(60001, 60001, 60001) != 0) {
        _exit(120);
    }
}

static void
chroot_without_anything(void)
{
    char path[300];

    (void)snprintf(path, sizeof(path), "%s/root.XXXXXX", getenv("PAM_TESTS"));
    if (mkdtemp(path) == NULL || chroot(path) != 0 || chdir("/") != 0) {
        _exit(120);
    }
}

enum wanted { ACCEPTED, EITHER, FAILS };

struct row {
    const char *name;
    void (*prepare)(void);
    enum wanted pinned;  /* with keys from a file */
    enum wanted fetched; /* with keys that the fetcher brings */
    bool late;           /* between pam_start and pam_authenticate, so that the module is there */
};

static const struct row rows[] = {
    {"nothing", nothing, ACCEPTED, ACCEPTED, false},
    {"E58_umask_0", umask_0, ACCEPTED, ACCEPTED, false},
    {"E58_umask_0777", umask_777, ACCEPTED, ACCEPTED, false},
    {"E58_cwd_deleted", cwd_deleted, ACCEPTED, ACCEPTED, false},
    {"E58_R106_descriptors_0_to_2_closed", no_standard_descriptors, ACCEPTED, ACCEPTED, false},
    {"E58_R106_descriptor_0_closed", no_standard_input, ACCEPTED, ACCEPTED, false},
    {"E58_1000_inherited_descriptors", thousand_descriptors, ACCEPTED, ACCEPTED, false},
    {"E58_R108_NOFILE_4", nofile_4, EITHER, EITHER, false},
    {"E58_R108_NOFILE_4_late", nofile_4, EITHER, EITHER, true},
    {"E58_R108_NOFILE_0_late", nofile_0, FAILS, FAILS, true},
    {"E58_R108_all_descriptors_taken", nofile_all_taken, FAILS, FAILS, true},
    {"E58_R108_AS_40M", as_40_megabytes, EITHER, EITHER, false},
    {"E58_R108_AS_40M_late", as_40_megabytes, EITHER, EITHER, true},
    {"E58_R108_DATA_1M", data_1_megabyte, EITHER, EITHER, false},
    {"E58_R108_NPROC_0", nproc_0, ACCEPTED, EITHER, false},
    {"E58_R108_FSIZE_0", fsize_0, ACCEPTED, ACCEPTED, false},
    {"E58_R108_FSIZE_100", fsize_100, ACCEPTED, ACCEPTED, false},
    {"E58_R108_STACK_256K", stack_256k, ACCEPTED, ACCEPTED, false},
    {"E58_MEMLOCK_0_SIGPENDING_0", memlock_0, ACCEPTED, ACCEPTED, false},
    {"E58_nice_without_groups", no_groups_and_nice, ACCEPTED, ACCEPTED, false},
    {"E58_like_su", like_su, ACCEPTED, ACCEPTED, false},
    {"E58_R108_like_su_with_low_limits", like_su_without_limits, ACCEPTED, EITHER, false},
    {"E77_R129_like_a_locker", like_a_locker, ACCEPTED, ACCEPTED, false},
    {"E58_chroot_late", chroot_without_anything, FAILS, FAILS, true},
};

/* ---- one sign-in in a process of its own --------------------------------------------------------
 */

static const struct row *now_at;
static int log_end = -1;

/* The first prompt: what must not hinder loading the module is done here. */
static int
talk(int count, const struct pam_message **messages, struct pam_response **ret, void *data)
{
    struct login *login = data;

    (void)count;
    (void)messages;
    *ret = calloc(1, sizeof(**ret));
    if (*ret == NULL) {
        return PAM_BUF_ERR;
    }
    if (now_at->late) {
        now_at->prepare();
    }
    (*ret)->resp = strdup(login->answers[0]);
    return PAM_SUCCESS;
}

static void
child(const struct row *row, const char *service, const char *token)
{
    const char *answers[] = {token, NULL};
    struct login login = {.service = service, .user = "alice", .answers = answers, .talk = talk};
    struct stat state;
    int descriptors[3];

    (void)alarm(20);
    login.said = malloc(HOST_TEXT_MAX); /* not the module's to lack */
    login.log = malloc(HOST_TEXT_MAX);
    if (!row->late) {
        row->prepare();
    }
    for (int fd = 0; fd < 3; fd++) {
        descriptors[fd] = fstat(fd, &state);
    }
    int code = host_login(&login);
    for (int fd = 0; fd < 3; fd++) {
        if (descriptors[fd] != fstat(fd, &state)) {
            code = 119;
        }
    }
    if (write(log_end, login.log, strlen(login.log)) < 0) {
        _exit(118);
    }
    _exit(code);
}

/* The code, or minus the signal; what was logged is in `log`. */
static int
run(const struct row *row, const char *service, const char *token, char *log, size_t room)
{
    int pair[2];
    int status = 0;
    size_t length = 0;
    ssize_t got;

    if (pipe2(pair, O_CLOEXEC) != 0) {
        abort();
    }
    now_at = row;
    log_end = fcntl(pair[1], F_DUPFD_CLOEXEC, 40);
    (void)fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(pair[0]);
        (void)close(pair[1]);
        child(row, service, token);
    }
    (void)close(pair[1]);
    (void)close(log_end);
    while (length + 1 < room && (got = read(pair[0], log + length, room - 1 - length)) > 0) {
        length += (size_t)got;
    }
    log[length] = '\0';
    (void)close(pair[0]);
    (void)waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static bool
is_clean_failure(int code)
{
    return code > PAM_SUCCESS && code < _PAM_RETURN_VALUES && code != PAM_IGNORE;
}

static void
run_row(const struct row *row, const char *service, enum wanted wanted, const char *good,
        const char *bad)
{
    static char log[HOST_TEXT_MAX];
    char name[128];

    host_forget_keys();
    int code = run(row, service, host_token(good), log, sizeof(log));
    bool fits = wanted == ACCEPTED ? code == PAM_SUCCESS
                : wanted == FAILS  ? is_clean_failure(code)
                                   : code == PAM_SUCCESS || is_clean_failure(code);
    (void)snprintf(name, sizeof(name), "%s_%s_good_token", row->name, service);
    check(fits, name, "%s%d: %s", code < 0 ? "signal " : "", code < 0 ? -code : code, log);
    code = run(row, service, host_token(bad), log, sizeof(log));
    (void)snprintf(name, sizeof(name), "%s_%s_bad_token", row->name, service);
    check(is_clean_failure(code), name, "%s%d: %s", code < 0 ? "signal " : "",
          code < 0 ? -code : code, log);
}

/* A key that nobody has: the module writes when it asked last, then asks. */
static void
refresh_with_a_file_size_limit(void)
{
    static const struct row row = {"", fsize_0, FAILS, FAILS, false};
    static const struct row before = {"", nothing, FAILS, FAILS, false};
    static char log[HOST_TEXT_MAX];

    host_forget_keys();
    (void)run(&before, "faked", host_token("faked"), log, sizeof(log));
    int code = run(&row, "faked", host_token("faked_unknown"), log, sizeof(log));
    check(code == PAM_AUTH_ERR, "E58_R108_FSIZE_0_unknown_key", "%d: %s", code, log);
}

int
main(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        run_row(&rows[i], "tokens", rows[i].pinned, "good", "tampered");
        run_row(&rows[i], "faked", rows[i].fetched, "faked", "faked_bad");
    }
    refresh_with_a_file_size_limit();
    check(host_processes("pam-oauth-fetch") == 0, "R90_no_fetcher_is_left", "some are");
    return checked();
}

/*
 * E59, R103, R104: hosts with every kind of signal set-up. Tokens with pinned keys, sign-ins that
 * start the fetcher and get an answer, and sign-ins that start the real fetcher for a provider
 * nobody listens for. No child is left, and none of the host's own is taken away.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"

static volatile sig_atomic_t alarms;
static volatile sig_atomic_t reaped;

static void
count_alarm(int number)
{
    (void)number;
    alarms++;
}

static void
reap_all(int number)
{
    int error = errno;

    (void)number;
    while (waitpid(-1, NULL, WNOHANG) > 0) {
        reaped++;
    }
    errno = error;
}

static void
handle(int number, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_flags = flags};

    action.sa_handler = handler;
    if (sigaction(number, &action, NULL) != 0) {
        abort();
    }
}

static void
as_it_is(void)
{
}

static void
child_ignored(void)
{
    handle(SIGCHLD, SIG_IGN, 0);
}

static void
child_without_wait(void)
{
    handle(SIGCHLD, SIG_DFL, SA_NOCLDWAIT);
}

static void
child_reaped(void)
{
    handle(SIGCHLD, reap_all, 0);
}

static void
child_reaped_and_restarted(void)
{
    handle(SIGCHLD, reap_all, SA_RESTART);
}

static void
pipe_ignored(void)
{
    handle(SIGPIPE, SIG_IGN, 0);
}

static void
alarm_every_10_ms(void)
{
    const struct itimerval often = {{0, 10000}, {0, 10000}};

    handle(SIGALRM, count_alarm, 0); /* not SA_RESTART */
    (void)setitimer(ITIMER_REAL, &often, NULL);
}

static void
alarm_every_1_ms(void)
{
    const struct itimerval often = {{0, 1000}, {0, 1000}};

    handle(SIGALRM, count_alarm, 0);
    (void)setitimer(ITIMER_REAL, &often, NULL);
}

static void
all_blocked(void)
{
    sigset_t all;

    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
}

static void
all_ignored(void)
{
    for (int number = 1; number < 32; number++) {
        (void)signal(number, SIG_IGN); /* but those that cannot be */
    }
}

static void
all_ignored_and_blocked(void)
{
    all_ignored();
    all_blocked();
}

static void
pending(void)
{
    all_blocked();
    (void)raise(SIGCHLD);
    (void)raise(SIGPIPE);
    (void)raise(SIGTERM);
    (void)raise(SIGALRM);
}

static const struct {
    const char *name;
    void (*prepare)(void);
} rows[] = {
    {"as_it_is", as_it_is},
    {"E59_SIGCHLD_ignored", child_ignored},
    {"E59_SIGCHLD_without_wait", child_without_wait},
    {"E59_SIGCHLD_reaped", child_reaped},
    {"E59_SIGCHLD_reaped_SA_RESTART", child_reaped_and_restarted},
    {"E59_SIGPIPE_ignored", pipe_ignored},
    {"E59_SIGALRM_every_10_ms", alarm_every_10_ms},
    {"E59_SIGALRM_every_1_ms", alarm_every_1_ms},
    {"E59_all_blocked", all_blocked},
    {"E59_all_ignored", all_ignored},
    {"E59_all_ignored_and_blocked", all_ignored_and_blocked},
    {"E59_some_pending", pending},
};

/* ---- each in a process of its own ----------------------------------------------------------- */

static void
expect(const char *row, const char *service, const char *token, int wanted, int64_t most_ms)
{
    const char *answers[] = {host_token(token), NULL};
    struct login login = {.service = service, .user = "alice", .answers = answers};
    char name[128];

    int64_t start = host_ms();
    host_login(&login);
    int64_t took = host_ms() - start;
    (void)snprintf(name, sizeof(name), "%s_%s", row, token);
    check(login.code == wanted && host_within(took, most_ms) && host_children() == 0, name,
          "%s after %lld ms, %d children: %s", host_code(login.code), (long long)took,
          host_children(), login.log);
    host_forget(&login);
}

static void
one_host(const char *name, void (*prepare)(void))
{
    struct sigaction before;
    struct sigaction after;
    char text[128];

    (void)signal(SIGPIPE, SIG_DFL);
    host_forget_keys();
    prepare();
    (void)sigaction(SIGCHLD, NULL, &before);
    expect(name, "tokens", "good", PAM_SUCCESS, 5000);
    expect(name, "tokens", "tampered", PAM_AUTH_ERR, 5000);
    expect(name, "faked", "faked", PAM_SUCCESS, 8000);
    expect(name, "faked", "faked_unknown", PAM_AUTH_ERR, 8000);
    expect(name, "away", "away", PAM_AUTHINFO_UNAVAIL, 11000);
    (void)sigaction(SIGCHLD, NULL, &after);
    (void)snprintf(text, sizeof(text), "%s_SIGCHLD_is_as_it_was", name);
    check(before.sa_handler == after.sa_handler && before.sa_flags == after.sa_flags, text, "not");
}

/* A fetcher that crashes, hangs, or is killed by somebody else. */
static void
bad_fetchers(const char *name, void (*prepare)(void))
{
    static const char *const behaviours[] = {"crash", "silent", "flood", "deaf_half"};
    char text[128];

    prepare();
    for (size_t i = 0; i < 4; i++) {
        const char *answers[] = {host_token("faked"), NULL};
        struct login login = {.service = "faked", .user = "alice", .answers = answers};
        host_behave(behaviours[i]);
        host_forget_keys();
        int64_t start = host_ms();
        host_login(&login);
        (void)snprintf(text, sizeof(text), "%s_fetcher_%s", name, behaviours[i]);
        check(login.code == PAM_AUTHINFO_UNAVAIL && host_within(host_ms() - start, 11000) &&
                  host_children() == 0,
              text, "%s after %lld ms, %d children: %s", host_code(login.code),
              (long long)(host_ms() - start), host_children(), login.log);
        host_forget(&login);
    }
}

static bool
in_a_process(void (*what)(const char *, void (*)(void)), const char *name, void (*prepare)(void))
{
    int status = 0;

    (void)fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        what(name, prepare);
        _exit(checked_so_far());
    }
    (void)waitpid(pid, &status, 0);
    return check(WIFEXITED(status) && WEXITSTATUS(status) == 0, name, "status %x",
                 (unsigned int)status);
}

/* ---- the host's own children -------------------------------------------------------------------
 */

static void
own_children(void)
{
    int status = 0;
    pid_t ended = fork();

    if (ended == 0) {
        _exit(7);
    }
    pid_t running = fork();
    if (running == 0) {
        (void)pause();
        _exit(0);
    }
    siginfo_t zombie;
    (void)waitid(P_PID, (id_t)ended, &zombie, WEXITED | WNOWAIT);
    host_forget_keys();
    const char *answers[] = {host_token("faked"), NULL};
    struct login login = {.service = "faked", .user = "alice", .answers = answers};
    host_login(&login);
    check(login.code == PAM_SUCCESS && waitpid(ended, &status, WNOHANG) == ended &&
              WEXITSTATUS(status) == 7,
          "E59_the_host's_own_zombie_is_left_to_it", "%s", host_code(login.code));
    check(waitpid(running, &status, WNOHANG) == 0, "E59_the_host's_own_child_lives", "it does not");
    (void)kill(running, SIGKILL);
    (void)waitpid(running, &status, 0);
    host_forget(&login);
}

static atomic_bool ended;

/* Another thread of the host waits for any child. */
static void *
wait_for_all(void *data)
{
    (void)data;
    while (!ended) {
        if (waitpid(-1, NULL, 0) < 0) {
            (void)usleep(200);
        }
    }
    return NULL;
}

static void
a_thread_that_waits(void)
{
    pthread_t thread;
    bool good = true;
    const char *answers[] = {host_token("faked"), NULL};
    struct login login = {.service = "faked", .user = "alice", .answers = answers};

    (void)pthread_create(&thread, NULL, wait_for_all, NULL);
    for (int round = 0; round < 30; round++) {
        host_forget_keys();
        host_login(&login);
        good = good && login.code == PAM_SUCCESS;
    }
    ended = true;
    (void)pthread_join(thread, NULL);
    check(good, "E59_a_thread_of_the_host_waits_for_every_child", "%s: %s", host_code(login.code),
          login.log);
    host_forget(&login);
}

/* ---- a host that is told to end while it cannot hear it, as sudo by Ctrl-C ---------------------
 */

static const int ends[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};

/* The signal of `ends` comes a second after the code is there; the flow would take ten. */
static void
interrupted(int number)
{
    const char *answers[] = {"", NULL};
    struct login login = {.service = "flow", .user = "alice", .answers = answers};
    sigset_t pending_then;
    pid_t host = getpid();
    char name[64];

    all_blocked();
    pid_t killer = fork();
    if (killer == 0) {
        host_sleep_ms(1000);
        (void)kill(host, number);
        _exit(0);
    }
    int64_t start = host_ms();
    host_login(&login);
    int64_t took = host_ms() - start;
    (void)waitpid(killer, NULL, 0);
    (void)sigpending(&pending_then);
    (void)snprintf(name, sizeof(name), "E53_R90_told_to_end_by_signal_%d", number);
    check(login.code == PAM_AUTH_ERR && took >= 900 && host_within(took, 8000) &&
              strstr(login.log, "reason=cancelled ") != NULL &&
              sigismember(&pending_then, number) == 1 && host_children() == 0 &&
              host_processes("pam-oauth-fetch") == 0,
          name, "%s after %lld ms, still pending %d, %d children: %s", host_code(login.code),
          (long long)took, sigismember(&pending_then, number), host_children(), login.log);
    host_forget(&login);
}

static void
told_to_end(void)
{
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        (void)fflush(stdout);
        pid_t pid = fork();
        if (pid == 0) {
            interrupted(ends[i]);
            _exit(checked_so_far());
        }
        (void)waitpid(pid, NULL, 0);
    }
}

int
main(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void)in_a_process(one_host, rows[i].name, rows[i].prepare);
    }
    host_behave("serve");
    (void)in_a_process(bad_fetchers, "E59_SIGCHLD_ignored", child_ignored);
    (void)in_a_process(bad_fetchers, "E59_SIGCHLD_reaped", child_reaped);
    (void)in_a_process(bad_fetchers, "E59_SIGALRM_every_1_ms", alarm_every_1_ms);
    host_behave("serve");
    told_to_end();
    own_children();
    a_thread_that_waits();
    check(host_processes("pam-oauth-fetch") == 0, "R90_no_fetcher_is_left", "some are");
    return checked();
}

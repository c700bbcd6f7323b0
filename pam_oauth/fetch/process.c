#include "fetch/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

/*
 * A killed process is gone in well under a millisecond. One that hangs in the kernel (a dead disk
 * under a CA file) must not hang a login with it.
 */
#define DEATH_MS 2000

/* ---- starting ------------------------------------------------------------------------------ */

/*
 * Moves a descriptor above the standard three. The host may have closed those, and then a new one
 * lands there: where the host's next printf would write into it (R106).
 */
static bool
lift(int *fd)
{
    if (*fd > STDERR_FILENO) {
        return true;
    }
    int higher = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    file_close(fd);
    *fd = higher;
    return higher >= 0;
}

/* A socket rather than two pipes: MSG_NOSIGNAL leaves the host's SIGPIPE out of it. */
static enum status
make_pair(struct why *why, int *ret_ours, int *ret_theirs)
{
    int pair[2] = {-1, -1};

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return status_because(why, ST_PROVIDER, "no socket for the fetcher: %s",
                              strerrordesc_np(errno));
    }
    int ours CLEANUP(file_close) = pair[0];
    int theirs CLEANUP(file_close) = pair[1];
    if (!lift(&ours) || !lift(&theirs)) {
        return status_because(why, ST_PROVIDER, "no descriptor for the fetcher: %s",
                              strerrordesc_np(errno));
    }
    *ret_ours = ours;
    *ret_theirs = theirs;
    ours = -1;
    theirs = -1;
    return ST_OK;
}

/* What the new process goes through between fork and exec. False only when memory is out. */
static bool
plan_actions(posix_spawn_file_actions_t *actions, int theirs)
{
    return posix_spawn_file_actions_adddup2(actions, theirs, STDIN_FILENO) == 0 &&
           posix_spawn_file_actions_adddup2(actions, theirs, STDOUT_FILENO) == 0 &&
           posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) ==
               0 &&
           posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1) == 0;
}

static bool
plan_attributes(posix_spawnattr_t *attributes)
{
    sigset_t every;
    sigset_t none;

    (void)sigfillset(&every);
    (void)sigemptyset(&none);
    return posix_spawnattr_setsigdefault(attributes, &every) == 0 &&
           posix_spawnattr_setsigmask(attributes, &none) == 0 &&
           posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                                    POSIX_SPAWN_SETSID) == 0;
}

/* Returns an error number, 0 for success. */
static int
spawn(const char *path, char *const arguments[], int theirs, pid_t *ret_pid)
{
    char *const no_environment[] = {NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = ENOMEM;

    if (posix_spawn_file_actions_init(&actions) != 0) {
        return error;
    }
    if (posix_spawnattr_init(&attributes) == 0) {
        if (plan_actions(&actions, theirs) && plan_attributes(&attributes)) {
            error = posix_spawn(ret_pid, path, &actions, &attributes, arguments, no_environment);
        }
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return error;
}

/*
 * A handle for the process we just started; -1 in it when the process is already gone.
 *
 * If the host ignores SIGCHLD or reaps every child, ours may end, be reaped, and have its number
 * given to another process before we ask for the handle. Only a child of ours can be waited for.
 */
static enum status
hold(pid_t pid, struct why *why, int *ret_pidfd)
{
    siginfo_t state;
    int pidfd CLEANUP(file_close) = pidfd_open(pid, 0);

    if (pidfd < 0 && errno == ESRCH) {
        *ret_pidfd = -1;
        return ST_OK;
    }
    if (pidfd < 0 || !lift(&pidfd)) {
        return status_because(why, ST_PROVIDER, "no handle for the fetcher's process: %s",
                              strerrordesc_np(errno));
    }
    if (waitid(P_PIDFD, (id_t)pidfd, &state, WEXITED | WNOHANG | WNOWAIT) != 0) {
        *ret_pidfd = -1;
        return ST_OK;
    }
    *ret_pidfd = pidfd;
    pidfd = -1;
    return ST_OK;
}

/* The way out when there is no handle: only while the number is certainly still our child's. */
static void
kill_by_number(pid_t pid)
{
    siginfo_t state;

    if (waitid(P_PID, (id_t)pid, &state, WEXITED | WNOHANG | WNOWAIT) == 0) {
        (void)kill(pid, SIGKILL);
        while (waitid(P_PID, (id_t)pid, &state, WEXITED) != 0 && errno == EINTR) {
        }
    }
}

enum status
process_start(const char *path, char *const arguments[], struct why *why,
              struct process *ret_process)
{
    int ours CLEANUP(file_close) = -1;
    int theirs CLEANUP(file_close) = -1;
    int pidfd = -1;
    pid_t pid;

    TRY(make_pair(why, &ours, &theirs));
    int error = spawn(path, arguments, theirs, &pid);
    if (error == ENOMEM) {
        return status_because(why, ST_MEMORY, "%s: out of memory while starting it", path);
    }
    if (error != 0) {
        return status_because(why, ST_PROVIDER, "%s: cannot be started: %s", path,
                              strerrordesc_np(error));
    }
    /* Also so that their end of file can reach us, and a descriptor is free for the handle. */
    file_close(&theirs);
    enum status status = hold(pid, why, &pidfd);
    if (status != ST_OK) {
        kill_by_number(pid);
        return status;
    }
    *ret_process = (struct process){.socket = ours, .pidfd = pidfd};
    ours = -1;
    return ST_OK;
}

/* ---- ending -------------------------------------------------------------------------------- */

/* True once the process has ended, reaped or not. */
static bool
wait_for_end(int pidfd, int64_t patience_ms)
{
    int64_t until_ms = clock_ms() + patience_ms;
    struct pollfd end = {.fd = pidfd, .events = POLLIN};

    for (;;) {
        int64_t left_ms = until_ms - clock_ms();
        int ready = poll(&end, 1, left_ms > 0 ? (int)left_ms : 0);
        if (ready > 0) {
            return true;
        }
        if (left_ms <= 0 || (ready < 0 && errno != EINTR)) {
            return false;
        }
    }
}

void
process_kill(const struct process *process)
{
    if (process->pidfd >= 0) {
        (void)pidfd_send_signal(process->pidfd, SIGKILL, NULL, 0);
    }
}

void
process_hang_up(struct process *process)
{
    if (process->socket >= 0) {
        /* Not only close: a fork of the host may hold the socket too, and would keep it open. */
        (void)shutdown(process->socket, SHUT_RDWR);
        file_close(&process->socket);
    }
}

void
process_end(struct process *process, int64_t patience_ms)
{
    siginfo_t state;

    process_hang_up(process);
    if (process->pidfd < 0) {
        return;
    }
    if (!wait_for_end(process->pidfd, patience_ms)) {
        process_kill(process);
        (void)wait_for_end(process->pidfd, DEATH_MS);
    }
    /* ECHILD, the host reaped it or ignores SIGCHLD, is as good. */
    (void)waitid(P_PIDFD, (id_t)process->pidfd, &state, WEXITED | WNOHANG);
    file_close(&process->pidfd);
}

/*
 * The fetcher of the world: no process, only the target's answers at the other end of a socket that
 * nothing is ever sent through. One fetcher at a time, as the code under test has it.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"
#include "world.h"
#include "wrap.h"

#define THE_PID 4242
#define SAID_MAX ((size_t)4 * 1024 * 1024)

static struct {
    struct buf asked; /* of a request that is still coming */
    struct buf said;  /* of an answer, up to `taken` already received */
    size_t taken;
    bool over; /* it ends behind what it said */
} fetcher = {.asked = BUF(FRAME_REQUEST_MAX), .said = BUF(SAID_MAX)};

WRAP(int, posix_spawn_file_actions_init, (posix_spawn_file_actions_t * actions), (actions), ENOMEM)
WRAP(int, posix_spawnattr_init, (posix_spawnattr_t * attributes), (attributes), ENOMEM)
WRAP_ERRNO(int, socketpair, (int domain, int type, int protocol, int pair[2]),
           (domain, type, protocol, pair), -1, ENFILE)

int __real_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                       const posix_spawnattr_t *attributes, char *const arguments[],
                       char *const environment[]);
int __wrap_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                       const posix_spawnattr_t *attributes, char *const arguments[],
                       char *const environment[]);
int __real_pidfd_open(pid_t pid, unsigned int flags);
int __wrap_pidfd_open(pid_t pid, unsigned int flags);
int __real_pidfd_send_signal(int pidfd, int signal, siginfo_t *info, unsigned int flags);
int __wrap_pidfd_send_signal(int pidfd, int signal, siginfo_t *info, unsigned int flags);
int __real_waitid(idtype_t type, id_t id, siginfo_t *info, int options);
int __wrap_waitid(idtype_t type, id_t id, siginfo_t *info, int options);
int __real_kill(pid_t pid, int signal);
int __wrap_kill(pid_t pid, int signal);
int __real_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
int __real_signalfd(int fd, const sigset_t *mask, int flags);
int __wrap_signalfd(int fd, const sigset_t *mask, int flags);
int __real_shutdown(int fd, int how);
int __wrap_shutdown(int fd, int how);
ssize_t __real_send(int fd, const void *from, size_t length, int flags);
ssize_t __wrap_send(int fd, const void *from, size_t length, int flags);
ssize_t __real_recv(int fd, void *into, size_t room, int flags);
ssize_t __wrap_recv(int fd, void *into, size_t room, int flags);

static int
fail(int error)
{
    errno = error;
    return -1;
}

/* ---- the process ----------------------------------------------------------------------------- */

int
__wrap_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                   const posix_spawnattr_t *attributes, char *const arguments[],
                   char *const environment[])
{
    static const int errors[] = {EAGAIN, ENOMEM, ENOENT, EACCES};

    if (!fault_watching()) {
        return __real_posix_spawn(pid, path, actions, attributes, arguments, environment);
    }
    PROMISE(path[0] == '/' && arguments[0] != NULL && environment[0] == NULL);
    if (fault_due()) {
        return errors[fault_way(COUNT(errors))];
    }
    fault_pause();
    buf_done(&fetcher.asked);
    buf_done(&fetcher.said);
    fetcher.taken = 0;
    fetcher.over = false;
    fault_resume();
    *pid = THE_PID;
    return 0;
}

int
__wrap_pidfd_open(pid_t pid, unsigned int flags)
{
    static const int errors[] = {EMFILE, ESRCH};

    if (!fault_watching()) {
        return __real_pidfd_open(pid, flags);
    }
    PROMISE(pid == THE_PID);
    if (fault_due()) {
        return fail(errors[fault_way(COUNT(errors))]);
    }
    fault_pause();
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    fault_resume();
    return fd;
}

int
__wrap_pidfd_send_signal(int pidfd, int signal, siginfo_t *info, unsigned int flags)
{
    return fault_watching() ? 0 : __real_pidfd_send_signal(pidfd, signal, info, flags);
}

/* It has always ended when somebody asks; the host may have reaped it. */
int
__wrap_waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
    if (!fault_watching()) {
        return __real_waitid(type, id, info, options);
    }
    return fault_due() ? fail(ECHILD) : 0;
}

int
__wrap_kill(pid_t pid, int signal)
{
    if (!fault_watching()) {
        return __real_kill(pid, signal);
    }
    PROMISE(pid == THE_PID && signal == SIGKILL);
    return 0;
}

/* ---- the conversation with it ---------------------------------------------------------------- */

/*
 * A whole request has arrived: it is one that the fetcher can read, and the target answers it. What
 * it said before and nobody took still comes first.
 */
static void
answer(void)
{
    const struct world_fetcher *target = world_get_fetcher();
    struct buf said CLEANUP(buf_done) = BUF(SAID_MAX);
    struct frame_request request;
    struct why why = {""};

    PROMISE(frame_read_request(buf_span(&fetcher.asked), &why, &request) == ST_OK);
    fetcher.over = target->answer == NULL || !target->answer(target->context, &request, &said);
    PROMISE(buf_add(&fetcher.said, buf_span(&said)) == ST_OK);
    buf_done(&fetcher.asked);
}

ssize_t
__wrap_send(int fd, const void *from, size_t length, int flags)
{
    static const int errors[] = {EPIPE, EINTR, EAGAIN, ECONNRESET};
    struct why why = {""};
    size_t whole = 0;

    if (!fault_watching()) {
        return __real_send(fd, from, length, flags);
    }
    PROMISE((flags & MSG_NOSIGNAL) != 0 && length > 0);
    if (fault_due()) {
        return fail(errors[fault_way(COUNT(errors))]);
    }
    fault_pause();
    PROMISE(buf_add(&fetcher.asked, (struct span){.at = from, .length = length}) == ST_OK);
    PROMISE(frame_length(buf_span(&fetcher.asked), FRAME_REQUEST, &why, &whole) == ST_OK);
    if (whole > 0 && fetcher.asked.length == whole) {
        answer();
    }
    fault_resume();
    return (ssize_t)length;
}

static size_t
waiting(void)
{
    return fetcher.said.length - fetcher.taken;
}

ssize_t
__wrap_recv(int fd, void *into, size_t room, int flags)
{
    static const int errors[] = {ECONNRESET, EINTR, EAGAIN, EIO};
    size_t piece = world_get_fetcher()->piece;

    if (!fault_watching()) {
        return __real_recv(fd, into, room, flags);
    }
    if (fault_due()) {
        return fail(errors[fault_way(COUNT(errors))]);
    }
    if (waiting() == 0) {
        return fetcher.over ? 0 : fail(EAGAIN);
    }
    size_t length = room < waiting() ? room : waiting();
    length = piece > 0 && piece < length ? piece : length;
    memcpy(into, fetcher.said.at + fetcher.taken, length);
    fetcher.taken += (flags & MSG_PEEK) != 0 ? 0 : length;
    return (ssize_t)length;
}

int
__wrap_signalfd(int fd, const sigset_t *mask, int flags)
{
    if (!fault_watching()) {
        return __real_signalfd(fd, mask, flags);
    }
    if (fault_due()) {
        return fail(EMFILE);
    }
    fault_pause();
    int signals = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    fault_resume();
    return signals;
}

/* What signalfd(2) gave, or would not give. */
static bool
is_signals(int fd)
{
    struct stat what = {.st_rdev = 0};

    fault_pause();
    bool is = fd < 0 || (fstat(fd, &what) == 0 && what.st_rdev == makedev(1, 5));
    fault_resume();
    return is;
}

/* Waiting for an approval, which a signal that is pending may end; none is by itself. */
static int
sleep_until_signal(struct pollfd *signals, int timeout)
{
    if (signals->fd >= 0 && fault_due()) {
        signals->revents = POLLIN;
        return fault_way(2) == 0 ? 1 : fail(EINTR);
    }
    world_sleep(timeout);
    return 0;
}

/* Sleeping, waiting for the socket, or waiting for the process to end. */
int
__wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
    if (!fault_watching()) {
        return __real_poll(fds, count, timeout);
    }
    PROMISE(timeout >= 0);
    if (count > 0 && is_signals(fds[0].fd)) {
        return sleep_until_signal(fds, timeout);
    }
    if (fault_due()) {
        return fail(fault_way(2) == 0 && count > 0 ? ENOMEM : EINTR);
    }
    bool ready = count > 0 && (waiting() > 0 || fetcher.over || (fds[0].events & POLLOUT) != 0);
    if (!ready) {
        world_sleep(timeout);
    }
    return ready ? 1 : 0;
}

int
__wrap_shutdown(int fd, int how)
{
    if (fault_watching()) {
        fetcher.over = true; /* the process leaves when its input ends */
    }
    return __real_shutdown(fd, how);
}

#include "askpass/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

#define PIECE 1024

/* Returns an error number, 0 for success. */
static int
spawn(const struct run *run, int output, pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;

    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0) {
        return error;
    }
    error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (error == 0) {
        error = posix_spawn_file_actions_adddup2(&actions, output, run->prints_to);
    }
    if (error == 0 && run->prints_to != STDOUT_FILENO) {
        /* Our own output is the answer: nobody else writes to it. */
        error = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    }
    if (error == 0) {
        /* ssh leaves us a second end of the pipe on which it waits: nobody is to hold it for us. */
        error = posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    }
    if (error == 0) {
        error = posix_spawn(ret_pid, run->path, &actions, NULL, run->arguments, environ);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* One piece more of what is printed; `*ret_end` when there is none. */
static enum status
read_piece(int fd, int64_t deadline_ms, struct why *why, struct buf *into, bool *ret_end)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    char piece[PIECE];
    int64_t left_ms = deadline_ms - clock_ms();

    int ready = left_ms > 0 ? poll(&wait, 1, (int)left_ms) : 0;
    if (ready == 0) {
        return status_because(why, ST_STORE, "it takes too long and was stopped");
    }
    ssize_t got = ready > 0 ? read(fd, piece, sizeof(piece)) : -1;
    if (got < 0) {
        return errno == EINTR ? ST_OK
                              : status_because(why, ST_STORE, "reading what it prints: %s",
                                               strerrordesc_np(errno));
    }
    *ret_end = got == 0;
    enum status status = buf_add(into, (struct span){.at = piece, .length = (size_t)got});
    explicit_bzero(piece, sizeof(piece));
    return status == ST_MALFORMED
               ? status_because(why, ST_STORE, "it prints more than %zu bytes", into->limit)
               : status;
}

/* What its end says, in words of its own for a shell's "not found". */
static enum status
judge(int state, struct why *why)
{
    if (WIFEXITED(state) && WEXITSTATUS(state) == 0) {
        return ST_OK;
    }
    if (WIFSIGNALED(state)) {
        return status_because(why, ST_STORE, "it was killed by signal %d", WTERMSIG(state));
    }
    return status_because(why, ST_STORE, "it failed with exit code %d", WEXITSTATUS(state));
}

enum status
run_program(const struct run *run, struct why *why, struct buf *into)
{
    int64_t deadline_ms = clock_ms() + run->patience_ms;
    int ends[2] = {-1, -1};
    pid_t pid = 0;
    int state = 0;
    bool end = false;
    enum status status = ST_OK;

    if (pipe2(ends, O_CLOEXEC) != 0) {
        return status_because(why, ST_STORE, "no pipe: %s", strerrordesc_np(errno));
    }
    int reading CLEANUP(file_close) = ends[0];
    int writing CLEANUP(file_close) = ends[1];
    int error = spawn(run, writing, &pid);
    if (error != 0) {
        return status_because(why, ST_STORE, "it cannot be started: %s", strerrordesc_np(error));
    }
    file_close(&writing);
    while (status == ST_OK && !end) {
        status = read_piece(reading, deadline_ms, why, into, &end);
    }
    if (status != ST_OK) {
        (void)kill(pid, SIGKILL);
    }
    while (waitpid(pid, &state, 0) < 0 && errno == EINTR) {
    }
    return status == ST_OK ? judge(state, why) : status;
}

/*
 * A program started beside us, reached through one socket and held by a pidfd.
 *
 * It inherits nothing: empty environment, default signal dispositions, no signal blocked, its own
 * session (so no terminal), no descriptor but the socket as its input and output and /dev/null
 * for its errors. And it leaves nothing: our signal dispositions are not touched, it is killed
 * through the pidfd (never a stranger who got its number), and it is always waited for; that the
 * host already reaped it, or ignores SIGCHLD, is normal (R103, E59).
 */
#ifndef PAM_OAUTH_FETCH_PROCESS_H
#define PAM_OAUTH_FETCH_PROCESS_H

#include <stdint.h>

#include "base/status.h"

struct process {
    int socket; /* both ways; -1 for none */
    int pidfd;  /* -1 for none, or for a process that is already gone */
};
#define PROCESS                                                                                    \
    {                                                                                              \
        .socket = -1, .pidfd = -1                                                                  \
    }

/*
 * Starts `path` (absolute) with `arguments` (the first is its name, NULL behind the last).
 * ST_PROVIDER with the reason when it cannot be started, ST_MEMORY.
 */
MUST_CHECK enum status process_start(const char *path, char *const arguments[], struct why *why,
                                     struct process *ret_process);

/* Kills it. Does not wait. */
void process_kill(const struct process *process);

/* Closes the socket, which tells it to leave. Does not wait. */
void process_hang_up(struct process *process);

/*
 * Closes the socket, gives it `patience_ms` to leave by itself, kills it if it does not, reaps
 * it. What is already over, or was never started, is fine.
 */
void process_end(struct process *process, int64_t patience_ms);

#endif

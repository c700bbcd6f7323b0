/*
 * The device flows that wait on this host, all processes together: each holds a seat, and there are
 * so many for the host and so many for an account (R89). So a crowd at the login prompt is no crowd
 * at the provider, and does not take everybody's memory.
 *
 * A seat is a lock on a part of one file in the run directory (an open file description's, fcntl),
 * so that it ends with its process, however that ends. What is written there says for whom it is,
 * as a digest, and until when it counts: a flow that is over by then is held by a process that
 * somebody stopped, or by one whose person does not answer, and keeps nobody else out.
 *
 *     DIGEST MILLISECONDS     (CLOCK_MONOTONIC), filled with blanks, and a LF
 */
#ifndef PAM_OAUTH_STORE_SEAT_H
#define PAM_OAUTH_STORE_SEAT_H

#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"

/* Who wants one, and when it is given. */
struct seat_wish {
    const char *directory; /* the run directory; it is made if it is missing */
    uid_t owner;           /* may own it besides root */
    const char *account;   /* any text */
    int64_t now_ms;        /* clock_ms, */
    int64_t until_ms;      /* and when the flow will be over */
    int64_t for_all;       /* so many on this host, */
    int64_t for_account;   /* and so many for the account, this one included */
};

struct seat {
    int fd; /* -1: none */
    off_t at;
};
#define SEAT                                                                                       \
    {                                                                                              \
        .fd = -1, .at = 0                                                                          \
    }

/*
 * Takes a seat. ST_PROVIDER, with the reason, when all are taken; ST_STORE when it cannot be known
 * or written down: then nobody is counted, and nobody kept out. ST_INTERNAL, ST_MEMORY.
 */
MUST_CHECK enum status seat_take(const struct seat_wish *wish, struct why *why, struct seat *seat);

/* Gives it back; none is fine. Fits CLEANUP. */
void seat_done(struct seat *seat);

#endif

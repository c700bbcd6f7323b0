/*
 * Where the browser comes back to: a server on 127.0.0.1 for one answer and a bounded time (RFC
 * 8252 section 7.3). It reads a request line and nothing else, and says one of four fixed pages.
 *
 * Anybody on this host and any page in its browser can knock. So: several visitors at once (a
 * browser opens connections that it never uses), each for a short time; none of them ends the wait
 * but one who brings this sign-in's state; and behind that one the door is closed.
 */
#ifndef PAM_OAUTH_CLI_LOGIN_LOOPBACK_H
#define PAM_OAUTH_CLI_LOGIN_LOOPBACK_H

#include "oauth/authcode.h"

struct loopback {
    int listener;
    char redirect_uri[64]; /* http://127.0.0.1:PORT/callback */
};
#define LOOPBACK                                                                                   \
    {                                                                                              \
        .listener = -1, .redirect_uri = ""                                                         \
    }
void loopback_done(struct loopback *loopback);

/* Any free port. ST_INTERNAL with the reason. */
MUST_CHECK enum status loopback_open(struct why *why, struct loopback *loopback);

/*
 * Waits for the answer until `deadline_ms` (clock_ms), and closes the door. ST_OK with the code;
 * what authcode_answer() says of an answer; ST_CANCELLED when none came in time; ST_MEMORY.
 */
MUST_CHECK enum status loopback_wait(struct loopback *loopback, const struct authcode_wish *wish,
                                     int64_t deadline_ms, struct why *why, struct buf *code);

#endif

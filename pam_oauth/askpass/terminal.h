/*
 * Asking the person at the terminal, for everything that is no business of a token: /dev/tty, never
 * standard input or output, which are somebody else's.
 */
#ifndef PAM_OAUTH_ASKPASS_TERMINAL_H
#define PAM_OAUTH_ASKPASS_TERMINAL_H

#include "base/buf.h"

struct question {
    const char *warning; /* why the answer does not come by itself; "" for nothing to say */
    struct span prompt;  /* foreign text, as it came */
};

/*
 * Each shows the warning and the prompt. ST_CONVERSATION when there is no terminal or no answer,
 * ST_MEMORY; a signal that ends programs ends this one, with the echo switched on again.
 */

/* Reads a line that is not shown; `answer` is without the line feed. */
MUST_CHECK enum status terminal_ask(const struct question *question, struct why *why,
                                    struct buf *answer);

/* Only `yes` is a yes: ST_OK; anything else is ST_CANCELLED. */
MUST_CHECK enum status terminal_confirm(const struct question *question, struct why *why);

/* Nothing to answer. */
MUST_CHECK enum status terminal_tell(const struct question *question, struct why *why);

#endif

/*
 * A line from a person at a terminal, for programs of one's own: a module asks through its host.
 */
#ifndef PAM_OAUTH_BASE_TTY_H
#define PAM_OAUTH_BASE_TTY_H

#include <stdbool.h>

#include "base/buf.h"

/*
 * Reads up to the end of the line, without it, into `answer`. ST_CONVERSATION when `fd` is no
 * terminal, or ends, or more is typed than fits. A signal that ends programs ends this one, with
 * the terminal as it was before.
 */
MUST_CHECK enum status tty_read_shown(int fd, struct why *why, struct buf *answer);

/* The same; what is typed is not shown. */
MUST_CHECK enum status tty_read_hidden(int fd, struct why *why, struct buf *answer);

#endif

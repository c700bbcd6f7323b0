/*
 * A file of tokens, one a line, read as it comes: a line is handed out as soon as its end is there,
 * and of one that is too long to be a token no more is kept than shows that.
 */
#ifndef PAM_OAUTH_CLI_VERIFY_TOKEN_LINES_H
#define PAM_OAUTH_CLI_VERIFY_TOKEN_LINES_H

#include "base/span.h"
#include "base/status.h"

struct token_lines {
    int fd;       /* borrowed */
    char *room;   /* holds tokens: wiped when freed */
    size_t begin; /* of what was read and not handed out */
    size_t end;
};
#define TOKEN_LINES                                                                                \
    {                                                                                              \
        .fd = -1, .room = NULL, .begin = 0, .end = 0                                               \
    }

/* `fd` is read from where it stands and not closed. ST_MEMORY. */
MUST_CHECK enum status token_lines_open(int fd, struct token_lines *lines);
void token_lines_done(struct token_lines *lines);

/*
 * The next line, with its LF unless it is the last one and has none, or too long; empty at the end
 * of the file. Valid until the next call. ST_STORE when reading fails.
 */
MUST_CHECK enum status token_lines_next(struct token_lines *lines, struct span *ret_line);

#endif

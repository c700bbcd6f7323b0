/*
 * A text file that may be larger than memory, read in pieces of whole lines. Only what a search
 * asks about is looked at, so that a map of a million lines is passed over at the speed of memory.
 */
#ifndef PAM_OAUTH_POLICY_MAP_PIECES_H
#define PAM_OAUTH_POLICY_MAP_PIECES_H

#include <sys/types.h>

#include "base/guard.h"
#include "base/span.h"
#include "base/status.h"

#define PIECES_LENGTH ((size_t)64 * 1024)

struct pieces {
    int fd;
    char *at;            /* PIECES_LENGTH bytes; a map holds no secret, so no struct buf */
    size_t filled;       /* the piece and, behind it, the beginning of the next one */
    size_t length;       /* of the piece; 0 before the first and after the last */
    unsigned int number; /* of the piece's first line */
};
#define PIECES                                                                                     \
    {                                                                                              \
        .fd = -1, .at = NULL, .filled = 0, .length = 0, .number = 1                                \
    }

/* Fits CLEANUP. */
void pieces_done(struct pieces *pieces);

/* `owner` is the owner besides root. ST_CONFIG with the reason: base/file.h. ST_MEMORY. */
MUST_CHECK enum status pieces_open(struct pieces *pieces, const char *path, uid_t owner,
                                   struct why *why);

/*
 * The next piece: whole lines, each with its LF but perhaps the file's last; empty at the end.
 * Valid until the next call. ST_CONFIG (a line that does not fit, a read error).
 */
MUST_CHECK enum status pieces_next(struct pieces *pieces, struct why *why, struct span *ret_piece);

/* The number of the line that `at`, inside the current piece, is in. */
unsigned int pieces_line_number(const struct pieces *pieces, const char *at);

#endif

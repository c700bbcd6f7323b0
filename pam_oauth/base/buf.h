/*
 * Owned bytes that grow up to a limit given at the start, always followed by a NUL that does not
 * count, and wiped: when they move, shrink or are freed. Tokens, codes, secrets and every document
 * from outside live in one of these. What everybody may read is said to be (BUF_PUBLIC), and never
 * wiped: of a large file that would cost more than reading it.
 *
 * Declare with `struct buf x CLEANUP(buf_done) = BUF(limit);`.
 */
#ifndef PAM_OAUTH_BASE_BUF_H
#define PAM_OAUTH_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/guard.h"
#include "base/span.h"
#include "base/status.h"

struct buf {
    char *at; /* NULL while nothing was ever added */
    size_t length;
    size_t room;  /* allocated, the NUL included */
    size_t limit; /* `length` never exceeds it */
    bool public;  /* not wiped */
};

#define BUF(maximum)                                                                               \
    {                                                                                              \
        .at = NULL, .length = 0, .room = 0, .limit = (maximum), .public = false                    \
    }
#define BUF_PUBLIC(maximum)                                                                        \
    {                                                                                              \
        .at = NULL, .length = 0, .room = 0, .limit = (maximum), .public = true                     \
    }

/* Wipes, frees and leaves an empty buffer of the same kind and limit. Fits CLEANUP. */
void buf_done(struct buf *buf);

/* What is in it now; valid until the buffer changes. */
struct span buf_span(const struct buf *buf);

/* The same as a C string, never NULL; the caller knows that it holds no NUL. */
const char *buf_text(const struct buf *buf);

/*
 * Add at the end. ST_MEMORY when memory is out, ST_MALFORMED when the limit would be passed; the
 * contents are then unchanged.
 */
MUST_CHECK enum status buf_add(struct buf *buf, struct span bytes);
MUST_CHECK enum status buf_add_text(struct buf *buf, const char *text);
MUST_CHECK enum status buf_add_char(struct buf *buf, char byte);
MUST_CHECK enum status buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);

/*
 * Makes room for `more` bytes behind the contents and returns where they go; the caller writes
 * them and then calls buf_grew. NULL when memory is out or the limit would be passed.
 */
char *buf_reserve(struct buf *buf, size_t more);
void buf_grew(struct buf *buf, size_t by);

/* Cuts the contents to `length` bytes and wipes what falls off. */
void buf_cut(struct buf *buf, size_t length);

#endif

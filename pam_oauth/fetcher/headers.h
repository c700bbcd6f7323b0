/*
 * The header lines of one HTTP reply: counted, bounded, refused where two readers could disagree
 * about the body (R101, R122, E42, E43), and five of them kept. RFC 9110, RFC 9112.
 */
#ifndef PAM_OAUTH_FETCHER_HEADERS_H
#define PAM_OAUTH_FETCHER_HEADERS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"

enum header {
    HEADER_CACHE_CONTROL,
    HEADER_AGE,
    HEADER_DATE,
    HEADER_RETRY_AFTER,
    HEADER_CONTENT_TYPE,
    HEADER_COUNT
};

/* Make with headers_new; headers_done frees. */
struct headers {
    size_t lines;
    size_t bytes;
    bool over;                  /* the empty line was there; what follows is a trailer */
    bool has_length;            /* Content-Length was there */
    bool there[HEADER_COUNT];   /* came already */
    bool spoiled[HEADER_COUNT]; /* longer than a value may be, not printable, or twice */
    struct buf values[HEADER_COUNT];
    const char *refusal; /* why this reply is no good; NULL while it is */
};

struct headers headers_new(void);
void headers_done(struct headers *headers);

/* Takes one line with its end, in the order of arrival. False from the first refusal on. */
bool headers_take(struct headers *headers, struct span line);

/* A kept value; empty when absent or spoiled. Valid until the next headers_take. */
struct span headers_value(const struct headers *headers, enum header which);

#endif

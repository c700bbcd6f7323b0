/*
 * What the caller and the fetcher say to each other: one request, one reply, in frames. The reply
 * comes from a program that talks to strangers, so everything about it is checked: kind, lengths,
 * order, limits, characters.
 *
 *   frame = kind (4 bytes), length of the fields (4 bytes), fields
 *   field = tag (1 byte), length of the value (4 bytes), value
 *
 * Numbers are big-endian. The kind is "POQ2" for a request and "POR2" for a reply; a change of the
 * format changes the digit. Fields stand in ascending order of their tags, none twice, none empty
 * that could be left out: one meaning has exactly one form. Pure functions over bytes.
 */
#ifndef PAM_OAUTH_FETCH_FRAME_H
#define PAM_OAUTH_FETCH_FRAME_H

#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "fetch/fetch.h"

enum frame_kind { FRAME_REQUEST, FRAME_REPLY };

/* Twice METADATA_URL_MAX: one from the configuration may be longer than one from a provider. */
#define FRAME_URL_MAX ((size_t)2048)
/* A token request with a device code or a refresh token, form-encoded. */
#define FRAME_BODY_MAX ((size_t)64 * 1024)
/* A client id or secret, form-encoded. */
#define FRAME_BASIC_MAX ((size_t)4096)
#define FRAME_PATH_MAX ((size_t)4095) /* PATH_MAX without its NUL */
#define FRAME_PROXY_MAX ((size_t)1024)
#define FRAME_NO_PROXY_MAX ((size_t)4096)
#define FRAME_FAILURE_MAX ((size_t)200)
/* SHA-256 in hexadecimal. */
#define FRAME_CLAIM_LENGTH ((size_t)64)
/* A claim is kept for as long as a token can be good (max_token_lifetime), and some days more. */
#define FRAME_CLAIM_MAX_S ((int64_t)370 * 24 * 3600)
/* Nobody waits longer than this for one document. */
#define FRAME_TIMEOUT_MAX_MS ((int64_t)30000)

/* Before the fields of a frame, and before the value of a field. */
#define FRAME_HEAD ((size_t)8)
#define FRAME_FIELD_HEAD ((size_t)5)

/* The longest request and the longest reply there can be. */
#define FRAME_REQUEST_MAX                                                                          \
    (FRAME_HEAD + 10 * FRAME_FIELD_HEAD + FRAME_URL_MAX + FRAME_BODY_MAX + 2 * FRAME_BASIC_MAX +   \
     FRAME_PATH_MAX + FRAME_PROXY_MAX + FRAME_NO_PROXY_MAX + 4 + FRAME_CLAIM_LENGTH + 4)
#define FRAME_REPLY_MAX                                                                            \
    (FRAME_HEAD + 10 * FRAME_FIELD_HEAD + FRAME_FAILURE_MAX + 3 * 4 + FETCH_BODY_MAX +             \
     5 * FETCH_HEADER_MAX)

/* An empty span means: not there. Only `body` may be there and empty (see `post`). */
struct frame_request {
    struct span url;
    bool post;
    struct span body; /* when `post` */
    struct span basic_user;
    struct span basic_password; /* when there is a `basic_user` */
    struct span ca_file;
    struct span proxy;
    struct span no_proxy;
    int64_t timeout_ms;
    struct span claim; /* then without `body`, `proxy` and `no_proxy` */
    int64_t claim_s;   /* when there is a `claim` */
};

struct frame_reply {
    struct span failure; /* why there is no reply; when it is there, nothing else is */
    int http_status;     /* this and the body, or `claimed` */
    struct span body;
    struct span cache_control;
    struct span age;
    struct span date;
    struct span retry_after;
    struct span content_type;
    unsigned int confined; /* enum confined (fetch/confined.h) */
    enum fetch_claimed claimed;
};

/*
 * How long is the frame that begins with these bytes, all of it? 0 while there are too few to
 * tell. ST_MALFORMED as soon as they cannot begin a frame of this kind.
 */
MUST_CHECK enum status frame_length(struct span start, enum frame_kind kind, struct why *why,
                                    size_t *ret_length);

/*
 * Append one frame. ST_MALFORMED when a value breaks a limit; what is then in `into` is of no use.
 * ST_MEMORY.
 */
MUST_CHECK enum status frame_add_request(const struct frame_request *request, struct why *why,
                                         struct buf *into);
MUST_CHECK enum status frame_add_reply(const struct frame_reply *reply, struct why *why,
                                       struct buf *into);

/*
 * Read one whole frame, not a byte more or less. The spans point into `frame`. ST_MALFORMED with
 * the reason otherwise. What is read here and added again gives the same bytes.
 */
MUST_CHECK enum status frame_read_request(struct span frame, struct why *why,
                                          struct frame_request *ret_request);
MUST_CHECK enum status frame_read_reply(struct span frame, struct why *why,
                                        struct frame_reply *ret_reply);

#endif

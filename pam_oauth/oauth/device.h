/*
 * The device authorization grant as pure functions: RFC 8628 sections 3.1 to 3.5. Bytes and the
 * time go in, what to send and when comes out; nothing here waits, asks or shows anything.
 */
#ifndef PAM_OAUTH_OAUTH_DEVICE_H
#define PAM_OAUTH_OAUTH_DEVICE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"

/* Who asks, and for what; borrowed strings. */
struct device_client {
    const char *issuer;
    const char *client_id;
    const char *client_secret; /* sent in the body (client_secret_post), or NULL */
    const char *scope;
    char *const *allowed_hosts;
    size_t allowed_count;
};

/* One grant, from the provider's first reply to its end. Times are clock_ms values. */
struct device_grant {
    struct buf device_code;
    struct buf user_code;                 /* shown verbatim */
    struct buf verification_uri;          /* checked: https, allowed host, printable */
    struct buf verification_uri_complete; /* empty unless same origin and holding the user code */
    int64_t interval_ms;
    int64_t expires_ms;
    int64_t next_poll_ms;
};
#define DEVICE_GRANT                                                                               \
    {                                                                                              \
        .device_code = BUF(4096), .user_code = BUF(32), .verification_uri = BUF(200),              \
        .verification_uri_complete = BUF(400), .interval_ms = 0, .expires_ms = 0,                  \
        .next_poll_ms = 0                                                                          \
    }
void device_grant_done(struct device_grant *grant);

/* The body of the device authorization request (RFC 8628 section 3.1). */
MUST_CHECK enum status device_request(const struct device_client *client, struct buf *body);

/*
 * Reads the device authorization reply (section 3.2), taken from the body whatever the status.
 * Also `verification_url` (Google). expires_in 1..1800 is required; interval 5 when absent, 1..60.
 * ST_PROVIDER when there is no usable grant in it (R79, R83), ST_DEVICE_BLOCKED when the provider
 * says that this client may not use the device flow (unauthorized_client,
 * unsupported_grant_type, access_denied), ST_CONFIG for invalid_client, ST_MEMORY.
 */
MUST_CHECK enum status device_reply(const struct device_client *client, int http_status,
                                    struct span body, int64_t now_ms, struct why *why,
                                    struct device_grant *grant);

/* The body of one poll of the token endpoint (section 3.4). */
MUST_CHECK enum status device_poll_request(const struct device_client *client,
                                           const struct device_grant *grant, struct buf *body);

/* What one poll came to. */
enum device_event {
    DEVICE_PENDING, /* ask again at grant->next_poll_ms */
    DEVICE_GRANTED  /* the ID token is in `id_token` */
};

/*
 * Reads one reply of the token endpoint (section 3.5) and moves next_poll_ms on: slow_down adds
 * 5 s for good (and a new `interval` in the reply counts), 429 and 503 wait for Retry-After of at
 * most 60 s, other 5xx are pending. The error comes from the body, JSON or form-encoded, whatever
 * the HTTP status.
 * ST_OK with an event; ST_DEVICE_DENIED (access_denied, authorization_declined),
 * ST_DEVICE_EXPIRED (expired_token, token_expired, bad_verification_code, or the code's own time
 * is over), ST_DEVICE_BLOCKED, ST_CONFIG (invalid_client), ST_PROVIDER (anything else; a grant
 * without an id_token; too many odd replies), ST_MEMORY.
 */
MUST_CHECK enum status device_poll_reply(struct device_grant *grant, int http_status,
                                         struct span body, struct span retry_after, int64_t now_ms,
                                         struct why *why, struct buf *id_token,
                                         enum device_event *ret_event);

/* A poll that got no reply at all: the interval doubles (R80), at most to 60 s. */
void device_poll_failed(struct device_grant *grant, int64_t now_ms);

#endif

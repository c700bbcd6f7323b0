/*
 * The device authorization grant as pure functions: RFC 8628 sections 3.1 to 3.5. Bytes and the
 * time go in, what to send and when comes out; nothing here waits, asks or shows anything.
 *
 * What a provider says of an error goes into `why` alone, for the log: escaped, at most 200 bytes
 * (R85), and not at all when it repeats a code or a secret (R88, R94).
 */
#ifndef PAM_OAUTH_OAUTH_DEVICE_H
#define PAM_OAUTH_OAUTH_DEVICE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"

/* RFC 8628 sets none; this bounds what we keep and send back. */
#define DEVICE_CODE_MAX ((size_t)4096)
/* Room for a request: the code with every byte encoded, and as much for all that is configured. */
#define DEVICE_REQUEST_MAX (6 * DEVICE_CODE_MAX)
/* One with 300 groups has 15 kB; and no string in a document that we read is longer than this. */
#define DEVICE_TOKEN_MAX ((size_t)65536)

/* Who asks, and for what; borrowed strings. */
struct device_client {
    const char *issuer;
    const char *client_id;
    const char *client_secret; /* sent in the body (client_secret_post), or NULL */
    const char *scope;
    const char *audience; /* that the access token is wanted for, or NULL */
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
    int64_t expires_ms;   /* the caller stops asking then */
    int64_t next_poll_ms; /* never before */
    int odd_replies;      /* in a row: server errors that say nothing of the grant */
};
#define DEVICE_GRANT                                                                               \
    {                                                                                              \
        .device_code = BUF(DEVICE_CODE_MAX), .user_code = BUF(32), .verification_uri = BUF(200),   \
        .verification_uri_complete = BUF(400), .interval_ms = 0, .expires_ms = 0,                  \
        .next_poll_ms = 0, .odd_replies = 0                                                        \
    }
void device_grant_done(struct device_grant *grant);

/*
 * The body of the device authorization request (RFC 8628 section 3.1), added to `body`, which has
 * a limit of DEVICE_REQUEST_MAX. ST_CONFIG when what is configured does not fit; ST_MEMORY.
 */
MUST_CHECK enum status device_request(const struct device_client *client, struct buf *body);

/*
 * Reads the device authorization reply (section 3.2), taken from the body whatever the status.
 * Also `verification_url` (Google). expires_in, an integer of 1 or more, is required and counts
 * as 1800 at most (R79); interval is 5 when absent or no integer, else brought into 1..60 (R78).
 * The first poll is due one interval from now.
 * ST_PROVIDER when there is no usable grant in it (R79, R83), ST_DEVICE_BLOCKED when the provider
 * says that this client may not use the device flow (unauthorized_client,
 * unsupported_grant_type, access_denied), ST_CONFIG for invalid_client, ST_MEMORY; the grant is
 * then unchanged.
 */
MUST_CHECK enum status device_reply(const struct device_client *client, int http_status,
                                    struct span body, int64_t now_ms, struct why *why,
                                    struct device_grant *grant);

/*
 * When a code may be asked for once more after a reply that device_reply refused: in so many
 * milliseconds, at most 60 s, or -1 when asking again would change nothing. Authentik and others
 * limit how often a code may be asked for: 429, 503 or slow_down, with Retry-After or without.
 */
int64_t device_request_again_ms(int http_status, struct span body, struct span retry_after);

/* The body of one poll of the token endpoint (section 3.4). Fails like device_request. */
MUST_CHECK enum status device_poll_request(const struct device_client *client,
                                           const struct device_grant *grant, struct buf *body);

/*
 * What a grant ends in; empty what did not come. A sign-in has use for the access token in at_hash
 * alone (R62), and no room for a refresh token: it is not read (R87). A program that keeps its
 * user's tokens makes room with DEVICE_TOKENS_TO_KEEP.
 */
struct device_tokens {
    struct buf id_token;
    struct buf access_token;
    struct buf refresh_token;
};
#define DEVICE_TOKENS                                                                              \
    {                                                                                              \
        .id_token = BUF(DEVICE_TOKEN_MAX), .access_token = BUF(DEVICE_TOKEN_MAX),                  \
        .refresh_token = BUF(0)                                                                    \
    }
#define DEVICE_TOKENS_TO_KEEP                                                                      \
    {                                                                                              \
        .id_token = BUF(DEVICE_TOKEN_MAX), .access_token = BUF(DEVICE_TOKEN_MAX),                  \
        .refresh_token = BUF(DEVICE_TOKEN_MAX)                                                     \
    }
void device_tokens_done(struct device_tokens *tokens);

/* What one poll came to. */
enum device_event {
    DEVICE_PENDING, /* ask again at grant->next_poll_ms */
    DEVICE_GRANTED  /* the ID token is in `tokens` */
};

/*
 * Reads one reply of the token endpoint (section 3.5) and moves next_poll_ms on: slow_down adds
 * 5 s for good (a larger `interval` in the reply counts), 429 and 503 wait for Retry-After of at
 * most 60 s. The error comes from the body, JSON or form-encoded, whatever the HTTP status. 429
 * and 5xx that hold no error of OAuth are pending too, five times in a row.
 * ST_OK with an event; ST_DEVICE_DENIED (access_denied, authorization_declined),
 * ST_DEVICE_EXPIRED (expired_token, token_expired, bad_verification_code, or still pending when
 * the code's own time is over), ST_DEVICE_BLOCKED (the client, or a policy for the person:
 * oauth/refusal.h), ST_CONFIG (invalid_client), ST_PROVIDER (anything else; a grant without an
 * id_token; too many odd replies), ST_MEMORY.
 * What was in `tokens` is replaced, on a grant only.
 */
MUST_CHECK enum status device_poll_reply(struct device_grant *grant, int http_status,
                                         struct span body, struct span retry_after, int64_t now_ms,
                                         struct why *why, struct device_tokens *tokens,
                                         enum device_event *ret_event);

/* A poll that got no reply at all: the interval doubles (R80), at most to 60 s. */
void device_poll_failed(struct device_grant *grant, int64_t now_ms);

#endif

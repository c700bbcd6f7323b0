/*
 * Asking the fetcher, a separate unprivileged program, for documents over HTTPS. The process that
 * signs somebody in never opens a network connection itself.
 *
 * A session is one fetcher process for as long as the requests go to one host, with one file of
 * certificates and one proxy (the polls of a device flow): a fetcher that has talked to a host
 * gives up talking to any other, so that the next host gets another fetcher. Whatever it sends back
 * is untrusted: sizes and shape are checked here, the meaning by whoever asked.
 */
#ifndef PAM_OAUTH_FETCH_FETCH_H
#define PAM_OAUTH_FETCH_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"

/* A reply's body is at most this long (R67, R100). */
#define FETCH_BODY_MAX ((size_t)512 * 1024)
/* Each reported header value is at most this long; a longer one counts as absent. */
#define FETCH_HEADER_MAX ((size_t)256)

struct fetch_program {
    const char *path; /* absolute; owned by root and not writable by others, or it is not run */
    const char *user; /* whom it becomes when we are root */
};

struct fetch_request {
    const char *url;  /* https, or FETCH_CONFINEMENT, or redis(s) for a claim */
    struct span body; /* POST application/x-www-form-urlencoded when `post`, else GET */
    bool post;
    const char *basic_user;     /* client_secret_basic, already form-encoded (RFC 6749 2.3.1), */
    const char *basic_password; /* or NULL */
    const char *ca_file;        /* NULL: the system's */
    const char *proxy;          /* NULL: none; never from the environment */
    const char *no_proxy;
    int64_t timeout_ms; /* for this request alone */
    /*
     * With a redis:// or rediss:// URL, and then without a body and a proxy: a digest
     * (FRAME_CLAIM_LENGTH) that is claimed there, for so many seconds; else NULL.
     */
    const char *claim;
    int64_t claim_s;
};

/* What became of a claim. */
enum fetch_claimed {
    FETCH_NO_CLAIM, /* there was none */
    FETCH_CLAIMED,  /* it is ours */
    FETCH_USED      /* somebody had it before */
};

/*
 * The URL of nobody: the fetcher gives up what it would give up for a provider and answers with
 * status 200, an empty body and `confined`.
 */
#define FETCH_CONFINEMENT "about:confinement"

/* Zero it with FETCH_REPLY; fetch_reply_done wipes and frees. */
struct fetch_reply {
    int http_status;
    struct buf body;
    struct buf cache_control; /* header values, empty when absent */
    struct buf age;
    struct buf date;
    struct buf retry_after;
    struct buf content_type;
    unsigned int confined;      /* what the fetcher gave up: enum confined (fetch/confined.h) */
    enum fetch_claimed claimed; /* of a claim; nothing but this and `confined` is then there */
};
#define FETCH_REPLY                                                                                \
    {                                                                                              \
        .http_status = 0, .body = BUF(FETCH_BODY_MAX), .cache_control = BUF(FETCH_HEADER_MAX),     \
        .age = BUF(FETCH_HEADER_MAX), .date = BUF(FETCH_HEADER_MAX),                               \
        .retry_after = BUF(FETCH_HEADER_MAX), .content_type = BUF(FETCH_HEADER_MAX),               \
        .confined = 0, .claimed = FETCH_NO_CLAIM                                                   \
    }
void fetch_reply_done(struct fetch_reply *reply);

struct fetch_session;

/*
 * Starts the fetcher: by absolute path, with an empty environment, default signals, no descriptor
 * but its socket. What `program` points to outlives the session. ST_CONFIG when the program or its
 * user is missing or not to be trusted, ST_PROVIDER when it cannot be started, ST_MEMORY.
 */
MUST_CHECK enum status fetch_start(const struct fetch_program *program, struct why *why,
                                   struct fetch_session **ret_session);

/*
 * One request, one reply, over by `deadline_ms` (clock_ms) whatever happens; past it the fetcher
 * is killed. An HTTP error status is a reply, not a failure. ST_PROVIDER with the cause in `why`
 * when there is no reply; the session is then of no further use. ST_MEMORY.
 */
MUST_CHECK enum status fetch_ask(struct fetch_session *session, const struct fetch_request *request,
                                 int64_t deadline_ms, struct why *why, struct fetch_reply *reply);

/*
 * There is nothing more to ask: the fetcher may leave, while its caller looks at what it said. What
 * is asked all the same is ST_PROVIDER.
 */
void fetch_hang_up(struct fetch_session *session);

/* Ends the fetcher (closes its input, kills it if it lingers), reaps it. Fits CLEANUP. */
void fetch_end(struct fetch_session **session);

#endif

/*
 * HTTPS requests to one host, and their replies, by libcurl. TLS is always verified, no redirect is
 * followed, nothing is read from the environment or from a home directory, nothing is remembered
 * but one open connection, and a reply that is large, slow or compressed is no reply (R101, R118 to
 * R122). The first request says which host that is: what it needs is read and resolved, and then
 * the process gives up everything but talking to it (fetcher/sandbox.h).
 */
#ifndef PAM_OAUTH_FETCHER_HTTP_H
#define PAM_OAUTH_FETCHER_HTTP_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/status.h"
#include "fetch/frame.h"
#include "fetcher/headers.h"

struct http;

/*
 * `owner` may own a file of certificates, besides root. NULL when memory is out. http_free accepts
 * NULL and fits CLEANUP.
 */
struct http *http_new(uid_t owner);
void http_free(struct http **http);

/* Make with http_reply_new; http_reply_done wipes and frees. */
struct http_reply {
    int status;
    unsigned int confined; /* enum confined */
    struct buf body;
    struct headers headers;
};
struct http_reply http_reply_new(void);
void http_reply_done(struct http_reply *reply);

/*
 * For FETCH_CONFINEMENT nobody is asked; the reply is 200, empty, and says how we are confined.
 * ST_PROVIDER or ST_CONFIG with the cause, printable and without secrets, when there is no reply;
 * ST_CANCELLED when `asker`, a descriptor to watch meanwhile, becomes readable or is closed: who
 * asked is gone; ST_MEMORY. After any of these, `http` is of no further use.
 */
MUST_CHECK enum status http_ask(struct http *http, const struct frame_request *request, int asker,
                                struct why *why, struct http_reply *reply);

#endif

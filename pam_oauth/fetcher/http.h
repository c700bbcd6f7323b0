/*
 * HTTPS requests to one host, and their replies, by libcurl. No redirect is followed, and a reply
 * that is large, slow or compressed is no reply (R101, R118 to R122).
 */
#ifndef PAM_OAUTH_FETCHER_HTTP_H
#define PAM_OAUTH_FETCHER_HTTP_H

#include "base/buf.h"
#include "base/status.h"
#include "fetch/frame.h"
#include "fetcher/headers.h"
#include "fetcher/host.h"

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
 * asked is gone; ST_MEMORY. After any of these, `host` is of no further use.
 */
MUST_CHECK enum status http_ask(struct host *host, const struct frame_request *request, int asker,
                                struct why *why, struct http_reply *reply);

#endif

/*
 * The one host that this process talks to, and the connection to it by libcurl. TLS is always
 * verified, nothing is read from the environment or from a home directory, nothing is remembered
 * but one open connection (R101, R118 to R122). The first request says which host that is: what it
 * needs is read and resolved, and then the process gives up everything but talking to it
 * (fetcher/sandbox.h). What is said there: fetcher/http.h and fetcher/redis.h.
 */
#ifndef PAM_OAUTH_FETCHER_HOST_H
#define PAM_OAUTH_FETCHER_HOST_H

#include <curl/curl.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/status.h"
#include "fetch/frame.h"
#include "fetcher/route.h"

struct host {
    CURLM *multi; /* holds the open connection */
    CURL *easy;
    uid_t owner;
    /* Once there is one: */
    struct route route; /* without an origin there is none yet */
    struct curl_slist *addresses;
    struct buf trust;             /* its certificates must lead to these */
    unsigned int confined;        /* enum confined */
    char detail[CURL_ERROR_SIZE]; /* libcurl's own words about a failure */
};

/*
 * `owner` may own a file of certificates, besides root. NULL when memory is out. host_free accepts
 * NULL and fits CLEANUP.
 */
struct host *host_new(uid_t owner);
void host_free(struct host **host);

/*
 * Makes the host of `request` the one, or finds that it is. ST_PROVIDER or ST_CONFIG with the cause
 * when it cannot be, ST_MEMORY.
 */
MUST_CHECK enum status host_find(struct host *host, const struct frame_request *request,
                                 struct why *why);

/*
 * Everything about the connection: the way, the certificates, the times. `left_ms` of `timeout_ms`
 * are left. False when libcurl refuses an option, or memory is out; so the next two.
 */
MUST_CHECK bool host_set_options(struct host *host, int64_t timeout_ms, int64_t left_ms);

struct host_number {
    CURLoption option;
    long value;
};
MUST_CHECK bool host_set_numbers(const struct host *host, const struct host_number *numbers,
                                 size_t count);

/* libcurl copies the text. An empty span leaves the option alone. */
MUST_CHECK bool host_set_text(const struct host *host, CURLoption option, struct span text);

/*
 * Runs the transfer that the options describe: `*ret_code` is what became of it. ST_CANCELLED when
 * `asker`, a descriptor to watch meanwhile, becomes readable or is closed: who asked is gone;
 * ST_INTERNAL. host_end ends it in any case, and forgets the options.
 */
MUST_CHECK enum status host_begin(struct host *host, int asker, CURLcode *ret_code);
void host_end(struct host *host);

/* Between a request and its reply who asked says nothing: if he does, or ends, he is gone. */
bool host_asker_is_gone(int asker);

/* Always ST_PROVIDER, with what libcurl's code means in `why`: printable, and without secrets. */
enum status host_explain(const struct host *host, CURLcode code, struct why *why);

#endif

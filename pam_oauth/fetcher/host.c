#include "fetcher/host.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "fetcher/sandbox.h"
#include "fetcher/trust.h"

/* Between two looks at a transfer that is silent; libcurl's own timers come first. */
#define LOOK_MS 1000

/* ---- life ---------------------------------------------------------------------------------- */

struct host *
host_new(uid_t owner)
{
    /* OpenSSL reads its configuration here, and loads the modules that it names. */
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return NULL;
    }
    struct host *host = calloc(1, sizeof(*host));
    if (host == NULL) {
        return NULL;
    }
    host->owner = owner;
    host->route = (struct route)ROUTE;
    host->trust = (struct buf)BUF(TRUST_MAX);
    host->multi = curl_multi_init();
    host->easy = curl_easy_init();
    if (host->multi == NULL || host->easy == NULL) {
        host_free(&host);
    }
    return host;
}

void
host_free(struct host **host)
{
    struct host *self = *host;

    if (self != NULL) {
        curl_easy_cleanup(self->easy);
        (void)curl_multi_cleanup(self->multi);
        curl_slist_free_all(self->addresses);
        route_done(&self->route);
        buf_done(&self->trust);
        free(self);
        *host = NULL;
    }
}

/* ---- the one host -------------------------------------------------------------------------- */

/* Where no name is to be resolved, what that needs is not needed even once. */
static enum status
enter_rooms(struct host *host, struct route *route, struct why *why)
{
    unsigned int outer = CONFINED_ALL;
    unsigned int inner;

    if (route->host.length > 0) {
        TRY(sandbox_enter(SANDBOX_RESOLVING, route->port, &outer));
        TRY(route_resolve(route, why));
    }
    TRY(sandbox_enter(SANDBOX_TALKING, route->port, &inner));
    host->confined = outer & inner;
    return ST_OK;
}

/* Reads and resolves what talking to the host in `route` needs, and takes over the route. */
static enum status
settle(struct host *host, const struct frame_request *request, struct route *route, struct why *why)
{
    if (route->tls) {
        TRY(trust_read(request->ca_file, host->owner, why, &host->trust));
    }
    TRY(enter_rooms(host, route, why));
    if (route->addresses.length > 0) {
        host->addresses = curl_slist_append(NULL, buf_text(&route->addresses));
        if (host->addresses == NULL) {
            return ST_MEMORY;
        }
    }
    host->route = *route;
    *route = (struct route)ROUTE;
    return ST_OK;
}

enum status
host_find(struct host *host, const struct frame_request *request, struct why *why)
{
    struct route route CLEANUP(route_done) = ROUTE;

    TRY(route_find(request, why, &route));
    if (host->route.origin.length == 0) {
        return settle(host, request, &route, why);
    }
    if (!span_equals(buf_span(&host->route.origin), buf_span(&route.origin))) {
        return status_because(why, ST_PROVIDER, "this fetcher talks to another host already");
    }
    return ST_OK;
}

/* ---- options ------------------------------------------------------------------------------- */

/* R101. What is libcurl's default today is said all the same. */
static const struct host_number common[] = {
    {CURLOPT_NOSIGNAL, 1L},
    {CURLOPT_DISALLOW_USERNAME_IN_URL, 1L},
    {CURLOPT_NETRC, (long)CURL_NETRC_IGNORED},
    {CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2},
    {CURLOPT_SSL_VERIFYPEER, 1L},
    {CURLOPT_SSL_VERIFYHOST, 2L},
    {CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2},
    {CURLOPT_PROXY_SSL_VERIFYPEER, 1L},
    {CURLOPT_PROXY_SSL_VERIFYHOST, 2L},
    {CURLOPT_MAXCONNECTS, 1L},
};

static bool
set_route(const struct host *host)
{
    bool direct = host->route.proxy.length == 0;

    /* Both are always set: otherwise libcurl looks for its own in the environment. */
    return curl_easy_setopt(host->easy, CURLOPT_PROXY, buf_text(&host->route.proxy)) == CURLE_OK &&
           curl_easy_setopt(host->easy, CURLOPT_NOPROXY, direct ? "*" : "") == CURLE_OK &&
           curl_easy_setopt(host->easy, CURLOPT_RESOLVE, host->addresses) == CURLE_OK;
}

/* These certificates and no others: libcurl would go on to look into a directory of the system's.
 */
static bool
set_trust(const struct host *host)
{
    CURL *easy = host->easy;
    struct curl_blob blob = {
        .data = host->trust.at, .len = host->trust.length, .flags = CURL_BLOB_NOCOPY};

    return curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO_BLOB, &blob) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL) == CURLE_OK;
}

/*
 * Without a connection, and in silence, 3 seconds may pass (R101), and more where the administrator
 * gives a slow provider more than the 8 seconds of the default: as large a part of it.
 */
static bool
set_times(CURL *easy, int64_t timeout_ms, int64_t left_ms)
{
    long patience_s = timeout_ms > 8000 ? (long)(timeout_ms * 3 / 8000) : 3;

    return curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)left_ms) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, patience_s) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, patience_s) == CURLE_OK;
}

bool
host_set_text(const struct host *host, CURLoption option, struct span text)
{
    struct buf copy CLEANUP(buf_done) = BUF(FRAME_BASIC_MAX);

    return text.length == 0 || (buf_add(&copy, text) == ST_OK &&
                                curl_easy_setopt(host->easy, option, buf_text(&copy)) == CURLE_OK);
}

bool
host_set_numbers(const struct host *host, const struct host_number *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (curl_easy_setopt(host->easy, numbers[i].option, numbers[i].value) != CURLE_OK) {
            return false;
        }
    }
    return true;
}

bool
host_set_options(struct host *host, int64_t timeout_ms, int64_t left_ms)
{
    return host_set_numbers(host, common, COUNT(common)) &&
           curl_easy_setopt(host->easy, CURLOPT_ERRORBUFFER, host->detail) == CURLE_OK &&
           set_route(host) && (!host->route.tls || set_trust(host)) &&
           set_times(host->easy, timeout_ms, left_ms);
}

/* ---- failures ------------------------------------------------------------------------------ */

struct failure {
    CURLcode code;
    const char *sentence;
    bool detail; /* libcurl's own words help, and hold nothing secret */
};

static const struct failure failures[] = {
    {CURLE_COULDNT_CONNECT, "cannot connect", true},
    {CURLE_OPERATION_TIMEDOUT, "no answer in time", true},
    {CURLE_PEER_FAILED_VERIFICATION, "its certificate is not accepted", true},
    {CURLE_SSL_CONNECT_ERROR, "no TLS connection", true},
    {CURLE_SSL_CACERT_BADFILE, "the CA file holds no certificate", false},
    {CURLE_SEND_ERROR, "the connection broke", true},
    {CURLE_RECV_ERROR, "the connection broke", true},
    {CURLE_GOT_NOTHING, "the connection was closed without an answer", false},
    {CURLE_PARTIAL_FILE, "the body is shorter than announced", false},
    {CURLE_FILESIZE_EXCEEDED, "the body is larger than 512 KiB", false},
    {CURLE_UNSUPPORTED_PROTOCOL, "the answer is not HTTP", false},
    {CURLE_WEIRD_SERVER_REPLY, "the answer is not proper HTTP", false},
    /* libcurl has one code for both. */
    {CURLE_OUT_OF_MEMORY, "out of memory, or a header line of more than 100 kB", false},
};

enum status
host_explain(const struct host *host, CURLcode code, struct why *why)
{
    long error = 0;

    for (size_t i = 0; i < COUNT(failures); i++) {
        const struct failure *failure = &failures[i];
        if (failure->code != code) {
            continue;
        }
        if (code == CURLE_COULDNT_CONNECT &&
            curl_easy_getinfo(host->easy, CURLINFO_OS_ERRNO, &error) == CURLE_OK && error != 0) {
            return status_because(why, ST_PROVIDER, "%s: %s", failure->sentence,
                                  strerrordesc_np((int)error));
        }
        bool detail = failure->detail && host->detail[0] != '\0';
        return status_because(why, ST_PROVIDER, "%s%s%s", failure->sentence, detail ? ": " : "",
                              detail ? host->detail : "");
    }
    return status_because(why, ST_PROVIDER, "%s", curl_easy_strerror(code));
}

bool
host_asker_is_gone(int asker)
{
    struct pollfd watch = {.fd = asker, .events = POLLIN};

    return poll(&watch, 1, 0) != 0;
}

static enum status
drive(struct host *host, int asker, CURLcode *ret_code)
{
    struct curl_waitfd watch = {.fd = asker, .events = CURL_WAIT_POLLIN};
    int running = 1;
    int left;

    while (running > 0) {
        if (curl_multi_perform(host->multi, &running) != CURLM_OK ||
            (running > 0 && curl_multi_poll(host->multi, &watch, 1, LOOK_MS, NULL) != CURLM_OK)) {
            return ST_INTERNAL;
        }
        if (host_asker_is_gone(asker)) {
            return ST_CANCELLED;
        }
    }
    const CURLMsg *message = curl_multi_info_read(host->multi, &left);
    if (message == NULL || message->msg != CURLMSG_DONE) {
        return ST_INTERNAL;
    }
    *ret_code = message->data.result;
    return ST_OK;
}

enum status
host_begin(struct host *host, int asker, CURLcode *ret_code)
{
    return curl_multi_add_handle(host->multi, host->easy) == CURLM_OK ? drive(host, asker, ret_code)
                                                                      : ST_INTERNAL;
}

void
host_end(struct host *host)
{
    (void)curl_multi_remove_handle(host->multi, host->easy);
    /* Lets go of the body, the password and the callbacks; keeps the connection. */
    curl_easy_reset(host->easy);
}

#include "fetcher/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "fetcher/route.h"
#include "fetcher/sandbox.h"
#include "fetcher/trust.h"

#ifndef PAM_OAUTH_VERSION
#error "the Makefile passes PAM_OAUTH_VERSION"
#endif

/* Between two looks at a transfer that is silent; libcurl's own timers come first. */
#define LOOK_MS 1000

struct http {
    CURLM *multi; /* holds the open connection */
    CURL *easy;
    struct curl_slist *accept;
    uid_t owner;
    /* Of the one host, once there is one: */
    struct route route; /* without an origin there is none yet */
    struct curl_slist *addresses;
    struct buf trust;             /* its certificates must lead to these */
    unsigned int confined;        /* enum confined */
    char detail[CURL_ERROR_SIZE]; /* libcurl's own words about a failure */
};

/* What a transfer's callbacks write into. */
struct transfer {
    struct http_reply *reply;
    enum status body; /* ST_MEMORY or ST_MALFORMED (too large) when it could not be kept */
};

/* ---- life ---------------------------------------------------------------------------------- */

struct http *
http_new(uid_t owner)
{
    /* OpenSSL reads its configuration here, and loads the modules that it names. */
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return NULL;
    }
    struct http *http = calloc(1, sizeof(*http));
    if (http == NULL) {
        return NULL;
    }
    http->owner = owner;
    http->route = (struct route)ROUTE;
    http->trust = (struct buf)BUF(TRUST_MAX);
    http->multi = curl_multi_init();
    http->easy = curl_easy_init();
    http->accept = curl_slist_append(NULL, "Accept: application/json");
    if (http->multi == NULL || http->easy == NULL || http->accept == NULL) {
        http_free(&http);
    }
    return http;
}

void
http_free(struct http **http)
{
    struct http *self = *http;

    if (self != NULL) {
        curl_easy_cleanup(self->easy);
        (void)curl_multi_cleanup(self->multi);
        curl_slist_free_all(self->addresses);
        curl_slist_free_all(self->accept);
        route_done(&self->route);
        buf_done(&self->trust);
        free(self);
        *http = NULL;
    }
}

struct http_reply
http_reply_new(void)
{
    return (struct http_reply){.status = 0, .body = BUF(FETCH_BODY_MAX), .headers = headers_new()};
}

void
http_reply_done(struct http_reply *reply)
{
    buf_done(&reply->body);
    headers_done(&reply->headers);
}

/* ---- options ------------------------------------------------------------------------------- */

struct number_option {
    CURLoption option;
    long value;
};

/* R101. What is libcurl's default today is said all the same. */
static const struct number_option numbers[] = {
    {CURLOPT_NOSIGNAL, 1L},
    {CURLOPT_FOLLOWLOCATION, 0L},
    {CURLOPT_MAXREDIRS, 0L},
    {CURLOPT_DISALLOW_USERNAME_IN_URL, 1L},
    {CURLOPT_PATH_AS_IS, 1L},
    {CURLOPT_NETRC, (long)CURL_NETRC_IGNORED},
    {CURLOPT_UNRESTRICTED_AUTH, 0L},
    {CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1},
    {CURLOPT_HTTP09_ALLOWED, 0L},
    {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L},
    {CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2},
    {CURLOPT_SSL_VERIFYPEER, 1L},
    {CURLOPT_SSL_VERIFYHOST, 2L},
    {CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2},
    {CURLOPT_PROXY_SSL_VERIFYPEER, 1L},
    {CURLOPT_PROXY_SSL_VERIFYHOST, 2L},
    {CURLOPT_MAXCONNECTS, 1L},
    {CURLOPT_LOW_SPEED_LIMIT, 100L},
};

static size_t
on_header(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    struct span line = {.at = bytes, .length = size * count};

    return headers_take(&transfer->reply->headers, line) ? line.length : 0;
}

static size_t
on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    struct span piece = {.at = bytes, .length = size * count};

    transfer->body = buf_add(&transfer->reply->body, piece);
    return transfer->body == ST_OK ? piece.length : 0;
}

/* libcurl copies the text. An empty span leaves the option alone. */
static bool
set_text(CURL *easy, CURLoption option, struct span text)
{
    struct buf copy CLEANUP(buf_done) = BUF(FRAME_BASIC_MAX);

    return text.length == 0 || (buf_add(&copy, text) == ST_OK &&
                                curl_easy_setopt(easy, option, buf_text(&copy)) == CURLE_OK);
}

static bool
set_fixed(struct http *http, struct transfer *transfer)
{
    CURL *easy = http->easy;

    for (size_t i = 0; i < COUNT(numbers); i++) {
        if (curl_easy_setopt(easy, numbers[i].option, numbers[i].value) != CURLE_OK) {
            return false;
        }
    }
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, NULL) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)FETCH_BODY_MAX) ==
               CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_USERAGENT, "pam_oauth/" PAM_OAUTH_VERSION) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, http->accept) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, http->detail) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer) == CURLE_OK;
}

static bool
set_route(const struct http *http)
{
    bool direct = http->route.proxy.length == 0;

    /* Both are always set: otherwise libcurl looks for its own in the environment. */
    return curl_easy_setopt(http->easy, CURLOPT_PROXY, buf_text(&http->route.proxy)) == CURLE_OK &&
           curl_easy_setopt(http->easy, CURLOPT_NOPROXY, direct ? "*" : "") == CURLE_OK &&
           curl_easy_setopt(http->easy, CURLOPT_RESOLVE, http->addresses) == CURLE_OK;
}

/* These certificates and no others: libcurl would go on to look into a directory of the system's.
 */
static bool
set_trust(const struct http *http)
{
    CURL *easy = http->easy;
    struct curl_blob blob = {
        .data = http->trust.at, .len = http->trust.length, .flags = CURL_BLOB_NOCOPY};

    return curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO_BLOB, &blob) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL) == CURLE_OK;
}

static bool
set_body(CURL *easy, struct span body)
{
    return curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)body.length) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.length > 0 ? body.at : "") == CURLE_OK;
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

static bool
set_request(CURL *easy, const struct frame_request *request)
{
    if (!set_text(easy, CURLOPT_URL, request->url) ||
        (request->post && !set_body(easy, request->body))) {
        return false;
    }
    return request->basic_user.length == 0 ||
           (curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC) == CURLE_OK &&
            set_text(easy, CURLOPT_USERNAME, request->basic_user) &&
            set_text(easy, CURLOPT_PASSWORD, request->basic_password));
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

static enum status
explain(const struct http *http, CURLcode code, struct why *why)
{
    long error = 0;

    for (size_t i = 0; i < COUNT(failures); i++) {
        const struct failure *failure = &failures[i];
        if (failure->code != code) {
            continue;
        }
        if (code == CURLE_COULDNT_CONNECT &&
            curl_easy_getinfo(http->easy, CURLINFO_OS_ERRNO, &error) == CURLE_OK && error != 0) {
            return status_because(why, ST_PROVIDER, "%s: %s", failure->sentence,
                                  strerrordesc_np((int)error));
        }
        bool detail = failure->detail && http->detail[0] != '\0';
        return status_because(why, ST_PROVIDER, "%s%s%s", failure->sentence, detail ? ": " : "",
                              detail ? http->detail : "");
    }
    return status_because(why, ST_PROVIDER, "%s", curl_easy_strerror(code));
}

/* ---- the transfer -------------------------------------------------------------------------- */

/* Between a request and its reply who asked says nothing: if he does, or ends, he is gone. */
static bool
asker_is_gone(int asker)
{
    struct pollfd watch = {.fd = asker, .events = POLLIN};

    return poll(&watch, 1, 0) != 0;
}

static enum status
drive(struct http *http, int asker, CURLcode *ret_code)
{
    struct curl_waitfd watch = {.fd = asker, .events = CURL_WAIT_POLLIN};
    int running = 1;
    int left;

    while (running > 0) {
        if (curl_multi_perform(http->multi, &running) != CURLM_OK ||
            (running > 0 && curl_multi_poll(http->multi, &watch, 1, LOOK_MS, NULL) != CURLM_OK)) {
            return ST_INTERNAL;
        }
        if (asker_is_gone(asker)) {
            return ST_CANCELLED;
        }
    }
    const CURLMsg *message = curl_multi_info_read(http->multi, &left);
    if (message == NULL || message->msg != CURLMSG_DONE) {
        return ST_INTERNAL;
    }
    *ret_code = message->data.result;
    return ST_OK;
}

static enum status
run(struct http *http, int asker, CURLcode *ret_code)
{
    if (curl_multi_add_handle(http->multi, http->easy) != CURLM_OK) {
        return ST_INTERNAL;
    }
    enum status status = drive(http, asker, ret_code);
    (void)curl_multi_remove_handle(http->multi, http->easy);
    return status;
}

static enum status
judge(const struct http *http, const struct transfer *transfer, CURLcode code, struct why *why)
{
    long status = 0;

    if (transfer->body == ST_MEMORY) {
        return ST_MEMORY;
    }
    if (transfer->body != ST_OK) {
        return explain(http, CURLE_FILESIZE_EXCEEDED, why);
    }
    if (transfer->reply->headers.refusal != NULL) {
        return status_because(why, ST_PROVIDER, "%s", transfer->reply->headers.refusal);
    }
    if (code != CURLE_OK) {
        return explain(http, code, why);
    }
    if (curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK ||
        status < 200 || status > 599) {
        return status_because(why, ST_PROVIDER, "HTTP status %ld", status);
    }
    transfer->reply->status = (int)status;
    return ST_OK;
}

/* ---- the one host -------------------------------------------------------------------------- */

/* Where no name is to be resolved, what that needs is not needed even once. */
static enum status
enter_rooms(struct http *http, struct route *route, struct why *why)
{
    unsigned int outer = CONFINED_ALL;
    unsigned int inner;

    if (route->host.length > 0) {
        TRY(sandbox_enter(SANDBOX_RESOLVING, route->port, &outer));
        TRY(route_resolve(route, why));
    }
    TRY(sandbox_enter(SANDBOX_TALKING, route->port, &inner));
    http->confined = outer & inner;
    return ST_OK;
}

/* Reads and resolves what talking to the host in `route` needs, and takes over the route. */
static enum status
settle(struct http *http, const struct frame_request *request, struct route *route, struct why *why)
{
    TRY(trust_read(request->ca_file, http->owner, why, &http->trust));
    TRY(enter_rooms(http, route, why));
    if (route->addresses.length > 0) {
        http->addresses = curl_slist_append(NULL, buf_text(&route->addresses));
        if (http->addresses == NULL) {
            return ST_MEMORY;
        }
    }
    http->route = *route;
    *route = (struct route)ROUTE;
    return ST_OK;
}

static enum status
find_host(struct http *http, const struct frame_request *request, struct why *why)
{
    struct route route CLEANUP(route_done) = ROUTE;

    TRY(route_find(request, why, &route));
    if (http->route.origin.length == 0) {
        return settle(http, request, &route, why);
    }
    if (!span_equals(buf_span(&http->route.origin), buf_span(&route.origin))) {
        return status_because(why, ST_PROVIDER, "this fetcher talks to another host already");
    }
    return ST_OK;
}

/* ---- one request ---------------------------------------------------------------------------- */

/* As for a host with a name, at no port. */
static enum status
tell_confinement(struct http_reply *reply)
{
    unsigned int outer;
    unsigned int inner;

    TRY(sandbox_enter(SANDBOX_RESOLVING, 0, &outer));
    TRY(sandbox_enter(SANDBOX_TALKING, 0, &inner));
    reply->status = 200;
    reply->confined = outer & inner;
    return ST_OK;
}

enum status
http_ask(struct http *http, const struct frame_request *request, int asker, struct why *why,
         struct http_reply *reply)
{
    struct transfer transfer = {.reply = reply, .body = ST_OK};
    int64_t until_ms = clock_ms() + request->timeout_ms;
    CURLcode code;

    if (span_is(request->url, FETCH_CONFINEMENT)) {
        return tell_confinement(reply);
    }
    TRY(find_host(http, request, why));
    int64_t left_ms = until_ms - clock_ms();
    if (left_ms <= 0) {
        return status_because(why, ST_PROVIDER, "its name was not resolved in time");
    }
    if (!set_fixed(http, &transfer) || !set_route(http) || !set_trust(http) ||
        !set_request(http->easy, request) || !set_times(http->easy, request->timeout_ms, left_ms)) {
        return status_because(why, ST_PROVIDER, "libcurl refuses an option; it may be too old");
    }
    enum status status = run(http, asker, &code);
    if (status == ST_OK) {
        status = judge(http, &transfer, code, why);
    }
    /* Lets go of the body, the password and the callbacks; keeps the connection. */
    curl_easy_reset(http->easy);
    reply->confined = http->confined;
    return status;
}

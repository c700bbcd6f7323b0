#include "fetcher/http.h"

#include "base/clock.h"
#include "fetcher/sandbox.h"

#ifndef PAM_OAUTH_VERSION
#error "the Makefile passes PAM_OAUTH_VERSION"
#endif

/* What a transfer's callbacks write into. */
struct transfer {
    struct http_reply *reply;
    enum status body; /* ST_MEMORY or ST_MALFORMED (too large) when it could not be kept */
    struct curl_slist *accept;
};

static void
transfer_done(struct transfer *transfer)
{
    curl_slist_free_all(transfer->accept);
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

/* R101. What is libcurl's default today is said all the same. */
static const struct host_number numbers[] = {
    {CURLOPT_FOLLOWLOCATION, 0L},
    {CURLOPT_MAXREDIRS, 0L},
    {CURLOPT_PATH_AS_IS, 1L},
    {CURLOPT_UNRESTRICTED_AUTH, 0L},
    {CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1},
    {CURLOPT_HTTP09_ALLOWED, 0L},
    {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L},
    {CURLOPT_LOW_SPEED_LIMIT, 100L},
};

static bool
set_fixed(const struct host *host, struct transfer *transfer)
{
    CURL *easy = host->easy;

    return host_set_numbers(host, numbers, COUNT(numbers)) &&
           curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, NULL) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)FETCH_BODY_MAX) ==
               CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_USERAGENT, "pam_oauth/" PAM_OAUTH_VERSION) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->accept) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer) == CURLE_OK;
}

static bool
set_body(CURL *easy, struct span body)
{
    return curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)body.length) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.length > 0 ? body.at : "") == CURLE_OK;
}

static bool
set_request(const struct host *host, const struct frame_request *request)
{
    if (!host_set_text(host, CURLOPT_URL, request->url) ||
        (request->post && !set_body(host->easy, request->body))) {
        return false;
    }
    return request->basic_user.length == 0 ||
           (curl_easy_setopt(host->easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC) == CURLE_OK &&
            host_set_text(host, CURLOPT_USERNAME, request->basic_user) &&
            host_set_text(host, CURLOPT_PASSWORD, request->basic_password));
}

/* ---- the answer ----------------------------------------------------------------------------- */

static enum status
judge(const struct host *host, const struct transfer *transfer, CURLcode code, struct why *why)
{
    long status = 0;

    if (transfer->body == ST_MEMORY) {
        return ST_MEMORY;
    }
    if (transfer->body != ST_OK) {
        return host_explain(host, CURLE_FILESIZE_EXCEEDED, why);
    }
    if (transfer->reply->headers.refusal != NULL) {
        return status_because(why, ST_PROVIDER, "%s", transfer->reply->headers.refusal);
    }
    if (code != CURLE_OK) {
        return host_explain(host, code, why);
    }
    if (curl_easy_getinfo(host->easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK ||
        status < 200 || status > 599) {
        return status_because(why, ST_PROVIDER, "HTTP status %ld", status);
    }
    transfer->reply->status = (int)status;
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
http_ask(struct host *host, const struct frame_request *request, int asker, struct why *why,
         struct http_reply *reply)
{
    struct transfer transfer CLEANUP(transfer_done) = {.reply = reply, .body = ST_OK};
    int64_t until_ms = clock_ms() + request->timeout_ms;
    CURLcode code = CURLE_OK;

    if (span_is(request->url, FETCH_CONFINEMENT)) {
        return tell_confinement(reply);
    }
    TRY(host_find(host, request, why));
    int64_t left_ms = until_ms - clock_ms();
    if (left_ms <= 0) {
        return status_because(why, ST_PROVIDER, "its name was not resolved in time");
    }
    transfer.accept = curl_slist_append(NULL, "Accept: application/json");
    if (transfer.accept == NULL || !host_set_options(host, request->timeout_ms, left_ms) ||
        !set_fixed(host, &transfer) || !set_request(host, request)) {
        return status_because(why, ST_PROVIDER, "libcurl refuses an option; it may be too old");
    }
    enum status status = host_begin(host, asker, &code);
    if (status == ST_OK) {
        status = judge(host, &transfer, code, why);
    }
    host_end(host);
    reply->confined = host->confined;
    return status;
}

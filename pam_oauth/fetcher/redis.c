#include "fetcher/redis.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "fetcher/resp.h"

/* Commands with their lengths; the values are bounded by the frame. */
#define COMMANDS_MAX (2 * FRAME_BASIC_MAX + 512)
/* Two answers, or an error; more is no answer. */
#define ANSWERS_MAX (2 * RESP_ERROR_MAX)

/* One claim on its way. */
struct talk {
    struct host *host;
    const struct frame_request *request;
    int asker;
    int64_t until_ms;
    curl_socket_t socket;
    struct why *why;
};

/* ---- what is said --------------------------------------------------------------------------- */

static enum status
add_word(struct buf *into, struct span word)
{
    TRY(buf_printf(into, "$%zu\r\n", word.length));
    TRY(buf_add(into, word));
    return buf_add_text(into, "\r\n");
}

/* The database that stands behind the host, 0 if none does. */
static enum status
find_database(struct span url, struct why *why, int64_t *ret_database)
{
    struct span scheme;
    struct span rest;
    struct span database;

    *ret_database = 0;
    /* Behind the two slashes; libcurl has read the host in the same way. */
    if (!span_cut(url, '/', &scheme, &rest) || !span_cut(rest, '/', &scheme, &rest) ||
        !span_cut(rest, '/', &scheme, &database) || database.length == 0) {
        return ST_OK;
    }
    return text_number(database, 0, REDIS_DATABASE_MAX, ret_database)
               ? ST_OK
               : status_because(why, ST_PROVIDER, "the database must be a number of 0 to %d",
                                REDIS_DATABASE_MAX);
}

/* What comes before the claim; `*ret_count` commands, which may be none. */
static enum status
add_introduction(const struct talk *talk, struct buf *into, size_t *ret_count)
{
    const struct frame_request *request = talk->request;
    char number[8];
    int64_t database;

    *ret_count = 0;
    TRY(find_database(request->url, talk->why, &database));
    if (request->basic_user.length > 0) {
        TRY(buf_add_text(into, "*3\r\n$4\r\nAUTH\r\n"));
        TRY(add_word(into, request->basic_user));
        TRY(add_word(into, request->basic_password));
        (*ret_count)++;
    }
    if (database > 0) {
        TRY(buf_add_text(into, "*2\r\n$6\r\nSELECT\r\n"));
        (void)snprintf(number, sizeof(number), "%d", (int)database);
        TRY(add_word(into, span_of(number)));
        (*ret_count)++;
    }
    return ST_OK;
}

static enum status
add_claim(const struct frame_request *request, struct buf *into)
{
    struct buf key CLEANUP(buf_done) = BUF(sizeof(REDIS_PREFIX) + FRAME_CLAIM_LENGTH);
    char seconds[16];

    TRY(buf_add_text(&key, REDIS_PREFIX));
    TRY(buf_add(&key, request->claim));
    (void)snprintf(seconds, sizeof(seconds), "%u", (unsigned int)request->claim_s);
    TRY(buf_add_text(into, "*6\r\n$3\r\nSET\r\n"));
    TRY(add_word(into, buf_span(&key)));
    TRY(buf_add_text(into, "$1\r\n1\r\n$2\r\nNX\r\n$2\r\nEX\r\n"));
    return add_word(into, span_of(seconds));
}

/* ---- over the connection -------------------------------------------------------------------- */

/* Waits until the connection is ready, for as long as there is time and somebody who asks. */
static enum status
wait_for(const struct talk *talk, short events)
{
    struct pollfd watch[] = {{.fd = talk->socket, .events = events},
                             {.fd = talk->asker, .events = POLLIN}};
    int64_t left_ms = talk->until_ms - clock_ms();

    if (left_ms <= 0 ||
        poll(watch, COUNT(watch), left_ms < INT_MAX ? (int)left_ms : INT_MAX) == 0) {
        return status_because(talk->why, ST_PROVIDER, "no answer in time");
    }
    return watch[1].revents != 0 ? ST_CANCELLED : ST_OK;
}

static enum status
send_all(const struct talk *talk, struct span bytes)
{
    while (bytes.length > 0) {
        size_t sent = 0;
        CURLcode code = curl_easy_send(talk->host->easy, bytes.at, bytes.length, &sent);
        if (code == CURLE_AGAIN) {
            TRY(wait_for(talk, POLLOUT));
        } else if (code != CURLE_OK) {
            return host_explain(talk->host, code, talk->why);
        }
        bytes.at += sent;
        bytes.length -= sent;
    }
    return ST_OK;
}

/* Adds what has arrived, waiting for it if need be. */
static enum status
receive_some(const struct talk *talk, struct buf *answers)
{
    size_t left = answers->limit - answers->length;
    char *room = buf_reserve(answers, left);
    size_t got = 0;

    if (room == NULL) {
        return left == 0 ? status_because(talk->why, ST_PROVIDER, "its answer is too long")
                         : ST_MEMORY;
    }
    for (;;) {
        CURLcode code = curl_easy_recv(talk->host->easy, room, left, &got);
        if (code == CURLE_OK && got > 0) {
            buf_grew(answers, got);
            return ST_OK;
        }
        if (code != CURLE_AGAIN) {
            return code == CURLE_OK ? host_explain(talk->host, CURLE_GOT_NOTHING, talk->why)
                                    : host_explain(talk->host, code, talk->why);
        }
        TRY(wait_for(talk, POLLIN));
    }
}

/* Sends so many commands and waits for what is answered to the last. */
static enum status
exchange(const struct talk *talk, const struct buf *commands, size_t count, enum resp *ret_answer)
{
    struct buf answers CLEANUP(buf_done) = BUF(ANSWERS_MAX);
    enum resp answer = RESP_MORE;

    TRY(send_all(talk, buf_span(commands)));
    while (answer == RESP_MORE) {
        TRY(receive_some(talk, &answers));
        answer = resp_answers(buf_span(&answers), count, talk->why);
    }
    *ret_answer = answer;
    return answer == RESP_BAD ? ST_PROVIDER : ST_OK;
}

/* ---- one claim ------------------------------------------------------------------------------ */

/* Nothing is claimed before we are known and in the right database. */
static enum status
introduce(const struct talk *talk)
{
    struct buf commands CLEANUP(buf_done) = BUF(COMMANDS_MAX);
    enum resp answer = RESP_OK;
    size_t count;

    TRY(add_introduction(talk, &commands, &count));
    if (count > 0) {
        TRY(exchange(talk, &commands, count, &answer));
    }
    return answer == RESP_OK
               ? ST_OK
               : status_because(talk->why, ST_PROVIDER, "it answers nil where only OK is expected");
}

static enum status
claim(const struct talk *talk, enum fetch_claimed *ret_claimed)
{
    struct buf commands CLEANUP(buf_done) = BUF(COMMANDS_MAX);
    enum resp answer;

    TRY(introduce(talk));
    TRY(add_claim(talk->request, &commands));
    TRY(exchange(talk, &commands, 1, &answer));
    *ret_claimed = answer == RESP_OK ? FETCH_CLAIMED : FETCH_USED;
    return ST_OK;
}

/* The same host and port as one of libcurl's own schemes, so that it makes the connection. */
static bool
set_connection(const struct host *host, struct span url)
{
    static const struct host_number numbers[] = {
        {CURLOPT_CONNECT_ONLY, 1L},
        {CURLOPT_SSL_ENABLE_ALPN, 0L},
    };
    struct buf whole CLEANUP(buf_done) = BUF(FRAME_URL_MAX + 8);
    const char *scheme = host->route.tls ? "https" : "http";
    struct span before;
    struct span rest;

    return span_cut(url, ':', &before, &rest) && buf_add_text(&whole, scheme) == ST_OK &&
           buf_add_char(&whole, ':') == ST_OK && buf_add(&whole, rest) == ST_OK &&
           host_set_text(host, CURLOPT_URL, buf_span(&whole)) &&
           curl_easy_setopt(host->easy, CURLOPT_PROTOCOLS_STR, scheme) == CURLE_OK &&
           host_set_numbers(host, numbers, COUNT(numbers));
}

static enum status
connect_and_claim(struct talk *talk, enum fetch_claimed *ret_claimed)
{
    CURLcode code = CURLE_OK;

    TRY(host_begin(talk->host, talk->asker, &code));
    if (code != CURLE_OK) {
        return host_explain(talk->host, code, talk->why);
    }
    if (curl_easy_getinfo(talk->host->easy, CURLINFO_ACTIVESOCKET, &talk->socket) != CURLE_OK ||
        talk->socket == CURL_SOCKET_BAD) {
        return status_because(talk->why, ST_PROVIDER, "libcurl keeps no connection");
    }
    return claim(talk, ret_claimed);
}

enum status
redis_claim(struct host *host, const struct frame_request *request, int asker, struct why *why,
            enum fetch_claimed *ret_claimed)
{
    struct talk talk = {
        .host = host,
        .request = request,
        .asker = asker,
        .until_ms = clock_ms() + request->timeout_ms,
        .socket = CURL_SOCKET_BAD,
        .why = why,
    };

    TRY(host_find(host, request, why));
    int64_t left_ms = talk.until_ms - clock_ms();
    if (left_ms <= 0) {
        return status_because(why, ST_PROVIDER, "its name was not resolved in time");
    }
    if (!host_set_options(host, request->timeout_ms, left_ms) ||
        !set_connection(host, request->url)) {
        return status_because(why, ST_PROVIDER, "libcurl refuses an option; it may be too old");
    }
    enum status status = connect_and_claim(&talk, ret_claimed);
    host_end(host);
    return status;
}

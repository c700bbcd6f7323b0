/*
 * pam-oauth-fetcher: the only program of pam_oauth that opens network connections. Requests come
 * in on its input, replies go out on its output (fetch/frame.h), one after the other, until its
 * input ends. It is started by fetch/fetch.c and by nobody else; it prints nothing.
 *
 * In order: give up every right; load libcurl; wait for a request; read the certificates; give up
 * everything that resolving a name does not need; resolve it; give up everything but a connection
 * to that host (host.h, sandbox.h); and only then talk to it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "fetch/frame.h"
#include "fetcher/drop.h"
#include "fetcher/http.h"
#include "fetcher/redis.h"

struct options {
    const char *user; /* NULL: not started by root */
    pid_t parent;
};

static bool
read_options(int count, char *const arguments[], struct options *ret_options)
{
    struct options options = {.user = NULL, .parent = 0};
    int64_t parent = 0;

    for (int i = 1; i < count; i += 2) {
        if (i + 1 == count) {
            return false;
        }
        if (span_is(span_of(arguments[i]), "--user")) {
            options.user = arguments[i + 1];
        } else if (!span_is(span_of(arguments[i]), "--parent") ||
                   !text_number(span_of(arguments[i + 1]), 1, INT32_MAX, &parent)) {
            return false;
        }
    }
    options.parent = (pid_t)parent;
    *ret_options = options;
    return parent > 0;
}

/* The rights of whoever started it, before the first byte of a request. */
static enum status
confine(const struct options *options, struct why *why)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    /* A peer that closes must be an error of one write, not the end. */
    if (sigaction(SIGPIPE, &ignore, NULL) != 0) {
        return status_because(why, ST_PROVIDER, "the fetcher cannot ignore SIGPIPE");
    }
    return drop_rights(options->user, options->parent, why);
}

/* Reads until `frame` is `length` bytes long. False when the input ends before that. */
static bool
read_up_to(struct buf *frame, size_t length)
{
    while (frame->length < length) {
        size_t left = length - frame->length;
        char *room = buf_reserve(frame, left);
        if (room == NULL) {
            return false;
        }
        ssize_t got = read(STDIN_FILENO, room, left);
        if (got > 0) {
            buf_grew(frame, (size_t)got);
        } else if (got == 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

/* False when there is no further request, or none that can be understood: both are the end. */
static bool
read_request(struct buf *frame, struct frame_request *ret_request)
{
    size_t length = 0;

    return read_up_to(frame, FRAME_HEAD) &&
           frame_length(buf_span(frame), FRAME_REQUEST, NULL, &length) == ST_OK &&
           read_up_to(frame, length) &&
           frame_read_request(buf_span(frame), NULL, ret_request) == ST_OK;
}

static bool
write_reply(const struct frame_reply *reply)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);

    if (frame_add_reply(reply, NULL, &frame) != ST_OK) {
        return false;
    }
    struct span rest = buf_span(&frame);
    while (rest.length > 0) {
        ssize_t put = write(STDOUT_FILENO, rest.at, rest.length);
        if (put > 0) {
            rest.at += put;
            rest.length -= (size_t)put;
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

/* The cause in the form the frame has for it: printable, and not long. */
static bool
write_failure(enum status status, struct why *why)
{
    if (status == ST_MEMORY) {
        (void)status_because(why, status, "the fetcher is out of memory");
    } else if (why->sentence[0] == '\0') {
        (void)status_because(why, status, "the fetcher failed");
    }
    struct span cause = span_of(why->sentence);
    for (size_t i = 0; i < cause.length; i++) {
        if (!text_is_printable((struct span){.at = cause.at + i, .length = 1})) {
            why->sentence[i] = '?';
        }
    }
    if (cause.length > FRAME_FAILURE_MAX) {
        cause.length = FRAME_FAILURE_MAX;
    }
    return write_reply(&(struct frame_reply){.failure = cause});
}

/* Writes what came of it, if anything did. False: this was the last request. */
static bool
finish(enum status status, struct why *why, const struct frame_reply *reply)
{
    if (status == ST_CANCELLED) {
        return false;
    }
    if (status != ST_OK) {
        (void)write_failure(status, why);
        return false;
    }
    return write_reply(reply);
}

static bool
answer_claim(struct host *host, const struct frame_request *request)
{
    struct frame_reply reply = {.claimed = FETCH_NO_CLAIM};
    struct why why = {""};
    enum status status = redis_claim(host, request, STDIN_FILENO, &why, &reply.claimed);

    reply.confined = host->confined;
    return finish(status, &why, &reply);
}

static bool
answer(struct host *host, const struct frame_request *request)
{
    struct http_reply reply CLEANUP(http_reply_done) = http_reply_new();
    struct why why = {""};
    enum status status = http_ask(host, request, STDIN_FILENO, &why, &reply);

    const struct frame_reply written = {
        .http_status = reply.status,
        .confined = reply.confined,
        .body = buf_span(&reply.body),
        .cache_control = headers_value(&reply.headers, HEADER_CACHE_CONTROL),
        .age = headers_value(&reply.headers, HEADER_AGE),
        .date = headers_value(&reply.headers, HEADER_DATE),
        .retry_after = headers_value(&reply.headers, HEADER_RETRY_AFTER),
        .content_type = headers_value(&reply.headers, HEADER_CONTENT_TYPE),
    };
    return finish(status, &why, &written);
}

/* One request, one answer. False when it was the last. `status` and `why`: of the beginning. */
static bool
serve(struct host *host, enum status status, struct why *why)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REQUEST_MAX);
    struct frame_request request;

    if (!read_request(&frame, &request)) {
        return false;
    }
    if (status != ST_OK) {
        /* Who asked learns why, and that is all a fetcher does that could not be confined. */
        (void)write_failure(status, why);
        return false;
    }
    return request.claim.length > 0 ? answer_claim(host, &request) : answer(host, &request);
}

int
main(int count, char *arguments[])
{
    struct host *host CLEANUP(host_free) = NULL;
    struct options options;
    struct why why = {""};

    if (!read_options(count, arguments, &options)) {
        return 2;
    }
    enum status status = confine(&options, &why);
    if (status == ST_OK) {
        /* Started by root, we are nobody whose files count; else we are who started us. */
        host = host_new(options.user != NULL ? 0 : getuid());
        status = host != NULL ? ST_OK : ST_MEMORY;
    }
    while (serve(host, status, &why)) {
    }
    return 0;
}

#include "fetch/fetch.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "fetch/frame.h"
#include "fetch/process.h"
#include "fetch/program.h"
#include "fetch/user.h"

/* A fetcher that is done leaves when its input ends; this long before it is helped. */
#define LEAVE_MS 200
/*
 * We wait this much longer than we tell the fetcher to: it can say which limit it met (no
 * connection, TLS, a slow body), we only that nothing came. Covers its start on a busy machine.
 */
#define GRACE_MS 500
/* What we read at once. */
#define PIECE ((size_t)16 * 1024)
/* The beginning of a URL, the path of a CA file and a proxy, a line each. */
#define PLACE_MAX (FRAME_URL_MAX + FRAME_PATH_MAX + FRAME_PROXY_MAX + 2)
/* A DNS name is at most 253 bytes; the sentence must hold the reason too. */
#define HOST_SHOWN ((size_t)253)

struct fetch_session {
    struct fetch_program program;
    struct process process;
    struct buf place; /* whom it talks to; empty: it was not asked yet */
    bool dead;        /* something went wrong; nothing it could still say is believed */
};

/* ---- starting ------------------------------------------------------------------------------ */

static bool
we_are_root(void)
{
    return geteuid() == 0 || getuid() == 0;
}

static const struct program_name fetcher_name = {"fetcher", "pam-oauth-fetcher"};

static enum status
start(const struct fetch_program *program, struct why *why, struct process *ret_process)
{
    char name[] = "pam-oauth-fetcher";
    char parent_flag[] = "--parent";
    char parent[24];
    char user_flag[] = "--user";
    char user[LOGIN_NAME_MAX + 1];
    char *arguments[] = {name, parent_flag, parent, NULL, NULL, NULL};
    struct user account;

    TRY(program_check(program->path, &fetcher_name, why));
    (void)snprintf(parent, sizeof(parent), "%ld", (long)getpid());
    if (we_are_root()) {
        TRY(user_find(program->user, why, &account));
        (void)snprintf(user, sizeof(user), "%s", program->user);
        arguments[3] = user_flag;
        arguments[4] = user;
    }
    return process_start(program->path, arguments, why, ret_process);
}

enum status
fetch_start(const struct fetch_program *program, struct why *why,
            struct fetch_session **ret_session)
{
    struct fetch_session *session = calloc(1, sizeof(*session));

    if (session == NULL) {
        return status_because(why, ST_MEMORY, "out of memory while starting the fetcher");
    }
    session->program = *program;
    session->place = (struct buf)BUF(PLACE_MAX);
    enum status status = start(program, why, &session->process);
    if (status != ST_OK) {
        free(session);
        return status;
    }
    *ret_session = session;
    return ST_OK;
}

void
fetch_hang_up(struct fetch_session *session)
{
    process_hang_up(&session->process);
}

void
fetch_end(struct fetch_session **session)
{
    if (*session != NULL) {
        process_end(&(*session)->process, (*session)->dead ? 0 : LEAVE_MS);
        buf_done(&(*session)->place);
        free(*session);
        *session = NULL;
    }
}

/* ---- one place ----------------------------------------------------------------------------- */

/* A URL as far as the end of its host and port: all that may be told of it, but for the scheme. */
static struct span
origin_of(const char *url)
{
    const char *scheme_end = strstr(url, "//");
    size_t before = scheme_end != NULL ? (size_t)(scheme_end - url) + 2 : 0;

    return (struct span){.at = url, .length = before + strcspn(url + before, "/?#")};
}

static enum status
name_place(const struct fetch_request *request, struct buf *into)
{
    TRY(buf_add(into, origin_of(request->url)));
    TRY(buf_add_char(into, '\n'));
    TRY(buf_add_text(into, request->ca_file != NULL ? request->ca_file : ""));
    TRY(buf_add_char(into, '\n'));
    return buf_add_text(into, request->proxy != NULL ? request->proxy : "");
}

/*
 * A fetcher that has talked to one host can talk to no other: another gets another. What a hostile
 * host could do to the one is then not done to the answers of the next.
 */
static enum status
go_to(struct fetch_session *session, const struct fetch_request *request, struct why *why)
{
    struct buf place CLEANUP(buf_done) = BUF(PLACE_MAX);

    enum status status = name_place(request, &place);
    if (status == ST_MALFORMED) {
        return status_because(why, ST_PROVIDER, "the request cannot be made: its URL is too long");
    }
    TRY(status);
    if (span_equals(buf_span(&place), buf_span(&session->place))) {
        return ST_OK;
    }
    if (session->place.length > 0) {
        process_end(&session->process, LEAVE_MS);
        TRY(start(&session->program, why, &session->process));
    }
    buf_done(&session->place);
    session->place = place;
    place = (struct buf)BUF(PLACE_MAX);
    return ST_OK;
}

/* ---- bytes over the socket, never past the deadline ---------------------------------------- */

static enum status
wait_until(int fd, short events, int64_t deadline_ms, struct why *why)
{
    struct pollfd socket = {.fd = fd, .events = events};

    for (;;) {
        int64_t left_ms = deadline_ms - clock_ms();
        if (left_ms <= 0) {
            return status_because(why, ST_PROVIDER, "no answer in time");
        }
        int ready = poll(&socket, 1, left_ms < INT_MAX ? (int)left_ms : INT_MAX);
        if (ready > 0) {
            return ST_OK;
        }
        if (ready < 0 && errno != EINTR) {
            return status_because(why, ST_PROVIDER, "waiting for the fetcher: %s",
                                  strerrordesc_np(errno));
        }
    }
}

static enum status
send_all(int fd, struct span bytes, int64_t deadline_ms, struct why *why)
{
    while (bytes.length > 0) {
        ssize_t sent = send(fd, bytes.at, bytes.length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            bytes.at += sent;
            bytes.length -= (size_t)sent;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            TRY(wait_until(fd, POLLOUT, deadline_ms, why));
        } else if (errno != EINTR) {
            return status_because(why, ST_PROVIDER, "the fetcher ended without an answer: %s",
                                  strerrordesc_np(errno));
        }
    }
    return ST_OK;
}

/* Adds what there is to read, waiting for it if need be. */
static enum status
receive_some(int fd, int64_t deadline_ms, struct why *why, struct buf *frame)
{
    size_t left = frame->limit - frame->length;
    size_t piece = left < PIECE ? left : PIECE;
    char *room = buf_reserve(frame, piece);

    if (room == NULL) {
        return status_because(why, ST_MEMORY, "out of memory while reading from the fetcher");
    }
    for (;;) {
        TRY(wait_until(fd, POLLIN, deadline_ms, why));
        /* Plain recv: a descriptor that is sent along is dropped by the kernel. */
        ssize_t got = recv(fd, room, piece, MSG_DONTWAIT);
        if (got > 0) {
            buf_grew(frame, (size_t)got);
            return ST_OK;
        }
        if (got == 0 || errno == ECONNRESET) {
            return status_because(why, ST_PROVIDER, "the fetcher ended %s",
                                  frame->length > 0 ? "in the middle of its answer"
                                                    : "without an answer");
        }
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
            return status_because(why, ST_PROVIDER, "reading from the fetcher: %s",
                                  strerrordesc_np(errno));
        }
    }
}

/* One whole frame and nothing behind it; `frame` has room for one byte more than the longest. */
static enum status
receive_frame(int fd, int64_t deadline_ms, struct why *why, struct buf *frame)
{
    size_t length = 0;

    while (length == 0 || frame->length < length) {
        TRY(receive_some(fd, deadline_ms, why, frame));
        TRY(frame_length(buf_span(frame), FRAME_REPLY, why, &length));
    }
    if (frame->length > length) {
        return status_because(why, ST_MALFORMED, "it goes on behind its end");
    }
    return ST_OK;
}

/* Between two requests the fetcher has nothing to say. */
static enum status
check_silence(int fd, struct why *why)
{
    char byte;

    if (recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0) {
        return status_because(why, ST_MALFORMED, "it came before it was asked for");
    }
    return ST_OK;
}

/* ---- one question -------------------------------------------------------------------------- */

/* The part of a URL that may be told, for "%.*s": what stands behind or before it may be secret. */
static struct span
host_of(const char *url)
{
    struct span origin = origin_of(url);
    const char *scheme_end = strstr(url, "//");
    struct span host = span_of("?");

    if (scheme_end != NULL) {
        size_t length = (size_t)(origin.at + origin.length - (scheme_end + 2));
        if (length > 0 && memchr(scheme_end + 2, '@', length) == NULL) {
            host = (struct span){.at = scheme_end + 2,
                                 .length = length < HOST_SHOWN ? length : HOST_SHOWN};
        }
    }
    return host;
}

/* How long one question may take: what was asked for, what is left, what anybody may have. */
static int64_t
patience_ms(const struct fetch_request *request, int64_t left_ms)
{
    int64_t asked_ms =
        request->timeout_ms < FRAME_TIMEOUT_MAX_MS ? request->timeout_ms : FRAME_TIMEOUT_MAX_MS;

    return asked_ms + GRACE_MS < left_ms ? asked_ms + GRACE_MS : left_ms;
}

static enum status
write_request(const struct fetch_request *request, int64_t wait_ms, struct why *why,
              struct buf *frame)
{
    struct why cause = {""};
    struct frame_request fields = {
        .url = span_of(request->url),
        .post = request->post,
        .body = request->body,
        .basic_user = span_of(request->basic_user),
        .basic_password = span_of(request->basic_password),
        .ca_file = span_of(request->ca_file),
        .proxy = span_of(request->proxy),
        .no_proxy = span_of(request->no_proxy),
        .timeout_ms = wait_ms > 2 * GRACE_MS ? wait_ms - GRACE_MS : wait_ms,
        .claim = span_of(request->claim),
        .claim_s = request->claim_s,
    };
    enum status status = frame_add_request(&fields, &cause, frame);

    if (status == ST_MALFORMED) {
        return status_because(why, ST_PROVIDER, "the request cannot be made: %s", cause.sentence);
    }
    return status;
}

static enum status
read_reply(struct span frame, const struct fetch_request *request, struct why *why,
           struct frame_reply *ret_fields)
{
    bool claim = request->claim != NULL;

    TRY(frame_read_reply(frame, why, ret_fields));
    if (ret_fields->failure.length > 0) {
        return status_because(why, ST_PROVIDER, "%.*s", SPAN_ARGS(ret_fields->failure));
    }
    if (claim != (ret_fields->claimed != FETCH_NO_CLAIM)) {
        return status_because(why, ST_MALFORMED, "it is of a kind that was not asked for");
    }
    return ST_OK;
}

/* Sends one frame and gets one back. ST_MALFORMED when that is not what it should be. */
static enum status
converse(int fd, struct span request, int64_t deadline_ms, struct why *why, struct buf *frame)
{
    TRY(check_silence(fd, why));
    TRY(send_all(fd, request, deadline_ms, why));
    return receive_frame(fd, deadline_ms, why, frame);
}

/* Takes the fields over into the caller's buffers. */
static enum status
keep_reply(const struct frame_reply *fields, struct fetch_reply *reply)
{
    struct fetch_reply kept CLEANUP(fetch_reply_done) = FETCH_REPLY;

    TRY(buf_add(&kept.body, fields->body));
    TRY(buf_add(&kept.cache_control, fields->cache_control));
    TRY(buf_add(&kept.age, fields->age));
    TRY(buf_add(&kept.date, fields->date));
    TRY(buf_add(&kept.retry_after, fields->retry_after));
    TRY(buf_add(&kept.content_type, fields->content_type));
    kept.http_status = fields->http_status;
    kept.confined = fields->confined;
    kept.claimed = fields->claimed;
    fetch_reply_done(reply);
    *reply = kept;
    kept = (struct fetch_reply)FETCH_REPLY;
    return ST_OK;
}

static enum status
ask(int fd, const struct fetch_request *request, int64_t deadline_ms, struct why *why,
    struct fetch_reply *reply)
{
    struct buf question CLEANUP(buf_done) = BUF(FRAME_REQUEST_MAX);
    struct buf answer CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX + 1);
    struct frame_reply fields;
    int64_t now_ms = clock_ms();

    if (deadline_ms <= now_ms) {
        return status_because(why, ST_PROVIDER, "no time is left to ask");
    }
    int64_t wait_ms = patience_ms(request, deadline_ms - now_ms);
    TRY(write_request(request, wait_ms, why, &question));
    TRY(converse(fd, buf_span(&question), now_ms + wait_ms, why, &answer));
    TRY(read_reply(buf_span(&answer), request, why, &fields));
    return keep_reply(&fields, reply);
}

enum status
fetch_ask(struct fetch_session *session, const struct fetch_request *request, int64_t deadline_ms,
          struct why *why, struct fetch_reply *reply)
{
    struct span host = host_of(request->url);
    struct why cause = {""};

    if (session->dead || session->process.socket < 0) {
        return status_because(why, ST_PROVIDER, "the fetcher was ended before this request");
    }
    enum status status = go_to(session, request, &cause);
    if (status == ST_OK) {
        status = ask(session->process.socket, request, deadline_ms, &cause, reply);
    }
    if (status == ST_OK) {
        return ST_OK;
    }
    session->dead = true;
    process_kill(&session->process);
    if (status == ST_MEMORY) {
        return status_because(why, ST_MEMORY, "out of memory while asking the fetcher");
    }
    return status_because(why, ST_PROVIDER, "%.*s: %s%s", SPAN_ARGS(host),
                          status == ST_MALFORMED ? "the fetcher's answer is no good: " : "",
                          cause.sentence);
}

void
fetch_reply_done(struct fetch_reply *reply)
{
    reply->http_status = 0;
    reply->confined = 0;
    reply->claimed = FETCH_NO_CLAIM;
    buf_done(&reply->body);
    buf_done(&reply->cache_control);
    buf_done(&reply->age);
    buf_done(&reply->date);
    buf_done(&reply->retry_after);
    buf_done(&reply->content_type);
}

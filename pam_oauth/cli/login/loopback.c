#include "cli/login/loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

/* So many at once; one more, and who came first has to go. */
#define VISITORS 16
/* Who has not said what he wants by then is not waited for. */
#define VISIT_MS 10000
/* Headers, cookies and all, are read and forgotten. */
#define HEAD_MAX ((size_t)65536)
#define PIECE 1024

struct visitor {
    int fd;
    int64_t until_ms;
    struct buf line; /* the request line, as far as it came */
    bool line_ended;
    bool at_line_start; /* a line end now would be that of the whole head */
    size_t seen;
};

/* All that happens at the door. */
struct door {
    const struct authcode_wish *wish;
    struct visitor visitors[VISITORS];
    size_t next; /* to be replaced */
    enum authcode_event event;
    enum status status; /* of the answer */
    struct why *why;
    struct buf *code;
};

/* ---- pages ---------------------------------------------------------------------------------- */

#define PAGE(status, title, text)                                                                  \
    "HTTP/1.1 " status "\r\n"                                                                      \
    "Content-Type: text/html; charset=us-ascii\r\n"                                                \
    "Content-Security-Policy: default-src 'none'\r\n"                                              \
    "X-Content-Type-Options: nosniff\r\n"                                                          \
    "Referrer-Policy: no-referrer\r\n"                                                             \
    "Cache-Control: no-store\r\n"                                                                  \
    "Connection: close\r\n"                                                                        \
    "\r\n"                                                                                         \
    "<!DOCTYPE html><html lang=\"en\"><title>" title "</title><h1>" title "</h1><p>" text          \
    "</p></html>\n"

static const char page_done[] =
    PAGE("200 OK", "Back to the terminal",
         "The provider has answered. The terminal says whether you are signed in; you can close "
         "this page.");
static const char page_not_done[] =
    PAGE("200 OK", "Not signed in",
         "The provider has not signed you in. The terminal says why; you can close this page.");
static const char page_elsewhere[] =
    PAGE("404 Not Found", "Not here", "This is not the page of a sign-in.");
static const char page_foreign[] =
    PAGE("400 Bad Request", "Not this sign-in",
         "This page does not belong to the sign-in that the terminal waits for. Nothing happened.");

/* ---- visitors ------------------------------------------------------------------------------- */

static void
leave(struct visitor *visitor)
{
    file_close(&visitor->fd);
    buf_done(&visitor->line);
}

/* A short page fits into any socket's buffer; whoever does not take it has no need of it. */
static void
say(struct visitor *visitor, const char *page)
{
    (void)send(visitor->fd, page, strlen(page), MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)shutdown(visitor->fd, SHUT_WR);
    leave(visitor);
}

/* The whole head has come. */
static void
answer(struct door *door, struct visitor *visitor)
{
    enum authcode_event event = AUTHCODE_ELSEWHERE;
    enum status status =
        authcode_answer(door->wish, buf_span(&visitor->line), door->why, door->code, &event);

    if (event == AUTHCODE_ELSEWHERE) {
        say(visitor, page_elsewhere);
    } else if (event == AUTHCODE_FOREIGN && status == ST_OK) {
        say(visitor, page_foreign);
    } else {
        door->event = AUTHCODE_ANSWERED;
        door->status = status;
        say(visitor, status == ST_OK ? page_done : page_not_done);
    }
}

/* True when this byte ends the head: an empty line. */
static bool
take_byte(struct visitor *visitor, char byte)
{
    if (!visitor->line_ended && buf_add_char(&visitor->line, byte) != ST_OK) {
        buf_cut(&visitor->line, 0); /* too long for us: it will be told so */
        visitor->line_ended = true;
    }
    visitor->seen++;
    if (byte == '\n') {
        bool ends = visitor->at_line_start;
        visitor->line_ended = true;
        visitor->at_line_start = true;
        return ends;
    }
    visitor->at_line_start = visitor->at_line_start && byte == '\r';
    return false;
}

static void
listen_to(struct door *door, struct visitor *visitor)
{
    char piece[PIECE];
    ssize_t got = recv(visitor->fd, piece, sizeof(piece), MSG_DONTWAIT);

    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got <= 0) {
        leave(visitor);
        return;
    }
    for (ssize_t i = 0; i < got; i++) {
        if (take_byte(visitor, piece[i])) {
            explicit_bzero(piece, sizeof(piece));
            answer(door, visitor);
            return;
        }
    }
    explicit_bzero(piece, sizeof(piece));
    if (visitor->seen > HEAD_MAX) {
        leave(visitor);
    }
}

static void
let_in(struct door *door, int listener)
{
    struct visitor *visitor = &door->visitors[door->next];
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0) {
        return;
    }
    leave(visitor);
    *visitor = (struct visitor){
        .fd = fd,
        .until_ms = clock_ms() + VISIT_MS,
        .line = BUF(AUTHCODE_LINE_MAX),
    };
    door->next = (door->next + 1) % VISITORS;
}

/* One look at all of them, for at most a second. */
static void
look(struct door *door, int listener, int64_t deadline_ms)
{
    struct pollfd polled[VISITORS + 1];
    int64_t left_ms = deadline_ms - clock_ms();

    for (size_t i = 0; i < VISITORS; i++) {
        polled[i] = (struct pollfd){.fd = door->visitors[i].fd, .events = POLLIN};
    }
    polled[VISITORS] = (struct pollfd){.fd = listener, .events = POLLIN};
    if (poll(polled, VISITORS + 1, left_ms < 1000 ? (int)left_ms : 1000) < 0) {
        return;
    }
    for (size_t i = 0; i < VISITORS && door->event != AUTHCODE_ANSWERED; i++) {
        struct visitor *visitor = &door->visitors[i];
        if (polled[i].revents != 0) {
            listen_to(door, visitor);
        } else if (visitor->fd >= 0 && clock_ms() >= visitor->until_ms) {
            leave(visitor);
        }
    }
    if (polled[VISITORS].revents != 0 && door->event != AUTHCODE_ANSWERED) {
        let_in(door, listener);
    }
}

/* ---- the door ------------------------------------------------------------------------------- */

void
loopback_done(struct loopback *loopback)
{
    file_close(&loopback->listener);
}

static enum status
no_server(struct why *why)
{
    return status_because(why, ST_INTERNAL,
                          "no page can be served on 127.0.0.1 for the browser to come back to: %s",
                          strerrordesc_np(errno));
}

enum status
loopback_open(struct why *why, struct loopback *loopback)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        .sin_port = 0,
    };
    socklen_t length = sizeof(address);
    int fd CLEANUP(file_close) = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(fd, VISITORS) != 0 || getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
        return no_server(why);
    }
    (void)snprintf(loopback->redirect_uri, sizeof(loopback->redirect_uri),
                   "http://127.0.0.1:%u" AUTHCODE_PATH, (unsigned int)ntohs(address.sin_port));
    loopback->listener = fd;
    fd = -1;
    return ST_OK;
}

enum status
loopback_wait(struct loopback *loopback, const struct authcode_wish *wish, int64_t deadline_ms,
              struct why *why, struct buf *code)
{
    struct door door = {.wish = wish, .event = AUTHCODE_ELSEWHERE, .why = why, .code = code};

    for (size_t i = 0; i < VISITORS; i++) {
        door.visitors[i] = (struct visitor){.fd = -1, .line = BUF(AUTHCODE_LINE_MAX)};
    }
    while (door.event != AUTHCODE_ANSWERED && clock_ms() < deadline_ms) {
        look(&door, loopback->listener, deadline_ms);
    }
    for (size_t i = 0; i < VISITORS; i++) {
        leave(&door.visitors[i]);
    }
    file_close(&loopback->listener);
    return door.event == AUTHCODE_ANSWERED
               ? door.status
               : status_because(why, ST_CANCELLED, "nobody came back from the browser in time");
}

/*
 * In the place of pam-oauth-fetcher: answers from files beside itself, or misbehaves as the first
 * word of the file `behaviour` says. It opens no connection.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fetch/confined.h"
#include "fetch/frame.h"

#ifdef __SANITIZE_ADDRESS__
/* LeakSanitizer stops a process by ptrace: one that is killed in the middle cannot be waited for.
 */
const char *__asan_default_options(void);
const char *
__asan_default_options(void)
{
    return "detect_leaks=0";
}
#endif

static char directory[256];
static bool approves; /* behaviour `approve`: `serve`, and whoever asks is given `id_token` */

static void
read_file(const char *name, struct buf *into)
{
    char path[300];
    char piece[1024];
    size_t got;

    (void)snprintf(path, sizeof(path), "%s/%s", directory, name);
    FILE *file = fopen(path, "re");
    while (file != NULL && (got = fread(piece, 1, sizeof(piece), file)) > 0) {
        if (buf_add(into, (struct span){.at = piece, .length = got}) != ST_OK) {
            exit(3);
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
}

static void
add(struct buf *into, const char *text)
{
    if (buf_add_text(into, text) != ST_OK) {
        exit(3);
    }
}

static void
send_all(struct span bytes)
{
    while (bytes.length > 0) {
        ssize_t sent = write(STDOUT_FILENO, bytes.at, bytes.length);
        if (sent <= 0) {
            exit(0);
        }
        bytes.at += sent;
        bytes.length -= (size_t)sent;
    }
}

static void
reply(int status, struct span body)
{
    struct buf frame = BUF(FRAME_REPLY_MAX);
    struct why why = {""};
    struct frame_reply fields = {
        .http_status = status,
        .body = body,
        .cache_control = span_of("max-age=600"),
        .content_type = span_of("application/json"),
        .confined = CONFINED_ALL,
    };

    if (frame_add_reply(&fields, &why, &frame) != ST_OK) {
        exit(4);
    }
    send_all(buf_span(&frame));
    buf_done(&frame);
}

static bool
ends_with(struct span url, const char *end)
{
    size_t length = strlen(end);

    return url.length >= length && memcmp(url.at + url.length - length, end, length) == 0;
}

/* One byte more in the file `asked` for each key set that was asked for. */
static void
count_asked(void)
{
    char path[300];

    (void)snprintf(path, sizeof(path), "%s/asked", directory);
    FILE *file = fopen(path, "ae");
    if (file != NULL) {
        (void)fputc('.', file);
        (void)fclose(file);
    }
}

/* The provider https://faked.example. */
static void
serve(struct span url)
{
    struct buf body = BUF(FETCH_BODY_MAX);

    if (ends_with(url, "/.well-known/openid-configuration")) {
        reply(200, span_of("{\"issuer\":\"https://faked.example\","
                           "\"jwks_uri\":\"https://faked.example/jwks\","
                           "\"device_authorization_endpoint\":\"https://faked.example/device\","
                           "\"token_endpoint\":\"https://faked.example/token\"}"));
    } else if (ends_with(url, "/jwks")) {
        count_asked();
        read_file("jwks", &body);
        reply(200, buf_span(&body));
    } else if (ends_with(url, "/device")) {
        reply(200, span_of("{\"device_code\":\"d0d0d0d0d0d0d0d0\",\"user_code\":\"WDJB-MJHT\","
                           "\"verification_uri\":\"https://faked.example/activate\","
                           "\"expires_in\":600,\"interval\":1}"));
    } else if (ends_with(url, "/token") && approves) {
        add(&body, "{\"token_type\":\"Bearer\",\"access_token\":\"x\",\"id_token\":\"");
        read_file("id_token", &body);
        buf_cut(&body, strcspn(buf_text(&body), "\n"));
        add(&body, "\"}");
        reply(200, buf_span(&body));
    } else if (ends_with(url, "/token")) {
        reply(400, span_of("{\"error\":\"authorization_pending\"}"));
    } else {
        reply(404, span_of("nothing here"));
    }
    buf_done(&body);
}

static void
misbehave(const char *how)
{
    static char block[65536];

    if (strcmp(how, "crash") == 0) {
        (void)raise(SIGSEGV);
    } else if (strcmp(how, "garbage") == 0) {
        memset(block, 'x', sizeof(block));
        send_all((struct span){.at = block, .length = sizeof(block)});
    } else if (strcmp(how, "flood") == 0) {
        /* a frame that says it is as long as one may be, and does not end there */
        send_all((struct span){.at = "POR2\0\x07\xff\xff", .length = 8});
        for (int i = 0; i < 16384; i++) {
            send_all((struct span){.at = block, .length = sizeof(block)});
        }
    } else if (strcmp(how, "half") == 0) {
        send_all((struct span){.at = "POR2\0\0\1\0\1", .length = 9});
    } else if (strcmp(how, "deaf") == 0) {
        (void)sleep(30);
    } else if (strcmp(how, "deaf_half") == 0) {
        send_all((struct span){.at = "POR2\0\0\1\0\1", .length = 9});
        (void)sleep(30);
    }
    /* `silent` is what is left: ends without a word */
    exit(0);
}

static struct span
read_request(struct buf *frame)
{
    size_t length = 0;
    struct why why = {""};

    while (length == 0 || frame->length < length) {
        char byte;
        if (read(STDIN_FILENO, &byte, 1) != 1 || buf_add_char(frame, byte) != ST_OK ||
            frame_length(buf_span(frame), FRAME_REQUEST, &why, &length) != ST_OK) {
            exit(0);
        }
    }
    return buf_span(frame);
}

int
main(void)
{
    struct buf behaviour = BUF(64);
    ssize_t length = readlink("/proc/self/exe", directory, sizeof(directory) - 1);

    if (length <= 0) {
        return 2;
    }
    (void)signal(SIGXFSZ, SIG_IGN); /* the host's limits are ours */
    *strrchr(directory, '/') = '\0';
    read_file("behaviour", &behaviour);
    buf_cut(&behaviour, strcspn(buf_text(&behaviour), "\n"));
    behaviour.at[behaviour.length] = '\0';
    approves = strcmp(buf_text(&behaviour), "approve") == 0;
    if (strcmp(buf_text(&behaviour), "early") == 0) {
        reply(200, span_of("{}"));
    }
    if (strcmp(buf_text(&behaviour), "crash_first") == 0) {
        misbehave("crash");
    }
    for (;;) {
        struct buf frame = BUF(FRAME_REQUEST_MAX);
        struct frame_request request;
        struct why why = {""};
        if (frame_read_request(read_request(&frame), &why, &request) != ST_OK) {
            return 0;
        }
        if (!approves && strcmp(buf_text(&behaviour), "serve") != 0) {
            misbehave(buf_text(&behaviour));
        }
        serve(request.url);
        buf_done(&frame);
    }
}

/*
 * ask: what fetch/fetch.h does, from the command line, for the tests beside this file.
 *
 * Every URL is asked in turn of one fetcher. One line each on standard output:
 *   status=200 bytes=12 ms=15 cache_control="max-age=60" ... body="..." confined=7
 *   failed: WORD: SENTENCE ms=15
 * and, where a digest is claimed (--claim), `claimed ms=15 confined=7` or `used before ...`;
 * then `end children=N descriptors=N ms=N memory=N`, counted after the fetcher was ended; the
 * memory, in kB, is the most that it had at once.
 */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "fetch/fetch.h"
#include "fetch/frame.h"

/* Enough of a body to compare; the hostile ones are counted, not shown. */
#define BODY_SHOWN 300

struct options {
    struct fetch_program program;
    struct fetch_request request;
    int64_t deadline_ms; /* from the beginning of each request */
    int64_t pause_ms;    /* before each request but the first */
    bool frame;          /* only write the request's frame */
};

static int64_t
number_of(const char *text)
{
    int64_t number = 0;

    if (!text_number(span_of(text), 0, 1000000000, &number)) {
        fprintf(stderr, "ask: %s is no number\n", text);
        exit(2);
    }
    return number;
}

static void
sleep_ms(int64_t ms)
{
    (void)usleep((useconds_t)ms * 1000);
}

static void
show(const char *name, const struct buf *value)
{
    struct buf escaped CLEANUP(buf_done) = BUF((size_t)4 * BODY_SHOWN + 4);

    if (text_escape(&escaped, buf_span(value), BODY_SHOWN) == ST_OK && value->length > 0) {
        printf(" %s=\"%s\"", name, buf_text(&escaped));
    }
}

static void
ask(struct fetch_session *session, const struct options *options, const char *url)
{
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    struct fetch_request request = options->request;
    struct why why = {""};
    int64_t start_ms = clock_ms();

    request.url = url;
    enum status status =
        fetch_ask(session, &request, start_ms + options->deadline_ms, &why, &reply);
    long long took_ms = (long long)(clock_ms() - start_ms);
    if (status != ST_OK) {
        printf("failed: %s: %s ms=%lld\n", status_word(status), why.sentence, took_ms);
        return;
    }
    if (request.claim != NULL) {
        printf("%s ms=%lld confined=%u\n",
               reply.claimed == FETCH_CLAIMED ? "claimed" : "used before", took_ms, reply.confined);
        return;
    }
    printf("status=%d bytes=%zu ms=%lld", reply.http_status, reply.body.length, took_ms);
    show("cache_control", &reply.cache_control);
    show("age", &reply.age);
    show("date", &reply.date);
    show("retry_after", &reply.retry_after);
    show("content_type", &reply.content_type);
    show("body", &reply.body);
    printf(" confined=%u\n", reply.confined);
}

static int
write_frame(const struct options *options, const char *url)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REQUEST_MAX);
    struct why why = {""};
    struct frame_request request = {
        .url = span_of(url),
        .ca_file = span_of(options->request.ca_file),
        .timeout_ms = options->request.timeout_ms,
    };

    if (frame_add_request(&request, &why, &frame) != ST_OK) {
        fprintf(stderr, "ask: %s\n", why.sentence);
        return 2;
    }
    return fwrite(frame.at, 1, frame.length, stdout) == frame.length ? 0 : 2;
}

static int
count_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    int count = 0;

    if (directory == NULL) {
        return -1;
    }
    while (readdir(directory) != NULL) {
        count++;
    }
    (void)closedir(directory);
    return count - 3; /* "." and ".." and the directory itself */
}

/* Children that are still there, running or not reaped. */
static int
count_children(void)
{
    siginfo_t state;

    return waitid(P_ALL, 0, &state, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD ? 0 : 1;
}

static int
run(const struct options *options, char *const urls[])
{
    struct fetch_session *session CLEANUP(fetch_end) = NULL;
    struct why why = {""};
    int descriptors = count_descriptors();

    enum status status = fetch_start(&options->program, &why, &session);
    if (status != ST_OK) {
        printf("failed: %s: %s\n", status_word(status), why.sentence);
        return 1;
    }
    for (size_t i = 0; urls[i] != NULL; i++) {
        if (i > 0) {
            sleep_ms(options->pause_ms);
        }
        ask(session, options, urls[i]);
        (void)fflush(stdout);
    }
    int64_t start_ms = clock_ms();
    fetch_end(&session);
    struct rusage used = {.ru_maxrss = 0};
    (void)getrusage(RUSAGE_CHILDREN, &used);
    printf("end children=%d descriptors=%d ms=%lld memory=%ld\n", count_children(),
           count_descriptors() - descriptors, (long long)(clock_ms() - start_ms), used.ru_maxrss);
    return 0;
}

static const struct option flags[] = {
    {"fetcher", required_argument, NULL, 'f'},
    {"user", required_argument, NULL, 'u'},
    {"ca", required_argument, NULL, 'c'},
    {"proxy", required_argument, NULL, 'p'},
    {"no-proxy", required_argument, NULL, 'n'},
    {"timeout", required_argument, NULL, 't'},
    {"deadline", required_argument, NULL, 'd'},
    {"post", required_argument, NULL, 'b'},
    {"name", required_argument, NULL, 'N'},
    {"password", required_argument, NULL, 'P'},
    {"pause", required_argument, NULL, 's'},
    {"frame", no_argument, NULL, 'F'},
    {"claim", required_argument, NULL, 'C'},
    {"seconds", required_argument, NULL, 'S'},
    {NULL, 0, NULL, 0},
};

static void
set(struct options *options, int flag, const char *value)
{
    switch (flag) {
    case 'f':
        options->program.path = value;
        break;
    case 'u':
        options->program.user = value;
        break;
    case 'c':
        options->request.ca_file = value;
        break;
    case 'p':
        options->request.proxy = value;
        break;
    case 'n':
        options->request.no_proxy = value;
        break;
    case 't':
        options->request.timeout_ms = number_of(value);
        break;
    case 'd':
        options->deadline_ms = number_of(value);
        break;
    case 'b':
        options->request.post = true;
        options->request.body = span_of(value);
        break;
    case 'N':
        options->request.basic_user = value;
        break;
    case 'P':
        options->request.basic_password = value;
        break;
    case 's':
        options->pause_ms = number_of(value);
        break;
    case 'F':
        options->frame = true;
        break;
    case 'C':
        options->request.claim = value;
        break;
    case 'S':
        options->request.claim_s = number_of(value);
        break;
    default:
        exit(2);
    }
}

int
main(int count, char *arguments[])
{
    struct options options = {
        .program = {.path = "/usr/libexec/pam-oauth-fetcher", .user = "_pam-oauth"},
        .request = {.timeout_ms = 8000},
        .deadline_ms = 10000,
    };
    int flag;

    while ((flag = getopt_long(count, arguments, "", flags, NULL)) != -1) {
        set(&options, flag, optarg);
    }
    if (optind == count) {
        fprintf(stderr, "usage: ask [options] URL...\n");
        return 2;
    }
    return options.frame ? write_frame(&options, arguments[optind])
                         : run(&options, arguments + optind);
}

/*
 * fetch/: the frames between caller and fetcher, and starting, asking and ending a fetcher, against
 * fetchers that crash, lie, flood and never answer, in hosts with odd signals, limits and
 * descriptors. E57 to E59, E70, E78, R90, R99, R103, R106, R108, R119.
 *
 * The bad fetchers are this same program: it is linked into a directory under the name of each
 * role, and what was started as "pam-oauth-fetcher" plays the role that its file is called.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "fetch/confined.h"
#include "fetch/fetch.h"
#include "fetch/frame.h"
#include "support.h"

#define MIB ((size_t)1024 * 1024)
#define GIB (1024 * MIB)

/* ---- frames made by hand -------------------------------------------------------------------- */

/* The tags, written out once more: a change of the format must be noticed here. */
enum {
    Q_URL = 1,
    Q_BODY,
    Q_USER,
    Q_PASSWORD,
    Q_CA,
    Q_PROXY,
    Q_NO_PROXY,
    Q_TIMEOUT,
    Q_CLAIM,
    Q_SECONDS
};
enum {
    R_FAILURE = 1,
    R_STATUS,
    R_BODY,
    R_CACHE_CONTROL,
    R_AGE,
    R_DATE,
    R_RETRY,
    R_TYPE,
    R_CONFINED,
    R_CLAIMED
};

static void
must(enum status status)
{
    assert_int_equal(status, ST_OK);
}

static void
add_number(struct buf *into, size_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        must(buf_add_char(into, (char)((number >> shift) & 0xFF)));
    }
}

static void
add_field(struct buf *into, int tag, struct span value)
{
    must(buf_add_char(into, (char)tag));
    add_number(into, value.length);
    must(buf_add(into, value));
}

static void
add_number_field(struct buf *into, int tag, size_t number)
{
    must(buf_add_char(into, (char)tag));
    add_number(into, 4);
    add_number(into, number);
}

/* Puts magic and length in front of the fields. */
static void
finish(struct buf *frame, const char *magic, const struct buf *fields)
{
    must(buf_add_text(frame, magic));
    add_number(frame, fields->length);
    must(buf_add(frame, buf_span(fields)));
}

static void
free_text(char **text)
{
    free(*text);
}

/* A copy with nothing behind its end, so that a sanitizer sees a step over it. */
static char *
exact_copy(const struct buf *bytes)
{
    char *copy = malloc(bytes->length);

    assert_non_null(copy);
    memcpy(copy, bytes->at, bytes->length);
    return copy;
}

static enum status
read_request(const struct buf *fields, struct why *why, struct frame_request *ret_request)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REQUEST_MAX + 100);

    finish(&frame, "POQ2", fields);
    char *copy CLEANUP(free_text) = exact_copy(&frame);
    return frame_read_request((struct span){copy, frame.length}, why, ret_request);
}

static enum status
read_reply(const struct buf *fields, struct why *why, struct frame_reply *ret_reply)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX + 100);

    finish(&frame, "POR2", fields);
    char *copy CLEANUP(free_text) = exact_copy(&frame);
    return frame_read_reply((struct span){copy, frame.length}, why, ret_reply);
}

static void
assert_span(struct span got, const char *wanted)
{
    assert_true(span_is(got, wanted));
}

static const struct frame_request full_request = {
    .url = {"https://idp.example/t?q=1", 25},
    .post = true,
    .body = {"a=\0b", 4},
    .basic_user = {"client", 6},
    .basic_password = {"secret", 6},
    .ca_file = {"/etc/ca.pem", 11},
    .proxy = {"http://proxy:1", 14},
    .no_proxy = {"a, b", 4},
    .timeout_ms = 8000,
};

static const struct frame_reply full_reply = {
    .http_status = 200,
    .body = {"{\"a\":\0}", 7},
    .cache_control = {"max-age=5", 9},
    .age = {"1", 1},
    .date = {"now", 3},
    .retry_after = {"7", 1},
    .content_type = {"text/x", 6},
    .confined = CONFINED_FILES | CONFINED_CALLS,
};

/* ---- frames: there and back ----------------------------------------------------------------- */

static void
E78_a_request_comes_through_whole(void **state)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REQUEST_MAX);
    struct frame_request got;
    (void)state;

    must(frame_add_request(&full_request, NULL, &frame));
    assert_memory_equal(frame.at, "POQ2", 4);
    must(frame_read_request(buf_span(&frame), NULL, &got));
    assert_span(got.url, "https://idp.example/t?q=1");
    assert_true(got.post);
    assert_true(span_equals(got.body, full_request.body));
    assert_span(got.basic_user, "client");
    assert_span(got.basic_password, "secret");
    assert_span(got.ca_file, "/etc/ca.pem");
    assert_span(got.proxy, "http://proxy:1");
    assert_span(got.no_proxy, "a, b");
    assert_int_equal(got.timeout_ms, 8000);
}

static void
E78_the_smallest_request(void **state)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REQUEST_MAX);
    struct frame_request request = {.url = span_of("u"), .timeout_ms = 1};
    struct frame_request got;
    (void)state;

    must(frame_add_request(&request, NULL, &frame));
    assert_int_equal(frame.length, 8 + 5 + 1 + 5 + 4);
    must(frame_read_request(buf_span(&frame), NULL, &got));
    assert_false(got.post);
    assert_int_equal(got.body.length, 0);
    assert_int_equal(got.basic_user.length, 0);
    request.post = true;
    buf_done(&frame);
    must(frame_add_request(&request, NULL, &frame));
    must(frame_read_request(buf_span(&frame), NULL, &got));
    assert_true(got.post);
    assert_int_equal(got.body.length, 0);
}

static void
E78_a_reply_comes_through_whole(void **state)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);
    struct frame_reply got;
    (void)state;

    must(frame_add_reply(&full_reply, NULL, &frame));
    assert_memory_equal(frame.at, "POR2", 4);
    must(frame_read_reply(buf_span(&frame), NULL, &got));
    assert_int_equal(got.failure.length, 0);
    assert_int_equal(got.http_status, 200);
    assert_true(span_equals(got.body, full_reply.body));
    assert_span(got.cache_control, "max-age=5");
    assert_span(got.age, "1");
    assert_span(got.date, "now");
    assert_span(got.retry_after, "7");
    assert_span(got.content_type, "text/x");
    assert_int_equal(got.confined, CONFINED_FILES | CONFINED_CALLS);
}

#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void
E78_a_claim_comes_through_whole(void **state)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REQUEST_MAX);
    struct frame_request request = {.url = span_of("rediss://r:1/2"),
                                    .basic_user = span_of("u"),
                                    .ca_file = span_of("/ca"),
                                    .timeout_ms = 3000,
                                    .claim = span_of(DIGEST),
                                    .claim_s = FRAME_CLAIM_MAX_S};
    struct frame_request got;
    (void)state;

    must(frame_add_request(&request, NULL, &frame));
    must(frame_read_request(buf_span(&frame), NULL, &got));
    assert_span(got.url, "rediss://r:1/2");
    assert_span(got.claim, DIGEST);
    assert_int_equal(got.claim_s, FRAME_CLAIM_MAX_S);
    assert_span(got.basic_user, "u");
    assert_span(got.ca_file, "/ca");
    buf_done(&frame);
    must(frame_add_request(&full_request, NULL, &frame));
    must(frame_read_request(buf_span(&frame), NULL, &got));
    assert_int_equal(got.claim.length, 0);
    assert_int_equal(got.claim_s, 0);
}

static void
E78_a_claims_answer_comes_through(void **state)
{
    static const enum fetch_claimed answers[] = {FETCH_CLAIMED, FETCH_USED};
    (void)state;

    for (size_t i = 0; i < COUNT(answers); i++) {
        struct buf frame CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);
        struct frame_reply reply = {.claimed = answers[i], .confined = 7};
        struct frame_reply got;
        must(frame_add_reply(&reply, NULL, &frame));
        must(frame_read_reply(buf_span(&frame), NULL, &got));
        assert_int_equal(got.claimed, answers[i]);
        assert_int_equal(got.confined, 7);
        assert_int_equal(got.http_status, 0);
        assert_int_equal(got.body.length, 0);
    }
}

static void
E78_a_failure_comes_through(void **state)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);
    struct frame_reply reply = {.failure = span_of("no route")};
    struct frame_reply got;
    (void)state;

    must(frame_add_reply(&reply, NULL, &frame));
    must(frame_read_reply(buf_span(&frame), NULL, &got));
    assert_span(got.failure, "no route");
    assert_int_equal(got.http_status, 0);
}

/* ---- frames: everything else is refused ----------------------------------------------------- */

static void
E78_lengths_are_known_early_and_bounded(void **state)
{
    static const char endless[] = "POR2\xff\xff\xff\xff";
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);
    size_t length = 1;
    (void)state;

    must(frame_add_reply(&full_reply, NULL, &frame));
    for (size_t i = 0; i < FRAME_HEAD; i++) {
        must(frame_length((struct span){frame.at, i}, FRAME_REPLY, NULL, &length));
        assert_int_equal(length, 0);
    }
    must(frame_length((struct span){frame.at, FRAME_HEAD}, FRAME_REPLY, NULL, &length));
    assert_int_equal(length, frame.length);
    assert_int_equal(frame_length(span_of(endless), FRAME_REPLY, NULL, &length), ST_MALFORMED);
    assert_int_equal(frame_length(span_of("P0"), FRAME_REPLY, NULL, &length), ST_MALFORMED);
    assert_int_equal(frame_length(span_of("POQ2"), FRAME_REPLY, NULL, &length), ST_MALFORMED);
    assert_int_equal(frame_length(span_of("POR2"), FRAME_REQUEST, NULL, &length), ST_MALFORMED);
    assert_int_equal(frame_length(span_of("POR3"), FRAME_REPLY, NULL, &length), ST_MALFORMED);
}

static void
assert_length_limit(const char *magic, enum frame_kind kind, size_t most)
{
    struct buf head CLEANUP(buf_done) = BUF(FRAME_HEAD);
    size_t length;

    must(buf_add_text(&head, magic));
    add_number(&head, most - FRAME_HEAD);
    must(frame_length(buf_span(&head), kind, NULL, &length));
    assert_int_equal(length, most);
    buf_done(&head);
    must(buf_add_text(&head, magic));
    add_number(&head, most - FRAME_HEAD + 1);
    assert_int_equal(frame_length(buf_span(&head), kind, NULL, &length), ST_MALFORMED);
}

static void
E78_the_length_of_a_frame_has_a_limit(void **state)
{
    (void)state;
    assert_length_limit("POQ2", FRAME_REQUEST, FRAME_REQUEST_MAX);
    assert_length_limit("POR2", FRAME_REPLY, FRAME_REPLY_MAX);
}

static void
E78_cut_and_lengthened_frames(void **state)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX + 1);
    struct frame_request request;
    struct frame_reply reply;
    (void)state;

    must(frame_add_reply(&full_reply, NULL, &frame));
    for (size_t i = 0; i < frame.length; i++) {
        assert_int_equal(frame_read_reply((struct span){frame.at, i}, NULL, &reply), ST_MALFORMED);
    }
    must(buf_add_char(&frame, '\0'));
    assert_int_equal(frame_read_reply(buf_span(&frame), NULL, &reply), ST_MALFORMED);
    buf_done(&frame);
    must(frame_add_request(&full_request, NULL, &frame));
    for (size_t i = 0; i < frame.length; i++) {
        assert_int_equal(frame_read_request((struct span){frame.at, i}, NULL, &request),
                         ST_MALFORMED);
    }
    must(buf_add_char(&frame, 'x'));
    assert_int_equal(frame_read_request(buf_span(&frame), NULL, &request), ST_MALFORMED);
}

/* One meaning, one form: what is accepted, after any one-byte change, is what would be written. */
static void
E78_every_changed_byte_is_refused_or_canonical(void **state)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);
    size_t accepted = 0;
    (void)state;

    must(frame_add_reply(&full_reply, NULL, &frame));
    for (size_t i = 0; i < frame.length; i++) {
        for (int change = 1; change < 256; change++) {
            struct buf again CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);
            struct frame_reply reply;
            frame.at[i] = (char)(frame.at[i] ^ change);
            if (frame_read_reply(buf_span(&frame), NULL, &reply) == ST_OK) {
                must(frame_add_reply(&reply, NULL, &again));
                assert_true(span_equals(buf_span(&frame), buf_span(&again)));
                accepted++;
            }
            frame.at[i] = (char)(frame.at[i] ^ change);
        }
    }
    assert_true(accepted > 0);
}

struct value {
    int tag;
    size_t length;
    char byte;
};

static void
add_value(struct buf *fields, int tag, size_t length, char byte)
{
    char *value = malloc(length + 1);

    assert_non_null(value);
    memset(value, byte, length);
    if (tag == Q_CA && length > 0 && byte == '/') {
        value[0] = '/';
    }
    add_field(fields, tag, (struct span){.at = value, .length = length});
    free(value);
}

/* A request in which one field has that value, or is left out when its length is SIZE_MAX. */
static enum status
request_with(struct value value, struct why *why)
{
    struct buf fields CLEANUP(buf_done) = BUF(FRAME_REQUEST_MAX + 100);
    struct frame_request request;

    for (int tag = Q_URL; tag < Q_TIMEOUT; tag++) {
        if (tag != value.tag) {
            add_field(&fields, tag, span_of(tag == Q_CA ? "/ca" : "x"));
        } else if (value.length != SIZE_MAX) {
            add_value(&fields, tag, value.length, value.byte);
        }
    }
    add_number_field(&fields, Q_TIMEOUT, 1000);
    return read_request(&fields, why, &request);
}

static enum status
reply_with(struct value value, struct why *why)
{
    struct buf fields CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX + 100);
    struct frame_reply reply;

    if (value.tag != R_STATUS) {
        add_number_field(&fields, R_STATUS, 200);
    }
    for (int tag = R_BODY; tag <= R_TYPE; tag++) {
        if (tag != value.tag) {
            add_field(&fields, tag, span_of("x"));
        } else if (value.length != SIZE_MAX) {
            add_value(&fields, tag, value.length, value.byte);
        }
    }
    return read_reply(&fields, why, &reply);
}

static void
E78_every_field_of_a_request_has_its_limits(void **state)
{
    static const struct {
        struct value value;
        enum status wanted;
    } cases[] = {
        {{Q_URL, 0, 'x'}, ST_MALFORMED},
        {{Q_URL, SIZE_MAX, 'x'}, ST_MALFORMED},
        {{Q_URL, FRAME_URL_MAX, 'x'}, ST_OK},
        {{Q_URL, FRAME_URL_MAX + 1, 'x'}, ST_MALFORMED},
        {{Q_URL, 3, '\n'}, ST_MALFORMED},
        {{Q_URL, 3, '\x80'}, ST_MALFORMED},
        {{Q_BODY, SIZE_MAX, 0}, ST_OK},
        {{Q_BODY, 0, 0}, ST_OK},
        {{Q_BODY, FRAME_BODY_MAX, '\0'}, ST_OK},
        {{Q_BODY, FRAME_BODY_MAX + 1, 'x'}, ST_MALFORMED},
        {{Q_USER, SIZE_MAX, 0}, ST_MALFORMED},
        {{Q_USER, 0, 0}, ST_MALFORMED},
        {{Q_USER, FRAME_BASIC_MAX, 'u'}, ST_OK},
        {{Q_USER, FRAME_BASIC_MAX + 1, 'u'}, ST_MALFORMED},
        {{Q_USER, 1, '\0'}, ST_MALFORMED},
        {{Q_PASSWORD, SIZE_MAX, 0}, ST_MALFORMED},
        {{Q_PASSWORD, 0, 0}, ST_OK},
        {{Q_PASSWORD, FRAME_BASIC_MAX, 'p'}, ST_OK},
        {{Q_PASSWORD, FRAME_BASIC_MAX + 1, 'p'}, ST_MALFORMED},
        {{Q_PASSWORD, 1, '\r'}, ST_MALFORMED},
        {{Q_CA, SIZE_MAX, 0}, ST_OK},
        {{Q_CA, 0, 0}, ST_MALFORMED},
        {{Q_CA, FRAME_PATH_MAX, '/'}, ST_OK},
        {{Q_CA, FRAME_PATH_MAX + 1, '/'}, ST_MALFORMED},
        {{Q_CA, 4, 'x'}, ST_MALFORMED},
        {{Q_CA, 4, '\0'}, ST_MALFORMED},
        {{Q_PROXY, SIZE_MAX, 0}, ST_OK},
        {{Q_PROXY, 0, 0}, ST_MALFORMED},
        {{Q_PROXY, FRAME_PROXY_MAX, 'x'}, ST_OK},
        {{Q_PROXY, FRAME_PROXY_MAX + 1, 'x'}, ST_MALFORMED},
        {{Q_PROXY, 1, '\x1b'}, ST_MALFORMED},
        {{Q_NO_PROXY, SIZE_MAX, 0}, ST_OK},
        {{Q_NO_PROXY, 0, 0}, ST_MALFORMED},
        {{Q_NO_PROXY, FRAME_NO_PROXY_MAX, ','}, ST_OK},
        {{Q_NO_PROXY, FRAME_NO_PROXY_MAX + 1, ','}, ST_MALFORMED},
        {{Q_NO_PROXY, 1, '\t'}, ST_MALFORMED},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct why why = {""};
        if (request_with(cases[i].value, &why) != cases[i].wanted) {
            fail_msg("request case %zu: %s", i, why.sentence);
        }
        assert_true((why.sentence[0] != '\0') == (cases[i].wanted != ST_OK));
    }
}

static void
E78_every_field_of_a_reply_has_its_limits(void **state)
{
    (void)state;
    assert_int_equal(reply_with((struct value){R_STATUS, 4, '\0'}, NULL), ST_MALFORMED);
    assert_int_equal(reply_with((struct value){R_BODY, SIZE_MAX, 0}, NULL), ST_MALFORMED);
    assert_int_equal(reply_with((struct value){R_BODY, 0, 0}, NULL), ST_OK);
    assert_int_equal(reply_with((struct value){R_BODY, FETCH_BODY_MAX, '\0'}, NULL), ST_OK);
    assert_int_equal(reply_with((struct value){R_BODY, FETCH_BODY_MAX + 1, 'x'}, NULL),
                     ST_MALFORMED);
    for (int tag = R_CACHE_CONTROL; tag <= R_TYPE; tag++) {
        assert_int_equal(reply_with((struct value){tag, SIZE_MAX, 0}, NULL), ST_OK);
        assert_int_equal(reply_with((struct value){tag, 0, 0}, NULL), ST_MALFORMED);
        assert_int_equal(reply_with((struct value){tag, FETCH_HEADER_MAX, 'x'}, NULL), ST_OK);
        assert_int_equal(reply_with((struct value){tag, FETCH_HEADER_MAX + 1, 'x'}, NULL),
                         ST_MALFORMED);
        assert_int_equal(reply_with((struct value){tag, 1, '\n'}, NULL), ST_MALFORMED);
        assert_int_equal(reply_with((struct value){tag, 1, '\x9b'}, NULL), ST_MALFORMED);
    }
}

static enum status
failure_of(size_t length, char byte)
{
    struct buf fields CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);
    struct frame_reply reply;

    add_value(&fields, R_FAILURE, length, byte);
    return read_reply(&fields, NULL, &reply);
}

static void
E78_a_failure_is_one_printable_line(void **state)
{
    (void)state;
    assert_int_equal(failure_of(0, 'x'), ST_MALFORMED);
    assert_int_equal(failure_of(1, 'x'), ST_OK);
    assert_int_equal(failure_of(200, 'x'), ST_OK);
    assert_int_equal(failure_of(201, 'x'), ST_MALFORMED);
    assert_int_equal(failure_of(5, '\n'), ST_MALFORMED);
    assert_int_equal(failure_of(5, '\x1b'), ST_MALFORMED);
    assert_int_equal(failure_of(5, '\0'), ST_MALFORMED);
    assert_int_equal(failure_of(5, '\xe2'), ST_MALFORMED);
}

static enum status
status_of(size_t number)
{
    struct buf fields CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);
    struct frame_reply reply;

    add_number_field(&fields, R_STATUS, number);
    add_field(&fields, R_BODY, span_of(""));
    return read_reply(&fields, NULL, &reply);
}

static enum status
confined_of(size_t number)
{
    struct buf fields CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);
    struct frame_reply reply;

    add_number_field(&fields, R_STATUS, 200);
    add_field(&fields, R_BODY, span_of(""));
    add_number_field(&fields, R_CONFINED, number);
    return read_reply(&fields, NULL, &reply);
}

static enum status
timeout_of(size_t number)
{
    struct buf fields CLEANUP(buf_done) = BUF(FRAME_REQUEST_MAX);
    struct frame_request request;

    add_field(&fields, Q_URL, span_of("u"));
    add_number_field(&fields, Q_TIMEOUT, number);
    return read_request(&fields, NULL, &request);
}

/* A claim of this request, changed by what is not zero or empty in `more`. */
static enum status
claim_of(const char *digest, int64_t seconds, struct frame_request more)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REQUEST_MAX);
    struct why why = {""};

    more.url = span_of("redis://r:1");
    more.timeout_ms = 1;
    more.claim = span_of(digest);
    more.claim_s = seconds;
    enum status status = frame_add_request(&more, &why, &frame);
    assert_true((why.sentence[0] != '\0') == (status != ST_OK));
    return status;
}

static enum status
claimed_of(struct frame_reply reply)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);

    return frame_add_reply(&reply, NULL, &frame);
}

static void
E78_a_claim_has_one_form(void **state)
{
    const struct frame_request none = {.post = false};
    struct buf fields CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);
    struct frame_reply reply;
    struct frame_request request;
    (void)state;

    assert_int_equal(claim_of(DIGEST, 1, none), ST_OK);
    assert_int_equal(claim_of(DIGEST, 0, none), ST_MALFORMED);
    assert_int_equal(claim_of(DIGEST, -1, none), ST_MALFORMED);
    assert_int_equal(claim_of(DIGEST, FRAME_CLAIM_MAX_S, none), ST_OK);
    assert_int_equal(claim_of(DIGEST, FRAME_CLAIM_MAX_S + 1, none), ST_MALFORMED);
    assert_int_equal(claim_of("", 1, none), ST_MALFORMED);
    assert_int_equal(claim_of(DIGEST "0", 1, none), ST_MALFORMED);
    assert_int_equal(claim_of(&DIGEST[1], 1, none), ST_MALFORMED);
    assert_int_equal(claim_of(DIGEST, 1, (struct frame_request){.post = true}), ST_MALFORMED);
    assert_int_equal(claim_of(DIGEST, 1, (struct frame_request){.proxy = span_of("http://p:1")}),
                     ST_MALFORMED);
    assert_int_equal(claim_of(DIGEST, 1, (struct frame_request){.no_proxy = span_of("*")}),
                     ST_MALFORMED);
    /* What is read has the same limits. */
    add_field(&fields, Q_URL, span_of("redis://r:1"));
    add_number_field(&fields, Q_TIMEOUT, 1);
    add_field(&fields, Q_CLAIM, span_of(DIGEST));
    assert_int_equal(read_request(&fields, NULL, &request), ST_MALFORMED);
    add_number_field(&fields, Q_SECONDS, 0);
    assert_int_equal(read_request(&fields, NULL, &request), ST_MALFORMED);
    /* An answer: claimed or used, and then nothing but how the fetcher is confined. */
    assert_int_equal(claimed_of((struct frame_reply){.claimed = FETCH_USED}), ST_OK);
    assert_int_equal(claimed_of((struct frame_reply){.claimed = (enum fetch_claimed)3}),
                     ST_MALFORMED);
    assert_int_equal(claimed_of((struct frame_reply){.claimed = FETCH_CLAIMED, .http_status = 200}),
                     ST_MALFORMED);
    assert_int_equal(
        claimed_of((struct frame_reply){.claimed = FETCH_CLAIMED, .body = span_of("x")}),
        ST_MALFORMED);
    assert_int_equal(
        claimed_of((struct frame_reply){.claimed = FETCH_CLAIMED, .age = span_of("1")}),
        ST_MALFORMED);
    assert_int_equal(
        claimed_of((struct frame_reply){.claimed = FETCH_CLAIMED, .failure = span_of("x")}),
        ST_MALFORMED);
    buf_done(&fields);
    add_number_field(&fields, R_CLAIMED, 0);
    assert_int_equal(read_reply(&fields, NULL, &reply), ST_MALFORMED);
}

static void
E78_numbers_have_bounds(void **state)
{
    struct buf fields CLEANUP(buf_done) = BUF(FRAME_REQUEST_MAX);
    struct frame_request request;
    (void)state;

    assert_int_equal(status_of(99), ST_MALFORMED);
    assert_int_equal(status_of(100), ST_OK);
    assert_int_equal(status_of(599), ST_OK);
    assert_int_equal(status_of(600), ST_MALFORMED);
    assert_int_equal(status_of(0xFFFFFFFF), ST_MALFORMED);
    assert_int_equal(confined_of(0), ST_MALFORMED); /* has another form: left out */
    assert_int_equal(confined_of(1), ST_OK);
    assert_int_equal(confined_of(7), ST_OK);
    assert_int_equal(confined_of(8), ST_MALFORMED);
    assert_int_equal(timeout_of(0), ST_MALFORMED);
    assert_int_equal(timeout_of(1), ST_OK);
    assert_int_equal(timeout_of(30000), ST_OK);
    assert_int_equal(timeout_of(30001), ST_MALFORMED);
    add_field(&fields, Q_URL, span_of("u"));
    add_field(&fields, Q_TIMEOUT, (struct span){"\0\0\1", 3});
    assert_int_equal(read_request(&fields, NULL, &request), ST_MALFORMED);
    buf_done(&fields);
    add_field(&fields, Q_URL, span_of("u"));
    add_field(&fields, Q_TIMEOUT, (struct span){"\0\0\0\0\1", 5});
    assert_int_equal(read_request(&fields, NULL, &request), ST_MALFORMED);
}

/* The fields of a reply in the order given: R_STATUS is 200, the others "x". */
static enum status
reply_of(const int *tags, size_t count)
{
    struct buf fields CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);
    struct frame_reply reply;

    for (size_t i = 0; i < count; i++) {
        if (tags[i] == R_STATUS) {
            add_number_field(&fields, R_STATUS, 200);
        } else {
            add_field(&fields, tags[i], span_of("x"));
        }
    }
    return read_reply(&fields, NULL, &reply);
}
#define REPLY_OF(...) reply_of((const int[]){__VA_ARGS__}, COUNT(((const int[]){__VA_ARGS__})))

static void
E78_unknown_double_and_unordered_fields(void **state)
{
    (void)state;
    assert_int_equal(REPLY_OF(R_STATUS, R_BODY), ST_OK);
    assert_int_equal(REPLY_OF(R_STATUS, R_BODY, R_AGE), ST_OK);
    assert_int_equal(REPLY_OF(0, R_STATUS, R_BODY), ST_MALFORMED);
    assert_int_equal(REPLY_OF(R_STATUS, R_BODY, R_CONFINED), ST_MALFORMED);
    assert_int_equal(REPLY_OF(R_STATUS, R_BODY, R_CONFINED + 1), ST_MALFORMED);
    assert_int_equal(REPLY_OF(R_STATUS, R_BODY, 255), ST_MALFORMED);
    assert_int_equal(REPLY_OF(R_STATUS, R_STATUS, R_BODY), ST_MALFORMED);
    assert_int_equal(REPLY_OF(R_STATUS, R_BODY, R_BODY), ST_MALFORMED);
    assert_int_equal(REPLY_OF(R_BODY, R_STATUS), ST_MALFORMED);
    assert_int_equal(REPLY_OF(R_STATUS, R_BODY, R_DATE, R_AGE), ST_MALFORMED);
    assert_int_equal(REPLY_OF(R_STATUS), ST_MALFORMED);
    assert_int_equal(REPLY_OF(R_BODY), ST_MALFORMED);
    assert_int_equal(REPLY_OF(R_FAILURE), ST_OK);
    assert_int_equal(REPLY_OF(R_FAILURE, R_STATUS, R_BODY), ST_MALFORMED);
    assert_int_equal(REPLY_OF(R_FAILURE, R_BODY), ST_MALFORMED);
    assert_int_equal(REPLY_OF(R_FAILURE, R_TYPE), ST_MALFORMED);
    assert_int_equal(reply_of(NULL, 0), ST_MALFORMED);
}

static void
E78_a_field_cannot_reach_behind_its_frame(void **state)
{
    struct buf fields CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);
    struct frame_reply reply;
    (void)state;

    add_number_field(&fields, R_STATUS, 200);
    must(buf_add_char(&fields, (char)R_BODY));
    add_number(&fields, 3);
    must(buf_add_text(&fields, "ab"));
    assert_int_equal(read_reply(&fields, NULL, &reply), ST_MALFORMED);
    buf_cut(&fields, 9);
    must(buf_add_char(&fields, (char)R_BODY));
    add_number(&fields, 0xFFFFFFFF);
    assert_int_equal(read_reply(&fields, NULL, &reply), ST_MALFORMED);
    buf_cut(&fields, 9);
    add_field(&fields, R_BODY, span_of(""));
    must(buf_add_text(&fields, "\4\0\0"));
    assert_int_equal(read_reply(&fields, NULL, &reply), ST_MALFORMED);
}

static void
E78_what_is_written_keeps_the_limits_too(void **state)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);
    struct frame_request request = full_request;
    struct frame_reply reply = full_reply;
    struct why why = {""};
    (void)state;

    request.timeout_ms = 0;
    assert_int_equal(frame_add_request(&request, &why, &frame), ST_MALFORMED);
    request.timeout_ms = FRAME_TIMEOUT_MAX_MS + 1;
    assert_int_equal(frame_add_request(&request, &why, &frame), ST_MALFORMED);
    request.timeout_ms = INT64_MIN;
    assert_int_equal(frame_add_request(&request, &why, &frame), ST_MALFORMED);
    request = full_request;
    request.url = span_of("https://a/\n");
    assert_int_equal(frame_add_request(&request, &why, &frame), ST_MALFORMED);
    request = full_request;
    request.basic_user = span_of("");
    assert_int_equal(frame_add_request(&request, &why, &frame), ST_MALFORMED);
    reply.http_status = -1;
    assert_int_equal(frame_add_reply(&reply, &why, &frame), ST_MALFORMED);
    reply = full_reply;
    reply.failure = span_of("and more");
    assert_int_equal(frame_add_reply(&reply, &why, &frame), ST_MALFORMED);
}

/* ---- what a fetcher could not give up -------------------------------------------------------- */

static void
assert_lacks(unsigned int confined, bool landlock, bool ports, bool seccomp)
{
    struct why why = {""};

    confined_explain(confined, &why);
    assert_int_equal(strstr(why.sentence, "no Landlock") != NULL, landlock);
    assert_int_equal(strstr(why.sentence, "cannot limit the ports") != NULL, ports);
    assert_int_equal(strstr(why.sentence, "no seccomp") != NULL, seccomp);
    assert_int_equal(strstr(why.sentence, "; this kernel has no seccomp") != NULL,
                     seccomp && (landlock || ports));
    assert_true(strlen(why.sentence) < sizeof(why.sentence) - 1);
}

static void
what_is_missing_is_said_once(void **state)
{
    (void)state;
    assert_lacks(0, true, false, true);
    assert_lacks(CONFINED_CALLS, true, false, false);
    assert_lacks(CONFINED_FILES, false, true, true);
    assert_lacks(CONFINED_FILES | CONFINED_CALLS, false, true, false);
    assert_lacks(CONFINED_FILES | CONFINED_PORTS, false, false, true);
}

/* ---- the fetchers --------------------------------------------------------------------------- */

static void
put(struct span bytes)
{
    while (bytes.length > 0) {
        ssize_t done = write(STDOUT_FILENO, bytes.at, bytes.length);
        if (done <= 0) {
            _exit(3);
        }
        bytes.at += done;
        bytes.length -= (size_t)done;
    }
}

static void
add_reply(struct buf *frame, struct span body)
{
    struct frame_reply reply = {
        .http_status = 200, .body = body, .cache_control = span_of("max-age=5")};

    if (frame_add_reply(&reply, NULL, frame) != ST_OK) {
        _exit(4);
    }
}

static void
put_reply(struct span body)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);

    add_reply(&frame, body);
    put(buf_span(&frame));
}

static void
play_good(struct buf *request)
{
    for (;;) {
        support_take_request(request);
        put_reply(span_of("hello"));
    }
}

/* Answers with the request itself. */
static void
play_mirror(struct buf *request)
{
    for (;;) {
        support_take_request(request);
        put_reply(buf_span(request));
    }
}

/* Answers a claim, or says that it does. */
static void
play_claimed(struct buf *request)
{
    struct frame_reply reply = {.claimed = FETCH_CLAIMED};

    for (;;) {
        struct buf frame CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);
        support_take_request(request);
        if (frame_add_reply(&reply, NULL, &frame) != ST_OK) {
            _exit(4);
        }
        put(buf_span(&frame));
        reply.claimed = FETCH_USED;
    }
}

static void
play_silent(struct buf *request)
{
    support_take_request(request);
    for (;;) {
        (void)pause();
    }
}

/* Answers well and then ignores that its input ended. */
static void
play_stubborn(struct buf *request)
{
    support_take_request(request);
    put_reply(span_of("hello"));
    for (;;) {
        (void)pause();
    }
}

static void
play_crash_at_once(struct buf *request)
{
    (void)request;
    _exit(1);
}

static void
play_crash(struct buf *request)
{
    support_take_request(request);
    (void)raise(SIGKILL);
}

static void
play_silent_exit(struct buf *request)
{
    support_take_request(request);
}

static void
play_garbage(struct buf *request)
{
    support_take_request(request);
    put(span_of("\xa5\xa5 garbage \xa5\xa5 not a frame at all"));
}

static void
play_one_wrong_byte(struct buf *request)
{
    support_take_request(request);
    put(span_of("Q"));
    (void)pause();
}

/* Until somebody stops it: a gigabyte if need be. */
static void
flood(const char *start, size_t length)
{
    static char block[65536];

    put((struct span){.at = start, .length = length});
    for (size_t done = 0; done < GIB; done += sizeof(block)) {
        put((struct span){.at = block, .length = sizeof(block)});
    }
}

static void
play_flood(struct buf *request)
{
    support_take_request(request);
    flood("", 0);
}

static void
play_flood_in_a_frame(struct buf *request)
{
    support_take_request(request);
    flood("POR2\0\7\0\0", 8);
}

static void
play_huge_announcement(struct buf *request)
{
    support_take_request(request);
    put((struct span){.at = "POR2\xff\xff\xff\xff", .length = 8});
    (void)pause();
}

static void
play_early_end(struct buf *request)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);

    support_take_request(request);
    add_reply(&frame, span_of("hello"));
    put((struct span){.at = frame.at, .length = frame.length - 1});
}

static void
play_length_too_long(struct buf *request)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);

    support_take_request(request);
    add_reply(&frame, span_of("hello"));
    frame.at[FRAME_HEAD - 1]++;
    put(buf_span(&frame));
    (void)pause();
}

static void
play_length_too_short(struct buf *request)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);

    support_take_request(request);
    add_reply(&frame, span_of("hello"));
    frame.at[FRAME_HEAD - 1]--;
    put(buf_span(&frame));
    (void)pause();
}

static void
play_split(struct buf *request)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);

    for (;;) {
        support_take_request(request);
        buf_cut(&frame, 0);
        add_reply(&frame, span_of("hello"));
        for (size_t i = 0; i < frame.length; i++) {
            put((struct span){.at = frame.at + i, .length = 1});
            (void)usleep(500);
        }
    }
}

/* One byte of a good reply every 20 ms: alive, and never done. */
static void
play_drip(struct buf *request)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);
    static char body[10000];

    support_take_request(request);
    add_reply(&frame, (struct span){.at = body, .length = sizeof(body)});
    for (size_t i = 0; i < frame.length; i++) {
        put((struct span){.at = frame.at + i, .length = 1});
        (void)usleep(20000);
    }
}

static void
play_unasked(struct buf *request)
{
    put_reply(span_of("surprise"));
    play_good(request);
}

static void
play_twice(struct buf *request)
{
    struct buf frames CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);

    support_take_request(request);
    add_reply(&frames, span_of("hello"));
    add_reply(&frames, span_of("again"));
    put(buf_span(&frames));
    (void)pause();
}

static void
play_largest(struct buf *request)
{
    static char body[FETCH_BODY_MAX];

    support_take_request(request);
    memset(body, 'x', sizeof(body));
    put_reply((struct span){.at = body, .length = sizeof(body)});
    play_good(request);
}

static void
play_failure(struct buf *request)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);
    struct frame_reply reply = {.failure = span_of("no route to anywhere")};

    support_take_request(request);
    if (frame_add_reply(&reply, NULL, &frame) == ST_OK) {
        put(buf_span(&frame));
    }
    play_good(request);
}

/* Leaves a process behind that keeps the socket open. */
static void
play_grandchild(struct buf *request)
{
    support_take_request(request);
    if (fork() == 0) {
        (void)sleep(2);
    }
}

/* Sends open descriptors along with a good reply. */
static void
play_descriptors(struct buf *request)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(2 * sizeof(int))];
    } control = {.room = {0}};
    const int sent[2] = {STDIN_FILENO, STDERR_FILENO};

    support_take_request(request);
    add_reply(&frame, span_of("hello"));
    struct iovec bytes = {.iov_base = frame.at, .iov_len = frame.length};
    struct msghdr message = {.msg_iov = &bytes,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof(control.room)};
    control.head = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof(sent)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.head), sent, sizeof(sent));
    if (sendmsg(STDOUT_FILENO, &message, 0) < 0) {
        _exit(5);
    }
    play_good(request);
}

static void
add_file(struct buf *into, const char *path)
{
    char piece[512];
    ssize_t got;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    while (fd >= 0 && (got = read(fd, piece, sizeof(piece))) > 0) {
        must(buf_add(into, (struct span){.at = piece, .length = (size_t)got}));
    }
    (void)close(fd);
}

/* Which descriptors are open, without opening one. */
static void
add_descriptors(struct buf *into)
{
    must(buf_add_text(into, "descriptors:"));
    for (int fd = 0; fd < 2000; fd++) {
        if (fcntl(fd, F_GETFD) >= 0) {
            must(buf_printf(into, " %d", fd));
        }
    }
    must(buf_add_text(into, "\n"));
}

/* Everything it was started with. */
static void
play_surroundings(struct buf *request)
{
    struct buf text CLEANUP(buf_done) = BUF(FETCH_BODY_MAX);
    char link[256] = "";

    support_take_request(request);
    add_descriptors(&text);
    must(buf_add_text(&text, "environ:["));
    add_file(&text, "/proc/self/environ");
    must(buf_printf(&text, "]\nsession: %d\n", getsid(0) == getpid()));
    must(buf_printf(&text, "parent: %ld\n", (long)getppid()));
    must(buf_printf(&text, "socket: %zd\n", readlink("/proc/self/fd/0", link, 7)));
    must(buf_printf(&text, "stderr: %.*s\n", (int)readlink("/proc/self/fd/2", link, 255), link));
    add_file(&text, "/proc/self/cmdline");
    must(buf_add_text(&text, "\n"));
    add_file(&text, "/proc/self/status");
    put_reply(buf_span(&text));
    play_good(request);
}

static const struct role {
    const char *name;
    void (*play)(struct buf *request);
} roles[] = {
    {"good", play_good},
    {"mirror", play_mirror},
    {"claimed", play_claimed},
    {"silent", play_silent},
    {"stubborn", play_stubborn},
    {"crash_at_once", play_crash_at_once},
    {"crash", play_crash},
    {"silent_exit", play_silent_exit},
    {"garbage", play_garbage},
    {"one_wrong_byte", play_one_wrong_byte},
    {"flood", play_flood},
    {"flood_in_a_frame", play_flood_in_a_frame},
    {"huge_announcement", play_huge_announcement},
    {"early_end", play_early_end},
    {"length_too_long", play_length_too_long},
    {"length_too_short", play_length_too_short},
    {"split", play_split},
    {"drip", play_drip},
    {"unasked", play_unasked},
    {"twice", play_twice},
    {"largest", play_largest},
    {"failure", play_failure},
    {"grandchild", play_grandchild},
    {"descriptors", play_descriptors},
    {"surroundings", play_surroundings},
};

static void
play(void)
{
    struct buf request CLEANUP(buf_done) = BUF(FRAME_REQUEST_MAX);
    char self[512] = "";

    (void)alarm(30); /* even where a test failed and forgot it */
    if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0) {
        return;
    }
    const char *name = strrchr(self, '/') + 1;
    for (size_t i = 0; i < COUNT(roles); i++) {
        if (strcmp(name, roles[i].name) == 0) {
            roles[i].play(&request);
        }
    }
}

/* ---- the stage ------------------------------------------------------------------------------ */

static char stage[] = "/tmp/fetch_test.XXXXXX";

static bool
we_are_root(void)
{
    return geteuid() == 0;
}

static void
stage_path(char path[256], const char *name)
{
    assert_true(snprintf(path, 256, "%s/%s", stage, name) < 256);
}

static void
copy_self(const char *to)
{
    static char block[65536];
    ssize_t got;
    int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int into = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);

    assert_true(from >= 0 && into >= 0);
    while ((got = read(from, block, sizeof(block))) > 0) {
        assert_int_equal(write(into, block, (size_t)got), got);
    }
    assert_int_equal(close(into), 0);
    assert_int_equal(close(from), 0);
}

static int
set_stage(void **state)
{
    char first[256];
    char path[256];
    (void)state;

    (void)umask(022);
    if (mkdtemp(stage) == NULL || chmod(stage, 0755) != 0) {
        return -1;
    }
    stage_path(first, roles[0].name);
    copy_self(first);
    for (size_t i = 1; i < COUNT(roles); i++) {
        stage_path(path, roles[i].name);
        assert_int_equal(link(first, path), 0);
    }
    return 0;
}

static int
clear_stage(void **state)
{
    char path[256];
    DIR *directory = opendir(stage);
    const struct dirent *entry;
    (void)state;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] != '.') {
            stage_path(path, entry->d_name);
            (void)remove(path);
        }
    }
    (void)closedir(directory);
    return rmdir(stage);
}

static enum status
start(const char *role, struct why *why, struct fetch_session **ret_session)
{
    static char path[256]; /* outlives the session */
    struct fetch_program program = {.path = path, .user = "nobody"};

    stage_path(path, role);
    return fetch_start(&program, why, ret_session);
}

static const struct fetch_request simple = {.url = "https://idp.example/keys?secret=canary",
                                            .timeout_ms = 8000};

static enum status
ask(struct fetch_session *session, int64_t patience_ms, struct why *why, struct fetch_reply *reply)
{
    return fetch_ask(session, &simple, clock_ms() + patience_ms, why, reply);
}

static int
count_descriptors(void)
{
    int count = 0;

    for (int fd = 0; fd < 2000; fd++) {
        count += fcntl(fd, F_GETFD) >= 0;
    }
    return count;
}

static bool
no_child_left(void)
{
    siginfo_t info;

    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD;
}

/* The one child there is; 0 for none. */
static pid_t
the_child(void)
{
    char path[64];
    char text[64] = "";

    (void)snprintf(path, sizeof(path), "/proc/self/task/%ld/children", (long)gettid());
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0) {
        fail_msg("%s cannot be read", path);
    }
    (void)close(fd);
    return (pid_t)strtol(text, NULL, 10);
}

/* Running: neither gone nor a zombie. */
static bool
is_running(pid_t pid)
{
    char path[64];
    char text[512] = "";

    (void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    (void)!read(fd, text, sizeof(text) - 1);
    (void)close(fd);
    const char *after_name = strrchr(text, ')');
    return after_name != NULL && after_name[2] != 'Z' && after_name[2] != 'X';
}

static bool
ends_within(pid_t pid, int64_t patience_ms)
{
    int64_t until_ms = clock_ms() + patience_ms;

    while (is_running(pid)) {
        if (clock_ms() > until_ms) {
            return false;
        }
        (void)usleep(2000);
    }
    return true;
}

/* ---- good company --------------------------------------------------------------------------- */

static void
R99_several_questions_one_fetcher(void **state)
{
    struct fetch_session *session CLEANUP(fetch_end) = NULL;
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    int before = count_descriptors();
    (void)state;

    must(start("good", NULL, &session));
    pid_t child = the_child();
    for (int i = 0; i < 3; i++) {
        must(ask(session, 5000, NULL, &reply));
        assert_int_equal(reply.http_status, 200);
        assert_string_equal(buf_text(&reply.body), "hello");
        assert_string_equal(buf_text(&reply.cache_control), "max-age=5");
        assert_int_equal(reply.age.length, 0);
        assert_int_equal(the_child(), child);
    }
    fetch_end(&session);
    assert_null(session);
    assert_true(no_child_left());
    assert_int_equal(count_descriptors(), before);
    fetch_end(&session);
}

/* The process that answers a request. */
static pid_t
who_answers(struct fetch_session *session, const struct fetch_request *request)
{
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;

    must(fetch_ask(session, request, clock_ms() + 5000, NULL, &reply));
    assert_int_equal(reply.http_status, 200);
    return the_child();
}

static void
R101_another_host_another_fetcher(void **state)
{
    struct fetch_session *session CLEANUP(fetch_end) = NULL;
    int before = count_descriptors();
    struct fetch_request one = {.url = "https://one.example/token?a=b", .timeout_ms = 5000};
    struct fetch_request same = {
        .url = "https://one.example?c", .post = true, .body = {"x", 1}, .timeout_ms = 900};
    const struct fetch_request others[] = {
        {.url = "https://two.example/token?a=b", .timeout_ms = 5000},
        {.url = "https://one.example:444/token", .timeout_ms = 5000},
        {.url = "https://one.exampl/token", .timeout_ms = 5000},
        {.url = "https://one.example/token", .ca_file = "/ca", .timeout_ms = 5000},
        {.url = "https://one.example/token", .proxy = "http://p:1", .timeout_ms = 5000},
        {.url = FETCH_CONFINEMENT, .timeout_ms = 5000},
    };
    (void)state;

    must(start("good", NULL, &session));
    pid_t first = the_child();
    assert_int_equal(who_answers(session, &one), first);
    assert_int_equal(who_answers(session, &same), first);
    for (size_t i = 0; i < COUNT(others); i++) {
        pid_t child = who_answers(session, &one);
        assert_int_not_equal(who_answers(session, &others[i]), child);
        assert_false(is_running(child));
    }
    fetch_end(&session);
    assert_true(no_child_left());
    assert_int_equal(count_descriptors(), before);
}

/* One request of a fetcher that plays this role: what came of it. */
static enum status
ask_once(const char *role, const char *digest, enum fetch_claimed *ret_claimed)
{
    struct fetch_session *session CLEANUP(fetch_end) = NULL;
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    struct fetch_request request = {.url = "redis://idp.example:1",
                                    .timeout_ms = 8000,
                                    .claim = digest,
                                    .claim_s = digest != NULL ? 60 : 0};
    struct why why = {""};

    must(start(role, NULL, &session));
    enum status status = fetch_ask(session, &request, clock_ms() + 8000, &why, &reply);
    assert_true(status == ST_OK || strstr(why.sentence, "kind that was not asked for") != NULL);
    *ret_claimed = reply.claimed;
    return status;
}

static void
R57_E78_only_a_claim_is_answered_as_one(void **state)
{
    enum fetch_claimed claimed = FETCH_NO_CLAIM;
    (void)state;

    assert_int_equal(ask_once("claimed", DIGEST, &claimed), ST_OK);
    assert_int_equal(claimed, FETCH_CLAIMED);
    assert_int_equal(ask_once("claimed", NULL, &claimed), ST_PROVIDER);
    assert_int_equal(claimed, FETCH_NO_CLAIM);
    assert_int_equal(ask_once("good", DIGEST, &claimed), ST_PROVIDER);
    assert_int_equal(claimed, FETCH_NO_CLAIM);
    assert_int_equal(ask_once("good", NULL, &claimed), ST_OK);
}

static void
R88_the_request_arrives_as_it_was_made(void **state)
{
    struct fetch_session *session CLEANUP(fetch_end) = NULL;
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    struct frame_request got;
    struct fetch_request request = {
        .url = "https://idp.example/token",
        .post = true,
        .body = {"grant_type=x", 12},
        .basic_user = "client",
        .basic_password = "canary",
        .ca_file = "/etc/ca.pem",
        .proxy = "http://proxy:3128",
        .no_proxy = "localhost",
        .timeout_ms = 60000,
    };
    (void)state;

    must(start("mirror", NULL, &session));
    must(fetch_ask(session, &request, clock_ms() + 100000, NULL, &reply));
    must(frame_read_request(buf_span(&reply.body), NULL, &got));
    assert_span(got.url, request.url);
    assert_true(got.post);
    assert_span(got.body, "grant_type=x");
    assert_span(got.basic_user, "client");
    assert_span(got.basic_password, "canary");
    assert_span(got.ca_file, "/etc/ca.pem");
    assert_span(got.proxy, "http://proxy:3128");
    assert_span(got.no_proxy, "localhost");
    assert_int_equal(got.timeout_ms, FRAME_TIMEOUT_MAX_MS);
    /* The fetcher is told to give up before its caller does. */
    must(fetch_ask(session, &request, clock_ms() + 4000, NULL, &reply));
    must(frame_read_request(buf_span(&reply.body), NULL, &got));
    assert_in_range(got.timeout_ms, 1, 3600);
}

static void
E78_split_writes_and_the_largest_reply(void **state)
{
    struct fetch_session *split CLEANUP(fetch_end) = NULL;
    struct fetch_session *largest CLEANUP(fetch_end) = NULL;
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    (void)state;

    must(start("split", NULL, &split));
    must(ask(split, 5000, NULL, &reply));
    must(ask(split, 5000, NULL, &reply));
    assert_string_equal(buf_text(&reply.body), "hello");
    must(start("largest", NULL, &largest));
    must(ask(largest, 5000, NULL, &reply));
    assert_int_equal(reply.body.length, FETCH_BODY_MAX);
    must(ask(largest, 5000, NULL, &reply));
    assert_string_equal(buf_text(&reply.body), "hello");
}

/* Who has what he wanted hangs up, and the fetcher leaves without being waited for. */
static void
a_fetcher_leaves_when_its_caller_hangs_up(void **state)
{
    struct fetch_session *session CLEANUP(fetch_end) = NULL;
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    struct why why = {""};
    int before = count_descriptors();
    (void)state;

    must(start("split", &why, &session));
    must(ask(session, 5000, &why, &reply));
    pid_t child = the_child();
    fetch_hang_up(session);
    assert_true(ends_within(child, 1000));
    assert_int_equal(ask(session, 1000, &why, &reply), ST_PROVIDER);
    assert_string_equal(why.sentence, "the fetcher was ended before this request");
    fetch_hang_up(session);
    fetch_end(&session);
    assert_true(no_child_left());
    assert_int_equal(count_descriptors(), before);
}

static void
assert_has(const struct buf *text, const char *wanted)
{
    if (memmem(text->at, text->length, wanted, strlen(wanted)) == NULL) {
        fail_msg("no [%s] in: %.*s", wanted, (int)text->length, text->at);
    }
}

static void
R98_R99_R106_E57_nothing_is_inherited(void **state)
{
    struct fetch_session *session CLEANUP(fetch_end) = NULL;
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    char parent[64];
    static int fds[1000];
    sigset_t all;
    sigset_t before;
    (void)state;

    for (size_t i = 0; i < COUNT(fds); i++) {
        fds[i] = open("/dev/null", O_RDONLY); /* without O_CLOEXEC, as a careless host would */
    }
    (void)sigfillset(&all);
    assert_int_equal(sigprocmask(SIG_BLOCK, &all, &before), 0);
    assert_true(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
    must(start("surroundings", NULL, &session));
    must(ask(session, 5000, NULL, &reply));
    assert_true(signal(SIGUSR1, SIG_DFL) != SIG_ERR);
    assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
    for (size_t i = 0; i < COUNT(fds); i++) {
        (void)close(fds[i]);
    }
    assert_has(&reply.body, "descriptors: 0 1 2\n");
    assert_has(&reply.body, "environ:[]\n");
    assert_has(&reply.body, "session: 1\n");
    assert_has(&reply.body, "socket: 7\n");
    assert_has(&reply.body, "stderr: /dev/null\n");
    assert_has(&reply.body, "SigBlk:\t0000000000000000\n");
    /* The two that glibc keeps for its threads; no program can block or handle them. */
    assert_has(&reply.body, "SigIgn:\t0000000180000000\n");
    (void)snprintf(parent, sizeof(parent), "parent: %ld\n", (long)getpid());
    assert_has(&reply.body, parent);
    assert_has(&reply.body, "pam-oauth-fetcher");
}

/* What the host starts later must not inherit our end. */
static void
R106_our_descriptors_are_close_on_exec(void **state)
{
    struct fetch_session *session CLEANUP(fetch_end) = NULL;
    bool before[100];
    int ours = 0;
    (void)state;

    for (int fd = 0; fd < 100; fd++) {
        before[fd] = fcntl(fd, F_GETFD) >= 0;
    }
    must(start("good", NULL, &session));
    for (int fd = 0; fd < 100; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (flags >= 0 && !before[fd]) {
            assert_true((flags & FD_CLOEXEC) != 0);
            ours++;
        }
    }
    assert_int_equal(ours, 2);
}

static void
R88_nothing_secret_in_the_arguments(void **state)
{
    struct fetch_session *session CLEANUP(fetch_end) = NULL;
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    struct fetch_request request = simple;
    (void)state;

    request.basic_user = "client";
    request.basic_password = "canary";
    must(start("surroundings", NULL, &session));
    must(fetch_ask(session, &request, clock_ms() + 5000, NULL, &reply));
    assert_null(memmem(reply.body.at, reply.body.length, "canary", 6));
    assert_has(&reply.body, we_are_root() ? "--user" : "--parent");
}

/* ---- bad company ---------------------------------------------------------------------------- */

static const struct {
    const char *role;
    const char *sentence;
} bad_roles[] = {
    {"crash_at_once", "idp.example: the fetcher ended without an answer"},
    {"crash", "idp.example: the fetcher ended without an answer"},
    {"silent_exit", "idp.example: the fetcher ended without an answer"},
    {"garbage", "idp.example: the fetcher's answer is no good: it does not begin with POR2"},
    {"one_wrong_byte", "idp.example: the fetcher's answer is no good"},
    {"flood", "idp.example: the fetcher's answer is no good"},
    {"flood_in_a_frame", "idp.example: the fetcher's answer is no good"},
    {"huge_announcement", "idp.example: the fetcher's answer is no good: it announces 4294967295"},
    {"early_end", "idp.example: the fetcher ended in the middle of its answer"},
    {"length_too_long", "idp.example: no answer in time"},
    {"length_too_short", "idp.example: the fetcher's answer is no good"},
    {"twice", "idp.example: the fetcher's answer is no good: it goes on behind its end"},
    {"unasked", "idp.example: the fetcher's answer is no good: it came before it was asked for"},
    {"failure", "idp.example: no route to anywhere"},
};

/* Until a socket of ours has something to read, or has ended: ten seconds at most. */
static void
wait_for_a_word(void)
{
    struct pollfd sockets[64];
    struct stat state;

    for (int fd = 0; fd < (int)COUNT(sockets); fd++) {
        bool socket = fd > STDERR_FILENO && fstat(fd, &state) == 0 && S_ISSOCK(state.st_mode);
        sockets[fd] = (struct pollfd){.fd = socket ? fd : -1, .events = POLLIN};
    }
    assert_int_equal(poll(sockets, COUNT(sockets), 10000), 1);
}

static void
bad_answer(const char *role, const char *sentence)
{
    struct fetch_session *session CLEANUP(fetch_end) = NULL;
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    struct why why = {""};
    int before = count_descriptors();

    must(start(role, &why, &session));
    if (strcmp(role, "unasked") == 0 || strcmp(role, "crash_at_once") == 0) {
        wait_for_a_word(); /* it has done what it does before it is asked */
    }
    pid_t child = the_child();
    int64_t start_ms = clock_ms();
    /* One of them is waited for in vain. */
    bool vain = strstr(sentence, "no answer in time") != NULL;
    assert_int_equal(ask(session, vain ? 1000 : 10000, &why, &reply), ST_PROVIDER);
    if (strncmp(why.sentence, sentence, strlen(sentence)) != 0) {
        fail_msg("%s says: %s", role, why.sentence);
    }
    assert_null(strstr(why.sentence, "canary"));
    assert_true(clock_ms() - start_ms < 8000);
    assert_int_equal(reply.http_status, 0);
    assert_int_equal(reply.body.length, 0);
    /* Never again, whatever it may have to say now. */
    assert_int_equal(ask(session, 1000, &why, &reply), ST_PROVIDER);
    assert_string_equal(why.sentence, "the fetcher was ended before this request");
    assert_true(child == 0 || ends_within(child, 5000));
    start_ms = clock_ms();
    fetch_end(&session);
    assert_true(clock_ms() - start_ms < 1500); /* less than DEATH_MS: it was dead */
    assert_true(no_child_left());
    assert_int_equal(count_descriptors(), before);
}

static void
E70_E78_bad_answers_are_a_fault_and_nothing_is_left(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad_roles); i++) {
        bad_answer(bad_roles[i].role, bad_roles[i].sentence);
    }
}

static void
E70_a_gigabyte_costs_no_memory(void **state)
{
    struct rusage before;
    struct rusage after;
    (void)state;

    assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
    bad_answer("flood", "");
    bad_answer("flood_in_a_frame", "");
    assert_int_equal(getrusage(RUSAGE_SELF, &after), 0);
    /* Kilobytes; a reply at its largest lies in two doubling buffers of up to a megabyte. */
    assert_true(after.ru_maxrss - before.ru_maxrss < 16 * 1024);
}

static void
R119_the_deadline_holds(const char *role, int64_t timeout_ms, int64_t patience_ms, int64_t most_ms)
{
    struct fetch_session *session CLEANUP(fetch_end) = NULL;
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    struct fetch_request request = simple;
    struct why why = {""};

    request.timeout_ms = timeout_ms;
    must(start(role, NULL, &session));
    pid_t child = the_child();
    int64_t start_ms = clock_ms();
    assert_int_equal(fetch_ask(session, &request, start_ms + patience_ms, &why, &reply),
                     ST_PROVIDER);
    int64_t took_ms = clock_ms() - start_ms;
    assert_string_equal(why.sentence, "idp.example: no answer in time");
    /* All of them would have gone on for longer than this; a busy machine adds its part. */
    assert_in_range(took_ms, most_ms - 200, most_ms + 4000);
    assert_true(ends_within(child, 5000));
    fetch_end(&session);
    assert_true(no_child_left());
}

static void
R119_E41_a_fetcher_that_never_answers(void **state)
{
    (void)state;
    R119_the_deadline_holds("silent", 8000, 300, 300);
    R119_the_deadline_holds("drip", 8000, 300, 300);
    R119_the_deadline_holds("grandchild", 8000, 300, 300);
    /* The request's own time counts too, with a grace for the fetcher to say why. */
    R119_the_deadline_holds("silent", 100, 60000, 600);
}

static void
R119_no_time_left(void **state)
{
    struct fetch_session *session CLEANUP(fetch_end) = NULL;
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    struct why why = {""};
    (void)state;

    must(start("good", NULL, &session));
    pid_t child = the_child();
    assert_int_equal(ask(session, 0, &why, &reply), ST_PROVIDER);
    assert_string_equal(why.sentence, "idp.example: no time is left to ask");
    assert_true(ends_within(child, 5000));
}

static void
R90_a_fetcher_that_does_not_leave_is_killed(void **state)
{
    struct fetch_session *session CLEANUP(fetch_end) = NULL;
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    (void)state;

    must(start("stubborn", NULL, &session));
    must(ask(session, 5000, NULL, &reply));
    pid_t child = the_child();
    int64_t start_ms = clock_ms();
    fetch_end(&session);
    assert_true(clock_ms() - start_ms >= 190); /* it had its time to leave */
    assert_false(is_running(child));
    assert_true(no_child_left());
}

static void
R90_a_killed_host_ends_its_fetcher(void **state)
{
    int told[2];
    pid_t fetcher = 0;
    (void)state;

    assert_int_equal(pipe2(told, O_CLOEXEC), 0);
    pid_t host = fork();
    if (host == 0) {
        struct fetch_session *session = NULL;
        (void)alarm(20);
        if (start("good", NULL, &session) == ST_OK) {
            fetcher = the_child();
            (void)!write(told[1], &fetcher, sizeof(fetcher));
            (void)pause();
        }
        _exit(0);
    }
    (void)close(told[1]);
    assert_int_equal(read(told[0], &fetcher, sizeof(fetcher)), sizeof(fetcher));
    assert_true(is_running(fetcher));
    assert_int_equal(kill(host, SIGKILL), 0);
    assert_int_equal(waitpid(host, NULL, 0), host);
    assert_true(ends_within(fetcher, 2000));
    (void)close(told[0]);
}

/* A fork of the host that lives on holds the socket too; the fetcher must end all the same. */
static void
R90_a_fork_of_the_host_keeps_no_fetcher(void **state)
{
    struct fetch_session *session CLEANUP(fetch_end) = NULL;
    (void)state;

    must(start("good", NULL, &session));
    pid_t fetcher = the_child();
    pid_t fork_of_host = fork();
    if (fork_of_host == 0) {
        (void)alarm(20);
        (void)pause();
        _exit(0);
    }
    fetch_hang_up(session);
    assert_true(ends_within(fetcher, 5000)); /* by itself: nobody has killed it */
    fetch_end(&session);
    assert_false(is_running(fetcher));
    (void)kill(fork_of_host, SIGKILL);
    assert_int_equal(waitpid(fork_of_host, NULL, 0), fork_of_host);
}

static void
E78_descriptors_sent_along_do_not_stay(void **state)
{
    struct fetch_session *session CLEANUP(fetch_end) = NULL;
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    (void)state;

    must(start("descriptors", NULL, &session));
    int before = count_descriptors();
    must(ask(session, 5000, NULL, &reply));
    assert_int_equal(count_descriptors(), before);
}

static void
E78_requests_that_cannot_be_made(void **state)
{
    static char long_url[FRAME_URL_MAX + 2];
    struct fetch_request request = simple;
    (void)state;

    memset(long_url, 'x', FRAME_URL_MAX + 1);
    const char *const urls[] = {long_url, "", "https://a/\n", "https://b/\xc3\xa9"};
    for (size_t i = 0; i < COUNT(urls); i++) {
        struct fetch_session *session CLEANUP(fetch_end) = NULL;
        struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
        struct why why = {""};
        must(start("good", NULL, &session));
        request.url = urls[i];
        assert_int_equal(fetch_ask(session, &request, clock_ms() + 5000, &why, &reply),
                         ST_PROVIDER);
        assert_non_null(strstr(why.sentence, "the request cannot be made"));
    }
}

static void
R88_a_sentence_names_the_host_and_nothing_else(void **state)
{
    static const struct {
        const char *url;
        const char *start;
    } cases[] = {
        {"https://idp.example/x?canary", "idp.example: "},
        {"https://idp.example:8443?canary", "idp.example:8443: "},
        {"https://idp.example#canary", "idp.example: "},
        {"https://idp.example", "idp.example: "},
        {"https://me:canary@idp.example/", "?: "},
        {"canary", "?: "},
        {"file:///canary", "?: "},
    };
    struct fetch_request request = simple;
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fetch_session *session CLEANUP(fetch_end) = NULL;
        struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
        struct why why = {""};
        must(start("failure", NULL, &session));
        request.url = cases[i].url;
        assert_int_equal(fetch_ask(session, &request, clock_ms() + 5000, &why, &reply),
                         ST_PROVIDER);
        assert_memory_equal(why.sentence, cases[i].start, strlen(cases[i].start));
        assert_null(strstr(why.sentence, "canary"));
    }
}

/* ---- programs that are not started ---------------------------------------------------------- */

/* Makes a file of the stage with this text and mode. */
static void
make_file(const char *name, const char *text, mode_t mode)
{
    char path[256];

    stage_path(path, name);
    (void)unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(close(fd), 0);
}

static void
assert_not_started(const char *name, enum status wanted, const char *sentence)
{
    struct fetch_session *session CLEANUP(fetch_end) = NULL;
    struct why why = {""};
    int before = count_descriptors();

    assert_int_equal(start(name, &why, &session), wanted);
    if (strstr(why.sentence, sentence) == NULL) {
        fail_msg("%s says: %s", name, why.sentence);
    }
    assert_null(session);
    assert_true(no_child_left());
    assert_int_equal(count_descriptors(), before);
}

static void
E70_a_missing_or_doubtful_fetcher(void **state)
{
    static const char script[] = "#!/bin/sh\nexit 0\n";
    char from[256];
    char to[256];
    (void)state;

    assert_not_started(
        "none", ST_CONFIG,
        "none: fetcher is missing; install pam-oauth-fetcher or set [paths] fetcher");
    assert_not_started("good/none", ST_CONFIG, "fetcher is missing");
    assert_not_started("", ST_CONFIG, "[paths] fetcher");
    make_file("shared", script, 0775);
    assert_not_started("shared", ST_CONFIG, "writable by group or others");
    make_file("open", script, 0757);
    assert_not_started("open", ST_CONFIG, "writable by group or others");
    stage_path(from, "good");
    stage_path(to, "link");
    assert_int_equal(symlink(from, to), 0);
    assert_not_started("link", ST_CONFIG, "symbolic link");
    stage_path(to, "loose");
    assert_int_equal(mkdir(to, 0777), 0);
    assert_int_equal(chmod(to, 0777), 0);
    assert_not_started("loose", ST_CONFIG, "[paths] fetcher");
    make_file("loose/fetcher", script, 0755);
    assert_not_started("loose/fetcher", ST_CONFIG, "writable by group or others");
    stage_path(from, "loose/fetcher");
    assert_int_equal(unlink(from), 0);
    if (we_are_root()) {
        make_file("foreign", script, 0755);
        stage_path(to, "foreign");
        assert_int_equal(chown(to, 4242, 4242), 0);
        assert_not_started("foreign", ST_CONFIG, "owned by uid 4242");
    }
}

static bool
is_below_valgrind(void)
{
    const char *preload = getenv("LD_PRELOAD");

    return preload != NULL && strstr(preload, "vgpreload") != NULL;
}

static void
E70_a_fetcher_that_cannot_run(void **state)
{
    (void)state;
    if (is_below_valgrind()) {
        skip(); /* its vfork is a fork: nobody learns there that exec failed */
    }
    make_file("plain", "#!/bin/sh\nexit 0\n", 0644);
    assert_not_started("plain", ST_PROVIDER, "cannot be started: Permission denied");
    make_file("text", "this is no program\n", 0755);
    assert_not_started("text", ST_PROVIDER, "cannot be started: Exec format error");
    make_file("orphan", "#!/no/such/interpreter\n", 0755);
    assert_not_started("orphan", ST_PROVIDER, "cannot be started: No such file");
}

static void
E70_a_relative_path(void **state)
{
    struct fetch_program program = {.path = "tmp/fetcher", .user = "nobody"};
    struct fetch_session *session CLEANUP(fetch_end) = NULL;
    (void)state;

    assert_int_equal(fetch_start(&program, NULL, &session), ST_CONFIG);
    assert_null(session);
}

static void
R100_root_needs_an_unprivileged_user(void **state)
{
    char path[256];
    struct fetch_session *session CLEANUP(fetch_end) = NULL;
    struct fetch_program program = {.path = path, .user = "_no-such-user"};
    struct why why = {""};
    (void)state;

    if (!we_are_root()) {
        skip();
    }
    stage_path(path, "good");
    assert_int_equal(fetch_start(&program, &why, &session), ST_CONFIG);
    assert_non_null(strstr(why.sentence, "'_no-such-user' for the fetcher does not exist"));
    assert_non_null(strstr(why.sentence, "useradd --system"));
    assert_non_null(strstr(why.sentence, "[paths] fetcher_user"));
    program.user = "root";
    assert_int_equal(fetch_start(&program, &why, &session), ST_CONFIG);
    assert_non_null(strstr(why.sentence, "root"));
    program.user = "";
    assert_int_equal(fetch_start(&program, &why, &session), ST_CONFIG);
    assert_null(session);
}

/* ---- odd hosts ------------------------------------------------------------------------------ */

/* In a fork, so that whatever the host is made to be ends with it. True when `test` says so. */
static bool
in_a_host(bool (*test)(void))
{
    int status = 0;

    pid_t host = fork();
    if (host == 0) {
        (void)alarm(20);
        _exit(test() ? 0 : 1);
    }
    while (waitpid(host, &status, 0) != host) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* A whole session; true when everything went well and nothing is left. */
static bool
exchange(const char *role)
{
    struct fetch_session *session = NULL;
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    int before = count_descriptors();
    bool good = start(role, NULL, &session) == ST_OK && ask(session, 5000, NULL, &reply) == ST_OK &&
                ask(session, 5000, NULL, &reply) == ST_OK &&
                span_is(buf_span(&reply.body), "hello");

    fetch_end(&session);
    return good && count_descriptors() == before && no_child_left();
}

/* Either that, or a clean failure: a fault, and nothing left. */
static bool
exchange_or_fault(void)
{
    struct fetch_session *session = NULL;
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    struct why why = {""};
    int before = count_descriptors();
    enum status status = start("good", &why, &session);

    if (status == ST_OK) {
        status = ask(session, 5000, &why, &reply);
    }
    fetch_end(&session);
    bool clean =
        status == ST_OK || (status_class(status) == CLASS_FAULT && why.sentence[0] != '\0');
    return clean && count_descriptors() == before && no_child_left();
}

static bool
host_ignores_children(void)
{
    struct sigaction after;

    (void)signal(SIGCHLD, SIG_IGN);
    bool good = exchange("good") && exchange("split");
    return good && sigaction(SIGCHLD, NULL, &after) == 0 && after.sa_handler == SIG_IGN;
}

static void
reap_everything(int number)
{
    int kept = errno;
    (void)number;

    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
    errno = kept;
}

static bool
host_reaps_everything(void)
{
    struct sigaction after;

    (void)signal(SIGCHLD, reap_everything);
    bool good = exchange("good") && exchange("split");
    return good && sigaction(SIGCHLD, NULL, &after) == 0 && after.sa_handler == reap_everything;
}

/* Both of the above with a fetcher that is gone before anybody looks. */
static bool
gone_at_once(void)
{
    for (int i = 0; i < 50; i++) {
        struct fetch_session *session = NULL;
        struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
        if (start("crash_at_once", NULL, &session) != ST_OK) {
            return false;
        }
        if (i % 2 == 0) {
            (void)usleep(3000);
        }
        if (ask(session, 5000, NULL, &reply) != ST_PROVIDER) {
            return false;
        }
        fetch_end(&session);
    }
    return no_child_left();
}

static bool
gone_at_once_and_ignored(void)
{
    (void)signal(SIGCHLD, SIG_IGN);
    return gone_at_once();
}

static bool
gone_at_once_and_reaped(void)
{
    (void)signal(SIGCHLD, reap_everything);
    return gone_at_once();
}

static bool
host_has_default_sigpipe(void)
{
    (void)signal(SIGPIPE, SIG_DFL);
    return gone_at_once();
}

static void
do_nothing(int number)
{
    (void)number;
}

static bool
host_is_interrupted(void)
{
    struct itimerval often = {.it_interval = {0, 10000}, .it_value = {0, 10000}};
    struct sigaction handler = {.sa_handler = do_nothing};

    (void)sigaction(SIGALRM, &handler, NULL);
    (void)setitimer(ITIMER_REAL, &often, NULL);
    return exchange("split") && exchange("good");
}

static bool
host_blocks_every_signal(void)
{
    sigset_t all;
    sigset_t after;

    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    bool good = exchange("good") && gone_at_once();
    (void)sigprocmask(SIG_SETMASK, NULL, &after);
    return good && sigismember(&after, SIGPIPE) == 1 && sigismember(&after, SIGINT) == 1;
}

static void
E59_R103_signals_of_the_host(void **state)
{
    (void)state;
    assert_true(in_a_host(host_ignores_children));
    assert_true(in_a_host(host_reaps_everything));
    assert_true(in_a_host(gone_at_once));
    assert_true(in_a_host(gone_at_once_and_ignored));
    assert_true(in_a_host(gone_at_once_and_reaped));
    assert_true(in_a_host(host_has_default_sigpipe));
    assert_true(in_a_host(host_is_interrupted));
    assert_true(in_a_host(host_blocks_every_signal));
}

static bool
closed(int from, int to)
{
    for (int fd = from; fd <= to; fd++) {
        if (fcntl(fd, F_GETFD) >= 0) {
            return false;
        }
    }
    return true;
}

/* With each set of the standard descriptors closed, none of ours may take their place. */
static bool
host_without_standard_descriptors(void)
{
    for (int first = 2; first >= 0; first--) {
        struct fetch_session *session = NULL;
        struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
        (void)close(first);
        if (start("surroundings", NULL, &session) != ST_OK || !closed(first, 2) ||
            ask(session, 5000, NULL, &reply) != ST_OK || !closed(first, 2) ||
            memmem(reply.body.at, reply.body.length, "descriptors: 0 1 2\n", 19) == NULL) {
            return false;
        }
        fetch_end(&session);
    }
    return no_child_left();
}

static bool
host_with_strange_umask(void)
{
    (void)umask(0);
    if (!exchange("good")) {
        return false;
    }
    (void)umask(0777);
    return exchange("good");
}

static bool
host_without_directory(void)
{
    char path[256];

    stage_path(path, "cwd");
    if (mkdir(path, 0700) != 0 || chdir(path) != 0 || rmdir(path) != 0) {
        return false;
    }
    return exchange("good");
}

static void
E58_R106_descriptors_umask_and_directory_of_the_host(void **state)
{
    (void)state;
    assert_true(in_a_host(host_without_standard_descriptors));
    assert_true(in_a_host(host_with_strange_umask));
    assert_true(in_a_host(host_without_directory));
}

static bool
limited(__rlimit_resource_t resource, rlim_t most)
{
    struct rlimit limit = {.rlim_cur = most, .rlim_max = most};

    return setrlimit(resource, &limit) == 0;
}

/* Sanitizers and valgrind need far more memory than a host may have. */
static bool
is_instrumented(void)
{
#ifdef __SANITIZE_ADDRESS__
    return true;
#endif
#ifdef __clang__
#if __has_feature(address_sanitizer)
    return true;
#endif
#endif
    return is_below_valgrind();
}

static bool
host_with_few_descriptors(void)
{
    for (rlim_t most = 3; most < 8; most++) {
        struct fetch_session *session = NULL;
        if (!limited(RLIMIT_NOFILE, 100) || start("good", NULL, &session) != ST_OK) {
            return false;
        }
        fetch_end(&session);
        struct rlimit soft = {.rlim_cur = most, .rlim_max = 100};
        if (setrlimit(RLIMIT_NOFILE, &soft) != 0 || !exchange_or_fault()) {
            return false;
        }
    }
    return true;
}

static bool
host_without_processes(void)
{
    struct fetch_session *session = NULL;
    struct why why = {""};

    /* Root is not counted. */
    if (we_are_root() && (setgid(65534) != 0 || setuid(65534) != 0)) {
        return false;
    }
    return limited(RLIMIT_NPROC, 0) && start("good", &why, &session) == ST_PROVIDER &&
           strstr(why.sentence, "cannot be started") != NULL && no_child_left();
}

static bool
host_with_little_memory(void)
{
    return limited(RLIMIT_AS, (rlim_t)(40 * MIB)) && exchange_or_fault();
}

static bool
host_with_no_memory(void)
{
    return limited(RLIMIT_AS, 0) && exchange_or_fault();
}

static bool
host_without_files(void)
{
    return limited(RLIMIT_FSIZE, 0) && exchange("good");
}

static bool
host_with_little_stack(void)
{
    return limited(RLIMIT_STACK, (rlim_t)256 * 1024) && exchange("good");
}

static bool
host_with_little_time(void)
{
    return limited(RLIMIT_CPU, 1) && exchange("good");
}

static void
E58_R108_limits_of_the_host(void **state)
{
    (void)state;
    if (!is_below_valgrind()) { /* which keeps some descriptors, and never changes its own limit */
        assert_true(in_a_host(host_with_few_descriptors));
    }
    assert_true(in_a_host(host_without_processes));
    assert_true(in_a_host(host_without_files));
    assert_true(in_a_host(host_with_little_time));
    if (!is_instrumented()) {
        assert_true(in_a_host(host_with_little_stack));
        assert_true(in_a_host(host_with_little_memory));
        assert_true(in_a_host(host_with_no_memory));
    }
}

/* A kernel or a container without pidfd_open. */
static bool
host_without_pidfd(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {.len = COUNT(code), .filter = code};
    struct fetch_session *session = NULL;
    struct why why = {""};
    int before = count_descriptors();

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
        return false;
    }
    return start("silent", &why, &session) == ST_PROVIDER && session == NULL &&
           strstr(why.sentence, "not implemented") != NULL && no_child_left() &&
           count_descriptors() == before;
}

static void
R103_without_a_handle_nothing_stays(void **state)
{
    (void)state;
    assert_true(in_a_host(host_without_pidfd));
}

static bool
hosts_signals_stay(void)
{
    struct sigaction handler = {.sa_handler = do_nothing, .sa_flags = SA_RESTART};
    struct sigaction after[2];

    (void)sigaction(SIGPIPE, &handler, NULL);
    (void)sigaction(SIGCHLD, &handler, NULL);
    return exchange("good") && gone_at_once() && sigaction(SIGPIPE, NULL, &after[0]) == 0 &&
           sigaction(SIGCHLD, NULL, &after[1]) == 0 && after[0].sa_handler == do_nothing &&
           after[1].sa_handler == do_nothing && (after[1].sa_flags & SA_RESTART) != 0;
}

static void
R103_the_hosts_handlers_stay(void **state)
{
    (void)state;
    assert_true(in_a_host(hosts_signals_stay));
}

static bool
hundred_sessions(void)
{
    for (int i = 0; i < 100; i++) {
        if (!exchange("good")) {
            return false;
        }
    }
    return true;
}

static void
R133_many_sessions_leave_nothing(void **state)
{
    (void)state;
    assert_true(in_a_host(hundred_sessions));
}

/* valgrind before 3.21 does not know the call; tests/sanitize/run helps it. */
static bool
has_pidfd(void)
{
    int fd = pidfd_open(getpid(), 0);

    if (fd < 0 && errno == ENOSYS) {
        printf("no pidfd_open here: only the frames are tested\n");
        return false;
    }
    (void)close(fd);
    return true;
}

int
main(int count, char *arguments[])
{
    static const struct CMUnitTest frames[] = {
        cmocka_unit_test(E78_a_request_comes_through_whole),
        cmocka_unit_test(E78_the_smallest_request),
        cmocka_unit_test(E78_a_reply_comes_through_whole),
        cmocka_unit_test(E78_a_failure_comes_through),
        cmocka_unit_test(E78_lengths_are_known_early_and_bounded),
        cmocka_unit_test(E78_the_length_of_a_frame_has_a_limit),
        cmocka_unit_test(E78_cut_and_lengthened_frames),
        cmocka_unit_test(E78_every_changed_byte_is_refused_or_canonical),
        cmocka_unit_test(E78_every_field_of_a_request_has_its_limits),
        cmocka_unit_test(E78_every_field_of_a_reply_has_its_limits),
        cmocka_unit_test(E78_a_failure_is_one_printable_line),
        cmocka_unit_test(E78_numbers_have_bounds),
        cmocka_unit_test(E78_a_claim_comes_through_whole),
        cmocka_unit_test(E78_a_claims_answer_comes_through),
        cmocka_unit_test(E78_a_claim_has_one_form),
        cmocka_unit_test(E78_unknown_double_and_unordered_fields),
        cmocka_unit_test(E78_a_field_cannot_reach_behind_its_frame),
        cmocka_unit_test(E78_what_is_written_keeps_the_limits_too),
        cmocka_unit_test(what_is_missing_is_said_once),
    };
    static const struct CMUnitTest processes[] = {
        cmocka_unit_test(R99_several_questions_one_fetcher),
        cmocka_unit_test(R101_another_host_another_fetcher),
        cmocka_unit_test(R88_the_request_arrives_as_it_was_made),
        cmocka_unit_test(R57_E78_only_a_claim_is_answered_as_one),
        cmocka_unit_test(E78_split_writes_and_the_largest_reply),
        cmocka_unit_test(a_fetcher_leaves_when_its_caller_hangs_up),
        cmocka_unit_test(R98_R99_R106_E57_nothing_is_inherited),
        cmocka_unit_test(R106_our_descriptors_are_close_on_exec),
        cmocka_unit_test(R88_nothing_secret_in_the_arguments),
        cmocka_unit_test(E70_E78_bad_answers_are_a_fault_and_nothing_is_left),
        cmocka_unit_test(E70_a_gigabyte_costs_no_memory),
        cmocka_unit_test(R119_E41_a_fetcher_that_never_answers),
        cmocka_unit_test(R119_no_time_left),
        cmocka_unit_test(R90_a_fetcher_that_does_not_leave_is_killed),
        cmocka_unit_test(R90_a_killed_host_ends_its_fetcher),
        cmocka_unit_test(R90_a_fork_of_the_host_keeps_no_fetcher),
        cmocka_unit_test(E78_descriptors_sent_along_do_not_stay),
        cmocka_unit_test(E78_requests_that_cannot_be_made),
        cmocka_unit_test(R88_a_sentence_names_the_host_and_nothing_else),
        cmocka_unit_test(E70_a_missing_or_doubtful_fetcher),
        cmocka_unit_test(E70_a_fetcher_that_cannot_run),
        cmocka_unit_test(E70_a_relative_path),
        cmocka_unit_test(R100_root_needs_an_unprivileged_user),
        cmocka_unit_test(E59_R103_signals_of_the_host),
        cmocka_unit_test(E58_R106_descriptors_umask_and_directory_of_the_host),
        cmocka_unit_test(E58_R108_limits_of_the_host),
        cmocka_unit_test(R103_without_a_handle_nothing_stays),
        cmocka_unit_test(R103_the_hosts_handlers_stay),
        cmocka_unit_test(R133_many_sessions_leave_nothing),
    };

    if (count > 1 && strcmp(arguments[0], "pam-oauth-fetcher") == 0) {
        play();
        _exit(0);
    }
    int failed = cmocka_run_group_tests(frames, NULL, NULL);
    if (has_pidfd()) {
        failed += cmocka_run_group_tests(processes, set_stage, clear_stage);
    }
    return failed;
}

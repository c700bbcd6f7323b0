/*
 * Frames between a program and its fetcher, both ways: bytes that are a frame are written again as
 * the same bytes; fields that make a frame are read again as the same fields (R100, E78).
 *
 * An input that begins with `POQ2` or `POR2` is a frame. Any other is the fields of both kinds, a
 * part each.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fetch/frame.h"
#include "fuzz.h"

static void
check_length(struct span frame, enum frame_kind kind)
{
    struct why why = {""};
    size_t known = 0;

    for (size_t length = 0; length <= frame.length && length < 64; length++) {
        struct span start = {.at = frame.at, .length = length};
        size_t said = 0;
        if (frame_length(start, kind, &why, &said) != ST_OK) {
            PROMISE(known == 0);
            return;
        }
        PROMISE(known == 0 || said == known);
        PROMISE(said == 0 || (length >= FRAME_HEAD && said >= FRAME_HEAD));
        known = said;
    }
    fuzz_why(&why);
}

static bool
is_text(struct span value, size_t most)
{
    return value.length <= most && fuzz_is_printable(value, false);
}

static void
read_request(struct span frame)
{
    struct buf again CLEANUP(buf_done) = BUF(FRAME_REQUEST_MAX);
    struct frame_request request;
    struct why why = {""};

    if (fuzz_status(frame_read_request(frame, &why, &request)) != ST_OK) {
        fuzz_why(&why);
        PROMISE(fuzz_is_printable(span_of(why.sentence), false));
        return;
    }
    PROMISE(request.claim.length == 0
                ? request.claim_s == 0
                : request.claim.length == FRAME_CLAIM_LENGTH && request.claim_s >= 1 &&
                      request.claim_s <= FRAME_CLAIM_MAX_S && !request.post);
    PROMISE(request.timeout_ms >= 1 && request.timeout_ms <= FRAME_TIMEOUT_MAX_MS);
    PROMISE(request.url.length > 0 && is_text(request.url, FRAME_URL_MAX));
    PROMISE(is_text(request.basic_user, FRAME_BASIC_MAX) &&
            is_text(request.proxy, FRAME_PROXY_MAX));
    if (fuzz_status(frame_add_request(&request, &why, &again)) == ST_OK) {
        PROMISE(span_equals(buf_span(&again), frame));
    } else {
        PROMISE(fault_happened());
    }
}

static void
read_reply(struct span frame)
{
    struct buf again CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);
    struct frame_reply reply;
    struct why why = {""};

    if (fuzz_status(frame_read_reply(frame, &why, &reply)) != ST_OK) {
        fuzz_why(&why);
        PROMISE(fuzz_is_printable(span_of(why.sentence), false));
        return;
    }
    PROMISE(reply.failure.length > 0 || reply.claimed != FETCH_NO_CLAIM
                ? reply.http_status == 0 && reply.body.length == 0
                : reply.http_status >= 100 && reply.http_status <= 599);
    PROMISE(reply.failure.length == 0 || reply.claimed == FETCH_NO_CLAIM);
    PROMISE(is_text(reply.failure, FRAME_FAILURE_MAX) && is_text(reply.age, FETCH_HEADER_MAX) &&
            is_text(reply.content_type, FETCH_HEADER_MAX));
    if (fuzz_status(frame_add_reply(&reply, &why, &again)) == ST_OK) {
        PROMISE(span_equals(buf_span(&again), frame));
    } else {
        PROMISE(fault_happened());
    }
}

static int64_t
number_of(struct span text)
{
    char *copy = fuzz_string(text);

    return strtoll(copy, NULL, 10);
}

static void
write_request(struct fuzz_input *input)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REQUEST_MAX);
    struct frame_request request = {.url = fuzz_part(input)};
    struct frame_request read;
    struct why why = {""};

    request.body = fuzz_part(input);
    request.post = request.body.length > 0;
    request.basic_user = fuzz_part(input);
    request.basic_password = fuzz_part(input);
    request.ca_file = fuzz_part(input);
    request.proxy = fuzz_part(input);
    request.no_proxy = fuzz_part(input);
    request.timeout_ms = number_of(fuzz_part(input));
    if (request.body.length == 0 && request.proxy.length == 0) {
        request.claim_s = number_of(fuzz_part(input));
        request.claim = fuzz_part(input);
    }
    if (fuzz_status(frame_add_request(&request, &why, &frame)) != ST_OK) {
        fuzz_why(&why);
        return;
    }
    PROMISE(fuzz_status(frame_read_request(buf_span(&frame), &why, &read)) == ST_OK);
    PROMISE(span_equals(read.url, request.url) && span_equals(read.body, request.body) &&
            span_equals(read.basic_user, request.basic_user) &&
            span_equals(read.basic_password, request.basic_password) &&
            span_equals(read.ca_file, request.ca_file) && span_equals(read.proxy, request.proxy) &&
            span_equals(read.no_proxy, request.no_proxy) && read.timeout_ms == request.timeout_ms &&
            read.post == request.post && span_equals(read.claim, request.claim) &&
            read.claim_s == request.claim_s);
}

static void
write_reply(struct fuzz_input *input)
{
    struct buf frame CLEANUP(buf_done) = BUF(FRAME_REPLY_MAX);
    struct frame_reply reply = {.failure = fuzz_part(input)};
    struct frame_reply read;
    struct why why = {""};

    if (reply.failure.length == 0) {
        reply.http_status = (int)number_of(fuzz_part(input));
        reply.body = fuzz_part(input);
        reply.cache_control = fuzz_part(input);
        reply.age = fuzz_part(input);
        reply.date = fuzz_part(input);
        reply.retry_after = fuzz_part(input);
        reply.content_type = fuzz_part(input);
    }
    if (fuzz_status(frame_add_reply(&reply, &why, &frame)) != ST_OK) {
        fuzz_why(&why);
        return;
    }
    PROMISE(fuzz_status(frame_read_reply(buf_span(&frame), &why, &read)) == ST_OK);
    PROMISE(span_equals(read.failure, reply.failure) && read.http_status == reply.http_status &&
            span_equals(read.body, reply.body) &&
            span_equals(read.cache_control, reply.cache_control) &&
            span_equals(read.age, reply.age) && span_equals(read.date, reply.date) &&
            span_equals(read.retry_after, reply.retry_after) &&
            span_equals(read.content_type, reply.content_type));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);

    fault_begin(input.faults);
    if (span_starts(input.rest, "POQ2") || span_starts(input.rest, "POR2")) {
        struct span frame = fuzz_copy(input.rest);
        check_length(frame, FRAME_REQUEST);
        check_length(frame, FRAME_REPLY);
        read_request(frame);
        read_reply(frame);
    } else {
        write_request(&input);
        write_reply(&input);
    }
    fault_end();
    fuzz_done();
    return 0;
}

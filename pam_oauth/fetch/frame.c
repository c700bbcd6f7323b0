#include "fetch/frame.h"

#include <string.h>

#include "base/text.h"
#include "fetch/confined.h"

/* What the bytes of a value may be. */
enum shape {
    SHAPE_BYTES,
    SHAPE_PRINTABLE, /* 0x20 to 0x7E */
    SHAPE_PATH,      /* absolute, no control bytes */
    SHAPE_NUMBER     /* 4 bytes, within `min` and `max` */
};

struct field {
    const char *name;
    enum shape shape;
    size_t min; /* of the length, or of the number itself */
    size_t max;
};

/* The tags. 0 is none, so that a run of zeros is no field. */
enum {
    REQUEST_NONE,
    URL,
    BODY,
    BASIC_USER,
    BASIC_PASSWORD,
    CA_FILE,
    PROXY,
    NO_PROXY,
    TIMEOUT,
    CLAIM,
    CLAIM_SECONDS
};
enum {
    REPLY_NONE,
    FAILURE,
    STATUS_CODE,
    REPLY_BODY,
    CACHE_CONTROL,
    AGE,
    DATE,
    RETRY_AFTER,
    TYPE,
    CONFINED,
    CLAIMED
};

#define TAGS 11

static const struct field request_fields[TAGS] = {
    [URL] = {"url", SHAPE_PRINTABLE, 1, FRAME_URL_MAX},
    [BODY] = {"body", SHAPE_BYTES, 0, FRAME_BODY_MAX},
    [BASIC_USER] = {"user", SHAPE_PRINTABLE, 1, FRAME_BASIC_MAX},
    [BASIC_PASSWORD] = {"password", SHAPE_PRINTABLE, 0, FRAME_BASIC_MAX},
    [CA_FILE] = {"ca_file", SHAPE_PATH, 1, FRAME_PATH_MAX},
    [PROXY] = {"proxy", SHAPE_PRINTABLE, 1, FRAME_PROXY_MAX},
    [NO_PROXY] = {"no_proxy", SHAPE_PRINTABLE, 1, FRAME_NO_PROXY_MAX},
    [TIMEOUT] = {"timeout", SHAPE_NUMBER, 1, FRAME_TIMEOUT_MAX_MS},
    [CLAIM] = {"claim", SHAPE_PRINTABLE, FRAME_CLAIM_LENGTH, FRAME_CLAIM_LENGTH},
    [CLAIM_SECONDS] = {"seconds", SHAPE_NUMBER, 1, FRAME_CLAIM_MAX_S},
};

static const struct field reply_fields[TAGS] = {
    [FAILURE] = {"failure", SHAPE_PRINTABLE, 1, FRAME_FAILURE_MAX},
    [STATUS_CODE] = {"status", SHAPE_NUMBER, 100, 599},
    [REPLY_BODY] = {"body", SHAPE_BYTES, 0, FETCH_BODY_MAX},
    [CACHE_CONTROL] = {"cache-control", SHAPE_PRINTABLE, 1, FETCH_HEADER_MAX},
    [AGE] = {"age", SHAPE_PRINTABLE, 1, FETCH_HEADER_MAX},
    [DATE] = {"date", SHAPE_PRINTABLE, 1, FETCH_HEADER_MAX},
    [RETRY_AFTER] = {"retry-after", SHAPE_PRINTABLE, 1, FETCH_HEADER_MAX},
    [TYPE] = {"content-type", SHAPE_PRINTABLE, 1, FETCH_HEADER_MAX},
    [CONFINED] = {"confined", SHAPE_NUMBER, 1, CONFINED_ALL}, /* left out: not at all */
    [CLAIMED] = {"claimed", SHAPE_NUMBER, FETCH_CLAIMED, FETCH_USED},
};

struct kind {
    const char *magic;
    size_t max; /* of a whole frame */
    const struct field *fields;
};

static const struct kind kinds[] = {
    [FRAME_REQUEST] = {"POQ2", FRAME_REQUEST_MAX, request_fields},
    [FRAME_REPLY] = {"POR2", FRAME_REPLY_MAX, reply_fields},
};

/* The values of a frame by tag. */
struct values {
    bool there[TAGS];
    struct span of[TAGS];
};

/* ---- numbers ------------------------------------------------------------------------------- */

static void
put_number(size_t number, char out[4])
{
    for (size_t i = 0; i < 4; i++) {
        out[i] = (char)((number >> (24 - 8 * i)) & 0xFF);
    }
}

static size_t
get_number(const char *at)
{
    size_t number = 0;

    for (size_t i = 0; i < 4; i++) {
        number = number << 8 | (unsigned char)at[i];
    }
    return number;
}

/* ---- one field ----------------------------------------------------------------------------- */

static bool
is_path(struct span text)
{
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7F) {
            return false;
        }
    }
    return span_starts(text, "/");
}

/* The same for what is written and for what is read, so that both ends know the same limits. */
static enum status
check_value(const struct field *field, struct span value, struct why *why)
{
    if (field->shape == SHAPE_NUMBER) {
        if (value.length != 4) {
            return status_because(why, ST_MALFORMED, "field %s of %zu bytes, not 4", field->name,
                                  value.length);
        }
        size_t number = get_number(value.at);
        if (number < field->min || number > field->max) {
            return status_because(why, ST_MALFORMED, "field %s is %zu, not %zu to %zu", field->name,
                                  number, field->min, field->max);
        }
        return ST_OK;
    }
    if (value.length < field->min || value.length > field->max) {
        return status_because(why, ST_MALFORMED, "field %s of %zu bytes, not %zu to %zu",
                              field->name, value.length, field->min, field->max);
    }
    if ((field->shape == SHAPE_PRINTABLE && !text_is_printable(value)) ||
        (field->shape == SHAPE_PATH && !is_path(value))) {
        return status_because(why, ST_MALFORMED, "field %s with a byte that does not belong there",
                              field->name);
    }
    return ST_OK;
}

static enum status
add_field(const struct field *field, size_t tag, struct span value, struct why *why,
          struct buf *into)
{
    char length[4];

    TRY(check_value(field, value, why));
    put_number(value.length, length);
    TRY(buf_add_char(into, (char)tag));
    TRY(buf_add(into, (struct span){.at = length, .length = sizeof(length)}));
    return buf_add(into, value);
}

/* Takes one field off the front of `*rest`. Its tag must be above `above`. */
static enum status
take_field(const struct kind *kind, size_t above, struct span *rest, struct why *why,
           size_t *ret_tag, struct span *ret_value)
{
    if (rest->length < FRAME_FIELD_HEAD) {
        return status_because(why, ST_MALFORMED, "%zu bytes behind the last field", rest->length);
    }
    size_t tag = (unsigned char)rest->at[0];
    if (tag >= TAGS || kind->fields[tag].name == NULL) {
        return status_because(why, ST_MALFORMED, "a field with the unknown tag %zu", tag);
    }
    if (tag <= above) {
        return status_because(why, ST_MALFORMED, "field %s twice or out of order",
                              kind->fields[tag].name);
    }
    size_t length = get_number(rest->at + 1);
    if (length > rest->length - FRAME_FIELD_HEAD) {
        return status_because(why, ST_MALFORMED, "field %s longer than its frame",
                              kind->fields[tag].name);
    }
    struct span value = {.at = rest->at + FRAME_FIELD_HEAD, .length = length};
    TRY(check_value(&kind->fields[tag], value, why));
    rest->at += FRAME_FIELD_HEAD + length;
    rest->length -= FRAME_FIELD_HEAD + length;
    *ret_tag = tag;
    *ret_value = value;
    return ST_OK;
}

/* ---- one frame ----------------------------------------------------------------------------- */

enum status
frame_length(struct span start, enum frame_kind kind, struct why *why, size_t *ret_length)
{
    struct span magic = span_of(kinds[kind].magic);
    struct span head = {.at = start.at,
                        .length = start.length < magic.length ? start.length : magic.length};

    if (head.length > 0 && memcmp(head.at, magic.at, head.length) != 0) {
        return status_because(why, ST_MALFORMED, "it does not begin with %s", magic.at);
    }
    if (start.length < FRAME_HEAD) {
        *ret_length = 0;
        return ST_OK;
    }
    size_t fields = get_number(start.at + magic.length);
    if (fields > kinds[kind].max - FRAME_HEAD) {
        return status_because(why, ST_MALFORMED,
                              "it announces %zu bytes, more than the %zu allowed", fields,
                              kinds[kind].max - FRAME_HEAD);
    }
    *ret_length = FRAME_HEAD + fields;
    return ST_OK;
}

static enum status
read_frame(struct span frame, enum frame_kind kind, struct why *why, struct values *ret_values)
{
    struct values values = {.there = {false}};
    size_t length = 0;
    size_t tag = 0;

    TRY(frame_length(frame, kind, why, &length));
    if (length != frame.length || length == 0) {
        return status_because(why, ST_MALFORMED, "%zu bytes where %zu belong", frame.length,
                              length);
    }
    struct span rest = {.at = frame.at + FRAME_HEAD, .length = length - FRAME_HEAD};
    while (rest.length > 0) {
        struct span value;
        TRY(take_field(&kinds[kind], tag, &rest, why, &tag, &value));
        values.there[tag] = true;
        values.of[tag] = value;
    }
    *ret_values = values;
    return ST_OK;
}

static enum status
add_frame(enum frame_kind kind, const struct values *values, struct why *why, struct buf *into)
{
    size_t start = into->length;
    char length[4] = {0};

    TRY(buf_add_text(into, kinds[kind].magic));
    TRY(buf_add(into, (struct span){.at = length, .length = sizeof(length)}));
    for (size_t tag = 1; tag < TAGS; tag++) {
        if (values->there[tag]) {
            TRY(add_field(&kinds[kind].fields[tag], tag, values->of[tag], why, into));
        }
    }
    put_number(into->length - start - FRAME_HEAD, length);
    memcpy(into->at + start + FRAME_HEAD - sizeof(length), length, sizeof(length));
    return ST_OK;
}

static void
put(struct values *values, size_t tag, bool there, struct span value)
{
    values->there[tag] = there;
    values->of[tag] = value;
}

/* ---- what the fields mean ------------------------------------------------------------------ */

static enum status
check_request(const struct values *values, struct why *why)
{
    if (!values->there[URL] || !values->there[TIMEOUT]) {
        return status_because(why, ST_MALFORMED, "a request without url or timeout");
    }
    if (values->there[BASIC_USER] != values->there[BASIC_PASSWORD]) {
        return status_because(why, ST_MALFORMED, "a user without a password, or the reverse");
    }
    if (values->there[CLAIM] != values->there[CLAIM_SECONDS]) {
        return status_because(why, ST_MALFORMED, "a claim without its seconds, or the reverse");
    }
    if (values->there[CLAIM] &&
        (values->there[BODY] || values->there[PROXY] || values->there[NO_PROXY])) {
        return status_because(why, ST_MALFORMED, "a claim with a body or a proxy");
    }
    return ST_OK;
}

enum status
frame_add_request(const struct frame_request *request, struct why *why, struct buf *into)
{
    struct values values = {.there = {false}};
    bool basic = request->basic_user.length > 0;
    char timeout[4];
    char seconds[4];

    if (request->timeout_ms < 1 || request->timeout_ms > FRAME_TIMEOUT_MAX_MS) {
        return status_because(why, ST_MALFORMED, "a timeout that is not 1 to %lld ms",
                              (long long)FRAME_TIMEOUT_MAX_MS);
    }
    if (request->claim_s < 0 || request->claim_s > FRAME_CLAIM_MAX_S) {
        return status_because(why, ST_MALFORMED, "a claim for more than %lld s",
                              (long long)FRAME_CLAIM_MAX_S);
    }
    put_number((size_t)request->timeout_ms, timeout);
    put_number((size_t)request->claim_s, seconds);
    put(&values, URL, request->url.length > 0, request->url);
    put(&values, BODY, request->post, request->body);
    put(&values, BASIC_USER, basic, request->basic_user);
    put(&values, BASIC_PASSWORD, basic || request->basic_password.length > 0,
        request->basic_password);
    put(&values, CA_FILE, request->ca_file.length > 0, request->ca_file);
    put(&values, PROXY, request->proxy.length > 0, request->proxy);
    put(&values, NO_PROXY, request->no_proxy.length > 0, request->no_proxy);
    put(&values, TIMEOUT, true, (struct span){.at = timeout, .length = sizeof(timeout)});
    put(&values, CLAIM, request->claim.length > 0, request->claim);
    put(&values, CLAIM_SECONDS, request->claim_s > 0,
        (struct span){.at = seconds, .length = sizeof(seconds)});
    TRY(check_request(&values, why));
    return add_frame(FRAME_REQUEST, &values, why, into);
}

enum status
frame_read_request(struct span frame, struct why *why, struct frame_request *ret_request)
{
    struct values values;

    TRY(read_frame(frame, FRAME_REQUEST, why, &values));
    TRY(check_request(&values, why));
    *ret_request = (struct frame_request){
        .url = values.of[URL],
        .post = values.there[BODY],
        .body = values.of[BODY],
        .basic_user = values.of[BASIC_USER],
        .basic_password = values.of[BASIC_PASSWORD],
        .ca_file = values.of[CA_FILE],
        .proxy = values.of[PROXY],
        .no_proxy = values.of[NO_PROXY],
        .timeout_ms = (int64_t)get_number(values.of[TIMEOUT].at),
        .claim = values.of[CLAIM],
        .claim_s = values.there[CLAIM] ? (int64_t)get_number(values.of[CLAIM_SECONDS].at) : 0,
    };
    return ST_OK;
}

/* Either a failure and nothing else, or a claim's answer, or a status and a body and perhaps
 * headers.
 */
static enum status
check_reply(const struct values *values, struct why *why)
{
    bool any = false;

    for (size_t tag = STATUS_CODE; tag < CONFINED; tag++) {
        any = any || values->there[tag];
    }
    if (values->there[FAILURE] && (any || values->there[CONFINED] || values->there[CLAIMED])) {
        return status_because(why, ST_MALFORMED, "a failure together with a reply");
    }
    if (values->there[CLAIMED] && any) {
        return status_because(why, ST_MALFORMED, "a claim's answer together with a reply");
    }
    if (!values->there[FAILURE] && !values->there[CLAIMED] &&
        (!values->there[STATUS_CODE] || !values->there[REPLY_BODY])) {
        return status_because(why, ST_MALFORMED, "a reply without status or body");
    }
    return ST_OK;
}

enum status
frame_add_reply(const struct frame_reply *reply, struct why *why, struct buf *into)
{
    struct values values = {.there = {false}};
    bool failed = reply->failure.length > 0;
    bool claimed = reply->claimed != FETCH_NO_CLAIM;
    bool http = !failed && (!claimed || reply->http_status != 0);
    char status[4];
    char confined[4];
    char claim[4];

    /* A negative status becomes a large number here, and that is refused. */
    put_number((size_t)reply->http_status, status);
    put_number((size_t)reply->confined, confined);
    put_number((size_t)reply->claimed, claim);
    put(&values, FAILURE, failed, reply->failure);
    put(&values, STATUS_CODE, http, (struct span){.at = status, .length = sizeof(status)});
    put(&values, REPLY_BODY, http || (claimed && reply->body.length > 0), reply->body);
    put(&values, CACHE_CONTROL, reply->cache_control.length > 0, reply->cache_control);
    put(&values, AGE, reply->age.length > 0, reply->age);
    put(&values, DATE, reply->date.length > 0, reply->date);
    put(&values, RETRY_AFTER, reply->retry_after.length > 0, reply->retry_after);
    put(&values, TYPE, reply->content_type.length > 0, reply->content_type);
    put(&values, CONFINED, reply->confined > 0,
        (struct span){.at = confined, .length = sizeof(confined)});
    put(&values, CLAIMED, claimed, (struct span){.at = claim, .length = sizeof(claim)});
    TRY(check_reply(&values, why));
    return add_frame(FRAME_REPLY, &values, why, into);
}

enum status
frame_read_reply(struct span frame, struct why *why, struct frame_reply *ret_reply)
{
    struct values values;

    TRY(read_frame(frame, FRAME_REPLY, why, &values));
    TRY(check_reply(&values, why));
    bool http = values.there[STATUS_CODE];
    *ret_reply = (struct frame_reply){
        .failure = values.of[FAILURE],
        .http_status = http ? (int)get_number(values.of[STATUS_CODE].at) : 0,
        .body = values.of[REPLY_BODY],
        .cache_control = values.of[CACHE_CONTROL],
        .age = values.of[AGE],
        .date = values.of[DATE],
        .retry_after = values.of[RETRY_AFTER],
        .content_type = values.of[TYPE],
        .confined = values.there[CONFINED] ? (unsigned int)get_number(values.of[CONFINED].at) : 0,
        .claimed = values.there[CLAIMED] ? (enum fetch_claimed)get_number(values.of[CLAIMED].at)
                                         : FETCH_NO_CLAIM,
    };
    return ST_OK;
}

#include "fetcher/headers.h"

#include <stdint.h>

#include "base/text.h"
#include "fetch/fetch.h"

/* Real replies have some twenty lines and two kilobytes. */
#define LINES_MAX 200
#define BYTES_MAX ((size_t)64 * 1024)

struct row {
    const char *name;
    bool list; /* may stand several times and then means one list (RFC 9110 5.3) */
};

static const struct row rows[HEADER_COUNT] = {
    [HEADER_CACHE_CONTROL] = {"Cache-Control", true},
    [HEADER_AGE] = {"Age", false},
    [HEADER_DATE] = {"Date", false},
    [HEADER_RETRY_AFTER] = {"Retry-After", false},
    [HEADER_CONTENT_TYPE] = {"Content-Type", false},
};

struct headers
headers_new(void)
{
    struct headers headers = {.lines = 0};

    for (size_t i = 0; i < HEADER_COUNT; i++) {
        headers.values[i] = (struct buf)BUF(FETCH_HEADER_MAX);
    }
    return headers;
}

void
headers_done(struct headers *headers)
{
    for (size_t i = 0; i < HEADER_COUNT; i++) {
        buf_done(&headers->values[i]);
    }
}

static bool
refuse(struct headers *headers, const char *refusal)
{
    headers->refusal = refusal;
    return false;
}

/* A status line: an interim reply (1xx) may have come before, and nothing of it counts. */
static void
begin(struct headers *headers)
{
    headers->over = false;
    headers->has_length = false;
    for (size_t i = 0; i < HEADER_COUNT; i++) {
        headers->there[i] = false;
        headers->spoiled[i] = false;
        buf_cut(&headers->values[i], 0);
    }
}

static void
keep(struct headers *headers, enum header which, struct span value)
{
    struct buf *kept = &headers->values[which];

    if ((headers->there[which] && !rows[which].list) || !text_is_printable(value) ||
        (kept->length > 0 && buf_add_text(kept, ", ") != ST_OK) || buf_add(kept, value) != ST_OK) {
        headers->spoiled[which] = true;
    }
    headers->there[which] = true; /* also an empty one */
}

/* The three headers that decide where a body ends and what its bytes mean. */
static bool
take_framing(struct headers *headers, struct span name, struct span value)
{
    int64_t length;

    if (text_is_in_any_case(name, "Content-Encoding")) {
        return value.length == 0 || text_is_in_any_case(value, "identity") ||
               refuse(headers, "the body is compressed, which was not asked for");
    }
    if (text_is_in_any_case(name, "Transfer-Encoding")) {
        return text_is_in_any_case(value, "chunked") ||
               refuse(headers, "a Transfer-Encoding other than chunked");
    }
    if (text_is_in_any_case(name, "Content-Length")) {
        if (headers->has_length) {
            return refuse(headers, "two Content-Length headers");
        }
        headers->has_length = true;
        return text_number(value, 0, INT64_MAX, &length) ||
               refuse(headers, "a Content-Length that is not a length");
    }
    return true;
}

bool
headers_take(struct headers *headers, struct span line)
{
    struct span name;
    struct span value;

    headers->lines++;
    headers->bytes += line.length;
    if (headers->refusal != NULL) {
        return false;
    }
    if (headers->lines > LINES_MAX || headers->bytes > BYTES_MAX) {
        return refuse(headers, "more than 200 header lines or 64 KiB of them");
    }
    while (line.length > 0 &&
           (line.at[line.length - 1] == '\n' || line.at[line.length - 1] == '\r')) {
        line.length--;
    }
    /* Only where a reply may begin: among headers it would begin their count anew. */
    if (span_starts(line, "HTTP/") && (headers->lines == 1 || headers->over)) {
        begin(headers);
        return true;
    }
    if (line.length == 0) {
        headers->over = true;
    }
    if (headers->over || !span_cut(line, ':', &name, &value)) {
        return true; /* a trailer is no header (RFC 9110 6.5); curl judges the form of lines */
    }
    value = span_trim(value);
    for (size_t i = 0; i < HEADER_COUNT; i++) {
        if (text_is_in_any_case(name, rows[i].name)) {
            keep(headers, (enum header)i, value);
        }
    }
    return take_framing(headers, name, value);
}

struct span
headers_value(const struct headers *headers, enum header which)
{
    if (headers->spoiled[which]) {
        return (struct span){.at = NULL, .length = 0};
    }
    return buf_span(&headers->values[which]);
}

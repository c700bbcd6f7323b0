/*
 * The header lines of a reply, as curl hands them to the fetcher: a second reader finds the same
 * values, no reply that says twice where its body ends is let through, and a refusal stays one
 * (R101, R122, E42, E43). The input is the lines.
 */
#include "fetcher/headers.h"

#include <string.h>
#include <strings.h>

#include "fetch/fetch.h"
#include "fuzz.h"

static const char *const names[HEADER_COUNT] = {
    [HEADER_CACHE_CONTROL] = "cache-control",
    [HEADER_AGE] = "age",
    [HEADER_DATE] = "date",
    [HEADER_RETRY_AFTER] = "retry-after",
    [HEADER_CONTENT_TYPE] = "content-type",
};

/* The second reader's notes on the lines since the last status line. */
struct seen {
    size_t count[HEADER_COUNT];
    struct span last[HEADER_COUNT];
    size_t lengths;
    bool began;
    bool over;
};

static bool
is_name(struct span name, const char *wanted)
{
    return name.length == strlen(wanted) && strncasecmp(name.at, wanted, name.length) == 0;
}

static void
note_header(struct seen *seen, struct span name, struct span value)
{
    seen->lengths += is_name(name, "content-length") ? 1 : 0;
    for (size_t i = 0; i < HEADER_COUNT; i++) {
        if (is_name(name, names[i])) {
            seen->count[i]++;
            seen->last[i] = value;
        }
    }
}

static void
note_line(struct seen *seen, struct span line)
{
    struct span name;
    struct span value;

    while (line.length > 0 && memchr("\r\n", line.at[line.length - 1], 2) != NULL) {
        line.length--;
    }
    if (span_starts(line, "HTTP/") && (!seen->began || seen->over)) {
        *seen = (struct seen){.began = true};
        return;
    }
    seen->began = true;
    seen->over = seen->over || line.length == 0;
    if (!seen->over && span_cut(line, ':', &name, &value)) {
        note_header(seen, name, span_trim(value));
    }
}

static void
check_values(const struct headers *headers, const struct seen *seen)
{
    for (size_t i = 0; i < HEADER_COUNT; i++) {
        struct span value = headers_value(headers, (enum header)i);
        bool good =
            fuzz_is_printable(seen->last[i], false) && seen->last[i].length <= FETCH_HEADER_MAX;

        PROMISE(value.length <= FETCH_HEADER_MAX && fuzz_is_printable(value, false));
        PROMISE(value.length == 0 || seen->count[i] > 0);
        if (seen->count[i] == 1) {
            PROMISE(value.length == 0 || span_equals(value, seen->last[i]));
            PROMISE(value.length == seen->last[i].length || !good || fault_happened());
        }
        PROMISE(seen->count[i] < 2 || value.length == 0 || i == HEADER_CACHE_CONTROL);
    }
}

/* The next line with its end. */
static bool
take_line(struct span *rest, struct span *ret_line)
{
    const char *end = rest->length > 0 ? memchr(rest->at, '\n', rest->length) : NULL;
    size_t length = end != NULL ? (size_t)(end - rest->at) + 1 : rest->length;

    *ret_line = (struct span){.at = rest->at, .length = length};
    *rest = (struct span){.at = rest->at + length, .length = rest->length - length};
    return length > 0;
}

static void
read_lines(struct span rest)
{
    struct headers headers CLEANUP(headers_done) = headers_new();
    struct seen seen = {.began = false};
    bool refused = false;
    struct span line;

    while (take_line(&rest, &line)) {
        bool taken = headers_take(&headers, line);
        PROMISE(taken == (headers.refusal == NULL));
        PROMISE(!taken || !refused);
        refused = !taken;
        note_line(&seen, line);
        PROMISE(refused || (seen.lengths <= 1 && headers.lines <= 200 && headers.bytes <= 65536));
    }
    if (!refused) {
        check_values(&headers, &seen);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);
    struct span lines = fuzz_part(&input);

    fault_begin(input.faults);
    read_lines(lines);
    fault_end();
    fuzz_done();
    return 0;
}

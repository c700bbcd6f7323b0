/*
 * The small functions that everything else leans on, against second opinions: numbers and
 * durations, UTF-8, patterns, escaping, words and lines. Parts: a text; a pattern; a typed name.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fuzz.h"

#define ROOM ((size_t)64 * 1024)

static void
check_number(struct span text)
{
    const char *copy = fuzz_string(text);
    int64_t number = -1;
    bool good = text_number(text, 3, INT64_C(999999999999), &number);
    char again[32];

    (void)snprintf(again, sizeof(again), "%lld", (long long)number);
    PROMISE(!good || (span_is(text, again) && number >= 3 && number <= INT64_C(999999999999)));
    errno = 0;
    long long second = strtoll(copy, NULL, 10);
    (void)snprintf(again, sizeof(again), "%lld", second);
    bool plain = errno == 0 && span_is(text, again);
    PROMISE(good == (plain && second >= 3 && second <= 999999999999));
}

static void
check_duration(struct span text)
{
    int64_t seconds = -1;

    if (text_duration_s(text, 10, 31622400, &seconds)) {
        PROMISE(seconds >= 10 && seconds <= 31622400);
        PROMISE(strchr("smhd0123456789", text.at[text.length - 1]) != NULL);
    }
}

/* Jansson has its own check of UTF-8. */
static void
check_utf8(struct span text)
{
    fault_pause();
    json_t *string = json_stringn(text.length > 0 ? text.at : "", text.length);
    fault_resume();
    PROMISE(text_is_utf8(text) == (string != NULL));
    json_decref(string);
}

static void
check_escape(struct span text)
{
    struct buf escaped CLEANUP(buf_done) = BUF(ROOM);
    struct text_quoted quoted = text_quote(text);

    PROMISE(memchr(quoted.text, '\0', sizeof(quoted.text)) != NULL);
    PROMISE(fuzz_is_printable(span_of(quoted.text), false));
    PROMISE(strchr(quoted.text, '"') == NULL);
    if (fuzz_status(text_escape(&escaped, text, 1000)) == ST_OK) {
        PROMISE(fuzz_is_printable(buf_span(&escaped), false) && escaped.length <= 4003);
        PROMISE(!fuzz_holds(buf_span(&escaped), span_of("\"")));
    }
}

/* One star, tried at every length. */
static bool
matches(struct span pattern, struct span text)
{
    struct span head;
    struct span tail;

    if (!span_cut(pattern, '*', &head, &tail)) {
        return span_equals(pattern, text);
    }
    for (size_t star = 0; star <= text.length; star++) {
        struct buf whole CLEANUP(buf_done) = BUF(ROOM);
        struct span middle = {.at = text.at + head.length, .length = star};
        if (head.length + star + tail.length != text.length) {
            continue;
        }
        PROMISE(buf_add(&whole, head) == ST_OK && buf_add(&whole, middle) == ST_OK &&
                buf_add(&whole, tail) == ST_OK);
        if (span_equals(buf_span(&whole), text)) {
            return true;
        }
    }
    return false;
}

static void
check_pattern(struct span pattern, struct span text)
{
    struct span star = {.at = NULL, .length = 0};
    bool match = text_matches(pattern, text, &star);

    fault_pause();
    PROMISE(match == matches(pattern, text));
    fault_resume();
    if (match && star.length > 0) {
        PROMISE(star.at >= text.at && star.at + star.length <= text.at + text.length);
        PROMISE(star.length + pattern.length - 1 == text.length);
    }
}

static void
check_pieces(struct span text)
{
    struct span rest = text;
    struct span piece;
    size_t bytes = 0;

    while (span_line(&rest, &piece)) {
        PROMISE(!fuzz_holds(piece, span_of("\n")));
        bytes += piece.length + 1;
    }
    PROMISE(bytes == text.length || bytes == text.length + 1);
    rest = text;
    while (span_word(&rest, &piece)) {
        PROMISE(!fuzz_holds(piece, span_of(" ")) && !fuzz_holds(piece, span_of("\t")));
    }
    PROMISE(rest.length == 0 && piece.length == 0);
    piece = span_trim(text);
    PROMISE(piece.length == 0 || (piece.at[0] != ' ' && piece.at[piece.length - 1] != '\t'));
}

static void
check_nearest(struct span typed)
{
    static const char *const names[] = {"issuer", "audience", "client_id", "jwks_file", ""};
    const char *nearest = text_nearest(typed, names, COUNT(names));

    for (size_t i = 0; i < COUNT(names); i++) {
        PROMISE(!span_is(typed, names[i]) || nearest == names[i]);
    }
    PROMISE(nearest == NULL || strlen(nearest) + 16 >= typed.length);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);
    struct span text = fuzz_part(&input);
    struct span pattern = fuzz_part(&input);

    fault_begin(input.faults);
    check_number(text);
    check_duration(text);
    check_utf8(text);
    check_escape(text);
    check_pattern(pattern, text);
    check_pieces(text);
    check_nearest(fuzz_part(&input));
    fault_end();
    fuzz_done();
    return 0;
}

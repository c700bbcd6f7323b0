#include "base/span.h"

#include <string.h>

static bool
is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

struct span
span_of(const char *text)
{
    return (struct span){.at = text, .length = text != NULL ? strlen(text) : 0};
}

bool
span_equals(struct span a, struct span b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

bool
span_is(struct span span, const char *text)
{
    return span_equals(span, span_of(text));
}

bool
span_starts(struct span span, const char *prefix)
{
    struct span wanted = span_of(prefix);

    return span.length >= wanted.length &&
           span_equals((struct span){.at = span.at, .length = wanted.length}, wanted);
}

bool
span_cut(struct span span, char byte, struct span *ret_before, struct span *ret_after)
{
    const char *found = span.length > 0 ? memchr(span.at, byte, span.length) : NULL;

    if (found == NULL) {
        return false;
    }
    size_t before = (size_t)(found - span.at);
    *ret_before = (struct span){.at = span.at, .length = before};
    *ret_after = (struct span){.at = found + 1, .length = span.length - before - 1};
    return true;
}

struct span
span_trim(struct span span)
{
    while (span.length > 0 && is_blank(span.at[0])) {
        span.at++;
        span.length--;
    }
    while (span.length > 0 && is_blank(span.at[span.length - 1])) {
        span.length--;
    }
    return span;
}

bool
span_word(struct span *rest, struct span *ret_word)
{
    struct span left = span_trim(*rest);
    size_t length = 0;

    while (length < left.length && !is_blank(left.at[length])) {
        length++;
    }
    *ret_word = (struct span){.at = left.at, .length = length};
    *rest = left;
    if (length == 0) {
        return false;
    }
    *rest = (struct span){.at = left.at + length, .length = left.length - length};
    return true;
}

bool
span_line(struct span *rest, struct span *ret_line)
{
    struct span line;
    struct span after;

    if (rest->length == 0) {
        return false;
    }
    if (span_cut(*rest, '\n', &line, &after)) {
        *ret_line = line;
        *rest = after;
    } else {
        *ret_line = *rest;
        *rest = (struct span){.at = rest->at + rest->length, .length = 0};
    }
    return true;
}

struct span
span_line_around(struct span text, const char *at)
{
    const char *before = memrchr(text.at, '\n', (size_t)(at - text.at));
    const char *start = before != NULL ? before + 1 : text.at;
    struct span line = {.at = start, .length = (size_t)(text.at + text.length - start)};
    struct span after;

    (void)span_cut(line, '\n', &line, &after);
    return line;
}

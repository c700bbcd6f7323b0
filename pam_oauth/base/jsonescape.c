#include "base/jsonescape.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"

/* What a byte behind a backslash means; NUL if nothing, `u` if a code point follows. */
static char
escaped(char byte)
{
    static const char names[] = "\"\\/bfnrtu";
    static const char meanings[] = "\"\\/\b\f\n\r\tu";
    const char *found = strchr(names, byte); /* NUL finds the NUL at the end */

    return found != NULL ? meanings[found - names] : '\0';
}

/* Four hexadecimal digits; -1 if that is not what comes next. */
static int32_t
read_code_unit(struct span *rest)
{
    int32_t unit = 0;

    if (rest->length < 4) {
        return -1;
    }
    for (size_t i = 0; i < 4; i++) {
        char byte = rest->at[i];
        bool digit = text_is_digit(byte);
        char lower = (char)(byte | 0x20);
        if (!digit && (lower < 'a' || lower > 'f')) {
            return -1;
        }
        unit = unit * 16 + (digit ? byte - '0' : lower - 'a' + 10);
    }
    *rest = (struct span){.at = rest->at + 4, .length = rest->length - 4};
    return unit;
}

/* What follows `\u`: a code unit, or two that are a surrogate pair. No NUL, no half of a pair. */
static bool
read_code_point(struct span *rest, uint32_t *ret_point)
{
    int32_t high = read_code_unit(rest);

    if (high <= 0 || (high >= 0xDC00 && high <= 0xDFFF)) {
        return false;
    }
    if (high < 0xD800 || high > 0xDBFF) {
        *ret_point = (uint32_t)high;
        return true;
    }
    if (!span_starts(*rest, "\\u")) {
        return false;
    }
    *rest = (struct span){.at = rest->at + 2, .length = rest->length - 2};
    int32_t low = read_code_unit(rest);
    if (low < 0xDC00 || low > 0xDFFF) {
        return false;
    }
    *ret_point = (uint32_t)(0x10000 + (high - 0xD800) * 0x400 + (low - 0xDC00));
    return true;
}

/* Writes UTF-8 (RFC 3629 section 3); returns how many bytes. */
static size_t
write_code_point(uint32_t point, char out[4])
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    size_t more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    static const unsigned char leads[] = {0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(leads[more] | point >> (6 * more));
    for (size_t i = 1; i <= more; i++) {
        out[i] = (char)(0x80 | (point >> (6 * (more - i)) & 0x3F));
    }
    return more + 1;
}

/* What follows a backslash: one byte, or `u` and a code point. */
static bool
decode_escape(struct span *rest, char **out)
{
    uint32_t point;

    if (rest->length == 0) {
        return false;
    }
    char meant = escaped(rest->at[0]);
    *rest = (struct span){.at = rest->at + 1, .length = rest->length - 1};
    if (meant != 'u') {
        *(*out)++ = meant;
        return meant != '\0';
    }
    if (!read_code_point(rest, &point)) {
        return false;
    }
    *out += write_code_point(point, *out);
    return true;
}

bool
jsonescape_decode(struct span written, char *out, size_t *ret_length)
{
    char *start = out;

    while (written.length > 0) {
        char byte = written.at[0];
        written = (struct span){.at = written.at + 1, .length = written.length - 1};
        if (byte != '\\') {
            *out++ = byte;
        } else if (!decode_escape(&written, &out)) {
            return false;
        }
    }
    *ret_length = (size_t)(out - start);
    return true;
}

#include "base/text.h"

#include <string.h>

/* text_nearest() compares names at most this long: no key or section is longer. */
#define NEAREST_MAX 48

bool
text_is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

bool
text_is_lower(char byte)
{
    return byte >= 'a' && byte <= 'z';
}

bool
text_is_upper(char byte)
{
    return byte >= 'A' && byte <= 'Z';
}

static char
lower_of(char byte)
{
    return text_is_upper(byte) ? (char)(byte - 'A' + 'a') : byte;
}

bool
text_equals_in_any_case(struct span a, struct span b)
{
    if (a.length != b.length) {
        return false;
    }
    for (size_t i = 0; i < a.length; i++) {
        if (lower_of(a.at[i]) != lower_of(b.at[i])) {
            return false;
        }
    }
    return true;
}

bool
text_is_in_any_case(struct span text, const char *wanted)
{
    return text_equals_in_any_case(text, span_of(wanted));
}

bool
text_number(struct span text, int64_t min, int64_t max, int64_t *ret_number)
{
    int64_t number = 0;

    if (text.length == 0 || text.length > 18 || (text.length > 1 && text.at[0] == '0')) {
        return false; /* 18 digits cannot overflow */
    }
    for (size_t i = 0; i < text.length; i++) {
        if (!text_is_digit(text.at[i])) {
            return false;
        }
        number = number * 10 + (text.at[i] - '0');
    }
    if (number < min || number > max) {
        return false;
    }
    *ret_number = number;
    return true;
}

/* The unit's length in seconds; 0 for a byte that is no unit. */
static int64_t
unit_s(char unit)
{
    switch (unit) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86400;
    default:
        return 0;
    }
}

bool
text_duration_s(struct span text, int64_t min_s, int64_t max_s, int64_t *ret_s)
{
    int64_t number;
    int64_t unit = 1;

    if (text.length > 0 && !text_is_digit(text.at[text.length - 1])) {
        unit = unit_s(text.at[text.length - 1]);
        text.length--;
    }
    if (unit == 0 || !text_number(text, 0, max_s / unit, &number) || number * unit < min_s) {
        return false;
    }
    *ret_s = number * unit;
    return true;
}

/* The length of the UTF-8 sequence that `lead` opens and the range of its second byte. */
static size_t
utf8_lead(unsigned char lead, unsigned char *ret_low, unsigned char *ret_high)
{
    *ret_low = 0x80;
    *ret_high = 0xBF;
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xC2 && lead <= 0xDF) {
        return 2;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        *ret_low = lead == 0xE0 ? 0xA0 : 0x80;
        *ret_high = lead == 0xED ? 0x9F : 0xBF;
        return 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        *ret_low = lead == 0xF0 ? 0x90 : 0x80;
        *ret_high = lead == 0xF4 ? 0x8F : 0xBF;
        return 4;
    }
    return 0;
}

/* How many bytes from `at` on are ASCII, as far as eight at a time can tell. */
static size_t
ascii_run(const unsigned char *at, size_t left)
{
    size_t run = 0;
    uint64_t eight;

    while (left - run >= sizeof(eight)) {
        memcpy(&eight, at + run, sizeof(eight));
        if ((eight & UINT64_C(0x8080808080808080)) != 0) {
            break;
        }
        run += sizeof(eight);
    }
    return run;
}

bool
text_is_utf8(struct span text)
{
    const unsigned char *at = (const unsigned char *)text.at;
    size_t left = text.length;

    while (left > 0) {
        size_t run = ascii_run(at, left);
        if (run > 0) {
            at += run;
            left -= run;
            continue;
        }
        unsigned char low;
        unsigned char high;
        size_t length = utf8_lead(at[0], &low, &high);

        if (length == 0 || length > left) {
            return false;
        }
        if (length > 1 && (at[1] < low || at[1] > high)) {
            return false;
        }
        for (size_t i = 2; i < length; i++) {
            if (at[i] < 0x80 || at[i] > 0xBF) {
                return false;
            }
        }
        at += length;
        left -= length;
    }
    return true;
}

static bool
is_printable(char byte)
{
    return byte >= 0x20 && byte <= 0x7E;
}

bool
text_is_printable(struct span text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (!is_printable(text.at[i])) {
            return false;
        }
    }
    return true;
}

/* Writes one byte in its escaped form, at most 4 bytes, and returns how many. */
static size_t
escape_byte(char byte, char out[4])
{
    static const char hex[] = "0123456789abcdef";

    if (is_printable(byte) && byte != '"' && byte != '\\') {
        out[0] = byte;
        return 1;
    }
    out[0] = '\\';
    out[1] = 'x';
    out[2] = hex[(unsigned char)byte >> 4];
    out[3] = hex[(unsigned char)byte & 15];
    return 4;
}

enum status
text_escape(struct buf *into, struct span text, size_t most)
{
    size_t shown = text.length < most ? text.length : most;

    for (size_t i = 0; i < shown; i++) {
        char escaped[4];
        size_t length = escape_byte(text.at[i], escaped);
        TRY(buf_add(into, (struct span){.at = escaped, .length = length}));
    }
    return shown < text.length ? buf_add_text(into, "...") : ST_OK;
}

struct text_quoted
text_quote(struct span text)
{
    struct text_quoted quoted;
    size_t shown = text.length < 64 ? text.length : 64;
    size_t length = 0;

    for (size_t i = 0; i < shown; i++) {
        length += escape_byte(text.at[i], quoted.text + length);
    }
    memcpy(quoted.text + length, shown < text.length ? "..." : "", shown < text.length ? 4 : 1);
    return quoted;
}

bool
text_matches(struct span pattern, struct span text, struct span *ret_star)
{
    struct span head;
    struct span tail;

    if (!span_cut(pattern, '*', &head, &tail)) {
        *ret_star = (struct span){.at = text.at, .length = 0};
        return span_equals(pattern, text);
    }
    if (text.length < head.length + tail.length) {
        return false;
    }
    struct span text_head = {.at = text.at, .length = head.length};
    struct span text_tail = {.at = text.at + (text.length - tail.length), .length = tail.length};
    if (!span_equals(head, text_head) || !span_equals(tail, text_tail)) {
        return false;
    }
    *ret_star = (struct span){.at = text.at + head.length,
                              .length = text.length - head.length - tail.length};
    return true;
}

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance with one row of memory; both at most NEAREST_MAX long. */
static size_t
distance(struct span a, struct span b)
{
    size_t row[NEAREST_MAX + 1];

    for (size_t j = 0; j <= b.length; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.length; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.length; j++) {
            size_t above = row[j];
            size_t replaced = diagonal + (a.at[i - 1] != b.at[j - 1] ? 1 : 0);
            row[j] = least(replaced, least(above, row[j - 1]) + 1);
            diagonal = above;
        }
    }
    return row[b.length];
}

const char *
text_nearest(struct span typed, const char *const *names, size_t count)
{
    const char *best = NULL;
    size_t best_distance = NEAREST_MAX;

    if (typed.length > NEAREST_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        struct span name = span_of(names[i]);
        size_t edits = name.length <= NEAREST_MAX ? distance(typed, name) : NEAREST_MAX;
        if (edits < best_distance && edits * 3 <= name.length + 2) {
            best = names[i];
            best_distance = edits;
        }
    }
    return best;
}

#include "jose/base64url.h"

#include <stdint.h>

static const char base64url_alphabet[64] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The six bits of one character plus one; 0 for a character outside the alphabet. */
static const uint8_t base64url_value[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['-'] = 63, ['_'] = 64,
};

/* Six bits of text, or a number with a bit above them set for a character that is none. */
static uint32_t
bits_at(struct span text, size_t at)
{
    return (uint32_t)base64url_value[(unsigned char)text.at[at]] - 1;
}

size_t
base64url_run(struct span text)
{
    size_t run = 0;

    while (text.length - run >= 4 && (bits_at(text, run) | bits_at(text, run + 1) |
                                      bits_at(text, run + 2) | bits_at(text, run + 3)) <= 63) {
        run += 4;
    }
    while (run < text.length && bits_at(text, run) <= 63) {
        run++;
    }
    return run;
}

/* The last two or three characters; their unused low bits must be zero. */
static bool
decode_tail(struct span tail, char *out)
{
    uint32_t a = bits_at(tail, 0);
    uint32_t b = bits_at(tail, 1);
    uint32_t c = tail.length == 3 ? bits_at(tail, 2) : 0;

    if ((a | b | c) > 63) {
        return false;
    }
    out[0] = (char)(a << 2 | b >> 4);
    if (tail.length == 2) {
        return (b & 15) == 0;
    }
    out[1] = (char)((b & 15) << 4 | c >> 2);
    return (c & 3) == 0;
}

/* Decodes all of `text` to `out`, which has room for it. */
static bool
decode_into(struct span text, char *out)
{
    size_t whole = text.length - text.length % 4;

    for (size_t at = 0; at < whole; at += 4) {
        uint32_t a = bits_at(text, at);
        uint32_t b = bits_at(text, at + 1);
        uint32_t c = bits_at(text, at + 2);
        uint32_t d = bits_at(text, at + 3);
        if ((a | b | c | d) > 63) {
            return false;
        }
        uint32_t three = a << 18 | b << 12 | c << 6 | d;
        *out++ = (char)(three >> 16);
        *out++ = (char)(three >> 8 & 255);
        *out++ = (char)(three & 255);
    }
    if (whole == text.length) {
        return true;
    }
    struct span tail = {.at = text.at + whole, .length = text.length - whole};
    return decode_tail(tail, out);
}

enum status
base64url_decode(struct span text, struct buf *bytes)
{
    size_t rest = text.length % 4;
    size_t length = text.length / 4 * 3 + (rest > 0 ? rest - 1 : 0);

    if (rest == 1 || length > bytes->limit - bytes->length) {
        return ST_MALFORMED;
    }
    char *out = buf_reserve(bytes, length);
    if (out == NULL) {
        return ST_MEMORY;
    }
    if (!decode_into(text, out)) {
        *out = '\0'; /* what stood behind the contents stays behind them */
        return ST_MALFORMED;
    }
    buf_grew(bytes, length);
    return ST_OK;
}

/* Six bits of the bytes, and of zeros behind them, from the bit `from` on. */
static uint32_t
six_bits(struct span bytes, size_t from)
{
    size_t at = from / 8;
    uint32_t first = (unsigned char)bytes.at[at];
    uint32_t second = at + 1 < bytes.length ? (unsigned char)bytes.at[at + 1] : 0;

    return (first << 8 | second) >> (10 - from % 8) & 63;
}

enum status
base64url_encode(struct span bytes, struct buf *text)
{
    size_t length = (bytes.length * 4 + 2) / 3;

    if (length > text->limit - text->length) {
        return ST_MALFORMED;
    }
    char *out = buf_reserve(text, length);
    if (out == NULL) {
        return ST_MEMORY;
    }
    for (size_t at = 0; at < length; at++) {
        out[at] = base64url_alphabet[six_bits(bytes, at * 6)];
    }
    buf_grew(text, length);
    return ST_OK;
}

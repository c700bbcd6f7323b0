#include "base/strictjson.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/jsonescape.h"
#include "base/text.h"

const struct strictjson_limits strictjson_token = {.depth = 16, .members = 256, .string = 8192};
/* A discovery document of 7 kB and a key with a long certificate chain fit with room to spare. */
const struct strictjson_limits strictjson_document = {
    .depth = 16, .members = 4096, .string = 65536};

/* Where the reading is. It stops at the first fault; the recursion is as deep as `limits` say. */
struct reader {
    const char *start;
    const char *at;
    const char *end;
    const struct strictjson_limits *limits;
    size_t depth;
    size_t members;
    struct why *why;
};

static enum status read_value(struct reader *reader, json_t **ret_value);

static enum status
not_json(const struct reader *reader)
{
    return status_because(reader->why, ST_MALFORMED, "not JSON at byte %zu",
                          (size_t)(reader->at - reader->start));
}

static enum status
no_memory(const struct reader *reader)
{
    return status_because(reader->why, ST_MEMORY, "out of memory while reading JSON");
}

static void
skip_blanks(struct reader *reader)
{
    while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t' ||
                                        *reader->at == '\n' || *reader->at == '\r')) {
        reader->at++;
    }
}

/* The next byte that is not blank, left where it is; NUL, which is never good, at the end. */
static char
peek(struct reader *reader)
{
    skip_blanks(reader);
    return reader->at < reader->end ? *reader->at : '\0';
}

/* Steps over `byte` if it comes next. */
static bool
take(struct reader *reader, char byte)
{
    if (peek(reader) != byte) {
        return false;
    }
    reader->at++;
    return true;
}

/* ---- strings: RFC 8259 section 7 ------------------------------------------------------------ */

/*
 * Reads a string: `*ret_text` points into the document, or into `decoded` where there are escapes.
 * The document is known to be UTF-8.
 */
static enum status
read_string(struct reader *reader, struct buf *decoded, struct span *ret_text)
{
    bool has_escapes = false;
    size_t length = 0;

    if (!take(reader, '"')) {
        return not_json(reader);
    }
    const char *at = reader->at;
    /* No control character stands in a string as it is. */
    while (at < reader->end && *at != '"' && (unsigned char)*at >= 0x20) {
        has_escapes = has_escapes || *at == '\\';
        at += *at == '\\' && at + 1 < reader->end ? 2 : 1;
    }
    struct span written = {.at = reader->at, .length = (size_t)(at - reader->at)};
    if (written.length > reader->limits->string) {
        return status_because(reader->why, ST_MALFORMED, "JSON string longer than %zu bytes",
                              reader->limits->string);
    }
    reader->at = at;
    if (at == reader->end || *at != '"') {
        return not_json(reader);
    }
    reader->at++;
    if (!has_escapes) {
        *ret_text = written;
        return ST_OK;
    }
    char *out = buf_reserve(decoded, written.length);
    if (out == NULL) {
        return no_memory(reader);
    }
    if (!jsonescape_decode(written, out, &length)) {
        return not_json(reader);
    }
    buf_grew(decoded, length);
    *ret_text = buf_span(decoded);
    return ST_OK;
}

static enum status
read_string_value(struct reader *reader, json_t **ret_value)
{
    struct buf decoded CLEANUP(buf_done) = BUF(reader->limits->string);
    struct span text;

    TRY(read_string(reader, &decoded, &text));
    *ret_value = json_stringn_nocheck(text.at, text.length);
    return *ret_value != NULL ? ST_OK : no_memory(reader);
}

/* ---- numbers: RFC 8259 section 6 ------------------------------------------------------------ */

/* Steps over digits; false if there are none. */
static bool
skip_digits(struct reader *reader)
{
    const char *first = reader->at;

    while (reader->at < reader->end && text_is_digit(*reader->at)) {
        reader->at++;
    }
    return reader->at > first;
}

static bool
skip_byte(struct reader *reader, char a, char b)
{
    bool is_there = reader->at < reader->end && (*reader->at == a || *reader->at == b);

    reader->at += is_there ? 1 : 0;
    return is_there;
}

/* Steps over a number; false if it is none. */
static bool
skip_number(struct reader *reader, bool *ret_integer)
{
    *ret_integer = true;
    (void)skip_byte(reader, '-', '-');
    if (!skip_byte(reader, '0', '0') && !skip_digits(reader)) {
        return false;
    }
    if (skip_byte(reader, '.', '.')) {
        *ret_integer = false;
        if (!skip_digits(reader)) {
            return false;
        }
    }
    if (skip_byte(reader, 'e', 'E')) {
        *ret_integer = false;
        (void)skip_byte(reader, '+', '-');
        return skip_digits(reader);
    }
    return true;
}

/* False if the number is beyond 64 bits. */
static bool
integer_of(struct span text, json_int_t *ret_integer)
{
    bool negative = text.at[0] == '-';
    json_int_t integer = 0;

    for (size_t i = negative ? 1 : 0; i < text.length; i++) {
        json_int_t digit = text.at[i] - '0';
        if (__builtin_mul_overflow(integer, 10, &integer) ||
            __builtin_add_overflow(integer, negative ? -digit : digit, &integer)) {
            return false;
        }
    }
    *ret_integer = integer;
    return true;
}

/* In the C locale, whatever the process uses (R110): glibc has it at hand and allocates nothing. */
static enum status
read_real(struct reader *reader, struct span text, json_t **ret_value)
{
    struct buf digits CLEANUP(buf_done) = BUF(text.length);
    locale_t locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);

    if (locale == (locale_t)0 || buf_add(&digits, text) != ST_OK) {
        return no_memory(reader);
    }
    double real = strtod_l(digits.at, NULL, locale);
    freelocale(locale);
    if (!isfinite(real)) {
        return not_json(reader);
    }
    *ret_value = json_real(real);
    return *ret_value != NULL ? ST_OK : no_memory(reader);
}

static enum status
read_number(struct reader *reader, json_t **ret_value)
{
    struct span text = {.at = reader->at, .length = 0};
    json_int_t integer;
    bool is_integer;

    if (!skip_number(reader, &is_integer)) {
        return not_json(reader);
    }
    text.length = (size_t)(reader->at - text.at);
    if (!is_integer) {
        return read_real(reader, text, ret_value);
    }
    if (!integer_of(text, &integer)) {
        return not_json(reader);
    }
    *ret_value = json_integer(integer);
    return *ret_value != NULL ? ST_OK : no_memory(reader);
}

/* ---- the rest: RFC 8259 sections 3 to 5 ----------------------------------------------------- */

static enum status
read_word(struct reader *reader, const char *word, json_t *value, json_t **ret_value)
{
    struct span rest = {.at = reader->at, .length = (size_t)(reader->end - reader->at)};

    if (!span_starts(rest, word)) {
        return not_json(reader);
    }
    reader->at += strlen(word);
    *ret_value = value; /* true, false and null are Jansson's own and not counted */
    return ST_OK;
}

/* Steps into an object or array. */
static enum status
descend(struct reader *reader)
{
    reader->at++;
    reader->depth++;
    return reader->depth <= reader->limits->depth
               ? ST_OK
               : status_because(reader->why, ST_MALFORMED, "JSON nested deeper than %zu levels",
                                reader->limits->depth);
}

/* `"name": value`; a name that is there already is refused. */
static enum status
read_member(struct reader *reader, json_t *object)
{
    struct buf decoded CLEANUP(buf_done) = BUF(reader->limits->string);
    json_t *value CLEANUP(strictjson_done) = NULL;
    size_t before = json_object_size(object);
    struct span name;

    TRY(read_string(reader, &decoded, &name));
    if (++reader->members > reader->limits->members) {
        return status_because(reader->why, ST_MALFORMED, "JSON with more than %zu members",
                              reader->limits->members);
    }
    if (!take(reader, ':')) {
        return not_json(reader);
    }
    TRY(read_value(reader, &value));
    if (json_object_setn_new_nocheck(object, name.at, name.length, TAKE(value)) != 0) {
        return no_memory(reader);
    }
    return json_object_size(object) > before
               ? ST_OK
               : status_because(reader->why, ST_MALFORMED, "JSON with a name that stands twice");
}

static enum status
read_object(struct reader *reader, json_t **ret_value)
{
    json_t *object CLEANUP(strictjson_done) = json_object();

    if (object == NULL) {
        return no_memory(reader);
    }
    TRY(descend(reader));
    if (!take(reader, '}')) {
        do {
            TRY(read_member(reader, object));
        } while (take(reader, ','));
        if (!take(reader, '}')) {
            return not_json(reader);
        }
    }
    reader->depth--;
    *ret_value = TAKE(object);
    return ST_OK;
}

static enum status
read_array(struct reader *reader, json_t **ret_value)
{
    json_t *array CLEANUP(strictjson_done) = json_array();

    if (array == NULL) {
        return no_memory(reader);
    }
    TRY(descend(reader));
    if (!take(reader, ']')) {
        do {
            json_t *item = NULL;
            TRY(read_value(reader, &item));
            if (json_array_append_new(array, item) != 0) {
                return no_memory(reader);
            }
        } while (take(reader, ','));
        if (!take(reader, ']')) {
            return not_json(reader);
        }
    }
    reader->depth--;
    *ret_value = TAKE(array);
    return ST_OK;
}

static enum status
read_value(struct reader *reader, json_t **ret_value)
{
    switch (peek(reader)) {
    case '{':
        return read_object(reader, ret_value);
    case '[':
        return read_array(reader, ret_value);
    case '"':
        return read_string_value(reader, ret_value);
    case 't':
        return read_word(reader, "true", json_true(), ret_value);
    case 'f':
        return read_word(reader, "false", json_false(), ret_value);
    case 'n':
        return read_word(reader, "null", json_null(), ret_value);
    default:
        return read_number(reader, ret_value);
    }
}

enum status
strictjson_object(struct span text, const struct strictjson_limits *limits, struct why *why,
                  json_t **ret_object)
{
    struct reader reader = {.start = text.at != NULL ? text.at : "", .limits = limits, .why = why};
    json_t *value CLEANUP(strictjson_done) = NULL;

    reader.at = reader.start;
    reader.end = reader.start + text.length;
    if (!text_is_utf8(text)) {
        return status_because(why, ST_MALFORMED, "JSON that is not valid UTF-8");
    }
    char first = peek(&reader);
    if (first != '\0' && strchr("[\"-0123456789tfn", first) != NULL) {
        return status_because(why, ST_MALFORMED, "JSON that is not an object");
    }
    if (first != '{') {
        return not_json(&reader);
    }
    TRY(read_object(&reader, &value));
    skip_blanks(&reader);
    if (reader.at != reader.end) {
        return not_json(&reader);
    }
    *ret_object = TAKE(value);
    return ST_OK;
}

void
strictjson_done(json_t **value)
{
    json_decref(*value);
    *value = NULL;
}

struct span
strictjson_string(const json_t *string)
{
    return (struct span){.at = json_string_value(string), .length = json_string_length(string)};
}

bool
strictjson_text(const json_t *object, const char *name, struct span *ret_text)
{
    const json_t *member = json_object_get(object, name);

    if (!json_is_string(member)) {
        return false;
    }
    *ret_text = strictjson_string(member);
    return true;
}

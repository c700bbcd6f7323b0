#include "oauth/form.h"

#include <string.h>

#include "base/strictjson.h"
#include "base/text.h"

/* Real replies have at most ten fields; this only bounds the work on a hostile one. */
#define FIELDS_MAX ((size_t)64)

/* What stays as it is: the set of the HTML and WHATWG encoders, which RFC 6749 refers to. */
static bool
is_plain(char byte)
{
    return text_is_digit(byte) || text_is_lower(byte) || text_is_upper(byte) || byte == '*' ||
           byte == '-' || byte == '.' || byte == '_';
}

static enum status
add_encoded(struct buf *into, struct span text)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        char escaped[3] = {'%', hex[byte >> 4], hex[byte & 15]};
        if (is_plain(text.at[i])) {
            TRY(buf_add_char(into, text.at[i]));
        } else if (byte == ' ') {
            TRY(buf_add_char(into, '+'));
        } else {
            TRY(buf_add(into, (struct span){.at = escaped, .length = sizeof(escaped)}));
        }
    }
    return ST_OK;
}

enum status
form_encode(struct buf *into, struct span text)
{
    size_t before = into->length;
    enum status status = add_encoded(into, text);

    if (status != ST_OK) {
        buf_cut(into, before);
    }
    return status;
}

static enum status
add_field(struct buf *body, const char *name, struct span value)
{
    if (body->length > 0) {
        TRY(buf_add_char(body, '&'));
    }
    TRY(add_encoded(body, span_of(name)));
    TRY(buf_add_char(body, '='));
    return add_encoded(body, value);
}

enum status
form_add(struct buf *body, const char *name, struct span value)
{
    size_t before = body->length;
    enum status status = add_field(body, name, value);

    if (status != ST_OK) {
        buf_cut(body, before);
    }
    return status;
}

/* The value of a hexadecimal digit, -1 for any other byte. */
static int
nibble(char byte)
{
    if (text_is_digit(byte)) {
        return byte - '0';
    }
    if (byte >= 'a' && byte <= 'f') {
        return byte - 'a' + 10;
    }
    if (byte >= 'A' && byte <= 'F') {
        return byte - 'A' + 10;
    }
    return -1;
}

/* Undoes form_encode. Printable bytes that need no escape in practice (`:`, `/`) may stand bare. */
static enum status
decode(struct span text, struct why *why, struct buf *into)
{
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.at[i];
        if (byte == '%') {
            int high = i + 2 < text.length ? nibble(text.at[i + 1]) : -1;
            int low = i + 2 < text.length ? nibble(text.at[i + 2]) : -1;
            if (high < 0 || low < 0 || (high == 0 && low == 0)) {
                return status_because(why, ST_MALFORMED, "a form with a bad escape");
            }
            byte = (char)(high * 16 + low);
            i += 2;
        } else if (byte == '+') {
            byte = ' ';
        } else if (byte <= ' ' || byte >= 0x7F || memchr("\"<>\\=", byte, 5) != NULL) {
            return status_because(why, ST_MALFORMED, "a form with a byte that is not encoded");
        }
        TRY(buf_add_char(into, byte));
    }
    if (!text_is_utf8(buf_span(into))) {
        return status_because(why, ST_MALFORMED, "a form that is not valid UTF-8");
    }
    return ST_OK;
}

static enum status
read_field(struct span field, struct why *why, json_t *object)
{
    struct buf name CLEANUP(buf_done) = BUF(field.length);
    struct buf value CLEANUP(buf_done) = BUF(field.length);
    struct span raw_name;
    struct span raw_value;

    if (!span_cut(field, '=', &raw_name, &raw_value) || raw_name.length == 0) {
        return status_because(why, ST_MALFORMED, "a form with a field that has no name or no '='");
    }
    TRY(decode(raw_name, why, &name));
    TRY(decode(raw_value, why, &value));
    if (json_object_get(object, buf_text(&name)) != NULL) {
        return status_because(why, ST_MALFORMED, "a form with a field that occurs twice");
    }
    /* Both are valid UTF-8 and without NUL: all that can fail now is memory. */
    if (json_object_set_new(object, buf_text(&name),
                            json_stringn(buf_text(&value), value.length)) != 0) {
        return status_because(why, ST_MEMORY, "out of memory while reading a form");
    }
    return ST_OK;
}

enum status
form_object(struct span body, struct why *why, json_t **ret_object)
{
    json_t *object CLEANUP(strictjson_done) = json_object();
    struct span rest = body;
    struct span field;
    struct span after;

    if (object == NULL) {
        return status_because(why, ST_MEMORY, "out of memory while reading a form");
    }
    while (span_cut(rest, '&', &field, &after)) {
        TRY(read_field(field, why, object));
        if (json_object_size(object) >= FIELDS_MAX) {
            return status_because(why, ST_MALFORMED, "a form with more than %zu fields",
                                  FIELDS_MAX);
        }
        rest = after;
    }
    TRY(read_field(rest, why, object));
    *ret_object = TAKE(object);
    return ST_OK;
}

#include "base/strictjson.h"

#include <string.h>

#include "base/text.h"

const struct strictjson_limits strictjson_token = {.depth = 16, .members = 256, .string = 8192};
/* A discovery document of 7 kB and a key with a long certificate chain fit with room to spare. */
const struct strictjson_limits strictjson_document = {
    .depth = 16, .members = 4096, .string = 65536};

/*
 * A scan that knows only strings and brackets: enough to bound depth, members and string lengths.
 * Whether the text is JSON at all is Jansson's answer afterwards.
 */
struct scan {
    struct span text;
    size_t at;
    size_t depth;
    size_t members;
};

/* Steps over a string whose opening quote is at `at`; false if it is too long. */
static bool
scan_string(struct scan *scan, size_t most)
{
    size_t start = ++scan->at;

    while (scan->at < scan->text.length && scan->text.at[scan->at] != '"') {
        scan->at += scan->text.at[scan->at] == '\\' ? 2 : 1;
    }
    scan->at++;
    return scan->at - start <= most + 1;
}

static enum status
scan_within(struct span text, const struct strictjson_limits *limits, struct why *why)
{
    struct scan scan = {.text = text, .at = 0, .depth = 0, .members = 0};

    while (scan.at < text.length) {
        char byte = text.at[scan.at];
        if (byte == '"') {
            if (!scan_string(&scan, limits->string)) {
                return status_because(why, ST_MALFORMED, "JSON string longer than %zu bytes",
                                      limits->string);
            }
            continue;
        }
        if (byte == '{' || byte == '[') {
            scan.depth++;
        } else if ((byte == '}' || byte == ']') && scan.depth > 0) {
            scan.depth--;
        } else if (byte == ':') {
            scan.members++;
        }
        if (scan.depth > limits->depth) {
            return status_because(why, ST_MALFORMED, "JSON nested deeper than %zu levels",
                                  limits->depth);
        }
        if (scan.members > limits->members) {
            return status_because(why, ST_MALFORMED, "JSON with more than %zu members",
                                  limits->members);
        }
        scan.at++;
    }
    return ST_OK;
}

static enum status
load(struct span text, struct why *why, json_t **ret_value)
{
    /* Where memory runs out early, Jansson leaves the error as it was. */
    json_error_t error = {.position = 0};
    json_t *value =
        json_loadb(text.at != NULL ? text.at : "", text.length, JSON_REJECT_DUPLICATES, &error);

    if (value == NULL) {
        enum json_error_code code = json_error_code(&error);
        if (code == json_error_out_of_memory || code == json_error_unknown) {
            return status_because(why, ST_MEMORY, "out of memory while reading JSON");
        }
        /* Jansson's own text may quote the document, and that may hold a secret. */
        return status_because(why, ST_MALFORMED, "not JSON at byte %d", error.position);
    }
    *ret_value = value;
    return ST_OK;
}

/*
 * Reads the text twice: a byte for which there is no memory at that moment is left out of the
 * string by Jansson 2.14 (lex_save), and an audience `ssh://hostX` would read as `ssh://host`.
 */
static enum status
load_twice(struct span text, struct why *why, json_t **ret_value)
{
    json_t *first CLEANUP(strictjson_done) = NULL;
    json_t *second CLEANUP(strictjson_done) = NULL;

    TRY(load(text, why, &first));
    TRY(load(text, why, &second));
    if (json_equal(first, second) != 1) {
        return status_because(why, ST_MEMORY, "out of memory while reading JSON");
    }
    *ret_value = TAKE(first);
    return ST_OK;
}

enum status
strictjson_object(struct span text, const struct strictjson_limits *limits, struct why *why,
                  json_t **ret_object)
{
    json_t *value CLEANUP(strictjson_done) = NULL;

    TRY(scan_within(text, limits, why));
    /* Jansson takes a NUL behind a number or a word for its end, and reads on (E12). */
    if (text.length > 0 && memchr(text.at, '\0', text.length) != NULL) {
        return status_because(why, ST_MALFORMED, "JSON with a NUL byte");
    }
    if (!text_is_utf8(text)) {
        return status_because(why, ST_MALFORMED, "JSON that is not valid UTF-8");
    }
    TRY(load_twice(text, why, &value));
    if (!json_is_object(value)) {
        return status_because(why, ST_MALFORMED, "JSON that is not an object");
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

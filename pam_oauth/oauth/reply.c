#include "oauth/reply.h"

#include <string.h>

#include "base/strictjson.h"
#include "base/text.h"
#include "oauth/form.h"

#define ERROR_SHOWN ((size_t)64)
/* R85. */
#define DESCRIPTION_SHOWN ((size_t)200)

static bool
looks_like_json(struct span body)
{
    size_t at = 0;

    while (at < body.length && memchr(" \t\r\n", body.at[at], 4) != NULL) {
        at++;
    }
    return at < body.length && (body.at[at] == '{' || body.at[at] == '[');
}

enum status
reply_open(struct span body, struct why *why, struct reply *ret_reply)
{
    bool json = looks_like_json(body);

    TRY(json ? strictjson_object(body, &strictjson_document, why, &ret_reply->object)
             : form_object(body, why, &ret_reply->object));
    ret_reply->form = !json;
    return ST_OK;
}

void
reply_done(struct reply *reply)
{
    const char *name;
    json_t *value;

    json_object_foreach(reply->object, name, value)
    {
        if (json_is_string(value)) {
            /* Jansson lends its own memory as const and offers no way to wipe it. */
            explicit_bzero((void *)(uintptr_t)json_string_value(value), json_string_length(value));
        }
    }
    json_decref(reply->object);
    *reply = (struct reply)REPLY;
}

bool
reply_has(const struct reply *reply, const char *name)
{
    const json_t *member = json_object_get(reply->object, name);

    return member != NULL && !json_is_null(member);
}

bool
reply_text(const struct reply *reply, const char *name, struct span *ret_text)
{
    struct span text;

    if (!strictjson_text(reply->object, name, &text) || text.length == 0) {
        return false;
    }
    *ret_text = text;
    return true;
}

bool
reply_integer(const struct reply *reply, const char *name, int64_t *ret_integer)
{
    const json_t *member = json_object_get(reply->object, name);

    if (json_is_string(member) && reply->form) {
        return text_number(strictjson_string(member), 0, INT64_MAX, ret_integer);
    }
    if (!json_is_integer(member)) {
        return false;
    }
    *ret_integer = json_integer_value(member);
    return true;
}

const struct reply_refusal *
reply_refusal(const struct reply *reply, const struct reply_refusal *rows)
{
    struct span error = {NULL, 0};

    (void)reply_text(reply, "error", &error);
    while (rows->error != NULL && !span_is(error, rows->error)) {
        rows++;
    }
    return rows;
}

/* Adds a field of the reply, if it is there. A full buffer is where it is cut. */
static enum status
show(const struct reply *reply, const char *name, const struct span secrets[2], struct buf *into)
{
    struct span text;

    if (!reply_text(reply, name, &text)) {
        return ST_OK;
    }
    for (size_t i = 0; i < 2; i++) {
        if (secrets[i].length > 0 &&
            memmem(text.at, text.length, secrets[i].at, secrets[i].length) != NULL) {
            return buf_add_text(into, "withheld, as it repeats a secret");
        }
    }
    return text_escape(into, text, into->limit) == ST_MEMORY ? ST_MEMORY : ST_OK;
}

enum status
reply_refused(const struct reply_refusal *row, const struct reply *reply,
              const struct span secrets[2], struct why *why)
{
    struct buf error CLEANUP(buf_done) = BUF(ERROR_SHOWN);
    struct buf description CLEANUP(buf_done) = BUF(DESCRIPTION_SHOWN);

    TRY(show(reply, "error", secrets, &error));
    TRY(show(reply, "error_description", secrets, &description));
    return status_because(why, row->status, "%s (%s%s%s)", row->sentence,
                          error.length > 0 ? buf_text(&error) : "no error code",
                          description.length > 0 ? ": " : "", buf_text(&description));
}

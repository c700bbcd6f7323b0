/*
 * application/x-www-form-urlencoded: what is read is written again and reads the same; whatever is
 * written is read back as it was. Parts: a body; a name; a value.
 */
#include <string.h>

#include "base/strictjson.h"
#include "base/text.h"
#include "fuzz.h"
#include "oauth/form.h"
#include "oauth/reply.h"

#define ROOM ((size_t)256 * 1024)

/* Writes every field of an object; false when memory ran out. */
static bool
write_object(json_t *object, struct buf *body)
{
    const char *name;
    json_t *value;

    json_object_foreach(object, name, value)
    {
        PROMISE(json_is_string(value));
        if (fuzz_status(form_add(body, name, strictjson_string(value))) != ST_OK) {
            return false;
        }
    }
    return true;
}

static void
read_and_write(struct span body)
{
    json_t *object CLEANUP(strictjson_done) = NULL;
    json_t *again CLEANUP(strictjson_done) = NULL;
    struct buf written CLEANUP(buf_done) = BUF(ROOM);
    struct why why = {""};
    enum status status = fuzz_status(form_object(body, &why, &object));

    fuzz_why(&why);
    PROMISE((status == ST_OK) == (object != NULL));
    if (status != ST_OK) {
        PROMISE(status == ST_MALFORMED || fault_happened());
        return;
    }
    PROMISE(json_object_size(object) > 0);
    if (!write_object(object, &written) ||
        fuzz_status(form_object(buf_span(&written), &why, &again)) != ST_OK) {
        PROMISE(fault_happened());
        return;
    }
    PROMISE(json_equal(object, again));
}

/* A form cannot hold an empty name, a NUL, or what is not UTF-8: then it must not be read. */
static void
write_and_read(const char *name, struct span value)
{
    json_t *object CLEANUP(strictjson_done) = NULL;
    struct buf body CLEANUP(buf_done) = BUF(ROOM);
    struct why why = {""};
    struct span read;

    if (fuzz_status(form_add(&body, name, value)) != ST_OK) {
        PROMISE(body.length == 0 && fault_happened());
        return;
    }
    PROMISE(fuzz_is_printable(buf_span(&body), false));
    bool good = name[0] != '\0' && text_is_utf8(span_of(name)) && text_is_utf8(value) &&
                (value.length == 0 || memchr(value.at, '\0', value.length) == NULL);
    enum status status = fuzz_status(form_object(buf_span(&body), &why, &object));
    PROMISE((status == ST_OK) == good || fault_happened());
    if (status == ST_OK) {
        PROMISE(strictjson_text(object, name, &read) && span_equals(read, value));
    }
}

/* A reply is a form or JSON, and its fields are there or not. */
static void
read_reply(struct span body)
{
    struct reply reply CLEANUP(reply_done) = REPLY;
    struct why why = {""};
    struct span text;
    int64_t number;

    if (fuzz_status(reply_open(body, &why, &reply)) != ST_OK) {
        fuzz_why(&why);
        return;
    }
    PROMISE(!reply_text(&reply, "error", &text) || (text.length > 0 && reply_has(&reply, "error")));
    PROMISE(!reply_integer(&reply, "interval", &number) || reply_has(&reply, "interval"));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);
    struct span body = fuzz_body(&input);
    char *name = fuzz_text(&input);
    struct span value = fuzz_part(&input);

    fault_begin(input.faults);
    read_and_write(body);
    write_and_read(name, value);
    read_reply(body);
    fault_end();
    fuzz_done();
    return 0;
}

/*
 * Strict JSON (R35): what is accepted is one object within the limits, and what Jansson's own
 * reader makes of it; what is refused is refused for a reason that this reader or a count confirms.
 */
#include <stdlib.h>
#include <string.h>

#include "base/strictjson.h"
#include "base/text.h"
#include "fuzz.h"

/* What a document really holds, counted on the tree. */
struct extent {
    size_t depth;
    size_t members;
    size_t string; /* bytes of the longest, decoded */
};

static void
measure(const json_t *value, size_t depth, struct extent *extent)
{
    json_t *container = (json_t *)(uintptr_t)value;
    const char *name;
    json_t *member;
    size_t at;

    if (json_is_string(value)) {
        size_t length = json_string_length(value);
        extent->string = length > extent->string ? length : extent->string;
        PROMISE(memchr(json_string_value(value), '\0', length) == NULL);
    }
    if (!json_is_object(value) && !json_is_array(value)) {
        return;
    }
    extent->depth = depth > extent->depth ? depth : extent->depth;
    json_object_foreach(container, name, member)
    {
        size_t length = strlen(name);
        extent->string = length > extent->string ? length : extent->string;
        extent->members++;
        measure(member, depth + 1, extent);
    }
    json_array_foreach(container, at, member)
    {
        measure(member, depth + 1, extent);
    }
}

static void
check_accepted(struct span text, const json_t *object, const struct strictjson_limits *limits)
{
    struct extent extent = {0, 0, 0};

    PROMISE(json_is_object(object));
    measure(object, 1, &extent);
    PROMISE(extent.depth <= limits->depth && extent.members <= limits->members &&
            extent.string <= limits->string);
    json_t *second = json_loadb(text.at, text.length, JSON_REJECT_DUPLICATES, NULL);
    PROMISE(json_equal(object, second));
    json_decref(second);
}

/*
 * As written, a string may be six times as long as decoded: \u0041. A NUL byte is refused wherever
 * it stands: Jansson's reader takes it for an end, and reads on (E12).
 */
static void
check_refused(struct span text, const struct strictjson_limits *limits)
{
    struct extent extent = {0, 0, 0};
    json_t *object =
        json_loadb(text.length > 0 ? text.at : "", text.length, JSON_REJECT_DUPLICATES, NULL);

    if (json_is_object(object) && memchr(text.at, '\0', text.length) == NULL) {
        measure(object, 1, &extent);
        PROMISE(extent.depth > limits->depth || extent.members > limits->members ||
                6 * extent.string > limits->string);
    }
    json_decref(object);
}

static void
read_object(struct span text, const struct strictjson_limits *limits, struct span faults)
{
    json_t *object CLEANUP(strictjson_done) = NULL;
    struct why why = {""};

    fault_begin(faults);
    enum status status = fuzz_status(strictjson_object(text, limits, &why, &object));
    fault_end();
    fuzz_why(&why);
    PROMISE((status == ST_OK) == (object != NULL));
    if (status == ST_OK) {
        check_accepted(text, object, limits);
    } else if (!fault_happened()) {
        PROMISE(status == ST_MALFORMED);
        check_refused(text, limits);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct strictjson_limits small = {.depth = 3, .members = 4, .string = 8};
    struct fuzz_input input = fuzz_input(data, size);
    struct span text = fuzz_body(&input);

    read_object(text, &strictjson_token, input.faults);
    read_object(text, &strictjson_document, input.faults);
    read_object(text, &small, input.faults);
    fuzz_done();
    return 0;
}

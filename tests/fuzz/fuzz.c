#include "fuzz.h"

#include <jansson.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEPARATOR "\n%%%\n"
#define FAULTS '\xff'
#define COPIES_MAX 4096

static struct {
    void *at[COPIES_MAX];
    size_t count;
} copies;

void
fuzz_promise(bool holds, const char *promise, const char *file, int line)
{
    if (!holds) {
        fault_end();
        (void)fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, promise);
        abort();
    }
}

/*
 * Jansson is a library of its own: its allocations are made to fail through the hooks it has for
 * that. Its reader must not be in use then: where it cannot grow a buffer it goes on, and reads
 * behind it (akheron/jansson issue 362); base/strictjson.c is ours.
 */
static void *
allocate(size_t size)
{
    return malloc(size);
}

static void
release(void *at)
{
    free(at);
}

__attribute__((constructor)) static void
wrap_jansson(void)
{
    json_set_alloc_funcs(allocate, release);
}

struct fuzz_input
fuzz_input(const uint8_t *data, size_t size)
{
    struct span all = {.at = (const char *)data, .length = size};
    const char *mark = size > 0 ? memrchr(data, FAULTS, size) : NULL;
    size_t body = mark != NULL ? (size_t)(mark - all.at) : size;

    return (struct fuzz_input){
        .rest = {.at = all.at, .length = body},
        .faults = {.at = all.at + body + (mark != NULL ? 1 : 0),
                   .length = size - body - (mark != NULL ? 1 : 0)},
    };
}

static struct span
take(struct fuzz_input *input)
{
    size_t length = sizeof(SEPARATOR) - 1;
    const char *end = input->rest.length > 0
                          ? memmem(input->rest.at, input->rest.length, SEPARATOR, length)
                          : NULL;
    struct span part = input->rest;
    size_t taken = part.length;

    if (end != NULL) {
        part.length = (size_t)(end - part.at);
        taken = part.length + length;
    }
    input->rest = (struct span){.at = input->rest.at + taken, .length = input->rest.length - taken};
    return part;
}

static void *
keep(void *at)
{
    PROMISE(at != NULL && copies.count < COPIES_MAX);
    copies.at[copies.count++] = at;
    return at;
}

struct span
fuzz_copy(struct span bytes)
{
    fault_pause();
    char *copy = keep(malloc(bytes.length));
    fault_resume();
    if (bytes.length > 0) {
        memcpy(copy, bytes.at, bytes.length);
    }
    return (struct span){.at = copy, .length = bytes.length};
}

char *
fuzz_string(struct span bytes)
{
    fault_pause();
    char *copy = keep(strndup(bytes.length > 0 ? bytes.at : "", bytes.length));
    fault_resume();
    return copy;
}

struct span
fuzz_part(struct fuzz_input *input)
{
    return fuzz_copy(take(input));
}

struct span
fuzz_body(struct fuzz_input *input)
{
    struct span part = take(input);

    return part.length > 0 ? fuzz_copy(part) : (struct span){.at = NULL, .length = 0};
}

char *
fuzz_text(struct fuzz_input *input)
{
    return fuzz_string(take(input));
}

void
fuzz_done(void)
{
    while (copies.count > 0) {
        free(copies.at[--copies.count]);
    }
}

enum status
fuzz_status(enum status status)
{
    PROMISE((unsigned int)status < ST_COUNT);
    PROMISE(fault_happened() || (status != ST_MEMORY && status != ST_INTERNAL));
    return status;
}

void
fuzz_why(const struct why *why)
{
    PROMISE(memchr(why->sentence, '\0', sizeof(why->sentence)) != NULL);
}

void
fuzz_show(const char *what, struct span text)
{
    if (getenv("FUZZ_SHOW") != NULL) {
        (void)fprintf(stderr, "%s: %.*s\n", what, SPAN_ARGS(text));
    }
}

bool
fuzz_is_printable(struct span text, bool with_lf)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        if ((byte < 0x20 || byte > 0x7E) && !(with_lf && byte == '\n')) {
            return false;
        }
    }
    return true;
}

bool
fuzz_holds(struct span text, struct span bytes)
{
    return bytes.length > 0 && text.length > 0 &&
           memmem(text.at, text.length, bytes.at, bytes.length) != NULL;
}

/* What stands in the error queue of a host that was careless. */
#define HOST_ERROR 42

static struct {
    int lowest_free;
    bool with_error;
} traces;

static int
lowest_free_descriptor(void)
{
    int fd = dup(STDERR_FILENO);

    PROMISE(fd >= 0);
    (void)close(fd);
    return fd;
}

void
fuzz_traces_begin(bool with_error)
{
    traces.lowest_free = lowest_free_descriptor();
    traces.with_error = with_error;
    ERR_clear_error();
    if (with_error) {
        ERR_raise(ERR_LIB_USER, HOST_ERROR);
    }
}

void
fuzz_traces_end(void)
{
    unsigned long error = ERR_get_error();

    PROMISE(lowest_free_descriptor() == traces.lowest_free);
    PROMISE(traces.with_error ? ERR_GET_REASON(error) == HOST_ERROR : error == 0);
    PROMISE(ERR_get_error() == 0);
}

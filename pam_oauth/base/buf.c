#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The least of a first allocation; most of what we hold (a prompt, a header, a line) fits. */
#define FIRST_ROOM 256

static void
wipe(const struct buf *buf, size_t from, size_t to)
{
    if (!buf->public) {
        explicit_bzero(buf->at + from, to - from);
    }
}

void
buf_done(struct buf *buf)
{
    if (buf->at != NULL) {
        wipe(buf, 0, buf->room);
        free(buf->at);
    }
    buf->at = NULL;
    buf->length = 0;
    buf->room = 0;
}

struct span
buf_span(const struct buf *buf)
{
    return (struct span){.at = buf->at, .length = buf->length};
}

const char *
buf_text(const struct buf *buf)
{
    return buf->at != NULL ? buf->at : "";
}

char *
buf_reserve(struct buf *buf, size_t more)
{
    if (more > buf->limit - buf->length) {
        return NULL;
    }
    size_t needed = buf->length + more + 1;
    if (needed <= buf->room) {
        return buf->at + buf->length;
    }
    size_t room = buf->room > 0 ? buf->room : FIRST_ROOM;
    if (buf->room == 0 && needed > room) {
        room = needed; /* what comes at once, as a file does, gets what it asks for */
    }
    while (room < needed) {
        room *= 2;
    }
    /* Not realloc: it could leave a copy of a secret behind in freed memory. */
    char *moved = buf->public ? malloc(room) : calloc(1, room);
    if (moved == NULL) {
        return NULL;
    }
    moved[buf->length] = '\0';
    if (buf->at != NULL) {
        memcpy(moved, buf->at, buf->length);
        wipe(buf, 0, buf->room);
        free(buf->at);
    }
    buf->at = moved;
    buf->room = room;
    return buf->at + buf->length;
}

void
buf_grew(struct buf *buf, size_t by)
{
    buf->length += by;
    buf->at[buf->length] = '\0';
}

void
buf_cut(struct buf *buf, size_t length)
{
    if (length < buf->length) {
        wipe(buf, length, buf->length);
        buf->length = length;
        buf->at[length] = '\0';
    }
}

enum status
buf_add(struct buf *buf, struct span bytes)
{
    if (bytes.length > buf->limit - buf->length) {
        return ST_MALFORMED;
    }
    char *room = buf_reserve(buf, bytes.length);
    if (room == NULL) {
        return ST_MEMORY;
    }
    if (bytes.length > 0) {
        memcpy(room, bytes.at, bytes.length);
    }
    buf_grew(buf, bytes.length);
    return ST_OK;
}

enum status
buf_add_text(struct buf *buf, const char *text)
{
    return buf_add(buf, span_of(text));
}

enum status
buf_add_char(struct buf *buf, char byte)
{
    return buf_add(buf, (struct span){.at = &byte, .length = 1});
}

enum status
buf_printf(struct buf *buf, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;

    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0) {
        return ST_MEMORY;
    }
    enum status status = buf_add(buf, (struct span){.at = text, .length = (size_t)length});
    explicit_bzero(text, (size_t)length);
    free(text);
    return status;
}

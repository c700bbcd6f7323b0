#include "cli/verify/token_lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jose/jws.h"

/* The longest token, its CR and LF, and one byte more, by which a longer line is known. */
#define KEPT (JWS_TOKEN_MAX + 3)
/* So that most lines need not be moved before they are whole. */
#define ROOM (4 * JWS_TOKEN_MAX)

enum status
token_lines_open(int fd, struct token_lines *lines)
{
    lines->fd = fd;
    lines->room = malloc(ROOM);
    return lines->room != NULL ? ST_OK : ST_MEMORY;
}

void
token_lines_done(struct token_lines *lines)
{
    if (lines->room != NULL) {
        explicit_bzero(lines->room, ROOM);
    }
    free(lines->room);
    *lines = (struct token_lines)TOKEN_LINES;
}

/* Reads once behind `end`; `*ret_more` is false at the end of the file. */
static enum status
read_more(struct token_lines *lines, bool *ret_more)
{
    ssize_t got;

    do {
        got = read(lines->fd, lines->room + lines->end, ROOM - lines->end);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return ST_STORE;
    }
    lines->end += (size_t)got;
    *ret_more = got > 0;
    return ST_OK;
}

/* Moves what was not handed out to the front. */
static void
make_room(struct token_lines *lines)
{
    memmove(lines->room, lines->room + lines->begin, lines->end - lines->begin);
    lines->end -= lines->begin;
    lines->begin = 0;
}

/* Behind the first KEPT bytes of a line: its rest, up to its LF, is read and forgotten. */
static enum status
skip_rest(struct token_lines *lines, struct span *ret_line)
{
    const char *lf = NULL;
    bool more = true;

    make_room(lines);
    *ret_line = (struct span){.at = lines->room, .length = KEPT};
    while (lf == NULL && more) {
        lf = memchr(lines->room + KEPT, '\n', lines->end - KEPT);
        if (lf == NULL) {
            lines->end = KEPT;
            TRY(read_more(lines, &more));
        }
    }
    lines->begin = lf != NULL ? (size_t)(lf - lines->room) + 1 : lines->end;
    return ST_OK;
}

static void
take(struct token_lines *lines, size_t length, struct span *ret_line)
{
    *ret_line = (struct span){.at = lines->room + lines->begin, .length = length};
    lines->begin += length;
}

enum status
token_lines_next(struct token_lines *lines, struct span *ret_line)
{
    size_t searched = 0;
    bool more = true;

    while (more) {
        const char *start = lines->room + lines->begin;
        size_t length = lines->end - lines->begin;
        const char *lf = memchr(start + searched, '\n', length - searched);
        if (lf != NULL) {
            take(lines, (size_t)(lf - start) + 1, ret_line);
            return ST_OK;
        }
        if (length > KEPT) {
            return skip_rest(lines, ret_line);
        }
        searched = length;
        if (lines->end == ROOM) {
            make_room(lines);
        }
        TRY(read_more(lines, &more));
    }
    take(lines, lines->end - lines->begin, ret_line);
    return ST_OK;
}

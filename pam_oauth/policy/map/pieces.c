#include "policy/map/pieces.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

void
pieces_done(struct pieces *pieces)
{
    file_close(&pieces->fd);
    free(pieces->at);
    pieces->at = NULL;
    pieces->filled = 0;
    pieces->length = 0;
}

enum status
pieces_open(struct pieces *pieces, const char *path, uid_t owner, struct why *why)
{
    struct file_trust trust = {.also_owner = owner, .secret = false};

    TRY(file_open_trusted(path, trust, why, &pieces->fd));
    pieces->at = malloc(PIECES_LENGTH);
    if (pieces->at == NULL) {
        return status_because(why, ST_MEMORY, "out of memory while reading %s", path);
    }
    return ST_OK;
}

/* A sum of one byte holds the lines of that many rows, which three at a time divide. */
#define LANES ((size_t)16)
#define ROWS ((size_t)255)

/*
 * Done byte by byte, counting would cost more than searching. Sixteen sums side by side are what
 * compilers turn into one vector instruction.
 */
static unsigned int
count_lines(const char *at, size_t length)
{
    unsigned int lines = 0;
    size_t i = 0;

    for (; length - i >= LANES * ROWS; i += LANES * ROWS) {
        uint8_t sums[LANES] = {0};
        for (const char *row = at + i; row < at + i + LANES * ROWS; row += 3 * LANES) {
            for (size_t lane = 0; lane < LANES; lane++) {
                /* All ones is minus one, and what a vector instruction says that is true. */
                sums[lane] = (uint8_t)(sums[lane] - (row[lane] == '\n' ? 255 : 0) -
                                       (row[LANES + lane] == '\n' ? 255 : 0) -
                                       (row[2 * LANES + lane] == '\n' ? 255 : 0));
            }
        }
        for (size_t lane = 0; lane < LANES; lane++) {
            lines += sums[lane];
        }
    }
    for (; i < length; i++) {
        lines += at[i] == '\n' ? 1U : 0U;
    }
    return lines;
}

/* Moves the beginning of the next piece to the front and counts the lines that go; at first, none.
 */
static void
drop_piece(struct pieces *pieces)
{
    pieces->number += count_lines(pieces->at, pieces->length);
    pieces->filled -= pieces->length;
    memmove(pieces->at, pieces->at + pieces->length, pieces->filled);
    pieces->length = 0;
}

/* Reads until there is no room; `*ret_end` at the end of the file. */
static enum status
fill(struct pieces *pieces, struct why *why, bool *ret_end)
{
    *ret_end = false;
    while (pieces->filled < PIECES_LENGTH) {
        ssize_t got = read(pieces->fd, pieces->at + pieces->filled, PIECES_LENGTH - pieces->filled);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return status_because(why, ST_CONFIG, "reading failed: %s", strerrordesc_np(errno));
        }
        if (got == 0) {
            *ret_end = true;
            return ST_OK;
        }
        pieces->filled += (size_t)got;
    }
    return ST_OK;
}

enum status
pieces_next(struct pieces *pieces, struct why *why, struct span *ret_piece)
{
    bool end = false;

    drop_piece(pieces);
    TRY(fill(pieces, why, &end));
    const char *last = memrchr(pieces->at, '\n', pieces->filled);
    if (!end && last == NULL) {
        return status_because(why, ST_CONFIG, "line %u is longer than %zu bytes", pieces->number,
                              PIECES_LENGTH);
    }
    pieces->length = end ? pieces->filled : (size_t)(last - pieces->at) + 1;
    *ret_piece = (struct span){.at = pieces->at, .length = pieces->length};
    return ST_OK;
}

unsigned int
pieces_line_number(const struct pieces *pieces, const char *at)
{
    return pieces->number + count_lines(pieces->at, (size_t)(at - pieces->at));
}

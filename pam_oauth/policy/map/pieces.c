#include "policy/map/pieces.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "policy/map/lanes.h"

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

/* A sum of one byte holds the lines of 255 rows, seventeen rounds of fifteen. */
#define FIVE ((size_t)5 * LANES)
#define ROUND ((size_t)3 * FIVE)
#define ROUNDS ((size_t)17)

/* Minus one for each line that ends in five rows. */
static inline lanes
minus_lines(const char *row, lanes lf)
{
    return lanes_equal(row, lf) + lanes_equal(row + LANES, lf) + lanes_equal(row + 2 * LANES, lf) +
           lanes_equal(row + 3 * LANES, lf) + lanes_equal(row + 4 * LANES, lf);
}

/* The lines of so many rounds, at most ROUNDS. */
static unsigned int
count_in_rounds(const char *at, size_t rounds)
{
    const lanes lf = lanes_of('\n');
    uint8_t sums[LANES];
    lanes minus = {0};
    unsigned int lines = 0;

    for (const char *row = at; row < at + rounds * ROUND; row += ROUND) {
        minus +=
            minus_lines(row, lf) + minus_lines(row + FIVE, lf) + minus_lines(row + 2 * FIVE, lf);
    }
    minus = -minus;
    memcpy(sums, &minus, sizeof(sums));
    for (size_t lane = 0; lane < LANES; lane++) {
        lines += sums[lane];
    }
    return lines;
}

static unsigned int
count_lines(const char *at, size_t length)
{
    const char *end = at + length;
    unsigned int lines = 0;

    while ((size_t)(end - at) >= ROUND) {
        size_t rounds = (size_t)(end - at) / ROUND;
        rounds = rounds < ROUNDS ? rounds : ROUNDS;
        lines += count_in_rounds(at, rounds);
        at += rounds * ROUND;
    }
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        at++;
        lines++;
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

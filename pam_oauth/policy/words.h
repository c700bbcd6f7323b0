/*
 * Owned lists: of words, and, by the same rule of growth, of anything else in this directory.
 */
#ifndef PAM_OAUTH_POLICY_WORDS_H
#define PAM_OAUTH_POLICY_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/guard.h"
#include "base/span.h"
#include "base/status.h"

/* Words of a list, in the order in which they were written. */
struct words {
    char **at;
    size_t count;
};

/* Adds a copy at the end. ST_MEMORY. */
MUST_CHECK enum status words_add(struct words *words, struct span word);

bool words_have(const struct words *words, const char *word);

/* Frees and leaves an empty list. Fits CLEANUP. */
void words_done(struct words *words);

/* A malloced copy with a NUL behind it; NULL when memory is out. */
char *words_copy(struct span text);

/*
 * The array `items` with room for one more than the `count` items of `size` bytes in it, moved if
 * need be. NULL when memory is out; `items` is then as it was.
 */
void *words_room(void *items, size_t count, size_t size);

#endif

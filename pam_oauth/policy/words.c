#include "policy/words.h"

#include <stdlib.h>
#include <string.h>

void *
words_room(void *items, size_t count, size_t size)
{
    /* Full exactly when the count is a power of two; so the room need not be written down. */
    if (count > 0 && (count & (count - 1)) != 0) {
        return items;
    }
    return reallocarray(items, count > 0 ? 2 * count : 1, size);
}

char *
words_copy(struct span text)
{
    char *copy = malloc(text.length + 1);

    if (copy != NULL) {
        if (text.length > 0) {
            memcpy(copy, text.at, text.length);
        }
        copy[text.length] = '\0';
    }
    return copy;
}

enum status
words_add(struct words *words, struct span word)
{
    char **room = words_room(words->at, words->count, sizeof(*room));

    if (room == NULL) {
        return ST_MEMORY;
    }
    words->at = room;
    char *copy = words_copy(word);
    if (copy == NULL) {
        return ST_MEMORY;
    }
    words->at[words->count++] = copy;
    return ST_OK;
}

bool
words_have(const struct words *words, const char *word)
{
    for (size_t i = 0; i < words->count; i++) {
        if (strcmp(words->at[i], word) == 0) {
            return true;
        }
    }
    return false;
}

void
words_done(struct words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        free(words->at[i]);
    }
    free(words->at);
    *words = (struct words){.at = NULL, .count = 0};
}

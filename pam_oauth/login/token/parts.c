#include "login/token/parts.h"

static struct token_part
next_part(struct span left, size_t most, struct span previous)
{
    struct token_part part = {.text = left, .more = left.length > most};

    if (part.more) {
        part.text.length = most - 1;
    }
    if (part.text.length > 0 && span_equals(part.text, previous)) {
        part.text.length--;
        part.more = true;
    }
    return part;
}

struct token_part
token_parts_at(struct span token, size_t most, unsigned int number)
{
    struct token_part part = {.text = {.at = token.at, .length = 0}, .more = true};
    struct span left = token;

    for (unsigned int i = 0; i < number; i++) {
        if (!part.more) {
            return (struct token_part){.text = {.at = left.at, .length = 0}, .more = false};
        }
        part = next_part(left, most, part.text);
        left.at += part.text.length;
        left.length -= part.text.length;
    }
    return part;
}

unsigned int
token_parts_count(struct span token, size_t most)
{
    unsigned int count = 1;

    while (token_parts_at(token, most, count).more) {
        count++;
    }
    return count;
}

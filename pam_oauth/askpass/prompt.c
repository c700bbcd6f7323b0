#include "askpass/prompt.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/guard.h"
#include "base/text.h"
#include "login/token/prompt.h"
#include "policy/hosts.h"

static struct span
without(struct span text, size_t front, size_t back)
{
    return (struct span){.at = text.at + front, .length = text.length - front - back};
}

static bool
ends(struct span text, const char *end)
{
    size_t length = strlen(end);

    return text.length >= length && memcmp(text.at + text.length - length, end, length) == 0;
}

/* 0 for what is not ours. */
static unsigned int
part_of(struct span text)
{
    static const char *const first[] = {TOKEN_PROMPT_OR_BROWSER, TOKEN_PROMPT};
    int64_t part = 0;

    for (size_t i = 0; i < COUNT(first); i++) {
        if (span_is(text, first[i])) {
            return 1;
        }
    }
    size_t front = strlen(TOKEN_PROMPT_PART_BEFORE);
    size_t back = strlen(TOKEN_PROMPT_PART_BEHIND);
    if (text.length <= front + back || !span_starts(text, TOKEN_PROMPT_PART_BEFORE) ||
        !ends(text, TOKEN_PROMPT_PART_BEHIND) ||
        !text_number(without(text, front, back), 2, TOKEN_PARTS_MAX, &part)) {
        return 0;
    }
    return (unsigned int)part;
}

/* A name that holds a parenthesis or a blank could be told apart from a prompt by nobody. */
static bool
is_user(struct span user)
{
    for (size_t i = 0; i < user.length; i++) {
        char byte = user.at[i];
        if (byte <= 0x20 || byte > 0x7E || byte == '(' || byte == ')') {
            return false;
        }
    }
    return user.length > 0;
}

/*
 * `USER@HOST` of the prefix, which ends at the first `) `. A user's name may hold an `@`, a host's
 * cannot: ssh(1) cuts at the last one.
 */
static bool
take_prefix(struct span text, struct span *ret_host, struct span *ret_rest)
{
    const char *end = memmem(text.at, text.length, ") ", 2);

    if (end == NULL || !span_starts(text, "(")) {
        return false;
    }
    struct span inside = {.at = text.at + 1, .length = (size_t)(end - text.at) - 1};
    const char *at = memrchr(inside.at, '@', inside.length);
    if (at == NULL) {
        return false;
    }
    struct span user = {.at = inside.at, .length = (size_t)(at - inside.at)};
    *ret_host = without(inside, user.length + 1, 0);
    *ret_rest = without(text, inside.length + strlen("() "), 0);
    return is_user(user) && hosts_is_name(*ret_host);
}

struct prompt
prompt_read(struct span text)
{
    struct prompt prompt = {.host = {.at = text.at, .length = 0}, .part = part_of(text)};
    struct span host;
    struct span rest;

    if (prompt.part == 0 && take_prefix(text, &host, &rest)) {
        prompt.host = host;
        prompt.part = part_of(rest);
    }
    return prompt;
}

#include "oauth/freshness.h"

#include "base/text.h"

/* RFC 9111 section 1.2.2: what a number of seconds counts as that is larger than this. */
#define SECONDS_MAX ((int64_t)2147483648)

/* delta-seconds: digits, and nothing but digits. -1 for anything else. */
static int64_t
seconds(struct span text)
{
    int64_t number = 0;

    for (size_t i = 0; i < text.length; i++) {
        if (!text_is_digit(text.at[i])) {
            return -1;
        }
        number = number * 10 + (text.at[i] - '0');
        if (number > SECONDS_MAX) {
            number = SECONDS_MAX;
        }
    }
    return text.length > 0 ? number : -1;
}

/* Directive names are compared without regard to case (RFC 9111 section 5.2). */
static bool
is_directive(struct span name, const char *lower_case)
{
    struct span wanted = span_of(lower_case);

    if (name.length != wanted.length) {
        return false;
    }
    for (size_t i = 0; i < name.length; i++) {
        char byte = name.at[i];
        if (text_is_upper(byte)) {
            byte = (char)(byte + ('a' - 'A'));
        }
        if (byte != wanted.at[i]) {
            return false;
        }
    }
    return true;
}

/*
 * Takes the next directive off the front of `*rest`; false at the end. A comma inside quotes does
 * not end one: private="max-age=1, x" says nothing about the age.
 */
static bool
next_directive(struct span *rest, struct span *ret_directive)
{
    size_t length = 0;
    bool quoted = false;

    if (rest->length == 0) {
        return false;
    }
    while (length < rest->length && (quoted || rest->at[length] != ',')) {
        if (rest->at[length] == '"') {
            quoted = !quoted;
        } else if (quoted && rest->at[length] == '\\' && length + 1 < rest->length) {
            length++;
        }
        length++;
    }
    *ret_directive = (struct span){.at = rest->at, .length = length};
    size_t taken = length < rest->length ? length + 1 : length;
    *rest = (struct span){.at = rest->at + taken, .length = rest->length - taken};
    return true;
}

/* An argument may be a token or a quoted string, whatever the grammar of its directive says. */
static struct span
unquoted(struct span argument)
{
    if (argument.length >= 2 && argument.at[0] == '"' && argument.at[argument.length - 1] == '"') {
        return (struct span){.at = argument.at + 1, .length = argument.length - 2};
    }
    return argument;
}

/* The lifetime that Cache-Control gives, -1 when it gives none. The most restrictive word wins. */
static int64_t
lifetime_s(struct span cache_control)
{
    int64_t lifetime = -1;
    struct span rest = cache_control;
    struct span directive;

    while (next_directive(&rest, &directive)) {
        struct span name = directive;
        struct span argument = {NULL, 0};
        (void)span_cut(directive, '=', &name, &argument);
        name = span_trim(name);
        if (is_directive(name, "no-store") || is_directive(name, "no-cache")) {
            return 0;
        }
        if (lifetime < 0 && is_directive(name, "max-age")) {
            int64_t said = seconds(unquoted(span_trim(argument)));
            lifetime = said >= 0 ? said : 0;
        }
    }
    return lifetime;
}

/* Of a list, the first member counts (RFC 9111 section 5.1). */
static int64_t
age_s(struct span age)
{
    struct span first = age;
    struct span others;

    (void)span_cut(age, ',', &first, &others);
    int64_t said = seconds(span_trim(first));
    return said >= 0 ? said : 0;
}

int64_t
freshness_s(struct span cache_control, struct span age, int64_t min_s, int64_t max_s)
{
    int64_t lifetime = lifetime_s(cache_control);
    /* Neither side is larger than SECONDS_MAX, so this cannot overflow. */
    int64_t fresh = lifetime < 0 ? FRESHNESS_DEFAULT_S : lifetime - age_s(age);

    if (fresh < min_s) {
        fresh = min_s;
    }
    return fresh < max_s ? fresh : max_s;
}

int64_t
freshness_retry_after_s(struct span retry_after, int64_t most)
{
    int64_t said = seconds(span_trim(retry_after));

    return said < most ? said : most;
}

#include "policy/hosts.h"

#include <string.h>

#include "base/text.h"

/* RFC 1035 section 2.3.4 has 255; an IPv6 address with a zone is shorter. */
#define HOST_MAX 255

static bool
is_letter_or_digit(char byte)
{
    return text_is_lower(byte) || text_is_upper(byte) || text_is_digit(byte);
}

static bool
is_of_a_host(char byte)
{
    return is_letter_or_digit(byte) || (byte != '\0' && strchr(".-_:%", byte) != NULL);
}

bool
hosts_is_pattern(struct span word)
{
    bool names_something = false;
    bool star = false;

    if (word.length == 0 || word.length > HOST_MAX || word.at[0] == '-') {
        return false;
    }
    for (size_t i = 0; i < word.length; i++) {
        char byte = word.at[i];
        bool second_star = byte == '*' && star;
        if (second_star || (byte != '*' && !is_of_a_host(byte))) {
            return false;
        }
        star = byte == '*' || (star && byte != '.');
        names_something = names_something || is_letter_or_digit(byte);
    }
    return names_something;
}

bool
hosts_is_name(struct span word)
{
    return hosts_is_pattern(word) && memchr(word.at, '*', word.length) == NULL;
}

static bool
label_matches(struct span pattern, struct span label)
{
    struct span head;
    struct span tail;

    if (!span_cut(pattern, '*', &head, &tail)) {
        return text_equals_in_any_case(pattern, label);
    }
    if (label.length <= head.length + tail.length) {
        return false;
    }
    struct span label_head = {.at = label.at, .length = head.length};
    struct span label_tail = {.at = label.at + (label.length - tail.length), .length = tail.length};
    return text_equals_in_any_case(head, label_head) && text_equals_in_any_case(tail, label_tail);
}

bool
hosts_match(struct span pattern, struct span host)
{
    bool more_pattern = true;
    bool more_host = true;

    while (more_pattern && more_host) {
        struct span wanted = pattern;
        struct span label = host;
        more_pattern = span_cut(pattern, '.', &wanted, &pattern);
        more_host = span_cut(host, '.', &label, &host);
        if (!label_matches(wanted, label)) {
            return false;
        }
    }
    return more_pattern == more_host;
}

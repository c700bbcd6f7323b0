#include "policy/syntax.h"

#include <string.h>

#include "base/text.h"

#define NAME_LENGTH_MAX 64
#define ACCOUNT_LENGTH_MAX 31

static bool
is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static void
advance(struct syntax *rest, size_t by)
{
    rest->at += by;
    rest->length -= by;
}

static void
skip_blanks(struct syntax *rest)
{
    while (rest->length > 0 && is_blank(rest->at[0])) {
        advance(rest, 1);
    }
}

/* The next word, not taken. */
static struct span
peek(struct syntax *rest)
{
    size_t length = 0;

    skip_blanks(rest);
    while (length < rest->length && !is_blank(rest->at[length])) {
        length++;
    }
    return (struct span){.at = rest->at, .length = length};
}

struct span
syntax_word(struct syntax *rest)
{
    struct span word = peek(rest);

    advance(rest, word.length);
    return word;
}

bool
syntax_keyword(struct syntax *rest, const char *keyword)
{
    struct span word = peek(rest);

    if (!span_is(word, keyword)) {
        return false;
    }
    advance(rest, word.length);
    return true;
}

bool
syntax_at_end(const struct syntax *rest)
{
    return span_trim((struct span){.at = rest->at, .length = rest->length}).length == 0;
}

/* Takes a quoted run; the unquoted text begins where its opening quote stood. */
static enum status
take_quoted(struct syntax *rest, struct why *why, struct span *ret_text)
{
    char *text = rest->at;
    size_t length = 0;
    size_t from = 1;

    while (from < rest->length && rest->at[from] != '"') {
        if (rest->at[from] == '\\') {
            from++;
            if (from == rest->length || (rest->at[from] != '"' && rest->at[from] != '\\')) {
                return status_because(why, ST_CONFIG,
                                      "a backslash in quotes that is not followed by a quote or a "
                                      "backslash; double it");
            }
        }
        text[length++] = rest->at[from++];
    }
    if (from == rest->length) {
        return status_because(why, ST_CONFIG, "a quote that is not closed");
    }
    *ret_text = (struct span){.at = text, .length = length};
    advance(rest, from + 1);
    return ST_OK;
}

/* Takes a plain run up to a blank or, in a claim name, the `=`. */
static enum status
take_plain(struct syntax *rest, bool is_name, struct why *why, struct span *ret_text)
{
    size_t length = 0;

    while (length < rest->length && !is_blank(rest->at[length]) &&
           !(is_name && rest->at[length] == '=')) {
        if (rest->at[length] == '"') {
            return status_because(why, ST_CONFIG,
                                  "a quote in the middle of a word; quote the whole claim name or "
                                  "the whole value");
        }
        length++;
    }
    *ret_text = (struct span){.at = rest->at, .length = length};
    advance(rest, length);
    return ST_OK;
}

static enum status
take_name(struct syntax *rest, struct why *why, struct span *ret_name)
{
    struct span word = peek(rest);
    struct span name;
    bool quoted = rest->length > 0 && rest->at[0] == '"';

    if (word.length == 0) {
        return status_because(why, ST_CONFIG, "a condition is missing; it is claim=value");
    }
    TRY(quoted ? take_quoted(rest, why, &name) : take_plain(rest, true, why, &name));
    if (rest->length == 0 || rest->at[0] != '=') {
        return status_because(why, ST_CONFIG,
                              "'%.*s' is not a condition; write claim=value without blanks around "
                              "the '='",
                              SPAN_ARGS(name));
    }
    if (name.length == 0) {
        return status_because(why, ST_CONFIG, "a condition without a claim name before its '='");
    }
    advance(rest, 1);
    *ret_name = name;
    return ST_OK;
}

static size_t
count_stars(struct span text)
{
    size_t stars = 0;

    for (size_t i = 0; i < text.length; i++) {
        stars += text.at[i] == '*' ? 1 : 0;
    }
    return stars;
}

static enum status
take_value(struct syntax *rest, struct why *why, struct condition *condition)
{
    bool quoted = rest->length > 0 && rest->at[0] == '"';

    TRY(quoted ? take_quoted(rest, why, &condition->value)
               : take_plain(rest, false, why, &condition->value));
    if (rest->length > 0 && !is_blank(rest->at[0])) {
        return status_because(why, ST_CONFIG, "text right behind a closing quote; put a blank");
    }
    if (condition->value.length == 0) {
        return status_because(why, ST_CONFIG, "'%.*s=' has no value; an empty claim never matches",
                              SPAN_ARGS(condition->name));
    }
    size_t stars = quoted ? 0 : count_stars(condition->value);
    if (stars > 1) {
        return status_because(why, ST_CONFIG,
                              "'%.*s' has more than one '*'; quote the value if it means itself",
                              SPAN_ARGS(condition->value));
    }
    condition->wildcard = stars == 1;
    return ST_OK;
}

enum status
syntax_condition(struct syntax *rest, struct why *why, struct condition *ret_condition)
{
    struct condition condition = {.wildcard = false};

    skip_blanks(rest);
    TRY(take_name(rest, why, &condition.name));
    TRY(take_value(rest, why, &condition));
    *ret_condition = condition;
    return ST_OK;
}

static bool
must_be_quoted(struct span value)
{
    for (size_t i = 0; i < value.length; i++) {
        if (is_blank(value.at[i]) || value.at[i] == '"' || value.at[i] == '*') {
            return true;
        }
    }
    return value.length == 0;
}

enum status
syntax_write_value(struct span value, struct buf *into)
{
    if (!must_be_quoted(value)) {
        return buf_add(into, value);
    }
    TRY(buf_add_char(into, '"'));
    for (size_t i = 0; i < value.length; i++) {
        if (value.at[i] == '"' || value.at[i] == '\\') {
            TRY(buf_add_char(into, '\\'));
        }
        TRY(buf_add_char(into, value.at[i]));
    }
    return buf_add_char(into, '"');
}

static bool
is_name_byte(char byte)
{
    return text_is_lower(byte) || text_is_digit(byte) || byte == '_' || byte == '-';
}

bool
syntax_is_name(struct span text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (!is_name_byte(text.at[i])) {
            return false;
        }
    }
    return text.length > 0 && text.length <= NAME_LENGTH_MAX;
}

bool
syntax_is_account(struct span text)
{
    return syntax_is_name(text) && text.length <= ACCOUNT_LENGTH_MAX &&
           (text_is_lower(text.at[0]) || text.at[0] == '_');
}

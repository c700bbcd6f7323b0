#include <string.h>

#include "base/text.h"
#include "cli/who/why.h"

static bool
is_word(struct span text, const char *also)
{
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.at[i];
        if (!text_is_lower(byte) && !text_is_upper(byte) && !text_is_digit(byte) &&
            (byte == '\0' || strchr(also, byte) == NULL)) {
            return false;
        }
    }
    return text.length > 0;
}

/* Takes a word and the one blank behind it. */
static bool
take(struct span *rest, struct span *ret_word)
{
    struct span after;

    if (!span_cut(*rest, ' ', ret_word, &after)) {
        return false;
    }
    *rest = after;
    return true;
}

/* ---- what syslog puts in front ----------------------------------------------------------------
 */

/* `19:34:42` */
static bool
is_time(struct span text)
{
    static const char form[] = "dd:dd:dd";

    for (size_t i = 0; i < text.length && i < sizeof(form) - 1; i++) {
        if (form[i] == 'd' ? !text_is_digit(text.at[i]) : text.at[i] != form[i]) {
            return false;
        }
    }
    return text.length == sizeof(form) - 1;
}

/* `2026-11-25T19:34:42.123456+00:00`, as rsyslog and journalctl write it. */
static bool
is_date_and_time(struct span text)
{
    return text.length >= 19 && text_is_digit(text.at[0]) && text.at[4] == '-' &&
           text.at[10] == 'T' && is_time((struct span){.at = text.at + 11, .length = 8}) &&
           is_word(text, "-:.+");
}

/* Or `Nov 25 19:34:42`, `Nov  5 19:34:42`, perhaps with `<86>` in front of it. */
static bool
take_stamp(struct span *rest)
{
    struct span word;
    struct span number;

    if (!take(rest, &word)) {
        return false;
    }
    if (is_date_and_time(word)) {
        return true;
    }
    if (span_starts(word, "<") && span_cut(word, '>', &number, &word)) {
        number = (struct span){.at = number.at + 1, .length = number.length - 1};
        if (!is_word(number, "")) {
            return false;
        }
    }
    if (word.length != 3 || !is_word(word, "") || !take(rest, &word)) {
        return false;
    }
    if (word.length == 0 && !take(rest, &word)) { /* two blanks before a day of one digit */
        return false;
    }
    return is_word(word, "") && take(rest, &word) && is_time(word);
}

/* `sshd[123]:` or `sudo:` */
static bool
is_program(struct span word)
{
    struct span name;
    struct span pid;

    if (word.length == 0 || word.at[word.length - 1] != ':') {
        return false;
    }
    word.length--;
    if (!span_cut(word, '[', &name, &pid)) {
        return is_word(word, "_./-");
    }
    if (pid.length < 2 || pid.at[pid.length - 1] != ']') {
        return false;
    }
    pid.length--;
    for (size_t i = 0; i < pid.length; i++) {
        if (!text_is_digit(pid.at[i])) {
            return false;
        }
    }
    return is_word(name, "_./-");
}

static bool
take_head(struct span text, struct span *rest, struct span *ret_head)
{
    struct span word;

    *rest = text;
    if (!take_stamp(rest) || !take(rest, &word)) {
        return false;
    }
    if (!is_program(word) && (!is_word(word, "_.:-") || !take(rest, &word) || !is_program(word))) {
        return false;
    }
    *ret_head = (struct span){.at = text.at, .length = (size_t)(rest->at - text.at) - 2};
    return true;
}

/* `pam_oauth(sshd:auth): ` */
static bool
take_module(struct span *rest, struct span *ret_service)
{
    struct span word;
    struct span type;
    struct span end;

    if (!take(rest, &word) || !span_starts(word, "pam_oauth(")) {
        return false;
    }
    word = (struct span){.at = word.at + 10, .length = word.length - 10};
    return span_cut(word, ':', ret_service, &type) && is_word(*ret_service, "_.@-") &&
           span_cut(type, ')', &type, &end) && is_word(type, "") && span_is(end, ":");
}

/* ---- the fields -------------------------------------------------------------------------------
 */

/* All up to the closing quote; a backslash begins \xNN and nothing else. */
static bool
take_quoted(struct span *rest, struct span *ret_value)
{
    struct span inside = {.at = rest->at + 1, .length = rest->length - 1};
    struct span value;
    struct span after;

    if (!span_cut(inside, '"', &value, &after) || !text_is_printable(value)) {
        return false;
    }
    for (size_t i = 0; i < value.length; i++) {
        if (value.at[i] == '\\' &&
            (value.length - i < 4 || value.at[i + 1] != 'x' ||
             !is_word((struct span){.at = value.at + i + 2, .length = 2}, ""))) {
            return false;
        }
    }
    *ret_value = value;
    *rest = after;
    return true;
}

static bool
take_bare(struct span *rest, struct span *ret_value)
{
    size_t length = 0;

    while (length < rest->length && rest->at[length] > ' ' && rest->at[length] <= '~' &&
           strchr("\"\\=", rest->at[length]) == NULL) {
        length++;
    }
    *ret_value = (struct span){.at = rest->at, .length = length};
    *rest = (struct span){.at = rest->at + length, .length = rest->length - length};
    return length > 0;
}

/* One `key=value`, whose key stands behind `*field` in their order. */
static bool
take_field(struct span *rest, size_t *field, struct why_line *line)
{
    struct span key;
    struct span after;

    if (!span_cut(*rest, '=', &key, &after)) {
        return false;
    }
    while (*field < AUDIT_FIELD_COUNT && !span_is(key, audit_field_names[*field])) {
        ++*field;
    }
    if (*field == AUDIT_FIELD_COUNT) {
        return false;
    }
    *rest = after;
    struct span *value = &line->values[(*field)++];
    return span_starts(*rest, "\"") ? take_quoted(rest, value) : take_bare(rest, value);
}

bool
why_line_parse(struct span text, struct why_line *ret_line)
{
    struct why_line line = {.head = span_of("")};
    size_t field = 0;
    struct span rest;

    if (!take_head(text, &rest, &line.head) || !take_module(&rest, &line.service)) {
        return false;
    }
    while (take_field(&rest, &field, &line)) {
        if (rest.length == 0) {
            *ret_line = line;
            return line.values[AUDIT_VERDICT].length > 0 && line.values[AUDIT_REF].length > 0 &&
                   (span_is(line.values[AUDIT_EVENT], "sign_in") ||
                    span_is(line.values[AUDIT_EVENT], "account"));
        }
        if (!span_starts(rest, " ")) {
            return false;
        }
        rest = (struct span){.at = rest.at + 1, .length = rest.length - 1};
    }
    return false;
}

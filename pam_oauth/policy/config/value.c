#include "policy/config/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "policy/config/keys.h"
#include "policy/hosts.h"
#include "policy/requirement.h"
#include "policy/syntax.h"

/* So much of a bad value is shown. */
#define SHOWN_MAX 100
#define USER_MAX 32

void *
config_value_field(const struct config_key *key, void *object)
{
    return (char *)object + key->field;
}

enum status
config_value_refuse(const struct config_reading *reading, const char *must_be, struct why *why)
{
    int shown = (int)(reading->text.length < SHOWN_MAX ? reading->text.length : SHOWN_MAX);

    return status_because(why, ST_CONFIG, "'%s' is '%.*s'; it must be %s", reading->key->name,
                          shown, reading->text.at, must_be);
}

/* ---- text ----------------------------------------------------------------------------------- */

enum status
config_value_store(const struct config_reading *reading, struct span text, void *object)
{
    char **field = config_value_field(reading->key, object);

    *field = words_copy(text);
    return *field != NULL ? ST_OK : ST_MEMORY;
}

static enum status
read_text(const struct config_reading *reading, void *object, struct why *why)
{
    const struct config_value *value = reading->key->value;

    if (!value->fits(reading->text)) {
        return config_value_refuse(reading, value->must_be, why);
    }
    return config_value_store(reading, reading->text, object);
}

void
config_value_text_done(const struct config_key *key, void *object)
{
    char **field = config_value_field(key, object);

    free(*field);
    *field = NULL;
}

static bool
is_word(struct span text)
{
    struct span rest = text;
    struct span word;

    return span_word(&rest, &word) && span_equals(word, text);
}

/* No `.` and `..`: the path that is checked must be the path that is meant. */
static bool
is_path(struct span text)
{
    struct span step;
    struct span rest = text;

    if (!span_starts(text, "/") || !is_word(text)) {
        return false;
    }
    while (span_cut(rest, '/', &step, &rest)) {
        if (span_is(step, ".") || span_is(step, "..")) {
            return false;
        }
    }
    return rest.length > 0 && !span_is(rest, ".") && !span_is(rest, "..");
}

/* Any user that may exist (POSIX portable names), not only one that a rule may name. */
static bool
is_user(struct span text)
{
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.at[i];
        if (!text_is_lower(byte) && !text_is_upper(byte) && !text_is_digit(byte) && byte != '_' &&
            byte != '.' && byte != '-') {
            return false;
        }
    }
    return text.length > 0 && text.length <= USER_MAX && text.at[0] != '-';
}

const struct config_value config_value_word = {read_text, config_value_text_done, is_word,
                                               "one word"};
const struct config_value config_value_path = {
    read_text, config_value_text_done, is_path,
    "an absolute path without blanks, '.', '..' and a slash at its end"};
const struct config_value config_value_user = {read_text, config_value_text_done, is_user,
                                               "a user name"};
const struct config_value config_value_preset = {read_text, config_value_text_done, syntax_is_name,
                                                 "a preset's name: a-z, 0-9, _ and -"};

/* ---- scope and marker ------------------------------------------------------------------------ */

/* RFC 6749 section 3.3; a `#` in front can only be a comment where none may stand. */
static bool
is_scope(struct span word)
{
    for (size_t i = 0; i < word.length; i++) {
        if (word.at[i] < 0x21 || word.at[i] > 0x7E || word.at[i] == '"' || word.at[i] == '\\') {
            return false;
        }
    }
    return word.length > 0 && word.at[0] != '#';
}

static enum status
read_scope(const struct config_reading *reading, void *object, struct why *why)
{
    struct buf scope CLEANUP(buf_done) = BUF(4096);
    struct span rest = reading->text;
    struct span word;

    if (rest.length > 2048) {
        return config_value_refuse(reading, "shorter", why);
    }
    while (span_word(&rest, &word)) {
        if (!is_scope(word)) {
            return config_value_refuse(reading, "scopes, separated by blanks", why);
        }
        TRY(scope.length > 0 ? buf_add_char(&scope, ' ') : ST_OK);
        TRY(buf_add(&scope, word));
    }
    return config_value_store(reading, buf_span(&scope), object);
}

enum status
config_value_parse_marker(char *text, struct why *why, struct condition *ret_marker)
{
    struct syntax rest = {.at = text, .length = strlen(text)};
    struct condition marker;

    TRY(syntax_condition(&rest, why, &marker));
    if (!syntax_at_end(&rest)) {
        return status_because(why, ST_CONFIG, "more than one condition");
    }
    *ret_marker = marker;
    return ST_OK;
}

/* Only checked here: config_build parses the stored text, in which the condition then points. */
static enum status
read_marker(const struct config_reading *reading, void *object, struct why *why)
{
    char *copy = words_copy(reading->text);
    struct condition marker;
    struct why cause = {""};

    if (copy == NULL) {
        return ST_MEMORY;
    }
    enum status status = config_value_parse_marker(copy, &cause, &marker);
    free(copy);
    if (status != ST_OK) {
        return status_because(why, status, "'%s': %s", reading->key->name, cause.sentence);
    }
    return config_value_store(reading, reading->text, object);
}

const struct config_value config_value_scope = {read_scope, config_value_text_done, NULL, NULL};
const struct config_value config_value_marker = {read_marker, config_value_text_done, NULL, NULL};

/* ---- lists of words -------------------------------------------------------------------------- */

static enum status
read_words(const struct config_reading *reading, void *object, struct why *why)
{
    const struct config_value *value = reading->key->value;
    struct words *field = config_value_field(reading->key, object);
    struct span rest = reading->text;
    struct span word;

    while (span_word(&rest, &word)) {
        if (!value->fits(word)) {
            return config_value_refuse(reading, value->must_be, why);
        }
        TRY(words_add(field, word));
    }
    return ST_OK;
}

static void
words_field_done(const struct config_key *key, void *object)
{
    words_done(config_value_field(key, object));
}

/* A name, an IPv4 address, or an IPv6 address in brackets; a resolver will have the last word. */
static bool
is_host(struct span word)
{
    bool brackets = word.length > 2 && word.at[0] == '[' && word.at[word.length - 1] == ']';
    struct span inner = {.at = word.at + (brackets ? 1 : 0),
                         .length = word.length - (brackets ? 2 : 0)};

    for (size_t i = 0; i < inner.length; i++) {
        char byte = inner.at[i];
        if (!text_is_lower(byte) && !text_is_upper(byte) && !text_is_digit(byte) && byte != '.' &&
            byte != (brackets ? ':' : '-')) {
            return false;
        }
    }
    return inner.length > 0 && inner.at[0] != '.' && inner.at[0] != '-';
}

/* What its owner or an administrator changes is not made stable by being listed (R18). */
static bool
is_stable_claim(struct span word)
{
    static const char *const not_stable[] = {"email", "preferred_username", "upn",    "unique_name",
                                             "name",  "nickname",           "groups", "roles"};

    for (size_t i = 0; i < COUNT(not_stable); i++) {
        if (span_is(word, not_stable[i])) {
            return false;
        }
    }
    return word.at[0] != '#';
}

const struct config_value config_value_hosts = {read_words, words_field_done, is_host,
                                                "host names or addresses, without scheme and port"};
const struct config_value config_value_host_patterns = {
    read_words, words_field_done, hosts_is_pattern,
    "patterns of host names, in which a '*' stands for a part of one label, and none for every "
    "host"};
const struct config_value config_value_claims = {
    read_words, words_field_done, is_stable_claim,
    "claims that never change, which names, addresses, groups and roles do (see mutable_claims)"};
/* A person's identity is not one of several, and a string that anybody may hold has no parts. */
static bool
is_list_claim(struct span word)
{
    static const char *const not_lists[] = {"sub",   "iss",  "email", "preferred_username",
                                            "upn",   "name", "oid",   "acr",
                                            "scope", "scp",  "nonce", "azp"};

    for (size_t i = 0; i < COUNT(not_lists); i++) {
        if (span_is(word, not_lists[i])) {
            return false;
        }
    }
    return word.at[0] != '#';
}

const struct config_value config_value_lists = {
    read_words, words_field_done, is_list_claim,
    "claims that list groups, roles and the like, which names, identifiers and scopes do not"};
const struct config_value config_value_accounts = {read_words, words_field_done, is_user,
                                                   "account names, separated by blanks"};

/* Appends `word` with %h replaced; false for any other use of a percent sign. */
static enum status
expand_host(struct span word, const char *host, struct buf *into, bool *ret_good)
{
    struct span before;

    *ret_good = true;
    while (span_cut(word, '%', &before, &word)) {
        TRY(buf_add(into, before));
        if (span_starts(word, "h")) {
            TRY(buf_add_text(into, host));
        } else if (span_starts(word, "%")) {
            TRY(buf_add_char(into, '%'));
        } else {
            *ret_good = false;
            return ST_OK;
        }
        word = (struct span){.at = word.at + 1, .length = word.length - 1};
    }
    return buf_add(into, word);
}

static enum status
read_audience(const struct config_reading *reading, void *object, struct why *why)
{
    struct words *field = config_value_field(reading->key, object);
    struct span rest = reading->text;
    struct span word;

    while (span_word(&rest, &word)) {
        struct buf expanded CLEANUP(buf_done) = BUF((size_t)64 * 1024);
        bool good = false;
        TRY(expand_host(word, reading->host, &expanded, &good));
        if (!good || word.at[0] == '#') {
            return config_value_refuse(
                reading, "words in which %h is this host's name and %% a percent sign", why);
        }
        TRY(words_add(field, buf_span(&expanded)));
    }
    return ST_OK;
}

const struct config_value config_value_audience = {read_audience, words_field_done, NULL, NULL};

/* ---- numbers and choices --------------------------------------------------------------------- */

static void
nothing_done(const struct config_key *key, void *object)
{
    (void)key;
    (void)object;
}

/* As one would write it: 90s, 5m, 24h. */
static void
write_duration(int64_t seconds, char text[24])
{
    static const struct {
        int64_t length;
        char name;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    size_t at = 0;

    while (seconds % units[at].length != 0 || (seconds == 0 && units[at].length > 1)) {
        at++;
    }
    (void)snprintf(text, 24, "%lld%c", (long long)(seconds / units[at].length), units[at].name);
}

static enum status
read_duration(const struct config_reading *reading, void *object, struct why *why)
{
    const struct config_bounds *bounds = &reading->key->bounds;
    char least[24];
    char most[24];
    char must_be[96];

    if (text_duration_s(reading->text, bounds->min, bounds->max,
                        config_value_field(reading->key, object))) {
        return ST_OK;
    }
    write_duration(bounds->min, least);
    write_duration(bounds->max, most);
    (void)snprintf(must_be, sizeof(must_be), "a time from %s to %s: a number and s, m, h or d",
                   least, most);
    return config_value_refuse(reading, must_be, why);
}

static enum status
read_number(const struct config_reading *reading, void *object, struct why *why)
{
    const struct config_bounds *bounds = &reading->key->bounds;
    char must_be[64];

    if (text_number(reading->text, bounds->min, bounds->max,
                    config_value_field(reading->key, object))) {
        return ST_OK;
    }
    (void)snprintf(must_be, sizeof(must_be), "a number from %lld to %lld", (long long)bounds->min,
                   (long long)bounds->max);
    return config_value_refuse(reading, must_be, why);
}

/* The place of a word in a list of words; -1 if it is not there. */
static int
place_in(const char *list, struct span word)
{
    struct span rest = span_of(list);
    struct span choice;

    for (int place = 0; span_word(&rest, &choice); place++) {
        if (span_equals(choice, word)) {
            return place;
        }
    }
    return -1;
}

static enum status
find_choice(const struct config_reading *reading, struct why *why, unsigned int *ret_place)
{
    char must_be[128];
    int place = place_in(reading->key->bounds.choices, reading->text);

    if (place < 0) {
        (void)snprintf(must_be, sizeof(must_be), "one of: %s", reading->key->bounds.choices);
        return config_value_refuse(reading, must_be, why);
    }
    *ret_place = (unsigned int)place;
    return ST_OK;
}

/* An enum whose values stand in the order of the choices; gcc and clang make it unsigned int. */
static enum status
read_choice(const struct config_reading *reading, void *object, struct why *why)
{
    return find_choice(reading, why, config_value_field(reading->key, object));
}

static enum status
read_flag(const struct config_reading *reading, void *object, struct why *why)
{
    bool *field = config_value_field(reading->key, object);
    unsigned int place = 0;

    TRY(find_choice(reading, why, &place));
    *field = place == 1;
    return ST_OK;
}

static enum status
read_algorithms(const struct config_reading *reading, void *object, struct why *why)
{
    const char *names[ALG_COUNT];
    struct span unknown;

    if (alg_set_parse(reading->text, config_value_field(reading->key, object), &unknown)) {
        return ST_OK;
    }
    for (unsigned int alg = 0; alg < ALG_COUNT; alg++) {
        names[alg] = alg_row((enum alg)alg)->name;
    }
    const char *nearest = text_nearest(unknown, names, ALG_COUNT);
    return status_because(why, ST_CONFIG, "'algorithms' has '%.*s', which is not one of them%s%s%s",
                          (int)(unknown.length < SHOWN_MAX ? unknown.length : SHOWN_MAX),
                          unknown.at, nearest != NULL ? "; did you mean '" : "; remove it",
                          nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
}

const struct config_value config_value_duration = {read_duration, nothing_done, NULL, NULL};
const struct config_value config_value_number = {read_number, nothing_done, NULL, NULL};
const struct config_value config_value_choice = {read_choice, nothing_done, NULL, NULL};
const struct config_value config_value_flag = {read_flag, nothing_done, NULL, NULL};
const struct config_value config_value_algorithms = {read_algorithms, nothing_done, NULL, NULL};

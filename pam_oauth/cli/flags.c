#include "cli/flags.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define FLAGS_MOST 32
/* The year 9999, as for the dates in a token. */
#define EPOCH_MAX INT64_C(253402300799)

/* A word of the command line on its way through. */
struct word {
    struct span name; /* of a flag, without dashes and value */
    char *value;      /* behind its `=`, or NULL */
};

static struct word
split(char *argument)
{
    char *name = argument + 2;
    char *equals = strchr(name, '=');

    return (struct word){
        .name = {.at = name, .length = equals != NULL ? (size_t)(equals - name) : strlen(name)},
        .value = equals != NULL ? equals + 1 : NULL,
    };
}

static enum status
unknown(const struct flag *flags, size_t count, const char *argument, struct span name,
        struct why *why)
{
    const char *names[FLAGS_MOST];
    struct span word = span_of(argument);

    /* Of `--isuer=x` the value is nobody's business. */
    if (name.length > 0) {
        word.length = name.length + 2;
    }
    for (size_t i = 0; i < count && i < FLAGS_MOST; i++) {
        names[i] = flags[i].name;
    }
    const char *nearest = text_nearest(name, names, count < FLAGS_MOST ? count : FLAGS_MOST);
    return status_because(why, ST_CONFIG, "'%s' is not an option of it%s%s%s",
                          text_quote(word).text, nearest != NULL ? "; did you mean '--" : "",
                          nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
}

static const struct flag *
find(const struct flag *flags, size_t count, struct span name)
{
    for (size_t i = 0; i < count; i++) {
        if (span_is(name, flags[i].name)) {
            return &flags[i];
        }
    }
    return NULL;
}

/* One flag, with the next word as its value where it needs one; `*at` moves on to that word. */
static enum status
take_flag(const struct flag *flag, struct word word, char **argv, int *at, void *into,
          struct why *why)
{
    struct why reason = {""};

    if (flag->on != NULL) {
        *flag->on = true;
        return word.value == NULL
                   ? ST_OK
                   : status_because(why, ST_CONFIG, "--%s takes no value", flag->name);
    }
    if (word.value == NULL) {
        word.value = argv[++*at];
    }
    if (word.value == NULL || (flag->text != NULL && word.value[0] == '\0')) {
        return status_because(why, ST_CONFIG, "--%s needs a value", flag->name);
    }
    if (flag->text != NULL) {
        *flag->text = word.value;
        return ST_OK;
    }
    enum status status = flag->take(into, word.value, &reason);
    return status == ST_OK ? ST_OK
                           : status_because(why, status, "--%s %s", flag->name, reason.sentence);
}

enum status
flags_parse(const struct flag *flags, size_t count, int argc, char **argv,
            enum status (*operand)(void *into, char *word, struct why *why), void *into,
            struct why *why)
{
    bool only_operands = false;

    for (int at = 1; at < argc; at++) {
        char *argument = argv[at];

        if (only_operands || argument[0] != '-' || argument[1] == '\0') {
            TRY(operand(into, argument, why));
            continue;
        }
        if (strcmp(argument, "--") == 0) {
            only_operands = true;
            continue;
        }
        bool is_long = argument[1] == '-';
        struct word word = is_long ? split(argument) : (struct word){.name = span_of("")};
        const struct flag *flag = is_long ? find(flags, count, word.name) : NULL;
        if (flag == NULL) {
            return unknown(flags, count, argument, word.name, why);
        }
        TRY(take_flag(flag, word, argv, &at, into, why));
    }
    return ST_OK;
}

enum status
flags_no_operand(void *into, char *word, struct why *why)
{
    (void)into;
    return status_because(why, ST_CONFIG, "'%s' is one word too many",
                          text_quote(span_of(word)).text);
}

enum status
flags_epoch(const char *value, struct why *why, int64_t *ret_epoch_s)
{
    return text_number(span_of(value), 0, EPOCH_MAX, ret_epoch_s)
               ? ST_OK
               : status_because(why, ST_CONFIG, "takes seconds since 1970");
}

enum status
flags_action(const char *const names[2], int *argc, char ***argv, struct why *why, bool *ret_second)
{
    *ret_second = false;
    if (*argc < 2 || (*argv)[1][0] == '-') {
        return ST_OK;
    }
    const char *word = (*argv)[1];
    *ret_second = strcmp(word, names[1]) == 0;
    if (!*ret_second && strcmp(word, names[0]) != 0) {
        const char *nearest = text_nearest(span_of(word), names, 2);
        return status_because(why, ST_CONFIG, "'%s' is neither %s nor %s%s%s%s",
                              text_quote(span_of(word)).text, names[0], names[1],
                              nearest != NULL ? "; did you mean '" : "",
                              nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
    }
    (*argc)--;
    (*argv)++;
    return ST_OK;
}

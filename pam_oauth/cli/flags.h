/*
 * The words behind a command: `--name VALUE`, `--name=VALUE`, `--name`, operands, and `--`, behind
 * which everything is an operand. Names are whole or wrong: half an option would be a different
 * one as soon as another begins the same way.
 */
#ifndef PAM_OAUTH_CLI_FLAGS_H
#define PAM_OAUTH_CLI_FLAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* One of the three says what becomes of it; with `on` it takes no value. */
struct flag {
    const char *name; /* without the dashes */
    bool *on;         /* becomes true */
    char **text;      /* becomes the value, a word of argv, which is not empty */
    /*
     * Looks at the value. ST_CONFIG with what is wrong, as the rest of a sentence that begins with
     * the flag's name.
     */
    enum status (*take)(void *into, char *value, struct why *why);
};

/*
 * Goes through argv[1] and on, calling `operand` for every word that is no flag and no value of
 * one. ST_CONFIG with a sentence that names the word and, if there is one, the nearest flag.
 */
MUST_CHECK enum status flags_parse(const struct flag *flags, size_t count, int argc, char **argv,
                                   enum status (*operand)(void *into, char *word, struct why *why),
                                   void *into, struct why *why);

/* For a command that takes no operand. */
MUST_CHECK enum status flags_no_operand(void *into, char *word, struct why *why);

/* `--at`: seconds since 1970, up to the year 9999. */
MUST_CHECK enum status flags_epoch(const char *value, struct why *why, int64_t *ret_epoch_s);

/*
 * What a command of two actions is to do. It stands first, so that it cannot be taken for an
 * option's value, and is then taken out; without it, it is the first. ST_CONFIG for any other.
 */
MUST_CHECK enum status flags_action(const char *const names[2], int *argc, char ***argv,
                                    struct why *why, bool *ret_second);

#endif

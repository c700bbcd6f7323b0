/*
 * The words behind a command: `--name VALUE`, `--name=VALUE`, `--name`, operands, and `--`, behind
 * which everything is an operand. Names are whole or wrong: half an option would be a different
 * one as soon as another begins the same way.
 */
#ifndef PAM_OAUTH_CLI_FLAGS_H
#define PAM_OAUTH_CLI_FLAGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

struct flag {
    const char *name; /* without the dashes */
    bool takes_value;
    /*
     * Takes one occurrence; `value` is NULL for a flag without. ST_CONFIG with what is wrong, as
     * the rest of a sentence that begins with the flag's name.
     */
    enum status (*take)(void *into, char *value, struct why *why);
};

/*
 * Goes through argv[1] and on, calling flag->take for every flag and `operand` for every other
 * word. ST_CONFIG with a sentence that names the word and, if there is one, the nearest flag.
 */
MUST_CHECK enum status flags_parse(const struct flag *flags, size_t count, int argc, char **argv,
                                   enum status (*operand)(void *into, char *word, struct why *why),
                                   void *into, struct why *why);

#endif

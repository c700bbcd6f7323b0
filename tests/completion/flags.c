/*
 * The options of each command, from the very tables that parse them: linked with the objects of
 * pam-oauth and with flags_parse wrapped, `flags COMMAND [ACTION]` prints `NAME value` or `NAME -`
 * a line in place of what the command would have done.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/flags.h"

enum status __wrap_flags_parse(const struct flag *flags, size_t count, int argc, char **argv,
                               enum status (*operand)(void *into, char *word, struct why *why),
                               void *into, struct why *why);

enum status
__wrap_flags_parse(const struct flag *flags, size_t count, int argc, char **argv,
                   enum status (*operand)(void *into, char *word, struct why *why), void *into,
                   struct why *why)
{
    (void)argc;
    (void)argv;
    (void)operand;
    (void)into;
    (void)why;
    for (size_t i = 0; i < count; i++) {
        (void)printf("%s %s\n", flags[i].name, flags[i].on != NULL ? "-" : "value");
    }
    exit(0);
}

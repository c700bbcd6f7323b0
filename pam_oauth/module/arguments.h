/*
 * The words behind the module's path in a PAM stack: `config=PATH` and `debug`, nothing else.
 */
#ifndef PAM_OAUTH_MODULE_ARGUMENTS_H
#define PAM_OAUTH_MODULE_ARGUMENTS_H

#include <stdbool.h>

#include "base/status.h"

struct arguments {
    const char *config; /* absolute; borrowed from argv or constant */
    bool debug;
};

/* ST_CONFIG, naming the word and what is allowed, for anything else (R12). */
MUST_CHECK enum status arguments_parse(int argc, const char **argv, struct why *why,
                                       struct arguments *ret_arguments);

#endif

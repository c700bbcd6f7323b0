/*
 * What the parts of `pam-oauth check` have in common.
 */
#ifndef PAM_OAUTH_CLI_CHECK_CHECK_H
#define PAM_OAUTH_CLI_CHECK_CHECK_H

#include "cli/site.h"

struct checkup {
    const struct cli_site *cli; /* its configuration has no error */
    const char *config;         /* the configuration's path */
    const char *root;           /* the system is below it; "" for this one */
    struct findings *findings;
};

#endif

/*
 * Does the PAM stack of each service that names this module do what the module says? Looked at are
 * control flags that would drop a denial, what is missing behind them, a way in that does not lead
 * past the module (the break glass), and what belongs to the service in the configuration.
 */
#ifndef PAM_OAUTH_CLI_CHECK_CHECK_PAM_H
#define PAM_OAUTH_CLI_CHECK_CHECK_PAM_H

#include "cli/check/check.h"

/* Adds what is wrong to the findings. ST_MEMORY. */
MUST_CHECK enum status check_pam(const struct checkup *check);

#endif

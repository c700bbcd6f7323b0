/*
 * Asks each provider what a sign-in would ask it: its metadata and its keys; and compares its clock
 * with ours. Nothing of the answer is kept.
 */
#ifndef PAM_OAUTH_CLI_CHECK_CHECK_PROVIDER_H
#define PAM_OAUTH_CLI_CHECK_CHECK_PROVIDER_H

#include "cli/check/check.h"

/* Adds what is wrong to the findings, at the provider's section. ST_MEMORY. */
MUST_CHECK enum status check_providers(const struct checkup *check);

#endif

/*
 * Does sshd let its connections come to this module, for as long as a sign-in takes?
 */
#ifndef PAM_OAUTH_CLI_CHECK_CHECK_SSHD_H
#define PAM_OAUTH_CLI_CHECK_CHECK_SSHD_H

#include "cli/check/check.h"

/* Where there is a [service sshd], adds what is wrong to the findings. ST_MEMORY. */
MUST_CHECK enum status check_sshd(const struct checkup *check);

/*
 * sshd_config(5), TIME FORMATS: numbers, each with a unit (s m h d w, in either case) or none, one
 * behind the other. False for anything else.
 */
bool check_sshd_seconds(struct span text, int64_t *ret_s);

#endif

/*
 * Owners and modes of what the module reads, runs and keeps, and the one limit of login(1) that a
 * device flow comes up against.
 */
#ifndef PAM_OAUTH_CLI_CHECK_CHECK_PLACES_H
#define PAM_OAUTH_CLI_CHECK_CHECK_PLACES_H

#include "cli/check/check.h"

/*
 * Secrets, pinned keys and CA files of the providers; the directories of [paths]. Nobody but root
 * may write there, and of some nobody else may read (R111, E63). Adds what is wrong to the
 * findings. ST_MEMORY.
 */
MUST_CHECK enum status check_places(const struct checkup *check);

/* LOGIN_TIMEOUT of /etc/login.defs, where there is a [service login] with a device flow. ST_MEMORY.
 */
MUST_CHECK enum status check_login_timeout(const struct checkup *check);

#endif

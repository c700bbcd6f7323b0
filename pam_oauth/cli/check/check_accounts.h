/*
 * Accounts of this host that the map names and no service lets a rule name.
 */
#ifndef PAM_OAUTH_CLI_CHECK_CHECK_ACCOUNTS_H
#define PAM_OAUTH_CLI_CHECK_CHECK_ACCOUNTS_H

#include "cli/check/check.h"

/*
 * Warns of each rule for an account below UID_MIN that is in system_users of no service which the
 * rule is for. One that this host does not have is not warned of: a map may be a whole fleet's. At
 * most a thousand accounts are looked up: a directory may be slow. ST_MEMORY.
 */
MUST_CHECK enum status check_accounts(const struct checkup *check);

#endif

/*
 * `sign_in_within` (DESIGN section 7): has anybody signed in to this account, through this module,
 * lately? It is asked in the account phase, which keys come through that ask nobody else. By
 * account alone: at that moment sshd does not say whose key it was.
 */
#ifndef PAM_OAUTH_LOGIN_RECENT_RECENT_H
#define PAM_OAUTH_LOGIN_RECENT_RECENT_H

#include "login/attempt.h"

/*
 * ST_OK; ST_REQUIREMENT when nobody has, within the service's sign_in_within; ST_UNKNOWN_USER;
 * ST_CLOCK ST_STORE ST_MEMORY ST_INTERNAL when it cannot be told. Writes the audit line, event
 * `account`, and unless the attempt is silent tells the user what to do.
 */
MUST_CHECK enum status recent_check(const struct attempt *attempt);

#endif

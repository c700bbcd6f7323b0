/*
 * One sign-in from the first prompt to the audit line: the two ways in, and the one verdict on
 * both. Read signin.c first: it is the policy on one screen.
 */
#ifndef PAM_OAUTH_LOGIN_SIGNIN_H
#define PAM_OAUTH_LOGIN_SIGNIN_H

#include "login/attempt.h"

/*
 * ST_OK, and only then is the person behind the conversation the account's. Anything else refuses.
 * Writes the audit line and, unless PAM_SILENT, tells the user what to do.
 */
MUST_CHECK enum status signin_run(struct attempt *attempt);

#endif

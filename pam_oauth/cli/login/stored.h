/*
 * Going through the sign-ins that the user has stored, whatever the configuration says today.
 */
#ifndef PAM_OAUTH_CLI_LOGIN_STORED_H
#define PAM_OAUTH_CLI_LOGIN_STORED_H

#include "cli/login/grant.h"

/*
 * Calls `each` with the name of every provider of which there is a grant, in no order, or of this
 * one alone. The first status besides ST_OK ends it. ST_STORE when the directory cannot be read.
 */
MUST_CHECK enum status stored_each(const struct wallet_place *place, const char *provider,
                                   enum status (*each)(void *context, const char *provider,
                                                       struct why *why),
                                   void *context, struct why *why);

#endif

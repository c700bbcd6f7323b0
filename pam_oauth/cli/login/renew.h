/*
 * A new token from the refresh token of a sign-in (RFC 6749 section 6).
 */
#ifndef PAM_OAUTH_CLI_LOGIN_RENEW_H
#define PAM_OAUTH_CLI_LOGIN_RENEW_H

#include "cli/login/grant.h"
#include "cli/login/mine.h"

/*
 * Renews the grant of mine->provider in place; the lock is held, the caller keeps it. ST_EXPIRED
 * when there is nothing to renew it with, or the provider does not any more: then the refresh token
 * is gone from it. Else what keep_judge() and granted_reply() say.
 */
MUST_CHECK enum status renew_grant(struct mine *mine, struct why *why, struct grant *grant);

#endif

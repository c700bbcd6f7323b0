/*
 * From what a token endpoint granted to what is kept: the tokens are verified by the same code as
 * anywhere, and the one that hosts and the module want to see is chosen.
 */
#ifndef PAM_OAUTH_CLI_LOGIN_KEEP_H
#define PAM_OAUTH_CLI_LOGIN_KEEP_H

#include "cli/login/grant.h"
#include "cli/login/mine.h"
#include "oauth/granted.h"

/*
 * `grant` holds what was asked for; of an earlier sign-in that is renewed, also its subject, which
 * must stay the same. On success it holds the token and what it says. `nonce` is the sign-in's, or
 * NULL where none was sent.
 * ST_OK; any refusal or fault of a token (login/token/token.h); ST_PROVIDER when what came is not
 * what is wanted, with the remedy in `why`; ST_MEMORY.
 */
MUST_CHECK enum status keep_judge(struct mine *mine, const struct granted *granted,
                                  const char *nonce, struct why *why, struct grant *grant);

#endif

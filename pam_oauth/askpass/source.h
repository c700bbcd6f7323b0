/*
 * Where the token comes from: PAM_OAUTH_TOKEN_FILE, else PAM_OAUTH_TOKEN_COMMAND, else what
 * `pam-oauth login` stored. Never from the environment itself or from an argument, which others
 * can see (R114).
 */
#ifndef PAM_OAUTH_ASKPASS_SOURCE_H
#define PAM_OAUTH_ASKPASS_SOURCE_H

#include "base/buf.h"

/*
 * Puts the token, without its line end, into `token`, which is empty. ST_STORE with the reason and
 * the remedy when there is none, or what is there is not to be trusted (R112, E64); ST_MEMORY.
 */
MUST_CHECK enum status source_token(struct why *why, struct buf *token);

#endif

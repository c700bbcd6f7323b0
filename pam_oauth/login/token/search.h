/*
 * Whose key verifies a token: the issuers of a ring, asked one after the other, first with what is
 * stored, then with what their providers say. Which issuer it is is not read from the token, whose
 * payload nobody has seen yet.
 */
#ifndef PAM_OAUTH_LOGIN_TOKEN_SEARCH_H
#define PAM_OAUTH_LOGIN_TOKEN_SEARCH_H

#include "login/token/token.h"

/*
 * For a token that was taken apart (token->jws): sets `verified`, `issuer` and `key`, and `step` in
 * any case. ST_OK, or of the issuers' answers the one that says most: ST_SIGNATURE ST_MALFORMED,
 * ST_KEYS_UNAVAILABLE ST_CONFIG ST_CLOCK ST_INTERNAL, ST_UNKNOWN_KEY; ST_ALG when none of them
 * admits the algorithm; ST_MEMORY.
 */
MUST_CHECK enum status search_verify(struct keyring *keyring, struct why *why, struct token *token);

#endif

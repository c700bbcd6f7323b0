/*
 * What a Redis answers to the three commands that it is sent: RESP, of which two answers are known
 * here and no others. Everything else, be it an error or of a shape that a client should know, is a
 * refusal. Pure: bytes in, an answer out.
 */
#ifndef PAM_OAUTH_FETCHER_RESP_H
#define PAM_OAUTH_FETCHER_RESP_H

#include "base/span.h"
#include "base/status.h"

/* An error is one line; no more of it is waited for. */
#define RESP_ERROR_MAX ((size_t)512)

enum resp {
    RESP_MORE, /* so far it could become the answers */
    RESP_OK,   /* +OK to the last command */
    RESP_NIL,  /* the null bulk string: SET NX found the key */
    RESP_BAD   /* anything else; `why` says what */
};

/*
 * What `answers`, all that has arrived, says to `count` commands: the answer to the last of them,
 * if that to each before it is +OK and there is not a byte more. Of an error only its first word is
 * told: Redis repeats a command that it does not know, with the password in it.
 */
enum resp resp_answers(struct span answers, size_t count, struct why *why);

#endif

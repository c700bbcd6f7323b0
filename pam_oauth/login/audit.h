/*
 * One line a decision (DESIGN section 9): key=value in a fixed order, foreign text quoted and
 * escaped, no secret and no payload.
 */
#ifndef PAM_OAUTH_LOGIN_AUDIT_H
#define PAM_OAUTH_LOGIN_AUDIT_H

#include "login/attempt.h"
#include "login/token.h"

struct audit {
    const char *event;
    enum status status;
    const char *method;        /* "token", "device", or NULL when none was chosen */
    const struct token *token; /* as far as it got, or NULL */
    const char *rule;          /* the map's line, or "" */
    const struct why *why;
    bool account_known; /* an unknown name may be a password typed too early (R95) */
};

/* Writes the line to the site's log: accepted at info, refused at notice, failed at error. */
void audit_write(const struct attempt *attempt, const struct audit *audit);

#endif

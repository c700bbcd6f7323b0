/*
 * One line a decision (DESIGN section 9): key=value in a fixed order, foreign text quoted and
 * escaped, no secret and no payload.
 */
#ifndef PAM_OAUTH_LOGIN_AUDIT_H
#define PAM_OAUTH_LOGIN_AUDIT_H

#include "login/attempt.h"
#include "login/recent/remember.h"
#include "login/token/token.h"

/* Its fields, in their order; audit_field_names says how they are written. */
enum audit_field {
    AUDIT_EVENT,
    AUDIT_V,
    AUDIT_VERDICT,
    AUDIT_REASON,
    AUDIT_PROVIDER,
    AUDIT_SUB,
    AUDIT_ACCOUNT,
    AUDIT_SERVICE,
    AUDIT_METHOD,
    AUDIT_ALG,
    AUDIT_KID,
    AUDIT_RULE,
    AUDIT_RHOST,
    AUDIT_JTI,
    AUDIT_MS,
    AUDIT_REF,
    AUDIT_DETAIL,
    AUDIT_FIELD_COUNT
};
extern const char *const audit_field_names[AUDIT_FIELD_COUNT];

/* An unknown name may be a password that was typed too early: it is not written down (R95). */
enum audit_account { AUDIT_ACCOUNT_NOT_ASKED, AUDIT_ACCOUNT_UNKNOWN, AUDIT_ACCOUNT_KNOWN };

struct audit {
    const char *event;
    enum status status;
    const char *method;        /* "token", "device", "remembered", or NULL when none was chosen */
    const struct token *token; /* as far as it got, or NULL */
    const struct remembered *remembered; /* what admitted instead of a token, or NULL */
    const char *rule;                    /* the map's line, or "" */
    const struct why *why;
    enum audit_account account;
};

/* Writes the line to the site's log: accepted at info, refused at notice, failed at error. */
void audit_write(const struct attempt *attempt, const struct audit *audit);

#endif

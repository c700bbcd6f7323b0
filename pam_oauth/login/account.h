/*
 * The local account that is to be entered: it must exist, be sane, and be one that a rule may
 * name at all (R15, R21, R23). Nothing of it comes from a token (R24).
 */
#ifndef PAM_OAUTH_LOGIN_ACCOUNT_H
#define PAM_OAUTH_LOGIN_ACCOUNT_H

#include "login/site.h"

struct account {
    uid_t uid;
    gid_t gid;
};

/*
 * The account of exactly this name. ST_UNKNOWN_USER when the system has none; ST_MEMORY;
 * ST_INTERNAL when the system could not be asked.
 */
MUST_CHECK enum status account_find(const char *name, struct why *why, struct account *ret_account);

/*
 * ST_OK; ST_UNKNOWN_USER when the system has no such account, or one whose name is not exactly
 * this; ST_ACCOUNT for a uid or gid of -1, and for uid 0 and uids below UID_MIN (login.defs) that
 * `system_users` does not list; ST_MEMORY; ST_INTERNAL when the system could not be asked.
 */
MUST_CHECK enum status account_check(const struct service *service, const char *name,
                                     struct why *why);

/* The first half of it: ST_OK, ST_UNKNOWN_USER, ST_MEMORY, ST_INTERNAL. */
MUST_CHECK enum status account_exists(const char *name, struct why *why);

#endif

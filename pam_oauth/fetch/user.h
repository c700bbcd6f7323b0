/*
 * The unprivileged account that the fetcher becomes when it is started by root. Looked up by the
 * caller, who can say what to do about it, and by the fetcher, who becomes it.
 */
#ifndef PAM_OAUTH_FETCH_USER_H
#define PAM_OAUTH_FETCH_USER_H

#include <sys/types.h>

#include "base/status.h"

struct user {
    uid_t uid;
    gid_t gid;
};

/*
 * ST_CONFIG with the remedy when there is no such account or it is root's (uid or gid 0);
 * ST_PROVIDER when it cannot be looked up; ST_MEMORY.
 */
MUST_CHECK enum status user_find(const char *name, struct why *why, struct user *ret_user);

#endif

/*
 * Giving up everything the fetcher does not need before it talks to anybody (R90, R100): root,
 * groups, capabilities, the right to gain any of them again, most of its resource limits, and its
 * life once its parent is gone.
 */
#ifndef PAM_OAUTH_FETCHER_DROP_H
#define PAM_OAUTH_FETCHER_DROP_H

#include <sys/types.h>

#include "base/status.h"

/*
 * Started with root's rights it becomes `user`; else it settles on its real ids. Sends itself
 * SIGKILL when `parent` ends; fails when that is not its parent (any more). On failure whatever
 * was given up stays so, and the program must not go on: ST_CONFIG, ST_PROVIDER, ST_MEMORY.
 */
MUST_CHECK enum status drop_rights(const char *user, pid_t parent, struct why *why);

#endif

/*
 * The programs that a sign-in starts: whether they may be run, and the one that nobody waits for.
 */
#ifndef PAM_OAUTH_FETCH_PROGRAM_H
#define PAM_OAUTH_FETCH_PROGRAM_H

#include "base/status.h"

/* How a program is named to an administrator. */
struct program_name {
    const char *key;     /* of [paths]: "fetcher" */
    const char *package; /* what to install: "pam-oauth-fetcher" */
};

/*
 * Nobody but root (or we ourselves, when we are not root) may have written what we run.
 * ST_CONFIG with the remedy when it is missing or not to be trusted.
 */
MUST_CHECK enum status program_check(const char *path, const struct program_name *name,
                                     struct why *why);

/*
 * Starts a program that leaves its work to a process of its own and ends at once: that one is no
 * child of ours, and what it inherits is what fetch/process.h says, so nothing. A program that does
 * not end is killed after two seconds. ST_PROVIDER with the reason when it cannot be started,
 * ST_MEMORY.
 */
MUST_CHECK enum status program_leave(const char *path, char *const arguments[], struct why *why);

#endif

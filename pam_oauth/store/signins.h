/*
 * Who has signed in here lately: one file an account, in a directory below the run directory that
 * only root can look into, replaced whole. Lines of text:
 *
 *     pam_oauth signins 1
 *     account NAME
 *     boot UUID
 *     last SECONDS SECONDS      of the last sign-in: since the boot, and since 1970
 *     remembered COUNT
 *     ...and for each that is remembered, the oldest first:
 *     key DIGEST                of all that sshd said of the keys that it had verified
 *     policy DIGEST             policy/fingerprint.h
 *     at SECONDS SECONDS        as above
 *     auth_time SECONDS         of the token, or `-`
 *     service NAME
 *     provider NAME
 *     rule FILE:LINE
 *     sub SUBJECT
 *     ...
 *     end
 *
 * A file that is damaged, of another boot, not root's alone, or odd in any other way counts as
 * absent: whoever it was for is asked again. That costs nobody more than a prompt.
 */
#ifndef PAM_OAUTH_STORE_SIGNINS_H
#define PAM_OAUTH_STORE_SIGNINS_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/status.h"

/* So many are remembered for an account; of more the oldest is forgotten. */
#define SIGNINS_MAX 64
/* The longest value of a line that is written; longer ones are not remembered. */
#define SIGNINS_VALUE_MAX ((size_t)512)
/* More than SIGNINS_MAX of the longest. */
#define SIGNINS_FILE_MAX ((size_t)256 * 1024)
/* Nothing is remembered for longer (`remember` in policy/config/keys.def). */
#define SIGNINS_AGE_MAX_S ((int64_t)30 * 86400)

/* The run directory, which is made if it is missing, and who may own it besides root. */
struct signins_place {
    const char *run;
    uid_t owner;
};

/* One that is remembered. The spans point into the `text` of the struct signins, or elsewhere. */
struct signin {
    struct span key;
    struct span policy;
    struct span service;
    struct span provider;
    struct span rule;
    struct span sub;
    struct clock_moment at;
    int64_t auth_time_s; /* -1: the token had none */
};

/* What is known of one account. Absent: `known` is false and the rest empty. */
struct signins {
    bool known;
    struct clock_moment last;
    struct span account;
    struct span entries; /* for signins_next */
    struct buf text;
};
#define SIGNINS                                                                                    \
    {                                                                                              \
        .known = false, .text = BUF(SIGNINS_FILE_MAX)                                              \
    }
void signins_done(struct signins *signins);

/*
 * Reads what is known of an account. ST_OK also when that is nothing; ST_STORE when it cannot be
 * told, because this process may not look there or the disk fails; ST_MEMORY, ST_INTERNAL.
 */
MUST_CHECK enum status signins_load(struct signins_place place, const char *account,
                                    const struct clock_moment *now, struct why *why,
                                    struct signins *signins);

/* Takes the next one off the front of `*entries`; false at the end. */
bool signins_next(const struct signins *signins, struct span *entries, struct signin *ret_signin);

/*
 * Writes down that somebody signed in to the account at `now`, and, unless it is NULL, what is to
 * be remembered of it (its `at` is not looked at). It replaces one with the same key and service.
 * ST_STORE with the reason, ST_MEMORY, ST_INTERNAL; then all is as it was.
 */
MUST_CHECK enum status signins_add(struct signins_place place, const char *account,
                                   const struct clock_moment *now, const struct signin *signin,
                                   struct why *why);

/*
 * Forgets an account, also what another process is about to write at this moment of a sign-in that
 * came before. `*ret_known`: there was a file. ST_STORE, ST_MEMORY, ST_INTERNAL.
 */
MUST_CHECK enum status signins_forget(struct signins_place place, const char *account,
                                      int64_t now_s, struct why *why, bool *ret_known);

/*
 * Calls `take` for each account of which anything is known, in no order. What it answers ends the
 * walk unless it is ST_OK. ST_STORE, ST_MEMORY, ST_INTERNAL.
 */
MUST_CHECK enum status signins_each(struct signins_place place, const struct clock_moment *now,
                                    struct why *why,
                                    enum status (*take)(void *into, const struct signins *signins),
                                    void *into);

#endif

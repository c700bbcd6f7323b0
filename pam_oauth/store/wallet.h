/*
 * The tokens that a user keeps on this host, made by `pam-oauth login`: a directory of the user's,
 * mode 0700, in the first of these places that there is (DESIGN section 6, R112, R113):
 *
 *     /run/user/UID/pam-oauth     where the system makes /run/user/UID
 *     RUN/user/UID                which the module's session makes where it does not
 *
 * Never in a home directory, which may be on another host's disk, and never in /tmp. In it, mode
 * 0600, replaced whole:
 *
 *     PROVIDER.token     the compact token and a LF: for whoever wants to use it
 *     PROVIDER.grant     how it came and how it is renewed: for `pam-oauth` alone
 *     PROVIDER.lock      held while one is made or renewed
 *
 * Whoever reads these for another user does it with that user's rights (base/identity.h). What is
 * not plainly that user's own is refused: a link, a pipe, a file that others may read, or that has
 * another name, or a file system that somebody mounted there.
 */
#ifndef PAM_OAUTH_STORE_WALLET_H
#define PAM_OAUTH_STORE_WALLET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/status.h"

/* Where systemd-logind and its like make a directory for each user who is there. */
#define WALLET_RUNTIME "/run/user"
/* A provider's name and a suffix. */
#define WALLET_NAME_MAX ((size_t)96)

/* Whose, and where it may be; borrowed strings. */
struct wallet_place {
    const char *runtime; /* WALLET_RUNTIME */
    const char *run;     /* [paths] run */
    uid_t uid;
};

/*
 * Opens the user's directory; `*ret_fd` is -1 when there is none. ST_STORE with the reason when it
 * is not to be trusted, ST_MEMORY.
 */
MUST_CHECK enum status wallet_open(const struct wallet_place *place, struct why *why, int *ret_fd);

/*
 * The same for the user in person (or root for itself): it is made if its place is there; the umask
 * leaves the owner's rights. ST_STORE, with the remedy, when no place is.
 */
MUST_CHECK enum status wallet_make(const struct wallet_place *place, struct why *why, int *ret_fd);

/* Is there a /run/user/UID of the user's? Then there is no need for another. */
bool wallet_has_runtime(const struct wallet_place *place);

/*
 * For root, when a session begins: makes RUN/user/UID, of that user and group, unless the system
 * made /run/user/UID. ST_STORE with the reason, ST_MEMORY.
 */
MUST_CHECK enum status wallet_give(const struct wallet_place *place, gid_t gid, struct why *why);

/*
 * Adds what the file `name` holds to `into`; `*ret_found` is false when there is no such file.
 * ST_STORE with the reason when it is not to be trusted, is longer than the limit of `into`, or
 * cannot be read; ST_MEMORY.
 */
MUST_CHECK enum status wallet_read(int directory, uid_t uid, const char *name, struct why *why,
                                   struct buf *into, bool *ret_found);

/* Replaces the file `name`, for whoever holds the lock. ST_STORE with the reason. */
MUST_CHECK enum status wallet_write(int directory, const char *name, struct span text,
                                    struct why *why);

/* Takes the file away; one that is not there is fine. ST_STORE with the reason. */
MUST_CHECK enum status wallet_remove(int directory, const char *name, struct why *why);

/*
 * Takes the lock `name`, at most until `deadline_ms` (clock_ms); it lasts until `*ret_fd` is
 * closed. ST_STORE with the reason.
 */
MUST_CHECK enum status wallet_lock(int directory, const char *name, int64_t deadline_ms,
                                   struct why *why, int *ret_fd);

#endif

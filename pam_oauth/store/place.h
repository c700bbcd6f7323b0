/*
 * The places where this host keeps what it knows of an issuer: directories that only root writes
 * to, files named by the SHA-256 of the issuer. What the files of this directory share.
 */
#ifndef PAM_OAUTH_STORE_PLACE_H
#define PAM_OAUTH_STORE_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/status.h"

/* SHA-256 in hexadecimal and a suffix. */
#define PLACE_NAME_MAX ((size_t)96)
/* Anybody may read keys; nobody needs to list what else this host remembers (DESIGN section 8). */
#define PLACE_CACHE_MODE ((mode_t)0755)
#define PLACE_RUN_MODE ((mode_t)0711)

/* Seconds as they stand in a file: up to the year 9999. */
#define PLACE_SECONDS_MAX INT64_C(253402300799)

/*
 * A lock that was taken for a file of ours longer ago than this is held by a process that is
 * stopped: asking a provider takes 10 s at most (SITE_KEYS_DEADLINE_MS), storing the answer less.
 * Whoever runs su can stop it at any place; nobody waits for that (R75).
 */
#define PLACE_HOLD_MAX_S 15

/* What an issuer's file is called. ST_MEMORY. */
MUST_CHECK enum status place_name(const char *issuer, const char *suffix, struct buf *name);

/*
 * Opens one of our directories, and makes it first if it is not there: /run is empty after every
 * start of the machine. `owner` may own it besides root. ST_STORE with the reason when it cannot be
 * opened or others could write to it.
 */
MUST_CHECK enum status place_open(const char *path, mode_t mode, uid_t owner, struct why *why,
                                  int *ret_fd);

/*
 * The kernel answers a write past RLIMIT_FSIZE with a signal that ends the host, and su hands its
 * caller's limits on: so nothing is written that the limit does not allow (R108).
 */
bool place_may_write(size_t length);

/* Is it the file of this name that `fd` is open for? Not if it was replaced, removed or linked. */
bool place_is_named(int directory, const char *name, int fd);

/*
 * The file that will replace another one, to be written and then renamed. It has one name, so that
 * processes that are killed leave one file and not a heap, and whoever holds its lock writes it. A
 * lock that is older than any writing takes belongs to a process that somebody stopped: the name is
 * taken away from it, so whoever renames asks place_is_named first.
 * The descriptor, or -1; errno is EAGAIN when another process writes at this moment.
 */
int place_open_temporary(int directory, const char *name, int64_t now_s);

/* Makes `text` all that the file holds, ours and of this mode, on the disk. False with errno. */
bool place_fill(int fd, mode_t mode, struct span text);

#endif

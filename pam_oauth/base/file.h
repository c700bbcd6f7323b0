/*
 * Reading files that decide who gets in. A file is trusted when nobody but root (or one named
 * user) could have written it: a regular file, not a link, not writable by group or others, in
 * directories of which the same is true (R111). Every descriptor is close-on-exec from birth.
 */
#ifndef PAM_OAUTH_BASE_FILE_H
#define PAM_OAUTH_BASE_FILE_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/status.h"

struct file_trust {
    uid_t also_owner; /* an owner besides root, 0 for none */
    bool secret;      /* nobody but the owner may read it */
};

/*
 * Opens `path` (absolute) after checking every ancestor and the file itself.
 * ST_CONFIG with the remedy in `why` when it is missing, unreadable or not to be trusted.
 */
MUST_CHECK enum status file_open_trusted(const char *path, struct file_trust trust, struct why *why,
                                         int *ret_fd);

/* Opens a directory with the same checks. */
MUST_CHECK enum status file_open_trusted_directory(const char *path, struct file_trust trust,
                                                   struct why *why, int *ret_fd);

/*
 * Opens and checks every directory above the last name of `path`; that name, a part of `path`, is
 * handed back. The descriptor is one to pass through (O_PATH): the directory may be one that this
 * process may enter but not list. ST_CONFIG as above.
 */
MUST_CHECK enum status file_open_ancestors(const char *path, struct file_trust trust,
                                           struct why *why, int *ret_directory,
                                           const char **ret_name);

/* Opens `name` inside an already checked directory with the checks of file_open_trusted. */
MUST_CHECK enum status file_open_trusted_at(int directory, const char *name,
                                            struct file_trust trust, struct why *why, int *ret_fd);

/*
 * Adds everything up to the end of `fd` to `into`. ST_STORE on a read error, ST_MALFORMED when
 * there is more than the buffer's limit, ST_MEMORY.
 */
MUST_CHECK enum status file_read_all(int fd, struct why *why, struct buf *into);

/* write(2) until all of it is written; false, and errno says why, when it cannot be. */
MUST_CHECK bool file_write_all(int fd, struct span bytes);

/* file_open_trusted and file_read_all in one; too large a file is ST_CONFIG. */
MUST_CHECK enum status file_read_trusted(const char *path, struct file_trust trust, struct why *why,
                                         struct buf *into);

/*
 * A secret on one line, without the line end that an editor leaves: file_read_trusted, of a file
 * that nobody but its owner may read. ST_CONFIG also when there is none in it, or a NUL.
 */
MUST_CHECK enum status file_read_secret(const char *path, uid_t also_owner, struct why *why,
                                        struct buf *into);

/* Closes and leaves -1; -1 is allowed. Fits CLEANUP. */
void file_close(int *fd);

#endif

/*
 * The files of a drop-in directory: `conf.d` beside the configuration, `accounts.d` beside the
 * account map.
 */
#ifndef PAM_OAUTH_POLICY_DROPINS_H
#define PAM_OAUTH_POLICY_DROPINS_H

#include <sys/types.h>

#include "policy/words.h"

/* The path of `name` in the directory that holds `path`; malloced, NULL when memory is out. */
char *dropins_beside(const char *path, const char *name);

/*
 * Adds the full paths of all files in `directory` whose name ends in `suffix` and does not begin
 * with a dot, in the byte order of their names. A directory that is not there has none.
 * ST_CONFIG when it is not to be trusted (base/file.h; `owner` is the owner besides root) or has
 * too many, ST_MEMORY.
 */
MUST_CHECK enum status dropins_list(const char *directory, const char *suffix, uid_t owner,
                                    struct why *why, struct words *paths);

/* Where the drop-ins of a file are, beside it, and how their names end. */
struct dropins {
    const char *directory;
    const char *suffix;
};

/* Adds `path` itself and then its drop-ins; as above. */
MUST_CHECK enum status dropins_and_main(const char *path, struct dropins dropins, uid_t owner,
                                        struct why *why, struct words *paths);

#endif

#include "fetch/user.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

/* One passwd entry: far more than any real one has, and a bound for a broken NSS module. */
#define ENTRY_MAX ((size_t)64 * 1024)
#define ENTRY_FIRST ((size_t)1024)

/* getpwnam_r with as much room as it asks for. Its error number; 0 and no entry: no such name. */
static int
look_up(const char *name, struct buf *room, struct passwd *entry, struct passwd **ret_found)
{
    for (size_t size = ENTRY_FIRST; size <= ENTRY_MAX; size *= 2) {
        char *at = buf_reserve(room, size);
        if (at == NULL) {
            return ENOMEM;
        }
        int error = getpwnam_r(name, entry, at, size, ret_found);
        if (error != ERANGE && error != EINTR) {
            return error;
        }
    }
    return ERANGE;
}

/* These stand for "not found" too: getpwnam_r(3). */
static bool
means_absent(int error)
{
    return error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
}

enum status
user_find(const char *name, struct why *why, struct user *ret_user)
{
    struct buf room CLEANUP(buf_done) = BUF(ENTRY_MAX);
    struct passwd entry;
    struct passwd *found = NULL;
    struct text_quoted quoted = text_quote(span_of(name));
    int error = look_up(name, &room, &entry, &found);

    if (error == ENOMEM) {
        return status_because(why, ST_MEMORY, "out of memory while looking up a user");
    }
    if (found == NULL && means_absent(error)) {
        return status_because(why, ST_CONFIG,
                              "user '%s' for the fetcher does not exist; create it with: useradd "
                              "--system --no-create-home --shell /usr/sbin/nologin %s, or set "
                              "[paths] fetcher_user",
                              quoted.text, quoted.text);
    }
    if (found == NULL) {
        return status_because(why, ST_PROVIDER, "user '%s' for the fetcher: %s", quoted.text,
                              strerrordesc_np(error));
    }
    if (found->pw_uid == 0 || found->pw_gid == 0) {
        return status_because(why, ST_CONFIG,
                              "user '%s' is root or in root's group; the fetcher needs an account "
                              "without rights, set [paths] fetcher_user",
                              quoted.text);
    }
    *ret_user = (struct user){.uid = found->pw_uid, .gid = found->pw_gid};
    return ST_OK;
}

#include "base/identity.h"

#include <sys/fsuid.h>
#include <unistd.h>

/* Both calls answer with what was before, also when they did nothing: so it is asked again. */
static bool
is_now(uid_t uid, gid_t gid)
{
    return (uid_t)setfsuid((uid_t)-1) == uid && (gid_t)setfsgid((gid_t)-1) == gid;
}

void
identity_done(struct identity *identity)
{
    if (identity->taken) {
        (void)setfsuid(geteuid());
        (void)setfsgid(getegid());
        identity->taken = false;
    }
}

enum status
identity_take(uid_t uid, gid_t gid, struct why *why, struct identity *identity)
{
    if (geteuid() == uid) {
        return ST_OK;
    }
    identity->taken = true;
    (void)setfsgid(gid);
    (void)setfsuid(uid);
    if (is_now(uid, gid)) {
        return ST_OK;
    }
    identity_done(identity);
    return status_because(why, ST_INTERNAL, "this process may not look at files as uid %u",
                          (unsigned int)uid);
}

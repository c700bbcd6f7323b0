/*
 * Looking at a user's files as that user: the file-system identity of the calling thread, and of no
 * other (setfsuid(2), setfsgid(2)). What the kernel would refuse the user it then refuses root.
 *
 * Supplementary groups stay as they are: whatever is opened this way must belong to the user and be
 * nobody else's (store/wallet.h), so that no group has a say in it.
 */
#ifndef PAM_OAUTH_BASE_IDENTITY_H
#define PAM_OAUTH_BASE_IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/status.h"

struct identity {
    bool taken;
};
#define IDENTITY                                                                                   \
    {                                                                                              \
        .taken = false                                                                             \
    }

/*
 * Takes it, or finds that it is ours already. ST_INTERNAL, with the reason, when this process may
 * not, or the kernel would not: then nothing has changed.
 */
MUST_CHECK enum status identity_take(uid_t uid, gid_t gid, struct why *why,
                                     struct identity *identity);

/* Back to our own, which the kernel always allows. Fits CLEANUP. */
void identity_done(struct identity *identity);

#endif

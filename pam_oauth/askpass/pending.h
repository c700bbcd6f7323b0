/*
 * A token between two of its parts. We are started anew for each, and a command that makes a new
 * token each time must not mix two: the token of the first part is kept for the others, in a file
 * of the user's own (store/wallet.h), named for the process that asks and for when it began, so
 * that no other process is given it; the last part takes it away. What a killed ssh or sudo left
 * behind goes when we are started next.
 */
#ifndef PAM_OAUTH_ASKPASS_PENDING_H
#define PAM_OAUTH_ASKPASS_PENDING_H

#include "askpass/asker.h"
#include "base/buf.h"

/* Keeps the token for the parts to come. ST_STORE with the reason, ST_MEMORY. */
MUST_CHECK enum status pending_keep(const struct asker *asker, struct span token, struct why *why);

/* Puts what was kept for this process into `token`. ST_STORE when nothing was, ST_MEMORY. */
MUST_CHECK enum status pending_find(const struct asker *asker, struct why *why, struct buf *token);

/* Takes it away. ST_STORE with the reason, ST_MEMORY. */
MUST_CHECK enum status pending_forget(const struct asker *asker, struct why *why);

#endif

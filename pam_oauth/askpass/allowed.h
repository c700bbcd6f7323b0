/*
 * To which ssh hosts a token may go (R138, E79): those of the patterns in PAM_OAUTH_HOSTS; else
 * those of `hosts` in the user's own configuration, of the provider that issued the token; where
 * neither says anything, the one host that the token was made for, by its aud `ssh://HOST`.
 */
#ifndef PAM_OAUTH_ASKPASS_ALLOWED_H
#define PAM_OAUTH_ASKPASS_ALLOWED_H

#include "base/span.h"
#include "base/status.h"

/*
 * ST_OK if `token` may go to `host`, as the ssh client names it. ST_DENIED with the reason and the
 * remedy; ST_CONFIG when a list cannot be read, which is no list that allows; ST_MEMORY.
 */
MUST_CHECK enum status allowed_to(struct span host, struct span token, struct why *why);

#endif

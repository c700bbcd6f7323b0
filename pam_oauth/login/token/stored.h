/*
 * The token that the user who calls has stored on this host (store/wallet.h), for programs that a
 * person starts here: sudo, su. Nothing is asked, and no network: DESIGN section 6.
 *
 * Whose token that is, the kernel says: the real uid of the process. Where it is 0, nobody but root
 * has a process here (sshd, login, a greeter, cron); where PAM_TTY is `ssh`, or PAM_RHOST another
 * host, the person is elsewhere: there is no stored token then, not even root's. Else who types a
 * name at a login prompt would be let in by what its owner has left lying there. So would whoever
 * is at the keyboard of a screen locker, or reaches a server that a user runs: a program with no
 * rights but its user's has nobody to convince but a stranger, and finds nothing either.
 */
#ifndef PAM_OAUTH_LOGIN_TOKEN_STORED_H
#define PAM_OAUTH_LOGIN_TOKEN_STORED_H

#include "login/attempt.h"

/*
 * Adds the token of this provider to `text`, without its line end. `*ret_found` is false, with the
 * remedy in `why`, when there is none. ST_STORE when what is there is not to be trusted (R112);
 * ST_INTERNAL, ST_MEMORY.
 */
MUST_CHECK enum status stored_token(const struct attempt *attempt, const struct provider *provider,
                                    struct why *why, struct buf *text, bool *ret_found);

#endif

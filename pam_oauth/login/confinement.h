/*
 * Telling the administrator, once, that this host's kernel cannot confine the fetcher as far as it
 * should be. Signing in goes on: the fetcher has no rights either way (DESIGN section 8).
 */
#ifndef PAM_OAUTH_LOGIN_CONFINEMENT_H
#define PAM_OAUTH_LOGIN_CONFINEMENT_H

#include "login/site.h"

/*
 * `confined` is what a fetcher said of itself (enum confined). Unless that is everything, one line
 * goes to the log, at most once while the `run` directory lasts, which is until the next boot. Who
 * is not root cannot keep the mark, and stays silent.
 */
void confinement_tell(const struct site *site, unsigned int confined);

#endif

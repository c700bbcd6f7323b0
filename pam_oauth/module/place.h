/*
 * The place for the tokens that a user stores on this host (`pam-oauth login`), where the system
 * makes none: made when a session begins, left when it ends (R113).
 */
#ifndef PAM_OAUTH_MODULE_PLACE_H
#define PAM_OAUTH_MODULE_PLACE_H

#include <security/pam_modules.h>

/*
 * For a service that the configuration knows. No session fails for want of it: what is wrong is
 * logged, unless it is the configuration, of which each sign-in says so.
 */
void place_give(pam_handle_t *handle, int argc, const char **argv);

#endif

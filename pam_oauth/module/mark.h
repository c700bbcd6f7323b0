/*
 * The mark that a sign-in of ours leaves on the PAM handle, for setcred and the session (R5).
 * Module data is lost behind sshd, which authenticates in a child of its own; the PAM environment
 * survives, so the mark stands there too. It opens nothing: it only says that the answer to
 * setcred is ours to give.
 */
#ifndef PAM_OAUTH_MODULE_MARK_H
#define PAM_OAUTH_MODULE_MARK_H

#include <security/pam_modules.h>
#include <stdbool.h>

/* A PAM code: PAM_SUCCESS when the mark stands; otherwise nothing of it does. */
int mark_set(pam_handle_t *handle, const char *ref, const char *account);
bool mark_is_set(pam_handle_t *handle);
/* Was the sign-in on this very handle, and to this account? Of the PAM environment nothing counts.
 */
bool mark_is_for(pam_handle_t *handle, const char *account);
/* Takes it away, also half of it; needs no memory where there is one. */
void mark_clear(pam_handle_t *handle);

#endif

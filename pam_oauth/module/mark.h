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

/* What a sign-in leaves: its reference, to whom it was, and what the account phase answers to it.
 */
struct mark {
    const char *ref;
    const char *account;
    int account_code;
};

/* A PAM code: PAM_SUCCESS when the mark stands; otherwise nothing of it does. */
int mark_set(pam_handle_t *handle, const struct mark *mark);
bool mark_is_set(pam_handle_t *handle);
/*
 * What the account phase answers; false unless the sign-in was on this very handle and to him who
 * is PAM_USER now. Of the PAM environment nothing counts.
 */
bool mark_account_code(pam_handle_t *handle, int *ret_code);
/* Takes it away, also half of it; needs no memory where there is one. */
void mark_clear(pam_handle_t *handle);

#endif

#include "module/mark.h"
#include "login/terminal.h"

#include <security/pam_ext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK_DATA "pam_oauth_sign_in"
#define MARK_VARIABLE "PAM_OAUTH_REF"

struct kept {
    int account_code;
    char account[];
};

/* May run in a forked child too: it touches nothing but its own memory. */
static void
free_mark(pam_handle_t *handle, void *data, int error)
{
    (void)handle;
    (void)error;
    free(data);
}

int
mark_set(pam_handle_t *handle, const struct mark *mark)
{
    char variable[64];
    size_t length = strlen(mark->account);
    struct kept *kept = calloc(1, sizeof(*kept) + length + 1);

    if (kept == NULL) {
        return PAM_BUF_ERR;
    }
    kept->account_code = mark->account_code;
    memcpy(kept->account, mark->account, length);
    int code = pam_set_data(handle, MARK_DATA, kept, free_mark);
    if (code != PAM_SUCCESS) {
        free(kept);
        return code;
    }
    (void)snprintf(variable, sizeof(variable), MARK_VARIABLE "=%s", mark->ref);
    code = pam_putenv(handle, variable);
    if (code != PAM_SUCCESS) {
        mark_clear(handle);
    }
    return code;
}

static bool
is_behind_sshd(pam_handle_t *handle)
{
    const void *tty = NULL;

    return pam_get_item(handle, PAM_TTY, &tty) == PAM_SUCCESS && tty != NULL &&
           strcmp(tty, TERMINAL_SSH) == 0;
}

bool
mark_is_set(pam_handle_t *handle)
{
    const void *data = NULL;

    if (pam_get_data(handle, MARK_DATA, &data) == PAM_SUCCESS && data != NULL) {
        return true;
    }
    /* Elsewhere than behind sshd another module may have let the user choose a variable. */
    return is_behind_sshd(handle) && pam_getenv(handle, MARK_VARIABLE) != NULL;
}

bool
mark_account_code(pam_handle_t *handle, int *ret_code)
{
    const void *data = NULL;
    const void *account = NULL;

    if (pam_get_data(handle, MARK_DATA, &data) != PAM_SUCCESS || data == NULL ||
        pam_get_item(handle, PAM_USER, &account) != PAM_SUCCESS || account == NULL) {
        return false;
    }
    const struct kept *kept = data;
    *ret_code = kept->account_code;
    return strcmp(kept->account, account) == 0;
}

void
mark_clear(pam_handle_t *handle)
{
    (void)pam_set_data(handle, MARK_DATA, NULL, NULL);
    if (pam_getenv(handle, MARK_VARIABLE) != NULL) {
        (void)pam_putenv(handle, MARK_VARIABLE);
    }
}

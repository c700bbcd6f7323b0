#include "module/mark.h"

#include <security/pam_ext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK_DATA "pam_oauth_sign_in"
#define MARK_VARIABLE "PAM_OAUTH_REF"

/* May run in a forked child too: it touches nothing but its own memory. */
static void
free_mark(pam_handle_t *handle, void *data, int error)
{
    (void)handle;
    (void)error;
    free(data);
}

int
mark_set(pam_handle_t *handle, const char *ref, const char *account)
{
    char variable[64];
    char *data = strdup(account);

    if (data == NULL) {
        return PAM_BUF_ERR;
    }
    int code = pam_set_data(handle, MARK_DATA, data, free_mark);
    if (code != PAM_SUCCESS) {
        free(data);
        return code;
    }
    (void)snprintf(variable, sizeof(variable), MARK_VARIABLE "=%s", ref);
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
           strcmp(tty, "ssh") == 0;
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
mark_is_for(pam_handle_t *handle, const char *account)
{
    const void *data = NULL;

    return pam_get_data(handle, MARK_DATA, &data) == PAM_SUCCESS && data != NULL &&
           strcmp(data, account) == 0;
}

void
mark_clear(pam_handle_t *handle)
{
    (void)pam_set_data(handle, MARK_DATA, NULL, NULL);
    if (pam_getenv(handle, MARK_VARIABLE) != NULL) {
        (void)pam_putenv(handle, MARK_VARIABLE);
    }
}

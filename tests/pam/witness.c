/*
 * A PAM module that stands before and behind ours in the stack `witness`: `before` sets PAM_AUTHTOK
 * and PAM_OLDAUTHTOK, `after` tells the application whether they are still the same (R11).
 */
#include <security/pam_modules.h>
#include <string.h>

int pam_sm_authenticate(pam_handle_t *handle, int flags, int argc, const char **argv);
int pam_sm_setcred(pam_handle_t *handle, int flags, int argc, const char **argv);

static int
same(pam_handle_t *handle, int item, const char *wanted)
{
    const void *value = NULL;

    return pam_get_item(handle, item, &value) == PAM_SUCCESS && value != NULL &&
           strcmp(value, wanted) == 0;
}

int
pam_sm_authenticate(pam_handle_t *handle, int flags, int argc, const char **argv)
{
    (void)flags;
    if (argc == 1 && strcmp(argv[0], "before") == 0) {
        (void)pam_set_item(handle, PAM_AUTHTOK, "earlier");
        (void)pam_set_item(handle, PAM_OLDAUTHTOK, "before that");
    } else {
        int unchanged =
            same(handle, PAM_AUTHTOK, "earlier") && same(handle, PAM_OLDAUTHTOK, "before that");
        (void)pam_putenv(handle, unchanged ? "WITNESS=same" : "WITNESS=changed");
    }
    return PAM_SUCCESS;
}

int
pam_sm_setcred(pam_handle_t *handle, int flags, int argc, const char **argv)
{
    (void)handle;
    (void)flags;
    (void)argc;
    (void)argv;
    return PAM_SUCCESS;
}

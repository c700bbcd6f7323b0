/*
 * The program that loaded us, and what it says of the sign-in: everything login/ needs, gathered
 * once. No environment variable is read and nothing of the process is changed (R9, R98).
 */
#ifndef PAM_OAUTH_MODULE_HOST_H
#define PAM_OAUTH_MODULE_HOST_H

#include <security/pam_modules.h>

#include "login/attempt.h"

/* POSIX allows 255 and a NUL. */
#define HOST_NAME_ROOM 256

struct host {
    pam_handle_t *handle;
    const char *event; /* what the log calls what is decided here: "sign_in" or "account" */
    struct config *config;
    struct site site;
    struct log log;
    bool debug;
    int64_t started_ms;
    char name[HOST_NAME_ROOM];
    char ref[ATTEMPT_REF_LENGTH + 1];
    char *account; /* copies: a conversation may change PAM's own; never NULL behind host_open */
    char *service_name;
    char *tty;
    char *rhost;
    char *ssh_auth_info;
};
#define HOST                                                                                       \
    {                                                                                              \
        .handle = NULL, .event = "sign_in", .config = NULL, .account = NULL, .service_name = NULL, \
        .tty = NULL, .rhost = NULL, .ssh_auth_info = NULL                                          \
    }
void host_done(struct host *host);

/*
 * Reads PAM's items, the arguments, the clock and the configuration. On failure the reason has
 * been logged.
 */
MUST_CHECK enum status host_open(struct host *host, pam_handle_t *handle, int argc,
                                 const char **argv);

/* Is PAM_USER still whom the sign-in was for? The module never sets it; the host may (R16). */
bool host_account_is_unchanged(const struct host *host);

/* The attempt that login/ runs; it borrows everything from `host`. */
struct attempt host_attempt(struct host *host, const struct service *service,
                            const struct conversation *talk);

/* The audit line of a sign-in that ended outside of login/. */
void host_log_failure(struct host *host, enum status status, const struct why *why);

/* The configuration has no section for this service. */
void host_log_no_service(struct host *host);

#endif

/*
 * pam_oauth.so: the entry points that Linux-PAM calls. Each is short: it asks the module's own
 * files for everything and holds no policy. A sign-in is PAM_SUCCESS from one place, the status
 * ST_OK of signin_run(), and PAM_IGNORE by one rule, `local_users` (R1, R2).
 *
 * There is no pam_sm_chauthtok: no password of ours can be changed.
 */
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <string.h>
#include <syslog.h>

#include "base/clock.h"
#include "base/random.h"
#include "login/audit.h"
#include "login/recent/recent.h"
#include "login/signin.h"
#include "module/arguments.h"
#include "module/host.h"
#include "module/mark.h"
#include "module/place.h"
#include "module/talk.h"

/* After a failure the host waits about this long before it tells (R97). */
#define FAIL_DELAY_US 2000000

PAM_EXTERN __attribute__((visibility("default"))) int pam_sm_authenticate(pam_handle_t *, int, int,
                                                                          const char **);
PAM_EXTERN __attribute__((visibility("default"))) int pam_sm_setcred(pam_handle_t *, int, int,
                                                                     const char **);
PAM_EXTERN __attribute__((visibility("default"))) int pam_sm_acct_mgmt(pam_handle_t *, int, int,
                                                                       const char **);
PAM_EXTERN __attribute__((visibility("default"))) int pam_sm_open_session(pam_handle_t *, int, int,
                                                                          const char **);
PAM_EXTERN __attribute__((visibility("default"))) int pam_sm_close_session(pam_handle_t *, int, int,
                                                                           const char **);

/* What the host program is told. Written out, so that a status added later must choose. */
static int
pam_code(enum status status)
{
    switch (status_outcome(status)) {
    case OUTCOME_ACCEPTED:
        return PAM_SUCCESS;
    case OUTCOME_DENIED:
        return PAM_AUTH_ERR;
    case OUTCOME_UNAVAILABLE:
        return PAM_AUTHINFO_UNAVAIL;
    case OUTCOME_MISCONFIGURED:
        return PAM_SERVICE_ERR;
    case OUTCOME_NO_MEMORY:
        return PAM_BUF_ERR;
    case OUTCOME_NO_CONVERSATION:
        return PAM_CONV_ERR;
    case OUTCOME_BROKEN:
    default:
        return PAM_SYSTEM_ERR;
    }
}

/* Signs in; the configuration is loaded and the service has a section. */
static int
sign_in(struct host *host, const struct service *service, int flags, bool *ret_unasked)
{
    struct talk talk = {.handle = host->handle};
    struct conversation conversation = talk_conversation(&talk);
    struct attempt attempt = host_attempt(host, service, &conversation);

    attempt.silent = ((unsigned int)flags & PAM_SILENT) != 0;
    enum status status = signin_run(&attempt);
    *ret_unasked = attempt.unasked;
    if (status == ST_OK && !host_account_is_unchanged(host)) {
        struct why why;
        (void)status_because(&why, ST_INTERNAL,
                             "the program changed the user while it was asked; the sign-in was for "
                             "another");
        host_log_failure(host, ST_INTERNAL, &why);
        return pam_code(ST_INTERNAL);
    }
    struct mark mark = {
        .ref = attempt.ref,
        .account = host->account,
        .account_code = service->sign_in_within_s > 0 ? PAM_SUCCESS : PAM_IGNORE,
    };
    if (status == ST_OK && mark_set(host->handle, &mark) != PAM_SUCCESS) {
        struct why why;
        (void)status_because(&why, ST_MEMORY, "accepted, but the sign-in cannot be marked as ours");
        host_log_failure(host, ST_MEMORY, &why);
        return pam_code(ST_MEMORY);
    }
    return pam_code(status);
}

static int
authenticate(pam_handle_t *handle, int flags, int argc, const char **argv, bool *ret_unasked)
{
    struct host host CLEANUP(host_done) = HOST;
    const struct service *service = NULL;

    /* Whatever an earlier attempt on this handle left: only this one answers from now on (R5). */
    mark_clear(handle);
    host.started_ms = clock_ms();
    enum status status = host_open(&host, handle, argc, argv);
    if (status != ST_OK) {
        return pam_code(status);
    }
    service = config_service(host.config, host.service_name);
    if (service == NULL) {
        host_log_no_service(&host);
        return PAM_AUTHINFO_UNAVAIL;
    }
    if (words_have(&service->local_users, host.account)) {
        return PAM_IGNORE;
    }
    return sign_in(&host, service, flags, ret_unasked);
}

PAM_EXTERN int
pam_sm_authenticate(pam_handle_t *handle, int flags, int argc, const char **argv)
{
    bool unasked = false;
    int code = authenticate(handle, flags, argc, argv, &unasked);

    /* Where nobody was or could be asked (sudo -n, cron), nobody guesses: the answer comes at once.
     */
    if (code != PAM_SUCCESS && code != PAM_IGNORE && code != PAM_CONV_ERR && !unasked) {
        (void)pam_fail_delay(handle, FAIL_DELAY_US);
    }
    return code;
}

PAM_EXTERN int
pam_sm_setcred(pam_handle_t *handle, int flags, int argc, const char **argv)
{
    (void)argc;
    (void)argv;
    bool ours = mark_is_set(handle);
    if (((unsigned int)flags & PAM_DELETE_CRED) != 0) {
        mark_clear(handle);
    }
    return ours ? PAM_SUCCESS : PAM_IGNORE;
}

/* What the account phase answers: DESIGN section 3. */
static int
account_code(enum status status)
{
    switch (status_class(status)) {
    case CLASS_OK:
        return PAM_SUCCESS;
    case CLASS_REFUSED:
        return PAM_PERM_DENIED;
    case CLASS_FAULT:
    default:
        return PAM_AUTHINFO_UNAVAIL;
    }
}

/* The service has sign_in_within. */
static int
check_recent(struct host *host, const struct service *service, int flags)
{
    struct talk talk = {.handle = host->handle};
    struct conversation conversation = talk_conversation(&talk);
    struct attempt attempt = host_attempt(host, service, &conversation);

    attempt.silent = ((unsigned int)flags & PAM_SILENT) != 0;
    return account_code(recent_check(&attempt));
}

/*
 * No opinion unless the service has sign_in_within; who cannot read what it has does not guess. Who
 * has signed in on this very handle has done so just now.
 */
PAM_EXTERN int
pam_sm_acct_mgmt(pam_handle_t *handle, int flags, int argc, const char **argv)
{
    struct host host CLEANUP(host_done) = HOST;
    const struct service *service = NULL;
    int code = PAM_AUTHINFO_UNAVAIL;

    if (mark_account_code(handle, &code)) {
        return code;
    }
    host.event = "account";
    host.started_ms = clock_ms();
    if (host_open(&host, handle, argc, argv) != ST_OK) {
        return PAM_AUTHINFO_UNAVAIL;
    }
    service = config_service(host.config, host.service_name);
    if (service == NULL || service->sign_in_within_s == 0 ||
        words_have(&service->local_users, host.account)) {
        return PAM_IGNORE;
    }
    return check_recent(&host, service, flags);
}

PAM_EXTERN int
pam_sm_open_session(pam_handle_t *handle, int flags, int argc, const char **argv)
{
    (void)flags;
    place_give(handle, argc, argv);
    return mark_is_set(handle) ? PAM_SUCCESS : PAM_IGNORE;
}

PAM_EXTERN int
pam_sm_close_session(pam_handle_t *handle, int flags, int argc, const char **argv)
{
    (void)flags;
    (void)argc;
    (void)argv;
    return mark_is_set(handle) ? PAM_SUCCESS : PAM_IGNORE;
}

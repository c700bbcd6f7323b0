#include "policy/config/recent.h"

#include <string.h>

/* sshd alone tells of keys that it has verified. These run in front of nobody who shows one. */
static bool
is_without_keys(const char *service)
{
    static const char *const names[] = {"sudo",  "sudo-i",  "su",           "su-l",
                                        "login", "lightdm", "gdm-password", "cron"};

    for (size_t i = 0; i < COUNT(names); i++) {
        if (strcmp(service, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* A remembered sign-in passes the first phase, and must not be what the second one refuses. */
static void
check_remember(const struct service *service, struct place place, struct findings *findings)
{
    if (service->sign_in_within_s > 0 && service->remember_s > service->sign_in_within_s) {
        findings_error(findings, place.file, place.line,
                       "'remember' is longer than 'sign_in_within', so that a key would be "
                       "admitted without a prompt and then refused; make it %lld seconds or less",
                       (long long)service->sign_in_within_s);
    }
    if (service->max_auth_age_s > 0 && service->remember_s > service->max_auth_age_s) {
        findings_warning(findings, place.file, place.line,
                         "'remember' is longer than 'max_auth_age', which ends it: whoever proved "
                         "who they are more than %lld seconds ago is asked again",
                         (long long)service->max_auth_age_s);
    }
}

void
config_recent_check(const struct service *service, const struct config_said *said,
                    struct findings *findings)
{
    const struct config_entry *remember = said->by_key[KEY_service_remember];
    struct place within = config_said_place(said, KEY_service_sign_in_within);

    if (remember != NULL) {
        check_remember(service, remember->place, findings);
    }
    /* Where it comes from [service *] it is meant for others. */
    if (remember != NULL && is_without_keys(service->name) &&
        config_section_entry(said->section, KEY_service_remember) == remember) {
        findings_warning(findings, remember->place.file, remember->place.line,
                         "'remember' does nothing for [service %s], which learns of no SSH key; "
                         "remove it",
                         service->name);
    }
    if (service->sign_in_within_s > 0 && service->local_users.count == 0) {
        findings_warning(findings, within.file, within.line,
                         "'sign_in_within' refuses the keys of every account, root's too, while "
                         "nobody can sign in, and there are no 'local_users'; name the break-glass "
                         "account");
    }
}

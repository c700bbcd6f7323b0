/*
 * A service whose PAM stack is examined, and how something is said of a line of it once, however
 * many services include the line.
 */
#ifndef PAM_OAUTH_CLI_CHECK_PAM_SUBJECT_H
#define PAM_OAUTH_CLI_CHECK_PAM_SUBJECT_H

#include "cli/check/check.h"
#include "cli/check/pam_stack.h"

struct pam_subject {
    const struct checkup *check;
    const char *name;
    const struct service *service; /* its section, or NULL */
    const struct pam_stack *stack;
    struct words *said; /* of files that many services include, what was said once */
    bool part;          /* of others, and no service */
};

/* Where it stands what a stack should be. */
#define PAM_SUBJECT_MANUAL "see PAM STACKS in pam_oauth(8)"

/* Is it the first time that this is said of this line? */
bool pam_subject_is_news(const struct pam_subject *subject, const struct pam_entry *entry,
                         const char *what);

/* Is the file there to be included by all services, or for services that have none? */
bool pam_subject_is_shared(const char *path);

/*
 * A line of type auth in such a file where a refusal is final, and which goes on where we answer
 * authinfo_unavail: for a service without a section, and for anybody while the provider cannot be
 * asked. So does the profile for pam-auth-update.
 */
bool pam_subject_leaves_others(const struct pam_entry *entry);

#define PAM_ERROR_AT(subject, entry, what, ...)                                                    \
    do {                                                                                           \
        if (pam_subject_is_news((subject), (entry), (what))) {                                     \
            findings_error((subject)->check->findings, (entry)->place.file, (entry)->place.line,   \
                           __VA_ARGS__);                                                           \
        }                                                                                          \
    } while (0)
#define PAM_WARNING_AT(subject, entry, what, ...)                                                  \
    do {                                                                                           \
        if (pam_subject_is_news((subject), (entry), (what))) {                                     \
            findings_warning((subject)->check->findings, (entry)->place.file, (entry)->place.line, \
                             __VA_ARGS__);                                                         \
        }                                                                                          \
    } while (0)

/*
 * What the phases auth and account can end in (cli/check/pam_walk.h), where `entry` is the first of
 * ours: whatever is wrong is a finding. ST_MEMORY.
 */
MUST_CHECK enum status pam_subject_check_auth(const struct pam_subject *subject,
                                              const struct pam_entry *entry);
MUST_CHECK enum status pam_subject_check_account(const struct pam_subject *subject,
                                                 const struct pam_entry *entry);

#endif

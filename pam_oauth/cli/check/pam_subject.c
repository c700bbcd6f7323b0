#include "cli/check/pam_subject.h"

#include <limits.h>
#include <string.h>

#include "cli/check/pam_walk.h"

bool
pam_subject_is_news(const struct pam_subject *subject, const struct pam_entry *entry,
                    const char *what)
{
    struct buf key CLEANUP(buf_done) = BUF(PATH_MAX + 64);

    if (buf_printf(&key, "%s:%u %s", entry->place.file, entry->place.line, what) != ST_OK ||
        words_have(subject->said, buf_text(&key))) {
        return false;
    }
    return words_add(subject->said, buf_span(&key)) == ST_OK;
}

bool
pam_subject_is_shared(const char *path)
{
    static const char *const shared[] = {"other",        "system-auth",        "password-auth",
                                         "system-login", "system-local-login", "postlogin"};

    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;

    for (size_t i = 0; i < COUNT(shared); i++) {
        if (strcmp(name, shared[i]) == 0) {
            return true;
        }
    }
    return strncmp(name, "common-", 7) == 0;
}

bool
pam_subject_leaves_others(const struct pam_entry *entry)
{
    return entry->type == PAM_TYPE_AUTH && pam_subject_is_shared(entry->place.file) &&
           entry->actions[PAM_CODE_authinfo_unavail] == PAM_ACTION_IGNORE &&
           entry->actions[PAM_CODE_auth_err] == PAM_ACTION_DIE;
}

/* ---- what a phase can end in ------------------------------------------------------------------
 */

/* Everything that we answer when nobody is to come in, and what stands for us if we are not there.
 */
static const enum pam_code auth_denials[] = {
    PAM_CODE_auth_err, PAM_CODE_authinfo_unavail, PAM_CODE_service_err,   PAM_CODE_buf_err,
    PAM_CODE_conv_err, PAM_CODE_system_err,       PAM_CODE_module_unknown};
/* Of the account phase our absence is no denial: public keys go on when the module was removed. */
static const enum pam_code account_denials[] = {PAM_CODE_perm_denied, PAM_CODE_authinfo_unavail,
                                                PAM_CODE_service_err, PAM_CODE_buf_err,
                                                PAM_CODE_system_err};

/* The denials that count for nothing. */
struct dropped {
    struct buf names;
    size_t count;
    bool alone; /* with one of them somebody gets in who has shown nothing */
};

static enum status
find_dropped(const struct pam_subject *subject, const struct pam_entry *entry,
             const enum pam_code *denials, size_t count, struct dropped *dropped)
{
    for (size_t i = 0; i < count; i++) {
        bool meant = denials[i] == PAM_CODE_authinfo_unavail && pam_subject_leaves_others(entry);
        struct pam_ends ends;
        TRY(pam_walk(subject->stack, entry->type, denials[i], &ends));
        if (ends.met_alone || (ends.met_vouched && !meant)) {
            TRY(buf_printf(&dropped->names, "%s%s", dropped->count > 0 ? " " : "",
                           pam_stack_code_name(denials[i])));
            dropped->count++;
            dropped->alone = dropped->alone || ends.met_alone;
        }
    }
    return ST_OK;
}

static void
report_dropped(const struct pam_subject *subject, const struct pam_entry *entry, size_t all,
               const struct dropped *dropped)
{
    const char *what = dropped->count == all ? "a refusal" : "the answer";
    const char *which = dropped->count == all ? "" : " ";
    const char *names = dropped->count == all ? "" : buf_text(&dropped->names);

    if (dropped->alone) {
        PAM_ERROR_AT(
            subject, entry, "dropped",
            "%s%s%s of pam_oauth is dropped here, and nothing behind it denies: who is refused "
            "gets in; use [success=done ignore=ignore default=die], and let 'auth requisite "
            "pam_deny.so' stand where a phase may end without an answer, " PAM_SUBJECT_MANUAL,
            what, which, names);
    } else {
        PAM_ERROR_AT(subject, entry, "dropped",
                     "%s%s%s of pam_oauth is dropped here, and the lines behind it decide; use "
                     "[success=done ignore=ignore default=die], " PAM_SUBJECT_MANUAL,
                     what, which, names);
    }
}

/* An account of local_users is left to the rest of the stack: something must ask it (E71). */
static enum status
check_ignored(const struct pam_subject *subject, const struct pam_entry *entry)
{
    struct pam_ends ends;

    TRY(pam_walk(subject->stack, PAM_TYPE_AUTH, PAM_CODE_ignore, &ends));
    if (ends.met_alone) {
        PAM_ERROR_AT(
            subject, entry, "ignored",
            "an account of local_users, for which pam_oauth answers ignore, gets in without "
            "showing anything; put 'auth required pam_unix.so' behind it, " PAM_SUBJECT_MANUAL);
    } else if (!ends.met_vouched && subject->service != NULL &&
               subject->service->local_users.count > 0) {
        PAM_WARNING_AT(
            subject, entry, "ignored",
            "nothing behind pam_oauth lets an account of local_users in; put 'auth required "
            "pam_unix.so' behind it, " PAM_SUBJECT_MANUAL);
    }
    return ST_OK;
}

/* Ways in on which neither we nor anybody else asks for anything. */
static void
check_past(const struct pam_subject *subject, const struct pam_entry *entry,
           const struct pam_ends *ends)
{
    if (ends->unmet_alone) {
        PAM_ERROR_AT(
            subject, entry, "past",
            "a way in leads past pam_oauth on which nobody is asked for anything: anybody gets in; "
            "take the line in front that ends the phase out, " PAM_SUBJECT_MANUAL);
    } else if (ends->unmet_chosen) {
        PAM_WARNING_AT(
            subject, entry, "past",
            "whom a line in front picks out, by a list, a group or nullok, gets in past pam_oauth "
            "without showing anything; put 'auth required pam_unix.so' on that way, or take the "
            "line out, " PAM_SUBJECT_MANUAL);
    }
}

static enum status
check_accepted(const struct pam_subject *subject, const struct pam_entry *entry)
{
    struct pam_ends ends;

    TRY(pam_walk(subject->stack, PAM_TYPE_AUTH, PAM_CODE_success, &ends));
    check_past(subject, entry, &ends);
    if (!ends.met_alone && !ends.met_vouched) {
        PAM_ERROR_AT(
            subject, entry, "accepted",
            "who is accepted by pam_oauth does not get in, whatever the lines behind it say; "
            "use [success=done ignore=ignore default=die], " PAM_SUBJECT_MANUAL);
    }
    if (!ends.unmet) {
        PAM_WARNING_AT(
            subject, entry, "break glass",
            "every way in leads through pam_oauth, so that a mistake in its configuration "
            "locks everybody out; keep a break-glass account outside of it, " PAM_SUBJECT_MANUAL);
    }
    return ST_OK;
}

enum status
pam_subject_check_auth(const struct pam_subject *subject, const struct pam_entry *entry)
{
    struct dropped dropped = {.names = BUF(1024)};

    enum status status = find_dropped(subject, entry, auth_denials, COUNT(auth_denials), &dropped);
    if (status == ST_OK && dropped.count > 0) {
        report_dropped(subject, entry, COUNT(auth_denials), &dropped);
    }
    buf_done(&dropped.names);
    TRY(status);
    TRY(check_ignored(subject, entry));
    return check_accepted(subject, entry);
}

/* Does another module behind ours have a say? */
static bool
others_follow(const struct pam_stack *stack, const struct pam_entry *entry)
{
    for (const struct pam_entry *other = entry + 1; other < stack->at + stack->count; other++) {
        if (other->type == PAM_TYPE_ACCOUNT && !other->substack && !pam_walk_is_ours(other) &&
            !span_is(pam_stack_module(other), "pam_permit")) {
            return true;
        }
    }
    return false;
}

/* An account that has expired or is locked is others' to refuse, whatever we say of it (E71). */
static enum status
check_passed(const struct pam_subject *subject, const struct pam_entry *entry)
{
    static const enum pam_code passes[] = {PAM_CODE_success, PAM_CODE_ignore};

    for (size_t i = 0; i < COUNT(passes); i++) {
        struct pam_ends ends;
        TRY(pam_walk(subject->stack, entry->type, passes[i], &ends));
        if (ends.met_alone && others_follow(subject->stack, entry)) {
            PAM_WARNING_AT(
                subject, entry, "passed",
                "where pam_oauth answers %s, the account lines behind it are not asked, so that an "
                "account that has expired gets in; use [success=ok ignore=ignore "
                "module_unknown=ignore default=die], " PAM_SUBJECT_MANUAL,
                pam_stack_code_name(passes[i]));
        }
    }
    return ST_OK;
}

enum status
pam_subject_check_account(const struct pam_subject *subject, const struct pam_entry *entry)
{
    struct dropped dropped = {.names = BUF(1024)};

    enum status status =
        find_dropped(subject, entry, account_denials, COUNT(account_denials), &dropped);
    if (status == ST_OK && dropped.count > 0) {
        PAM_ERROR_AT(subject, entry, "dropped",
                     "a denial of pam_oauth is dropped here (%s); use [success=ok ignore=ignore "
                     "module_unknown=ignore default=die], " PAM_SUBJECT_MANUAL,
                     buf_text(&dropped.names));
    }
    buf_done(&dropped.names);
    TRY(status);
    return check_passed(subject, entry);
}

#include "cli/check_pam.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/pam_walk.h"

/* One service under examination. */
struct subject {
    const struct checkup *check;
    const char *name;
    const struct service *service; /* its section, or NULL */
    const struct pam_stack *stack;
    struct words *said; /* of files that many services include, what was said once */
    bool part;          /* of others, and no service */
};

#define MANUAL "see PAM STACKS in pam_oauth(8)"

/* ---- one entry --------------------------------------------------------------------------------
 */

/* Is it the first time that this is said of this line? */
static bool
is_news(const struct subject *subject, const struct pam_entry *entry, const char *what)
{
    struct buf key CLEANUP(buf_done) = BUF(PATH_MAX + 64);

    if (buf_printf(&key, "%s:%u %s", entry->place.file, entry->place.line, what) != ST_OK ||
        words_have(subject->said, buf_text(&key))) {
        return false;
    }
    return words_add(subject->said, buf_span(&key)) == ST_OK;
}

#define ERROR_AT(subject, entry, what, ...)                                                        \
    do {                                                                                           \
        if (is_news((subject), (entry), (what))) {                                                 \
            findings_error((subject)->check->findings, (entry)->place.file, (entry)->place.line,   \
                           __VA_ARGS__);                                                           \
        }                                                                                          \
    } while (0)
#define WARNING_AT(subject, entry, what, ...)                                                      \
    do {                                                                                           \
        if (is_news((subject), (entry), (what))) {                                                 \
            findings_warning((subject)->check->findings, (entry)->place.file, (entry)->place.line, \
                             __VA_ARGS__);                                                         \
        }                                                                                          \
    } while (0)

/* Files that are there to be included by all services, and the one for services without any. */
static bool
is_shared_name(const char *name)
{
    static const char *const shared[] = {"other",        "system-auth",        "password-auth",
                                         "system-login", "system-local-login", "postlogin"};

    for (size_t i = 0; i < COUNT(shared); i++) {
        if (strcmp(name, shared[i]) == 0) {
            return true;
        }
    }
    return strncmp(name, "common-", 7) == 0;
}

static const char *
last_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* Cron, screen lockers and everything else would come to our prompts (R125, E72). */
static void
check_shared(const struct subject *subject, const struct pam_entry *entry)
{
    if (entry->type == PAM_TYPE_AUTH && is_shared_name(last_name(entry->place.file))) {
        ERROR_AT(subject, entry, "shared",
                 "pam_oauth stands in a file that every service includes, so that programs without "
                 "a person come to it too; move the line into the files of the services that have "
                 "a section");
    }
}

static void
check_arguments(const struct subject *subject, const struct pam_entry *entry)
{
    for (size_t i = 0; i < entry->arguments.count; i++) {
        const char *argument = entry->arguments.at[i];
        if (strcmp(argument, "debug") == 0) {
            continue;
        }
        if (strncmp(argument, "config=", 7) != 0) {
            ERROR_AT(subject, entry, argument,
                     "'%s' is no argument of pam_oauth, which refuses every sign-in for it; remove "
                     "it, what is not config=PATH or debug stands in the configuration",
                     text_quote(span_of(argument)).text);
        } else if (strcmp(argument + 7, subject->check->config) != 0) {
            WARNING_AT(subject, entry, argument,
                       "it reads '%s', which is not what is checked here; run pam-oauth check "
                       "--config %s as well",
                       text_quote(span_of(argument + 7)).text,
                       text_quote(span_of(argument + 7)).text);
        }
    }
}

/* Where libpam looks for a module without a path. */
static enum status
module_path(const struct subject *subject, const struct pam_entry *entry, struct buf *path)
{
    const char *directory = entry->module[0] == '/' ? "" : PAM_OAUTH_PAMDIR "/";

    return buf_printf(path, "%s%s%s", subject->check->root, directory, entry->module);
}

static enum status
check_module(const struct subject *subject, const struct pam_entry *entry)
{
    struct buf path CLEANUP(buf_done) = BUF(PATH_MAX);
    struct file_trust trust = {.also_owner = subject->check->cli->site.owner, .secret = false};
    struct why why = {""};
    int fd CLEANUP(file_close) = -1;

    TRY(module_path(subject, entry, &path));
    char *real = realpath(buf_text(&path), NULL);
    if (real == NULL) {
        ERROR_AT(subject, entry, "module",
                 "there is no %s, so that every sign-in here fails; install it, or remove the line",
                 buf_text(&path));
        return ST_OK;
    }
    enum status status = file_open_trusted(real, trust, &why, &fd);
    free(real);
    if (status == ST_CONFIG) {
        ERROR_AT(subject, entry, "module", "%s", why.sentence);
        return ST_OK;
    }
    return status;
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
find_dropped(const struct subject *subject, enum pam_type type, const enum pam_code *denials,
             size_t count, struct dropped *dropped)
{
    for (size_t i = 0; i < count; i++) {
        struct pam_ends ends;
        TRY(pam_walk(subject->stack, type, denials[i], &ends));
        if (ends.met_alone || ends.met_vouched) {
            TRY(buf_printf(&dropped->names, "%s%s", dropped->count > 0 ? " " : "",
                           pam_stack_code_name(denials[i])));
            dropped->count++;
            dropped->alone = dropped->alone || ends.met_alone;
        }
    }
    return ST_OK;
}

static void
report_dropped(const struct subject *subject, const struct pam_entry *entry, size_t all,
               const struct dropped *dropped)
{
    const char *what = dropped->count == all ? "a refusal" : "the answer";
    const char *which = dropped->count == all ? "" : " ";
    const char *names = dropped->count == all ? "" : buf_text(&dropped->names);

    if (dropped->alone) {
        ERROR_AT(
            subject, entry, "dropped",
            "%s%s%s of pam_oauth is dropped here, and nothing behind it denies: who is refused "
            "gets in; use [success=done ignore=ignore default=die], and let 'auth requisite "
            "pam_deny.so' stand where a phase may end without an answer, " MANUAL,
            what, which, names);
    } else {
        ERROR_AT(subject, entry, "dropped",
                 "%s%s%s of pam_oauth is dropped here, and the lines behind it decide; use "
                 "[success=done ignore=ignore default=die], " MANUAL,
                 what, which, names);
    }
}

/* An account of local_users is left to the rest of the stack: something must ask it (E71). */
static enum status
check_ignored(const struct subject *subject, const struct pam_entry *entry)
{
    struct pam_ends ends;

    TRY(pam_walk(subject->stack, PAM_TYPE_AUTH, PAM_CODE_ignore, &ends));
    if (ends.met_alone) {
        ERROR_AT(subject, entry, "ignored",
                 "an account of local_users, for which pam_oauth answers ignore, gets in without "
                 "showing anything; put 'auth required pam_unix.so' behind it, " MANUAL);
    } else if (!ends.met_vouched && subject->service != NULL &&
               subject->service->local_users.count > 0) {
        WARNING_AT(subject, entry, "ignored",
                   "nothing behind pam_oauth lets an account of local_users in; put 'auth required "
                   "pam_unix.so' behind it, " MANUAL);
    }
    return ST_OK;
}

static enum status
check_accepted(const struct subject *subject, const struct pam_entry *entry)
{
    struct pam_ends ends;

    TRY(pam_walk(subject->stack, PAM_TYPE_AUTH, PAM_CODE_success, &ends));
    if (!ends.met_alone && !ends.met_vouched) {
        ERROR_AT(subject, entry, "accepted",
                 "who is accepted by pam_oauth does not get in, whatever the lines behind it say; "
                 "use [success=done ignore=ignore default=die], " MANUAL);
    }
    if (!ends.unmet) {
        WARNING_AT(subject, entry, "break glass",
                   "every way in leads through pam_oauth, so that a mistake in its configuration "
                   "locks everybody out; keep a break-glass account outside of it, " MANUAL);
    }
    return ST_OK;
}

static enum status
check_auth(const struct subject *subject, const struct pam_entry *entry)
{
    struct dropped dropped = {.names = BUF(1024)};

    enum status status =
        find_dropped(subject, PAM_TYPE_AUTH, auth_denials, COUNT(auth_denials), &dropped);
    if (status == ST_OK && dropped.count > 0) {
        report_dropped(subject, entry, COUNT(auth_denials), &dropped);
    }
    buf_done(&dropped.names);
    TRY(status);
    TRY(check_ignored(subject, entry));
    return check_accepted(subject, entry);
}

static enum status
check_account(const struct subject *subject, const struct pam_entry *entry)
{
    struct dropped dropped = {.names = BUF(1024)};

    enum status status =
        find_dropped(subject, PAM_TYPE_ACCOUNT, account_denials, COUNT(account_denials), &dropped);
    if (status == ST_OK && dropped.count > 0) {
        ERROR_AT(subject, entry, "dropped",
                 "a denial of pam_oauth is dropped here (%s); use [success=ok ignore=ignore "
                 "module_unknown=ignore default=die], " MANUAL,
                 buf_text(&dropped.names));
    }
    buf_done(&dropped.names);
    return status;
}

/* ---- a service --------------------------------------------------------------------------------
 */

static const struct pam_entry *
first_of_ours(const struct pam_stack *stack, int type)
{
    for (size_t i = 0; i < stack->count; i++) {
        if (pam_walk_is_ours(&stack->at[i]) && (type < 0 || (int)stack->at[i].type == type)) {
            return &stack->at[i];
        }
    }
    return NULL;
}

static void
check_section(const struct subject *subject, const struct pam_entry *entry)
{
    const struct config *config = subject->check->cli->config;
    struct text_quoted name = text_quote(span_of(subject->name));

    if (subject->service != NULL) {
        return;
    }
    if (config->service_count == 0) {
        WARNING_AT(subject, entry, subject->name,
                   "the configuration enables no service yet, so that pam_oauth refuses every "
                   "sign-in here; add [service %s]",
                   name.text);
    } else {
        ERROR_AT(subject, entry, subject->name,
                 "there is no [service %s] in the configuration, so that pam_oauth refuses every "
                 "sign-in here; add one, or remove the line",
                 name.text);
    }
}

static enum status
check_entries(const struct subject *subject)
{
    for (size_t i = 0; i < subject->stack->count; i++) {
        const struct pam_entry *entry = &subject->stack->at[i];
        if (pam_walk_is_ours(entry)) {
            check_shared(subject, entry);
            check_arguments(subject, entry);
            TRY(check_module(subject, entry));
        }
    }
    return ST_OK;
}

static enum status
check_service(const struct subject *subject)
{
    const struct pam_entry *auth = first_of_ours(subject->stack, PAM_TYPE_AUTH);
    const struct pam_entry *account = first_of_ours(subject->stack, PAM_TYPE_ACCOUNT);

    TRY(check_entries(subject));
    if (auth != NULL) {
        check_section(subject, auth);
        TRY(check_auth(subject, auth));
    }
    if (account != NULL) {
        TRY(check_account(subject, account));
    } else if (auth != NULL) {
        WARNING_AT(
            subject, auth, "account",
            "there is no line of type account, so that pam_oauth has no say where sshd or su "
            "ask for no sign-in (a public key, root); add one, " MANUAL);
    }
    return ST_OK;
}

/* A section whose program never comes to us. */
static void
check_unasked(const struct checkup *check, const struct words *asking)
{
    const struct config *config = check->cli->config;

    for (size_t i = 0; i < config->service_count; i++) {
        const struct service *service = config->services[i];
        if (!words_have(asking, service->name)) {
            findings_warning(
                check->findings, service->place.file, service->place.line,
                "no PAM stack of '%s' names pam_oauth; add its lines to /etc/pam.d/%s, " MANUAL,
                service->name, service->name);
        }
    }
}

/* Only of a stack that names us anything is said: the others are somebody else's. */
static enum status
look_at_service(struct subject *subject, const struct pam_place *place, struct words *asking)
{
    struct findings private CLEANUP(findings_done) = FINDINGS;
    struct pam_stack stack CLEANUP(pam_stack_done) = PAM_STACK;
    struct pam_place quiet = *place;

    quiet.findings = &private;
    TRY(pam_stack_read(&quiet, subject->name, &stack));
    bool names_us = first_of_ours(&stack, -1) != NULL;
    if (names_us || subject->service != NULL) {
        findings_add(place->findings, &private);
    }
    if (!names_us) {
        return ST_OK;
    }
    TRY(words_add(asking, span_of(subject->name)));
    subject->stack = &stack;
    return subject->part ? check_entries(subject) : check_service(subject);
}

/* The files that others include. */
static enum status
find_parts(const struct words *services, const struct pam_place *place, struct words *parts)
{
    for (size_t i = 0; i < services->count; i++) {
        struct findings ignored CLEANUP(findings_done) = FINDINGS;
        struct pam_stack stack CLEANUP(pam_stack_done) = PAM_STACK;
        struct pam_place quiet = *place;
        quiet.findings = &ignored;
        TRY(pam_stack_read(&quiet, services->at[i], &stack));
        for (size_t file = 1; file < stack.files.count; file++) {
            const char *name = last_name(stack.files.at[file]);
            TRY(words_have(parts, name) ? ST_OK : words_add(parts, span_of(name)));
        }
    }
    return ST_OK;
}

enum status
check_pam(const struct checkup *check)
{
    struct pam_place place = {
        .root = check->root, .owner = check->cli->site.owner, .findings = check->findings};
    struct words services CLEANUP(words_done) = {.at = NULL, .count = 0};
    struct words asking CLEANUP(words_done) = {.at = NULL, .count = 0};
    struct words parts CLEANUP(words_done) = {.at = NULL, .count = 0};
    struct words said CLEANUP(words_done) = {.at = NULL, .count = 0};

    TRY(pam_files_services(&place, &services));
    TRY(find_parts(&services, &place, &parts));
    for (size_t i = 0; i < services.count; i++) {
        struct subject subject = {
            .check = check,
            .name = services.at[i],
            .service = config_service(check->cli->config, services.at[i]),
            .said = &said,
        };
        subject.part = is_shared_name(subject.name) ||
                       (subject.service == NULL && words_have(&parts, subject.name));
        TRY(look_at_service(&subject, &place, &asking));
    }
    check_unasked(check, &asking);
    return ST_OK;
}

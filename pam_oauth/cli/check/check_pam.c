#include "cli/check/check_pam.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/check/pam_subject.h"
#include "cli/check/pam_walk.h"

/* ---- one entry --------------------------------------------------------------------------------
 */

static const char *
last_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/*
 * Cron, screen lockers and everything else would come to our prompts (R125, E72), unless what has
 * no section is left alone.
 */
static void
check_shared(const struct pam_subject *subject, const struct pam_entry *entry)
{
    if (pam_subject_leaves_others(entry)) {
        PAM_WARNING_AT(
            subject, entry, "shared",
            "pam_oauth stands in a file that every service includes, and leaves to the lines "
            "behind it a service without a section, and everybody while the provider cannot be "
            "asked; where that is not wanted, give the service a stack of its "
            "own, " PAM_SUBJECT_MANUAL);
    } else if (entry->type == PAM_TYPE_AUTH && pam_subject_is_shared(entry->place.file)) {
        PAM_ERROR_AT(
            subject, entry, "shared",
            "pam_oauth stands in a file that every service includes, so that programs without "
            "a person come to it too; move the line into the files of the services that have "
            "a section");
    }
}

static void
check_arguments(const struct pam_subject *subject, const struct pam_entry *entry)
{
    for (size_t i = 0; i < entry->arguments.count; i++) {
        const char *argument = entry->arguments.at[i];
        if (strcmp(argument, "debug") == 0) {
            continue;
        }
        if (strncmp(argument, "config=", 7) != 0) {
            PAM_ERROR_AT(
                subject, entry, argument,
                "'%s' is no argument of pam_oauth, which refuses every sign-in for it; remove "
                "it, what is not config=PATH or debug stands in the configuration",
                text_quote(span_of(argument)).text);
        } else if (strcmp(argument + 7, subject->check->config) != 0) {
            PAM_WARNING_AT(subject, entry, argument,
                           "it reads '%s', which is not what is checked here; run pam-oauth check "
                           "--config %s as well",
                           text_quote(span_of(argument + 7)).text,
                           text_quote(span_of(argument + 7)).text);
        }
    }
}

/* Where libpam looks for a module without a path. */
static enum status
module_path(const struct pam_subject *subject, const struct pam_entry *entry, struct buf *path)
{
    const char *directory = entry->module[0] == '/' ? "" : PAM_OAUTH_PAMDIR "/";

    return buf_printf(path, "%s%s%s", subject->check->root, directory, entry->module);
}

static enum status
check_module(const struct pam_subject *subject, const struct pam_entry *entry)
{
    struct buf path CLEANUP(buf_done) = BUF(PATH_MAX);
    struct file_trust trust = {.also_owner = subject->check->cli->site.owner, .secret = false};
    struct why why = {""};
    int fd CLEANUP(file_close) = -1;

    TRY(module_path(subject, entry, &path));
    char *real = realpath(buf_text(&path), NULL);
    if (real == NULL) {
        PAM_ERROR_AT(
            subject, entry, "module",
            "there is no %s, so that every sign-in here fails; install it, or remove the line",
            buf_text(&path));
        return ST_OK;
    }
    enum status status = file_open_trusted(real, trust, &why, &fd);
    free(real);
    if (status == ST_CONFIG) {
        PAM_ERROR_AT(subject, entry, "module", "%s", why.sentence);
        return ST_OK;
    }
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
check_section(const struct pam_subject *subject, const struct pam_entry *entry)
{
    const struct config *config = subject->check->cli->config;
    struct text_quoted name = text_quote(span_of(subject->name));

    if (subject->service != NULL || pam_subject_leaves_others(entry)) {
        return;
    }
    if (config->service_count == 0) {
        PAM_WARNING_AT(subject, entry, subject->name,
                       "the configuration enables no service yet, so that pam_oauth refuses every "
                       "sign-in here; add [service %s]",
                       name.text);
    } else {
        PAM_ERROR_AT(
            subject, entry, subject->name,
            "there is no [service %s] in the configuration, so that pam_oauth refuses every "
            "sign-in here; add one, or remove the line",
            name.text);
    }
}

static enum status
check_entries(const struct pam_subject *subject)
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

/* sign_in_within is asked in the account phase, or never: there is no other for a public key. */
static void
check_within(const struct pam_subject *subject, const struct pam_entry *auth,
             const struct pam_entry *account)
{
    bool within = subject->service != NULL && subject->service->sign_in_within_s > 0;

    if (account == NULL && within) {
        PAM_ERROR_AT(
            subject, auth, "account",
            "there is no line of type account, so that sign_in_within (%s:%u) is never asked; "
            "add one, " PAM_SUBJECT_MANUAL,
            subject->service->place.file, subject->service->place.line);
    } else if (account == NULL && auth != NULL) {
        PAM_WARNING_AT(
            subject, auth, "account",
            "there is no line of type account, so that pam_oauth has no say where sshd or su "
            "ask for no sign-in (a public key, root); add one, " PAM_SUBJECT_MANUAL);
    }
    for (const struct pam_entry *entry = subject->stack->at;
         within && account != NULL && entry < account; entry++) {
        if (entry->type == PAM_TYPE_ACCOUNT && !entry->substack &&
            (entry->actions[PAM_CODE_success] == PAM_ACTION_DONE ||
             entry->actions[PAM_CODE_new_authtok_reqd] == PAM_ACTION_DONE)) {
            PAM_ERROR_AT(
                subject, entry, "within",
                "this can end the phase before pam_oauth is asked, and then sign_in_within "
                "(%s:%u) is not; put the line of pam_oauth in front of it, " PAM_SUBJECT_MANUAL,
                subject->service->place.file, subject->service->place.line);
        }
    }
}

/*
 * A section that says how people sign in, in a stack whose sign-ins never come to us. With
 * sign_in_within that may be meant: they sign in elsewhere, and here with a key.
 */
static void
check_unasked_auth(const struct pam_subject *subject, const struct pam_entry *account)
{
    const struct pam_entry *entry = first_of_ours(subject->stack, -1);
    bool within =
        account != NULL && subject->service != NULL && subject->service->sign_in_within_s > 0;

    if (subject->service != NULL && !within) {
        PAM_WARNING_AT(
            subject, entry, "auth",
            "there is no line of type auth, so that pam_oauth asks nobody who signs in here, and "
            "[service %s] (%s:%u) says in vain how; add one, " PAM_SUBJECT_MANUAL,
            subject->service->name, subject->service->place.file, subject->service->place.line);
    }
}

static enum status
check_service(const struct pam_subject *subject)
{
    const struct pam_entry *auth = first_of_ours(subject->stack, PAM_TYPE_AUTH);
    const struct pam_entry *account = first_of_ours(subject->stack, PAM_TYPE_ACCOUNT);

    TRY(check_entries(subject));
    if (auth != NULL) {
        check_section(subject, auth);
        TRY(pam_subject_check_auth(subject, auth));
    } else {
        check_unasked_auth(subject, account);
    }
    if (account != NULL) {
        TRY(pam_subject_check_account(subject, account));
    }
    if (auth != NULL || account != NULL) {
        check_within(subject, auth, account);
    }
    return ST_OK;
}

/*
 * Programs that ask another service when they are called in another way: with the option the stack
 * that is guarded is not asked.
 */
static enum status
check_siblings(const struct pam_place *place, const struct words *services,
               const struct words *asking)
{
    static const struct {
        const char *service;
        const char *sibling;
        const char *command;
    } rows[] = {{"sudo", "sudo-i", "sudo -i"}, {"su", "su-l", "su -"}};

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf path CLEANUP(buf_done) = BUF(PATH_MAX);
        bool found = false;
        if (!words_have(asking, rows[i].service) || words_have(asking, rows[i].sibling) ||
            !words_have(services, rows[i].sibling)) {
            continue;
        }
        TRY(pam_files_of_service(place, rows[i].sibling, &path, &found));
        findings_warning(place->findings, buf_text(&path), 0,
                         "'%s' asks this stack, which does not name pam_oauth as that of %s does; "
                         "add the same lines, and '%s' to the [service]",
                         rows[i].command, rows[i].service, rows[i].sibling);
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
            findings_warning(check->findings, service->place.file, service->place.line,
                             "no PAM stack of '%s' names pam_oauth; add its lines to "
                             "/etc/pam.d/%s, " PAM_SUBJECT_MANUAL,
                             service->name, service->name);
        }
    }
}

/* Only of a stack that names us anything is said: the others are somebody else's. */
static enum status
look_at_service(struct pam_subject *subject, const struct pam_place *place, struct words *asking)
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
        struct pam_subject subject = {
            .check = check,
            .name = services.at[i],
            .service = config_service(check->cli->config, services.at[i]),
            .said = &said,
        };
        subject.part = pam_subject_is_shared(subject.name) ||
                       (subject.service == NULL && words_have(&parts, subject.name));
        TRY(look_at_service(&subject, &place, &asking));
    }
    check_unasked(check, &asking);
    return check_siblings(&place, &services, &asking);
}

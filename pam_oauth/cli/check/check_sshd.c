#include "cli/check/check_sshd.h"

#include <limits.h>
#include <string.h>

#include "base/text.h"
#include "cli/check/sshd_config.h"

#define SSHD_CONFIG_NAME "/etc/ssh/sshd_config"
/* sshd's defaults. */
#define GRACE_DEFAULT_S 120
#define SECONDS_MAX (INT64_C(100) * 365 * 86400)

struct subject {
    const struct checkup *check;
    const struct service *service;
    const struct sshd_config *sshd;
    const char *path; /* of sshd_config */
};

/* At the setting, or at the file as a whole where it is not set. */
#define ERROR_AT(subject, setting, ...)                                                            \
    findings_error((subject)->check->findings,                                                     \
                   (setting) != NULL ? (setting)->place.file : (subject)->path,                    \
                   (setting) != NULL ? (setting)->place.line : 0, __VA_ARGS__)
#define WARNING_AT(subject, setting, ...)                                                          \
    findings_warning((subject)->check->findings, (setting)->place.file, (setting)->place.line,     \
                     __VA_ARGS__)

static bool
has_method(const struct service *service, enum method method)
{
    for (size_t i = 0; i < service->method_count; i++) {
        if (service->methods[i] == method) {
            return true;
        }
    }
    return false;
}

static bool
says(const struct sshd_setting *setting, const char *word)
{
    return setting->arguments.count > 0 &&
           text_is_in_any_case(span_of(setting->arguments.at[0]), word);
}

static int64_t
seconds_of_unit(char unit)
{
    static const char units[] = "smhdw";
    static const int64_t seconds[] = {1, 60, 3600, 86400, 604800};
    const char *found = strchr(units, text_is_upper(unit) ? unit - 'A' + 'a' : unit);

    return unit != '\0' && found != NULL ? seconds[found - units] : 0;
}

bool
check_sshd_seconds(struct span text, int64_t *ret_s)
{
    int64_t total = 0;

    while (text.length > 0) {
        int64_t number = 0;
        size_t digits = 0;
        while (digits < text.length && digits < 12 && text_is_digit(text.at[digits])) {
            number = number * 10 + (text.at[digits++] - '0');
        }
        bool has_unit = digits < text.length;
        int64_t unit = has_unit ? seconds_of_unit(text.at[digits]) : 1;
        if (digits == 0 || unit == 0 || number > SECONDS_MAX / unit) {
            return false;
        }
        total += number * unit;
        size_t used = digits + (has_unit ? 1 : 0);
        text = (struct span){.at = text.at + used, .length = text.length - used};
    }
    *ret_s = total;
    return total <= SECONDS_MAX;
}

/* ---- what every connection needs --------------------------------------------------------------
 */

static void
check_use_pam(const struct subject *subject)
{
    const struct sshd_setting *setting = sshd_config_find(subject->sshd, "UsePAM", 0);

    if (setting == NULL || !says(setting, "yes")) {
        ERROR_AT(subject, setting,
                 "sshd does not ask PAM, so that pam_oauth is never reached; set UsePAM yes");
    }
}

/* The old name means the same; whichever stands first counts. */
static const struct sshd_setting *
keyboard_of(const struct sshd_config *sshd, unsigned int match)
{
    const struct sshd_setting *now = sshd_config_find(sshd, "KbdInteractiveAuthentication", match);
    const struct sshd_setting *once =
        sshd_config_find(sshd, "ChallengeResponseAuthentication", match);

    return now == NULL || (once != NULL && once < now) ? once : now;
}

static void
check_keyboard(const struct subject *subject)
{
    const struct sshd_setting *setting = keyboard_of(subject->sshd, 0);
    bool somewhere = setting == NULL || says(setting, "yes");

    for (unsigned int match = 1; match <= subject->sshd->matches; match++) {
        const struct sshd_setting *here = keyboard_of(subject->sshd, match);
        if (here != NULL && says(here, "yes")) {
            somewhere = true;
        } else if (here != NULL && (setting == NULL || says(setting, "yes"))) {
            WARNING_AT(subject, here,
                       "connections of this Match are shown no prompt of pam_oauth; set "
                       "KbdInteractiveAuthentication yes");
        }
    }
    if (!somewhere) {
        ERROR_AT(subject, setting,
                 "no prompt of pam_oauth can be shown, as Debian ships it; set "
                 "KbdInteractiveAuthentication yes");
    }
}

static void
check_grace(const struct subject *subject)
{
    const struct sshd_setting *setting = sshd_config_find(subject->sshd, "LoginGraceTime", 0);
    int64_t timeout_s = subject->service->device_timeout_s;
    int64_t grace_s = GRACE_DEFAULT_S;

    if (!has_method(subject->service, METHOD_DEVICE) ||
        (setting != NULL && (setting->arguments.count == 0 ||
                             !check_sshd_seconds(span_of(setting->arguments.at[0]), &grace_s)))) {
        return; /* what is no time, sshd refuses */
    }
    if (grace_s != 0 && grace_s <= timeout_s) { /* 0: no limit */
        ERROR_AT(subject, setting,
                 "sshd hangs up after %lld s, before the %lld s that device_timeout gives people "
                 "to approve (%s:%u); set LoginGraceTime to %lld or more",
                 (long long)grace_s, (long long)timeout_s, subject->service->place.file,
                 subject->service->place.line, (long long)timeout_s + 30);
    }
}

/* OpenSSH 9.8: another name, and so another stack and another section. */
static const struct sshd_setting *
other_name(const struct sshd_config *sshd)
{
    for (unsigned int match = 0; match <= sshd->matches; match++) {
        const struct sshd_setting *setting = sshd_config_find(sshd, "PAMServiceName", match);
        if (setting != NULL && setting->arguments.count > 0 &&
            strcmp(setting->arguments.at[0], "sshd") != 0) {
            return setting;
        }
    }
    return NULL;
}

static void
check_name(const struct subject *subject)
{
    const struct sshd_setting *setting = other_name(subject->sshd);

    if (setting == NULL) {
        return;
    }
    const char *name = setting->arguments.at[0];
    if (config_service(subject->check->cli->config, name) == NULL) {
        ERROR_AT(subject, setting,
                 "sshd asks the PAM stack of '%s' here, and [service sshd] has no say; set "
                 "PAMServiceName sshd, or name '%s' in the section, and pam_oauth in "
                 "/etc/pam.d/%s",
                 text_quote(span_of(name)).text, text_quote(span_of(name)).text,
                 text_quote(span_of(name)).text);
    }
}

/* ---- AuthenticationMethods --------------------------------------------------------------------
 */

/* Does one of the methods in a list, which is joined by commas, come to PAM? */
static bool
list_reaches(const struct subject *subject, struct span list)
{
    struct span method = list;
    struct span rest = {.at = "", .length = 0};

    for (bool more = true; more; list = rest) {
        more = span_cut(list, ',', &method, &rest);
        method = more ? method : list;
        if (span_is(method, "any") || span_is(method, "keyboard-interactive") ||
            span_is(method, "keyboard-interactive:pam") ||
            (span_is(method, "password") && has_method(subject->service, METHOD_TOKEN))) {
            return true;
        }
    }
    return false;
}

static void
check_methods(const struct subject *subject)
{
    for (unsigned int match = 0; match <= subject->sshd->matches; match++) {
        const struct sshd_setting *setting =
            sshd_config_find(subject->sshd, "AuthenticationMethods", match);
        bool reached = setting == NULL;
        for (size_t i = 0; setting != NULL && i < setting->arguments.count; i++) {
            reached = reached || list_reaches(subject, span_of(setting->arguments.at[i]));
        }
        if (reached) {
            continue;
        }
        if (match == 0) {
            ERROR_AT(subject, setting,
                     "no list of AuthenticationMethods comes to pam_oauth; add one with "
                     "keyboard-interactive, such as publickey,keyboard-interactive");
        } else {
            WARNING_AT(subject, setting,
                       "for connections of this Match no list of AuthenticationMethods comes to "
                       "pam_oauth; add one with keyboard-interactive");
        }
    }
}

/* Does a list ask for a key, and then for us? */
static bool
list_remembers(struct span list)
{
    struct span method;
    struct span rest;
    bool key = false;

    while (span_cut(list, ',', &method, &rest)) {
        key = key || span_is(method, "publickey");
        list = rest;
    }
    return key &&
           (span_is(list, "keyboard-interactive") || span_is(list, "keyboard-interactive:pam"));
}

/* remember needs a key that sshd has verified before it comes to us. */
static void
check_remember(const struct subject *subject)
{
    const struct service *service = subject->service;

    for (unsigned int match = 0; match <= subject->sshd->matches; match++) {
        const struct sshd_setting *setting =
            sshd_config_find(subject->sshd, "AuthenticationMethods", match);
        for (size_t i = 0; setting != NULL && i < setting->arguments.count; i++) {
            if (list_remembers(span_of(setting->arguments.at[i]))) {
                return;
            }
        }
    }
    findings_warning(subject->check->findings, service->place.file, service->place.line,
                     "remember never applies: sshd asks for no key before it comes to pam_oauth; "
                     "set AuthenticationMethods publickey,keyboard-interactive in %s",
                     subject->path);
}

enum status
check_sshd(const struct checkup *check)
{
    struct sshd_config sshd CLEANUP(sshd_config_done) = SSHD_CONFIG;
    struct buf path CLEANUP(buf_done) = BUF(PATH_MAX);
    struct sshd_place place = {
        .root = check->root, .owner = check->cli->site.owner, .findings = check->findings};
    struct subject subject = {
        .check = check, .service = config_service(check->cli->config, "sshd"), .sshd = &sshd};
    bool found = false;

    if (subject.service == NULL) {
        return ST_OK;
    }
    TRY(buf_printf(&path, "%s%s", check->root, SSHD_CONFIG_NAME));
    TRY(sshd_config_read(&place, &sshd, &found));
    if (!found) {
        findings_warning(check->findings, buf_text(&path), 0,
                         "there is no such file, so that whether sshd asks pam_oauth is not known; "
                         "install sshd, or remove [service sshd]");
        return ST_OK;
    }
    if (sshd.files.count == 0) {
        return ST_OK; /* it cannot be read, which has been said */
    }
    subject.path = buf_text(&path);
    check_use_pam(&subject);
    check_name(&subject);
    check_keyboard(&subject);
    check_grace(&subject);
    check_methods(&subject);
    if (subject.service->remember_s > 0) {
        check_remember(&subject);
    }
    return ST_OK;
}

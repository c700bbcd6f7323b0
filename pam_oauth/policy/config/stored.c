#include "policy/config/stored.h"

#include <string.h>

/* How long ago a person may have signed in whose stored token opens a door. */
#define AUTH_AGE_MAX_S 900

/*
 * They ask whoever is at the keyboard. Those that run with no rights but their user's find nothing
 * that is stored, whatever their names (login/token/stored.h); some have root's.
 */
static bool
is_locker(const char *service)
{
    static const char *const names[] = {
        "xsecurelock",
        "xscreensaver",
        "xlock",
        "i3lock",
        "i3lock-color",
        "slock",
        "physlock",
        "vlock",
        "swaylock",
        "gtklock",
        "waylock",
        "hyprlock",
        "kde",
        "kde-fingerprint",
        "kde-smartcard",
        "kscreensaver",
        "kscreenlocker",
        "light-locker",
        "gnome-screensaver",
        "mate-screensaver",
        "cinnamon-screensaver",
        "xfce4-screensaver",
        "ukui-screensaver-qt",
        "xtrlock",
        "sxlock",
        "alock",
        "away",
    };

    for (size_t i = 0; i < COUNT(names); i++) {
        if (strcmp(service, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Whatever runs as a user can use what the user has stored: so it must be fresh. */
static void
check_age(const struct service *service, const struct config_said *said, struct findings *findings)
{
    const struct config_entry *age = said->by_key[KEY_service_max_auth_age];
    struct place place =
        config_said_place(said, age != NULL ? KEY_service_max_auth_age : KEY_service_methods);

    if ((age == NULL || !age->bad) &&
        (service->max_auth_age_s == 0 || service->max_auth_age_s > AUTH_AGE_MAX_S)) {
        findings_error(findings, place.file, place.line,
                       "the method stored needs a 'max_auth_age' of at most 15m in [service %s], "
                       "because whatever runs as a user can use the token that the user has "
                       "stored; %s",
                       service->name, age != NULL ? "shorten it" : "add one");
    }
}

static void
check_name(const char *name, const struct config_said *said, struct findings *findings)
{
    struct place methods = config_said_place(said, KEY_service_methods);

    if (strcmp(name, "sshd") == 0) {
        findings_warning(findings, methods.file, methods.line,
                         "the method stored finds nothing in [service %s]: nobody who comes over "
                         "the network has a process on this host yet; remove it",
                         name);
    }
    if (is_locker(name)) {
        findings_error(findings, methods.file, methods.line,
                       "with the method stored whoever is at the keyboard opens the screen that "
                       "[service %s] has locked, and is asked nothing; remove it",
                       name);
    }
}

void
config_stored_check(const struct service *service, const struct config_said *said,
                    struct findings *findings)
{
    const struct words *names = &said->section->names;

    if (!config_has_method(service, METHOD_STORED)) {
        return;
    }
    check_age(service, said, findings);
    if (service->single_use) {
        struct place place = config_said_place(said, KEY_service_single_use);
        findings_error(findings, place.file, place.line,
                       "'single_use' and the method stored exclude each other in [service %s]: a "
                       "stored token is there to be used again; remove one of them",
                       service->name);
    }
    for (size_t i = 0; i < names->count; i++) {
        check_name(names->at[i], said, findings);
    }
}

#include "policy/config/store.h"

#include <string.h>

#include "base/text.h"

/* Where a key of [store] stands, if it does. */
static const struct place *
said(const struct config_build *build, enum config_key_id id)
{
    const struct config_entry *entry = build->store.by_key[id];

    return entry != NULL && !entry->bad ? &entry->place : NULL;
}

static void
check_unused(const struct config_build *build, enum config_key_id id, const char *when)
{
    const struct place *place = said(build, id);

    if (place != NULL) {
        findings_error(build->draft->reader.findings, place->file, place->line,
                       "'%s' is never used where used_tokens is %s; remove it",
                       config_keys[id].name, when);
    }
}

/* Written as an address or a name that never leaves this host. */
static bool
is_loopback(const char *url)
{
    static const char *const hosts[] = {
        "redis://127.0.0.1:", "redis://[::1]:", "redis://localhost:"};

    for (size_t i = 0; i < COUNT(hosts); i++) {
        if (strncmp(url, hosts[i], strlen(hosts[i])) == 0) {
            return true;
        }
    }
    return false;
}

static void
check_redis(const struct config_build *build, const char *url, const struct place *place)
{
    struct findings *findings = build->draft->reader.findings;
    bool plain = strncmp(url, "redis://", strlen("redis://")) == 0;

    if (plain) {
        check_unused(build, KEY_store_ca_file, "a redis:// URL");
    }
    if (plain && !is_loopback(url)) {
        findings_warning(findings, place->file, place->line,
                         "whoever is on the way to a redis:// URL can read the password, and let "
                         "used tokens in again; use rediss://");
    }
    if (build->store.by_key[KEY_store_password_file] == NULL) {
        findings_warning(findings, place->file, place->line,
                         "without 'password_file' whoever reaches that Redis can remove used "
                         "tokens from it; give it a password");
        check_unused(build, KEY_store_user, "a URL without 'password_file'");
    }
}

void
config_store_check(const struct config_build *build)
{
    static const enum config_key_id of_redis[] = {KEY_store_user, KEY_store_password_file,
                                                  KEY_store_ca_file, KEY_store_timeout};
    const struct place *place = said(build, KEY_store_used_tokens);
    bool bad = place == NULL && build->store.by_key[KEY_store_used_tokens] != NULL;
    const char *url = place == NULL ? NULL : config_used_tokens_url(build->config);

    for (size_t i = 0; !bad && url == NULL && i < COUNT(of_redis); i++) {
        check_unused(build, of_redis[i], "directory");
    }
    if (url != NULL) {
        check_redis(build, url, place);
    }
}

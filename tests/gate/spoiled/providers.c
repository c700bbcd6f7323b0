/* Put in on purpose, with --wrap=keyring_open: the keys of every provider are read. */
#include "login/keys/keyring.h"

enum status __real_keyring_open(const struct site *site, const struct provider *const *providers,
                                size_t count, struct keyring *keyring);
enum status __wrap_keyring_open(const struct site *site, const struct provider *const *providers,
                                size_t count, struct keyring *keyring);

enum status
__wrap_keyring_open(const struct site *site, const struct provider *const *providers, size_t count,
                    struct keyring *keyring)
{
    const struct config *config = site->config;

    for (size_t i = 0; i < config->provider_count; i++) {
        struct keystore_entry entry CLEANUP(keystore_entry_done) = KEYSTORE_ENTRY;
        struct lifetime lifetime;
        (void)(keyring_stored(site, config->providers[i], /* why: */ NULL, &entry, &lifetime) ==
               ST_OK);
    }
    return __real_keyring_open(site, providers, count, keyring);
}

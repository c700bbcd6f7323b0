/* Put in on purpose, with --wrap=keyring_open: libcurl is linked. */
#include <curl/curl.h>

#include "login/keys/keyring.h"

enum status __real_keyring_open(const struct site *site, const struct provider *const *providers,
                                size_t count, struct keyring *keyring);
enum status __wrap_keyring_open(const struct site *site, const struct provider *const *providers,
                                size_t count, struct keyring *keyring);

enum status
__wrap_keyring_open(const struct site *site, const struct provider *const *providers, size_t count,
                    struct keyring *keyring)
{
    (void)curl_version();
    return __real_keyring_open(site, providers, count, keyring);
}

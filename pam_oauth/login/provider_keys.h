/*
 * Asking a provider for its metadata and keys, by way of the fetcher, and keeping them.
 */
#ifndef PAM_OAUTH_LOGIN_PROVIDER_KEYS_H
#define PAM_OAUTH_LOGIN_PROVIDER_KEYS_H

#include "jose/keyset.h"
#include "login/site.h"
#include "store/keystore.h"

/* The documents of one answer; `entry` points into the other two. */
struct provider_keys {
    struct keystore_entry entry;
    struct keyset keyset;
    struct buf metadata_text;
};
#define PROVIDER_KEYS                                                                              \
    {                                                                                              \
        .entry = KEYSTORE_ENTRY, .keyset = KEYSET, .metadata_text = BUF(4096)                      \
    }
void provider_keys_done(struct provider_keys *keys);

/*
 * Fetches what the configuration does not say itself (discovery in both forms) and the JWKS, and
 * stores the result; that it could not be stored is logged and changes nothing (R76).
 * ST_PROVIDER with the cause, ST_CONFIG (the fetcher is missing), ST_MEMORY.
 */
MUST_CHECK enum status provider_keys_fetch(const struct site *site, const struct provider *provider,
                                           struct why *why, struct provider_keys *keys);

/* One line about a provider's keys that is no decision, with a sentence that may hold anything. */
void provider_keys_log(const struct site *site, const struct provider *provider,
                       enum log_level level, const char *event, const char *sentence);

#endif

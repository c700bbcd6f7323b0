/*
 * Asking a provider for its metadata and keys, by way of the fetcher, and keeping them.
 */
#ifndef PAM_OAUTH_LOGIN_KEYS_PROVIDER_KEYS_H
#define PAM_OAUTH_LOGIN_KEYS_PROVIDER_KEYS_H

#include "jose/keyset.h"
#include "login/site.h"
#include "oauth/metadata.h"
#include "store/keystore.h"
#include "store/lifetime.h"

/* The documents of one answer; `entry` points into the other two. */
struct provider_keys {
    struct keystore_entry entry;
    struct keyset keyset;
    struct buf metadata_text;
    struct why device_refused; /* the same as in struct metadata */
    struct why token_refused;
    int64_t date_s; /* what the provider's clock said, by its Date and Age; -1 if nothing */
};
#define PROVIDER_KEYS                                                                              \
    {                                                                                              \
        .entry = KEYSTORE_ENTRY, .keyset = KEYSET, .metadata_text = BUF(4096),                     \
        .device_refused = {""}, .token_refused = {""}, .date_s = -1                                \
    }
void provider_keys_done(struct provider_keys *keys);

/*
 * Fetches what the configuration does not say itself (discovery in both forms) and the JWKS, until
 * `deadline_ms` (clock_ms).
 * ST_PROVIDER with the cause, ST_CONFIG (the fetcher is missing), ST_CLOCK, ST_MEMORY.
 */
MUST_CHECK enum status provider_keys_fetch(const struct site *site, const struct provider *provider,
                                           int64_t deadline_ms, struct why *why,
                                           struct provider_keys *keys);

/*
 * Fetches the metadata alone, for a device flow whose endpoints are neither configured nor stored:
 * what the provider publishes now, and why that is not used. Fails as above.
 */
MUST_CHECK enum status provider_keys_endpoints(const struct site *site,
                                               const struct provider *provider, int64_t deadline_ms,
                                               struct why *why, struct metadata *metadata);

/*
 * Fetches what a program needs that signs its own user in; what is configured goes before what is
 * published, and where the keys are configured nothing is fetched. Fails as above.
 */
MUST_CHECK enum status provider_keys_client(const struct site *site,
                                            const struct provider *provider, int64_t deadline_ms,
                                            struct why *why, struct metadata_client *metadata);

/* Keeps them in the store. ST_STORE with the reason (R76), ST_MEMORY. */
MUST_CHECK enum status provider_keys_save(const struct site *site, const struct provider_keys *keys,
                                          struct why *why);

/* How long keys in the store may be used (store/lifetime.h), as the provider is configured. */
struct lifetime provider_keys_lifetime(const struct provider *provider,
                                       const struct keystore_entry *entry, int64_t now_s);

/* One line about a provider's keys that is no decision, with a sentence that may hold anything. */
void provider_keys_log(const struct site *site, const struct provider *provider,
                       enum log_level level, const char *event, const char *sentence);

#endif

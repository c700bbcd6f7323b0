/*
 * The keys of the issuers that one sign-in could be about, each loaded when it is first needed:
 * from a pinned file, from the store, or from the provider by way of the fetcher. R66..R77.
 */
#ifndef PAM_OAUTH_LOGIN_KEYRING_H
#define PAM_OAUTH_LOGIN_KEYRING_H

#include "jose/keyset.h"
#include "login/provider_keys.h"
#include "login/site.h"

/* One issuer, however many providers share it. */
struct keyring_issuer {
    const struct provider *provider; /* the first with this issuer */
    alg_set algorithms;              /* of all providers with this issuer */
    bool loaded;                     /* `lines` can be asked */
    bool refreshed;                  /* the provider was asked in this sign-in */
    struct span lines;
    const struct keystore_entry *entry; /* metadata and freshness; NULL for pinned keys */
    struct keyset pinned;               /* these three own what the two above point to: */
    struct keystore_entry stored;       /* a file's keys, the store's, */
    struct provider_keys fetched;       /* or the provider's */
    struct key *last_key;               /* the key that was selected last, */
    bool last_had_kid;                  /* for a header with a kid, */
    struct buf last_kid;                /* this one (a batch has many tokens of one key), */
    enum alg last_alg;                  /* and for which algorithm */
};

struct keyring {
    const struct site *site;
    struct keyring_issuer *issuers;
    size_t count;
};
#define KEYRING                                                                                    \
    {                                                                                              \
        .site = NULL, .issuers = NULL, .count = 0                                                  \
    }
void keyring_done(struct keyring *keyring);

/* A ring of the issuers of these providers; nothing is loaded yet. ST_MEMORY. */
MUST_CHECK enum status keyring_open(const struct site *site,
                                    const struct provider *const *providers, size_t count,
                                    struct keyring *keyring);

/*
 * Gives the ring's only issuer the keys of a JWKS document: for a program that was handed one.
 * ST_KEYS_UNAVAILABLE when it is no JWKS, ST_MEMORY.
 */
MUST_CHECK enum status keyring_pin(struct keyring *keyring, struct span document, struct why *why);

/*
 * Makes sure that the issuer has keys that may still be used. Fresh ones cost no network; stale
 * ones are refreshed if the provider answers and used if it does not, up to jwks_stale_limit.
 * ST_KEYS_UNAVAILABLE with the reason, ST_CONFIG (a pinned file, the fetcher), ST_MEMORY.
 */
MUST_CHECK enum status keyring_load(struct keyring *keyring, struct keyring_issuer *issuer,
                                    struct why *why);

/*
 * A token names a key that the issuer did not have: asks the provider once more, at most once a
 * minute for the whole host (R70). True if there are new keys to try.
 */
bool keyring_refresh(struct keyring *keyring, struct keyring_issuer *issuer);

/* The ring's issuer of this provider; NULL if the provider is not of the ring. */
struct keyring_issuer *keyring_issuer_of(struct keyring *keyring, const struct provider *provider);

/* The key for a header (jose/keyset.h); it belongs to the ring and lives until the next call. */
MUST_CHECK enum status keyring_select(struct keyring_issuer *issuer,
                                      const struct jws_header *header, struct why *why,
                                      const struct key **ret_key);

#endif

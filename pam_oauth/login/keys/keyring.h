/*
 * The keys of the issuers that one sign-in could be about, each loaded when it is first needed,
 * from a pinned file or from the store. Nothing here asks the network: login/keys/refresh.h does.
 * R66..R77.
 */
#ifndef PAM_OAUTH_LOGIN_KEYS_KEYRING_H
#define PAM_OAUTH_LOGIN_KEYS_KEYRING_H

#include "jose/keyset.h"
#include "login/keys/kept.h"
#include "login/keys/provider_keys.h"
#include "login/site.h"
#include "store/lifetime.h"

/* One issuer, however many providers share it. */
struct keyring_issuer {
    const struct provider *provider; /* the first with this issuer */
    alg_set algorithms;              /* of all providers with this issuer */
    bool loaded;                     /* `lines` can be asked */
    bool unknown;                    /* the last token's key was not among them */
    bool asked;                      /* the provider was asked for them in this sign-in */
    bool stale_told;                 /* that they are stale was logged */
    struct lifetime lifetime;        /* of stored keys */
    struct span lines;
    const struct keystore_entry *entry; /* metadata and freshness; NULL for pinned keys */
    struct keyset pinned;               /* these three own what the two above point to: */
    struct keystore_entry stored;       /* a file's keys, the store's, */
    struct provider_keys fetched;       /* or the provider's */
    struct kept kept;                   /* keys that were selected from them */
};

/* What is done about keys that a token needs and this host does not have. */
enum keyring_asks {
    KEYRING_ASKS,        /* the provider is asked, and waited for */
    KEYRING_CALLS,       /* nobody waits: a refresh in the background is called for */
    KEYRING_ASKS_NOBODY, /* nothing: what is stored must do, and nothing is written */
};

struct keyring {
    const struct site *site;
    struct keyring_issuer *issuers;
    size_t count;
    int64_t begun_s; /* when the present sign-in began, by site->clock_s */
    enum keyring_asks asks;
};
#define KEYRING                                                                                    \
    {                                                                                              \
        .site = NULL, .issuers = NULL, .count = 0, .begun_s = 0, .asks = KEYRING_ASKS              \
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
 * Begins the next sign-in with a ring that has served one: before each token of a batch, when the
 * site's clock was read for it. Providers may be asked again (once a minute, as ever: R70); what
 * another process has stored since replaces what is older; keys that are stale, or may not be used
 * any more, are so from now on (R72). Pinned keys stay.
 *
 * The tokens of one second are one sign-in: 50,000 of them read the store once, and as many with
 * unknown keys do not keep the other sign-ins of this host from its lock. Voids the keys that were
 * selected.
 */
void keyring_begin(struct keyring *keyring);

/*
 * Makes sure that the issuer has keys that may be used, fresh or stale, with what is on this host.
 * ST_KEYS_UNAVAILABLE with the reason when it has none, or none that may still be used; then
 * refresh_missing() may help. ST_CONFIG (a pinned file), ST_CLOCK, ST_MEMORY. A pinned file is a
 * JWKS then; whether a key in it can be used nobody has looked yet.
 */
MUST_CHECK enum status keyring_load(const struct keyring *keyring, struct keyring_issuer *issuer,
                                    struct why *why);

/*
 * Can a key of a loaded issuer be used at all? A pinned set in which none can says nothing about
 * any token (R67): ST_KEYS_UNAVAILABLE. ST_MEMORY.
 */
MUST_CHECK enum status keyring_usable(struct keyring_issuer *issuer, struct why *why);

/*
 * What the store has of the provider's issuer, and how long that may be used. ST_KEYS_UNAVAILABLE
 * with the reason when it may not, or when there is nothing: `entry` is empty then. ST_MEMORY.
 */
MUST_CHECK enum status keyring_stored(const struct site *site, const struct provider *provider,
                                      struct why *why, struct keystore_entry *entry,
                                      struct lifetime *ret_lifetime);

/*
 * Looks into the store once more: another process may have replaced what was loaded. True if there
 * are keys now that may be used and that are not those there were; they are loaded then.
 */
bool keyring_reload(const struct keyring *keyring, struct keyring_issuer *issuer);

/* Takes what the provider said; it replaces everything that was known (R73). Empties `keys`. */
void keyring_take(struct keyring_issuer *issuer, struct provider_keys *keys);

/* The ring's issuer of this provider; NULL if the provider is not of the ring. */
struct keyring_issuer *keyring_issuer_of(const struct keyring *keyring,
                                         const struct provider *provider);

/*
 * The key for a header (jose/keyset.h); it belongs to the ring and lives until the next call. Of a
 * pinned file only keys with the header's kid are looked at, unless that finds none. As
 * keyset_select, and ST_KEYS_UNAVAILABLE as keyring_usable.
 */
MUST_CHECK enum status keyring_select(struct keyring_issuer *issuer,
                                      const struct jws_header *header, struct why *why,
                                      const struct key **ret_key);

#endif

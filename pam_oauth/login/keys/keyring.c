#include "login/keys/keyring.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

static void
issuer_done(struct keyring_issuer *issuer)
{
    keyset_done(&issuer->pinned);
    keystore_entry_done(&issuer->stored);
    provider_keys_done(&issuer->fetched);
    kept_done(&issuer->kept);
}

void
keyring_done(struct keyring *keyring)
{
    for (size_t i = 0; i < keyring->count; i++) {
        issuer_done(&keyring->issuers[i]);
    }
    free(keyring->issuers);
    *keyring = (struct keyring)KEYRING;
}

/* Providers of one issuer share its keys. */
struct keyring_issuer *
keyring_issuer_of(const struct keyring *keyring, const struct provider *provider)
{
    for (size_t i = 0; i < keyring->count; i++) {
        if (strcmp(keyring->issuers[i].provider->issuer, provider->issuer) == 0) {
            return &keyring->issuers[i];
        }
    }
    return NULL;
}

static struct keyring_issuer *
find_or_add(struct keyring *keyring, const struct provider *provider)
{
    struct keyring_issuer *issuer = keyring_issuer_of(keyring, provider);

    if (issuer != NULL) {
        return issuer;
    }
    issuer = &keyring->issuers[keyring->count++];
    *issuer = (struct keyring_issuer){
        .provider = provider,
        .pinned = KEYSET,
        .stored = KEYSTORE_ENTRY,
        .fetched = PROVIDER_KEYS,
    };
    return issuer;
}

enum status
keyring_open(const struct site *site, const struct provider *const *providers, size_t count,
             struct keyring *keyring)
{
    keyring->count = 0;
    keyring->issuers = calloc(count > 0 ? count : 1, sizeof(*keyring->issuers));
    if (keyring->issuers == NULL) {
        return ST_MEMORY;
    }
    keyring->site = site;
    keyring->begun_s = site->clock_s;
    for (size_t i = 0; i < count; i++) {
        find_or_add(keyring, providers[i])->algorithms |= providers[i]->algorithms;
    }
    return ST_OK;
}

/* New lines: what was selected from the old ones is void. */
static void
use(struct keyring_issuer *issuer, struct span lines, const struct keystore_entry *entry)
{
    issuer->lines = lines;
    issuer->entry = entry;
    issuer->loaded = true;
    kept_done(&issuer->kept);
}

enum status
keyring_pin(struct keyring *keyring, struct span document, struct why *why)
{
    struct keyring_issuer *issuer = &keyring->issuers[0];
    struct why cause = {""};

    issuer->pinned.issuer = issuer->provider->issuer;
    enum status status = keyset_read(document, KEYSET_FETCHED_MAX, &cause, &issuer->pinned);
    if (status == ST_MALFORMED) {
        return status_because(why, ST_KEYS_UNAVAILABLE, "%s", cause.sentence);
    }
    TRY(status);
    TRY(keyset_prove(&issuer->pinned));
    use(issuer, buf_span(&issuer->pinned.lines), /* entry: */ NULL);
    return ST_OK;
}

/* Nothing may be used any more; the store, or the provider, may have better. */
static void
unload(struct keyring_issuer *issuer)
{
    issuer->lines = (struct span){.at = NULL, .length = 0};
    issuer->entry = NULL;
    issuer->loaded = false;
    kept_done(&issuer->kept);
}

/* The administrator's own file: no network at all (R77). */
static enum status
load_pinned(const struct site *site, struct keyring_issuer *issuer, struct why *why)
{
    const char *path = issuer->provider->jwks_file;
    struct buf document CLEANUP(buf_done) = BUF(KEYSET_LINES_MAX);
    struct file_trust trust = {.also_owner = site->owner, .secret = false};
    struct why cause = {""};

    TRY(file_read_trusted(path, trust, why, &document));
    issuer->pinned.issuer = issuer->provider->issuer;
    enum status status =
        keyset_open(buf_span(&document), KEYSET_PINNED_MAX, &cause, &issuer->pinned);
    if (status == ST_MALFORMED) {
        return status_because(why, ST_CONFIG, "%s: %s", path, cause.sentence);
    }
    TRY(status);
    use(issuer, buf_span(&issuer->pinned.lines), /* entry: */ NULL);
    return ST_OK;
}

enum status
keyring_usable(struct keyring_issuer *issuer, struct why *why)
{
    struct keyset *keyset = &issuer->pinned;

    if (keyset->unread != NULL) {
        TRY(keyset_read_opened(keyset));
        issuer->lines = buf_span(&keyset->lines);
    }
    if (issuer->provider->jwks_file == NULL || keyset->usable > 0) {
        return ST_OK;
    }
    return status_because(
        why, ST_KEYS_UNAVAILABLE, "%s: no key in it can be used (%s)", issuer->provider->jwks_file,
        keyset->passed_over > 0 ? keyset->first_passed_over.sentence : "it is empty");
}

void
keyring_take(struct keyring_issuer *issuer, struct provider_keys *keys)
{
    provider_keys_done(&issuer->fetched);
    issuer->fetched = *keys;
    *keys = (struct provider_keys)PROVIDER_KEYS;
    /* As fresh as they can be, however short that is. */
    issuer->lifetime = (struct lifetime){.state = LIFETIME_FRESH};
    use(issuer, issuer->fetched.entry.lines, &issuer->fetched.entry);
}

/* A key set that was fetched from elsewhere than the configuration now says is not this one's. */
static bool
is_of_configuration(const struct provider *provider, const struct keystore_entry *entry)
{
    return provider->jwks_uri == NULL || span_is(entry->jwks_uri, provider->jwks_uri);
}

enum status
keyring_stored(const struct site *site, const struct provider *provider, struct why *why,
               struct keystore_entry *entry, struct lifetime *ret_lifetime)
{
    struct why cause = {""};

    enum status status =
        keystore_load(site->config->paths.cache, site->owner, provider->issuer, &cause, entry);
    if (status == ST_MEMORY) {
        return status;
    }
    if (status != ST_OK) {
        keystore_entry_done(entry); /* of a damaged file nothing is believed */
        return status_because(why, ST_KEYS_UNAVAILABLE, "%s", cause.sentence);
    }
    *ret_lifetime = provider_keys_lifetime(provider, entry, site->clock_s);
    if (!is_of_configuration(provider, entry)) {
        return status_because(why, ST_KEYS_UNAVAILABLE,
                              "the stored keys are from another jwks_uri than is configured");
    }
    if (ret_lifetime->state == LIFETIME_OVER) {
        return status_because(why, ST_KEYS_UNAVAILABLE,
                              entry->fetched_s > site->clock_s
                                  ? "the stored keys are from the future: the clock went back"
                                  : "the stored keys are older than jwks_stale_limit allows");
    }
    return ST_OK;
}

enum status
keyring_load(const struct keyring *keyring, struct keyring_issuer *issuer, struct why *why)
{
    const struct site *site = keyring->site;

    if (!issuer->loaded && issuer->provider->jwks_file != NULL) {
        return load_pinned(site, issuer, why);
    }
    if (issuer->loaded) {
        return ST_OK;
    }
    keystore_entry_done(&issuer->stored);
    TRY(keyring_stored(site, issuer->provider, why, &issuer->stored, &issuer->lifetime));
    use(issuer, issuer->stored.lines, &issuer->stored);
    return ST_OK;
}

/* Takes what the store has; empties `entry`. */
static void
use_stored(struct keyring_issuer *issuer, struct keystore_entry *entry, struct lifetime lifetime)
{
    keystore_entry_done(&issuer->stored);
    issuer->stored = *entry;
    *entry = (struct keystore_entry)KEYSTORE_ENTRY;
    issuer->lifetime = lifetime;
    use(issuer, issuer->stored.lines, &issuer->stored);
}

bool
keyring_reload(const struct keyring *keyring, struct keyring_issuer *issuer)
{
    struct keystore_entry entry CLEANUP(keystore_entry_done) = KEYSTORE_ENTRY;
    struct lifetime lifetime;

    if (keyring_stored(keyring->site, issuer->provider, /* why: */ NULL, &entry, &lifetime) !=
            ST_OK ||
        (issuer->loaded && span_equals(entry.lines, issuer->lines))) {
        return false;
    }
    use_stored(issuer, &entry, lifetime);
    return true;
}

/* What was fetched here may be newer than the store, if it could not be kept there (R76). */
static void
look_again(const struct site *site, struct keyring_issuer *issuer)
{
    struct keystore_entry entry CLEANUP(keystore_entry_done) = KEYSTORE_ENTRY;
    struct lifetime lifetime;

    if (keyring_stored(site, issuer->provider, /* why: */ NULL, &entry, &lifetime) == ST_OK &&
        entry.fetched_s > issuer->entry->fetched_s) {
        use_stored(issuer, &entry, lifetime);
        return;
    }
    issuer->lifetime = provider_keys_lifetime(issuer->provider, issuer->entry, site->clock_s);
    if (issuer->lifetime.state == LIFETIME_OVER) {
        unload(issuer);
    }
}

void
keyring_begin(struct keyring *keyring)
{
    if (keyring->begun_s == keyring->site->clock_s) {
        return;
    }
    keyring->begun_s = keyring->site->clock_s;
    for (size_t i = 0; i < keyring->count; i++) {
        struct keyring_issuer *issuer = &keyring->issuers[i];
        issuer->asked = false;
        issuer->stale_told = false;
        if (issuer->entry != NULL) {
            look_again(keyring->site, issuer);
        }
    }
}

/* Of a pinned file nothing but the keys of that name; ST_UNKNOWN_KEY if that does not suffice. */
static enum status
select_named(const struct keyring_issuer *issuer, const struct jws_header *header, struct why *why,
             struct key **ret_key)
{
    struct buf lines CLEANUP(buf_done) = BUF_PUBLIC(KEYSET_LINES_MAX);

    if (!header->has_kid || issuer->pinned.unread == NULL) {
        return ST_UNKNOWN_KEY;
    }
    TRY(keyset_named(&issuer->pinned, header->kid, &lines));
    return keyset_select(buf_span(&lines), header, issuer->algorithms, why, ret_key);
}

/* A key that is not found may be one that was passed over: then that is the reason. */
static enum status
select_key(struct keyring_issuer *issuer, const struct jws_header *header, struct why *why,
           struct key **ret_key)
{
    const struct keyset *read = &issuer->pinned;
    struct why cause = {""};

    enum status status = select_named(issuer, header, &cause, ret_key);
    if (status == ST_UNKNOWN_KEY) {
        TRY(keyring_usable(issuer, why));
        status = keyset_select(issuer->lines, header, issuer->algorithms, &cause, ret_key);
    }
    if (status == ST_UNKNOWN_KEY && read->passed_over > 0) {
        return status_because(why, status, "%s; %zu keys of the set cannot be used (%s)",
                              cause.sentence, read->passed_over, read->first_passed_over.sentence);
    }
    return status == ST_OK ? ST_OK : status_because(why, status, "%s", cause.sentence);
}

enum status
keyring_select(struct keyring_issuer *issuer, const struct jws_header *header, struct why *why,
               const struct key **ret_key)
{
    const struct key *kept = kept_find(&issuer->kept, header);

    if (kept == NULL) {
        struct key *key = NULL;
        TRY(select_key(issuer, header, why, &key));
        kept = key;
        if (kept_add(&issuer->kept, header, key) != ST_OK) {
            return status_because(why, ST_MEMORY, "out of memory while a key was selected");
        }
    }
    *ret_key = kept;
    return ST_OK;
}

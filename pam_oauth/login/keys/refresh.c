#include "login/keys/refresh.h"

#include <unistd.h>

#include "fetch/program.h"
#include "store/flight.h"

/* One attempt to get keys. */
struct refresh {
    const struct keyring *keyring;
    struct keyring_issuer *issuer;
    int64_t deadline_ms;
    struct flight flight;
};

static void
refresh_done(struct refresh *refresh)
{
    flight_done(&refresh->flight);
}

/* Begins; a refresh in which the books cannot be opened has no flight: ST_STORE. */
static enum status
open_refresh(const struct keyring *keyring, struct keyring_issuer *issuer, int64_t deadline_ms,
             struct why *why, struct refresh *refresh)
{
    const struct site *site = keyring->site;

    *refresh = (struct refresh){
        .keyring = keyring,
        .issuer = issuer,
        .deadline_ms = deadline_ms,
        .flight = FLIGHT,
    };
    return flight_open(site->config->paths.run, site->owner, issuer->provider->issuer, why,
                       &refresh->flight);
}

/* As of when the token came; what waits after that is bounded by the deadline. */
static int64_t
clock_of(const struct refresh *refresh)
{
    return refresh->keyring->site->clock_s;
}

static bool
reload(struct refresh *refresh)
{
    return keyring_reload(refresh->keyring, refresh->issuer);
}

static void
log_notice(const struct refresh *refresh, const char *event, const struct why *why)
{
    provider_keys_log(refresh->keyring->site, refresh->issuer->provider, LOG_LEVEL_NOTICE, event,
                      why->sentence);
}

/*
 * Asks the provider, keeps the answer, and tells those who wait for this flight, if it is one.
 * ST_PROVIDER and so on when there is no answer; why it could not be stored is in `not_stored`,
 * which is otherwise left alone.
 */
static enum status
fetch(struct refresh *refresh, struct why *not_stored, struct why *why)
{
    const struct site *site = refresh->keyring->site;
    struct provider_keys keys CLEANUP(provider_keys_done) = PROVIDER_KEYS;

    refresh->issuer->asked = true;
    if (refresh->issuer->entry != NULL) {
        keys.keyset.proven = refresh->issuer->entry->lines;
    }
    enum status status =
        provider_keys_fetch(site, refresh->issuer->provider, refresh->deadline_ms, why, &keys);
    if (status != ST_OK) {
        flight_land(&refresh->flight, FLIGHT_FAILED, why->sentence);
        return status;
    }
    bool stored = provider_keys_save(site, &keys, not_stored) == ST_OK;
    flight_land(&refresh->flight, stored ? FLIGHT_STORED : FLIGHT_UNSTORED, /* sentence: */ NULL);
    keyring_take(refresh->issuer, &keys);
    return ST_OK;
}

/* The same for a login: it goes on with what it has in memory (R76). */
static enum status
fetch_and_use(struct refresh *refresh, struct why *why)
{
    struct why not_stored = {""};
    enum status status = fetch(refresh, &not_stored, why);

    if (not_stored.sentence[0] != '\0') {
        log_notice(refresh, "keys_not_stored", &not_stored);
    }
    return status;
}

/* ---- nothing usable is stored -------------------------------------------------------------- */

/* What becomes of one who waits. */
enum waited { WAITED_FOR_KEYS, WAITED_IN_VAIN, WAITED_ASK_ALONE, WAITED_LOOK_AGAIN };

/* Why it was waited in vain. */
static enum status
because(const struct refresh *refresh, enum flight_news news, struct why *cause)
{
    return status_because(cause, ST_PROVIDER, "%s",
                          news == FLIGHT_NEWS_FAILED
                              ? refresh->flight.record.sentence
                              : "another process is asking for them and has no answer yet");
}

/* Another process asks; then the store has its answer, or the reason why there is none is known. */
static enum waited
wait_for_other(struct refresh *refresh, struct why *cause)
{
    enum flight_news news = flight_wait(&refresh->flight, clock_of(refresh), refresh->deadline_ms);

    if (reload(refresh)) {
        return WAITED_FOR_KEYS;
    }
    switch (news) {
    case FLIGHT_NEWS_FAILED:
    case FLIGHT_NEWS_NONE:
        (void)because(refresh, news, cause);
        return WAITED_IN_VAIN;
    case FLIGHT_NEWS_UNSTORED:
        return WAITED_ASK_ALONE;
    case FLIGHT_NEWS_STORED:
    case FLIGHT_NEWS_OVER:
    default:
        return WAITED_LOOK_AGAIN;
    }
}

/* With the lock: somebody may have been here between our look into the store and the lock. */
static enum status
fetch_missing(struct refresh *refresh, struct why *cause)
{
    if (reload(refresh)) {
        flight_leave(&refresh->flight);
        return ST_OK;
    }
    /* If that cannot be written down, the others will not learn the end, and ask for themselves. */
    (void)flight_begin(&refresh->flight, clock_of(refresh));
    return fetch_and_use(refresh, cause);
}

static enum status
find_missing(struct refresh *refresh, struct why *cause)
{
    for (;;) {
        enum flight_turn turn = flight_take(&refresh->flight, clock_of(refresh));
        if (turn == FLIGHT_OURS) {
            return fetch_missing(refresh, cause);
        }
        enum waited waited =
            turn == FLIGHT_LOST ? WAITED_ASK_ALONE : wait_for_other(refresh, cause);
        if (waited == WAITED_FOR_KEYS) {
            return ST_OK;
        }
        if (waited == WAITED_IN_VAIN) {
            return ST_PROVIDER;
        }
        if (waited == WAITED_ASK_ALONE) {
            return fetch_and_use(refresh, cause);
        }
    }
}

enum status
refresh_missing(const struct keyring *keyring, struct keyring_issuer *issuer, int64_t deadline_ms,
                struct why *why)
{
    struct refresh refresh CLEANUP(refresh_done) = {.flight = FLIGHT};
    struct why cause = {""};

    enum status status = open_refresh(keyring, issuer, deadline_ms, &cause, &refresh);
    if (status == ST_STORE) {
        status = fetch_and_use(&refresh, &cause); /* no books: everybody for himself (R76) */
    } else if (status == ST_OK) {
        status = find_missing(&refresh, &cause);
    }
    if (status == ST_PROVIDER) {
        return status_because(why, ST_KEYS_UNAVAILABLE,
                              "no usable keys of %s are stored and none can be fetched: %s",
                              issuer->provider->issuer, cause.sentence);
    }
    return status == ST_OK ? ST_OK : status_because(why, status, "%s", cause.sentence);
}

/* ---- a key is not known -------------------------------------------------------------------- */

/* With the lock: asks, if the minute is over. */
static enum status
fetch_unknown(struct refresh *refresh, struct why *cause)
{
    if (reload(refresh)) {
        flight_leave(&refresh->flight);
        return ST_OK;
    }
    refresh->issuer->asked = true;
    TRY(flight_begin_forced(&refresh->flight, clock_of(refresh), cause));
    return fetch_and_use(refresh, cause);
}

static enum status
find_unknown(struct refresh *refresh, struct why *cause)
{
    for (;;) {
        enum flight_turn turn = flight_take(&refresh->flight, clock_of(refresh));
        if (turn == FLIGHT_OURS) {
            return fetch_unknown(refresh, cause);
        }
        if (turn == FLIGHT_LOST) {
            return status_because(cause, ST_STORE, "the run directory knows no locks");
        }
        enum waited waited = wait_for_other(refresh, cause);
        if (waited == WAITED_FOR_KEYS || waited == WAITED_IN_VAIN) {
            refresh->issuer->asked = waited == WAITED_IN_VAIN;
            return waited == WAITED_FOR_KEYS ? ST_OK : ST_PROVIDER;
        }
    }
}

bool
refresh_unknown(const struct keyring *keyring, struct keyring_issuer *issuer, int64_t deadline_ms)
{
    struct refresh refresh CLEANUP(refresh_done) = {.flight = FLIGHT};
    struct why cause = {""};

    if (issuer->asked || issuer->provider->jwks_file != NULL || !issuer->loaded) {
        return false;
    }
    enum status status = open_refresh(keyring, issuer, deadline_ms, &cause, &refresh);
    if (status == ST_OK) {
        status = find_unknown(&refresh, &cause);
    } else {
        /* No books: that counts as asked just now (R70), but another may have stored new keys. */
        issuer->asked = true;
        status = reload(&refresh) ? ST_OK : status;
    }
    if (status != ST_OK) {
        log_notice(&refresh, "keys_not_refreshed", &cause);
    }
    return status == ST_OK;
}

/* ---- keys are stale ------------------------------------------------------------------------ */

/*
 * `pam-oauth jwks refresh`, in a process of its own: it asks, and this login does not wait. A
 * daemon would have to be installed and watched, a thread would live in somebody else's process,
 * and a timer alone would leave hosts without systemd with keys that the provider has withdrawn.
 */
static enum status
start_refresher(const struct site *site, const struct provider *provider, struct why *why)
{
    static const struct program_name program = {"refresher", "pam-oauth"};
    const char *path = site->config->paths.refresher;
    char name[] = "pam-oauth";
    char config[] = "--config";
    char jwks[] = "jwks";
    char refresh[] = "refresh";
    char background[] = "--background";
    char of[] = "--provider";
    char *arguments[] = {name,           config,     site->config->files.at[0],
                         jwks,           refresh,    of,
                         provider->name, background, NULL};

    TRY(program_check(path, &program, why));
    return program_leave(path, arguments, why);
}

/* Once a minute; who comes in between, or while somebody asks, has nothing to do. */
static void
call_refresher(const struct keyring *keyring, struct keyring_issuer *issuer)
{
    struct refresh refresh CLEANUP(refresh_done) = {.flight = FLIGHT};
    struct why cause = {""};

    enum status status =
        open_refresh(keyring, issuer, keyring->site->deadline_ms, &cause, &refresh);
    if (status == ST_OK) {
        switch (flight_call(&refresh.flight, keyring->site->clock_s)) {
        case FLIGHT_OURS:
            status = start_refresher(keyring->site, issuer->provider, &cause);
            break;
        case FLIGHT_LOST:
            status = status_because(&cause, ST_STORE,
                                    "that a refresh is called for cannot be written down");
            break;
        case FLIGHT_TAKEN:
        default:
            break;
        }
    }
    if (status != ST_OK) {
        log_notice(&refresh, "keys_not_refreshed", &cause);
    }
}

void
refresh_used(const struct keyring *keyring, struct keyring_issuer *issuer)
{
    struct refresh refresh = {.keyring = keyring, .issuer = issuer, .flight = FLIGHT};
    struct why what = {""};

    if (issuer->entry == NULL || issuer->lifetime.state != LIFETIME_STALE || issuer->stale_told) {
        return;
    }
    issuer->stale_told = true;
    (void)status_because(&what, ST_STORE,
                         "used keys that are stale for %lld s; they are refused in %lld s",
                         (long long)(keyring->site->clock_s - issuer->lifetime.stale_s),
                         (long long)(issuer->lifetime.over_s - keyring->site->clock_s));
    log_notice(&refresh, "keys_stale", &what);
    refresh_wanted(keyring, issuer);
}

void
refresh_wanted(const struct keyring *keyring, struct keyring_issuer *issuer)
{
    /* Only root can store what comes. */
    if (geteuid() == 0 && keyring->asks != KEYRING_ASKS_NOBODY) {
        call_refresher(keyring, issuer);
    }
}

/* ---- whoever was told to ------------------------------------------------------------------- */

static enum status
fetch_now(struct refresh *refresh, struct why *cause)
{
    struct why not_stored = {""};

    TRY(fetch(refresh, &not_stored, cause));
    return not_stored.sentence[0] == '\0'
               ? ST_OK
               : status_because(cause, ST_STORE, "%s", not_stored.sentence);
}

static enum status
ask_now(struct refresh *refresh, struct why *cause)
{
    for (;;) {
        enum flight_turn turn = flight_take(&refresh->flight, clock_of(refresh));
        if (turn == FLIGHT_OURS) {
            (void)flight_begin(&refresh->flight, clock_of(refresh));
        }
        if (turn != FLIGHT_TAKEN) {
            return fetch_now(refresh, cause);
        }
        /* What was stored before somebody asked at this moment does not count. */
        enum flight_news news =
            flight_wait(&refresh->flight, clock_of(refresh), refresh->deadline_ms);
        if (news == FLIGHT_NEWS_STORED && reload(refresh)) {
            return ST_OK;
        }
        if (news == FLIGHT_NEWS_FAILED || news == FLIGHT_NEWS_NONE) {
            return because(refresh, news, cause);
        }
    }
}

enum status
refresh_now(const struct keyring *keyring, struct keyring_issuer *issuer, int64_t deadline_ms,
            struct why *why)
{
    struct refresh refresh CLEANUP(refresh_done) = {.flight = FLIGHT};
    struct why cause = {""};

    enum status status = open_refresh(keyring, issuer, deadline_ms, &cause, &refresh);
    if (status == ST_STORE) {
        status = fetch_now(&refresh, &cause);
    } else if (status == ST_OK) {
        status = ask_now(&refresh, &cause);
    }
    return status_because(why, status == ST_PROVIDER ? ST_KEYS_UNAVAILABLE : status, "%s",
                          cause.sentence);
}

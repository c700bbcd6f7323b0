#include "login/token/search.h"

#include "base/clock.h"
#include "login/keys/refresh.h"

/* A token on its way round the issuers of a ring. */
struct search {
    struct keyring *keyring;
    struct token *token;
    enum status best; /* of their answers, the one that says most, */
    enum token_step best_step;
    int best_weight;
    struct why *why; /* and its reason */
};

/*
 * What an answer says: a signature that was tried and failed most, then a question that could not
 * be decided, then a key that nobody has.
 */
static int
weight(enum status status)
{
    if (status == ST_UNKNOWN_KEY) {
        return 1;
    }
    return status == ST_SIGNATURE || status == ST_MALFORMED ? 3 : 2;
}

/* Keeps an answer; true if the search is over. */
static bool
note(struct search *search, enum status status, const struct why *reason)
{
    bool over = status == ST_OK || status == ST_MEMORY;

    if (over || weight(status) > search->best_weight) {
        search->best = status;
        search->best_step = search->token->step;
        search->best_weight = over ? 0 : weight(status);
        *search->why = *reason;
    }
    return over;
}

static bool
admits(const struct keyring_issuer *issuer, const struct jws *jws)
{
    return (issuer->algorithms & ALG_BIT(jws_header(jws)->alg)) != 0;
}

/*
 * A signature that does not fit can be that of a new key without a name, or under an old one. A key
 * without a name may be asked for like an unknown one; where keys are stale, they are refreshed
 * whoever brings the news. Both at most once a minute.
 */
static void
suspect_old_keys(const struct search *search, struct keyring_issuer *issuer)
{
    issuer->unknown = !jws_header(search->token->jws)->has_kid;
    if (issuer->entry != NULL && issuer->lifetime.state == LIFETIME_STALE) {
        refresh_wanted(search->keyring, issuer);
    }
}

/* The key of the issuer's that the header selects, and the signature. */
static enum status
try_keys(struct search *search, struct keyring_issuer *issuer, struct why *why)
{
    struct token *token = search->token;
    const struct key *key = NULL;

    token->step = TOKEN_KEY;
    enum status status = keyring_select(issuer, jws_header(token->jws), why, &key);
    issuer->unknown = status == ST_UNKNOWN_KEY;
    TRY(status);
    token->step = TOKEN_SIGNATURE;
    status = jws_verify(token->jws, key, why, &token->verified);
    if (status == ST_SIGNATURE) {
        suspect_old_keys(search, issuer);
    }
    TRY(status);
    token->issuer = issuer;
    token->key = key;
    refresh_used(search->keyring, issuer);
    return ST_OK;
}

/* Nothing is stored of it that may be used. */
static bool
is_missing(const struct search *search, const struct keyring_issuer *issuer)
{
    return admits(issuer, search->token->jws) && !issuer->loaded &&
           issuer->provider->jwks_file == NULL;
}

/* It has keys, but not the token's. */
static bool
is_unknown(const struct search *search, const struct keyring_issuer *issuer)
{
    return admits(issuer, search->token->jws) && issuer->loaded && issuer->unknown;
}

/*
 * Until when the issuer may be asked. Of several each has its share of the time that is left: one
 * that does not answer must not use up that of the next.
 */
static int64_t
share_ms(const struct search *search, const struct keyring_issuer *issuer,
         bool (*must_be_asked)(const struct search *, const struct keyring_issuer *))
{
    const struct keyring_issuer *end = search->keyring->issuers + search->keyring->count;
    int64_t now_ms = clock_ms();
    int64_t waiting = 1;

    for (const struct keyring_issuer *later = issuer + 1; later < end; later++) {
        waiting += must_be_asked(search, later) ? 1 : 0;
    }
    return now_ms + (search->keyring->site->deadline_ms - now_ms) / waiting;
}

/* First with what is on this host: a key that is known needs no network, whoever else is down. */
static bool
search_stored(struct search *search)
{
    for (size_t i = 0; i < search->keyring->count; i++) {
        struct keyring_issuer *issuer = &search->keyring->issuers[i];
        struct why reason = {""};
        if (!admits(issuer, search->token->jws)) {
            continue;
        }
        search->token->step = TOKEN_KEY;
        enum status status = keyring_load(search->keyring, issuer, &reason);
        if (status == ST_OK) {
            status = try_keys(search, issuer, &reason);
        } else if (!issuer->loaded && status == ST_KEYS_UNAVAILABLE) {
            continue; /* search_missing asks */
        }
        if (note(search, status, &reason)) {
            return true;
        }
    }
    return false;
}

/* Then the issuers of which nothing is stored that may be used. */
static bool
search_missing(struct search *search)
{
    for (size_t i = 0; i < search->keyring->count; i++) {
        struct keyring_issuer *issuer = &search->keyring->issuers[i];
        struct why reason = {""};
        if (!is_missing(search, issuer)) {
            continue;
        }
        search->token->step = TOKEN_KEY;
        enum status status =
            refresh_missing(search->keyring, issuer, share_ms(search, issuer, is_missing), &reason);
        if (status == ST_OK) {
            status = try_keys(search, issuer, &reason);
        }
        if (note(search, status, &reason)) {
            return true;
        }
    }
    return false;
}

/* Then, where a key is not known, the providers that may have new ones. */
static bool
search_unknown(struct search *search)
{
    for (size_t i = 0; i < search->keyring->count; i++) {
        struct keyring_issuer *issuer = &search->keyring->issuers[i];
        struct why reason = {""};
        enum status status = ST_UNKNOWN_KEY;
        if (!is_unknown(search, issuer)) {
            continue;
        }
        /* More than once only if another process stores new keys at this moment. */
        while (status == ST_UNKNOWN_KEY &&
               refresh_unknown(search->keyring, issuer, share_ms(search, issuer, is_unknown))) {
            status = try_keys(search, issuer, &reason);
            if (note(search, status, &reason)) {
                return true;
            }
        }
    }
    return false;
}

/* Instead of both where nobody may be asked: what is missing is called for, and not waited for. */
static void
search_no_further(struct search *search)
{
    for (size_t i = 0; i < search->keyring->count; i++) {
        struct keyring_issuer *issuer = &search->keyring->issuers[i];
        struct why reason = {""};
        bool missing = is_missing(search, issuer);
        if (missing) {
            search->token->step = TOKEN_KEY;
            (void)note(
                search,
                status_because(&reason, ST_KEYS_UNAVAILABLE,
                               "no usable keys of %s are stored, and none are asked for here; "
                               "`pam-oauth jwks refresh` fetches them",
                               issuer->provider->issuer),
                &reason);
        }
        if (missing || is_unknown(search, issuer)) {
            refresh_wanted(search->keyring, issuer);
        }
    }
}

enum status
search_verify(struct keyring *keyring, struct why *why, struct token *token)
{
    struct search search = {
        .keyring = keyring,
        .token = token,
        .best = ST_ALG,
        .best_step = TOKEN_ALGORITHM,
        .best_weight = 0,
        .why = why,
    };

    (void)status_because(why, ST_ALG, "algorithm %s is not enabled (algorithms)",
                         alg_row(jws_header(token->jws)->alg)->name);
    bool over = search_stored(&search);
    if (!over && keyring->asks != KEYRING_ASKS) {
        search_no_further(&search);
    } else if (!over && !search_missing(&search) &&
               (search.best_weight < weight(ST_SIGNATURE) || !jws_header(token->jws)->has_kid)) {
        (void)search_unknown(&search);
    }
    token->step = search.best_step;
    return search.best;
}

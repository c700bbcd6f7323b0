#include "login/token.h"

#include <string.h>

void
token_done(struct token *token)
{
    claims_done(&token->claims);
    verified_done(&token->verified);
    jws_done(&token->jws);
    *token = (struct token)TOKEN;
}

const struct token_step_row *
token_step_row(enum token_step step)
{
    static const struct token_step_row rows[] = {
        [TOKEN_HEADER] = {"header", "RFC 7515 4"},
        [TOKEN_ALGORITHM] = {"algorithm", "RFC 8725 3.1"},
        [TOKEN_KEY] = {"key", "RFC 7515 6"},
        [TOKEN_SIGNATURE] = {"signature", "RFC 7515 5.2"},
        [TOKEN_PAYLOAD] = {"payload", "RFC 7519 7.2"},
    };

    return &rows[step];
}

/* One issuer's answer to a token: its keys, the one that the header selects, the signature. */
static enum status
try_issuer(struct keyring *keyring, struct keyring_issuer *issuer, struct why *why,
           struct token *token)
{
    const struct key *key = NULL;

    token->step = TOKEN_KEY;
    TRY(keyring_load(keyring, issuer, why));
    TRY(keyring_select(issuer, jws_header(token->jws), why, &key));
    token->step = TOKEN_SIGNATURE;
    TRY(jws_verify(token->jws, key, why, &token->verified));
    token->issuer = issuer;
    token->key = key;
    return ST_OK;
}

/*
 * Of several issuers' answers, the one that says most: a signature that was tried and failed, then
 * a question that could not be decided, then a key that nobody has.
 */
static int
weight(enum status status)
{
    if (status == ST_UNKNOWN_KEY) {
        return 1;
    }
    return status == ST_SIGNATURE || status == ST_MALFORMED ? 3 : 2;
}

static bool
admits(const struct keyring_issuer *issuer, const struct jws *jws)
{
    return (issuer->algorithms & ALG_BIT(jws_header(jws)->alg)) != 0;
}

/* Tries every issuer whose algorithms admit the header; ST_ALG when there is none. */
static enum status
try_all(struct keyring *keyring, struct why *why, struct token *token)
{
    enum status best = ST_ALG;
    enum token_step best_step = TOKEN_ALGORITHM;
    int best_weight = 0;

    (void)status_because(why, ST_ALG, "algorithm %s is not enabled (algorithms)",
                         alg_row(jws_header(token->jws)->alg)->name);
    for (size_t i = 0; i < keyring->count; i++) {
        struct why reason = {""};
        if (!admits(&keyring->issuers[i], token->jws)) {
            continue;
        }
        enum status status = try_issuer(keyring, &keyring->issuers[i], &reason, token);
        if (status == ST_OK || status == ST_MEMORY) {
            return status_because(why, status, "%s", reason.sentence);
        }
        if (weight(status) > best_weight) {
            best = status;
            best_step = token->step;
            best_weight = weight(status);
            *why = reason;
        }
    }
    token->step = best_step;
    return best;
}

/* The provider may have new keys: asks each issuer again; true if any has. */
static bool
refresh_all(struct keyring *keyring, const struct token *token)
{
    bool any = false;

    for (size_t i = 0; i < keyring->count; i++) {
        if (admits(&keyring->issuers[i], token->jws)) {
            any = keyring_refresh(keyring, &keyring->issuers[i]) || any;
        }
    }
    return any;
}

enum status
token_verify(struct keyring *keyring, struct span text, struct why *why, struct token *token)
{
    token->step = TOKEN_HEADER;
    enum status status = jws_parse(text, why, &token->jws);
    if (status != ST_OK) {
        token->step = status == ST_ALG ? TOKEN_ALGORITHM : token->step;
        return status;
    }
    status = try_all(keyring, why, token);
    if (status == ST_UNKNOWN_KEY && refresh_all(keyring, token)) {
        status = try_all(keyring, why, token);
    }
    return status;
}

/* An ID token of the device flow is for our client; a presented one for this host. */
static void
audiences_of(const struct token_policy *policy, const struct provider *provider,
             struct expectation *expect)
{
    if (policy->from_device_flow) {
        expect->audiences = (char *const *)&provider->client_id;
        expect->audience_count = 1;
    } else {
        expect->audiences = provider->audience.at;
        expect->audience_count = provider->audience.count;
    }
}

struct expectation
token_expectation(const struct site *site, const struct token_policy *policy,
                  const struct token *token)
{
    const struct provider *provider = token->provider;
    struct expectation expect = {
        .issuer = provider->issuer,
        .client_id = provider->client_id,
        .token_kind = policy->from_device_flow ? TOKEN_ID : provider->token_kind,
        .marker = provider->marker.name.length > 0 ? &provider->marker : NULL,
        .provider_kind = provider->kind,
        .access_token = policy->access_token,
        .now_s = site->now_s,
        .clock_skew_s = provider->clock_skew_s,
        .max_token_age_s = provider->max_token_age_s,
        .max_token_lifetime_s = provider->max_token_lifetime_s,
    };

    audiences_of(policy, provider, &expect);
    return expect;
}

/* Could the token be of this provider: its issuer's key, an algorithm it admits, its audience? */
static bool
fits(const struct token_policy *policy, const struct provider *provider, const struct token *token)
{
    struct expectation expect = {.audience_count = 0};

    audiences_of(policy, provider, &expect);
    return checks_audience_matches(token->claims, expect.audiences, expect.audience_count);
}

/*
 * Providers of one issuer share its keys, but not each other's algorithms: what one has opted in
 * to, Ed448 under the name EdDSA included, is not the other's.
 */
static bool
is_candidate(const struct provider *provider, const struct token *token)
{
    return strcmp(provider->issuer, token->issuer->provider->issuer) == 0 &&
           key_fits(token->key, provider->algorithms);
}

enum status
token_open(const struct token_policy *policy, struct why *why, struct token *token)
{
    const struct provider *first = NULL;

    token->step = TOKEN_PAYLOAD;
    TRY(claims_open(token->verified, why, &token->claims));
    token->step = TOKEN_CLAIMS;
    for (size_t i = 0; i < policy->provider_count; i++) {
        const struct provider *provider = policy->providers[i];
        if (!is_candidate(provider, token)) {
            continue;
        }
        first = first != NULL ? first : provider;
        if (fits(policy, provider, token)) {
            token->provider = provider;
            return ST_OK;
        }
    }
    /* No audience fits: the checks say so, in the name of the first provider of this issuer. */
    token->provider = first;
    if (first != NULL) {
        return ST_OK;
    }
    token->step = TOKEN_ALGORITHM;
    return status_because(why, ST_ALG,
                          "algorithm %s with this key is not enabled for any provider of the "
                          "issuer",
                          alg_row(jws_header(token->jws)->alg)->name);
}

enum status
token_check(const struct site *site, const struct token_policy *policy, struct keyring *keyring,
            struct span text, struct why *why, struct token *token)
{
    TRY(token_verify(keyring, text, why, token));
    TRY(token_open(policy, why, token));
    struct expectation expect = token_expectation(site, policy, token);
    return checks_run(token->claims, &expect, why);
}

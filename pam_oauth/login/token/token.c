#include "login/token/token.h"

#include <string.h>

#include "login/token/search.h"

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

enum status
token_verify(struct keyring *keyring, struct span text, struct why *why, struct token *token)
{
    token->step = TOKEN_HEADER;
    enum status status = jws_parse(text, why, &token->jws);
    if (status != ST_OK) {
        token->step = status == ST_ALG ? TOKEN_ALGORITHM : token->step;
        return status;
    }
    return search_verify(keyring, why, token);
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
        .marker = &provider->marker, /* holds of no token where none is configured */
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

/* From here on the token is this provider's. */
static void
settle_on(struct token *token, const struct provider *provider)
{
    token->provider = provider;
    claims_set_comma_lists(token->claims, provider->comma_lists.at, provider->comma_lists.count);
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
            settle_on(token, provider);
            return ST_OK;
        }
    }
    /* No audience fits: the checks say so, in the name of the first provider of this issuer. */
    if (first != NULL) {
        settle_on(token, first);
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

#include "cli/login/keep.h"

#include <string.h>

#include "base/strictjson.h"
#include "base/text.h"
#include "login/token/token.h"
#include "oauth/authcode.h"

static enum status
copy_subject(const struct claims *claims, struct why *why, struct grant *grant)
{
    struct span subject;

    if (!claims_text(claims, "sub", &subject)) {
        return status_because(why, ST_CLAIM, "the ID token has no sub");
    }
    if (grant->subject.length > 0 && !span_equals(buf_span(&grant->subject), subject)) {
        return status_because(why, ST_CLAIM, "the renewed ID token is another person's");
    }
    return grant_set(&grant->subject, subject);
}

/* What the token that is kept says of itself. */
static enum status
describe(const struct claims *claims, const struct granted *granted, struct grant *grant)
{
    const json_t *aud = claims_find(claims, span_of("aud"));
    struct span scope = buf_span(&granted->scope);
    double date = 0;

    if (claims_date(claims, "exp", &date) == CLAIMS_DATE_OK) {
        grant->expires_s = (int64_t)date;
    }
    if (claims_date(claims, "iat", &date) == CLAIMS_DATE_OK) {
        grant->issued_s = (int64_t)date;
    }
    if (scope.length > 0 || claims_text(claims, "scope", &scope)) {
        TRY(grant_set(&grant->scope, scope));
    }
    buf_cut(&grant->audience, 0);
    for (size_t i = 0; i < (json_is_array(aud) ? json_array_size(aud) : 1); i++) {
        TRY(buf_add_text(&grant->audience, i > 0 ? " " : ""));
        TRY(buf_add(&grant->audience,
                    strictjson_string(json_is_array(aud) ? json_array_get(aud, i) : aud)));
    }
    return ST_OK;
}

static enum status
judge_id_token(struct mine *mine, struct keyring *keyring, const struct granted *granted,
               const char *nonce, struct why *why, struct token *token)
{
    struct token_policy policy = {
        .providers = &mine->provider,
        .provider_count = 1,
        .from_device_flow = true, /* made for our own client */
        .access_token = buf_span(&granted->access_token),
    };

    TRY(token_check(&mine->cli->site, &policy, keyring, buf_span(&granted->id_token), why, token));
    return nonce != NULL ? authcode_check_nonce(token->claims, nonce, why) : ST_OK;
}

/*
 * An access token is for somebody else, and what it must say beyond being this provider's and valid
 * is for those to judge; but for whom it is, where that was asked for.
 */
static enum status
judge_access_token(struct mine *mine, struct keyring *keyring, const struct granted *granted,
                   const struct grant *grant, struct why *why, struct token *token)
{
    struct token_policy policy = {.providers = &mine->provider, .provider_count = 1};
    struct buf own CLEANUP(buf_done) = BUF(GRANT_TEXT_MAX);

    TRY(token_verify(keyring, buf_span(&granted->access_token), why, token));
    TRY(token_open(&policy, why, token));
    struct expectation expect = token_expectation(&mine->cli->site, &policy, token);
    if (grant->asked_audience.length > 0) {
        TRY(buf_add(&own, buf_span(&grant->asked_audience)));
    } else {
        const json_t *aud = claims_find(token->claims, span_of("aud"));
        TRY(buf_add(&own, strictjson_string(json_is_array(aud) ? json_array_get(aud, 0) : aud)));
    }
    char *audience = own.at;
    expect.audiences = &audience;
    expect.audience_count = own.length > 0 ? 1 : 0;
    return checks_run(token->claims, &expect, why);
}

/* Three parts, of which the first is a header of a token. */
static bool
is_jwt(struct span text)
{
    struct jws *jws = NULL;

    bool parsed = jws_parse(text, /* why: */ NULL, &jws) == ST_OK;
    jws_done(&jws);
    return parsed;
}

static enum status
choose(const struct mine *mine, const struct granted *granted, struct why *why, bool *ret_access)
{
    enum token_kind kind = mine->provider->token_kind;

    *ret_access = kind != TOKEN_ID && is_jwt(buf_span(&granted->access_token));
    if (kind == TOKEN_ACCESS && !*ret_access) {
        return status_because(why, ST_PROVIDER,
                              "the access token is not a JWT, which no host could check; name whom "
                              "it is for (--audience), or set 'token_kind = id_token' for %s",
                              mine->provider->name);
    }
    if (!*ret_access && granted->id_token.length == 0) {
        return status_because(why, ST_PROVIDER,
                              "the provider sent no ID token; run 'pam-oauth login' again, and "
                              "have openid in its scope");
    }
    return ST_OK;
}

static enum status
judge(struct mine *mine, const struct granted *granted, const char *nonce, struct why *why,
      struct grant *grant)
{
    struct keyring keyring CLEANUP(keyring_done) = KEYRING;
    struct token id CLEANUP(token_done) = TOKEN;
    struct token access CLEANUP(token_done) = TOKEN;
    bool access_wanted = false;

    TRY(choose(mine, granted, why, &access_wanted));
    TRY(mine_look_at_clock(mine, why));
    TRY(keyring_open(&mine->cli->site, &mine->provider, 1, &keyring));
    if (granted->id_token.length > 0) {
        TRY(judge_id_token(mine, &keyring, granted, nonce, why, &id));
        TRY(copy_subject(id.claims, why, grant));
    }
    if (access_wanted) {
        TRY(judge_access_token(mine, &keyring, granted, grant, why, &access));
    }
    const struct claims *claims = access_wanted ? access.claims : id.claims;
    TRY(grant_set(&grant->token,
                  buf_span(access_wanted ? &granted->access_token : &granted->id_token)));
    return describe(claims, granted, grant);
}

enum status
keep_judge(struct mine *mine, const struct granted *granted, const char *nonce, struct why *why,
           struct grant *grant)
{
    /* A sign-in says who it is; only a renewal may leave that out (OpenID Connect Core 12.2). */
    if (granted->id_token.length == 0 && grant->subject.length == 0) {
        return status_because(why, ST_PROVIDER,
                              "the provider sent no ID token; have openid in its scope");
    }
    TRY(judge(mine, granted, nonce, why, grant));
    /* Rotated, or still the same (RFC 6749 section 6). */
    return granted->refresh_token.length > 0
               ? grant_set(&grant->refresh_token, buf_span(&granted->refresh_token))
               : ST_OK;
}

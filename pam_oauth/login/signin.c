#include "login/signin.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "login/account.h"
#include "login/audit.h"
#include "login/device/flow.h"
#include "login/recent/remember.h"
#include "login/token/prompt.h"
#include "login/token/single_use.h"
#include "login/token/stored.h"
#include "login/token/token.h"
#include "policy/map/accounts.h"
#include "policy/requirement.h"

/* The longest token and its line end. */
#define STORED_MAX (JWS_TOKEN_MAX + 1)

/* What is found out on the way; the audit line is made of it. */
struct state {
    struct attempt *attempt;
    struct site site; /* as given, with a time and a deadline that move on */
    struct keyring keyring;
    struct token token;
    struct token_answer answer;   /* the token as it was typed */
    struct buf stored;            /* the token as it was stored */
    struct device_tokens tokens;  /* of the device flow */
    struct remembered remembered; /* in place of a token */
    const char *method;
    struct accounts_rule rule;
    struct fingerprint fingerprint; /* of the maps that it was found in */
    enum status account;            /* is there such an account, and may it be entered at all? */
    struct why account_why;
};
#define STATE                                                                                      \
    {                                                                                              \
        .keyring = KEYRING, .token = TOKEN, .answer = TOKEN_ANSWER, .stored = BUF(STORED_MAX),     \
        .tokens = DEVICE_TOKENS, .remembered = REMEMBERED, .method = NULL, .rule = {""},           \
        .fingerprint = FINGERPRINT                                                                 \
    }

static void
state_done(struct state *state)
{
    token_done(&state->token); /* before what it points into */
    keyring_done(&state->keyring);
    token_answer_done(&state->answer);
    buf_done(&state->stored);
    device_tokens_done(&state->tokens);
    remembered_done(&state->remembered);
    fingerprint_done(&state->fingerprint);
}

/*
 * People take their time at a prompt. What a token says is compared with the time at which it came,
 * and the network has its whole time from then on.
 */
static enum status
look_at_clock(struct state *state, struct why *why)
{
    TRY(clock_wall_s(why, &state->site.now_s));
    state->site.clock_s = state->site.now_s;
    state->site.deadline_ms = clock_ms() + SITE_KEYS_DEADLINE_MS;
    return ST_OK;
}

/* May this subject be this account here? */
static enum status
admit(struct state *state, struct why *why)
{
    const struct attempt *attempt = state->attempt;
    const struct site *site = &state->site;
    struct accounts_query query = {
        .config = site->config,
        .provider = state->token.provider,
        .claims = state->token.claims,
        .account = attempt->account,
        .service = attempt->service_name,
        .host = site->host,
        .owner = site->owner,
        .fingerprint = remember_wants(attempt) ? &state->fingerprint : NULL,
    };

    TRY(accounts_search(&query, why, &state->rule));
    return requirement_check(attempt->service, state->token.claims, attempt->account, site->host,
                             site->now_s, why);
}

/*
 * The one verdict, whatever way the token came: DESIGN section 3 from top to bottom. The map is
 * searched for an account that there is not, too: whoever has a good token would otherwise see from
 * the time that it takes, or from a fault of the map, which accounts exist (R96).
 */
static enum status
judge(struct state *state, const struct token_policy *policy, struct span text, struct why *why)
{
    const struct attempt *attempt = state->attempt;
    const struct site *site = &state->site;

    TRY(look_at_clock(state, why));
    enum status status = token_check(site, policy, &state->keyring, text, why, &state->token);
    if (attempt->witness != NULL) {
        attempt->witness->saw(attempt->witness->context, policy, &state->token, status, why);
    }
    TRY(status);
    status = admit(state, why);
    if (state->account != ST_OK && status_class(status) != CLASS_FAULT) {
        *why = state->account_why;
        return state->account;
    }
    TRY(status);
    return single_use_claim(site, attempt->service, &state->token, why);
}

static enum status
by_token(struct state *state, struct why *why)
{
    const struct service *service = state->attempt->service;
    struct token_policy policy = {
        .providers = service->providers,
        .provider_count = service->provider_count,
        .from_device_flow = false,
    };

    state->method = "token";
    enum status status = judge(state, &policy, buf_span(&state->answer.text), why);
    return token_answer_cut(&state->answer, status) ? token_answer_explain(&state->answer, why)
                                                    : status;
}

static void
forget_stored(struct state *state)
{
    token_done(&state->token); /* before what it points into */
    buf_cut(&state->stored, 0);
}

/* One provider's stored token; `*ret_decided` is false when there is none that still counts. */
static enum status
try_stored(struct state *state, const struct provider *provider, struct why *why, bool *ret_decided)
{
    const struct service *service = state->attempt->service;
    struct token_policy policy = {
        .providers = service->providers,
        .provider_count = service->provider_count,
        .from_device_flow = false,
    };

    *ret_decided = true;
    bool found = false;
    TRY(stored_token(state->attempt, provider, why, &state->stored, &found));
    if (!found) {
        *ret_decided = false;
        return ST_CANCELLED;
    }
    enum status status = judge(state, &policy, buf_span(&state->stored), why);
    *ret_decided = status != ST_EXPIRED && status != ST_KEYS_UNAVAILABLE;
    return status;
}

/*
 * What the invoking user has stored, before anything is asked. Absent or expired, or with keys that
 * this host does not have, it leaves the word to the next method; any other refusal is final.
 */
static enum status
by_stored(struct state *state, struct why *why, bool *ret_decided)
{
    const struct service *service = state->attempt->service;
    enum status status = ST_CANCELLED;

    *ret_decided = false;
    state->keyring.asks = KEYRING_CALLS;
    for (size_t i = 0; i < service->provider_count && !*ret_decided; i++) {
        forget_stored(state);
        status = try_stored(state, service->providers[i], why, ret_decided);
    }
    state->keyring.asks = KEYRING_ASKS;
    return status;
}

static enum status
by_device_flow(struct state *state, struct why *why)
{
    const struct provider *provider = config_device_provider(state->attempt->service);
    struct token_policy policy = {
        .providers = &provider,
        .provider_count = 1,
        .from_device_flow = true,
    };

    state->method = "device";
    if (provider == NULL) {
        return status_because(why, ST_INTERNAL, "no provider for the device flow");
    }
    TRY(look_at_clock(state, why));
    TRY(device_flow_run(state->attempt, provider, &state->keyring, why, &state->tokens));
    policy.access_token = buf_span(&state->tokens.access_token);
    return judge(state, &policy, buf_span(&state->tokens.id_token), why);
}

/* No provider is contacted before this prompt has been answered (R91). */
static enum status
choose(struct state *state, struct why *why)
{
    const struct attempt *attempt = state->attempt;
    const struct service *service = attempt->service;
    bool token = config_has_method(service, METHOD_TOKEN);
    bool device = config_has_method(service, METHOD_DEVICE) && device_flow_has_reader(attempt);
    const char *prompt = !token   ? "Press Enter to sign in with a browser: "
                         : device ? TOKEN_PROMPT_OR_BROWSER
                                  : TOKEN_PROMPT;

    if (!token && !device) {
        return status_because(why, ST_CONVERSATION,
                              "there is no terminal to show a page and a code on");
    }
    TRY(token_prompt_ask(attempt->talk, prompt, why, &state->answer));
    if (state->answer.text.length == 0) {
        return device ? by_device_flow(state, why)
                      : status_because(why, ST_CANCELLED, "no token was given");
    }
    return token ? by_token(state, why)
                 : status_because(why, ST_CANCELLED,
                                  "something was typed where only Enter is expected");
}

static enum status
enter(struct state *state, struct why *why)
{
    struct attempt *attempt = state->attempt;
    bool decided = false;

    if (config_has_method(attempt->service, METHOD_STORED)) {
        state->method = "stored";
        enum status status = by_stored(state, why, &decided);
        attempt->unasked = decided || attempt->service->method_count == 1;
        if (attempt->unasked) {
            return status;
        }
        forget_stored(state);
        state->method = NULL;
    }
    return choose(state, why);
}

/* sshd replaces what is typed for a user it does not know (R117): say which it was. */
static enum status
name_unknown_user(const struct state *state, enum status status, struct why *why)
{
    if (state->account == ST_UNKNOWN_USER && status_class(status) == CLASS_REFUSED) {
        *why = state->account_why;
        return ST_UNKNOWN_USER;
    }
    return status;
}

/*
 * The same words for every refusal of a token or an account (R96). Who has approved a sign-in at
 * the provider is told that it was for nothing, whether there is such an account or not.
 */
static const char *
advice_for(const struct state *state, enum status status)
{
    const struct service *service = state->attempt->service;
    enum status_advice advice = status_advice(status);

    if (advice == ADVICE_IDENTITY && state->tokens.id_token.length > 0) {
        return "Whoever approved this may not use this account. Approve as somebody else, or use "
               "another account.";
    }
    switch (advice) {
    case ADVICE_NONE:
        break;
    case ADVICE_IDENTITY:
    case ADVICE_REFUSED:
        return "Sign-in refused. Try again, or use another account.";
    case ADVICE_CUT:
        return "The token arrived cut off: only so many bytes pass at a prompt here. Send it in "
               "parts; each but the last ends in +.";
    case ADVICE_NOT_APPROVED:
        return "The sign-in was not approved. Try again.";
    case ADVICE_BLOCKED:
        return config_has_method(service, METHOD_TOKEN)
                   ? "Your organisation does not allow signing in with a code.\nGet a token on "
                     "your own computer with pam-oauth login, and give it at the first prompt."
                   : "Your organisation does not allow signing in with a code, and this service "
                     "has no other way.\nAsk your administrator to take tokens of pam-oauth "
                     "login.";
    case ADVICE_LATER:
        return "Signing in is not possible right now. Try again later.";
    }
    return "";
}

/* With the reference behind it, as much as is read with ease. */
#define ONE_LINE 80

/* Of the sign-ins that nobody was asked about. */
static const char *
advice_for_stored(const struct state *state, enum status status)
{
    if (status == ST_CANCELLED || status == ST_EXPIRED) {
        return "No token is stored for you, or none that is still good. Run 'pam-oauth login' and "
               "try again.";
    }
    return status_class(status) == CLASS_REFUSED || status == ST_STORE
               ? "The token that is stored for you does not open this. Run 'pam-oauth login' and "
                 "try again."
               : advice_for(state, status);
}

/*
 * A program that wants silence (sudo always does) is told what it takes to get in all the same
 * (R8): with a stored token nothing else was shown.
 */
static void
advise(const struct state *state, enum status status)
{
    const struct attempt *attempt = state->attempt;
    char text[256];

    /* To a program whose conversation has failed nothing more is to be said. */
    if (status == ST_OK || status == ST_CONVERSATION || (attempt->silent && !attempt->unasked)) {
        return;
    }
    const char *advice =
        attempt->unasked ? advice_for_stored(state, status) : advice_for(state, status);
    /* A greeter does not break lines, and has only so many columns. */
    (void)snprintf(text, sizeof(text), "%s%sIf you need help, give this reference: %s", advice,
                   strlen(advice) > ONE_LINE ? "\n" : " ", attempt->ref);
    /* Whoever cannot be told is not told: the answer stays the same. */
    (void)attempt->talk->tell(attempt->talk->context, text);
}

/* The same person from the same session as a short while ago: nobody is asked, and no network. */
static enum status
recall(struct state *state, struct why *why)
{
    TRY(state->account);
    TRY(remember_recall(state->attempt, why, &state->remembered));
    state->method = "remembered";
    (void)snprintf(state->rule.place, sizeof(state->rule.place), "%.*s",
                   SPAN_ARGS(state->remembered.signin.rule));
    return ST_OK;
}

/* Everybody else. */
static enum status
ask(struct state *state, struct why *why)
{
    const struct attempt *attempt = state->attempt;
    const struct service *service = attempt->service;
    struct remember_source source = {
        .token = &state->token, .rule = &state->rule, .fingerprint = &state->fingerprint};

    TRY(keyring_open(&state->site, service->providers, service->provider_count, &state->keyring));
    TRY(enter(state, why));
    remember_store(attempt, &source);
    return ST_OK;
}

enum status
signin_run(struct attempt *attempt)
{
    struct state state CLEANUP(state_done) = STATE;
    struct why why = {""};

    state.attempt = attempt;
    state.site = *attempt->site;
    state.account = account_check(attempt->service, attempt->account, &state.account_why);
    enum status status = recall(&state, &why);
    if (status != ST_OK) {
        why = (struct why){""};
        status = ask(&state, &why);
    }
    /* What is told depends on what was done, and not on whether there is such an account (R96). */
    enum status told = status;
    status = name_unknown_user(&state, status, &why);

    struct audit audit = {
        .event = "sign_in",
        .status = status,
        .method = state.method,
        .token = &state.token,
        .remembered = state.remembered.provider != NULL ? &state.remembered : NULL,
        .rule = state.rule.place,
        .why = &why,
        .account = state.account == ST_UNKNOWN_USER ? AUDIT_ACCOUNT_UNKNOWN : AUDIT_ACCOUNT_KNOWN,
    };
    audit_write(attempt, &audit);
    advise(&state, told);
    return status;
}

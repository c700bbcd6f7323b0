#include "oauth/device.h"

#include <string.h>

#include "base/text.h"
#include "oauth/form.h"
#include "oauth/freshness.h"
#include "oauth/granted.h"
#include "oauth/refusal.h"
#include "oauth/url.h"

#define GRANT_TYPE "urn:ietf:params:oauth:grant-type:device_code"

/* R78 and R79, in seconds. */
#define INTERVAL_DEFAULT 5
#define INTERVAL_MAX 60
#define SLOW_DOWN_STEP 5
#define EXPIRES_MAX 1800
#define RETRY_AFTER_MAX 60
/* What somebody waits before asking for a code again when the provider does not say. */
#define REQUEST_PAUSE 5

#define USER_CODE_MIN ((size_t)4)
#define ODD_REPLIES_MAX 5

void
device_grant_done(struct device_grant *grant)
{
    buf_done(&grant->device_code);
    buf_done(&grant->user_code);
    buf_done(&grant->verification_uri);
    buf_done(&grant->verification_uri_complete);
}

void
device_tokens_done(struct device_tokens *tokens)
{
    buf_done(&tokens->id_token);
    buf_done(&tokens->access_token);
    buf_done(&tokens->refresh_token);
}

/* ---- what we send ---- */

static enum status
add_client(const struct device_client *client, struct buf *body)
{
    TRY(form_add(body, "client_id", span_of(client->client_id)));
    return client->client_secret == NULL
               ? ST_OK
               : form_add(body, "client_secret", span_of(client->client_secret));
}

static enum status
add_request(const struct device_client *client, struct buf *body)
{
    TRY(add_client(client, body));
    TRY(granted_add_audience(body, client->audience));
    return form_add(body, "scope", span_of(client->scope));
}

static enum status
add_poll(const struct device_client *client, const struct device_grant *grant, struct buf *body)
{
    TRY(form_add(body, "grant_type", span_of(GRANT_TYPE)));
    TRY(form_add(body, "device_code", buf_span(&grant->device_code)));
    return add_client(client, body);
}

/* A device_code always fits: what made the body too long came from the configuration. */
static enum status
blame_configuration(enum status status)
{
    return status == ST_MALFORMED ? ST_CONFIG : status;
}

enum status
device_request(const struct device_client *client, struct buf *body)
{
    return blame_configuration(add_request(client, body));
}

enum status
device_poll_request(const struct device_client *client, const struct device_grant *grant,
                    struct buf *body)
{
    return blame_configuration(add_poll(client, grant, body));
}

/* ---- what a provider answers ---- */

static enum status
open_reply(const char *endpoint, int http_status, struct span body, struct why *why,
           struct reply *reply)
{
    struct why cause = {""};
    enum status status = reply_open(body, &cause, reply);

    if (status == ST_MALFORMED) {
        return status_because(why, ST_PROVIDER, "the %s endpoint answered HTTP %d with %s",
                              endpoint, http_status, cause.sentence);
    }
    return status == ST_OK ? ST_OK : status_because(why, status, "%s", cause.sentence);
}

/* ---- the device authorization reply ---- */

static bool
is_user_code(struct span code)
{
    for (size_t i = 0; i < code.length; i++) {
        if (!text_is_upper(code.at[i]) && !text_is_digit(code.at[i]) && code.at[i] != '-') {
            return false;
        }
    }
    return code.length >= USER_CODE_MIN;
}

/* Neither code is quoted in a reason: both are secrets until the grant is over. */
static enum status
read_codes(const struct reply *reply, struct why *why, struct device_grant *grant)
{
    struct span code;

    if (!reply_text(reply, "device_code", &code)) {
        return status_because(why, ST_PROVIDER, "without a device_code");
    }
    if (code.length > grant->device_code.limit) {
        return status_because(why, ST_PROVIDER, "with a device_code of more than %zu bytes",
                              grant->device_code.limit);
    }
    TRY(buf_add(&grant->device_code, code));
    if (!reply_text(reply, "user_code", &code)) {
        return status_because(why, ST_PROVIDER, "without a user_code");
    }
    if (code.length > grant->user_code.limit || !is_user_code(code)) {
        return status_because(why, ST_PROVIDER,
                              "with a user_code that is not 4 to 32 of A-Z, 0-9 and dash");
    }
    return buf_add(&grant->user_code, code);
}

/* Kept only when it can do no harm: it is for the QR code, and sign-in works without (R84). */
static enum status
keep_complete_uri(const struct reply *reply, const struct url *plain, struct device_grant *grant)
{
    struct span text;
    struct url url;
    struct span code = buf_span(&grant->user_code);

    if (!reply_text(reply, "verification_uri_complete", &text) ||
        url_parse(text, grant->verification_uri_complete.limit, /* why */ NULL, &url) != ST_OK ||
        !url_same_origin(&url, plain) ||
        memmem(url.path.at, url.path.length, code.at, code.length) == NULL) {
        return ST_OK;
    }
    return buf_add(&grant->verification_uri_complete, text);
}

static enum status
read_uris(const struct device_client *client, const struct reply *reply, struct why *why,
          struct device_grant *grant)
{
    /* Google wrote its reply before the RFC did. */
    const char *name =
        reply_has(reply, "verification_uri") ? "verification_uri" : "verification_url";
    struct why cause = {""};
    struct url issuer;
    struct url url;
    struct span text;

    if (url_parse(span_of(client->issuer), SIZE_MAX, &cause, &issuer) != ST_OK) {
        return status_because(why, ST_CONFIG, "the issuer is %s", cause.sentence);
    }
    if (!reply_text(reply, name, &text)) {
        return status_because(why, ST_PROVIDER, "without a verification_uri");
    }
    if (url_parse(text, grant->verification_uri.limit, &cause, &url) != ST_OK) {
        return status_because(why, ST_PROVIDER, "with a verification_uri that is %s",
                              cause.sentence);
    }
    if (!url_host_allowed(&url, &issuer, client->allowed_hosts, client->allowed_count)) {
        return status_because(why, ST_PROVIDER,
                              "with a verification_uri on host '%s', not on the issuer's; add it "
                              "to allowed_hosts if it is the provider's",
                              text_quote(url.host).text);
    }
    TRY(buf_add(&grant->verification_uri, text));
    return keep_complete_uri(reply, &url, grant);
}

static int64_t
within(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

static enum status
read_times(const struct reply *reply, int64_t now_ms, struct why *why, struct device_grant *grant)
{
    int64_t interval_s = INTERVAL_DEFAULT;
    int64_t expires_s;

    if (!reply_integer(reply, "expires_in", &expires_s) || expires_s < 1) {
        return status_because(why, ST_PROVIDER,
                              "without an expires_in that is an integer of 1 or more");
    }
    (void)reply_integer(reply, "interval", &interval_s);
    grant->interval_ms = within(interval_s, 1, INTERVAL_MAX) * 1000;
    /* Cut, not refused: stopping before the provider does is always safe, and ends in time. */
    grant->expires_ms = now_ms + within(expires_s, 1, EXPIRES_MAX) * 1000;
    grant->next_poll_ms = now_ms + grant->interval_ms;
    return ST_OK;
}

static enum status
read_grant(const struct device_client *client, const struct reply *reply, int64_t now_ms,
           struct why *why, struct device_grant *grant)
{
    TRY(read_codes(reply, why, grant));
    TRY(read_uris(client, reply, why, grant));
    return read_times(reply, now_ms, why, grant);
}

enum status
device_reply(const struct device_client *client, int http_status, struct span body, int64_t now_ms,
             struct why *why, struct device_grant *grant)
{
    struct device_grant fresh CLEANUP(device_grant_done) = DEVICE_GRANT;
    struct reply reply CLEANUP(reply_done) = REPLY;
    const struct span secrets[2] = {span_of(client->client_secret), {NULL, 0}};
    struct why cause = {""};

    TRY(open_reply("device authorization", http_status, body, why, &reply));
    if (reply_has(&reply, "error")) {
        return reply_refused(refusal_of_request(&reply), &reply, secrets, why);
    }
    enum status status = read_grant(client, &reply, now_ms, &cause, &fresh);
    if (status == ST_PROVIDER) {
        return status_because(why, status, "the device authorization endpoint answered HTTP %d %s",
                              http_status, cause.sentence);
    }
    if (status != ST_OK) {
        return status_because(why, status, "%s", cause.sentence);
    }
    device_grant_done(grant);
    *grant = fresh;
    fresh = (struct device_grant)DEVICE_GRANT;
    return ST_OK;
}

int64_t
device_request_again_ms(int http_status, struct span body, struct span retry_after)
{
    struct reply reply CLEANUP(reply_done) = REPLY;
    struct span error;

    bool busy = http_status == 429 || http_status == 503;
    if (!busy && (reply_open(body, /* why */ NULL, &reply) != ST_OK ||
                  !reply_text(&reply, "error", &error) || !span_is(error, "slow_down"))) {
        return -1;
    }
    int64_t asked_s = freshness_retry_after_s(retry_after, RETRY_AFTER_MAX);
    return (asked_s > REQUEST_PAUSE ? asked_s : REQUEST_PAUSE) * 1000;
}

/* ---- polling ---- */

/* What a reply of the token endpoint says, before anything is done about it. */
enum answer {
    ANSWER_PENDING,
    ANSWER_SLOW_DOWN,
    ANSWER_ODD, /* nothing about the grant: a server or a proxy in trouble */
    ANSWER_REFUSED,
    ANSWER_GRANTED
};

/*
 * The body comes first: pending is 400 at most providers, 428, 403, 401, 429 or even 200 at others.
 * RFC 8628 section 3.5 wants polling to stop at any other error. That is about errors of OAuth:
 * with a 5xx, `error` is as often a web server's own ("Internal Server Error"), and that passes.
 */
static enum answer
answer_of(const struct reply *reply, int http_status)
{
    struct span error = {NULL, 0};

    (void)reply_text(reply, "error", &error);
    if (span_is(error, "authorization_pending")) {
        return ANSWER_PENDING;
    }
    if (span_is(error, "slow_down")) {
        return ANSWER_SLOW_DOWN;
    }
    if (refusal_of_poll(reply)->error != NULL) {
        return ANSWER_REFUSED;
    }
    if (http_status == 429 || http_status >= 500) {
        return ANSWER_ODD;
    }
    return http_status == 200 && !reply_has(reply, "error") ? ANSWER_GRANTED : ANSWER_REFUSED;
}

/* RFC 8628 section 3.5: 5 s more, for good. GitHub adds the new interval; it may only be longer. */
static void
slow_down(struct device_grant *grant, const struct reply *reply)
{
    int64_t said_s = 0;

    (void)reply_integer(reply, "interval", &said_s);
    said_s = within(said_s, 0, INTERVAL_MAX);
    grant->interval_ms += SLOW_DOWN_STEP * 1000;
    if (grant->interval_ms < said_s * 1000) {
        grant->interval_ms = said_s * 1000;
    }
}

/* Retry-After makes this one wait longer, never shorter, than the interval. */
static void
schedule(struct device_grant *grant, int http_status, struct span retry_after, int64_t now_ms)
{
    int64_t wait_ms = grant->interval_ms;

    if (http_status == 429 || http_status == 503) {
        int64_t asked_s = freshness_retry_after_s(retry_after, RETRY_AFTER_MAX);
        wait_ms = asked_s * 1000 > wait_ms ? asked_s * 1000 : wait_ms;
    }
    grant->next_poll_ms = now_ms + wait_ms;
}

static enum status
refuse_poll(const struct device_grant *grant, const struct reply *reply, int http_status,
            struct why *why)
{
    const struct span secrets[2] = {buf_span(&grant->device_code), buf_span(&grant->user_code)};

    if (reply_has(reply, "error")) {
        return reply_refused(refusal_of_poll(reply), reply, secrets, why);
    }
    return status_because(why, ST_PROVIDER,
                          "the token endpoint answered HTTP %d without an error of OAuth",
                          http_status);
}

/* One token of the reply, if it is there. */
static enum status
take_token(const struct reply *reply, const char *name, struct why *why, struct buf *into)
{
    struct span token;

    if (!reply_text(reply, name, &token)) {
        return ST_OK;
    }
    if (token.length > into->limit) {
        return status_because(why, ST_PROVIDER,
                              "the provider sent an %s of %zu bytes; ask for fewer claims or "
                              "groups in it",
                              name, token.length);
    }
    return buf_add(into, token);
}

static enum status
take_tokens(const struct reply *reply, struct why *why, struct device_tokens *tokens)
{
    struct device_tokens fresh CLEANUP(device_tokens_done) = DEVICE_TOKENS;

    fresh.refresh_token.limit = tokens->refresh_token.limit;
    TRY(take_token(reply, "id_token", why, &fresh.id_token));
    TRY(take_token(reply, "access_token", why, &fresh.access_token));
    if (fresh.refresh_token.limit > 0) {
        TRY(take_token(reply, "refresh_token", why, &fresh.refresh_token));
    }
    if (fresh.id_token.length == 0) {
        return status_because(why, ST_PROVIDER,
                              "the provider granted access but sent no id_token; add openid to "
                              "scope, and see that the provider is one of OpenID Connect");
    }
    device_tokens_done(tokens);
    *tokens = fresh;
    fresh = (struct device_tokens)DEVICE_TOKENS;
    return ST_OK;
}

static enum status
still_pending(struct device_grant *grant, enum answer answer, int http_status, int64_t now_ms,
              struct why *why)
{
    grant->odd_replies = answer == ANSWER_ODD ? grant->odd_replies + 1 : 0;
    if (grant->odd_replies > ODD_REPLIES_MAX) {
        return status_because(why, ST_PROVIDER,
                              "the token endpoint answered HTTP %d, and no better %d times before",
                              http_status, ODD_REPLIES_MAX);
    }
    /* Some providers say pending for ever. */
    if (now_ms >= grant->expires_ms) {
        return status_because(why, ST_DEVICE_EXPIRED, "the code expired before it was approved");
    }
    return ST_OK;
}

enum status
device_poll_reply(struct device_grant *grant, int http_status, struct span body,
                  struct span retry_after, int64_t now_ms, struct why *why,
                  struct device_tokens *tokens, enum device_event *ret_event)
{
    struct reply reply CLEANUP(reply_done) = REPLY;
    struct why cause = {""};

    enum status status = open_reply("token", http_status, body, &cause, &reply);
    enum answer answer = answer_of(&reply, http_status);
    /* A server in trouble answers with a page of HTML; anybody else is to speak OAuth. */
    if (status == ST_MEMORY || (status != ST_OK && answer != ANSWER_ODD)) {
        return status_because(why, status, "%s", cause.sentence);
    }
    if (answer == ANSWER_REFUSED) {
        return refuse_poll(grant, &reply, http_status, why);
    }
    if (answer == ANSWER_GRANTED) {
        TRY(take_tokens(&reply, why, tokens));
        *ret_event = DEVICE_GRANTED;
        return ST_OK;
    }
    if (answer == ANSWER_SLOW_DOWN) {
        slow_down(grant, &reply);
    }
    schedule(grant, http_status, retry_after, now_ms);
    TRY(still_pending(grant, answer, http_status, now_ms, why));
    *ret_event = DEVICE_PENDING;
    return ST_OK;
}

void
device_poll_failed(struct device_grant *grant, int64_t now_ms)
{
    int64_t doubled_ms = within(grant->interval_ms * 2, 0, INTERVAL_MAX * 1000);

    /* slow_down may have brought it past the most that we double to; it never shrinks. */
    if (grant->interval_ms < doubled_ms) {
        grant->interval_ms = doubled_ms;
    }
    grant->next_poll_ms = now_ms + grant->interval_ms;
}

#include "oauth/granted.h"

#include <string.h>

#include "base/text.h"
#include "oauth/form.h"
#include "oauth/reply.h"

void
granted_done(struct granted *granted)
{
    buf_done(&granted->access_token);
    buf_done(&granted->id_token);
    buf_done(&granted->refresh_token);
    buf_done(&granted->scope);
}

/* ---- what we send ---- */

enum status
granted_add_audience(struct buf *body, const char *audience)
{
    if (audience == NULL) {
        return ST_OK;
    }
    TRY(form_add(body, "audience", span_of(audience)));
    return strstr(audience, "://") != NULL ? form_add(body, "resource", span_of(audience)) : ST_OK;
}

enum status
granted_add_client(struct buf *body, const struct granted_client *client)
{
    TRY(form_add(body, "client_id", span_of(client->client_id)));
    return client->client_secret == NULL
               ? ST_OK
               : form_add(body, "client_secret", span_of(client->client_secret));
}

static enum status
add_refresh(const struct granted_client *client, struct span refresh_token, const char *audience,
            struct buf *body)
{
    TRY(form_add(body, "grant_type", span_of("refresh_token")));
    TRY(form_add(body, "refresh_token", refresh_token));
    TRY(granted_add_audience(body, audience));
    return granted_add_client(body, client);
}

static enum status
add_revocation(const struct granted_client *client, struct span refresh_token, struct buf *body)
{
    TRY(form_add(body, "token", refresh_token));
    TRY(form_add(body, "token_type_hint", span_of("refresh_token")));
    return granted_add_client(body, client);
}

/* A token always fits: what made the body too long was configured, or typed. */
static enum status
blame_configuration(enum status status)
{
    return status == ST_MALFORMED ? ST_CONFIG : status;
}

enum status
granted_refresh_request(const struct granted_client *client, struct span refresh_token,
                        const char *audience, struct buf *body)
{
    return blame_configuration(add_refresh(client, refresh_token, audience, body));
}

enum status
granted_revoke_request(const struct granted_client *client, struct span refresh_token,
                       struct buf *body)
{
    return blame_configuration(add_revocation(client, refresh_token, body));
}

/* ---- what a provider answers ---- */

static const struct reply_refusal refusals[] = {
    {"invalid_grant", ST_EXPIRED, "the provider does not honour it, or no longer"},
    {"invalid_client", ST_CONFIG,
     "the provider does not accept this client; check client_id, client_auth and "
     "client_secret_file"},
    {"unauthorized_client", ST_CONFIG,
     "the provider does not let this client sign people in this way; allow it there"},
    {"invalid_scope", ST_CONFIG, "the provider does not grant the scope; check it"},
    {"invalid_target", ST_CONFIG, "the provider knows no such audience; check it"},
    {NULL, ST_PROVIDER, "the provider granted nothing"},
};

/* RFC 6749 section 7.1: a token of a type that is not understood must not be used. */
static enum status
check_type(const struct reply *reply, struct why *why)
{
    struct span type;

    if (!reply_text(reply, "token_type", &type) || text_is_in_any_case(type, "bearer")) {
        return ST_OK;
    }
    return status_because(why, ST_PROVIDER, "the provider sent tokens of type '%s', not Bearer",
                          text_quote(type).text);
}

static enum status
take(const struct reply *reply, const char *name, struct why *why, struct buf *into)
{
    struct span text;

    if (!reply_text(reply, name, &text)) {
        return ST_OK;
    }
    return text.length <= into->limit
               ? buf_add(into, text)
               : status_because(why, ST_PROVIDER, "the provider sent a %s of %zu bytes", name,
                                text.length);
}

static enum status
take_all(const struct reply *reply, struct why *why, struct granted *granted)
{
    TRY(check_type(reply, why));
    TRY(take(reply, "access_token", why, &granted->access_token));
    TRY(take(reply, "id_token", why, &granted->id_token));
    TRY(take(reply, "refresh_token", why, &granted->refresh_token));
    return take(reply, "scope", why, &granted->scope);
}

enum status
granted_reply(int http_status, struct span body, struct span sent, struct why *why,
              struct granted *granted)
{
    struct granted fresh CLEANUP(granted_done) = GRANTED;
    struct reply reply CLEANUP(reply_done) = REPLY;
    const struct span secrets[2] = {sent, {NULL, 0}};
    struct why cause = {""};

    enum status status = reply_open(body, &cause, &reply);
    if (status != ST_OK) {
        return status_because(why, status == ST_MEMORY ? ST_MEMORY : ST_PROVIDER,
                              "the token endpoint answered HTTP %d with %s", http_status,
                              cause.sentence);
    }
    if (reply_has(&reply, "error")) {
        return reply_refused(reply_refusal(&reply, refusals), &reply, secrets, why);
    }
    if (http_status != 200) {
        return status_because(why, ST_PROVIDER,
                              "the token endpoint answered HTTP %d without an error of OAuth",
                              http_status);
    }
    TRY(take_all(&reply, why, &fresh));
    granted_done(granted);
    *granted = fresh;
    fresh = (struct granted)GRANTED;
    return ST_OK;
}

#include "cli/login/renew.h"

#include "base/text.h"
#include "cli/login/keep.h"
#include "login/confinement.h"
#include "login/device/client.h"
#include "oauth/url.h"

/* It was checked when it was written, by who could be somebody else by now. */
static enum status
check_endpoint(const struct provider *provider, const struct grant *grant, struct why *why)
{
    struct url issuer;
    struct url endpoint;

    if (!span_is(buf_span(&grant->issuer), provider->issuer) ||
        !span_is(buf_span(&grant->client_id), provider->client_id)) {
        return status_because(why, ST_EXPIRED,
                              "the stored sign-in is of another issuer or client than [provider "
                              "%s] is now; run 'pam-oauth login'",
                              provider->name);
    }
    if (url_parse(span_of(provider->issuer), SIZE_MAX, why, &issuer) != ST_OK ||
        url_parse(buf_span(&grant->token_endpoint), GRANT_TEXT_MAX, why, &endpoint) != ST_OK ||
        !url_host_allowed(&endpoint, &issuer, provider->allowed_hosts.at,
                          provider->allowed_hosts.count)) {
        return status_because(why, ST_STORE,
                              "the stored token_endpoint is none of %s; run 'pam-oauth login'",
                              provider->name);
    }
    return ST_OK;
}

static enum status
ask(const struct mine *mine, const struct grant *grant, struct why *why, struct granted *granted)
{
    const char *audience =
        grant->asked_audience.length > 0 ? buf_text(&grant->asked_audience) : NULL;
    struct client asking CLEANUP(client_done) = CLIENT;
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    struct buf body CLEANUP(buf_done) = BUF(GRANTED_REQUEST_MAX);

    TRY(client_open(&mine->cli->site, mine->provider, why, &asking));
    struct granted_client client = {
        .client_id = mine->provider->client_id,
        .client_secret = asking.secret_in_body,
    };
    TRY(granted_refresh_request(&client, buf_span(&grant->refresh_token), audience, &body));
    TRY(client_post(&asking, buf_text(&grant->token_endpoint), &body, why, &reply));
    confinement_tell(&mine->cli->site, reply.confined);
    return granted_reply(reply.http_status, buf_span(&reply.body), buf_span(&grant->refresh_token),
                         why, granted);
}

enum status
renew_grant(struct mine *mine, struct why *why, struct grant *grant)
{
    struct granted granted CLEANUP(granted_done) = GRANTED;
    struct why cause = {""};

    if (grant->refresh_token.length == 0) {
        return status_because(why, ST_EXPIRED,
                              "the token of %s has expired and cannot be renewed; run 'pam-oauth "
                              "login'",
                              mine->provider->name);
    }
    TRY(mine_look_at_clock(mine, why));
    TRY(check_endpoint(mine->provider, grant, why));
    enum status status = ask(mine, grant, &cause, &granted);
    if (status == ST_EXPIRED) {
        buf_cut(&grant->refresh_token, 0);
        return status_because(why, status,
                              "%s does not renew the sign-in: %s; run 'pam-oauth "
                              "login'",
                              mine->provider->name, cause.sentence);
    }
    if (status == ST_OK) {
        /* Whatever becomes of the token: this one alone is honoured from now on. */
        status = granted.refresh_token.length > 0
                     ? grant_set(&grant->refresh_token, buf_span(&granted.refresh_token))
                     : ST_OK;
    }
    if (status == ST_OK) {
        status = keep_judge(mine, &granted, /* nonce: */ NULL, &cause, grant);
    }
    return status == ST_OK ? ST_OK
                           : status_because(why, status, "the token of %s could not be renewed: %s",
                                            mine->provider->name, cause.sentence);
}

#include "login/device/client.h"

#include "base/clock.h"
#include "base/file.h"
#include "oauth/form.h"

void
client_done(struct client *client)
{
    buf_done(&client->secret);
    buf_done(&client->basic_user);
    buf_done(&client->basic_password);
    fetch_end(&client->session);
}

static enum status
read_secret(struct client *client, struct why *why)
{
    const struct provider *provider = client->provider;

    if (provider->client_auth == CLIENT_AUTH_NONE) {
        return ST_OK;
    }
    TRY(file_read_secret(provider->client_secret_file, client->site->owner, why, &client->secret));
    if (provider->client_auth == CLIENT_AUTH_POST) {
        client->secret_in_body = buf_text(&client->secret);
        return ST_OK;
    }
    TRY(form_encode(&client->basic_user, span_of(provider->client_id)));
    return form_encode(&client->basic_password, buf_span(&client->secret));
}

static enum status
start_fetcher(struct client *client, struct why *why)
{
    const struct paths *paths = &client->site->config->paths;
    struct fetch_program program = {.path = paths->fetcher, .user = paths->fetcher_user};

    return fetch_start(&program, why, &client->session);
}

enum status
client_open(const struct site *site, const struct provider *provider, struct why *why,
            struct client *client)
{
    client->site = site;
    client->provider = provider;
    TRY(read_secret(client, why));
    return start_fetcher(client, why);
}

enum status
client_restart(struct client *client, struct why *why)
{
    fetch_end(&client->session);
    return start_fetcher(client, why);
}

enum status
client_post(const struct client *client, const char *url, const struct buf *body, struct why *why,
            struct fetch_reply *reply)
{
    const struct provider *provider = client->provider;
    bool basic = provider->client_auth == CLIENT_AUTH_BASIC;
    int64_t timeout_ms = provider->timeout_s * 1000;
    struct fetch_request request = {
        .url = url,
        .body = buf_span(body),
        .post = true,
        .basic_user = basic ? buf_text(&client->basic_user) : NULL,
        .basic_password = basic ? buf_text(&client->basic_password) : NULL,
        .ca_file = provider->ca_file,
        .proxy = provider->proxy,
        .no_proxy = provider->no_proxy,
        .timeout_ms = timeout_ms,
    };

    return fetch_ask(client->session, &request, clock_ms() + timeout_ms, why, reply);
}

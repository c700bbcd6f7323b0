/*
 * Asking a provider's endpoints as the client that is configured: with its secret, if it has one,
 * and by way of one fetcher, whose connection is kept.
 */
#ifndef PAM_OAUTH_LOGIN_DEVICE_CLIENT_H
#define PAM_OAUTH_LOGIN_DEVICE_CLIENT_H

#include "fetch/fetch.h"
#include "login/site.h"

#define CLIENT_SECRET_MAX ((size_t)1024)

struct client {
    const struct site *site;
    const struct provider *provider;
    const char *secret_in_body; /* client_secret_post; NULL: none goes there */
    struct buf secret;
    struct buf basic_user; /* client_secret_basic, form-encoded */
    struct buf basic_password;
    struct fetch_session *session;
};
#define CLIENT                                                                                     \
    {                                                                                              \
        .secret_in_body = NULL, .secret = BUF(CLIENT_SECRET_MAX),                                  \
        .basic_user = BUF(3 * CLIENT_SECRET_MAX), .basic_password = BUF(3 * CLIENT_SECRET_MAX),    \
        .session = NULL                                                                            \
    }
void client_done(struct client *client);

/*
 * Reads the secret and starts the fetcher. ST_CONFIG when the secret cannot be read, or the fetcher
 * is missing; ST_PROVIDER, ST_MEMORY (fetch_start).
 */
MUST_CHECK enum status client_open(const struct site *site, const struct provider *provider,
                                   struct why *why, struct client *client);

/*
 * Posts a form. An HTTP error status is a reply. ST_PROVIDER when there is none, with the cause;
 * client_restart() must come before the next. ST_MEMORY.
 */
MUST_CHECK enum status client_post(const struct client *client, const char *url,
                                   const struct buf *body, struct why *why,
                                   struct fetch_reply *reply);

/* Ends the fetcher and starts another: for another host, or behind a failure. As client_open. */
MUST_CHECK enum status client_restart(struct client *client, struct why *why);

#endif

/*
 * What a token endpoint grants, and how it is asked for more of it or to take it back: RFC 6749
 * sections 5 and 6, RFC 7009, RFC 8707. Pure: bytes go in, bytes come out.
 *
 * For programs that keep their own user's tokens (`pam-oauth login`). A sign-in to this host reads
 * less of a reply (oauth/device.h, R87).
 */
#ifndef PAM_OAUTH_OAUTH_GRANTED_H
#define PAM_OAUTH_OAUTH_GRANTED_H

#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"

/* As for a device flow: one with 300 groups has 15 kB. */
#define GRANTED_TOKEN_MAX ((size_t)65536)
#define GRANTED_SCOPE_MAX ((size_t)4096)
/* Room for a request: a token with every byte encoded, and what is configured. */
#define GRANTED_REQUEST_MAX (4 * GRANTED_TOKEN_MAX)

/* Who asks; borrowed strings. */
struct granted_client {
    const char *client_id;
    const char *client_secret; /* sent in the body (client_secret_post), or NULL */
};

/* Each is empty when it did not come. */
struct granted {
    struct buf access_token;
    struct buf id_token;
    struct buf refresh_token;
    struct buf scope; /* what was granted, where that is not what was asked for */
};
#define GRANTED                                                                                    \
    {                                                                                              \
        .access_token = BUF(GRANTED_TOKEN_MAX), .id_token = BUF(GRANTED_TOKEN_MAX),                \
        .refresh_token = BUF(GRANTED_TOKEN_MAX), .scope = BUF(GRANTED_SCOPE_MAX)                   \
    }
void granted_done(struct granted *granted);

/*
 * Adds whom the access token is wanted for; NULL adds nothing. `audience`, as Auth0 and others have
 * it, and, where it is a URI, `resource` (RFC 8707 section 2). Fails like form_add.
 */
MUST_CHECK enum status granted_add_audience(struct buf *body, const char *audience);

/* Adds who asks. Fails like form_add. */
MUST_CHECK enum status granted_add_client(struct buf *body, const struct granted_client *client);

/*
 * The body of a request for new tokens (RFC 6749 section 6). ST_CONFIG when what is configured does
 * not fit, ST_MEMORY.
 */
MUST_CHECK enum status granted_refresh_request(const struct granted_client *client,
                                               struct span refresh_token, const char *audience,
                                               struct buf *body);

/* The body of a request to revoke a refresh token (RFC 7009 section 2.1). As above. */
MUST_CHECK enum status granted_revoke_request(const struct granted_client *client,
                                              struct span refresh_token, struct buf *body);

/*
 * Reads a reply of the token endpoint. `sent` is the code or the refresh token that was sent: no
 * reason repeats it. ST_EXPIRED when the provider honours it no longer (invalid_grant), ST_CONFIG
 * (the client, the scope or the audience is not known there), ST_PROVIDER (anything else; tokens
 * that are not bearer tokens, or too long), ST_MEMORY. `granted` is written on success only, and
 * replaced whole.
 */
MUST_CHECK enum status granted_reply(int http_status, struct span body, struct span sent,
                                     struct why *why, struct granted *granted);

#endif

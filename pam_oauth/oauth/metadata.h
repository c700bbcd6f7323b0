/*
 * Provider metadata: where its document is, and what of it we use. OpenID Connect Discovery 1.0
 * sections 3 and 4, RFC 8414 sections 2 and 3. Pure: text in, struct out.
 */
#ifndef PAM_OAUTH_OAUTH_METADATA_H
#define PAM_OAUTH_OAUTH_METADATA_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/status.h"

#define METADATA_URL_MAX ((size_t)1024)

/*
 * What a provider publishes; each URL is empty when it is not there. The two endpoints are also
 * empty when they are refused, and then the reason is not: only who needs one is concerned.
 */
struct metadata {
    struct buf jwks_uri;
    struct buf device_authorization_endpoint;
    struct buf token_endpoint;
    struct why device_refused;
    struct why token_refused;
};
#define METADATA                                                                                   \
    {                                                                                              \
        .jwks_uri = BUF(METADATA_URL_MAX), .device_authorization_endpoint = BUF(METADATA_URL_MAX), \
        .token_endpoint = BUF(METADATA_URL_MAX), .device_refused = {""}, .token_refused = {        \
            ""                                                                                     \
        }                                                                                          \
    }
void metadata_done(struct metadata *metadata);

/* What a program needs that signs its own user in. */
struct metadata_client {
    struct buf authorization_endpoint;
    struct buf device_authorization_endpoint;
    struct buf token_endpoint;
    struct buf revocation_endpoint;
    bool names_issuer; /* in each authorization response (RFC 9207) */
};
#define METADATA_CLIENT                                                                            \
    {                                                                                              \
        .authorization_endpoint = BUF(METADATA_URL_MAX),                                           \
        .device_authorization_endpoint = BUF(METADATA_URL_MAX),                                    \
        .token_endpoint = BUF(METADATA_URL_MAX), .revocation_endpoint = BUF(METADATA_URL_MAX),     \
        .names_issuer = false                                                                      \
    }
void metadata_client_done(struct metadata_client *metadata);

enum metadata_form {
    METADATA_OIDC,   /* issuer + /.well-known/openid-configuration */
    METADATA_RFC8414 /* /.well-known/oauth-authorization-server between host and path */
};

/* The document's URL. ST_CONFIG when the issuer is not an https URL without query and fragment. */
MUST_CHECK enum status metadata_url(const char *issuer, enum metadata_form form, struct why *why,
                                    struct buf *url);

/*
 * Reads the document. Its `issuer` must equal `issuer` byte for byte, and `jwks_uri` must be there
 * and be https on the issuer's host or an allowed one. ST_PROVIDER with the reason otherwise
 * (quoted foreign text is escaped); ST_MEMORY. An endpoint of which the same is not true is left
 * out, with the reason (R66: every endpoint *used*): the keys are good without it.
 */
MUST_CHECK enum status metadata_parse(struct span document, const char *issuer,
                                      char *const *allowed_hosts, size_t allowed_count,
                                      struct why *why, struct metadata *metadata);

/*
 * The same for a program that signs its own user in; none of these must be there, and one that is
 * refused is ST_PROVIDER.
 */
MUST_CHECK enum status metadata_parse_client(struct span document, const char *issuer,
                                             char *const *allowed_hosts, size_t allowed_count,
                                             struct why *why, struct metadata_client *metadata);

#endif

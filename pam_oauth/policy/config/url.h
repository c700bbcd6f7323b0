/*
 * The URLs of a configuration. They are kept as they were written: an issuer is compared byte for
 * byte.
 */
#ifndef PAM_OAUTH_POLICY_CONFIG_URL_H
#define PAM_OAUTH_POLICY_CONFIG_URL_H

#include "policy/config/value.h"

/* An endpoint. */
extern const struct config_value config_url_https;

/* Without a query, and of one tenant: not a template, not Entra's `common` and the like (R28). */
extern const struct config_value config_url_issuer;

/* http or https, without userinfo and path. */
extern const struct config_value config_url_proxy;

/* `directory`, or redis:// or rediss://, a host, a port and perhaps a database. */
extern const struct config_value config_url_used_tokens;

#endif

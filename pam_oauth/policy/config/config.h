/*
 * What the administrator said: providers, services, paths. Read whole, checked whole; a
 * configuration that loads is complete and consistent, so that nothing after it checks again.
 */
#ifndef PAM_OAUTH_POLICY_CONFIG_CONFIG_H
#define PAM_OAUTH_POLICY_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/status.h"
#include "jose/alg.h"
#include "oauth/checks.h"
#include "oauth/condition.h"
#include "policy/findings.h"
#include "policy/words.h"

enum client_auth { CLIENT_AUTH_NONE, CLIENT_AUTH_BASIC, CLIENT_AUTH_POST };
enum device_display { DISPLAY_AUTO, DISPLAY_PROMPT, DISPLAY_MESSAGE };
enum qr_wanted { QR_AUTO, QR_YES, QR_NO };
enum method { METHOD_TOKEN, METHOD_DEVICE, METHOD_STORED, METHOD_COUNT };

struct place {
    const char *file;
    unsigned int line;
};

/* Every string is owned by the configuration; NULL where nothing was said and nothing is default.
 */
struct provider {
    struct place place;
    char *name;
    char *preset;
    char *issuer;
    char *client_id;
    struct words audience; /* %h already replaced */
    enum token_kind token_kind;
    char *access_token_marker; /* the text behind the next one */
    struct condition marker;   /* name.length == 0: none */
    alg_set algorithms;
    enum provider_kind kind;
    enum client_auth client_auth;
    char *client_secret_file;
    char *scope;
    char *jwks_file;
    char *jwks_uri;
    char *device_authorization_endpoint;
    char *token_endpoint;
    char *authorization_endpoint;
    struct words allowed_hosts;
    struct words hosts; /* patterns (policy/hosts.h), for askpass/ alone */
    char *ca_file;
    char *proxy;
    char *no_proxy;
    int64_t timeout_s;
    int64_t clock_skew_s;
    int64_t max_token_age_s;
    int64_t max_token_lifetime_s;
    int64_t jwks_min_age_s;
    int64_t jwks_max_age_s;
    int64_t jwks_stale_limit_s;
    struct words stable_claims;
    struct words comma_lists;
    bool mutable_claims;
};

/* One `require` line: at least one of its alternatives must hold, each a conjunction. */
struct requirement;

struct service {
    struct place place;
    char *name;
    const struct provider **providers; /* borrowed from the configuration */
    size_t provider_count;
    enum method methods[METHOD_COUNT];
    size_t method_count;
    struct requirement **requirements;
    size_t requirement_count;
    int64_t max_auth_age_s; /* 0: not asked for; so of the next two */
    int64_t remember_s;
    int64_t sign_in_within_s;
    int64_t device_timeout_s;
    int64_t device_limit; /* so many flows on the host, and so many for an account */
    int64_t device_limit_per_account;
    enum device_display device_display;
    enum qr_wanted qr;
    bool single_use;
    struct words local_users;
    struct words system_users;
};

struct paths {
    char *accounts; /* the map beside the configuration; its drop-ins are in accounts.d beside it */
    char *cache;
    char *state;
    char *run;
    char *fetcher;
    char *fetcher_user;
    char *refresher;
    char *presets;
};

/* Where used tokens are written down. */
struct store {
    char *used_tokens;   /* "directory", or a redis:// or rediss:// URL */
    char *user;          /* of that Redis, */
    char *password_file; /* NULL: it asks for none */
    char *ca_file;       /* NULL: the system's */
    int64_t timeout_s;
};

struct config {
    struct provider **providers;
    size_t provider_count;
    struct service **services;
    size_t service_count;
    struct paths paths;
    struct store store;
    struct words files; /* all that were read, presets included; places point to their names */
    struct buf texts; /* %h and all that they say, for policy/fingerprint.h; empty unless a service
                         remembers */
};

/*
 * Reads `path`, then `conf.d` beside it, then checks everything. All errors of all files are added
 * to `findings`; if there is one, the answer is ST_CONFIG and nothing is returned. ST_MEMORY.
 * `owner` is an owner besides root that files may have: 0 in the module, the caller's own uid in a
 * program that an unprivileged user runs. `host` replaces %h.
 */
MUST_CHECK enum status config_load(const char *path, uid_t owner, const char *host,
                                   struct findings *findings, struct config **ret_config);

void config_done(struct config **config);

/* The section of a service, or NULL: `[service *]` gives defaults and enables nothing. */
const struct service *config_service(const struct config *config, const char *name);

const struct provider *config_provider(const struct config *config, const char *name);

/* Is there a service that remembers? One that has sign_in_within? */
bool config_remembers(const struct config *config);
bool config_has_sign_in_within(const struct config *config);

/* Is it among the service's methods? */
bool config_has_method(const struct service *service, enum method method);

/*
 * The provider that a device flow of this service goes to: the first of kind people that has a
 * client_id. Never NULL for a service of a loaded configuration whose methods have device.
 */
const struct provider *config_device_provider(const struct service *service);

/* The Redis where used tokens are written down; NULL: this host's own directory is. */
const char *config_used_tokens_url(const struct config *config);

#endif

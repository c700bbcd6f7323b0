#include "policy/config/checks.h"

#include <string.h>

#include "base/text.h"
#include "policy/config/recent.h"
#include "policy/config/requirements.h"
#include "policy/config/store.h"
#include "policy/config/stored.h"

/* One provider or service under examination. */
struct subject {
    const struct config_build *build;
    struct findings *findings;
    const struct config_said *said;
    const struct provider *provider; /* one of the two */
    const struct service *service;
};

/* Set, be it well or badly: a bad value was reported and must not be called missing. */
static bool
is_said(const struct subject *subject, enum config_key_id id)
{
    return subject->said->by_key[id] != NULL;
}

#define ERROR_AT(subject, id, ...)                                                                 \
    do {                                                                                           \
        struct place error_place = config_said_place((subject)->said, (id));                       \
        findings_error((subject)->findings, error_place.file, error_place.line, __VA_ARGS__);      \
    } while (0)
#define WARNING_AT(subject, id, ...)                                                               \
    do {                                                                                           \
        struct place warning_place = config_said_place((subject)->said, (id));                     \
        findings_warning((subject)->findings, warning_place.file, warning_place.line,              \
                         __VA_ARGS__);                                                             \
    } while (0)

/* A service whose tokens by that method can be of the provider, or NULL. */
static const struct service *
user_of(const struct subject *subject, enum method method)
{
    const struct config *config = subject->build->config;

    for (size_t i = 0; i < config->service_count; i++) {
        const struct service *service = config->services[i];
        if (!config_has_method(service, method)) {
            continue;
        }
        if (method == METHOD_DEVICE) {
            if (config_device_provider(service) == subject->provider) {
                return service;
            }
            continue;
        }
        for (size_t j = 0; j < service->provider_count; j++) {
            if (service->providers[j] == subject->provider) {
                return service;
            }
        }
    }
    return NULL;
}

/* ---- a provider by itself ---------------------------------------------------------------------
 */

static void
check_issuer(const struct subject *subject)
{
    if (!is_said(subject, KEY_provider_issuer)) {
        ERROR_AT(subject, KEY_provider_issuer,
                 "[provider %s] has no 'issuer'; add the URL that its tokens carry as iss",
                 subject->provider->name);
    }
}

/* Has one of the audiences this host's name in it (R58)? */
static bool
names_host(const struct subject *subject)
{
    const struct words *audience = &subject->provider->audience;
    const char *host = subject->build->draft->reader.host;

    for (size_t i = 0; i < audience->count; i++) {
        if (host[0] != '\0' && strstr(audience->at[i], host) != NULL) {
            return true;
        }
    }
    return false;
}

static void
check_audience(const struct subject *subject)
{
    const struct provider *provider = subject->provider;
    const struct service *service = user_of(subject, METHOD_TOKEN);

    service = service != NULL ? service : user_of(subject, METHOD_STORED);
    if (service != NULL && !is_said(subject, KEY_provider_audience)) {
        ERROR_AT(subject, KEY_provider_audience,
                 "[provider %s] has no 'audience', without which [service %s] cannot accept its "
                 "tokens; add what they carry as aud, such as ssh://%%h",
                 provider->name, service->name);
    }
    if (provider->audience.count == 1 && provider->client_id != NULL &&
        strcmp(provider->audience.at[0], provider->client_id) == 0) {
        WARNING_AT(subject, KEY_provider_audience,
                   "'audience' is only the client_id, so a token for any host with this client is "
                   "good here; use an audience of this host's own, such as ssh://%%h");
    } else if (service != NULL && provider->audience.count > 0 && !names_host(subject)) {
        WARNING_AT(subject, KEY_provider_audience,
                   "'audience' does not name this host, so a token for any host with the same "
                   "configuration is good for [service %s]; use one of this host's own, such as "
                   "ssh://%%h",
                   service->name);
    }
}

static void
check_token_kind(const struct subject *subject)
{
    if (is_said(subject, KEY_provider_token_kind) && subject->provider->token_kind == TOKEN_ANY) {
        WARNING_AT(subject, KEY_provider_token_kind,
                   "'token_kind = any' accepts ID tokens as well as access tokens; name the one "
                   "that people present");
    }
}

static void
check_client_auth(const struct subject *subject)
{
    static const char *const words[] = {"none", "basic", "post"};
    enum client_auth auth = subject->provider->client_auth;
    bool secret = is_said(subject, KEY_provider_client_secret_file);
    const struct config_entry *entry = subject->said->by_key[KEY_provider_client_auth];

    if (entry != NULL && entry->bad) {
        return;
    }
    if (auth != CLIENT_AUTH_NONE && !secret) {
        ERROR_AT(subject, KEY_provider_client_auth,
                 "'client_auth = %s' needs a secret; add 'client_secret_file'", words[auth]);
    }
    if (auth == CLIENT_AUTH_NONE && secret) {
        ERROR_AT(subject, KEY_provider_client_secret_file,
                 "'client_secret_file' is never sent with 'client_auth = none'; set client_auth "
                 "to basic or post, or remove the file");
    }
}

static void
check_keys(const struct subject *subject)
{
    const struct provider *provider = subject->provider;

    if (is_said(subject, KEY_provider_jwks_file) && is_said(subject, KEY_provider_jwks_uri)) {
        ERROR_AT(subject, KEY_provider_jwks_uri,
                 "'jwks_uri' and 'jwks_file' exclude each other; keep one of them");
    }
    if (provider->jwks_min_age_s > provider->jwks_max_age_s) {
        ERROR_AT(subject,
                 is_said(subject, KEY_provider_jwks_min_age) ? KEY_provider_jwks_min_age
                                                             : KEY_provider_jwks_max_age,
                 "'jwks_min_age' is longer than 'jwks_max_age'; exchange them");
    }
}

static void
check_endpoints(const struct subject *subject)
{
    bool device = is_said(subject, KEY_provider_device_authorization_endpoint);
    bool browser = is_said(subject, KEY_provider_authorization_endpoint);
    bool token = is_said(subject, KEY_provider_token_endpoint);
    bool undiscovered =
        is_said(subject, KEY_provider_jwks_file) || is_said(subject, KEY_provider_jwks_uri);
    const struct service *service = user_of(subject, METHOD_DEVICE);

    if (browser && !token) {
        ERROR_AT(subject, KEY_provider_authorization_endpoint,
                 "'authorization_endpoint' alone is not enough; add 'token_endpoint', or remove it "
                 "and leave both to discovery");
    } else if (device != token && !browser) {
        ERROR_AT(subject,
                 device ? KEY_provider_device_authorization_endpoint : KEY_provider_token_endpoint,
                 "'%s' alone is not enough; add '%s', or remove it and leave both to discovery",
                 device ? "device_authorization_endpoint" : "token_endpoint",
                 device ? "token_endpoint" : "device_authorization_endpoint");
    } else if (service != NULL && undiscovered && !device) {
        ERROR_AT(subject,
                 is_said(subject, KEY_provider_jwks_uri) ? KEY_provider_jwks_uri
                                                         : KEY_provider_jwks_file,
                 "with the keys given here there is no discovery, but [service %s] uses the device "
                 "flow; add 'device_authorization_endpoint' and 'token_endpoint'",
                 service->name);
    }
}

/* A device flow ends in an ID token, and there is none without this scope (OIDC Core 3.1.2.1). */
static void
check_scope(const struct subject *subject)
{
    struct span rest = span_of(subject->provider->scope);
    struct span word;

    if (user_of(subject, METHOD_DEVICE) == NULL || subject->provider->scope == NULL) {
        return;
    }
    while (span_word(&rest, &word)) {
        if (span_is(word, "openid")) {
            return;
        }
    }
    ERROR_AT(subject, KEY_provider_scope,
             "'scope' has no openid, so that the device flow would bring no ID token; add it");
}

/* ---- providers of one issuer ------------------------------------------------------------------
 */

static bool
same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* They share the issuer's keys, so there can be only one answer to where those come from. */
static void
check_same_keys(const struct subject *subject, const struct provider *other)
{
    const struct provider *provider = subject->provider;
    const struct {
        enum config_key_id id;
        const char *mine;
        const char *others;
    } rows[] = {
        {KEY_provider_jwks_file, provider->jwks_file, other->jwks_file},
        {KEY_provider_jwks_uri, provider->jwks_uri, other->jwks_uri},
        {KEY_provider_ca_file, provider->ca_file, other->ca_file},
        {KEY_provider_proxy, provider->proxy, other->proxy},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        if (!same_text(rows[i].mine, rows[i].others)) {
            ERROR_AT(subject, rows[i].id,
                     "[provider %s] has the issuer of [provider %s] (%s:%u) but not its '%s'; they "
                     "share its keys, so say the same in both",
                     provider->name, other->name, other->place.file, other->place.line,
                     config_keys[rows[i].id].name);
        }
    }
}

/* Tokens of one issuer are told apart by audience alone (R51). */
static void
check_own_audience(const struct subject *subject, const struct provider *other)
{
    const struct provider *provider = subject->provider;

    for (size_t i = 0; i < provider->audience.count; i++) {
        if (words_have(&other->audience, provider->audience.at[i])) {
            ERROR_AT(subject, KEY_provider_audience,
                     "[provider %s] and [provider %s] (%s:%u) have the same issuer and the same "
                     "audience '%s', so a token could be of either; give each its own",
                     provider->name, other->name, other->place.file, other->place.line,
                     provider->audience.at[i]);
        }
    }
}

static void
check_siblings(const struct subject *subject)
{
    const struct config *config = subject->build->config;

    for (size_t i = 0; i < config->provider_count; i++) {
        const struct provider *other = config->providers[i];
        if (other == subject->provider) {
            return; /* each pair once, reported at the later one */
        }
        if (other->issuer != NULL && same_text(other->issuer, subject->provider->issuer)) {
            check_same_keys(subject, other);
            check_own_audience(subject, other);
        }
    }
}

/* ---- a service --------------------------------------------------------------------------------
 */

static void
check_complete(const struct subject *subject)
{
    if (!is_said(subject, KEY_service_providers)) {
        ERROR_AT(subject, KEY_service_providers,
                 "[service %s] has no 'providers'; name those whose tokens it accepts",
                 subject->service->name);
    }
    if (!is_said(subject, KEY_service_methods)) {
        ERROR_AT(subject, KEY_service_methods,
                 "[service %s] has no 'methods'; nothing is on by default, so name token, device, "
                 "stored or several of them",
                 subject->service->name);
    }
}

static size_t
count_device_providers(const struct service *service)
{
    size_t count = 0;

    for (size_t i = 0; i < service->provider_count; i++) {
        const struct provider *provider = service->providers[i];
        count += provider->kind == PROVIDER_PEOPLE && provider->client_id != NULL ? 1 : 0;
    }
    return count;
}

/* Nobody is at a browser when a job signs in (R29). */
static void
check_workloads(const struct subject *subject)
{
    const struct service *service = subject->service;

    for (size_t i = 0; i < service->provider_count; i++) {
        if (service->providers[i]->kind == PROVIDER_WORKLOAD) {
            ERROR_AT(subject, KEY_service_methods,
                     "[provider %s] is of kind workload, which has no device flow, and device is "
                     "the only method here; add token or remove the provider",
                     service->providers[i]->name);
        }
    }
}

static void
check_device(const struct subject *subject)
{
    const struct service *service = subject->service;

    if (!config_has_method(service, METHOD_DEVICE) || service->provider_count == 0) {
        return;
    }
    if (!config_has_method(service, METHOD_TOKEN)) {
        check_workloads(subject);
    }
    size_t count = count_device_providers(service);
    if (count == 0) {
        ERROR_AT(subject, KEY_service_methods,
                 "the method device needs a provider of kind people with a 'client_id'; add one to "
                 "[provider %s]",
                 service->providers[0]->name);
    }
    if (count > 1) {
        WARNING_AT(subject, KEY_service_providers,
                   "several providers could serve the method device; the first, [provider %s], "
                   "does",
                   config_device_provider(service)->name);
    }
}

/* ---- all of them ------------------------------------------------------------------------------
 */

static void
check_recent(const struct subject *subject)
{
    config_recent_check(subject->service, subject->said, subject->findings);
}

static void
check_stored(const struct subject *subject)
{
    config_stored_check(subject->service, subject->said, subject->findings);
}

static void
check_requirements(const struct subject *subject)
{
    config_requirements_check(subject->build->config, subject->service, subject->findings);
}

static void (*const provider_checks[])(const struct subject *subject) = {
    check_issuer, check_audience,  check_token_kind, check_client_auth,
    check_keys,   check_endpoints, check_scope,      check_siblings,
};

static void (*const service_checks[])(const struct subject *subject) = {
    check_complete, check_device, check_recent, check_stored, check_requirements,
};

void
config_checks_run(const struct config_build *build)
{
    const struct config *config = build->config;
    struct subject subject = {.build = build, .findings = build->draft->reader.findings};

    for (size_t i = 0; i < config->provider_count; i++) {
        subject.said = &build->providers[i];
        subject.provider = config->providers[i];
        for (size_t check = 0; check < COUNT(provider_checks); check++) {
            provider_checks[check](&subject);
        }
    }
    config_store_check(build);
    subject.provider = NULL;
    for (size_t i = 0; i < config->service_count; i++) {
        subject.said = &build->services[i];
        subject.service = config->services[i];
        /* The names of one section stand and fall together. */
        if (strcmp(subject.service->name, subject.said->section->names.at[0]) != 0) {
            continue;
        }
        for (size_t check = 0; check < COUNT(service_checks); check++) {
            service_checks[check](&subject);
        }
    }
}

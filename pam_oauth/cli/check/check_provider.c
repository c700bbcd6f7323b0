#include "cli/check/check_provider.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "login/keys/provider_keys.h"

#define ERROR_AT(check, provider, ...)                                                             \
    findings_error((check)->findings, (provider)->place.file, (provider)->place.line, __VA_ARGS__)
#define WARNING_AT(check, provider, ...)                                                           \
    findings_warning((check)->findings, (provider)->place.file, (provider)->place.line, __VA_ARGS__)

/* Does an earlier provider share its issuer, and so its keys? */
static bool
was_asked(const struct config *config, const struct provider *provider)
{
    for (size_t i = 0; config->providers[i] != provider; i++) {
        if (strcmp(config->providers[i]->issuer, provider->issuer) == 0) {
            return true;
        }
    }
    return false;
}

/* A service that sends people to this issuer with a code. */
static const struct service *
device_service(const struct config *config, const struct provider *provider)
{
    for (size_t i = 0; i < config->service_count; i++) {
        const struct service *service = config->services[i];
        for (size_t j = 0; j < service->method_count; j++) {
            if (service->methods[j] == METHOD_DEVICE &&
                strcmp(config_device_provider(service)->issuer, provider->issuer) == 0) {
                return service;
            }
        }
    }
    return NULL;
}

/* The answer was on its way from `asked_s` to now: its date lies between, or a clock is wrong. */
static void
check_clock(const struct checkup *check, const struct provider *provider,
            const struct provider_keys *keys, int64_t asked_s)
{
    struct why why = {""};
    int64_t now_s = 0;

    if (keys->date_s < 0 || clock_wall_s(&why, &now_s) != ST_OK) {
        return;
    }
    int64_t ahead_s = asked_s - keys->date_s;
    int64_t behind_s = keys->date_s - now_s;
    int64_t off_s = ahead_s > behind_s ? ahead_s : behind_s;
    if (off_s > provider->clock_skew_s) {
        ERROR_AT(check, provider,
                 "this host's clock is %lld s %s that of %s, which is more than the clock_skew of "
                 "%lld s; set it, and keep it right with NTP",
                 (long long)off_s, ahead_s > behind_s ? "ahead of" : "behind", provider->issuer,
                 (long long)provider->clock_skew_s);
    }
}

/* What a device flow would be refused with. */
static void
check_endpoints(const struct checkup *check, const struct provider *provider,
                const struct provider_keys *keys)
{
    const struct service *service = device_service(check->cli->config, provider);
    bool no_device = keys->entry.device_authorization_endpoint.length == 0;
    bool no_token = keys->entry.token_endpoint.length == 0;

    if (service == NULL || (!no_device && !no_token)) {
        return;
    }
    const struct why *refused = no_device ? &keys->device_refused : &keys->token_refused;
    if (refused->sentence[0] != '\0') {
        ERROR_AT(check, provider, "%s; the device flow of [service %s] needs it", refused->sentence,
                 service->name);
        return;
    }
    ERROR_AT(
        check, provider,
        "%s publishes no endpoint for the device flow of [service %s]; enable it there, or set "
        "device_authorization_endpoint and token_endpoint",
        provider->issuer, service->name);
}

static void
check_keys(const struct checkup *check, const struct provider *provider,
           const struct provider_keys *keys)
{
    if (keys->keyset.private_parts > 0) {
        ERROR_AT(check, provider,
                 "%s publishes a key with its private part, with which anybody can sign; have the "
                 "provider replace it",
                 provider->issuer);
    }
    if (keys->keyset.shared_kid.length > 0) {
        WARNING_AT(check, provider,
                   "%s publishes two keys of one name, so that neither is used; have the provider "
                   "give each its own",
                   provider->issuer);
    }
    check_endpoints(check, provider, keys);
}

static enum status
ask(const struct checkup *check, const struct provider *provider)
{
    struct provider_keys keys CLEANUP(provider_keys_done) = PROVIDER_KEYS;
    struct site quiet = check->cli->site;
    struct why why = {""};

    quiet.config = check->cli->config;
    quiet.log = NULL; /* what is found is a finding */
    if (clock_wall_s(&why, &quiet.clock_s) != ST_OK) {
        return ST_OK; /* which has been said */
    }
    enum status status =
        provider_keys_fetch(&quiet, provider, clock_ms() + SITE_KEYS_DEADLINE_MS, &why, &keys);
    if (status == ST_MEMORY) {
        return status;
    }
    if (status != ST_OK) {
        ERROR_AT(check, provider, "%s; without its keys nobody signs in, see pam-oauth-fetcher(8)",
                 why.sentence);
        return ST_OK;
    }
    (void)fprintf(stderr, "%s: %zu key%s of %s\n", text_quote(span_of(provider->name)).text,
                  keys.keyset.usable, keys.keyset.usable == 1 ? "" : "s",
                  text_quote(span_of(provider->issuer)).text);
    check_keys(check, provider, &keys);
    check_clock(check, provider, &keys, quiet.clock_s);
    return ST_OK;
}

enum status
check_providers(const struct checkup *check)
{
    const struct config *config = check->cli->config;

    for (size_t i = 0; i < config->provider_count; i++) {
        const struct provider *provider = config->providers[i];
        if (provider->jwks_file == NULL && !was_asked(config, provider)) {
            TRY(ask(check, provider));
        }
    }
    return ST_OK;
}

/*
 * Configurations: one that loads is complete, one that does not says why, line by line and in
 * printable text. Parts: pam_oauth.conf; conf.d/10.conf; the preset `p`; the preset `keycloak`.
 */
#include <string.h>

#include "fuzz.h"
#include "policy/config/config.h"
#include "policy/requirement.h"
#include "world.h"

#define PATH "/etc/pam_oauth/pam_oauth.conf"

static bool
has_method(const struct service *service, enum method method)
{
    bool has = false;

    for (size_t i = 0; i < service->method_count; i++) {
        has = has || service->methods[i] == method;
    }
    return has;
}

static void
check_provider(const struct config *config, const struct provider *provider)
{
    PROMISE(provider->name[0] != '\0' && provider->issuer != NULL && provider->scope != NULL);
    PROMISE(strncmp(provider->issuer, "https://", 8) == 0);
    PROMISE(provider->algorithms != 0 && (provider->algorithms >> ALG_COUNT) == 0);
    PROMISE(provider->token_kind <= TOKEN_ANY && provider->kind <= PROVIDER_WORKLOAD &&
            provider->client_auth <= CLIENT_AUTH_POST);
    PROMISE(provider->timeout_s >= 1 && provider->timeout_s <= 30);
    PROMISE(provider->clock_skew_s >= 0 && provider->clock_skew_s <= 300);
    PROMISE(provider->max_token_age_s >= 1 && provider->max_token_lifetime_s >= 1);
    PROMISE(provider->jwks_min_age_s <= provider->jwks_max_age_s);
    PROMISE(provider->client_auth == CLIENT_AUTH_NONE || provider->client_secret_file != NULL);
    PROMISE(provider->jwks_file == NULL || provider->jwks_uri == NULL);
    PROMISE((provider->access_token_marker != NULL) == (provider->marker.name.length > 0));
    PROMISE(config_provider(config, provider->name) == provider);
}

static void
check_service(const struct config *config, const struct service *service)
{
    PROMISE(service->provider_count > 0 && service->method_count > 0 &&
            service->method_count <= METHOD_COUNT);
    PROMISE(service->device_timeout_s >= 10 && service->device_timeout_s <= 1800);
    PROMISE(service->device_display <= DISPLAY_MESSAGE && service->qr <= QR_NO &&
            strcmp(service->name, "*") != 0);
    for (size_t i = 0; i < service->provider_count; i++) {
        const struct provider *provider = service->providers[i];
        PROMISE(config_provider(config, provider->name) == provider);
        PROMISE(!has_method(service, METHOD_TOKEN) || provider->audience.count > 0);
    }
    const struct provider *device = config_device_provider(service);
    if (has_method(service, METHOD_DEVICE)) {
        PROMISE(device != NULL && device->client_id != NULL && device->kind == PROVIDER_PEOPLE);
        /* Known, or left to discovery, which pinned keys do without. */
        PROMISE(device->jwks_file == NULL || device->token_endpoint != NULL);
    }
    PROMISE(!has_method(service, METHOD_STORED) ||
            (service->max_auth_age_s > 0 && service->max_auth_age_s <= 900));
    PROMISE(config_service(config, service->name) == service);
}

/* Tokens of one issuer are told apart by audience (R51). */
static void
check_pair(const struct provider *a, const struct provider *b)
{
    for (size_t i = 0; strcmp(a->issuer, b->issuer) == 0 && i < a->audience.count; i++) {
        PROMISE(!words_have(&b->audience, a->audience.at[i]));
    }
}

static void
check_config(const struct config *config)
{
    PROMISE(config->files.count >= 1 && config->paths.accounts != NULL);
    PROMISE(config->paths.fetcher[0] == '/' && config->paths.cache[0] == '/');
    for (size_t i = 0; i < config->provider_count; i++) {
        check_provider(config, config->providers[i]);
        for (size_t j = 0; j < i; j++) {
            check_pair(config->providers[i], config->providers[j]);
        }
    }
    for (size_t i = 0; i < config->service_count; i++) {
        check_service(config, config->services[i]);
    }
}

static size_t
count_lines(struct span text)
{
    struct span line;
    size_t count = 0;

    while (span_line(&text, &line)) {
        count++;
        PROMISE(fuzz_holds(line, span_of(": error: ")) || fuzz_holds(line, span_of(": warning: ")));
    }
    return count;
}

static void
load(void)
{
    struct findings findings CLEANUP(findings_done) = FINDINGS;
    struct config *config CLEANUP(config_done) = NULL;
    enum status status = fuzz_status(config_load(PATH, 0, WORLD_HOST, &findings, &config));
    struct span said = buf_span(&findings.lines);

    PROMISE((status == ST_OK) == (config != NULL));
    PROMISE(status == ST_OK || status == ST_CONFIG || fault_happened());
    PROMISE((status == ST_CONFIG) == (findings.errors > 0) || fault_happened());
    PROMISE(fuzz_is_printable(said, true));
    size_t lines = count_lines(said);
    PROMISE(lines == findings.errors + findings.warnings || fault_happened() ||
            said.length > FINDINGS_MAX / 2);
    if (config != NULL) {
        check_config(config);
    }
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    world_open();
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const files[] = {"/etc/pam_oauth/conf.d/10.conf",
                                        "/usr/share/pam_oauth/providers/p.conf",
                                        "/usr/share/pam_oauth/providers/keycloak.conf"};
    struct fuzz_input input = fuzz_input(data, size);

    world_write(PATH, fuzz_part(&input));
    for (size_t i = 0; i < COUNT(files); i++) {
        struct span part = fuzz_part(&input);
        if (part.length > 0) {
            world_write(files[i], part);
        } else {
            world_remove(files[i]);
        }
    }
    fuzz_traces_begin(size % 2 == 0);
    fault_begin(input.faults);
    load();
    fault_end();
    fuzz_traces_end();
    fuzz_done();
    return 0;
}

#include "policy/config/config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/config/build.h"
#include "policy/config/checks.h"

void
config_done(struct config **config)
{
    struct config *all = *config;

    if (all == NULL) {
        return;
    }
    for (size_t i = 0; i < all->provider_count; i++) {
        config_build_empty(SECTION_provider, all->providers[i]);
        free(all->providers[i]->name);
        free(all->providers[i]);
    }
    for (size_t i = 0; i < all->service_count; i++) {
        config_build_empty(SECTION_service, all->services[i]);
        free(all->services[i]->name);
        free(all->services[i]);
    }
    config_build_empty(SECTION_paths, &all->paths);
    config_build_empty(SECTION_store, &all->store);
    free(all->providers);
    free(all->services);
    words_done(&all->files);
    buf_done(&all->texts);
    free(all);
    *config = NULL;
}

const struct service *
config_service(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->service_count; i++) {
        if (strcmp(config->services[i]->name, name) == 0) {
            return config->services[i];
        }
    }
    return NULL;
}

const struct provider *
config_provider(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->provider_count; i++) {
        if (strcmp(config->providers[i]->name, name) == 0) {
            return config->providers[i];
        }
    }
    return NULL;
}

bool
config_remembers(const struct config *config)
{
    for (size_t i = 0; i < config->service_count; i++) {
        if (config->services[i]->remember_s > 0) {
            return true;
        }
    }
    return false;
}

bool
config_has_sign_in_within(const struct config *config)
{
    for (size_t i = 0; i < config->service_count; i++) {
        if (config->services[i]->sign_in_within_s > 0) {
            return true;
        }
    }
    return false;
}

bool
config_has_method(const struct service *service, enum method method)
{
    for (size_t i = 0; i < service->method_count; i++) {
        if (service->methods[i] == method) {
            return true;
        }
    }
    return false;
}

const struct provider *
config_device_provider(const struct service *service)
{
    for (size_t i = 0; i < service->provider_count; i++) {
        const struct provider *provider = service->providers[i];
        if (provider->kind == PROVIDER_PEOPLE && provider->client_id != NULL) {
            return provider;
        }
    }
    return NULL;
}

const char *
config_used_tokens_url(const struct config *config)
{
    const char *where = config->store.used_tokens;

    return strcmp(where, "directory") != 0 ? where : NULL;
}

/* Everything is looked at even when something was wrong before: one look shows every error. */
static enum status
read_build_and_check(struct config_build *build, const char *path)
{
    TRY(config_draft_read(build->draft, path));
    TRY(config_build_run(build));
    config_checks_run(build);
    return ST_OK;
}

/*
 * The texts that were read, not the files: those may have changed by now. A text's length and name
 * stand before it, so that no two configurations read the same.
 */
static enum status
keep_texts(const struct config_draft *draft, struct config *config)
{
    if (!config_remembers(config)) {
        return ST_OK;
    }
    config->texts = (struct buf)BUF(SIZE_MAX / 2);
    TRY(buf_printf(&config->texts, "%s\n", draft->reader.host));
    for (size_t i = 0; i < draft->files.count; i++) {
        TRY(buf_printf(&config->texts, "%zu %s\n", draft->texts[i].length, draft->files.at[i]));
        TRY(buf_add(&config->texts, buf_span(&draft->texts[i])));
    }
    return ST_OK;
}

enum status
config_load(const char *path, uid_t owner, const char *host, struct findings *findings,
            struct config **ret_config)
{
    struct config_draft draft CLEANUP(config_draft_done) = {
        .reader = {.findings = findings, .host = host},
        .owner = owner,
    };
    struct config *config CLEANUP(config_done) = calloc(1, sizeof(*config));
    struct config_build build CLEANUP(config_build_done) = {.draft = &draft, .config = config};
    unsigned int errors_before = findings->errors;

    if (config == NULL) {
        return ST_MEMORY;
    }
    TRY(read_build_and_check(&build, path));
    if (findings->errors != errors_before) {
        return ST_CONFIG;
    }
    TRY(keep_texts(&draft, config));
    config->files = draft.files;
    draft.files = (struct words){.at = NULL, .count = 0};
    *ret_config = TAKE(config);
    return ST_OK;
}

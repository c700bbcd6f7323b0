#include "policy/config/build.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "policy/dropins.h"

void
config_build_done(struct config_build *build)
{
    free(build->providers);
    free(build->services);
}

struct place
config_said_place(const struct config_said *said, enum config_key_id id)
{
    return said->by_key[id] != NULL ? said->by_key[id]->place : said->section->place;
}

void
config_build_empty(enum config_section_kind kind, void *object)
{
    for (size_t id = 0; id < KEY_COUNT; id++) {
        if (config_keys[id].section == kind) {
            config_keys[id].value->done(&config_keys[id], object);
        }
    }
}

/* ---- one value ------------------------------------------------------------------------------- */

static enum status
read_value(const struct config_build *build, const struct config_key *key, struct span text,
           struct place place, void *object)
{
    struct config_reading reading = {
        .key = key, .text = text, .place = place, .host = build->draft->reader.host};
    struct why why = {""};
    enum status status = key->value->read(&reading, object, &why);

    if (status != ST_CONFIG) {
        return status;
    }
    /* Each entry was read once before, so this is a default of ours: a bug, not to be passed by. */
    findings_error(build->draft->reader.findings, place.file != NULL ? place.file : "default",
                   place.line, "%s", why.sentence);
    return ST_OK;
}

static enum status
read_entry(const struct config_build *build, const struct config_entry *entry, void *object)
{
    return entry->bad
               ? ST_OK
               : read_value(build, &config_keys[entry->id], entry->value, entry->place, object);
}

/*
 * Fills every key of the section's struct: from the section, or else from `fallback` (which may be
 * NULL), or else from the table.
 */
static enum status
fill(const struct config_build *build, const struct config_section *section,
     const struct config_section *fallback, void *object, struct config_said *said)
{
    struct place nowhere = {.file = NULL, .line = 0};

    said->section = section;
    for (unsigned int id = 0; id < KEY_COUNT; id++) {
        const struct config_key *key = &config_keys[id];
        if (key->section != section->kind || id == KEY_service_require) {
            continue;
        }
        const struct config_entry *entry = config_section_entry(section, (enum config_key_id)id);
        if (entry == NULL && fallback != NULL) {
            entry = config_section_entry(fallback, (enum config_key_id)id);
        }
        said->by_key[id] = entry;
        if (entry != NULL) {
            TRY(read_entry(build, entry, object));
        } else if (key->initial != NULL) {
            TRY(read_value(build, key, span_of(key->initial), nowhere, object));
        }
    }
    return ST_OK;
}

/* ---- paths ----------------------------------------------------------------------------------- */

static enum status
build_paths(const struct config_build *build, const char *path)
{
    static const struct config_section nothing_said = {.kind = SECTION_paths};
    const struct config_section *section =
        config_section_find(&build->draft->sections, SECTION_paths, "");
    struct paths *paths = &build->config->paths;
    struct config_said said;

    TRY(fill(build, section != NULL ? section : &nothing_said, NULL, paths, &said));
    if (paths->accounts == NULL) {
        paths->accounts = dropins_beside(path, "accounts.map");
    }
    return paths->accounts != NULL ? ST_OK : ST_MEMORY;
}

static enum status
build_store(struct config_build *build)
{
    static const struct config_section nothing_said = {.kind = SECTION_store};
    const struct config_section *section =
        config_section_find(&build->draft->sections, SECTION_store, "");

    return fill(build, section != NULL ? section : &nothing_said, NULL, &build->config->store,
                &build->store);
}

/* ---- providers ------------------------------------------------------------------------------- */

static enum status
find_preset(const struct config_build *build, const struct config_section *section,
            const struct config_section **ret_preset)
{
    const struct config_entry *entry = config_section_entry(section, KEY_provider_preset);

    *ret_preset = NULL;
    /* Without the paths it is not known where presets are; that was reported where it was wrong. */
    if (entry == NULL || entry->bad || build->config->paths.presets == NULL) {
        return ST_OK;
    }
    return config_draft_preset(build->draft, build->config->paths.presets, entry, ret_preset);
}

static enum status
fill_provider(const struct config_build *build, const struct config_section *section,
              struct provider *provider, struct config_said *said)
{
    const struct config_section *preset = NULL;
    struct why why = {""};

    provider->place = section->place;
    provider->name = words_copy(span_of(section->names.at[0]));
    if (provider->name == NULL) {
        return ST_MEMORY;
    }
    TRY(find_preset(build, section, &preset));
    TRY(fill(build, section, preset, provider, said));
    if (provider->access_token_marker == NULL) {
        return ST_OK;
    }
    return config_value_parse_marker(provider->access_token_marker, &why, &provider->marker);
}

static enum status
build_provider(struct config_build *build, const struct config_section *section)
{
    struct config *config = build->config;
    size_t at = config->provider_count;
    struct provider **room = words_room(config->providers, at, sizeof(struct provider *));

    if (room == NULL) {
        return ST_MEMORY;
    }
    config->providers = room;
    struct config_said *said = words_room(build->providers, at, sizeof(*said));
    if (said == NULL) {
        return ST_MEMORY;
    }
    build->providers = said;
    memset(&said[at], 0, sizeof(said[at]));
    config->providers[at] = calloc(1, sizeof(struct provider));
    if (config->providers[at] == NULL) {
        return ST_MEMORY;
    }
    config->provider_count++;
    return fill_provider(build, section, config->providers[at], &said[at]);
}

/* ---- services -------------------------------------------------------------------------------- */

/* All `require` lines, which add up: the section's own and those of `[service *]`. */
static enum status
add_requirements(const struct config_build *build, const struct config_section *section,
                 struct service *service)
{
    for (size_t i = 0; section != NULL && i < section->count; i++) {
        if (section->entries[i].id == KEY_service_require) {
            TRY(read_entry(build, &section->entries[i], service));
        }
    }
    return ST_OK;
}

static void
report_provider(const struct config_build *build, const struct config_entry *entry,
                struct span name)
{
    const struct config *config = build->config;
    const char *names[64];
    size_t count = 0;

    for (size_t i = 0; i < config->provider_count && count < COUNT(names); i++) {
        names[count++] = config->providers[i]->name;
    }
    const char *nearest = text_nearest(name, names, count);
    findings_error(build->draft->reader.findings, entry->place.file, entry->place.line,
                   "there is no [provider %.*s]; %s%s%s", SPAN_ARGS(name),
                   nearest != NULL ? "did you mean '" : "add one", nearest != NULL ? nearest : "",
                   nearest != NULL ? "'?" : "");
}

/* `quiet`: the line was looked at before, for another name of the same section. */
static enum status
link_providers(const struct config_build *build, const struct config_entry *entry, bool quiet,
               struct service *service)
{
    struct span rest = entry->value;
    struct span name;

    while (span_word(&rest, &name)) {
        char *copy = words_copy(name);
        if (copy == NULL) {
            return ST_MEMORY;
        }
        const struct provider *provider = config_provider(build->config, copy);
        free(copy);
        if (provider == NULL && !quiet) {
            report_provider(build, entry, name);
        }
        if (provider == NULL) {
            continue;
        }
        const struct provider **room =
            words_room(service->providers, service->provider_count, sizeof(*room));
        if (room == NULL) {
            return ST_MEMORY;
        }
        service->providers = room;
        service->providers[service->provider_count++] = provider;
    }
    return ST_OK;
}

static enum status
fill_service(const struct config_build *build, const struct config_section *section, size_t name,
             struct service *service, struct config_said *said)
{
    const struct config_section *defaults =
        config_section_find(&build->draft->sections, SECTION_service, "*");

    service->place = section->place;
    service->name = words_copy(span_of(section->names.at[name]));
    if (service->name == NULL) {
        return ST_MEMORY;
    }
    TRY(fill(build, section, defaults, service, said));
    TRY(add_requirements(build, section, service));
    TRY(add_requirements(build, defaults, service));
    const struct config_entry *providers = said->by_key[KEY_service_providers];
    if (providers == NULL || providers->bad) {
        return ST_OK;
    }
    return link_providers(build, providers, name > 0, service);
}

static enum status
build_service(struct config_build *build, const struct config_section *section, size_t name)
{
    struct config *config = build->config;
    size_t at = config->service_count;
    struct service **room = words_room(config->services, at, sizeof(struct service *));

    if (room == NULL) {
        return ST_MEMORY;
    }
    config->services = room;
    struct config_said *said = words_room(build->services, at, sizeof(*said));
    if (said == NULL) {
        return ST_MEMORY;
    }
    build->services = said;
    memset(&said[at], 0, sizeof(said[at]));
    config->services[at] = calloc(1, sizeof(struct service));
    if (config->services[at] == NULL) {
        return ST_MEMORY;
    }
    config->service_count++;
    return fill_service(build, section, name, config->services[at], &said[at]);
}

enum status
config_build_run(struct config_build *build)
{
    const struct config_sections *sections = &build->draft->sections;

    TRY(build_paths(build, build->draft->files.at[0]));
    TRY(build_store(build));
    for (size_t i = 0; i < sections->count; i++) {
        if (sections->at[i]->kind == SECTION_provider && !sections->at[i]->bad) {
            TRY(build_provider(build, sections->at[i]));
        }
    }
    for (size_t i = 0; i < sections->count; i++) {
        const struct config_section *section = sections->at[i];
        bool named =
            section->kind == SECTION_service && !section->bad && !words_have(&section->names, "*");
        for (size_t name = 0; named && name < section->names.count; name++) {
            TRY(build_service(build, section, name));
        }
    }
    return ST_OK;
}

#include "policy/config/keys.h"

#include <stdlib.h>

#include "base/text.h"
#include "policy/config/url.h"
#include "policy/requirement.h"
#include "policy/syntax.h"

/* ---- the values that only a service has ------------------------------------------------------ */

static const char *const method_names[METHOD_COUNT] = {
    [METHOD_TOKEN] = "token",
    [METHOD_DEVICE] = "device",
    [METHOD_STORED] = "stored",
};

const char *
config_keys_method(enum method method)
{
    return method_names[method];
}

/* The list of providers is only checked here: config_build looks the names up. */
static enum status
read_names(const struct config_reading *reading, void *object, struct why *why)
{
    struct words seen CLEANUP(words_done) = {.at = NULL, .count = 0};
    struct span rest = reading->text;
    struct span word;

    (void)object;
    while (span_word(&rest, &word)) {
        if (!syntax_is_name(word)) {
            return config_value_refuse(reading, "names of providers, separated by blanks", why);
        }
        TRY(words_add(&seen, word));
        if (words_have(&(struct words){.at = seen.at, .count = seen.count - 1},
                       seen.at[seen.count - 1])) {
            return config_value_refuse(reading, "names of providers, each once", why);
        }
    }
    return ST_OK;
}

static void
names_done(const struct config_key *key, void *object)
{
    struct service *service = object;

    (void)key;
    free(service->providers);
    service->providers = NULL;
    service->provider_count = 0;
}

static enum status
read_method(const struct config_reading *reading, struct span word, struct service *service,
            struct why *why)
{
    for (unsigned int method = 0; method < METHOD_COUNT; method++) {
        if (!span_is(word, method_names[method])) {
            continue;
        }
        if (config_has_method(service, (enum method)method)) {
            return config_value_refuse(reading, "methods, each once", why);
        }
        service->methods[service->method_count++] = (enum method)method;
        return ST_OK;
    }
    return config_value_refuse(reading, "one or more of: token device stored", why);
}

static enum status
read_methods(const struct config_reading *reading, void *object, struct why *why)
{
    struct service *service = object;
    struct span rest = reading->text;
    struct span word;

    while (span_word(&rest, &word)) {
        TRY(read_method(reading, word, service, why));
    }
    return ST_OK;
}

static void
methods_done(const struct config_key *key, void *object)
{
    struct service *service = object;

    (void)key;
    service->method_count = 0;
}

static enum status
read_require(const struct config_reading *reading, void *object, struct why *why)
{
    struct service *service = object;
    char *text = words_copy(reading->text);
    struct requirement *requirement CLEANUP(requirement_done) = NULL;
    struct why cause = {""};

    if (text == NULL) {
        return ST_MEMORY;
    }
    enum status status = requirement_parse(reading->place, text, &cause, &requirement);
    free(text);
    if (status != ST_OK) {
        return status_because(why, status, "'require': %s", cause.sentence);
    }
    struct requirement **room =
        words_room(service->requirements, service->requirement_count, sizeof(struct requirement *));
    if (room == NULL) {
        return ST_MEMORY;
    }
    service->requirements = room;
    service->requirements[service->requirement_count++] = TAKE(requirement);
    return ST_OK;
}

static void
require_done(const struct config_key *key, void *object)
{
    struct service *service = object;

    (void)key;
    for (size_t i = 0; i < service->requirement_count; i++) {
        requirement_done(&service->requirements[i]);
    }
    free(service->requirements);
    service->requirements = NULL;
    service->requirement_count = 0;
}

static const struct config_value names_value = {read_names, names_done, NULL, NULL};
static const struct config_value methods_value = {read_methods, methods_done, NULL, NULL};
static const struct config_value require_value = {read_require, require_done, NULL, NULL};

/* ---- the table ------------------------------------------------------------------------------- */

#define ANY                                                                                        \
    {                                                                                              \
        .min = 0, .max = 0, .choices = NULL                                                        \
    }
#define RANGE(least, most)                                                                         \
    {                                                                                              \
        .min = (least), .max = (most), .choices = NULL                                             \
    }
#define ONE_OF(words)                                                                              \
    {                                                                                              \
        .min = 0, .max = 0, .choices = (words)                                                     \
    }
#define DAY ((int64_t)24 * 3600)

const struct config_key config_keys[KEY_COUNT] = {
#define KEY(section, name, value, field, bounds, initial, help)                                    \
    {SECTION_##section, #name, &(value), offsetof(struct section, field), bounds, initial, help},
#include "policy/config/keys.def"
#undef KEY
};

const char *const config_keys_sections[SECTION_COUNT] = {
    [SECTION_provider] = "provider",
    [SECTION_service] = "service",
    [SECTION_paths] = "paths",
    [SECTION_store] = "store",
};

enum config_key_id
config_keys_find(enum config_section_kind section, struct span name)
{
    for (unsigned int id = 0; id < KEY_COUNT; id++) {
        if (config_keys[id].section == section && span_is(name, config_keys[id].name)) {
            return (enum config_key_id)id;
        }
    }
    return KEY_COUNT;
}

const char *
config_keys_nearest(enum config_section_kind section, struct span typed)
{
    const char *names[KEY_COUNT];
    size_t count = 0;

    for (size_t id = 0; id < KEY_COUNT; id++) {
        if (config_keys[id].section == section) {
            names[count++] = config_keys[id].name;
        }
    }
    return text_nearest(typed, names, count);
}

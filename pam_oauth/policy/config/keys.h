/*
 * The keys that a configuration may hold: one table, made of keys.def, from which reading,
 * defaults, freeing and the documentation all come.
 */
#ifndef PAM_OAUTH_POLICY_CONFIG_KEYS_H
#define PAM_OAUTH_POLICY_CONFIG_KEYS_H

#include "policy/config/config.h"
#include "policy/config/value.h"

/* Named as in the file; `provider` and `service` are followed by names there. */
enum config_section_kind {
    SECTION_provider,
    SECTION_service,
    SECTION_paths,
    SECTION_store,
    SECTION_COUNT
};

/* KEY_provider_issuer and so on, in the order of the table. */
enum config_key_id {
#define KEY(section, name, value, field, bounds, initial, help) KEY_##section##_##name,
#include "policy/config/keys.def"
#undef KEY
    KEY_COUNT
};

struct config_key {
    enum config_section_kind section;
    const char *name;
    const struct config_value *value;
    size_t field; /* its place in the section's struct */
    struct config_bounds bounds;
    const char *initial; /* the default as one would write it, NULL for none */
    const char *help;    /* one sentence */
};

extern const struct config_key config_keys[KEY_COUNT];
extern const char *const config_keys_sections[SECTION_COUNT];

/* The key of that name in a section, or KEY_COUNT. */
enum config_key_id config_keys_find(enum config_section_kind section, struct span name);

/* The valid name that is nearest to what was typed, or NULL. */
const char *config_keys_nearest(enum config_section_kind section, struct span typed);

/* A method as `methods` names it. */
const char *config_keys_method(enum method method);

#endif

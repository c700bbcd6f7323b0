/*
 * Providers, services and paths, made of the sections that say what they are: what is not said
 * comes from the preset or from `[service *]`, and then from the table's defaults.
 */
#ifndef PAM_OAUTH_POLICY_CONFIG_BUILD_H
#define PAM_OAUTH_POLICY_CONFIG_BUILD_H

#include "policy/config/draft.h"

/* Which entry said what, for whoever has to name its place; NULL where a default stands. */
struct config_said {
    const struct config_section *section;
    const struct config_entry *by_key[KEY_COUNT];
};

/* Where a key was set, or where its section begins. */
struct place config_said_place(const struct config_said *said, enum config_key_id id);

struct config_build {
    struct config_draft *draft;
    struct config *config;
    struct config_said *providers; /* one for each of the configuration's */
    struct config_said *services;
    struct config_said store;
};

void config_build_done(struct config_build *build);

/* Fills the configuration. Findings are added; ST_MEMORY is all that this answers besides ST_OK. */
MUST_CHECK enum status config_build_run(struct config_build *build);

/* Empties one of a configuration's structs. */
void config_build_empty(enum config_section_kind kind, void *object);

#endif

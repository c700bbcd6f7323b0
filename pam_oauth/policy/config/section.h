/*
 * The sections of a configuration as they were written: their names and keys, each value checked
 * by itself, before anybody asks what they mean together.
 */
#ifndef PAM_OAUTH_POLICY_CONFIG_SECTION_H
#define PAM_OAUTH_POLICY_CONFIG_SECTION_H

#include "policy/config/keys.h"

/* One `key = value`. */
struct config_entry {
    enum config_key_id id;
    struct span value;
    struct place place;
    bool bad; /* refused already; nothing more is said of it */
};

/* A preset is one, too: what a [provider] section would be without a name. */
struct config_section {
    enum config_section_kind kind;
    struct span label;  /* as it stands between the brackets, or the preset's name */
    struct words names; /* of what it describes; none for [paths] and [store] */
    struct place place;
    bool bad; /* its head was refused: nothing may be made of it */
    struct config_entry *entries;
    size_t count;
};

/* All of a configuration, bad ones included; owned. */
struct config_sections {
    struct config_section **at;
    size_t count;
};

/* What reading needs to know, and where it complains. */
struct config_reader {
    struct findings *findings;
    const char *host;
};

/*
 * The section that a `[label]` opens, added to `sections` (or found there: [paths] and [store] may
 * stand in several places). NULL when there is no such section; its keys then mean nothing.
 * What is wrong is added to the findings; ST_MEMORY is all that this answers besides ST_OK.
 */
MUST_CHECK enum status config_section_open(const struct config_reader *reader, struct span label,
                                           struct place place, struct config_sections *sections,
                                           struct config_section **ret_section);

/* Adds a key with its value; findings and ST_MEMORY as above. */
MUST_CHECK enum status config_section_add(const struct config_reader *reader,
                                          struct config_section *section, struct span name,
                                          struct span value, struct place place);

/* Adds an empty section. ST_MEMORY. */
MUST_CHECK enum status config_section_new(struct config_sections *sections,
                                          struct config_section **ret_section);

/* The first entry of that key, or NULL. */
const struct config_entry *config_section_entry(const struct config_section *section,
                                                enum config_key_id id);

/* The good section of that kind and name ("" where there are no names), or NULL. */
struct config_section *config_section_find(const struct config_sections *sections,
                                           enum config_section_kind kind, const char *name);

void config_sections_done(struct config_sections *sections);

#endif

#include "policy/config/section.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "policy/syntax.h"

void
config_sections_done(struct config_sections *sections)
{
    for (size_t i = 0; i < sections->count; i++) {
        words_done(&sections->at[i]->names);
        free(sections->at[i]->entries);
        free(sections->at[i]);
    }
    free(sections->at);
    *sections = (struct config_sections){.at = NULL, .count = 0};
}

enum status
config_section_new(struct config_sections *sections, struct config_section **ret_section)
{
    struct config_section **room = words_room(sections->at, sections->count, sizeof(*room));

    if (room == NULL) {
        return ST_MEMORY;
    }
    sections->at = room;
    struct config_section *section = calloc(1, sizeof(*section));
    if (section == NULL) {
        return ST_MEMORY;
    }
    sections->at[sections->count++] = section;
    *ret_section = section;
    return ST_OK;
}

const struct config_entry *
config_section_entry(const struct config_section *section, enum config_key_id id)
{
    for (size_t i = 0; i < section->count; i++) {
        if (section->entries[i].id == id) {
            return &section->entries[i];
        }
    }
    return NULL;
}

struct config_section *
config_section_find(const struct config_sections *sections, enum config_section_kind kind,
                    const char *name)
{
    for (size_t i = 0; i < sections->count; i++) {
        struct config_section *section = sections->at[i];
        bool named =
            section->names.count == 0 ? name[0] == '\0' : words_have(&section->names, name);
        if (section->kind == kind && !section->bad && named) {
            return section;
        }
    }
    return NULL;
}

/* ---- the head -------------------------------------------------------------------------------- */

/* Names stand behind these; the others stand alone. */
static bool
has_names(enum config_section_kind kind)
{
    return kind == SECTION_provider || kind == SECTION_service;
}

static bool
find_kind(const struct config_reader *reader, struct span word, struct place place,
          enum config_section_kind *ret_kind)
{
    for (unsigned int kind = 0; kind < SECTION_COUNT; kind++) {
        if (span_is(word, config_keys_sections[kind])) {
            *ret_kind = (enum config_section_kind)kind;
            return true;
        }
    }
    const char *nearest = text_nearest(word, config_keys_sections, SECTION_COUNT);
    findings_error(reader->findings, place.file, place.line, "unknown section '%.*s'; %s%s%s",
                   SPAN_ARGS(word), nearest != NULL ? "did you mean '" : "there are provider, ",
                   nearest != NULL ? nearest : "service, paths and store",
                   nearest != NULL ? "'?" : "");
    return false;
}

/* libpam asks for services in lower case, so an upper-case name would never be found. */
static bool
is_service_name(struct span name)
{
    for (size_t i = 0; i < name.length; i++) {
        char byte = name.at[i];
        if (!text_is_lower(byte) && !text_is_digit(byte) && byte != '-' && byte != '_' &&
            byte != '.') {
            return span_is(name, "*");
        }
    }
    return name.length > 0;
}

static bool
is_good_name(const struct config_reader *reader, const struct config_section *section,
             struct span name)
{
    bool provider = section->kind == SECTION_provider;

    if (provider ? syntax_is_name(name) : is_service_name(name)) {
        return true;
    }
    findings_error(reader->findings, section->place.file, section->place.line,
                   "'%.*s' is no name of a %s; it may hold a-z, 0-9, _ and -%s", SPAN_ARGS(name),
                   config_keys_sections[section->kind], provider ? "" : ", and dots");
    return false;
}

static bool
is_new_name(const struct config_reader *reader, const struct config_sections *sections,
            const struct config_section *section, const char *name)
{
    const struct config_section *first = words_have(&section->names, name)
                                             ? section
                                             : config_section_find(sections, section->kind, name);

    if (first == NULL) {
        return true;
    }
    findings_error(reader->findings, section->place.file, section->place.line,
                   "[%s %s] appears a second time, first at %s:%u; keep one of them",
                   config_keys_sections[section->kind], name, first->place.file, first->place.line);
    return false;
}

/* Reads one name; the section is bad when the name is. */
static enum status
add_name(const struct config_reader *reader, const struct config_sections *sections,
         struct config_section *section, struct span name)
{
    char *copy = words_copy(name);

    if (copy == NULL) {
        return ST_MEMORY;
    }
    bool good = is_good_name(reader, section, name) && is_new_name(reader, sections, section, copy);
    free(copy);
    if (!good) {
        section->bad = true;
        return ST_OK;
    }
    return words_add(&section->names, name);
}

static enum status
read_names(const struct config_reader *reader, const struct config_sections *sections,
           struct config_section *section, struct span rest)
{
    const char *word = config_keys_sections[section->kind];
    struct span name;

    section->bad = false;
    while (span_word(&rest, &name)) {
        TRY(add_name(reader, sections, section, name));
    }
    if (section->bad) {
        return ST_OK;
    }
    size_t count = section->names.count;
    if (count == 0) {
        findings_error(reader->findings, section->place.file, section->place.line,
                       "[%s] needs a name, such as [%s %s]", word, word,
                       section->kind == SECTION_provider ? "corp" : "sshd");
    }
    bool alone = section->kind == SECTION_provider || words_have(&section->names, "*");
    if (count > 1 && alone) {
        findings_error(reader->findings, section->place.file, section->place.line,
                       "[%.*s] can have one name only", SPAN_ARGS(section->label));
    }
    section->bad = count == 0 || (count > 1 && alone);
    return ST_OK;
}

enum status
config_section_open(const struct config_reader *reader, struct span label, struct place place,
                    struct config_sections *sections, struct config_section **ret_section)
{
    enum config_section_kind kind;
    struct config_section *section = NULL;
    struct span rest = label;
    struct span word;

    *ret_section = NULL;
    (void)span_word(&rest, &word);
    if (!find_kind(reader, word, place, &kind)) {
        return ST_OK;
    }
    bool named = span_trim(rest).length > 0;
    *ret_section = has_names(kind) || named ? NULL : config_section_find(sections, kind, "");
    if (*ret_section != NULL) {
        return ST_OK; /* in two places, which is fine as long as no key is */
    }
    TRY(config_section_new(sections, &section));
    section->kind = kind;
    section->label = label;
    section->place = place;
    section->bad = true; /* until its names are read, lest it be found itself */
    *ret_section = section;
    if (has_names(kind)) {
        return read_names(reader, sections, section, rest);
    }
    section->bad = named;
    if (named) {
        findings_error(reader->findings, place.file, place.line, "[%s] takes no name",
                       config_keys_sections[kind]);
    }
    return ST_OK;
}

/* ---- its keys -------------------------------------------------------------------------------- */

/* Whatever section's struct a value is tried on. */
union scratch {
    struct provider provider;
    struct service service;
    struct paths paths;
    struct store store;
};

/* Reads the value into thin air, to say what is wrong with it where it stands. */
static enum status
try_value(const struct config_reader *reader, struct config_entry *entry)
{
    const struct config_key *key = &config_keys[entry->id];
    struct config_reading reading = {
        .key = key, .text = entry->value, .place = entry->place, .host = reader->host};
    union scratch scratch;
    struct why why = {""};

    memset(&scratch, 0, sizeof(scratch));
    enum status status = key->value->read(&reading, &scratch, &why);
    key->value->done(key, &scratch);
    if (status != ST_CONFIG) {
        return status;
    }
    entry->bad = true;
    findings_error(reader->findings, entry->place.file, entry->place.line, "%s", why.sentence);
    return ST_OK;
}

static void
report_unknown(const struct config_reader *reader, const struct config_section *section,
               struct span name, struct place place)
{
    const char *nearest = config_keys_nearest(section->kind, name);
    const char *elsewhere = NULL;

    for (unsigned int kind = 0; kind < SECTION_COUNT; kind++) {
        if (config_keys_find((enum config_section_kind)kind, name) != KEY_COUNT) {
            elsewhere = config_keys_sections[kind];
        }
    }
    if (elsewhere != NULL) {
        findings_error(reader->findings, place.file, place.line,
                       "unknown key '%.*s' in [%.*s]; it belongs in a [%s] section",
                       SPAN_ARGS(name), SPAN_ARGS(section->label), elsewhere);
    } else if (nearest != NULL) {
        findings_error(reader->findings, place.file, place.line,
                       "unknown key '%.*s' in [%.*s]; did you mean '%s'?", SPAN_ARGS(name),
                       SPAN_ARGS(section->label), nearest);
    } else {
        findings_error(reader->findings, place.file, place.line,
                       "unknown key '%.*s' in [%.*s]; remove it", SPAN_ARGS(name),
                       SPAN_ARGS(section->label));
    }
}

enum status
config_section_add(const struct config_reader *reader, struct config_section *section,
                   struct span name, struct span value, struct place place)
{
    enum config_key_id id = config_keys_find(section->kind, name);
    struct config_entry entry = {.id = id, .value = value, .place = place, .bad = false};

    if (id == KEY_COUNT) {
        report_unknown(reader, section, name, place);
        return ST_OK;
    }
    const struct config_entry *first = config_section_entry(section, id);
    if (first != NULL && id != KEY_service_require) {
        findings_error(reader->findings, place.file, place.line,
                       "'%s' is set twice in [%.*s], first at %s:%u; keep one of them",
                       config_keys[id].name, SPAN_ARGS(section->label), first->place.file,
                       first->place.line);
        return ST_OK;
    }
    TRY(try_value(reader, &entry));
    struct config_entry *room = words_room(section->entries, section->count, sizeof(*room));
    if (room == NULL) {
        return ST_MEMORY;
    }
    section->entries = room;
    section->entries[section->count++] = entry;
    return ST_OK;
}

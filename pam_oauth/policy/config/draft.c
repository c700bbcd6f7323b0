#include "policy/config/draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "policy/dropins.h"
#include "policy/lines.h"

/* One file; more than any configuration needs, and no burden to read at each login. */
#define CONFIG_FILE_MAX ((size_t)1024 * 1024)
#define SUFFIX ".conf"

void
config_draft_done(struct config_draft *draft)
{
    for (size_t i = 0; i < draft->text_count; i++) {
        buf_done(&draft->texts[i]);
    }
    free(draft->texts);
    words_done(&draft->files);
    config_sections_done(&draft->sections);
    config_sections_done(&draft->presets);
}

static void
free_path(char **path)
{
    free(*path);
}

/* Adds the file's name and an empty text: each file has the same place in both lists. */
static enum status
add_file(struct config_draft *draft, const char *path)
{
    struct buf *room = words_room(draft->texts, draft->text_count, sizeof(*room));

    if (room == NULL) {
        return ST_MEMORY;
    }
    draft->texts = room;
    draft->texts[draft->text_count++] = (struct buf)BUF(CONFIG_FILE_MAX);
    return words_add(&draft->files, span_of(path));
}

/* Reads a file whole; `*ret_lines` is then at its start. ST_CONFIG with the reason. */
static enum status
open_file(struct config_draft *draft, const char *path, struct why *why, struct lines *ret_lines)
{
    struct file_trust trust = {.also_owner = draft->owner, .secret = false};
    size_t at = draft->files.count;

    TRY(add_file(draft, path));
    TRY(file_read_trusted(path, trust, why, &draft->texts[at]));
    *ret_lines = (struct lines){.file = draft->files.at[at],
                                .rest = buf_span(&draft->texts[at]),
                                .number = 0,
                                .said_cr = false};
    return ST_OK;
}

static enum status
read_sections(struct config_draft *draft, struct lines *lines)
{
    struct config_section *section = NULL;
    struct line line;
    bool in_section = false;

    while (lines_next(lines, draft->reader.findings, &line)) {
        struct place place = {.file = lines->file, .line = lines->number};
        if (line.kind == LINE_SECTION) {
            in_section = true;
            TRY(config_section_open(&draft->reader, line.name, place, &draft->sections, &section));
        } else if (section != NULL) {
            TRY(config_section_add(&draft->reader, section, line.name, line.value, place));
        } else if (!in_section) {
            findings_error(draft->reader.findings, place.file, place.line,
                           "'%.*s' stands before the first section; put it below one",
                           SPAN_ARGS(line.name));
        }
    }
    return ST_OK;
}

static enum status
read_file(struct config_draft *draft, const char *path)
{
    struct lines lines;
    struct why why = {""};
    enum status status = open_file(draft, path, &why, &lines);

    if (status == ST_OK) {
        return read_sections(draft, &lines);
    }
    if (status == ST_MEMORY) {
        return status;
    }
    findings_file_error(draft->reader.findings, path, &why);
    return ST_OK;
}

enum status
config_draft_read(struct config_draft *draft, const char *path)
{
    struct words paths CLEANUP(words_done) = {.at = NULL, .count = 0};
    struct why why = {""};
    struct dropins dropins = {.directory = "conf.d", .suffix = SUFFIX};
    enum status status = dropins_and_main(path, dropins, draft->owner, &why, &paths);

    if (status == ST_CONFIG) {
        findings_file_error(draft->reader.findings, path, &why);
    } else if (status != ST_OK) {
        return status;
    }
    for (size_t i = 0; i < paths.count; i++) {
        TRY(read_file(draft, paths.at[i]));
    }
    return ST_OK;
}

/* ---- presets --------------------------------------------------------------------------------- */

/* What makes a provider this one and not another is for the administrator alone to say. */
static bool
is_own_key(enum config_key_id id)
{
    return id == KEY_provider_issuer || id == KEY_provider_client_id ||
           id == KEY_provider_client_secret_file || id == KEY_provider_preset;
}

static enum status
read_preset_lines(struct config_draft *draft, struct lines *lines, struct config_section *preset)
{
    struct findings *findings = draft->reader.findings;
    struct line line;

    while (lines_next(lines, findings, &line)) {
        struct place place = {.file = lines->file, .line = lines->number};
        if (line.kind == LINE_SECTION) {
            findings_error(findings, place.file, place.line,
                           "a preset has no sections; remove the line");
        } else if (is_own_key(config_keys_find(SECTION_provider, line.name))) {
            findings_error(findings, place.file, place.line,
                           "a preset may not set '%.*s'; set it in the [provider] section",
                           SPAN_ARGS(line.name));
        } else {
            TRY(config_section_add(&draft->reader, preset, line.name, line.value, place));
        }
    }
    return ST_OK;
}

/* Says that a preset cannot be read and, if one of those that are there was meant, which. */
static enum status
report_preset(struct config_draft *draft, const char *directory, const struct config_entry *entry,
              const struct why *why)
{
    struct words paths CLEANUP(words_done) = {.at = NULL, .count = 0};
    struct words names CLEANUP(words_done) = {.at = NULL, .count = 0};

    if (dropins_list(directory, SUFFIX, draft->owner, NULL, &paths) == ST_MEMORY) {
        return ST_MEMORY;
    }
    for (size_t i = 0; i < paths.count; i++) {
        struct span name = span_of(strrchr(paths.at[i], '/') + 1);
        name.length -= sizeof(SUFFIX) - 1;
        TRY(words_add(&names, name));
    }
    const char *nearest = text_nearest(entry->value, (const char *const *)names.at, names.count);
    findings_error(draft->reader.findings, entry->place.file, entry->place.line,
                   "the preset '%.*s' cannot be read: %s%s%s%s", SPAN_ARGS(entry->value),
                   why->sentence, nearest != NULL ? "; did you mean '" : "",
                   nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
    return ST_OK;
}

static enum status
read_preset(struct config_draft *draft, const char *directory, const struct config_entry *entry,
            struct config_section *preset)
{
    char *path CLEANUP(free_path) = NULL;
    struct lines lines;
    struct why why = {""};

    if (asprintf(&path, "%s/%.*s" SUFFIX, directory, SPAN_ARGS(entry->value)) < 0) {
        path = NULL;
        return ST_MEMORY;
    }
    enum status status = open_file(draft, path, &why, &lines);
    if (status != ST_OK) {
        preset->bad = true;
        return status == ST_MEMORY ? status : report_preset(draft, directory, entry, &why);
    }
    return read_preset_lines(draft, &lines, preset);
}

enum status
config_draft_preset(struct config_draft *draft, const char *directory,
                    const struct config_entry *entry, const struct config_section **ret_preset)
{
    struct config_section *preset = NULL;

    for (size_t i = 0; i < draft->presets.count; i++) {
        if (span_equals(draft->presets.at[i]->label, entry->value)) {
            *ret_preset = draft->presets.at[i]->bad ? NULL : draft->presets.at[i];
            return ST_OK;
        }
    }
    TRY(config_section_new(&draft->presets, &preset));
    preset->kind = SECTION_provider;
    preset->label = entry->value;
    TRY(read_preset(draft, directory, entry, preset));
    *ret_preset = preset->bad ? NULL : preset;
    return ST_OK;
}

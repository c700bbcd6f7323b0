#include "cli/check/sshd_config.h"

#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

#define FILE_TEXT_MAX ((size_t)256 * 1024)
/* sshd's own limit of files in one another. */
#define DEPTH_MAX 16
#define SETTINGS_MAX ((size_t)4096)
#define DIRECTORY "/etc/ssh/"

/* A file on its way. */
struct reading {
    const struct sshd_place *place;
    struct sshd_config *config;
    const char *file; /* the configuration's */
    unsigned int line;
    unsigned int match;
    unsigned int depth;
};

void
sshd_config_done(struct sshd_config *config)
{
    for (size_t i = 0; i < config->count; i++) {
        free(config->at[i].keyword);
        words_done(&config->at[i].arguments);
    }
    free(config->at);
    config->at = NULL;
    config->count = 0;
    words_done(&config->files);
}

const struct sshd_setting *
sshd_config_find(const struct sshd_config *config, const char *keyword, unsigned int match)
{
    for (size_t i = 0; i < config->count; i++) {
        const struct sshd_setting *setting = &config->at[i];
        if (setting->match == match && text_is_in_any_case(span_of(setting->keyword), keyword)) {
            return setting;
        }
    }
    return NULL;
}

/* ---- words ------------------------------------------------------------------------------------
 */

/* Takes blanks, and behind the keyword one `=` among them. */
static void
pass_blanks(struct span *rest, bool equals)
{
    *rest = span_trim(*rest);
    if (equals && span_starts(*rest, "=")) {
        *rest = span_trim((struct span){.at = rest->at + 1, .length = rest->length - 1});
    }
}

/* Up to a blank (a keyword: or an `=`), or all between two quotes. */
static struct span
take_word(struct span *rest, bool keyword)
{
    char quote = rest->length > 0 && (rest->at[0] == '"' || rest->at[0] == '\'') ? rest->at[0] : 0;
    size_t from = quote != 0 ? 1 : 0;
    size_t at = from;

    while (at < rest->length &&
           (quote != 0 ? rest->at[at] != quote : rest->at[at] != ' ' && rest->at[at] != '\t') &&
           !(keyword && rest->at[at] == '=')) {
        at++;
    }
    struct span word = {.at = rest->at + from, .length = at - from};
    at += quote != 0 && at < rest->length ? 1 : 0;
    *rest = (struct span){.at = rest->at + at, .length = rest->length - at};
    pass_blanks(rest, keyword);
    return word;
}

/* ---- files ------------------------------------------------------------------------------------
 */

static enum status read_file(struct reading *reading, const char *path);

/* A name without a path is beside sshd_config. */
static enum status
include_pattern(struct reading *reading, const char *pattern)
{
    struct buf path CLEANUP(buf_done) = BUF(PATH_MAX);
    glob_t found = {.gl_pathc = 0};
    enum status status = buf_printf(&path, "%s%s%s", reading->place->root,
                                    pattern[0] == '/' ? "" : DIRECTORY, pattern);

    if (status != ST_OK) {
        return status == ST_MALFORMED ? ST_OK : status;
    }
    int code = glob(buf_text(&path), 0, NULL, &found);
    for (size_t i = 0; code == 0 && status == ST_OK && i < found.gl_pathc; i++) {
        struct reading inner = *reading;
        inner.depth++;
        status = read_file(&inner, found.gl_pathv[i]);
    }
    globfree(&found);
    return code == GLOB_NOSPACE ? ST_MEMORY : status;
}

static enum status
add_setting(struct reading *reading, struct span keyword, struct span rest,
            struct sshd_setting **ret_setting)
{
    struct sshd_config *config = reading->config;
    struct sshd_setting *room = words_room(config->at, config->count, sizeof(*room));

    if (room == NULL) {
        return ST_MEMORY;
    }
    config->at = room;
    struct sshd_setting *setting = &room[config->count];
    *setting = (struct sshd_setting){
        .place = {.file = reading->file, .line = reading->line},
        .keyword = words_copy(keyword),
        .match = reading->match,
    };
    config->count++;
    while (rest.length > 0 && rest.at[0] != '#') {
        TRY(words_add(&setting->arguments, take_word(&rest, /* keyword: */ false)));
    }
    *ret_setting = setting;
    return setting->keyword != NULL ? ST_OK : ST_MEMORY;
}

static enum status
take_line(struct reading *reading, struct span line)
{
    struct sshd_setting *setting = NULL;
    struct span rest = span_trim(line);

    if (rest.length == 0 || rest.at[0] == '#' || reading->config->count == SETTINGS_MAX) {
        return ST_OK;
    }
    struct span keyword = take_word(&rest, /* keyword: */ true);
    bool match = text_is_in_any_case(keyword, "match");
    if (match) {
        reading->match = ++reading->config->matches;
    }
    TRY(add_setting(reading, keyword, rest, &setting));
    if (match && setting->arguments.count > 0 &&
        text_is_in_any_case(span_of(setting->arguments.at[0]), "all")) {
        reading->match = 0; /* back to every connection */
    }
    if (!text_is_in_any_case(keyword, "include")) {
        return ST_OK;
    }
    struct words patterns CLEANUP(words_done) = {.at = NULL, .count = 0};
    for (size_t i = 0; i < setting->arguments.count; i++) {
        TRY(words_add(&patterns, span_of(setting->arguments.at[i])));
    }
    for (size_t i = 0; i < patterns.count; i++) {
        TRY(include_pattern(reading, patterns.at[i])); /* which moves the settings */
    }
    return ST_OK;
}

static enum status
read_file(struct reading *reading, const char *path)
{
    struct buf text CLEANUP(buf_done) = BUF(FILE_TEXT_MAX);
    struct file_trust trust = {.also_owner = reading->place->owner, .secret = false};
    struct why why = {""};
    struct span line;

    if (reading->depth > DEPTH_MAX) {
        return ST_OK; /* sshd says so and does not start */
    }
    char *real = realpath(path, NULL);
    enum status status = file_read_trusted(real != NULL ? real : path, trust, &why, &text);
    free(real);
    if (status == ST_CONFIG) {
        findings_file_error(reading->place->findings, path, &why);
        return ST_OK;
    }
    TRY(status);
    TRY(words_add(&reading->config->files, span_of(path)));
    reading->file = reading->config->files.at[reading->config->files.count - 1];
    struct span rest = buf_span(&text);
    for (reading->line = 1; span_line(&rest, &line); reading->line++) {
        TRY(take_line(reading, line));
    }
    return ST_OK;
}

enum status
sshd_config_read(const struct sshd_place *place, struct sshd_config *config, bool *ret_found)
{
    struct buf path CLEANUP(buf_done) = BUF(PATH_MAX);
    struct reading reading = {.place = place, .config = config};

    TRY(buf_printf(&path, "%s%ssshd_config", place->root, DIRECTORY));
    *ret_found = access(buf_text(&path), F_OK) == 0;
    return *ret_found ? read_file(&reading, buf_text(&path)) : ST_OK;
}

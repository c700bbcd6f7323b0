#include "cli/check/pam_files.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

/* Every directory that libpam looks in, in its order. */
static const char *const directories[] = {"/etc/pam.d", "/usr/lib/pam.d"};
#define LINES_OF_ALL "/etc/pam.conf"

/* ---- where files are --------------------------------------------------------------------------
 */

static enum status
join(const struct pam_place *place, const char *directory, struct span name, struct buf *path)
{
    buf_cut(path, 0);
    return buf_printf(path, "%s%s%s%.*s", place->root, directory, directory[0] != '\0' ? "/" : "",
                      SPAN_ARGS(name));
}

/* The file that a service, or a word behind `include`, means; its path is in `path`. */
enum status
pam_files_locate(const struct pam_place *place, struct span name, struct buf *path, bool *ret_found)
{
    if (span_starts(name, "/")) {
        TRY(join(place, "", name, path));
        *ret_found = access(buf_text(path), F_OK) == 0;
        return ST_OK;
    }
    for (size_t i = 0; i < COUNT(directories); i++) {
        TRY(join(place, directories[i], name, path));
        if (access(buf_text(path), F_OK) == 0) {
            *ret_found = true;
            return ST_OK;
        }
    }
    TRY(join(place, directories[0], name, path));
    *ret_found = false;
    return ST_OK;
}

/* Some systems have links there (authselect): the file behind it is the one to be trusted. */
enum status
pam_files_read(const struct pam_place *place, const char *path, struct buf *text, bool *ret_read)
{
    struct file_trust trust = {.also_owner = place->owner, .secret = false};
    struct why why = {""};
    char *real = realpath(path, NULL);

    enum status status = real == NULL
                             ? status_because(&why, ST_CONFIG, "%s", strerrordesc_np(errno))
                             : file_read_trusted(real, trust, &why, text);
    free(real);
    *ret_read = status == ST_OK;
    if (status == ST_CONFIG) {
        findings_file_error(place->findings, path, &why);
        return ST_OK;
    }
    return status;
}

bool
pam_files_are_lines(const struct pam_place *place)
{
    struct buf path CLEANUP(buf_done) = BUF(PATH_MAX);

    return join(place, "", span_of(directories[0]), &path) != ST_OK ||
           access(buf_text(&path), F_OK) != 0;
}

enum status
pam_files_of_service(const struct pam_place *place, const char *service, struct buf *path,
                     bool *ret_found)
{
    if (!pam_files_are_lines(place)) {
        return pam_files_locate(place, span_of(service), path, ret_found);
    }
    TRY(join(place, "", span_of(LINES_OF_ALL), path));
    *ret_found = access(buf_text(path), F_OK) == 0;
    return ST_OK;
}

/* ---- services ---------------------------------------------------------------------------------
 */

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What packages and editors leave behind is no service. */
static bool
is_service(const char *name)
{
    size_t length = strlen(name);

    return name[0] != '.' && name[length - 1] != '~' && strstr(name, ".dpkg-") == NULL &&
           strstr(name, ".rpm") == NULL;
}

static enum status
list_directory(const struct pam_place *place, const char *directory, struct words *services)
{
    struct buf path CLEANUP(buf_done) = BUF(PATH_MAX);
    enum status status = join(place, "", span_of(directory), &path);
    DIR *entries = status == ST_OK ? opendir(buf_text(&path)) : NULL;
    const struct dirent *entry;

    if (entries == NULL) {
        if (status == ST_OK && errno != ENOENT) {
            findings_error(place->findings, buf_text(&path), 0, "%s; run this as root",
                           strerrordesc_np(errno));
        }
        return status;
    }
    while (status == ST_OK && (entry = readdir(entries)) != NULL) {
        if (is_service(entry->d_name) && !words_have(services, entry->d_name)) {
            status = words_add(services, span_of(entry->d_name));
        }
    }
    (void)closedir(entries);
    return status;
}

/* The first words of /etc/pam.conf. */
static enum status
list_lines(const struct pam_place *place, struct words *services)
{
    struct buf path CLEANUP(buf_done) = BUF(PATH_MAX);
    struct buf text CLEANUP(buf_done) = BUF(PAM_FILES_TEXT_MAX);
    struct span line;
    struct span word;
    bool found = false;

    TRY(join(place, "", span_of(LINES_OF_ALL), &path));
    if (access(buf_text(&path), F_OK) != 0) {
        return ST_OK;
    }
    TRY(pam_files_read(place, buf_text(&path), &text, &found));
    struct span rest = buf_span(&text);
    while (span_line(&rest, &line)) {
        if (!span_word(&line, &word) || span_starts(word, "#")) {
            continue;
        }
        TRY(words_add(services, word));
        if (words_have(&(struct words){services->at, services->count - 1},
                       services->at[services->count - 1])) {
            free(services->at[--services->count]);
        }
    }
    return ST_OK;
}

enum status
pam_files_services(const struct pam_place *place, struct words *services)
{
    if (pam_files_are_lines(place)) {
        TRY(list_lines(place, services));
    } else {
        for (size_t i = 0; i < COUNT(directories); i++) {
            TRY(list_directory(place, directories[i], services));
        }
    }
    if (services->count > 0) {
        qsort(services->at, services->count, sizeof(*services->at), by_name);
    }
    return ST_OK;
}

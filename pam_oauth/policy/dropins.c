#include "policy/dropins.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* More files than a person would keep; a login reads them all. */
#define FILES_MAX 1000

char *
dropins_beside(const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');
    struct span directory = {.at = path, .length = slash != NULL ? (size_t)(slash - path) : 0};
    char *beside = NULL;

    /* Without a slash it is the working directory, and not the root, that holds the path. */
    if (asprintf(&beside, "%.*s/%s", SPAN_ARGS(slash != NULL ? directory : span_of(".")), name) <
        0) {
        return NULL;
    }
    return beside;
}

static void
close_listing(DIR **listing)
{
    if (*listing != NULL) {
        (void)closedir(*listing);
    }
}

static void
free_path(char **path)
{
    free(*path);
}

static bool
is_wanted(const char *name, const char *suffix)
{
    size_t length = strlen(name);
    size_t tail = strlen(suffix);

    return name[0] != '.' && length > tail && strcmp(name + length - tail, suffix) == 0;
}

static enum status
add_path(const char *directory, const char *name, struct words *paths)
{
    char *path CLEANUP(free_path) = NULL;

    if (asprintf(&path, "%s/%s", directory, name) < 0) {
        path = NULL;
        return ST_MEMORY;
    }
    return words_add(paths, span_of(path));
}

static int
by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static enum status
read_listing(DIR *listing, const char *directory, const char *suffix, struct why *why,
             struct words *paths)
{
    size_t before = paths->count;

    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(listing);
        if (entry == NULL && errno != 0) {
            return status_because(why, ST_CONFIG, "%s: %s", directory, strerrordesc_np(errno));
        }
        if (entry == NULL) {
            return ST_OK;
        }
        if (!is_wanted(entry->d_name, suffix)) {
            continue;
        }
        if (paths->count - before == FILES_MAX) {
            return status_because(why, ST_CONFIG, "%s: more than %d files; merge some", directory,
                                  FILES_MAX);
        }
        TRY(add_path(directory, entry->d_name, paths));
    }
}

enum status
dropins_list(const char *directory, const char *suffix, uid_t owner, struct why *why,
             struct words *paths)
{
    struct file_trust trust = {.also_owner = owner, .secret = false};
    DIR *listing CLEANUP(close_listing) = NULL;
    struct stat status;
    int fd CLEANUP(file_close) = -1;
    size_t before = paths->count;

    if (lstat(directory, &status) != 0 && errno == ENOENT) {
        return ST_OK;
    }
    TRY(file_open_trusted_directory(directory, trust, why, &fd));
    listing = fdopendir(fd);
    if (listing == NULL) {
        return ST_MEMORY;
    }
    fd = -1; /* the listing closes it */
    TRY(read_listing(listing, directory, suffix, why, paths));
    if (paths->count > before) {
        qsort(paths->at + before, paths->count - before, sizeof(*paths->at), by_bytes);
    }
    return ST_OK;
}

enum status
dropins_and_main(const char *path, struct dropins dropins, uid_t owner, struct why *why,
                 struct words *paths)
{
    char *directory CLEANUP(free_path) = dropins_beside(path, dropins.directory);

    if (directory == NULL) {
        return ST_MEMORY;
    }
    TRY(words_add(paths, span_of(path)));
    return dropins_list(directory, dropins.suffix, owner, why, paths);
}

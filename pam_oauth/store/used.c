#include "store/used.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "store/place.h"

#define DIRECTORY "used"
#define FORGOTTEN "forgotten"
#define MODE ((mode_t)0700)
#define HOUR_S ((int64_t)3600)
#define HOUR_MAX (PLACE_SECONDS_MAX / HOUR_S)
/* So many names are looked at, and removed, for one that is added. */
#define SWEEP_MAX 64

/* The names on the way down to a token. */
struct way {
    int64_t hour;
    char hour_name[24];
    char part[3];
    const char *name;
};

static struct way
way_of(const struct used_token *token)
{
    struct way way = {.hour = token->expires_s / HOUR_S, .name = token->digest};

    (void)snprintf(way.hour_name, sizeof(way.hour_name), "%lld", (long long)way.hour);
    (void)snprintf(way.part, sizeof(way.part), "%.2s", token->digest);
    return way;
}

static enum status
failed(struct why *why, const struct used_store *store, const char *name)
{
    return status_because(why, ST_STORE,
                          "single_use: %s of the used tokens in %s: %s; without a place to write "
                          "them down no token is let in",
                          name, store->directory, strerrordesc_np(errno));
}

/* ---- going down ------------------------------------------------------------------------------ */

static int
open_directory(int parent, const char *name)
{
    return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Whoever could write there could take entries away. */
static enum status
check_directory(int fd, const struct used_store *store, const char *name, struct why *why)
{
    struct stat state;

    if (fstat(fd, &state) != 0) {
        return failed(why, store, name);
    }
    return (state.st_uid == 0 || state.st_uid == store->owner) && (state.st_mode & 022) == 0
               ? ST_OK
               : status_because(why, ST_STORE,
                                "single_use: %s of the used tokens in %s belongs to, or can be "
                                "written by, others than root (chown root, chmod go-w)",
                                name, store->directory);
}

/* A step down, into a directory that is made if it is missing; made for good, if so. */
static enum status
step_into(int parent, const struct used_store *store, const char *name, struct why *why,
          int *ret_fd)
{
    bool made = mkdirat(parent, name, MODE) == 0;

    if (!made && errno != EEXIST) {
        return failed(why, store, name);
    }
    int fd CLEANUP(file_close) = open_directory(parent, name);
    /* The host's umask may be anything. */
    if (fd < 0 || (made && (fchmod(fd, MODE) != 0 || fsync(parent) != 0))) {
        return failed(why, store, name);
    }
    TRY(check_directory(fd, store, name, why));
    *ret_fd = fd;
    fd = -1;
    return ST_OK;
}

static enum status
open_store(const struct used_store *store, struct why *why, int *ret_fd)
{
    int state CLEANUP(file_close) = -1;
    struct why cause = {""};

    if (place_open(store->directory, MODE, store->owner, &cause, &state) != ST_OK) {
        return status_because(why, ST_STORE,
                              "single_use: %s; without a place to write used tokens "
                              "down none is let in",
                              cause.sentence);
    }
    return step_into(state, store, DIRECTORY, why, ret_fd);
}

/* ---- what is forgotten ------------------------------------------------------------------------
 */

static enum status
open_forgotten(int used, const struct used_store *store, struct why *why, int *ret_fd)
{
    *ret_fd = openat(used, FORGOTTEN, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    return *ret_fd >= 0 ? ST_OK : failed(why, store, FORGOTTEN);
}

static enum status
check_remembered(int forgotten, const struct used_store *store, int64_t hour, struct why *why)
{
    struct stat state;

    if (fstat(forgotten, &state) != 0) {
        return failed(why, store, FORGOTTEN);
    }
    if (!S_ISREG(state.st_mode)) {
        return status_because(why, ST_STORE,
                              "single_use: %s/" DIRECTORY "/" FORGOTTEN " is not a file; remove it",
                              store->directory);
    }
    return state.st_size <= hour
               ? ST_OK
               : status_because(why, ST_STORE,
                                "single_use: which tokens of this one's last hour were used is "
                                "forgotten: this host's clock was ahead, or it is behind");
}

/* ---- sweeping ---------------------------------------------------------------------------------
 */

/* Removes what a directory holds, `levels` of directories deep, as far as `budget` goes. Closes it.
 */
static void
clear(int directory, unsigned int levels, int *budget)
{
    DIR *listing = fdopendir(directory);
    const struct dirent *entry;

    if (listing == NULL) {
        (void)close(directory);
        return;
    }
    while (*budget > 0 && (entry = readdir(listing)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        (*budget)--;
        int below = levels > 0 ? open_directory(directory, entry->d_name) : -1;
        if (below >= 0) {
            clear(below, levels - 1, budget);
        }
        /* What is not empty yet, or is something else, stays. */
        (void)unlinkat(directory, entry->d_name, levels > 0 ? AT_REMOVEDIR : 0);
    }
    (void)closedir(listing);
}

/* An hour before `first` of which there are entries; -1: none. */
static int64_t
find_over(int used, int64_t first)
{
    int fd = open_directory(used, ".");
    DIR *listing = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;
    int64_t hour = -1;
    int64_t found;

    if (listing == NULL) {
        file_close(&fd);
        return -1;
    }
    while (hour < 0 && (entry = readdir(listing)) != NULL) {
        if (text_number(span_of(entry->d_name), 0, HOUR_MAX, &found) && found < first) {
            hour = found;
        }
    }
    (void)closedir(listing);
    return hour;
}

/* What cannot be removed costs disk space, not a login. */
static void
sweep(int used, int forgotten, int64_t now_s)
{
    int64_t hour = find_over(used, (now_s - USED_GRACE_S) / HOUR_S);
    char name[24];
    int budget = SWEEP_MAX;

    /* One byte in its place makes the file so long, and never shorter, whoever else does the same.
     */
    if (hour < 0 || !place_may_write((size_t)hour + 1) || pwrite(forgotten, "", 1, hour) != 1) {
        return;
    }
    (void)snprintf(name, sizeof(name), "%lld", (long long)hour);
    int fd = open_directory(used, name);
    if (fd >= 0) {
        clear(fd, 1, &budget);
        (void)unlinkat(used, name, AT_REMOVEDIR);
    }
}

/* ---- one token --------------------------------------------------------------------------------
 */

static enum status
replayed(struct why *why)
{
    return status_because(why, ST_REPLAYED, USED_SENTENCE);
}

/* Makes the entry, for good: a login must not be forgotten because the power fails. */
static enum status
add(int used, const struct used_store *store, const struct way *way, struct why *why)
{
    int hour CLEANUP(file_close) = -1;
    int part CLEANUP(file_close) = -1;

    TRY(step_into(used, store, way->hour_name, why, &hour));
    TRY(step_into(hour, store, way->part, why, &part));
    int entry CLEANUP(file_close) =
        openat(part, way->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (entry < 0 && errno == EEXIST) {
        return replayed(why);
    }
    return entry >= 0 && fsync(part) == 0 ? ST_OK : failed(why, store, "an entry");
}

enum status
used_claim(const struct used_store *store, const struct used_token *token, int64_t now_s,
           struct why *why)
{
    struct way way = way_of(token);
    int used CLEANUP(file_close) = -1;
    int forgotten CLEANUP(file_close) = -1;

    TRY(open_store(store, why, &used));
    TRY(open_forgotten(used, store, why, &forgotten));
    TRY(add(used, store, &way, why));
    /* Behind the entry: that there was none counts only if none can have been removed before. */
    TRY(check_remembered(forgotten, store, way.hour, why));
    sweep(used, forgotten, now_s);
    return ST_OK;
}

/* A step down, if there is such a directory; errno says why not. */
static bool
look_into(int *directory, const char *name)
{
    int next = open_directory(*directory, name);

    file_close(directory);
    *directory = next;
    return next >= 0;
}

/* The same as check_remembered, where nothing may be made. */
static enum status
look_at_forgotten(int used, const struct used_store *store, int64_t hour, struct why *why)
{
    int fd CLEANUP(file_close) =
        openat(used, FORGOTTEN, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0) {
        return errno == ENOENT ? ST_OK : failed(why, store, FORGOTTEN);
    }
    return check_remembered(fd, store, hour, why);
}

/* ST_OK when there is no such entry, or nothing on the way to it. */
static enum status
look_for(int *fd, const struct used_store *store, const struct way *way, struct why *why)
{
    struct why cause = {""};
    struct stat entry;

    if (!look_into(fd, DIRECTORY)) {
        return errno == ENOENT ? ST_OK : failed(why, store, DIRECTORY);
    }
    enum status remembered = look_at_forgotten(*fd, store, way->hour, &cause);
    if (look_into(fd, way->hour_name) && look_into(fd, way->part) &&
        fstatat(*fd, way->name, &entry, AT_SYMLINK_NOFOLLOW) == 0) {
        return replayed(why);
    }
    if (errno != ENOENT) {
        return failed(why, store, "an entry");
    }
    return remembered == ST_OK ? ST_OK : status_because(why, remembered, "%s", cause.sentence);
}

enum status
used_look(const struct used_store *store, const struct used_token *token, struct why *why)
{
    struct file_trust trust = {.also_owner = store->owner, .secret = false};
    struct way way = way_of(token);
    int fd CLEANUP(file_close) = -1;
    struct why cause = {""};
    struct stat state;

    if (lstat(store->directory, &state) != 0 && errno == ENOENT) {
        return ST_OK;
    }
    if (file_open_trusted_directory(store->directory, trust, &cause, &fd) != ST_OK) {
        return status_because(why, ST_STORE, "single_use: %s", cause.sentence);
    }
    return look_for(&fd, store, &way, why);
}

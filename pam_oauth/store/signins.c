#include "store/signins.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/place.h"
#include "store/signins_text.h"

#define DIRECTORY "/signins"
#define DIRECTORY_MODE ((mode_t)0700)
#define FILE_MODE ((mode_t)0600)
#define SUFFIX ".signins"
/* Writing takes a millisecond. Nobody waits longer for a process that somebody stopped (R75). */
#define WAIT_MS 1000
#define LOOK_MS 10

/* ---- the files ------------------------------------------------------------------------------- */

static enum status
open_directory(struct signins_place place, struct why *why, int *ret_fd)
{
    struct buf path CLEANUP(buf_done) = BUF(PATH_MAX);
    int run CLEANUP(file_close) = -1;

    TRY(place_open(place.run, PLACE_RUN_MODE, place.owner, why, &run));
    TRY(buf_printf(&path, "%s" DIRECTORY, place.run));
    return place_open(buf_text(&path), DIRECTORY_MODE, place.owner, why, ret_fd);
}

/* Root's alone: a regular file that nobody else could have written, read or given another name. */
static bool
is_ours(int fd, uid_t owner)
{
    struct stat state;

    return fstat(fd, &state) == 0 && S_ISREG(state.st_mode) && state.st_nlink == 1 &&
           (state.st_uid == 0 || state.st_uid == owner) && (state.st_mode & 07777) == FILE_MODE;
}

/* -1 with ST_OK: there is none, or something that is not a file of ours. */
static enum status
open_file(int directory, const char *name, uid_t owner, struct why *why, int *ret_fd)
{
    int fd CLEANUP(file_close) =
        openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    *ret_fd = -1;
    if (fd < 0) {
        return errno == ENOENT || errno == ELOOP || errno == ENXIO
                   ? ST_OK
                   : status_because(why, ST_STORE, "recent sign-ins cannot be read: %s",
                                    strerrordesc_np(errno));
    }
    if (is_ours(fd, owner)) {
        *ret_fd = fd;
        fd = -1;
    }
    return ST_OK;
}

static enum status
read_file(int fd, struct why *why, struct buf *text)
{
    struct why cause = {""};
    enum status status = file_read_all(fd, &cause, text);

    if (status == ST_MALFORMED) {
        buf_cut(text, 0);
        return ST_OK;
    }
    return status == ST_OK ? ST_OK
                           : status_because(why, status, "recent sign-ins: %s", cause.sentence);
}

static enum status
load_at(int directory, const char *name, uid_t owner, const struct clock_moment *now,
        struct why *why, struct signins *signins)
{
    struct buf expected CLEANUP(buf_done) = BUF(PLACE_NAME_MAX);
    struct buf account CLEANUP(buf_done) = BUF(SIGNINS_VALUE_MAX);
    int fd CLEANUP(file_close) = -1;

    TRY(open_file(directory, name, owner, why, &fd));
    TRY(fd >= 0 ? read_file(fd, why, &signins->text) : ST_OK);
    if (!signins_text_parse(buf_span(&signins->text), now, signins)) {
        return ST_OK;
    }
    /* A file that is called like another account's is nobody's. */
    TRY(buf_add(&account, signins->account));
    TRY(place_name(buf_text(&account), SUFFIX, &expected));
    signins->known = strcmp(buf_text(&expected), name) == 0;
    return ST_OK;
}

enum status
signins_load(struct signins_place place, const char *account, const struct clock_moment *now,
             struct why *why, struct signins *signins)
{
    struct buf name CLEANUP(buf_done) = BUF(PLACE_NAME_MAX);
    int directory CLEANUP(file_close) = -1;

    TRY(place_name(account, SUFFIX, &name));
    TRY(open_directory(place, why, &directory));
    return load_at(directory, buf_text(&name), place.owner, now, why, signins);
}

/* ---- writing --------------------------------------------------------------------------------- */

/* The two names of an account's file, where they are, and the lock: the second one, open. */
struct turn {
    int directory;
    struct buf name;
    struct buf temporary;
    int fd;
};
#define TURN                                                                                       \
    {                                                                                              \
        .directory = -1, .name = BUF(PLACE_NAME_MAX), .temporary = BUF(PLACE_NAME_MAX), .fd = -1   \
    }

static void
turn_done(struct turn *turn)
{
    /* What was not renamed leaves nothing behind, unless it is another's by now. */
    if (turn->fd >= 0 && place_is_named(turn->directory, buf_text(&turn->temporary), turn->fd)) {
        (void)unlinkat(turn->directory, buf_text(&turn->temporary), 0);
    }
    file_close(&turn->fd);
    file_close(&turn->directory);
    buf_done(&turn->name);
    buf_done(&turn->temporary);
}

static enum status
find_turn(struct signins_place place, const char *account, struct why *why, struct turn *turn)
{
    TRY(place_name(account, SUFFIX, &turn->name));
    TRY(place_name(account, SUFFIX ".new", &turn->temporary));
    return open_directory(place, why, &turn->directory);
}

/* Waits for whoever writes, but not for long. False with errno. */
static bool
take_turn(struct turn *turn, int64_t now_s)
{
    int64_t until_ms = clock_ms() + WAIT_MS;

    for (;;) {
        turn->fd = place_open_temporary(turn->directory, buf_text(&turn->temporary), now_s);
        if (turn->fd >= 0 || errno != EAGAIN || clock_ms() >= until_ms) {
            return turn->fd >= 0;
        }
        (void)poll(NULL, 0, LOOK_MS);
    }
}

static enum status
not_stored(struct why *why, int error)
{
    return status_because(why, ST_STORE, "the sign-in cannot be written down: %s",
                          error == EAGAIN ? "another process is writing" : strerrordesc_np(error));
}

/* With the turn taken: what stands there, and the new one, in a file that replaces it. */
static enum status
replace(const struct turn *turn, const char *account, uid_t owner, const struct clock_moment *now,
        const struct signin *signin, struct why *why)
{
    struct signins old CLEANUP(signins_done) = SIGNINS;
    struct signins written CLEANUP(signins_done) = SIGNINS;
    struct buf text CLEANUP(buf_done) = BUF(SIGNINS_FILE_MAX);
    const char *name = buf_text(&turn->name);
    const char *temporary = buf_text(&turn->temporary);

    TRY(load_at(turn->directory, name, owner, now, why, &old));
    if (!old.known) {
        old.entries.length = 0; /* of another account's file */
    }
    TRY(signins_text_compose(account, &old, signin, now, &text));
    /* What could not be read again is not written: a byte that has no place in a line. */
    if (!signins_text_parse(buf_span(&text), now, &written) || !place_may_write(text.length)) {
        return not_stored(why, EINVAL);
    }
    if (!place_fill(turn->fd, FILE_MODE, buf_span(&text))) {
        return not_stored(why, errno);
    }
    if (!place_is_named(turn->directory, temporary, turn->fd)) {
        return not_stored(why, EAGAIN);
    }
    return renameat(turn->directory, temporary, turn->directory, name) == 0
               ? ST_OK
               : not_stored(why, errno);
}

enum status
signins_add(struct signins_place place, const char *account, const struct clock_moment *now,
            const struct signin *signin, struct why *why)
{
    struct turn turn CLEANUP(turn_done) = TURN;
    struct signin stamped;

    if (signin != NULL) {
        stamped = *signin;
        stamped.at = *now;
    }
    TRY(find_turn(place, account, why, &turn));
    if (!take_turn(&turn, now->wall_s)) {
        return not_stored(why, errno);
    }
    return replace(&turn, account, place.owner, now, signin != NULL ? &stamped : NULL, why);
}

/* ---- forgetting ------------------------------------------------------------------------------ */

enum status
signins_forget(struct signins_place place, const char *account, int64_t now_s, struct why *why,
               bool *ret_known)
{
    struct turn turn CLEANUP(turn_done) = TURN;

    TRY(find_turn(place, account, why, &turn));
    /* With the lock nobody is about to write back what he read before. Who does not give it up
     * loses the name, and with it what he has. */
    if (!take_turn(&turn, now_s)) {
        (void)unlinkat(turn.directory, buf_text(&turn.temporary), 0);
        (void)take_turn(&turn, now_s);
    }
    bool known = unlinkat(turn.directory, buf_text(&turn.name), 0) == 0;
    if (!known && errno != ENOENT) {
        return status_because(why, ST_STORE, "the sign-ins cannot be forgotten: %s",
                              strerrordesc_np(errno));
    }
    *ret_known = known;
    return ST_OK;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static void
close_listing(DIR **listing)
{
    if (*listing != NULL) {
        (void)closedir(*listing);
    }
}

static enum status
cannot_list(struct why *why, int error)
{
    return status_because(why, ST_STORE, "recent sign-ins cannot be listed: %s",
                          strerrordesc_np(error));
}

static enum status
open_listing(int directory, struct why *why, DIR **ret_listing)
{
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    *ret_listing = fd >= 0 ? fdopendir(fd) : NULL;
    if (*ret_listing == NULL) {
        int error = errno;
        file_close(&fd);
        return cannot_list(why, error);
    }
    return ST_OK;
}

static bool
is_record(const char *name)
{
    size_t length = strlen(name);

    return length > sizeof(SUFFIX) - 1 && strcmp(name + length - (sizeof(SUFFIX) - 1), SUFFIX) == 0;
}

enum status
signins_each(struct signins_place place, const struct clock_moment *now, struct why *why,
             enum status (*take)(void *into, const struct signins *signins), void *into)
{
    int directory CLEANUP(file_close) = -1;
    DIR *listing CLEANUP(close_listing) = NULL;
    const struct dirent *entry;

    TRY(open_directory(place, why, &directory));
    TRY(open_listing(directory, why, &listing));
    errno = 0;
    while ((entry = readdir(listing)) != NULL) {
        struct signins signins CLEANUP(signins_done) = SIGNINS;
        if (is_record(entry->d_name)) {
            TRY(load_at(directory, entry->d_name, place.owner, now, why, &signins));
        }
        TRY(signins.known ? take(into, &signins) : ST_OK);
        errno = 0;
    }
    return errno == 0 ? ST_OK : cannot_list(why, errno);
}

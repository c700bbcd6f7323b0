#include "store/wallet.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "store/place.h"

#define OWN_DIRECTORY "pam-oauth"
#define OWN_MODE ((mode_t)0700)
#define USERS "user"
/* Rights that nobody else may have. */
#define FOR_OTHERS ((mode_t)077)
#define TO_WRITE ((mode_t)022)
#define NEW_FILE ".new"
#define PATH_ROOM ((size_t)4096)
#define LOCK_PAUSE_MS 20

/*
 * No link, and no step into what somebody has mounted there: a file system of the user's own making
 * (FUSE) could keep a login waiting for ever. A kernel before 5.6 knows only the former.
 */
static int
open_beneath(int directory, const char *name, unsigned int flags)
{
    struct open_how how = {
        .flags = flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
        .resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH,
    };
    long fd = syscall(SYS_openat2, directory, name, &how, sizeof(how));

    if (fd < 0 && errno == ENOSYS) {
        return openat(directory, name, (int)how.flags);
    }
    return (int)fd;
}

static enum status
not_opened(const char *name, struct why *why)
{
    const char *reason = errno == ELOOP     ? "a symbolic link; remove it"
                         : errno == ENXIO   ? "not a regular file; remove it"
                         : errno == EXDEV   ? "another file system is mounted there; unmount it"
                         : errno == ENOTDIR ? "not a directory; remove it"
                         : errno == ENOSPC || errno == EDQUOT
                             ? "no space is left there; make room and try again"
                             : strerrordesc_np(errno);

    return status_because(why, ST_STORE, "%s: %s", name, reason);
}

/* Of the user, and with no right for anybody else that is in `forbidden`. */
static enum status
check_own(const struct stat *state, uid_t uid, mode_t forbidden, const char *name, struct why *why)
{
    if (state->st_uid != uid) {
        return status_because(why, ST_STORE, "%s: owned by uid %u, not by uid %u; remove it", name,
                              (unsigned int)state->st_uid, (unsigned int)uid);
    }
    if ((state->st_mode & forbidden) != 0) {
        return status_because(why, ST_STORE, "%s: open to group or others; chmod go= it", name);
    }
    return ST_OK;
}

/* ---- the directory -------------------------------------------------------------------------- */

/* What is there under that name: a directory of the user's; -1 when there is none of his. */
static enum status
take_directory(int *fd, uid_t uid, mode_t forbidden, const char *name, struct why *why)
{
    struct stat state;

    if (*fd < 0) {
        return errno == ENOENT ? ST_OK : not_opened(name, why);
    }
    if (fstat(*fd, &state) != 0) {
        return not_opened(name, why);
    }
    if (state.st_uid != uid) {
        file_close(fd);
        return ST_OK;
    }
    return check_own(&state, uid, forbidden, name, why);
}

/* `BASE/UID`, in directories to which only root or the user can write; -1 when there is none. */
static enum status
open_user(const char *base, uid_t uid, mode_t forbidden, struct why *why, int *ret_fd)
{
    struct file_trust trust = {.also_owner = uid, .secret = false};
    struct buf path CLEANUP(buf_done) = BUF(PATH_ROOM);
    struct why cause = {""};
    const char *name = NULL;
    int parent CLEANUP(file_close) = -1;
    int fd CLEANUP(file_close) = -1;

    *ret_fd = -1;
    TRY(buf_printf(&path, "%s/%u", base, (unsigned int)uid));
    if (file_open_ancestors(buf_text(&path), trust, &cause, &parent, &name) != ST_OK) {
        struct stat state;
        bool missing = lstat(base, &state) != 0 && errno == ENOENT;
        return missing ? ST_OK : status_because(why, ST_STORE, "%s", cause.sentence);
    }
    /* Not open_beneath: the system mounts a file system there for each user. */
    fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    TRY(take_directory(&fd, uid, forbidden, buf_text(&path), why));
    *ret_fd = fd;
    fd = -1;
    return ST_OK;
}

/* `pam-oauth` in the user's runtime directory; -1 when there is none of his. */
static enum status
open_in_runtime(int user, uid_t uid, struct why *why, int *ret_fd)
{
    int fd CLEANUP(file_close) = open_beneath(user, OWN_DIRECTORY, O_RDONLY | O_DIRECTORY);

    *ret_fd = -1;
    TRY(take_directory(&fd, uid, FOR_OTHERS, OWN_DIRECTORY, why));
    *ret_fd = fd;
    fd = -1;
    return ST_OK;
}

/* Others may look into /run/user/UID where a system is made that way; not write there. */
static enum status
open_runtime(const struct wallet_place *place, struct why *why, int *ret_fd)
{
    return open_user(place->runtime, place->uid, TO_WRITE, why, ret_fd);
}

static enum status
open_ours(const struct wallet_place *place, struct why *why, int *ret_fd)
{
    struct buf base CLEANUP(buf_done) = BUF(PATH_ROOM);

    TRY(buf_printf(&base, "%s/" USERS, place->run));
    return open_user(buf_text(&base), place->uid, FOR_OTHERS, why, ret_fd);
}

enum status
wallet_open(const struct wallet_place *place, struct why *why, int *ret_fd)
{
    int user CLEANUP(file_close) = -1;

    *ret_fd = -1;
    TRY(open_runtime(place, why, &user));
    if (user >= 0) {
        TRY(open_in_runtime(user, place->uid, why, ret_fd));
    }
    return *ret_fd >= 0 ? ST_OK : open_ours(place, why, ret_fd);
}

static enum status
no_place(const struct wallet_place *place, struct why *why)
{
    return status_because(why, ST_STORE,
                          "there is no directory to keep a token in: neither %s/%u nor %s/" USERS
                          "/%u; sign in once more to a service that has pam_oauth among its "
                          "session lines",
                          place->runtime, (unsigned int)place->uid, place->run,
                          (unsigned int)place->uid);
}

enum status
wallet_make(const struct wallet_place *place, struct why *why, int *ret_fd)
{
    struct buf path CLEANUP(buf_done) = BUF(PATH_ROOM);
    int user CLEANUP(file_close) = -1;

    *ret_fd = -1;
    TRY(open_runtime(place, why, &user));
    if (user >= 0) {
        TRY(buf_printf(&path, "%s/%u/" OWN_DIRECTORY, place->runtime, (unsigned int)place->uid));
        if (mkdir(buf_text(&path), OWN_MODE) != 0 && errno != EEXIST) {
            return not_opened(buf_text(&path), why);
        }
        TRY(open_in_runtime(user, place->uid, why, ret_fd));
    } else if (geteuid() == 0) {
        TRY(wallet_give(place, getegid(), why));
    }
    if (*ret_fd < 0) {
        TRY(open_ours(place, why, ret_fd));
    }
    return *ret_fd >= 0 ? ST_OK : no_place(place, why);
}

/* In a directory that root alone writes to: nobody else's name can come between these steps. */
static enum status
give(const char *path, const struct wallet_place *place, gid_t gid, struct why *why)
{
    bool made = mkdir(path, OWN_MODE) == 0;
    int fd CLEANUP(file_close) = -1;

    if (!made && errno == EEXIST) {
        return ST_OK; /* whose it is, whoever opens it asks */
    }
    TRY(place_open(path, OWN_MODE, place->uid, why, &fd));
    return made && fchmod(fd, OWN_MODE) == 0 && fchown(fd, place->uid, gid) == 0
               ? ST_OK
               : not_opened(path, why);
}

bool
wallet_has_runtime(const struct wallet_place *place)
{
    int user CLEANUP(file_close) = -1;

    return open_runtime(place, /* why: */ NULL, &user) == ST_OK && user >= 0;
}

enum status
wallet_give(const struct wallet_place *place, gid_t gid, struct why *why)
{
    struct buf path CLEANUP(buf_done) = BUF(PATH_ROOM);
    int run CLEANUP(file_close) = -1;
    int users CLEANUP(file_close) = -1;

    if (wallet_has_runtime(place)) {
        return ST_OK;
    }
    TRY(place_open(place->run, PLACE_RUN_MODE, geteuid(), why, &run));
    TRY(buf_printf(&path, "%s/" USERS, place->run));
    TRY(place_open(buf_text(&path), PLACE_RUN_MODE, geteuid(), why, &users));
    TRY(buf_printf(&path, "/%u", (unsigned int)place->uid));
    return give(buf_text(&path), place, gid, why);
}

/* ---- the files ------------------------------------------------------------------------------ */

static enum status
check_file(int fd, uid_t uid, const char *name, struct why *why)
{
    struct stat state;

    if (fstat(fd, &state) != 0) {
        return not_opened(name, why);
    }
    if (!S_ISREG(state.st_mode)) {
        return status_because(why, ST_STORE, "%s: not a regular file; remove it", name);
    }
    TRY(check_own(&state, uid, FOR_OTHERS, name, why));
    if (state.st_nlink != 1) {
        return status_because(why, ST_STORE, "%s: has another name (a hard link); remove it", name);
    }
    return ST_OK;
}

enum status
wallet_read(int directory, uid_t uid, const char *name, struct why *why, struct buf *into,
            bool *ret_found)
{
    int fd CLEANUP(file_close) = open_beneath(directory, name, O_RDONLY);
    struct why cause = {""};

    *ret_found = fd >= 0 || errno != ENOENT;
    if (!*ret_found) {
        return ST_OK;
    }
    if (fd < 0) {
        return not_opened(name, why);
    }
    TRY(check_file(fd, uid, name, why));
    enum status status = file_read_all(fd, &cause, into);
    if (status == ST_OK || status == ST_MEMORY) {
        return status;
    }
    return status_because(why, ST_STORE, "%s: %s", name, cause.sentence);
}

enum status
wallet_write(int directory, const char *name, struct span text, struct why *why)
{
    struct buf temporary CLEANUP(buf_done) = BUF(WALLET_NAME_MAX);
    int fd CLEANUP(file_close) = -1;

    if (buf_printf(&temporary, "%s" NEW_FILE, name) != ST_OK) {
        return ST_MEMORY;
    }
    /* What a process that was killed left behind; the lock keeps everybody else away. */
    (void)unlinkat(directory, buf_text(&temporary), 0);
    fd = openat(directory, buf_text(&temporary),
                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 || fchmod(fd, 0600) != 0 || !file_write_all(fd, text) || fsync(fd) != 0 ||
        renameat(directory, buf_text(&temporary), directory, name) != 0) {
        enum status status = not_opened(name, why);
        (void)unlinkat(directory, buf_text(&temporary), 0);
        return status;
    }
    return ST_OK;
}

enum status
wallet_remove(int directory, const char *name, struct why *why)
{
    return unlinkat(directory, name, 0) == 0 || errno == ENOENT ? ST_OK : not_opened(name, why);
}

enum status
wallet_lock(int directory, const char *name, int64_t deadline_ms, struct why *why, int *ret_fd)
{
    int fd CLEANUP(file_close) =
        openat(directory, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

    if (fd < 0 || fchmod(fd, 0600) != 0) {
        return not_opened(name, why);
    }
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return not_opened(name, why);
        }
        if (clock_ms() >= deadline_ms) {
            return status_because(why, ST_STORE, "%s: another pam-oauth holds it; try again", name);
        }
        (void)poll(NULL, 0, LOCK_PAUSE_MS);
    }
    *ret_fd = fd;
    fd = -1;
    return ST_OK;
}

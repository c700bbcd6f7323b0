#include "store/place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "jose/digest.h"

enum status
place_name(const char *issuer, const char *suffix, struct buf *name)
{
    TRY(digest_sha256_hex(span_of(issuer), name));
    return buf_add_text(name, suffix);
}

enum status
place_open(const char *path, mode_t mode, uid_t owner, struct why *why, int *ret_fd)
{
    struct file_trust trust = {.also_owner = owner, .secret = false};

    /* Who may not make it learns that it is missing. */
    bool made = mkdir(path, mode) == 0;
    if (file_open_trusted_directory(path, trust, why, ret_fd) != ST_OK) {
        return ST_STORE;
    }
    /* The host's umask may be anything. */
    return !made || fchmod(*ret_fd, mode) == 0
               ? ST_OK
               : status_because(why, ST_STORE, "%s: %s", path, strerrordesc_np(errno));
}

bool
place_may_write(size_t length)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur >= length;
}

bool
place_is_named(int directory, const char *name, int fd)
{
    struct stat ours;
    struct stat named;

    return fstat(fd, &ours) == 0 && fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(ours.st_mode) && ours.st_ino == named.st_ino && ours.st_dev == named.st_dev &&
           ours.st_nlink == 1;
}

int
place_open_temporary(int directory, const char *name, int64_t now_s)
{
    struct stat state;

    for (int tries = 0; tries < 2; tries++) {
        int fd CLEANUP(file_close) =
            openat(directory, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
        if (fd < 0 || fstat(fd, &state) != 0) {
            return -1;
        }
        bool locked = flock(fd, LOCK_EX | LOCK_NB) == 0;
        if (locked && place_is_named(directory, name, fd)) {
            int temporary = fd;
            fd = -1;
            return temporary;
        }
        bool stuck = !locked && now_s - (int64_t)state.st_mtim.tv_sec >= PLACE_HOLD_MAX_S;
        if (stuck || state.st_nlink > 1) {
            (void)unlinkat(directory, name, 0);
        }
    }
    errno = EAGAIN;
    return -1;
}

bool
place_fill(int fd, mode_t mode, struct span text)
{
    /* fchown and fchmod: a leftover may be anybody's, and the host's umask anything. */
    return fchown(fd, geteuid(), (gid_t)-1) == 0 && fchmod(fd, mode) == 0 &&
           ftruncate(fd, 0) == 0 && file_write_all(fd, text) && fsync(fd) == 0;
}

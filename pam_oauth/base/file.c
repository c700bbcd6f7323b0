#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of what does not say how much it holds. */
#define READ_PIECE 65536

void
file_close(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

static bool
owner_is_trusted(const struct stat *status, struct file_trust trust)
{
    return status->st_uid == 0 || status->st_uid == trust.also_owner;
}

/* A directory in which nobody else can put or replace a name: a sticky one of root's included. */
static enum status
check_directory(int fd, struct span path, struct file_trust trust, struct why *why)
{
    struct stat status;

    if (fstat(fd, &status) != 0) {
        return status_because(why, ST_CONFIG, "%.*s: %s", SPAN_ARGS(path), strerrordesc_np(errno));
    }
    if (!owner_is_trusted(&status, trust)) {
        return status_because(
            why, ST_CONFIG, "%.*s: directory owned by uid %u; it must belong to root (chown root)",
            SPAN_ARGS(path), (unsigned int)status.st_uid);
    }
    bool sticky_root = status.st_uid == 0 && (status.st_mode & S_ISVTX) != 0;
    if ((status.st_mode & 022) != 0 && !sticky_root) {
        return status_because(why, ST_CONFIG,
                              "%.*s: directory writable by group or others; chmod go-w it",
                              SPAN_ARGS(path));
    }
    return ST_OK;
}

static enum status
check_file(int fd, const char *name, struct file_trust trust, struct why *why)
{
    struct stat status;

    if (fstat(fd, &status) != 0) {
        return status_because(why, ST_CONFIG, "%s: %s", name, strerrordesc_np(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        return status_because(why, ST_CONFIG, "%s: not a regular file", name);
    }
    if (!owner_is_trusted(&status, trust)) {
        return status_because(why, ST_CONFIG,
                              "%s: owned by uid %u; it must belong to root (chown root)", name,
                              (unsigned int)status.st_uid);
    }
    if ((status.st_mode & 022) != 0) {
        return status_because(why, ST_CONFIG, "%s: writable by group or others; chmod go-w it",
                              name);
    }
    if (trust.secret && (status.st_mode & 044) != 0) {
        return status_because(why, ST_CONFIG,
                              "%s: a secret readable by group or others; chmod go-r it", name);
    }
    return ST_OK;
}

/* One step down. O_PATH lets us pass through directories that we may enter but not read. */
static enum status
step_into(int *directory, struct span name, const char *path, struct file_trust trust,
          struct why *why)
{
    char step[256];

    if (name.length >= sizeof(step)) {
        return status_because(why, ST_CONFIG, "%s: a name in it is too long", path);
    }
    memcpy(step, name.at, name.length);
    step[name.length] = '\0';
    int next = openat(*directory, step, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0) {
        bool link = errno == ELOOP || errno == ENOTDIR;
        return status_because(why, ST_CONFIG, "%s: %s: %s", path, step,
                              link ? "not a directory, or a symbolic link; name the real path"
                                   : strerrordesc_np(errno));
    }
    file_close(directory);
    *directory = next;
    /* The path down to here: of several directories the sentence names the one at fault. */
    struct span so_far = {.at = path, .length = (size_t)(name.at + name.length - path)};
    return check_directory(next, so_far, trust, why);
}

enum status
file_open_ancestors(const char *path, struct file_trust trust, struct why *why, int *ret_directory,
                    const char **ret_name)
{
    struct span rest = span_of(path);
    struct span step;
    struct span after;
    int directory CLEANUP(file_close) = -1;

    if (path[0] != '/') {
        return status_because(why, ST_CONFIG, "%s: not an absolute path", path);
    }
    directory = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) {
        return status_because(why, ST_CONFIG, "/: %s", strerrordesc_np(errno));
    }
    TRY(check_directory(directory, span_of("/"), trust, why));
    while (span_cut(rest, '/', &step, &after)) {
        if (step.length > 0) {
            TRY(step_into(&directory, step, path, trust, why));
        }
        rest = after;
    }
    if (rest.length == 0) {
        return status_because(why, ST_CONFIG, "%s: does not name a file", path);
    }
    *ret_directory = directory;
    *ret_name = rest.at;
    directory = -1;
    return ST_OK;
}

static enum status
open_checked(int directory, const char *name, const char *path, int flags, struct why *why,
             int *ret_fd)
{
    /* O_NONBLOCK: a FIFO in the place of the file must not hang a login. */
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags);

    if (fd < 0) {
        return status_because(why, ST_CONFIG, "%s: %s", path,
                              errno == ELOOP ? "a symbolic link; name the real file"
                                             : strerrordesc_np(errno));
    }
    *ret_fd = fd;
    return ST_OK;
}

enum status
file_open_trusted(const char *path, struct file_trust trust, struct why *why, int *ret_fd)
{
    int directory CLEANUP(file_close) = -1;
    int fd CLEANUP(file_close) = -1;
    const char *name = NULL;

    TRY(file_open_ancestors(path, trust, why, &directory, &name));
    TRY(open_checked(directory, name, path, 0, why, &fd));
    TRY(check_file(fd, path, trust, why));
    *ret_fd = fd;
    fd = -1;
    return ST_OK;
}

enum status
file_open_trusted_directory(const char *path, struct file_trust trust, struct why *why, int *ret_fd)
{
    int directory CLEANUP(file_close) = -1;
    int fd CLEANUP(file_close) = -1;
    const char *name = NULL;

    TRY(file_open_ancestors(path, trust, why, &directory, &name));
    TRY(open_checked(directory, name, path, O_DIRECTORY, why, &fd));
    TRY(check_directory(fd, span_of(path), trust, why));
    *ret_fd = fd;
    fd = -1;
    return ST_OK;
}

enum status
file_open_trusted_at(int directory, const char *name, struct file_trust trust, struct why *why,
                     int *ret_fd)
{
    int fd CLEANUP(file_close) = -1;

    TRY(open_checked(directory, name, name, 0, why, &fd));
    TRY(check_file(fd, name, trust, why));
    *ret_fd = fd;
    fd = -1;
    return ST_OK;
}

/* How much to ask for: all that the file says it has left and a byte, so that its end is seen. */
static size_t
piece_for(int fd, size_t read_so_far)
{
    struct stat status;

    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) ||
        (uint64_t)status.st_size < read_so_far) {
        return READ_PIECE;
    }
    return (size_t)status.st_size - read_so_far + 1;
}

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

enum status
file_read_all(int fd, struct why *why, struct buf *into)
{
    for (;;) {
        size_t left = into->limit - into->length;
        size_t piece = piece_for(fd, into->length);
        char beyond = 0;
        /* With the buffer full, one more byte tells "exactly full" from "too large". */
        size_t most = left > 0 ? least(left, piece) : 1;
        char *room = left > 0 ? buf_reserve(into, most) : &beyond;
        if (room == NULL) {
            return status_because(why, ST_MEMORY, "out of memory while reading a file");
        }
        ssize_t got = read(fd, room, most);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return status_because(why, ST_STORE, "reading failed: %s", strerrordesc_np(errno));
        }
        if (got == 0) {
            return ST_OK;
        }
        if (left == 0) {
            return status_because(why, ST_MALFORMED, "larger than %zu bytes", into->limit);
        }
        buf_grew(into, (size_t)got);
    }
}

enum status
file_read_trusted(const char *path, struct file_trust trust, struct why *why, struct buf *into)
{
    int fd CLEANUP(file_close) = -1;
    struct why cause = {""};

    TRY(file_open_trusted(path, trust, why, &fd));
    enum status status = file_read_all(fd, &cause, into);
    if (status == ST_OK || status == ST_MEMORY) {
        return status;
    }
    return status_because(why, ST_CONFIG, "%s: %s", path, cause.sentence);
}

enum status
file_read_secret(const char *path, uid_t also_owner, struct why *why, struct buf *into)
{
    struct file_trust trust = {.also_owner = also_owner, .secret = true};

    TRY(file_read_trusted(path, trust, why, into));
    while (into->length > 0 &&
           (into->at[into->length - 1] == '\n' || into->at[into->length - 1] == '\r')) {
        buf_cut(into, into->length - 1);
    }
    return into->length > 0 && memchr(into->at, '\0', into->length) == NULL
               ? ST_OK
               : status_because(why, ST_CONFIG, "%s: no secret in it", path);
}

bool
file_write_all(int fd, struct span bytes)
{
    while (bytes.length > 0) {
        ssize_t wrote = write(fd, bytes.at, bytes.length);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote <= 0) {
            return false;
        }
        bytes.at += wrote;
        bytes.length -= (size_t)wrote;
    }
    return true;
}

/*
 * Files, accounts, clock and randomness of the world (world.h), and how they fail. Outside of the
 * code under test every wrapper passes the call on.
 */
#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/guard.h"
#include "world.h"
#include "wrap.h"

/* ---- files ----------------------------------------------------------------------------------- */

WRAP_ERRNO(int, fchmod, (int fd, mode_t mode), (fd, mode), -1, EROFS)
WRAP_ERRNO(int, ftruncate, (int fd, off_t length), (fd, length), -1, EIO)
WRAP_ERRNO(int, fsync, (int fd), (fd), -1, EIO)
WRAP_ERRNO(int, flock, (int fd, int operation), (fd, operation), -1, EWOULDBLOCK)
WRAP_ERRNO(int, renameat, (int from, const char *old, int to, const char *new),
           (from, old, to, new), -1, EDQUOT)
WRAP_ERRNO(int, unlinkat, (int directory, const char *name, int flags), (directory, name, flags),
           -1, EBUSY)
WRAP_ERRNO(int, mkdirat, (int directory, const char *name, mode_t mode), (directory, name, mode),
           -1, ENOSPC)
WRAP_ERRNO(DIR *, fdopendir, (int fd), (fd), NULL, ENOMEM)
WRAP_ERRNO(struct dirent *, readdir, (DIR * listing), (listing), NULL, EIO)

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_openat(int directory, const char *name, int flags, ...);
int __wrap_openat(int directory, const char *name, int flags, ...);
int __real_lstat(const char *path, struct stat *status);
int __wrap_lstat(const char *path, struct stat *status);
int __real_fstat(int fd, struct stat *status);
int __wrap_fstat(int fd, struct stat *status);
int __real_fstatat(int directory, const char *name, struct stat *status, int flags);
int __wrap_fstatat(int directory, const char *name, struct stat *status, int flags);
int __real_fchown(int fd, uid_t owner, gid_t group);
int __wrap_fchown(int fd, uid_t owner, gid_t group);
int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __real_getrlimit(int resource, struct rlimit *limit);
int __wrap_getrlimit(int resource, struct rlimit *limit);
int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
ssize_t __real_read(int fd, void *into, size_t room);
ssize_t __wrap_read(int fd, void *into, size_t room);
ssize_t __real_write(int fd, const void *from, size_t length);
ssize_t __wrap_write(int fd, const void *from, size_t length);
ssize_t __real_pread(int fd, void *into, size_t room, off_t at);
ssize_t __wrap_pread(int fd, void *into, size_t room, off_t at);
ssize_t __real_pwrite(int fd, const void *from, size_t length, off_t at);
ssize_t __wrap_pwrite(int fd, const void *from, size_t length, off_t at);

static int
fail(int error)
{
    errno = error;
    return -1;
}

static mode_t
mode_of(int flags, va_list arguments)
{
    return (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
}

/* The only path that is ever opened whole is the root; from there it goes down step by step. */
int
__wrap_open(const char *path, int flags, ...)
{
    static const int errors[] = {EMFILE, EACCES, EIO};
    va_list arguments;

    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    if (fault_due()) {
        return fail(errors[fault_way(COUNT(errors))]);
    }
    bool is_root = fault_watching() && strcmp(path, "/") == 0;
    return __real_open(is_root ? world_root() : path, flags, mode);
}

int
__wrap_openat(int directory, const char *name, int flags, ...)
{
    static const int errors[] = {EMFILE, ENOENT, EACCES, ELOOP, ENOTDIR, EIO};
    va_list arguments;

    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    if (fault_due()) {
        return fail(errors[fault_way(COUNT(errors))]);
    }
    /* Nothing above the world's root. */
    bool up = fault_watching() && strcmp(name, "..") == 0;
    return __real_openat(directory, up ? "." : name, flags, mode);
}

/* Whoever runs this: the files of the world are root's. */
static int
as_root(int result, struct stat *status)
{
    if (result == 0 && fault_watching()) {
        status->st_uid = 0;
        status->st_gid = 0;
    }
    return result;
}

/* Where a path of the world is outside of it; false if there is no room for it. */
static bool
outside(const char *path, char into[4096])
{
    return snprintf(into, 4096, "%s%s", world_root(), path) < 4096;
}

int
__wrap_lstat(const char *path, struct stat *status)
{
    char real[4096];

    if (fault_due()) {
        return fail(EACCES);
    }
    if (!fault_watching()) {
        return __real_lstat(path, status);
    }
    return outside(path, real) ? as_root(__real_lstat(real, status), status) : fail(ENAMETOOLONG);
}

int
__wrap_mkdir(const char *path, mode_t mode)
{
    char real[4096];

    if (fault_due()) {
        return fail(EROFS);
    }
    if (!fault_watching()) {
        return __real_mkdir(path, mode);
    }
    return outside(path, real) ? __real_mkdir(real, mode) : fail(ENAMETOOLONG);
}

/* Another file than the one that was opened, or none any more. */
int
__wrap_fstatat(int directory, const char *name, struct stat *status, int flags)
{
    if (!fault_due()) {
        return as_root(__real_fstatat(directory, name, status, flags), status);
    }
    if (fault_way(2) == 0 || __real_fstatat(directory, name, status, flags) != 0) {
        return fail(ENOENT);
    }
    status->st_ino++;
    return 0;
}

/* Whoever runs this cannot give files away, and everything is root's already. */
int
__wrap_fchown(int fd, uid_t owner, gid_t group)
{
    if (fault_due()) {
        return fail(EPERM);
    }
    return fault_watching() ? 0 : __real_fchown(fd, owner, group);
}

int
__wrap_getrlimit(int resource, struct rlimit *limit)
{
    if (!fault_watching()) {
        return __real_getrlimit(resource, limit);
    }
    limit->rlim_cur = fault_due() ? 0 : RLIM_INFINITY;
    limit->rlim_max = RLIM_INFINITY;
    return 0;
}

int
__wrap_fstat(int fd, struct stat *status)
{
    if (!fault_due()) {
        return as_root(__real_fstat(fd, status), status);
    }
    /* It fails, or shows a file that nobody may trust. */
    unsigned int way = fault_way(5);
    if (way == 0 || __real_fstat(fd, status) != 0) {
        return fail(EIO);
    }
    status->st_uid = way == 1 ? 1000 : 0;
    status->st_mode |= way == 2 ? S_IWGRP : way == 3 ? S_IWOTH : 0;
    if (way == 4) {
        status->st_mode = (status->st_mode & ~(mode_t)S_IFMT) | S_IFIFO;
    }
    return 0;
}

/* Only for F_DUPFD_CLOEXEC here. */
/* Descriptors are duplicated, and parts of a file are locked, which others may have locked before.
 */
int
__wrap_fcntl(int fd, int command, ...)
{
    static const int errors[] = {EAGAIN, EINVAL, EACCES};
    va_list arguments;

    if (command == F_OFD_SETLK || command == F_OFD_GETLK) {
        va_start(arguments, command);
        struct flock *lock = va_arg(arguments, struct flock *);
        va_end(arguments);
        return fault_due() ? fail(errors[fault_way(COUNT(errors))])
                           : __real_fcntl(fd, command, lock);
    }
    va_start(arguments, command);
    int argument = va_arg(arguments, int);
    va_end(arguments);
    return fault_due() ? fail(EMFILE) : __real_fcntl(fd, command, argument);
}

ssize_t
__wrap_read(int fd, void *into, size_t room)
{
    if (!fault_due()) {
        return __real_read(fd, into, room);
    }
    switch (fault_way(4)) {
    case 1:
        return fail(EINTR);
    case 2:
        return 0; /* the file was cut while it was read */
    case 3:
        return __real_read(fd, into, room > 1 ? room / 2 : room);
    default:
        return fail(EIO);
    }
}

ssize_t
__wrap_write(int fd, const void *from, size_t length)
{
    if (!fault_due()) {
        return __real_write(fd, from, length);
    }
    switch (fault_way(4)) {
    case 1:
        return fail(EINTR);
    case 2:
        return __real_write(fd, from, length / 2);
    default:
        return fail(ENOSPC);
    }
}

/* It fails, or finds less than there is. */
ssize_t
__wrap_pread(int fd, void *into, size_t room, off_t at)
{
    if (!fault_due()) {
        return __real_pread(fd, into, room, at);
    }
    return fault_way(2) == 0 ? fail(EIO) : __real_pread(fd, into, room / 2, at);
}

ssize_t
__wrap_pwrite(int fd, const void *from, size_t length, off_t at)
{
    return fault_due() ? fail(ENOSPC) : __real_pwrite(fd, from, length, at);
}

/* ---- who and where --------------------------------------------------------------------------- */

uid_t __real_getuid(void);
uid_t __wrap_getuid(void);
uid_t __real_geteuid(void);
uid_t __wrap_geteuid(void);
int __real_gethostname(char *name, size_t room);
int __wrap_gethostname(char *name, size_t room);
int __real_getpwnam_r(const char *name, struct passwd *entry, char *room, size_t length,
                      struct passwd **found);
int __wrap_getpwnam_r(const char *name, struct passwd *entry, char *room, size_t length,
                      struct passwd **found);

uid_t
__wrap_getuid(void)
{
    return fault_watching() ? 0 : __real_getuid();
}

uid_t
__wrap_geteuid(void)
{
    return fault_watching() ? 0 : __real_geteuid();
}

int
__wrap_gethostname(char *name, size_t room)
{
    if (fault_due()) {
        return fail(ENAMETOOLONG);
    }
    if (!fault_watching()) {
        return __real_gethostname(name, room);
    }
    (void)snprintf(name, room, "%s", WORLD_HOST);
    return 0;
}

/* One spelling that the system has and we do not: a directory that ignores case. */
static const struct {
    const char *name;
    const char *spelled;
    uid_t uid;
    gid_t gid;
} accounts[] = {
    {"root", "root", 0, 0},
    {"toor", "toor", 0, 0},
    {"deploy", "deploy", 200, 200},
    {"alice", "alice", 1000, 1000},
    {"Alice", "alice", 1000, 1000},
    {"bob", "bob", 1001, 1001},
    {"_pam-oauth", "_pam-oauth", 990, 990},
};

static int
find_account(const char *name, struct passwd *entry, char *room, size_t length,
             struct passwd **found)
{
    for (size_t i = 0; i < COUNT(accounts); i++) {
        size_t needed = strlen(accounts[i].spelled) + 1;
        if (strcmp(accounts[i].name, name) != 0) {
            continue;
        }
        if (needed > length) {
            return ERANGE;
        }
        memcpy(room, accounts[i].spelled, needed);
        memset(entry, 0, sizeof(*entry));
        entry->pw_name = room;
        entry->pw_uid = accounts[i].uid;
        entry->pw_gid = accounts[i].gid;
        *found = entry;
        return 0;
    }
    return 0;
}

int
__wrap_getpwnam_r(const char *name, struct passwd *entry, char *room, size_t length,
                  struct passwd **found)
{
    static const int errors[] = {EIO, ENOENT, ERANGE, EINTR, ENOMEM};

    *found = NULL;
    if (fault_due()) {
        return errors[fault_way(COUNT(errors))];
    }
    return fault_watching() ? find_account(name, entry, room, length, found)
                            : __real_getpwnam_r(name, entry, room, length, found);
}

/* ---- clock and randomness -------------------------------------------------------------------- */

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
ssize_t __real_getrandom(void *into, size_t length, unsigned int flags);
ssize_t __wrap_getrandom(void *into, size_t length, unsigned int flags);

static int64_t elapsed_ms;
static unsigned char last_random;

void
world_restart(void)
{
    elapsed_ms = 0;
    last_random = 0;
}

void
world_sleep(int64_t ms)
{
    elapsed_ms += ms;
}

/* Both clocks can be read; only the wall clock can be wrong. */
int
__wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    if (!fault_watching()) {
        return __real_clock_gettime(clock, now);
    }
    int64_t ms = ++elapsed_ms + (clock == CLOCK_REALTIME ? WORLD_NOW_S * 1000 : 1000000);
    now->tv_sec = (time_t)(ms / 1000);
    now->tv_nsec = (long)(ms % 1000) * 1000000;
    if (clock == CLOCK_REALTIME && fault_due()) {
        now->tv_sec = fault_way(2) == 0 ? 0 : 1000000000;
    }
    return 0;
}

ssize_t
__wrap_getrandom(void *into, size_t length, unsigned int flags)
{
    unsigned char *bytes = into;

    if (fault_due()) {
        return fault_way(2) == 0 ? fail(EAGAIN) : (ssize_t)(length / 2);
    }
    if (!fault_watching()) {
        return __real_getrandom(into, length, flags);
    }
    for (size_t i = 0; i < length; i++) {
        bytes[i] = ++last_random;
    }
    return (ssize_t)length;
}

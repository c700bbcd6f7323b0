#include "fetcher/drop.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fetch/user.h"

/*
 * Address space: libcurl, OpenSSL and a CA bundle take some 30 MB of it. A sanitizer needs
 * terabytes: its build says so.
 */
#ifndef FETCHER_MEMORY_MAX
#define FETCHER_MEMORY_MAX ((rlim_t)256 * 1024 * 1024)
#endif

struct limit {
    __rlimit_resource_t resource;
    rlim_t most;
};

/* The host's limits are inherited and may be anything, so each that matters here is set. */
static const struct limit limits[] = {
    {RLIMIT_CORE, 0},    /* a client secret must not land on a disk */
    {RLIMIT_FSIZE, 0},   /* it never writes a file */
    {RLIMIT_NPROC, 0},   /* it starts no process and no thread, libcurl's resolver included */
    {RLIMIT_NOFILE, 64}, /* a handful of sockets, the CA bundle, a resolver's file */
    {RLIMIT_STACK, (rlim_t)8 * 1024 * 1024},
    {RLIMIT_AS, FETCHER_MEMORY_MAX},
    {RLIMIT_CPU, 10}, /* seconds; a TLS handshake takes some milliseconds */
};

static enum status
failed(struct why *why, const char *what)
{
    return status_because(why, ST_PROVIDER, "the fetcher cannot %s: %s", what,
                          strerrordesc_np(errno));
}

/* Up needs root; who may not go up keeps the lower limit. */
static enum status
set_limits(struct why *why)
{
    for (size_t i = 0; i < COUNT(limits); i++) {
        struct rlimit wanted = {.rlim_cur = limits[i].most, .rlim_max = limits[i].most};
        struct rlimit now;

        if (setrlimit(limits[i].resource, &wanted) == 0) {
            continue;
        }
        if (getrlimit(limits[i].resource, &now) != 0) {
            return failed(why, "read its limits");
        }
        if (wanted.rlim_max > now.rlim_max) {
            wanted = (struct rlimit){.rlim_cur = now.rlim_max, .rlim_max = now.rlim_max};
        }
        if (setrlimit(limits[i].resource, &wanted) != 0) {
            return failed(why, "set its limits");
        }
    }
    return ST_OK;
}

/* setuid clears the capabilities of root; this also those that a service manager handed down. */
static bool
drop_capabilities(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0, 0, 0}};

    return syscall(SYS_capset, &head, none) == 0;
}

static bool
is_now(const struct user *target)
{
    uid_t uid[3];
    gid_t gid[3];

    if (getresuid(&uid[0], &uid[1], &uid[2]) != 0 || getresgid(&gid[0], &gid[1], &gid[2]) != 0) {
        return false;
    }
    for (size_t i = 0; i < 3; i++) {
        if (uid[i] != target->uid || gid[i] != target->gid) {
            return false;
        }
    }
    return true;
}

/* Trying is the proof. */
static bool
root_is_gone(void)
{
    return setuid(0) != 0 && seteuid(0) != 0 && setgid(0) != 0 && setegid(0) != 0;
}

static enum status
become(const struct user *target, bool was_root, struct why *why)
{
    if (was_root && setgroups(0, NULL) != 0) {
        return failed(why, "leave its groups");
    }
    if (setresgid(target->gid, target->gid, target->gid) != 0 ||
        setresuid(target->uid, target->uid, target->uid) != 0 || !drop_capabilities()) {
        return failed(why, "give up its rights");
    }
    if (!is_now(target) || (was_root && !root_is_gone())) {
        return status_because(why, ST_PROVIDER, "the fetcher did not lose its rights");
    }
    return ST_OK;
}

/* After the last change of credentials: that clears the signal, and may set dumpable again. */
static enum status
tie_to_parent(pid_t parent, struct why *why)
{
    if (prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL, 0UL, 0UL, 0UL) != 0) {
        return failed(why, "be tied to its parent");
    }
    /* It may have ended before that, and then the signal never comes. */
    if (getppid() != parent) {
        return status_because(why, ST_PROVIDER, "the fetcher's parent is gone");
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) != 0 ||
        prctl(PR_SET_DUMPABLE, 0UL, 0UL, 0UL, 0UL) != 0) {
        return failed(why, "be confined");
    }
    return ST_OK;
}

enum status
drop_rights(const char *user, pid_t parent, struct why *why)
{
    bool was_root = getuid() == 0 || geteuid() == 0;
    struct user target = {.uid = getuid(), .gid = getgid()};

    if (was_root && user == NULL) {
        return status_because(why, ST_CONFIG, "the fetcher does not work for root without --user");
    }
    if (was_root) {
        TRY(user_find(user, why, &target));
    }
    TRY(set_limits(why));
    TRY(become(&target, was_root, why));
    TRY(tie_to_parent(parent, why));
    (void)umask(077);
    if (chdir("/") != 0) {
        return failed(why, "enter /");
    }
    return ST_OK;
}

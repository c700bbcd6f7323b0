#include "fetcher/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "fetch/confined.h"

/* ---- what the header of Linux 6.1 lacks, in words of our own -------------------------------- */

#define PORT_BIND ((uint64_t)1 << 0)      /* LANDLOCK_ACCESS_NET_BIND_TCP, version 4 */
#define PORT_CONNECT ((uint64_t)1 << 1)   /* LANDLOCK_ACCESS_NET_CONNECT_TCP, version 4 */
#define SCOPE_ABSTRACT ((uint64_t)1 << 0) /* LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET, version 6 */
#define SCOPE_SIGNAL ((uint64_t)1 << 1)   /* LANDLOCK_SCOPE_SIGNAL, version 6 */
#define RULE_PORT 2                       /* LANDLOCK_RULE_NET_PORT, version 4 */

/* struct landlock_ruleset_attr of version 6; an older kernel knows the beginning of it. */
struct refused {
    uint64_t files;
    uint64_t ports;
    uint64_t scopes;
};

/* struct landlock_net_port_attr */
struct port_rule {
    uint64_t allowed;
    uint64_t port;
};

/* ---- what each version can refuse ----------------------------------------------------------- */

#define FIRST_PORTS 4

struct version {
    unsigned int files; /* how many kinds of access to files there are, one bit each */
    size_t length;      /* of struct refused */
};

static const struct version versions[] = {
    {0, 0},
    {13, offsetof(struct refused, ports)},  /* Linux 5.13 */
    {14, offsetof(struct refused, ports)},  /* 5.19, and Debian 12: links across directories */
    {15, offsetof(struct refused, ports)},  /* 6.2: truncate */
    {15, offsetof(struct refused, scopes)}, /* 6.7: ports */
    {16, offsetof(struct refused, scopes)}, /* 6.10: ioctl of devices */
    {16, sizeof(struct refused)},           /* 6.12: abstract sockets, signals */
};

static size_t
version_of_kernel(void)
{
    long version =
        syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);

    if (version <= 0) {
        return 0; /* not built in, or not switched on at boot */
    }
    return (size_t)version < COUNT(versions) ? (size_t)version : COUNT(versions) - 1;
}

/* ---- rules ---------------------------------------------------------------------------------- */

static void
allow_path(int ruleset, const char *path, uint64_t access)
{
    int fd CLEANUP(file_close) = open(path, O_PATH | O_CLOEXEC);
    struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = fd};

    if (fd >= 0) {
        /* What cannot be allowed stays refused. */
        (void)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0U);
    }
}

static void
allow(int ruleset, const struct landlock_rules *rules, bool ports)
{
    for (size_t i = 0; rules->files[i] != NULL; i++) {
        allow_path(ruleset, rules->files[i], LANDLOCK_ACCESS_FS_READ_FILE);
    }
    for (size_t i = 0; rules->directories[i] != NULL; i++) {
        allow_path(ruleset, rules->directories[i],
                   LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR);
    }
    for (size_t i = 0; ports && rules->ports[i] != 0; i++) {
        struct port_rule rule = {.allowed = PORT_CONNECT, .port = rules->ports[i]};
        (void)syscall(SYS_landlock_add_rule, ruleset, RULE_PORT, &rule, 0U);
    }
}

unsigned int
landlock_enter(const struct landlock_rules *rules)
{
    size_t version = version_of_kernel();
    bool ports = version >= FIRST_PORTS;
    struct refused refused = {
        .files = ((uint64_t)1 << versions[version].files) - 1,
        .ports = PORT_BIND | PORT_CONNECT,
        .scopes = SCOPE_ABSTRACT | SCOPE_SIGNAL,
    };

    if (version == 0) {
        return 0;
    }
    int ruleset CLEANUP(file_close) =
        (int)syscall(SYS_landlock_create_ruleset, &refused, versions[version].length, 0U);
    if (ruleset < 0) {
        return 0;
    }
    allow(ruleset, rules, ports);
    if (syscall(SYS_landlock_restrict_self, ruleset, 0U) != 0) {
        return 0;
    }
    return CONFINED_FILES | (ports ? CONFINED_PORTS : 0U);
}

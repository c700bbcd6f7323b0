/*
 * Each line of these lists says what is allowed and what for. Nothing here can be switched off.
 *
 * A system call that is not listed answers ENOSYS, as on a kernel that does not have it: the C
 * library and OpenSSL then do without, where killing the process would turn an update of theirs
 * into a lock-out. There is no fork or clone (no process, no thread), no execve, no ptrace, no
 * listen or accept, no write to a file system, no mount, no key, no io_uring, no bpf. Beyond that
 * SANDBOX_TALKING has no open and no new executable memory: what runs then has been loaded before.
 */
#include "fetcher/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "fetcher/landlock.h"

/* ---- files, while a name is resolved; afterwards none ---------------------------------------- */

static const char *const resolver_files[] = {
    "/etc/nsswitch.conf", /* where names are looked up, and in which order */
    "/etc/hosts",         /* "files" */
    "/etc/resolv.conf",   /* "dns"; most often a link into /run */
    "/etc/host.conf",     /* "multi on" */
    "/etc/gai.conf",      /* which of several addresses comes first */
    "/etc/ld.so.cache",   /* where the modules below are */
    NULL,
};

static const char *const module_directories[] = {
    "/lib", /* libnss_dns, libnss_resolve, libnss_myhostname ... and the libraries that they need */
    "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", NULL,
};

static const char *const nothing[] = {NULL};

/* DNS over TCP, when an answer is too long for a datagram. */
#define PORT_DNS 53

/* ---- system calls ---------------------------------------------------------------------------- */

#define BOTH (SANDBOX_RESOLVING | SANDBOX_TALKING)
#define RESOLVING SANDBOX_RESOLVING
#define TALKING SANDBOX_TALKING

/* A rule may ask for up to three arguments to have a value under a mask. */
struct call {
    int number;
    unsigned int rooms; /* enum sandbox_room */
    unsigned int conditions;
    struct scmp_arg_cmp only[3];
};

#define ANY(name, where)                                                                           \
    {                                                                                              \
        .number = SCMP_SYS(name), .rooms = (where)                                                 \
    }
#define MASKED(which, mask, value)                                                                 \
    {                                                                                              \
        .arg = (which), .op = SCMP_CMP_MASKED_EQ, .datum_a = (mask), .datum_b = (value)            \
    }
#define IS(which, value) MASKED(which, ~0ULL, value)
#define IF(name, where, condition)                                                                 \
    {                                                                                              \
        .number = SCMP_SYS(name), .rooms = (where), .conditions = 1, .only = { condition }         \
    }
/*
 * SOCK_CLOEXEC and SOCK_NONBLOCK aside. The protocol is 0, the type's own, or within the bits of
 * the one that is given: MPTCP and SCTP make streams too, and Landlock does not watch over those.
 */
#define SOCKET(family, type, protocol, where)                                                      \
    {                                                                                              \
        .number = SCMP_SYS(socket), .rooms = (where), .conditions = 3, .only = {                   \
            IS(0, family),                                                                         \
            MASKED(1, ~(unsigned int)(SOCK_CLOEXEC | SOCK_NONBLOCK), type),                        \
            MASKED(2, ~(unsigned int)(protocol), 0)                                                \
        }                                                                                          \
    }
#define NETLINK(protocol, where)                                                                   \
    {                                                                                              \
        .number = SCMP_SYS(socket), .rooms = (where), .conditions = 2, .only = {                   \
            IS(0, AF_NETLINK),                                                                     \
            IS(2, protocol)                                                                        \
        }                                                                                          \
    }
#define SOCKET_OPTION(level, name, where)                                                          \
    {                                                                                              \
        .number = SCMP_SYS(setsockopt), .rooms = (where), .conditions = 2, .only = {               \
            IS(1, level),                                                                          \
            IS(2, name)                                                                            \
        }                                                                                          \
    }

static const struct call calls[] = {
    ANY(read, BOTH),  /* the request */
    ANY(write, BOTH), /* the reply */
    ANY(close, BOTH), /* connections, files */
    ANY(poll, BOTH),  /* waits for the provider, and for our caller to leave */
    ANY(ppoll, BOTH), /* the same, where there is no poll */
    ANY(fcntl, BOTH), /* a socket that does not block */

    SOCKET(AF_INET, SOCK_STREAM, IPPROTO_TCP, BOTH),  /* a connection */
    SOCKET(AF_INET6, SOCK_STREAM, IPPROTO_TCP, BOTH), /* the same over IPv6 */
    ANY(connect, BOTH),                               /* to one TCP port: Landlock */
    IF(sendto, BOTH, MASKED(3, MSG_FASTOPEN, 0)),     /* TLS; not to connect past Landlock */
    ANY(recvfrom, BOTH),                              /* TLS */
    SOCKET_OPTION(IPPROTO_TCP, TCP_NODELAY, BOTH),    /* small pieces go at once */
    ANY(getsockopt, BOTH),                            /* is it connected? */
    ANY(getsockname, BOTH),                           /* from where? */
    ANY(getpeername, BOTH),                           /* to whom? */

    ANY(brk, BOTH),                                   /* memory */
    ANY(munmap, BOTH),                                /* memory */
    ANY(mremap, BOTH),                                /* memory */
    ANY(madvise, BOTH),                               /* memory */
    IF(mmap, TALKING, MASKED(2, PROT_EXEC, 0)),       /* memory, none of it to be executed */
    IF(mprotect, TALKING, MASKED(2, PROT_EXEC, 0)),   /* the same */
    ANY(mmap, RESOLVING),                             /* memory, and the resolver's modules */
    ANY(mprotect, RESOLVING),                         /* the same */
    ANY(futex, BOTH),                                 /* what is initialised once */
    ANY(getrandom, BOTH),                             /* keys; numbers of DNS questions */
    ANY(getpid, BOTH),                                /* OpenSSL: is its randomness a parent's? */
    ANY(clock_gettime, BOTH),                         /* where the kernel gives no vDSO */
    ANY(gettimeofday, BOTH),                          /* the same */
    ANY(time, BOTH),                                  /* the same */
    ANY(rt_sigaction, BOTH),                          /* libcurl ignores SIGPIPE as we do */
    ANY(rt_sigprocmask, BOTH),                        /* a module blocks signals while it works */
    ANY(rt_sigreturn, BOTH),                          /* the end of a signal */
    ANY(restart_syscall, BOTH),                       /* a poll that was stopped goes on */
    ANY(exit, BOTH),                                  /* the end */
    ANY(exit_group, BOTH),                            /* the end */
    IF(prctl, RESOLVING, IS(0, PR_SET_NO_NEW_PRIVS)), /* libseccomp says it once more */

    IF(openat, RESOLVING, MASKED(2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY)), /* the files above */
    ANY(fstat, RESOLVING),                                                     /* how long is it? */
    ANY(newfstatat, RESOLVING),                                                /* has it changed? */
    ANY(statx, RESOLVING),     /* the same, where there is no other */
    ANY(lseek, RESOLVING),     /* from the beginning */
    ANY(pread64, RESOLVING),   /* the headers of a module */
    ANY(access, RESOLVING),    /* is there a file? */
    ANY(faccessat, RESOLVING), /* the same, where there is no access */

    SOCKET(AF_INET, SOCK_DGRAM, 0, RESOLVING),  /* DNS; the order of addresses */
    SOCKET(AF_INET6, SOCK_DGRAM, 0, RESOLVING), /* the same */
    SOCKET(AF_UNIX, SOCK_STREAM, 0, RESOLVING), /* nscd, systemd-resolved, sssd, avahi */
    NETLINK(NETLINK_ROUTE, RESOLVING),          /* has this host IPv4, has it IPv6? */
    ANY(bind, RESOLVING),                       /* of that netlink socket; no TCP port: Landlock */
    ANY(setsockopt, RESOLVING),                 /* IP_RECVERR, and what a daemon wants */
    IF(sendmsg, RESOLVING, MASKED(2, MSG_FASTOPEN, 0)), /* a daemon, DNS */
    ANY(recvmsg, RESOLVING), /* netlink, and the table of hosts that nscd hands over */
    IF(sendmmsg, RESOLVING, MASKED(3, MSG_FASTOPEN, 0)), /* both questions at once, A and AAAA */
    ANY(writev, RESOLVING),                              /* DNS over TCP */
    IF(ioctl, RESOLVING, IS(1, FIONREAD)),               /* how long is the answer? */
    ANY(uname, RESOLVING),                               /* the domain of this host, to search in */
    ANY(getuid, RESOLVING),                              /* what a daemon is told of us */
    ANY(geteuid, RESOLVING),                             /* the same */

    ANY(landlock_create_ruleset, RESOLVING), /* into the second room */
    ANY(landlock_add_rule, RESOLVING),       /* into the second room */
    ANY(landlock_restrict_self, RESOLVING),  /* into the second room */
    ANY(seccomp, RESOLVING),                 /* into the second room */
};

/* ---- going in -------------------------------------------------------------------------------- */

static void
filter_done(scmp_filter_ctx *filter)
{
    if (*filter != NULL) {
        seccomp_release(*filter);
    }
}

/* 0, or a negative error number. What this architecture does not have is passed over. */
static int
add_calls(scmp_filter_ctx filter, enum sandbox_room room)
{
    for (size_t i = 0; i < COUNT(calls); i++) {
        if ((calls[i].rooms & room) != 0) {
            int error = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, calls[i].number,
                                               calls[i].conditions, calls[i].only);
            if (error != 0) {
                return error;
            }
        }
    }
    return 0;
}

static enum status
enter_calls(enum sandbox_room room, unsigned int *confined)
{
    scmp_filter_ctx filter CLEANUP(filter_done) = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));

    if (filter == NULL) {
        return ST_MEMORY;
    }
    int error = add_calls(filter, room);
    if (error == 0) {
        error = seccomp_load(filter);
    }
    if (error == -ENOMEM) {
        return ST_MEMORY;
    }
    if (error == 0) {
        *confined |= CONFINED_CALLS;
    }
    return ST_OK;
}

/* Landlock comes first: it opens what it allows. */
enum status
sandbox_enter(enum sandbox_room room, uint16_t port, unsigned int *ret_confined)
{
    bool resolving = room == SANDBOX_RESOLVING;
    /* The second room lies in the first, so what the second needs must not end here. */
    const uint16_t ports[] = {port != 0 ? port : PORT_DNS, PORT_DNS, 0};
    const uint16_t one_port[] = {port, 0};
    struct landlock_rules rules = {
        .files = resolving ? resolver_files : nothing,
        .directories = resolving ? module_directories : nothing,
        .ports = resolving ? ports : one_port,
    };
    unsigned int confined = landlock_enter(&rules);

    TRY(enter_calls(room, &confined));
    *ret_confined = confined;
    return ST_OK;
}

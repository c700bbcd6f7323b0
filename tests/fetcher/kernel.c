/*
 * In the place of a fetcher: makes the kernel look older and then becomes the fetcher that lies
 * beside it as `pam-oauth-fetcher`. How old says the name under which it is started:
 *
 *   no-landlock   Linux 5.12, or Landlock switched off: its system calls answer ENOSYS
 *   landlock-2    Linux 6.1, the kernel of Debian 12: version 2, without ports
 *   no-seccomp    no CONFIG_SECCOMP_FILTER
 *   neither       Linux 5.12 without it
 *
 * It does so with a seccomp filter of its own, which goes before that of the fetcher. Version 2 is
 * played by a process that answers in the kernel's place: it looks into each request, as the kernel
 * would, and lets those through that version 2 knows.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NUMBER offsetof(struct seccomp_data, nr)
#define FIRST_ARGUMENT offsetof(struct seccomp_data, args[0])
#define SECOND_ARGUMENT offsetof(struct seccomp_data, args[1])

#define LOAD(what) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, what)
#define ANSWER(what) BPF_STMT(BPF_RET | BPF_K, what)
#define ERROR(number) ANSWER(SECCOMP_RET_ERRNO | (number))
/* Passes over as many lines if it is not equal. */
#define IF_EQUAL(value, lines) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, lines)

static struct sock_filter no_landlock[] = {
    LOAD(NUMBER),  IF_EQUAL(SYS_landlock_create_ruleset, 1),
    ERROR(ENOSYS), IF_EQUAL(SYS_landlock_add_rule, 1),
    ERROR(ENOSYS), IF_EQUAL(SYS_landlock_restrict_self, 1),
    ERROR(ENOSYS), ANSWER(SECCOMP_RET_ALLOW),
};

static struct sock_filter no_seccomp[] = {
    LOAD(NUMBER),         IF_EQUAL(SYS_seccomp, 1),    ERROR(ENOSYS), IF_EQUAL(SYS_prctl, 5),
    LOAD(FIRST_ARGUMENT), IF_EQUAL(PR_SET_SECCOMP, 1), ERROR(EINVAL), IF_EQUAL(PR_GET_SECCOMP, 1),
    ERROR(EINVAL),        ANSWER(SECCOMP_RET_ALLOW),
};

static struct sock_filter landlock_2[] = {
    LOAD(NUMBER),
    IF_EQUAL(SYS_landlock_create_ruleset, 1),
    ANSWER(SECCOMP_RET_USER_NOTIF),
    IF_EQUAL(SYS_landlock_add_rule, 3),
    LOAD(SECOND_ARGUMENT),
    IF_EQUAL(2 /* LANDLOCK_RULE_NET_PORT */, 1),
    ERROR(EINVAL),
    ANSWER(SECCOMP_RET_ALLOW),
};

#define FILTER(lines)                                                                              \
    (struct sock_fprog)                                                                            \
    {                                                                                              \
        .len = sizeof(lines) / sizeof((lines)[0]), .filter = lines                                 \
    }

static void
die(const char *what)
{
    perror(what);
    exit(3);
}

static int
install(struct sock_fprog filter, unsigned int flags)
{
    int fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);

    if (fd < 0 && errno == EACCES && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) {
        fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
    }
    if (fd < 0) {
        die("seccomp");
    }
    return fd;
}

/* ---- Linux 6.1 answers ------------------------------------------------------------------------
 */

/* landlock_create_ruleset(attributes, size, flags). 0: let it through. */
static void
answer(const struct seccomp_notif *asked, struct seccomp_notif_resp *reply)
{
    uint64_t attributes[8] = {0};
    size_t size = asked->data.args[1];
    char path[64];

    if (asked->data.args[0] == 0 && asked->data.args[2] == LANDLOCK_CREATE_RULESET_VERSION) {
        reply->val = 2;
        return;
    }
    (void)snprintf(path, sizeof(path), "/proc/%u/mem", asked->pid);
    int memory = open(path, O_RDONLY | O_CLOEXEC);
    if (memory < 0 || size < sizeof(uint64_t) || size > sizeof(attributes) ||
        pread(memory, attributes, size, (off_t)asked->data.args[0]) != (ssize_t)size) {
        reply->error = -EINVAL;
        return;
    }
    (void)close(memory);
    reply->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    for (size_t i = 1; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        if (attributes[i] != 0) {
            *reply = (struct seccomp_notif_resp){.error = -E2BIG};
        }
    }
    if (attributes[0] >> 14 != 0) {
        *reply = (struct seccomp_notif_resp){.error = -EINVAL};
    }
}

static void
play_kernel(int listener)
{
    struct seccomp_notif asked;
    struct seccomp_notif_resp reply;

    for (;;) {
        memset(&asked, 0, sizeof(asked));
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) != 0) {
            if (errno == EINTR) {
                continue;
            }
            _exit(0); /* nobody is left who could ask */
        }
        reply = (struct seccomp_notif_resp){.id = 0};
        answer(&asked, &reply);
        reply.id = asked.id;
        (void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply);
    }
}

/* The process that plays must not be under the filter itself, or it would never see the end. */
static void
become_landlock_2(void)
{
    int ready[2];
    int taken[2];
    int number = -1;
    pid_t asker = getpid();

    if (pipe(ready) != 0 || pipe(taken) != 0) {
        die("pipe");
    }
    pid_t player = fork();
    if (player < 0) {
        die("fork");
    }
    if (player == 0) {
        int handle = pidfd_open(asker, 0);
        if (handle < 0 || read(ready[0], &number, sizeof(number)) != sizeof(number)) {
            die("pidfd_open");
        }
        int listener = pidfd_getfd(handle, number, 0);
        if (listener < 0 || write(taken[1], "", 1) != 1) {
            die("pidfd_getfd");
        }
        for (int fd = 0; fd < 64; fd++) {
            if (fd != listener) {
                (void)close(fd);
            }
        }
        play_kernel(listener);
    }
    number = install(FILTER(landlock_2), SECCOMP_FILTER_FLAG_NEW_LISTENER);
    char byte;
    if (write(ready[1], &number, sizeof(number)) != sizeof(number) ||
        read(taken[0], &byte, 1) != 1) {
        die("the player");
    }
    (void)close(ready[0]);
    (void)close(ready[1]);
    (void)close(taken[0]);
    (void)close(taken[1]);
    (void)close(number);
}

int
main(int count, char *arguments[])
{
    char self[512] = "";
    char fetcher[600];
    char *no_environment[] = {NULL};

    if (count < 1 || readlink("/proc/self/exe", self, sizeof(self) - 1) < 0) {
        die("/proc/self/exe");
    }
    char *name = strrchr(self, '/') + 1;
    if (strcmp(name, "landlock-2") == 0) {
        become_landlock_2();
    }
    if (strcmp(name, "no-landlock") == 0 || strcmp(name, "neither") == 0) {
        (void)install(FILTER(no_landlock), 0);
    }
    if (strcmp(name, "no-seccomp") == 0 || strcmp(name, "neither") == 0) {
        (void)install(FILTER(no_seccomp), 0);
    }
    *name = '\0';
    (void)snprintf(fetcher, sizeof(fetcher), "%spam-oauth-fetcher", self);
    (void)execve(fetcher, arguments, no_environment);
    die(fetcher);
    return 3;
}

/*
 * attack PID PORT PATH [UNTIL]: what could somebody do who runs code of his own in that process?
 * Each system call of the list is made in the stopped process itself, as its own code would make
 * it, and what came of it printed: `NAME ENOSYS`, `NAME EACCES` ..., or `NAME done`. Afterwards the
 * process goes on where it was. PORT is a TCP port of 127.0.0.1 at which somebody listens; PATH
 * does not exist, and anybody could make it. From the one that is called UNTIL on, nothing is
 * tried.
 *
 * Needs root and an x86-64 processor; elsewhere it ends with 77.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __x86_64__
int
main(void)
{
    return 77;
}
#else

#define MADE NULL          /* the path of a file that does not exist, where anybody may make one */

/* Places that the attack fills in. */
#define TEXT 0xA77AC0001UL /* the address of the text */
#define ADDRESS 0xA77AC0005UL /* the address of an IPv4 address */
#define SOCKET 0xA77AC0002UL  /* a TCP socket that the process has just opened */
#define PAGE 0xA77AC0003UL    /* a page of memory that it has just mapped */
#define PARENT 0xA77AC0004UL

struct attack {
    const char *name;
    unsigned long number;
    unsigned long arguments[6];
    const char *text;
};

static const struct attack attacks[] = {
    /* What must work, or the others prove nothing. */
    {"control_getpid", SYS_getpid, {0}, ""},
    {"control_tcp", SYS_socket, {AF_INET, SOCK_STREAM}, ""},
    {"control_mmap",
     SYS_mmap,
     {0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, (unsigned long)-1},
     ""},
    /* files */
    {"open_hosts", SYS_openat, {(unsigned long)AT_FDCWD, TEXT, O_RDONLY}, "/etc/hosts"},
    {"open_passwd", SYS_openat, {(unsigned long)AT_FDCWD, TEXT, O_RDONLY}, "/etc/passwd"},
    {"open_shadow", SYS_openat, {(unsigned long)AT_FDCWD, TEXT, O_RDONLY}, "/etc/shadow"},
    {"open_proc", SYS_openat, {(unsigned long)AT_FDCWD, TEXT, O_RDONLY}, "/proc/self/maps"},
    {"open_old", SYS_open, {TEXT, O_RDONLY}, "/etc/passwd"},
    {"openat2", SYS_openat2, {(unsigned long)AT_FDCWD, TEXT, TEXT, 24}, "/etc/passwd"},
    {"create", SYS_openat, {(unsigned long)AT_FDCWD, TEXT, O_WRONLY | O_CREAT, 0644}, MADE},
    {"write_dev", SYS_openat, {(unsigned long)AT_FDCWD, TEXT, O_WRONLY}, "/dev/null"},
    {"mkdir", SYS_mkdir, {TEXT, 0755}, MADE},
    {"unlink", SYS_unlink, {TEXT}, "/tmp"},
    {"chmod", SYS_chmod, {TEXT, 0777}, "/tmp"},
    {"mknod", SYS_mknod, {TEXT, 010644, 0}, MADE},
    {"readlink", SYS_readlink, {TEXT, TEXT, 20}, "/proc/self/exe"},
    {"getdents", SYS_getdents64, {0, TEXT, 64}, ""},
    {"memfd", SYS_memfd_create, {TEXT, 0}, "x"},
    /* the network */
    {"connect_other", SYS_connect, {SOCKET, ADDRESS, sizeof(struct sockaddr_in)}, ""},
    {"bind", SYS_bind, {SOCKET, ADDRESS, sizeof(struct sockaddr_in)}, ""},
    {"listen", SYS_listen, {SOCKET, 5}, ""},
    {"accept", SYS_accept4, {SOCKET, 0, 0, 0}, ""},
    {"socket_udp", SYS_socket, {AF_INET, SOCK_DGRAM, 0}, ""},
    {"socket_udp6", SYS_socket, {AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0}, ""},
    {"socket_raw", SYS_socket, {AF_INET, SOCK_RAW, IPPROTO_ICMP}, ""},
    {"socket_unix", SYS_socket, {AF_UNIX, SOCK_STREAM, 0}, ""},
    {"socket_unix_dgram", SYS_socket, {AF_UNIX, SOCK_DGRAM, 0}, ""},
    {"socket_netlink", SYS_socket, {AF_NETLINK, SOCK_RAW, 0}, ""},
    {"socket_audit", SYS_socket, {AF_NETLINK, SOCK_RAW, 9}, ""},
    {"socket_packet", SYS_socket, {AF_PACKET, SOCK_RAW, 0}, ""},
    {"socket_mptcp", SYS_socket, {AF_INET, SOCK_STREAM, 262}, ""},
    {"socket_sctp", SYS_socket, {AF_INET, SOCK_STREAM, 132}, ""},
    {"socket_smc", SYS_socket, {43, SOCK_STREAM, 0}, ""},
    {"socket_ping", SYS_socket, {AF_INET, SOCK_DGRAM, 1}, ""},
    {"fast_open",
     SYS_sendto,
     {SOCKET, TEXT, 1, MSG_FASTOPEN | MSG_NOSIGNAL, ADDRESS, sizeof(struct sockaddr_in)},
     "x"},
    {"attach_filter", SYS_setsockopt, {SOCKET, SOL_SOCKET, SO_ATTACH_FILTER, TEXT, 16}, ""},
    {"sendmsg", SYS_sendmsg, {SOCKET, TEXT, MSG_NOSIGNAL}, ""},
    {"socket_vsock", SYS_socket, {AF_VSOCK, SOCK_STREAM, 0}, ""},
    {"socketpair", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, TEXT}, ""},
    /* code */
    {"mmap_exec",
     SYS_mmap,
     {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, (unsigned long)-1},
     ""},
    {"mprotect_exec", SYS_mprotect, {PAGE, 4096, PROT_READ | PROT_EXEC}, ""},
    {"pkey_mprotect", SYS_pkey_mprotect, {PAGE, 4096, PROT_EXEC, (unsigned long)-1}, ""},
    /* the kernel */
    {"setuid", SYS_setuid, {0}, ""},
    {"setresuid", SYS_setresuid, {0, 0, 0}, ""},
    {"capset", SYS_capset, {TEXT, 0}, ""},
    {"prctl_dumpable", SYS_prctl, {4, 1, 0, 0, 0}, ""},
    {"prlimit", SYS_prlimit64, {0, 7, 0, TEXT}, ""},
    {"mount", SYS_mount, {TEXT, TEXT, TEXT, 0, 0}, "/tmp"},
    {"chroot", SYS_chroot, {TEXT}, "/tmp"},
    {"io_uring", SYS_io_uring_setup, {1, TEXT}, ""},
    {"bpf", SYS_bpf, {BPF_PROG_LOAD, TEXT, 0}, ""},
    {"perf_event", SYS_perf_event_open, {TEXT, 0, (unsigned long)-1, (unsigned long)-1, 0}, ""},
    {"userfaultfd", SYS_userfaultfd, {0}, ""},
    {"keyctl", SYS_keyctl, {0, 0, 0, 0, 0}, ""},
    {"add_key", SYS_add_key, {TEXT, TEXT, 0, 0, 0}, "user"},
    {"ioctl", SYS_ioctl, {0, 0x5412 /* TIOCSTI */, TEXT}, ""},
    /* processes */
    {"fork", SYS_fork, {0}, ""},
    {"vfork", SYS_vfork, {0}, ""},
    {"clone", SYS_clone, {SIGCHLD, 0, 0, 0, 0}, ""},
    {"clone3", SYS_clone3, {TEXT, 64}, ""},
    {"ptrace", SYS_ptrace, {PTRACE_ATTACH, PARENT, 0, 0}, ""},
    {"process_vm_readv", SYS_process_vm_readv, {PARENT, TEXT, 1, TEXT, 1, 0}, ""},
    {"kill", SYS_kill, {PARENT, 0}, ""},
    {"kill_itself", SYS_kill, {0, 0}, ""},
    {"pidfd_open", SYS_pidfd_open, {PARENT, 0}, ""},
    /* and what changes it for good where it is not refused */
    {"unshare", SYS_unshare, {CLONE_NEWUSER}, ""},
    {"execve", SYS_execve, {TEXT, 0, 0}, "/bin/true"},
    {"execveat", SYS_execveat, {(unsigned long)AT_FDCWD, TEXT, 0, 0, 0}, "/bin/true"},
};

static pid_t pid;
static struct user_regs_struct before;
static int memory;

static void
die(const char *what)
{
    fprintf(stderr, "attack: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void
wait_for_stop(void)
{
    int status;

    if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status)) {
        die("it did not stop");
    }
}

static void
stop_it(void)
{
    unsigned char code[2];

    if (ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACESYSGOOD) != 0 ||
        ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) != 0) {
        die("ptrace");
    }
    wait_for_stop();
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
    memory = open(path, O_RDWR | O_CLOEXEC);
    if (memory < 0 || ptrace(PTRACE_GETREGS, pid, NULL, &before) != 0) {
        die("its registers");
    }
    /* It waits in a system call, so the instruction for one stands right behind us. */
    if (pread(memory, code, 2, (off_t)before.rip - 2) != 2 || code[0] != 0x0F || code[1] != 0x05) {
        errno = 0;
        die("it is not in a system call");
    }
}

/* One system call in the other process: its result, or a negative error number. */
static long
call(unsigned long number, const unsigned long arguments[6])
{
    struct user_regs_struct registers = before;

    registers.rip = before.rip - 2;
    registers.orig_rax = (unsigned long long)-1; /* the call that it waits in is not restarted */
    registers.rax = number;
    registers.rdi = arguments[0];
    registers.rsi = arguments[1];
    registers.rdx = arguments[2];
    registers.r10 = arguments[3];
    registers.r8 = arguments[4];
    registers.r9 = arguments[5];
    if (ptrace(PTRACE_SETREGS, pid, NULL, &registers) != 0 ||
        ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) != 0) {
        die("a step");
    }
    wait_for_stop();
    if (ptrace(PTRACE_GETREGS, pid, NULL, &registers) != 0) {
        die("its registers");
    }
    return (long)registers.rax;
}

/* Below what its stack is used for; what stood there is gone. */
static unsigned long
place(const void *bytes, size_t length)
{
    unsigned long at = (before.rsp - 2048) & ~15UL;

    if (pwrite(memory, bytes, length, (off_t)at) != (ssize_t)length) {
        die("its memory");
    }
    return at;
}

/* What an argument stands for. */
static unsigned long
fill_in(const struct attack *attack, unsigned long argument, uint16_t port, const char *made)
{
    const unsigned long tcp[6] = {AF_INET, SOCK_STREAM | SOCK_NONBLOCK};
    const unsigned long map[6] = {0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                                  (unsigned long)-1};
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(attack->number == SYS_bind ? 0 : port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    char text[128] = "";

    switch (argument) {
    case TEXT:
        (void)snprintf(text, sizeof(text), "%s", attack->text == MADE ? made : attack->text);
        return place(text, sizeof(text));
    case ADDRESS:
        return place(&address, sizeof(address));
    case SOCKET:
        return (unsigned long)call(SYS_socket, tcp);
    case PAGE:
        return (unsigned long)call(SYS_mmap, map);
    case PARENT:
        return (unsigned long)getppid();
    default:
        return argument;
    }
}

static void
run(const struct attack *attack, uint16_t port, const char *made)
{
    unsigned long arguments[6];

    for (size_t i = 0; i < 6; i++) {
        arguments[i] = fill_in(attack, attack->arguments[i], port, made);
    }
    long result = call(attack->number, arguments);
    printf("%s %s\n", attack->name,
           result < 0 && result > -4096 ? strerrorname_np((int)-result) : "done");
}

int
main(int count, char *arguments[])
{
    if (count < 4 || count > 5) {
        fprintf(stderr, "usage: attack PID PORT PATH [UNTIL]\n");
        return 2;
    }
    pid = atoi(arguments[1]);
    stop_it();
    for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
        if (count == 5 && strcmp(attacks[i].name, arguments[4]) == 0) {
            break;
        }
        run(&attacks[i], (uint16_t)atoi(arguments[2]), arguments[3]);
    }
    if (ptrace(PTRACE_SETREGS, pid, NULL, &before) != 0 ||
        ptrace(PTRACE_DETACH, pid, NULL, NULL) != 0) {
        die("letting go of it");
    }
    return 0;
}
#endif

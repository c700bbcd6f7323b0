/*
 * valgrind 3.19 does not know pidfd_open(2) and pidfd_send_signal(2), without which no fetcher is
 * started, nor openat2(2), without which a wallet is read as on a kernel before 5.6. Preloaded,
 * these are called past it, on the real processor: none of them writes to memory.
 */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <valgrind/valgrind.h>

struct call {
    long number;
    long arguments[4];
};

/*
 * libc's syscall(3) would set errno, and on the real processor this thread's is another one. What
 * it is called with, and that there are always three arguments, is valgrind's way.
 */
static long
call_past(long thread, long at)
{
    const struct call *call = (const struct call *)at;
    register long fourth __asm__("r10") = call->arguments[3];
    long result;

    (void)thread;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "0"(call->number), "D"(call->arguments[0]), "S"(call->arguments[1]),
                       "d"(call->arguments[2]), "r"(fourth)
                     : "rcx", "r11", "memory");
    return result;
}

static int
run(const struct call *call)
{
    long result = RUNNING_ON_VALGRIND ? (long)VALGRIND_NON_SIMD_CALL1(call_past, call)
                                      : call_past(0, (long)call);

    if (result < 0) {
        errno = (int)-result;
        return -1;
    }
    return (int)result;
}

int
pidfd_open(pid_t pid, unsigned int flags)
{
    const struct call call = {SYS_pidfd_open, {pid, (long)flags}};

    return run(&call);
}

int
pidfd_send_signal(int pidfd, int number, siginfo_t *info, unsigned int flags)
{
    const struct call call = {SYS_pidfd_send_signal, {pidfd, number, (long)info, (long)flags}};

    return run(&call);
}

/* libc has no function for openat2: it is called by number, like others, which valgrind knows. */
long
syscall(long number, ...)
{
    long (*libc)(long, ...);
    long at[6];
    va_list rest;

    va_start(rest, number);
    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
        at[i] = va_arg(rest, long);
    }
    va_end(rest);
    if (number == SYS_openat2) {
        const struct call call = {number, {at[0], at[1], at[2], at[3]}};
        return run(&call);
    }
    *(void **)&libc = dlsym(RTLD_NEXT, "syscall");
    return libc(number, at[0], at[1], at[2], at[3], at[4], at[5]);
}

#include "login/device/interrupt.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/signalfd.h>

#include "base/clock.h"
#include "base/file.h"

/* A signal that is held back waits even when it is ignored, until it is let through. */
static bool
is_ignored(int number)
{
    struct sigaction action;

    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* The signals that tell a program to end, but for those that it does not listen to. */
static sigset_t
ends(void)
{
    static const int numbers[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    sigset_t set;

    (void)sigemptyset(&set);
    for (size_t i = 0; i < COUNT(numbers); i++) {
        if (!is_ignored(numbers[i])) {
            (void)sigaddset(&set, numbers[i]);
        }
    }
    return set;
}

/* True as soon as `fd`, which nobody reads, has a signal. A handler of the host may end it early.
 */
static bool
wait_for_signal(int fd, int64_t left_ms)
{
    struct pollfd signals = {.fd = fd, .events = POLLIN};

    return poll(&signals, 1, left_ms > 60000 ? 60000 : (int)left_ms) > 0 &&
           (signals.revents & POLLIN) != 0;
}

enum status
interrupt_wait(int64_t when_ms, struct why *why)
{
    sigset_t set = ends();
    sigset_t before;
    /* Readable while one of them is pending and held back; -1: then nobody looks. */
    int fd CLEANUP(file_close) = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    bool told = false;

    if (pthread_sigmask(SIG_BLOCK, &set, &before) != 0) {
        return status_because(why, ST_INTERNAL, "signals cannot be held back");
    }
    for (int64_t left_ms = when_ms - clock_ms(); left_ms > 0 && !told;
         left_ms = when_ms - clock_ms()) {
        told = wait_for_signal(fd, left_ms);
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return told ? status_because(why, ST_CANCELLED, "interrupted while waiting for approval")
                : ST_OK;
}

#include "login/interrupt.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "base/clock.h"
#include "base/file.h"

/* Readable while one of them is pending and blocked; nobody reads it. -1: then nobody looks. */
static int
open_signals(void)
{
    sigset_t ends;

    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGINT);
    (void)sigaddset(&ends, SIGQUIT);
    (void)sigaddset(&ends, SIGTERM);
    (void)sigaddset(&ends, SIGHUP);
    return signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
}

enum status
interrupt_wait(int64_t when_ms, struct why *why)
{
    int fd CLEANUP(file_close) = open_signals();
    struct pollfd signals = {.fd = fd, .events = POLLIN};

    for (int64_t left_ms = when_ms - clock_ms(); left_ms > 0; left_ms = when_ms - clock_ms()) {
        /* A signal handler of the host may end the wait early; it goes on then. */
        if (poll(&signals, 1, left_ms > 60000 ? 60000 : (int)left_ms) > 0 &&
            (signals.revents & POLLIN) != 0) {
            return status_because(why, ST_CANCELLED, "interrupted while waiting for approval");
        }
    }
    return ST_OK;
}

#include "base/tty.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

static const int ending[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/* Reads to the end of the line. 0, or the signal that came in between; -1 at the end of input. */
static int
read_line(int fd, int signals, struct buf *answer)
{
    struct pollfd wait[] = {{.fd = fd, .events = POLLIN}, {.fd = signals, .events = POLLIN}};

    for (;;) {
        struct signalfd_siginfo signal;
        char byte = '\0';

        if (poll(wait, COUNT(wait), -1) < 0 && errno != EINTR) {
            return -1;
        }
        if (wait[1].revents != 0 && read(signals, &signal, sizeof(signal)) == sizeof(signal)) {
            return (int)signal.ssi_signo;
        }
        if (wait[0].revents == 0) {
            continue;
        }
        ssize_t got = read(fd, &byte, 1);
        if (got != 1 || byte == '\n') {
            return got == 1 ? 0 : -1;
        }
        if (buf_add_char(answer, byte) != ST_OK) {
            return -1;
        }
    }
}

/* With the signals that would end us held back until the terminal is as it was. */
static enum status
read_guarded(int fd, const struct termios *settings, struct why *why, struct buf *answer)
{
    struct termios before;
    sigset_t held;
    sigset_t mask;

    (void)sigemptyset(&held);
    for (size_t i = 0; i < COUNT(ending); i++) {
        (void)sigaddset(&held, ending[i]);
    }
    int signals CLEANUP(file_close) = signalfd(-1, &held, SFD_CLOEXEC);
    if (signals < 0 || tcgetattr(fd, &before) != 0 ||
        pthread_sigmask(SIG_BLOCK, &held, &mask) != 0 || tcsetattr(fd, TCSAFLUSH, settings) != 0) {
        return status_because(why, ST_CONVERSATION, "the terminal cannot be asked: %s",
                              strerrordesc_np(errno));
    }
    int came = read_line(fd, signals, answer);
    (void)tcsetattr(fd, TCSAFLUSH, &before);
    (void)pthread_sigmask(SIG_SETMASK, &mask, NULL);
    if (came > 0) {
        (void)raise(came);
    }
    return came == 0 ? ST_OK : status_because(why, ST_CONVERSATION, "nothing was answered");
}

enum status
tty_read_shown(int fd, struct why *why, struct buf *answer)
{
    struct termios settings;

    if (tcgetattr(fd, &settings) != 0) {
        return status_because(why, ST_CONVERSATION, "the terminal is none");
    }
    return read_guarded(fd, &settings, why, answer);
}

enum status
tty_read_hidden(int fd, struct why *why, struct buf *answer)
{
    struct termios settings;

    if (tcgetattr(fd, &settings) != 0) {
        return status_because(why, ST_CONVERSATION, "the terminal is none");
    }
    settings.c_lflag &= ~(tcflag_t)ECHO;
    settings.c_lflag |= ECHONL;
    /* Stopped with the echo off, it would stay off. */
    settings.c_cc[VSUSP] = _POSIX_VDISABLE;
    return read_guarded(fd, &settings, why, answer);
}

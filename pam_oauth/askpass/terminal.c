#include "askpass/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "askpass/shown.h"
#include "base/file.h"
#include "base/text.h"

#define WARNING_MAX ((size_t)1024)
/* Each hidden character of a prompt may take four, each line a mark. */
#define TEXT_MAX (5 * (WARNING_MAX + SHOWN_MAX))

static const int ending[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/* ---- showing -------------------------------------------------------------------------------- */

static bool
write_all(int fd, struct span text)
{
    while (text.length > 0) {
        ssize_t wrote = write(fd, text.at, text.length);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote <= 0) {
            return false;
        }
        text.at += wrote;
        text.length -= (size_t)wrote;
    }
    return true;
}

static enum status
open_and_show(const struct question *question, const char *behind, struct why *why, int *ret_fd)
{
    struct buf text CLEANUP(buf_done) = BUF(TEXT_MAX);
    int fd CLEANUP(file_close) = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (fd < 0) {
        return status_because(why, ST_CONVERSATION, "there is no terminal to ask on");
    }
    if (question->warning[0] != '\0') {
        TRY(buf_add_text(&text, "pam-oauth-askpass: "));
        TRY(text_escape(&text, span_of(question->warning), WARNING_MAX));
        TRY(buf_add_char(&text, '\n'));
    }
    TRY(shown_prompt(question->prompt, &text));
    TRY(buf_add_text(&text, behind));
    if (!write_all(fd, buf_span(&text))) {
        return status_because(why, ST_CONVERSATION, "the terminal takes nothing");
    }
    *ret_fd = fd;
    fd = -1;
    return ST_OK;
}

/* ---- reading -------------------------------------------------------------------------------- */

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
    if (signals < 0 || tcgetattr(fd, &before) != 0 || sigprocmask(SIG_BLOCK, &held, &mask) != 0 ||
        tcsetattr(fd, TCSAFLUSH, settings) != 0) {
        return status_because(why, ST_CONVERSATION, "the terminal cannot be asked: %s",
                              strerrordesc_np(errno));
    }
    int came = read_line(fd, signals, answer);
    (void)tcsetattr(fd, TCSAFLUSH, &before);
    (void)sigprocmask(SIG_SETMASK, &mask, NULL);
    if (came > 0) {
        (void)raise(came);
    }
    return came == 0 ? ST_OK : status_because(why, ST_CONVERSATION, "nothing was answered");
}

enum status
terminal_ask(const struct question *question, struct why *why, struct buf *answer)
{
    struct termios settings;
    int fd CLEANUP(file_close) = -1;

    TRY(open_and_show(question, "", why, &fd));
    if (tcgetattr(fd, &settings) != 0) {
        return status_because(why, ST_CONVERSATION, "the terminal is none");
    }
    settings.c_lflag &= ~(tcflag_t)ECHO;
    settings.c_lflag |= ECHONL;
    /* Stopped with the echo off, it would stay off. */
    settings.c_cc[VSUSP] = _POSIX_VDISABLE;
    return read_guarded(fd, &settings, why, answer);
}

enum status
terminal_confirm(const struct question *question, struct why *why)
{
    struct buf answer CLEANUP(buf_done) = BUF(16);
    struct termios settings;
    int fd CLEANUP(file_close) = -1;

    TRY(open_and_show(question, " (yes/no): ", why, &fd));
    if (tcgetattr(fd, &settings) != 0) {
        return status_because(why, ST_CONVERSATION, "the terminal is none");
    }
    TRY(read_guarded(fd, &settings, why, &answer));
    return span_is(buf_span(&answer), "yes") ? ST_OK
                                             : status_because(why, ST_CANCELLED, "not confirmed");
}

enum status
terminal_tell(const struct question *question, struct why *why)
{
    int fd CLEANUP(file_close) = -1;

    return open_and_show(question, "\n", why, &fd);
}

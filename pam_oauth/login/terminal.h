/*
 * What can be known of the terminal in front of the person while they sign in. Little: a module
 * sees the name that its host gives (PAM_TTY) and the locale that its host runs in.
 */
#ifndef PAM_OAUTH_LOGIN_TERMINAL_H
#define PAM_OAUTH_LOGIN_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* What sshd says for a terminal that is the client's. */
#define TERMINAL_SSH "ssh"

struct terminal {
    bool utf8;      /* characters beyond ASCII arrive as such */
    size_t columns; /* 0: there is no terminal, or none that could be asked */
    size_t rows;
};

/*
 * A terminal of this host is asked for its size, and the host program's locale for the encoding.
 *
 * Behind sshd (`tty` is "ssh") nothing of the client is known before the sign-in is over, and of
 * sshd's own locale nothing either: it empties its environment. A client of today is assumed:
 * UTF-8, 80 columns, and rows that can be scrolled. Elsewhere (a display, a web page, "cron", "")
 * there is no terminal: {false, 0, 0}. No environment variable is read.
 */
struct terminal terminal_look(const char *tty);

#endif

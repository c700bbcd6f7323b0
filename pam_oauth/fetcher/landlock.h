/*
 * Landlock (Linux 5.13): a process gives up the files, and from 6.7 on the TCP ports, that it does
 * not name. Each call narrows what is left; nothing widens it again. The kernel is asked which
 * version it has; <linux/landlock.h> of Debian 12 knows the second of them, so what came later is
 * written down in landlock.c.
 */
#ifndef PAM_OAUTH_FETCHER_LANDLOCK_H
#define PAM_OAUTH_FETCHER_LANDLOCK_H

#include <stdint.h>

/* Lists end with NULL, or 0 for ports. What does not exist is left out. */
struct landlock_rules {
    const char *const *files;       /* may be read; a link stands for what it leads to */
    const char *const *directories; /* may be read with all that is below them */
    const uint16_t *ports;          /* TCP connections may be made to these */
};

/* What is given up: enum confined without CONFINED_CALLS (fetch/confined.h); 0 without Landlock. */
unsigned int landlock_enter(const struct landlock_rules *rules);

#endif

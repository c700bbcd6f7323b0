/*
 * What a fetcher gave up before it talked to anybody, as far as the kernel can. Its rights
 * (DESIGN section 8) are not among it: without those it does not work at all.
 */
#ifndef PAM_OAUTH_FETCH_CONFINED_H
#define PAM_OAUTH_FETCH_CONFINED_H

#include "base/status.h"

enum confined {
    CONFINED_FILES = 1, /* it can open no file (Landlock) */
    CONFINED_PORTS = 2, /* it can connect to one TCP port (Landlock, Linux 6.7) */
    CONFINED_CALLS = 4, /* it can make the few system calls that it needs (seccomp) */
    CONFINED_ALL = 7
};

/* Writes what is missing, why, and the remedy. Not to be called for CONFINED_ALL. */
void confined_explain(unsigned int confined, struct why *why);

#endif

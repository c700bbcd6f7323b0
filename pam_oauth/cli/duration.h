/*
 * Seconds as people say them.
 */
#ifndef PAM_OAUTH_CLI_DURATION_H
#define PAM_OAUTH_CLI_DURATION_H

#include <stdint.h>

struct duration {
    char text[24];
};

/* 90s, 12m, 3h, 2d; what is less than nothing is 0s. */
struct duration duration_of(int64_t seconds);

#endif

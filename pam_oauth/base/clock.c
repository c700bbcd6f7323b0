#include "base/clock.h"

#include <time.h>

#ifndef PAM_OAUTH_BUILD_EPOCH
#error "the Makefile passes PAM_OAUTH_BUILD_EPOCH"
#endif

enum status
clock_wall_s(struct why *why, int64_t *ret_now_s)
{
    struct timespec now;

    if (clock_gettime(CLOCK_REALTIME, &now) != 0) {
        return status_because(why, ST_CLOCK, "the system clock cannot be read");
    }
    if ((int64_t)now.tv_sec < (int64_t)PAM_OAUTH_BUILD_EPOCH) {
        return status_because(why, ST_CLOCK,
                              "the system clock stands at %lld, before this program was built "
                              "(%lld); set the clock",
                              (long long)now.tv_sec, (long long)PAM_OAUTH_BUILD_EPOCH);
    }
    *ret_now_s = (int64_t)now.tv_sec;
    return ST_OK;
}

int64_t
clock_ms(void)
{
    struct timespec now = {0, 0};

    /* CLOCK_MONOTONIC with a valid pointer cannot fail on Linux. */
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

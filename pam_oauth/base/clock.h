/*
 * The two clocks: the wall clock in whole seconds for what tokens say, the monotonic clock in
 * milliseconds for how long we wait. 64 bits everywhere.
 */
#ifndef PAM_OAUTH_BASE_CLOCK_H
#define PAM_OAUTH_BASE_CLOCK_H

#include <stdint.h>

#include "base/status.h"

/*
 * Seconds since 1970. ST_CLOCK when the clock cannot be read or stands before this program was
 * built: with such a clock an expired token would look good (R63).
 */
MUST_CHECK enum status clock_wall_s(struct why *why, int64_t *ret_now_s);

/* Milliseconds since some fixed point; never goes back. */
int64_t clock_ms(void);

#endif

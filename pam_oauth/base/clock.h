/*
 * The clocks: the wall clock in whole seconds for what tokens say, the monotonic clock in
 * milliseconds for how long we wait, and both the wall clock and that of this boot for how long ago
 * something was. 64 bits everywhere.
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

/*
 * A moment that can be written down and asked about later. The wall clock can be set back, and the
 * clock of this boot stands still while a virtual machine does: of the two the one counts that says
 * more. The second one counts from the boot, through suspends too, so it has its boot's name.
 */
#define CLOCK_BOOT_LENGTH 36
struct clock_moment {
    char boot[CLOCK_BOOT_LENGTH + 1]; /* as the kernel writes it: a UUID */
    int64_t boot_s;
    int64_t wall_s;
};

/* Now. ST_CLOCK as above, and when the boot has no name (no /proc). */
MUST_CHECK enum status clock_moment_now(struct why *why, struct clock_moment *ret_now);

/*
 * Seconds from `then` to `now`, not less than 0; -1 when nobody can tell, because `then` was in
 * another boot or comes later by this boot's clock. A little later is now: whoever asks may have
 * looked at the clock before somebody else wrote his time down.
 */
#define CLOCK_LATER_MAX_S 60
int64_t clock_seconds_since(const struct clock_moment *then, const struct clock_moment *now);

#endif

/* For LD_PRELOAD: the wall clock stands at $CLOCK seconds after 1970; the others go on. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int
clock_gettime(clockid_t clock, struct timespec *time)
{
    const char *at = getenv("CLOCK");

    if (clock == CLOCK_REALTIME && at != NULL) {
        time->tv_sec = strtoll(at, NULL, 10);
        time->tv_nsec = 0;
        return 0;
    }
    return (int)syscall(SYS_clock_gettime, clock, time);
}

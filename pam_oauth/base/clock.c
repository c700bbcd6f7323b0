#include "base/clock.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

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

/* The kernel writes it in one piece, with a LF behind it. */
static enum status
boot_name(struct why *why, char *into)
{
    char text[CLOCK_BOOT_LENGTH + 1];
    int fd CLEANUP(file_close) = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

    if (fd < 0 || read(fd, text, sizeof(text)) != (ssize_t)sizeof(text) ||
        text[CLOCK_BOOT_LENGTH] != '\n') {
        return status_because(why, ST_CLOCK,
                              "the name of this boot cannot be read from /proc; mount it");
    }
    memcpy(into, text, CLOCK_BOOT_LENGTH);
    into[CLOCK_BOOT_LENGTH] = '\0';
    return ST_OK;
}

enum status
clock_moment_now(struct why *why, struct clock_moment *ret_now)
{
    struct clock_moment now = {.boot = "", .boot_s = 0, .wall_s = 0};
    struct timespec boot = {0, 0};

    TRY(clock_wall_s(why, &now.wall_s));
    TRY(boot_name(why, now.boot));
    /* Like CLOCK_MONOTONIC, it cannot fail. */
    (void)clock_gettime(CLOCK_BOOTTIME, &boot);
    now.boot_s = (int64_t)boot.tv_sec;
    *ret_now = now;
    return ST_OK;
}

int64_t
clock_seconds_since(const struct clock_moment *then, const struct clock_moment *now)
{
    int64_t by_boot = now->boot_s - then->boot_s;
    int64_t by_wall = now->wall_s - then->wall_s;

    int64_t most = by_wall > by_boot ? by_wall : by_boot;

    if (strcmp(then->boot, now->boot) != 0 || by_boot < -CLOCK_LATER_MAX_S) {
        return -1;
    }
    return most > 0 ? most : 0;
}

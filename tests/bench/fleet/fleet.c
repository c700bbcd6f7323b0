/*
 * fleet PERIOD DELAY: how often a provider is asked for its keys when many hosts use it, by the
 * rules of the store itself (store/lifetime.h, oauth/freshness.h), around a rotation.
 *
 * Each host has the timer of conf/systemd, which runs every PERIOD seconds and refreshes keys of
 * which half of the fresh time is over, at the host's own moment within DELAY seconds or, without
 * jitter, all at the same; and sign-ins, one in ten minutes. Then the provider rotates its keys and
 * signs with the new one at once: the first sign-in on a host that has not seen it asks. A refresh
 * is two requests. Prints, in tabs:
 *
 *     peak    HOSTS JITTER REQUESTS-IN-THE-WORST-SECOND ON-AVERAGE
 *     second  SECONDS-FROM-THE-ROTATION WITHOUT-JITTER WITH-JITTER    for the most hosts
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oauth/freshness.h"
#include "store/lifetime.h"

#define DURATION_S 7200
#define ROTATION_S 3600
#define SIGN_IN_EVERY_S 600.0
#define MOST_HOSTS 1000000
#define CACHE_CONTROL "public, max-age=3600"
#define REQUESTS 2 /* discovery and JWKS */

static const struct lifetime_limits limits = {
    .max_age_s = 86400, .stale_limit_s = 86400, .clock_skew_s = 60};

/* The same numbers each time. */
static uint64_t random_state = 88172645463325252U;

static double
chance(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (double)(random_state >> 11) / (double)(UINT64_C(1) << 53);
}

struct host {
    int64_t moment_s;  /* its timer's place in the period */
    int64_t fetched_s; /* its keys */
    int64_t sign_in_s; /* the first behind the rotation */
};

/* When the timer next finds that keys of this age are to be refreshed. */
static int64_t
next_refresh_s(const struct host *host, int64_t period_s)
{
    struct span headers[2] = {span_of(CACHE_CONTROL), span_of("")};
    int64_t fresh_s = freshness_s(headers[0], headers[1], /* min_s: */ 300, limits.max_age_s);
    /* Before the beginning of time as well, and a lifetime knows no negative times. */
    struct lifetime lifetime =
        lifetime_of(host->fetched_s + DURATION_S, host->fetched_s + DURATION_S + fresh_s, &limits,
                    host->fetched_s + DURATION_S);
    int64_t due_s = lifetime.due_s - DURATION_S;
    int64_t runs = (due_s - host->moment_s + period_s - 1) / period_s;

    return host->moment_s + (runs > 0 ? runs : 0) * period_s;
}

/* One host's two hours: what it asks for is added to the seconds. */
static void
live(struct host *host, int64_t period_s, uint32_t *seconds)
{
    for (;;) {
        bool knows = host->fetched_s >= ROTATION_S;
        int64_t timer_s = next_refresh_s(host, period_s);
        int64_t next_s = !knows && host->sign_in_s < timer_s ? host->sign_in_s : timer_s;

        if (next_s >= DURATION_S) {
            return;
        }
        seconds[next_s] += REQUESTS;
        host->fetched_s = next_s;
    }
}

static void
simulate(int hosts, int64_t period_s, int64_t delay_s, uint32_t *seconds)
{
    memset(seconds, 0, DURATION_S * sizeof(*seconds));
    for (int i = 0; i < hosts; i++) {
        struct host host = {
            .moment_s = delay_s > 0 ? (int64_t)(chance() * (double)delay_s) : 0,
            /* In its everyday life: somewhere between two refreshes. */
            .fetched_s = -(int64_t)(chance() * 1800.0),
            .sign_in_s = ROTATION_S + (int64_t)(-log(1.0 - chance()) * SIGN_IN_EVERY_S),
        };
        live(&host, period_s, seconds);
    }
}

static void
print_peak(int hosts, const char *jitter, const uint32_t *seconds)
{
    uint32_t peak = 0;
    double sum = 0;

    for (int i = 0; i < DURATION_S; i++) {
        peak = seconds[i] > peak ? seconds[i] : peak;
        sum += seconds[i];
    }
    printf("peak\t%d\t%s\t%u\t%.4f\n", hosts, jitter, peak, sum / DURATION_S);
}

int
main(int argc, char **argv)
{
    static uint32_t without[DURATION_S];
    static uint32_t with[DURATION_S];
    int64_t period_s = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
    int64_t delay_s = argc > 2 ? strtol(argv[2], NULL, 10) : 0;

    if (period_s <= 0 || delay_s <= 0) {
        return 2;
    }
    for (int hosts = 1; hosts <= MOST_HOSTS; hosts *= 10) {
        simulate(hosts, period_s, 0, without);
        simulate(hosts, period_s, delay_s, with);
        print_peak(hosts, "without", without);
        print_peak(hosts, "with", with);
    }
    for (int i = ROTATION_S - 1200; i < ROTATION_S + 2400; i++) {
        printf("second\t%d\t%u\t%u\n", i - ROTATION_S, without[i], with[i]);
    }
    return 0;
}

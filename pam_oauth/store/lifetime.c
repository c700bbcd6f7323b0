#include "store/lifetime.h"

#include <stdbool.h>

struct lifetime
lifetime_of(int64_t fetched_s, int64_t fresh_until_s, const struct lifetime_limits *limits,
            int64_t now_s)
{
    /* Times of a file end with the year 9999 and durations with 30 days: no sum overflows. */
    int64_t most_s = fetched_s + limits->max_age_s;
    int64_t stale_s = fresh_until_s < most_s ? fresh_until_s : most_s;
    struct lifetime lifetime = {
        .state = LIFETIME_OVER,
        .due_s = fetched_s + (stale_s - fetched_s) / 2,
        .stale_s = stale_s,
        .over_s = stale_s + limits->stale_limit_s,
    };
    bool of_the_future = fetched_s > now_s + limits->clock_skew_s;

    if (!of_the_future && now_s < lifetime.over_s) {
        lifetime.state = now_s < stale_s ? LIFETIME_FRESH : LIFETIME_STALE;
    }
    return lifetime;
}

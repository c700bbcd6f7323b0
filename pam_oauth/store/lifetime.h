/*
 * How long stored keys may be used: fresh, then stale, then no more (R69, R72). Pure: times in,
 * times out. What a provider says of it is in oauth/freshness.h.
 *
 *     fetched ---- due ---- stale ---------------- over
 *        fresh: used        stale: used, and some     refused: keys_unavailable
 *                           process refreshes them    until the provider answers
 *
 * From `due`, half of the fresh time, on the timer refreshes them: an outage that is shorter than
 * the other half is not even noticed.
 */
#ifndef PAM_OAUTH_STORE_LIFETIME_H
#define PAM_OAUTH_STORE_LIFETIME_H

#include <stdint.h>

enum lifetime_state { LIFETIME_FRESH, LIFETIME_STALE, LIFETIME_OVER };

/* What the configuration says today; it bounds what was stored yesterday. Seconds. */
struct lifetime_limits {
    int64_t max_age_s;     /* jwks_max_age */
    int64_t stale_limit_s; /* jwks_stale_limit */
    int64_t clock_skew_s;
};

struct lifetime {
    enum lifetime_state state;
    int64_t due_s;   /* wall clock */
    int64_t stale_s; /* the first second in which they are no longer fresh */
    int64_t over_s;  /* the first in which they are not used any more */
};

/*
 * Keys that were fetched at `fetched_s` and were said to be fresh until `fresh_until_s`, as they
 * are at `now_s`. Fetched in the future, by more than the clock skew, they are over: the clock went
 * back, and nothing can be said of their age (R63).
 */
struct lifetime lifetime_of(int64_t fetched_s, int64_t fresh_until_s,
                            const struct lifetime_limits *limits, int64_t now_s);

#endif

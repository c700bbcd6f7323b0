/*
 * Cache-Control, Age and Retry-After: whatever they hold, the answer is within its bounds (R69,
 * R80). Parts: Cache-Control; Age; Retry-After.
 */
#include "oauth/freshness.h"
#include "fuzz.h"

#define MIN_S 300
#define MAX_S 86400
#define MOST_S 60

static bool
is_digits(struct span text)
{
    bool digits = text.length > 0;

    for (size_t i = 0; i < text.length; i++) {
        digits = digits && text.at[i] >= '0' && text.at[i] <= '9';
    }
    return digits;
}

static void
check_lifetime(struct span cache_control, struct span age)
{
    const struct span none = {.at = NULL, .length = 0};
    int64_t fresh_s = freshness_s(cache_control, age, MIN_S, MAX_S);
    int64_t unbounded_s = freshness_s(cache_control, age, INT64_MIN, INT64_MAX);

    PROMISE(fresh_s >= MIN_S && fresh_s <= MAX_S);
    /* max-age is at most 2^31 seconds, and so is Age. */
    PROMISE(unbounded_s >= -(INT64_C(1) << 31) && unbounded_s <= INT64_C(1) << 31);
    /* Age only ever shortens. */
    PROMISE(fresh_s <= freshness_s(cache_control, none, MIN_S, MAX_S));
    PROMISE(freshness_s(none, none, MIN_S, MAX_S) == FRESHNESS_DEFAULT_S);
}

static void
check_retry_after(struct span text)
{
    int64_t wait_s = freshness_retry_after_s(text, MOST_S);

    PROMISE(wait_s >= -1 && wait_s <= MOST_S);
    PROMISE((wait_s >= 0) == is_digits(span_trim(text)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);
    struct span cache_control = fuzz_part(&input);
    struct span age = fuzz_part(&input);

    check_lifetime(cache_control, age);
    check_retry_after(fuzz_part(&input));
    fuzz_done();
    return 0;
}

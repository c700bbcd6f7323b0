#include "cli/duration.h"

#include <stddef.h>
#include <stdio.h>

#include "base/guard.h"

struct duration
duration_of(int64_t seconds)
{
    static const struct {
        int64_t from_s;
        int64_t unit_s;
        char unit;
    } rows[] = {{172800, 86400, 'd'}, {7200, 3600, 'h'}, {120, 60, 'm'}, {0, 1, 's'}};
    struct duration duration = {"0s"};

    for (size_t i = 0; i < COUNT(rows) && seconds > 0; i++) {
        if (seconds >= rows[i].from_s) {
            (void)snprintf(duration.text, sizeof(duration.text), "%lld%c",
                           (long long)(seconds / rows[i].unit_s), rows[i].unit);
            break;
        }
    }
    return duration;
}

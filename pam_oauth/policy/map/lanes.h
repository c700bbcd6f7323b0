/*
 * Sixteen bytes of a map looked at in one instruction each, which gcc and clang write for every
 * processor that has one: done byte by byte, a search of a million lines would take ten times as
 * long. No bounds are checked here; who calls says how many bytes there are.
 */
#ifndef PAM_OAUTH_POLICY_MAP_LANES_H
#define PAM_OAUTH_POLICY_MAP_LANES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LANES ((size_t)16)
typedef uint8_t lanes __attribute__((vector_size(16)));

/* The same byte in each lane. */
static inline lanes
lanes_of(char byte)
{
    return (lanes){0} + (uint8_t)byte;
}

/* All ones in each lane whose byte, of those from `at` on, is `wanted`'s; the others are zero. */
static inline lanes
lanes_equal(const char *at, lanes wanted)
{
    lanes bytes;

    memcpy(&bytes, at, sizeof(bytes));
    return (lanes)(bytes == wanted);
}

/* Whether a lane is not zero. */
static inline bool
lanes_any(lanes found)
{
    static const uint8_t none[LANES] = {0};
    uint8_t bytes[LANES];

    memcpy(bytes, &found, sizeof(bytes));
    return memcmp(bytes, none, sizeof(bytes)) != 0;
}

#endif

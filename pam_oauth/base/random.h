/*
 * Random text from the kernel.
 */
#ifndef PAM_OAUTH_BASE_RANDOM_H
#define PAM_OAUTH_BASE_RANDOM_H

#include <stddef.h>

#include "base/status.h"

/*
 * `length` (at most 64) characters of a-z and 2-7 that people can read to one another, terminated;
 * `into` has room for one more. ST_INTERNAL when the kernel has no randomness.
 */
MUST_CHECK enum status random_text(char *into, size_t length);

#endif

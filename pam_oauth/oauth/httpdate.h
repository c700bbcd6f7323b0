/*
 * The date of an HTTP header, in the one form that is still sent: `Sun, 06 Nov 1994 08:49:37 GMT`
 * (RFC 9110 section 5.6.7).
 */
#ifndef PAM_OAUTH_OAUTH_HTTPDATE_H
#define PAM_OAUTH_OAUTH_HTTPDATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/*
 * Seconds since 1970, of the years 1970 to 9999. False for anything else, the obsolete forms
 * included. The day of the week must be one, and is otherwise not asked.
 */
bool httpdate_parse(struct span text, int64_t *ret_s);

#endif

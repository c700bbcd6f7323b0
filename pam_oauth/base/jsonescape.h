/*
 * The escapes of a JSON string: RFC 8259 section 7. No NUL and no half of a surrogate pair comes
 * out of one, so that text stays text and valid UTF-8 stays valid.
 */
#ifndef PAM_OAUTH_BASE_JSONESCAPE_H
#define PAM_OAUTH_BASE_JSONESCAPE_H

#include <stdbool.h>

#include "base/span.h"

/*
 * Decodes what stands between the quotes to `out`, which has room for `written.length` bytes: no
 * escape is shorter than what it means. False for an escape that JSON does not have, or that means
 * U+0000 or half a pair; what `out` holds is then of no use.
 */
bool jsonescape_decode(struct span written, char *out, size_t *ret_length);

#endif

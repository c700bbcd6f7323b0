/*
 * A file that is named on the command line: the caller's own, so nothing but its size counts.
 */
#ifndef PAM_OAUTH_CLI_INPUT_H
#define PAM_OAUTH_CLI_INPUT_H

#include "base/buf.h"

/*
 * Reads it whole into `into`; standard input for `-`. ST_STORE with the reason, which does not name
 * the file, when it cannot be read; ST_MALFORMED when there is more than `into` takes; ST_MEMORY.
 */
MUST_CHECK enum status input_read(const char *path, struct why *why, struct buf *into);

#endif

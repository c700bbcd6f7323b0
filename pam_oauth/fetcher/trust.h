/*
 * The certificates that a provider's own must lead to. They are read once, before the program
 * gives up opening files, and handed to libcurl as bytes.
 */
#ifndef PAM_OAUTH_FETCHER_TRUST_H
#define PAM_OAUTH_FETCHER_TRUST_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/status.h"

/* Debian's bundle of some 140 certificates has 220 kB. */
#define TRUST_MAX ((size_t)4 * 1024 * 1024)

/*
 * Reads `ca_file`, or the system's bundle where that is empty. Nobody but root, and `owner`, may
 * have been able to write a `ca_file` (R111). ST_CONFIG with the remedy, ST_MEMORY.
 */
MUST_CHECK enum status trust_read(struct span ca_file, uid_t owner, struct why *why,
                                  struct buf *into);

#endif

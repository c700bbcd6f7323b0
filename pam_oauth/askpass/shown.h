/*
 * A foreign prompt made fit for a terminal. Each of its lines stands behind a mark, so that none of
 * them can pass for one of ours or for another prompt; letters of any script and the blocks of a QR
 * code stay; what moves the cursor, turns the writing around or is seen by nobody does not.
 */
#ifndef PAM_OAUTH_ASKPASS_SHOWN_H
#define PAM_OAUTH_ASKPASS_SHOWN_H

#include "base/buf.h"

/* So much of it is shown; a device prompt with its QR code has 1.7 kB. */
#define SHOWN_MAX ((size_t)8192)

/* Appends it. ST_MEMORY. */
MUST_CHECK enum status shown_prompt(struct span prompt, struct buf *into);

#endif

/*
 * application/x-www-form-urlencoded, as OAuth sends it (RFC 6749 appendix B).
 */
#ifndef PAM_OAUTH_OAUTH_FORM_H
#define PAM_OAUTH_OAUTH_FORM_H

#include "base/buf.h"

/* Appends `name=value`, encoded, after a `&` if the body is not empty. */
MUST_CHECK enum status form_add(struct buf *body, const char *name, struct span value);

/* Appends the encoded text alone: for client_secret_basic (RFC 6749 section 2.3.1). */
MUST_CHECK enum status form_encode(struct buf *into, struct span text);

#endif

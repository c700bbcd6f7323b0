/*
 * base64url without padding, strict: RFC 4648 section 5, RFC 7515 section 2 and appendix C. There
 * is exactly one text for given bytes; every other text is refused (R34).
 */
#ifndef PAM_OAUTH_JOSE_BASE64URL_H
#define PAM_OAUTH_JOSE_BASE64URL_H

#include "base/buf.h"

/* Appends the bytes. ST_MALFORMED for a text that no encoder writes; ST_MEMORY. */
MUST_CHECK enum status base64url_decode(struct span text, struct buf *bytes);

/* How many characters from the start on are of the alphabet. */
size_t base64url_run(struct span text);

/* Appends the text. */
MUST_CHECK enum status base64url_encode(struct span bytes, struct buf *text);

#endif

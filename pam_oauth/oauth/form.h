/*
 * application/x-www-form-urlencoded, as OAuth sends it (RFC 6749 appendix B) and as some providers
 * answer. Reading is strict: a field twice, half an escape or a byte that no encoder leaves bare
 * is an error.
 */
#ifndef PAM_OAUTH_OAUTH_FORM_H
#define PAM_OAUTH_OAUTH_FORM_H

#include <jansson.h>

#include "base/buf.h"

/*
 * Appends `name=value`, encoded, after a `&` if the body is not empty. ST_MEMORY, ST_MALFORMED when
 * the limit of `body` would be passed; the body is then unchanged.
 */
MUST_CHECK enum status form_add(struct buf *body, const char *name, struct span value);

/*
 * Appends the encoded text alone: for client_secret_basic (RFC 6749 section 2.3.1). Fails like
 * form_add.
 */
MUST_CHECK enum status form_encode(struct buf *into, struct span text);

/*
 * Reads a body into an object whose values are all strings, which the caller owns (json_decref);
 * so that a form-encoded reply is read like a JSON one. ST_MALFORMED with the reason, never with a
 * part of the body; ST_MEMORY.
 */
MUST_CHECK enum status form_object(struct span body, struct why *why, json_t **ret_object);

#endif

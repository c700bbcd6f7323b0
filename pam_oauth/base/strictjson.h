/*
 * JSON as a security protocol needs it (R35): one object, valid UTF-8, no duplicate names, no NUL
 * in a string, nothing behind it, and bounds on nesting, members and strings. RFC 8259, RFC 7515
 * section 4, RFC 7519 section 4.
 *
 * The values are Jansson's, the reader is ours: Jansson 2.14 leaves out a byte of a string for
 * which there is no memory at that moment, so that an audience `ssh://hostX` could read as
 * `ssh://host`; and it takes most of the time that is not the signature's.
 */
#ifndef PAM_OAUTH_BASE_STRICTJSON_H
#define PAM_OAUTH_BASE_STRICTJSON_H

#include <jansson.h>
#include <stdint.h>

#include "base/guard.h"
#include "base/span.h"
#include "base/status.h"

struct strictjson_limits {
    size_t depth;   /* objects and arrays open at once */
    size_t members; /* names in all objects together */
    size_t string;  /* bytes of one string as written */
};

/* A JWS header or a claims set. */
extern const struct strictjson_limits strictjson_token;
/* A document from a provider: discovery, JWKS, device and token replies. */
extern const struct strictjson_limits strictjson_document;

/*
 * On success `*ret_object` is a JSON object that the caller owns (json_decref). ST_MALFORMED for
 * anything that is not one within the limits, with the place in `why`; ST_MEMORY.
 */
MUST_CHECK enum status strictjson_object(struct span text, const struct strictjson_limits *limits,
                                         struct why *why, json_t **ret_object);

/* For CLEANUP on a json_t *. */
void strictjson_done(json_t **value);

/* The text of a string member, valid while the object lives; false if absent or no string. */
bool strictjson_text(const json_t *object, const char *name, struct span *ret_text);

/* The text of a JSON string value; empty for anything else, and for NULL. */
struct span strictjson_string(const json_t *string);

#endif

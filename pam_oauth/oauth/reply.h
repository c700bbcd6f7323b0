/*
 * The body of a reply from an OAuth endpoint, success or error: one JSON object (RFC 6749 sections
 * 5.1 and 5.2), or the same fields form-encoded, as GitHub sends them. Which of the two is seen in
 * the body; the media type that providers claim is not reliable.
 */
#ifndef PAM_OAUTH_OAUTH_REPLY_H
#define PAM_OAUTH_OAUTH_REPLY_H

#include <jansson.h>
#include <stdint.h>

#include "base/guard.h"
#include "base/span.h"
#include "base/status.h"

struct reply {
    json_t *object; /* NULL: nothing is in it */
    bool form;
};
#define REPLY                                                                                      \
    {                                                                                              \
        .object = NULL, .form = false                                                              \
    }

/*
 * ST_MALFORMED when the body is neither, with the reason and no part of it in `why`; ST_MEMORY.
 * Leave it with reply_done.
 */
MUST_CHECK enum status reply_open(struct span body, struct why *why, struct reply *ret_reply);

/* Wipes the strings, which may be codes and tokens, and frees. Fits CLEANUP. */
void reply_done(struct reply *reply);

/* Is the field there at all, of whatever type? null counts as absent. */
bool reply_has(const struct reply *reply, const char *name);

/* A field that is a string and not empty; the text is valid while the reply lives. */
bool reply_text(const struct reply *reply, const char *name, struct span *ret_text);

/*
 * A field that is an integer: in JSON a number without fraction and exponent (a string of digits
 * is none), in a form digits.
 */
bool reply_integer(const struct reply *reply, const char *name, int64_t *ret_integer);

/* What an error code means to us, and to the administrator who reads of it. */
struct reply_refusal {
    const char *error; /* NULL: any other; ends a table */
    enum status status;
    const char *sentence;
};

/* The row of the reply's error; the last one of the table if it has another one, or none. */
const struct reply_refusal *reply_refusal(const struct reply *reply,
                                          const struct reply_refusal *rows);

/*
 * Returns the row's status, with its sentence in `why` and behind it the provider's own error and
 * error_description: escaped, the latter at most 200 bytes (R85), and neither when it holds one of
 * the secrets (R88). ST_MEMORY.
 */
MUST_CHECK enum status reply_refused(const struct reply_refusal *row, const struct reply *reply,
                                     const struct span secrets[2], struct why *why);

#endif

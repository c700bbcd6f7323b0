/*
 * Text: numbers and durations with bounds, escaping for logs and terminals, validity, patterns,
 * and the nearest of several names. Nothing here depends on the locale.
 */
#ifndef PAM_OAUTH_BASE_TEXT_H
#define PAM_OAUTH_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

/* A decimal number without sign, blanks or leading zeros, in [min, max]; false otherwise. */
bool text_number(struct span text, int64_t min, int64_t max, int64_t *ret_number);

/* Seconds: a number with the unit s, m, h or d, or without for seconds, in [min_s, max_s]. */
bool text_duration_s(struct span text, int64_t min_s, int64_t max_s, int64_t *ret_s);

/* True for well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates). */
bool text_is_utf8(struct span text);

/* True if every byte is printable ASCII, 0x20 to 0x7E. */
bool text_is_printable(struct span text);

/* The same letters, whatever their case: ASCII's alone, in every locale (R110). */
bool text_is_in_any_case(struct span text, const char *wanted);
bool text_equals_in_any_case(struct span a, struct span b);

bool text_is_digit(char byte);
bool text_is_lower(char byte);
bool text_is_upper(char byte);

/*
 * Appends foreign text for a log line, a terminal or a diagnostic: everything that is not
 * printable ASCII, and the quote and the backslash, as \xNN; after `most` input bytes it is cut
 * and "..." shows it (R93).
 */
MUST_CHECK enum status text_escape(struct buf *into, struct span text, size_t most);

/* The same into a fixed array, always terminated; for the arguments of status_because(). */
struct text_quoted {
    char text[4 * 64 + 4];
};
struct text_quoted text_quote(struct span text);

/*
 * Does `text` match `pattern`, in which one `*` may stand for any run of bytes? When it does,
 * `*ret_star` is what the star stood for (empty without one).
 */
bool text_matches(struct span pattern, struct span text, struct span *ret_star);

/*
 * The name that a person who typed `typed` probably meant: the one with the fewest edits, if
 * they are at most a third of its length. NULL when none is near.
 */
const char *text_nearest(struct span typed, const char *const *names, size_t count);

#endif

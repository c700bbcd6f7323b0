/*
 * A borrowed run of bytes. It owns nothing; whoever hands one out says how long it stays valid.
 */
#ifndef PAM_OAUTH_BASE_SPAN_H
#define PAM_OAUTH_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>

struct span {
    const char *at;
    size_t length;
};

/* For printf's "%.*s", for text that is known to be printable. */
#define SPAN_ARGS(span) (int)(span).length, (span).at

/* A string without its NUL; NULL gives the empty span. */
struct span span_of(const char *text);

bool span_equals(struct span a, struct span b);
bool span_is(struct span span, const char *text);
bool span_starts(struct span span, const char *prefix);

/* True if `byte` occurs; then the span is cut in two around its first occurrence. */
bool span_cut(struct span span, char byte, struct span *ret_before, struct span *ret_after);

/* Without blanks (space and tab) at either end. */
struct span span_trim(struct span span);

/*
 * Takes the next word off the front of `*rest` (words are separated by blanks). False, and an
 * empty word, when there is none left.
 */
bool span_word(struct span *rest, struct span *ret_word);

/* Takes the next line, without its LF, off the front of `*rest`; false at the end. */
bool span_line(struct span *rest, struct span *ret_line);

/* The line of the text, without its LF, that holds the byte at `at`; a LF is the end of its own. */
struct span span_line_around(struct span text, const char *at);

#endif

/*
 * The strict reader of configuration files and presets (DESIGN section 4). A line is `[section]`,
 * `key = value`, a comment whose first non-blank is `#` or `;`, or blank. There are no inline
 * comments, no continuations and no escapes; a line with CR, NUL, another control character or
 * invalid UTF-8 is refused. What the words mean is for others to know.
 */
#ifndef PAM_OAUTH_POLICY_LINES_H
#define PAM_OAUTH_POLICY_LINES_H

#include <stdbool.h>

#include "base/span.h"
#include "policy/findings.h"

/* Start with `{.file = path, .rest = text}`. */
struct lines {
    const char *file;
    struct span rest;
    unsigned int number; /* of the line that was taken last */
    bool said_cr;        /* a file with CRLF line ends deserves one finding, not one a line */
};

enum line_kind { LINE_SECTION, LINE_SETTING };

/* The spans point into the text. */
struct line {
    enum line_kind kind;
    struct span name;  /* what stands between the brackets, or the key */
    struct span value; /* of a setting; never empty */
};

/*
 * Takes lines until one says something. Those that cannot be read are added to `findings` and
 * passed over, so that one look shows every error of the file. False at the end.
 */
bool lines_next(struct lines *lines, struct findings *findings, struct line *ret_line);

/*
 * What is wrong with a line of text as such, whatever it says: a CR, a NUL, another control
 * character, invalid UTF-8. NULL when nothing is.
 */
const char *lines_fault(struct span line);

#endif

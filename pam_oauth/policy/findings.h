/*
 * What is wrong with a configuration: every finding of every file, each one line
 * `FILE:LINE: error: sentence; remedy` or `... warning: ...` (DESIGN section 5, check).
 */
#ifndef PAM_OAUTH_POLICY_FINDINGS_H
#define PAM_OAUTH_POLICY_FINDINGS_H

#include "base/buf.h"
#include "base/status.h"

/* Past this many bytes of text further findings are only counted. */
#define FINDINGS_MAX ((size_t)64 * 1024)

struct findings {
    struct buf lines; /* escaped, one finding a line, each ended by LF */
    unsigned int errors;
    unsigned int warnings;
};
#define FINDINGS                                                                                   \
    {                                                                                              \
        .lines = BUF(FINDINGS_MAX), .errors = 0, .warnings = 0                                     \
    }

void findings_done(struct findings *findings);

/* `line` 0: about the file as a whole; then only `FILE: error: ...` is written. */
void findings_error(struct findings *findings, const char *file, unsigned int line,
                    const char *format, ...) PRINTF_LIKE(4, 5);
void findings_warning(struct findings *findings, const char *file, unsigned int line,
                      const char *format, ...) PRINTF_LIKE(4, 5);

/* Adds what others found; `more` stays as it is. */
void findings_add(struct findings *findings, const struct findings *more);

/* An error about a whole file, in the words of base/file.h, which begin with the path again. */
void findings_file_error(struct findings *findings, const char *path, const struct why *why);

#endif

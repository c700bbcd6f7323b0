#include "policy/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Longer than any sentence of ours with a quoted value in it. */
#define SENTENCE_MAX 1024
#define FILE_MAX 512

void
findings_done(struct findings *findings)
{
    buf_done(&findings->lines);
    findings->errors = 0;
    findings->warnings = 0;
}

static enum status
write_line(struct buf *lines, const char *file, unsigned int number, const char *severity,
           const char *sentence)
{
    TRY(text_escape(lines, span_of(file), FILE_MAX));
    if (number > 0) {
        TRY(buf_printf(lines, ":%u", number));
    }
    TRY(buf_printf(lines, ": %s: ", severity));
    TRY(text_escape(lines, span_of(sentence), SENTENCE_MAX));
    return buf_add_char(lines, '\n');
}

/* All of the line or nothing: where there is no room for it, its count alone still refuses. */
static void
add(struct findings *findings, const char *file, unsigned int number, const char *severity,
    const char *sentence)
{
    size_t before = findings->lines.length;

    if (write_line(&findings->lines, file, number, severity, sentence) != ST_OK) {
        buf_cut(&findings->lines, before);
    }
}

void
findings_error(struct findings *findings, const char *file, unsigned int line, const char *format,
               ...)
{
    char sentence[SENTENCE_MAX];
    va_list arguments;

    findings->errors++;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    add(findings, file, line, "error", sentence);
}

void
findings_warning(struct findings *findings, const char *file, unsigned int line, const char *format,
                 ...)
{
    char sentence[SENTENCE_MAX];
    va_list arguments;

    findings->warnings++;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    add(findings, file, line, "warning", sentence);
}

void
findings_file_error(struct findings *findings, const char *path, const struct why *why)
{
    size_t length = strlen(path);
    bool again =
        strncmp(why->sentence, path, length) == 0 && strncmp(why->sentence + length, ": ", 2) == 0;

    findings_error(findings, path, 0, "%s", why->sentence + (again ? length + 2 : 0));
}

void
findings_add(struct findings *findings, const struct findings *more)
{
    findings->errors += more->errors;
    findings->warnings += more->warnings;
    if (buf_add(&findings->lines, buf_span(&more->lines)) != ST_OK) {
        return; /* none of them is shown, and their count alone refuses */
    }
}

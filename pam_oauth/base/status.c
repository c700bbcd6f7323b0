#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>

struct status_row {
    const char *word;
    enum status_class class;
    enum status_outcome outcome;
    enum status_advice advice;
};

static const struct status_row status_rows[ST_COUNT] = {
#define STATUS(name, word, class, outcome, advice) [name] = {word, class, outcome, advice},
#include "base/status.def"
#undef STATUS
};

/* A value outside the enum is a bug of ours, and a bug of ours must never read as success. */
static const struct status_row *
row_of(enum status status)
{
    unsigned int at = (unsigned int)status;

    return &status_rows[at < ST_COUNT ? at : ST_INTERNAL];
}

const char *
status_word(enum status status)
{
    return row_of(status)->word;
}

const char *
status_verdict(enum status status)
{
    static const char *const verdicts[] = {
        [CLASS_OK] = "accepted", [CLASS_REFUSED] = "refused", [CLASS_FAULT] = "failed"};

    return verdicts[row_of(status)->class];
}

enum status_class
status_class(enum status status)
{
    return row_of(status)->class;
}

enum status_outcome
status_outcome(enum status status)
{
    return row_of(status)->outcome;
}

enum status_advice
status_advice(enum status status)
{
    return row_of(status)->advice;
}

enum status
status_because(struct why *why, enum status status, const char *format, ...)
{
    va_list arguments;

    if (why != NULL) {
        va_start(arguments, format);
        /* A sentence that does not fit is cut, never refused: it only explains. */
        (void)vsnprintf(why->sentence, sizeof(why->sentence), format, arguments);
        va_end(arguments);
    }
    return status;
}

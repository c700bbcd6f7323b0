#include "fetcher/resp.h"

#include <string.h>

#include "base/text.h"

#define OK_LINE "+OK\r\n"
#define NIL_LINE "$-1\r\n"
#define CODE_MAX ((size_t)24)

/* Do the bytes begin with the line, or the line with the bytes? */
static bool
could_be(struct span bytes, const char *line)
{
    size_t length = bytes.length < strlen(line) ? bytes.length : strlen(line);

    return length == 0 || memcmp(bytes.at, line, length) == 0;
}

/* The word that an error begins with, such as WRONGPASS; "?" if it is none. */
static struct span
code_of(struct span error)
{
    size_t letters = 0;

    while (1 + letters < error.length && letters <= CODE_MAX &&
           text_is_upper(error.at[1 + letters])) {
        letters++;
    }
    return letters > 0 && letters <= CODE_MAX ? (struct span){.at = error.at + 1, .length = letters}
                                              : span_of("?");
}

static enum resp
take_error(struct span rest, struct why *why)
{
    if (memchr(rest.at, '\n', rest.length) == NULL && rest.length < RESP_ERROR_MAX) {
        return RESP_MORE;
    }
    (void)status_because(why, ST_PROVIDER, "it answers with the error %.*s",
                         SPAN_ARGS(code_of(rest)));
    return RESP_BAD;
}

static enum resp
bad(struct why *why, const char *what)
{
    (void)status_because(why, ST_PROVIDER, "%s", what);
    return RESP_BAD;
}

/* Takes one answer off the front of `*rest`. */
static enum resp
take(struct span *rest, struct why *why)
{
    bool ok = could_be(*rest, OK_LINE);
    size_t length = strlen(ok ? OK_LINE : NIL_LINE);

    if (rest->length > 0 && rest->at[0] == '-') {
        return take_error(*rest, why);
    }
    if (!ok && !could_be(*rest, NIL_LINE)) {
        return bad(why, "it answers neither OK nor nil");
    }
    if (rest->length < length) {
        return RESP_MORE;
    }
    *rest = (struct span){.at = rest->at + length, .length = rest->length - length};
    return ok ? RESP_OK : RESP_NIL;
}

enum resp
resp_answers(struct span answers, size_t count, struct why *why)
{
    enum resp answer = RESP_OK;

    for (size_t i = 0; i < count && answer == RESP_OK; i++) {
        answer = take(&answers, why);
        if (answer == RESP_NIL && i + 1 < count) {
            return bad(why, "it answers nil where only OK is expected");
        }
    }
    return (answer == RESP_OK || answer == RESP_NIL) && answers.length > 0
               ? bad(why, "its answer goes on behind its end")
               : answer;
}

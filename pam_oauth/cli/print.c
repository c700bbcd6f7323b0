#include "cli/print.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/text.h"

void
print_sentence(FILE *to, struct span text)
{
    for (size_t i = 0; i < text.length; i++) {
        struct span byte = {.at = text.at + i, .length = 1};
        (void)fputc(text_is_printable(byte) ? text.at[i] : '?', to);
    }
}

json_t *
print_json_text(struct span text)
{
    struct buf masked CLEANUP(buf_done) = BUF(65536);

    if (text_is_utf8(text)) {
        return json_stringn(text.at, text.length);
    }
    return text_escape(&masked, text, text.length) == ST_OK ? json_string(buf_text(&masked))
                                                            : json_null();
}

bool
print_escaped(FILE *to, struct span text)
{
    struct buf escaped CLEANUP(buf_done) = BUF(4096);

    bool whole = text_escape(&escaped, text, 512) == ST_OK;
    (void)fputs(buf_text(&escaped), to);
    return whole;
}

/* Jansson escapes everything that is not ASCII, and all controls but one: DEL, in strings only. */
static void
print_without_del(FILE *to, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == 0x7F) {
            (void)fputs("\\u007f", to);
        } else {
            (void)fputc(*at, to);
        }
    }
    (void)fputc('\n', to);
}

bool
print_json_line(FILE *to, const json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_PRESERVE_ORDER);
    bool whole = text != NULL;

    print_without_del(to, whole ? text : "{\"verdict\":\"failed\",\"reason\":\"memory\"}");
    free(text);
    return whole;
}

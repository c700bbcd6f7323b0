#include "cli/print.h"

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

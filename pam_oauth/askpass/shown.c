#include "askpass/shown.h"

#include <stdint.h>

#include "base/text.h"

#define MARK "| "

struct range {
    uint32_t first;
    uint32_t last;
};

/* Controls, marks without width or of direction, separators of lines, private use, non-characters.
 */
static const struct range hidden[] = {
    {0x0000, 0x001F}, {0x007F, 0x009F}, {0x00AD, 0x00AD}, {0x034F, 0x034F},    {0x061C, 0x061C},
    {0x115F, 0x1160}, {0x17B4, 0x17B5}, {0x180B, 0x180F}, {0x200B, 0x200F},    {0x2028, 0x202E},
    {0x2060, 0x206F}, {0x3164, 0x3164}, {0xE000, 0xF8FF}, {0xFE00, 0xFE0F},    {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB}, {0xFFFE, 0xFFFF}, {0xE0000, 0x10FFFF},
};

static bool
is_hidden(uint32_t point)
{
    for (size_t i = 0; i < COUNT(hidden); i++) {
        if (point >= hidden[i].first && point <= hidden[i].last) {
            return true;
        }
    }
    return false;
}

/* The length of the character at the front of well-formed UTF-8, and which one it is. */
static size_t
next_character(struct span text, uint32_t *ret_point)
{
    static const unsigned char leads[] = {0x00, 0xC0, 0xE0, 0xF0};
    unsigned char lead = (unsigned char)text.at[0];
    size_t more = 0;

    for (size_t i = 1; i < COUNT(leads); i++) {
        more += lead >= leads[i] ? 1 : 0;
    }
    uint32_t point = more == 0 ? lead : (uint32_t)(lead & (0x3F >> more));
    for (size_t i = 1; i <= more; i++) {
        point = (point << 6) | ((unsigned char)text.at[i] & 0x3F);
    }
    *ret_point = point;
    return more + 1;
}

static enum status
add_line(struct span line, struct buf *into)
{
    if (!text_is_utf8(line)) {
        return text_escape(into, line, SHOWN_MAX);
    }
    while (line.length > 0) {
        uint32_t point = 0;
        size_t length = next_character(line, &point);
        struct span character = {.at = line.at, .length = length};
        TRY(is_hidden(point) ? buf_add_char(into, '?') : buf_add(into, character));
        line.at += length;
        line.length -= length;
    }
    return ST_OK;
}

enum status
shown_prompt(struct span prompt, struct buf *into)
{
    bool cut = prompt.length > SHOWN_MAX;
    struct span rest = {.at = prompt.at, .length = cut ? SHOWN_MAX : prompt.length};
    struct span line;
    struct span next;

    while (span_cut(rest, '\n', &line, &next)) {
        TRY(buf_add_text(into, MARK));
        TRY(add_line(line, into));
        TRY(buf_add_char(into, '\n'));
        rest = next;
    }
    TRY(buf_add_text(into, MARK));
    TRY(add_line(rest, into));
    return cut ? buf_add_text(into, "... (cut) ") : ST_OK;
}

#include "policy/lines.h"

#include <string.h>

#include "base/text.h"

const char *
lines_fault(struct span line)
{
    bool ascii = true;

    for (size_t i = 0; i < line.length; i++) {
        unsigned char byte = (unsigned char)line.at[i];
        if (byte >= 0x20 && byte < 0x7F) {
            continue;
        }
        ascii = ascii && byte < 0x80;
        if (byte == '\r') {
            return "a carriage return; save the file with LF line ends";
        }
        if (byte == '\0') {
            return "a NUL byte; remove it";
        }
        if (byte < 0x80 && byte != '\t') {
            return "a control character; remove it";
        }
    }
    return ascii || text_is_utf8(line) ? NULL : "bytes that are not UTF-8; save the file as UTF-8";
}

/* True if the line can be read; a CR at its end is reported once and then taken off. */
static bool
check_bytes(struct lines *lines, struct findings *findings, struct span *line)
{
    bool ends_in_cr = line->length > 0 && line->at[line->length - 1] == '\r';

    if (ends_in_cr && !lines->said_cr) {
        findings_error(findings, lines->file, lines->number, "the line has %s", lines_fault(*line));
        lines->said_cr = true;
    }
    line->length -= ends_in_cr ? 1 : 0;
    const char *fault = lines_fault(*line);
    if (fault != NULL) {
        findings_error(findings, lines->file, lines->number, "the line has %s", fault);
    }
    return fault == NULL;
}

static bool
read_section(struct lines *lines, struct findings *findings, struct span line,
             struct line *ret_line)
{
    struct span name = {.at = line.at + 1, .length = line.length - 1};

    if (line.at[line.length - 1] != ']') {
        findings_error(findings, lines->file, lines->number,
                       "a section is '[name]' and nothing else on its line");
        return false;
    }
    name.length -= name.length > 0 ? 1 : 0;
    *ret_line = (struct line){.kind = LINE_SECTION, .name = span_trim(name), .value = {"", 0}};
    return true;
}

static bool
read_setting(struct lines *lines, struct findings *findings, struct span line,
             struct line *ret_line)
{
    struct span key;
    struct span value;

    if (!span_cut(line, '=', &key, &value)) {
        findings_error(findings, lines->file, lines->number,
                       "not a '[section]', a 'key = value' or a comment; a comment begins with #");
        return false;
    }
    key = span_trim(key);
    value = span_trim(value);
    if (value.length == 0) {
        findings_error(findings, lines->file, lines->number,
                       "'%.*s' has no value; remove the line to get the default", SPAN_ARGS(key));
        return false;
    }
    *ret_line = (struct line){.kind = LINE_SETTING, .name = key, .value = value};
    return true;
}

bool
lines_next(struct lines *lines, struct findings *findings, struct line *ret_line)
{
    struct span line;

    while (span_line(&lines->rest, &line)) {
        lines->number++;
        if (!check_bytes(lines, findings, &line)) {
            continue;
        }
        line = span_trim(line);
        if (line.length == 0 || line.at[0] == '#' || line.at[0] == ';') {
            continue;
        }
        if (line.at[0] == '[' ? read_section(lines, findings, line, ret_line)
                              : read_setting(lines, findings, line, ret_line)) {
            return true;
        }
    }
    return false;
}

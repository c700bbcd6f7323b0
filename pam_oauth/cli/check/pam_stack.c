#include "cli/check/pam_stack.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/check/pam_control.h"

/* An entry with its continuation lines. */
#define ENTRY_TEXT_MAX ((size_t)16 * 1024)

void
pam_stack_done(struct pam_stack *stack)
{
    for (size_t i = 0; i < stack->count; i++) {
        free(stack->at[i].module);
        words_done(&stack->at[i].arguments);
    }
    free(stack->at);
    stack->at = NULL;
    stack->count = 0;
    words_done(&stack->files);
}

const char *
pam_stack_code_name(enum pam_code code)
{
    static const char *const names[] = {
#define PAM_CODE(name) #name,
#include "cli/check/pam_codes.def"
#undef PAM_CODE
    };

    return names[code];
}

struct span
pam_stack_module(const struct pam_entry *entry)
{
    const char *slash = strrchr(entry->module, '/');
    struct span name = span_of(slash != NULL ? slash + 1 : entry->module);

    if (name.length > 3 && strcmp(name.at + name.length - 3, ".so") == 0) {
        name.length -= 3;
    }
    return name;
}

/* ---- lines ------------------------------------------------------------------------------------
 */

/* A file on its way into the stack. */
struct reading {
    const struct pam_place *place;
    struct pam_stack *stack;
    const char *file; /* the stack's */
    struct span rest;
    unsigned int number; /* of the line at hand, or the first of several that are one */
    unsigned int lines;
    int only; /* entries of this type alone, or -1 */
    unsigned int level;
    unsigned int depth;
    const char *service; /* of /etc/pam.conf, whose lines begin with one; else NULL */
};

#define COMPLAIN(reading, ...)                                                                     \
    findings_error((reading)->place->findings, (reading)->file, (reading)->number, __VA_ARGS__)

/* The next entry, without its comment, lines joined where one ends in a backslash. */
static enum status
next_entry(struct reading *reading, struct buf *entry, bool *ret_found)
{
    struct span line;
    struct span comment;

    buf_cut(entry, 0);
    while (span_line(&reading->rest, &line)) {
        reading->lines++;
        if (entry->length == 0) {
            reading->number = reading->lines;
        }
        bool commented = span_cut(line, '#', &line, &comment);
        line = span_trim(line);
        bool goes_on = !commented && line.length > 0 && line.at[line.length - 1] == '\\';
        line.length -= goes_on ? 1 : 0;
        TRY(buf_add(entry, line));
        TRY(buf_add_char(entry, ' '));
        if (!goes_on && span_trim(buf_span(entry)).length > 0) {
            *ret_found = true;
            return ST_OK;
        }
        if (!goes_on) {
            buf_cut(entry, 0);
        }
    }
    *ret_found = span_trim(buf_span(entry)).length > 0;
    return ST_OK;
}

/* A word, or all between [ and ]. */
static struct span
take_token(struct span *rest)
{
    struct span token;

    *rest = span_trim(*rest);
    if (!span_starts(*rest, "[")) {
        (void)span_word(rest, &token);
        return token;
    }
    const char *end = memchr(rest->at, ']', rest->length);
    size_t length = end != NULL ? (size_t)(end - rest->at) + 1 : rest->length;
    token = (struct span){.at = rest->at, .length = length};
    *rest = (struct span){.at = rest->at + length, .length = rest->length - length};
    return token;
}

static bool
parse_type(struct span word, enum pam_type *ret_type)
{
    static const char *const names[] = {"auth", "account", "password", "session"};

    if (span_starts(word, "-")) { /* a module that is missing is then not logged */
        word = (struct span){.at = word.at + 1, .length = word.length - 1};
    }
    for (size_t i = 0; i < COUNT(names); i++) {
        if (text_is_in_any_case(word, names[i])) {
            *ret_type = (enum pam_type)i;
            return true;
        }
    }
    return false;
}

/* ---- entries ----------------------------------------------------------------------------------
 */

static enum status
add_entry(struct reading *reading, enum pam_type type, struct pam_entry **ret_entry)
{
    struct pam_stack *stack = reading->stack;
    struct pam_entry *room = words_room(stack->at, stack->count, sizeof(*room));

    if (room == NULL) {
        return ST_MEMORY;
    }
    stack->at = room;
    room[stack->count] = (struct pam_entry){
        .place = {.file = reading->file, .line = reading->number},
        .type = type,
        .level = reading->level,
    };
    *ret_entry = &room[stack->count++];
    return ST_OK;
}

static enum status read_into(struct reading *reading);

/* The entries of another file: of one type, or of all behind `@include`. */
static enum status
follow(struct reading *reading, struct span name, int only, unsigned int level)
{
    struct buf path CLEANUP(buf_done) = BUF(PATH_MAX);
    struct buf text CLEANUP(buf_done) = BUF(PAM_FILES_TEXT_MAX);
    struct reading inner = *reading;
    bool found = false;

    if (reading->depth == PAM_STACK_DEPTH_MAX) {
        COMPLAIN(reading, "files include one another more than %d deep; libpam refuses the service",
                 PAM_STACK_DEPTH_MAX);
        return ST_OK;
    }
    TRY(pam_files_locate(reading->place, name, &path, &found));
    if (!found) {
        COMPLAIN(reading,
                 "there is no %s, so libpam refuses every sign-in of the service; correct the name",
                 buf_text(&path));
        return ST_OK;
    }
    TRY(pam_files_read(reading->place, buf_text(&path), &text, &found));
    if (!found) {
        return ST_OK;
    }
    TRY(words_add(&reading->stack->files, buf_span(&path)));
    inner.file = reading->stack->files.at[reading->stack->files.count - 1];
    inner.rest = buf_span(&text);
    inner.only = only;
    inner.level = level;
    inner.lines = 0;
    inner.depth = reading->depth + 1;
    inner.service = NULL;
    return read_into(&inner);
}

static enum status
take_module(struct reading *reading, struct span rest, struct span control, enum pam_type type)
{
    struct pam_entry *entry = NULL;
    int actions[PAM_CODE_COUNT];
    struct span module = take_token(&rest);
    struct span argument;

    if (!pam_control_parse(control, actions) || module.length == 0) {
        COMPLAIN(reading,
                 "'%s' is no control field with a module behind it; libpam refuses the service, so "
                 "write required, requisite, sufficient, optional or [value=action ...]",
                 text_quote(control).text);
        return ST_OK;
    }
    TRY(add_entry(reading, type, &entry));
    memcpy(entry->actions, actions, sizeof(actions));
    entry->module = words_copy(module);
    if (entry->module == NULL) {
        return ST_MEMORY;
    }
    while ((argument = take_token(&rest)).length > 0) {
        TRY(words_add(&entry->arguments, argument));
    }
    return ST_OK;
}

static enum status
take_typed(struct reading *reading, struct span rest, enum pam_type type)
{
    struct span control = take_token(&rest);
    struct pam_entry *head = NULL;

    if (text_is_in_any_case(control, "include")) {
        return follow(reading, take_token(&rest), (int)type, reading->level);
    }
    if (text_is_in_any_case(control, "substack")) {
        TRY(add_entry(reading, type, &head));
        head->substack = true;
        head->module = words_copy(span_of("substack"));
        return head->module == NULL
                   ? ST_MEMORY
                   : follow(reading, take_token(&rest), (int)type, reading->level + 1);
    }
    return take_module(reading, rest, control, type);
}

static enum status
take_entry(struct reading *reading, struct span rest)
{
    struct span word = take_token(&rest);
    enum pam_type type;

    if (reading->service != NULL) {
        if (!text_is_in_any_case(word, reading->service)) {
            return ST_OK;
        }
        word = take_token(&rest);
    }
    if (span_is(word, "@include")) {
        return follow(reading, take_token(&rest), reading->only, reading->level);
    }
    if (!parse_type(word, &type)) {
        COMPLAIN(reading,
                 "'%s' is no type of module; libpam refuses the service, so write auth, account, "
                 "password or session",
                 text_quote(word).text);
        return ST_OK;
    }
    return reading->only >= 0 && reading->only != (int)type ? ST_OK
                                                            : take_typed(reading, rest, type);
}

static enum status
read_into(struct reading *reading)
{
    struct buf entry CLEANUP(buf_done) = BUF(ENTRY_TEXT_MAX);
    bool found = false;

    for (;;) {
        enum status status = next_entry(reading, &entry, &found);
        if (status == ST_MALFORMED || reading->stack->count >= PAM_STACK_ENTRIES_MAX) {
            COMPLAIN(reading, "more than is read here: %zu bytes in an entry, %zu entries",
                     ENTRY_TEXT_MAX, PAM_STACK_ENTRIES_MAX);
            return ST_OK;
        }
        TRY(status);
        if (!found) {
            return ST_OK;
        }
        TRY(take_entry(reading, buf_span(&entry)));
    }
}

/* ---- a service ------------------------------------------------------------------------------- */

enum status
pam_stack_read(const struct pam_place *place, const char *service, struct pam_stack *stack)
{
    struct buf path CLEANUP(buf_done) = BUF(PATH_MAX);
    struct buf text CLEANUP(buf_done) = BUF(PAM_FILES_TEXT_MAX);
    struct reading reading = {.place = place, .stack = stack, .only = -1};
    bool found = false;

    TRY(pam_files_of_service(place, service, &path, &found));
    reading.service = pam_files_are_lines(place) ? service : NULL;
    if (found) {
        TRY(pam_files_read(place, buf_text(&path), &text, &found));
    }
    if (!found) {
        return ST_OK;
    }
    TRY(words_add(&stack->files, buf_span(&path)));
    reading.file = stack->files.at[0];
    reading.rest = buf_span(&text);
    return read_into(&reading);
}

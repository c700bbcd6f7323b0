#include "pam_script.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/text.h"
#include "fuzz.h"
#include "pam_host.h"
#include "world.h"

static void
keep(struct pam_line lines[PAM_SCRIPT_LINES], size_t *count, struct pam_line line)
{
    if (*count < PAM_SCRIPT_LINES) {
        lines[(*count)++] = line;
    }
}

static void
read_setting(struct pam_script *script, const struct pam_line *line)
{
    int64_t number = 0;

    if (span_is(line->key, "user")) {
        script->handle.user = fuzz_string(line->value);
    } else if (span_is(line->key, "service")) {
        script->handle.service = fuzz_string(line->value);
    } else if (span_is(line->key, "tty")) {
        script->handle.tty = fuzz_string(line->value);
    } else if (span_is(line->key, "rhost")) {
        script->handle.rhost = fuzz_string(line->value);
    } else if (span_is(line->key, "flags") && text_number(line->value, 0, 0xFFFF, &number)) {
        script->flags = (int)number;
    } else if (span_is(line->key, "argument") && script->argument_count < 4) {
        script->arguments[script->argument_count++] = fuzz_string(line->value);
    } else if (span_is(line->key, "pinned")) {
        world_write("/etc/pam_oauth/pinned.jwks", line->value);
    } else if (span_is(line->key, "stored")) {
        pam_host_store(line->value);
    } else if (span_is(line->key, "becomes")) {
        script->becomes = fuzz_string(line->value);
    } else if (span_is(line->key, "again")) {
        script->attempts = 2;
    }
}

struct pam_script
pam_script_read(struct span rest)
{
    struct pam_script script = {
        .text = rest,
        .handle = {.user = "alice", .service = "sshd", .tty = "ssh", .rhost = "192.0.2.1"},
        .attempts = 1,
    };
    struct span text;

    while (span_line(&rest, &text)) {
        struct pam_line line = {.key = text, .value = {.at = "", .length = 0}};
        (void)span_cut(text, '=', &line.key, &line.value);
        if (span_is(line.key, "answer")) {
            keep(script.answers, &script.answer_count, line);
        } else if (span_is(line.key, "reply") || span_is(line.key, "raw") ||
                   span_is(line.key, "end") || span_is(line.key, "retry")) {
            keep(script.replies, &script.reply_count, line);
        } else {
            read_setting(&script, &line);
        }
    }
    return script;
}

struct span
pam_script_expand(struct span value)
{
    struct span name = value;
    size_t half = 0;

    if (!span_starts(value, "@")) {
        return value;
    }
    name = (struct span){.at = value.at + 1, .length = 0};
    while (name.length + 1 < value.length && text_is_lower(name.at[name.length])) {
        name.length++;
    }
    const char *found = pam_host_text(name);
    if (found == NULL) {
        return value;
    }
    struct span text = span_of(found);
    struct span rest = {.at = name.at + name.length, .length = value.length - name.length - 1};
    half = span_starts(rest, ".1") ? 1 : span_starts(rest, ".2") ? 2 : 0;
    text.at += half == 2 ? text.length / 2 : 0;
    text.length = half == 1   ? text.length / 2
                  : half == 2 ? text.length - text.length / 2
                              : text.length;
    rest.at += half > 0 ? 2 : 0;
    rest.length -= half > 0 ? 2 : 0;
    struct buf whole CLEANUP(buf_done) = BUF((size_t)1024 * 1024);
    PROMISE(buf_add(&whole, text) == ST_OK && buf_add(&whole, rest) == ST_OK);
    return fuzz_copy(buf_span(&whole));
}

/*
 * The audit line: whatever names and claims come from outside, it is one line of printable text
 * whose fields are the known ones, in their order, each once, and none of which was forged (R93).
 *
 * Parts: the number of a status; account; service; rhost; detail; rule; the token's header; its
 * payload.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fuzz.h"
#include "jose/jws.h"
#include "login/audit.h"
#include "oauth/claims.h"
#include "policy/map/accounts.h"
#include "sign.h"

static const char *const fields[] = {"event",   "v",       "verdict", "reason", "provider", "sub",
                                     "account", "service", "method",  "alg",    "kid",      "rule",
                                     "rhost",   "jti",     "ms",      "ref",    "detail"};

/* ---- reading the line, as whoever watches a log would ---------------------------------------- */

static bool
is_hexadecimal(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
}

/* Takes a quoted value; every backslash in it begins \xNN. */
static void
take_quoted(struct span *rest)
{
    size_t at = 1;

    while (at < rest->length && rest->at[at] != '"') {
        if (rest->at[at] == '\\') {
            PROMISE(at + 3 < rest->length && rest->at[at + 1] == 'x' &&
                    is_hexadecimal(rest->at[at + 2]) && is_hexadecimal(rest->at[at + 3]));
            at += 3;
        }
        at++;
    }
    PROMISE(at < rest->length);
    *rest = (struct span){.at = rest->at + at + 1, .length = rest->length - at - 1};
}

static void
take_bare(struct span *rest)
{
    size_t at = 0;

    while (at < rest->length && rest->at[at] != ' ') {
        PROMISE(rest->at[at] != '"' && rest->at[at] != '=' && rest->at[at] != '\\');
        at++;
    }
    PROMISE(at > 0);
    *rest = (struct span){.at = rest->at + at, .length = rest->length - at};
}

static void
read_line(struct span rest)
{
    size_t next = 0; /* the first field that may still come */

    while (rest.length > 0) {
        struct span key;
        PROMISE(span_cut(rest, '=', &key, &rest));
        while (next < COUNT(fields) && !span_is(key, fields[next])) {
            next++;
        }
        PROMISE(next < COUNT(fields));
        next++;
        span_starts(rest, "\"") ? take_quoted(&rest) : take_bare(&rest);
        PROMISE(rest.length == 0 || rest.at[0] == ' ');
        rest = (struct span){.at = rest.at + (rest.length > 0 ? 1 : 0),
                             .length = rest.length - (rest.length > 0 ? 1 : 0)};
    }
}

struct seen {
    enum status status;
    int lines;
};

static void
see(void *context, enum log_level level, const char *text)
{
    static const enum log_level levels[] = {
        [CLASS_OK] = LOG_LEVEL_INFO,
        [CLASS_REFUSED] = LOG_LEVEL_NOTICE,
        [CLASS_FAULT] = LOG_LEVEL_ERROR,
    };
    struct seen *seen = context;
    struct span line = span_of(text);

    seen->lines++;
    PROMISE(level == levels[status_class(seen->status)]);
    PROMISE(fuzz_is_printable(line, false) && line.length < 8192);
    read_line(line);
    PROMISE(span_starts(line, "event=sign_in v=1 verdict=accepted") == (seen->status == ST_OK));
}

/* ---- one input ------------------------------------------------------------------------------- */

static void
write_line(struct fuzz_input *input)
{
    int64_t number = 0;
    (void)text_number(fuzz_part(input), 0, ST_COUNT - 1, &number);
    struct seen seen = {.status = (enum status)number, .lines = 0};
    struct log log = {.line = see, .context = &seen};
    struct site site = {.log = &log};
    struct attempt attempt = {.site = &site, .ref = "7f3akq2m"};
    attempt.account = fuzz_text(input);
    attempt.service_name = fuzz_text(input);
    attempt.rhost = fuzz_text(input);
    struct why why = {""};
    (void)status_because(&why, seen.status, "%s", fuzz_text(input));
    struct accounts_rule rule = {""};
    (void)snprintf(rule.place, sizeof(rule.place), "%s", fuzz_text(input));
    struct span header = fuzz_part(input);
    struct span payload = fuzz_part(input);
    struct provider provider = {.name = fuzz_string(span_of("corp"))};
    struct token token CLEANUP(token_done) = TOKEN;
    struct span text = span_of(sign_token(header, payload));
    struct audit audit = {.event = "sign_in",
                          .status = seen.status,
                          .method = "token",
                          .token = &token,
                          .rule = rule.place,
                          .why = &why,
                          .account = AUDIT_ACCOUNT_KNOWN};

    (void)jws_parse(text, NULL, &token.jws);
    token.claims = sign_claims(NULL, payload);
    token.provider = token.claims != NULL ? &provider : NULL;
    audit_write(&attempt, &audit);
    PROMISE(seen.lines == 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);

    fault_begin(input.faults);
    write_line(&input);
    fault_end();
    fuzz_done();
    return 0;
}

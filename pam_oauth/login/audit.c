#include "login/audit.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "jose/digest.h"

/* Per-field caps (R93). */
#define FIELD_MAX ((size_t)128)
#define DETAIL_MAX ((size_t)400)
#define LINE_MAX_BYTES ((size_t)8192)

const char *const audit_field_names[AUDIT_FIELD_COUNT] = {
    [AUDIT_EVENT] = "event",
    [AUDIT_V] = "v",
    [AUDIT_VERDICT] = "verdict",
    [AUDIT_REASON] = "reason",
    [AUDIT_PROVIDER] = "provider",
    [AUDIT_SUB] = "sub",
    [AUDIT_ACCOUNT] = "account",
    [AUDIT_SERVICE] = "service",
    [AUDIT_METHOD] = "method",
    [AUDIT_ALG] = "alg",
    [AUDIT_KID] = "kid",
    [AUDIT_RULE] = "rule",
    [AUDIT_RHOST] = "rhost",
    [AUDIT_JTI] = "jti",
    [AUDIT_MS] = "ms",
    [AUDIT_REF] = "ref",
    [AUDIT_DETAIL] = "detail",
};

static enum status
add_quoted(struct buf *line, enum audit_field field, struct span value, size_t most)
{
    TRY(buf_printf(line, " %s=\"", audit_field_names[field]));
    TRY(text_escape(line, value, most));
    return buf_add_char(line, '"');
}

static bool
is_plain(struct span value)
{
    for (size_t i = 0; i < value.length; i++) {
        char byte = value.at[i];
        if (byte <= ' ' || byte > '~' || byte == '"' || byte == '\\' || byte == '=') {
            return false;
        }
    }
    return value.length > 0 && value.length <= FIELD_MAX;
}

/* Bare where nothing could be misread, quoted and escaped otherwise; absent when empty. */
static enum status
add_word(struct buf *line, enum audit_field field, const char *value)
{
    struct span text = span_of(value);

    if (text.length == 0) {
        return ST_OK;
    }
    if (!is_plain(text)) {
        return add_quoted(line, field, text, FIELD_MAX);
    }
    return buf_printf(line, " %s=%s", audit_field_names[field], value);
}

static enum log_level
level_of(enum status status)
{
    switch (status_class(status)) {
    case CLASS_OK:
        return LOG_LEVEL_INFO;
    case CLASS_REFUSED:
        return LOG_LEVEL_NOTICE;
    case CLASS_FAULT:
    default:
        return LOG_LEVEL_ERROR;
    }
}

static enum status
add_subject(struct buf *line, const struct token *token, const struct remembered *remembered)
{
    struct span subject;

    if (remembered != NULL) {
        TRY(add_word(line, AUDIT_PROVIDER, remembered->provider->name));
        return add_quoted(line, AUDIT_SUB, remembered->signin.sub, FIELD_MAX);
    }
    if (token == NULL) {
        return ST_OK;
    }
    if (token->provider != NULL) {
        TRY(add_word(line, AUDIT_PROVIDER, token->provider->name));
    }
    if (token->claims != NULL && claims_text(token->claims, "sub", &subject)) {
        TRY(add_quoted(line, AUDIT_SUB, subject, FIELD_MAX));
    }
    return ST_OK;
}

static enum status
add_key(struct buf *line, const struct token *token)
{
    if (token == NULL || token->jws == NULL) {
        return ST_OK;
    }
    TRY(add_word(line, AUDIT_ALG, alg_row(jws_header(token->jws)->alg)->name));
    if (jws_header(token->jws)->has_kid) {
        TRY(add_quoted(line, AUDIT_KID, jws_header(token->jws)->kid, FIELD_MAX));
    }
    return ST_OK;
}

/* Enough of the jti's digest to tell tokens apart in a log, useless for anything else. */
static enum status
add_jti(struct buf *line, const struct token *token)
{
    struct buf digest CLEANUP(buf_done) = BUF(64);
    struct span jti;

    if (token == NULL || token->claims == NULL || !claims_text(token->claims, "jti", &jti)) {
        return ST_OK;
    }
    TRY(digest_sha256_hex(jti, &digest));
    buf_cut(&digest, 8);
    return add_word(line, AUDIT_JTI, buf_text(&digest));
}

static enum status
compose(const struct attempt *attempt, const struct audit *audit, struct buf *line)
{
    TRY(buf_printf(line, "event=%s v=1 verdict=%s", audit->event, status_verdict(audit->status)));
    if (audit->status != ST_OK) {
        TRY(add_word(line, AUDIT_REASON, status_word(audit->status)));
    }
    TRY(add_subject(line, audit->token, audit->remembered));
    if (audit->account != AUDIT_ACCOUNT_NOT_ASKED) {
        bool known = audit->account == AUDIT_ACCOUNT_KNOWN;
        TRY(add_word(line, AUDIT_ACCOUNT, known ? attempt->account : "unknown user"));
    }
    TRY(add_word(line, AUDIT_SERVICE, attempt->service_name));
    TRY(add_word(line, AUDIT_METHOD, audit->method));
    TRY(add_key(line, audit->token));
    TRY(add_word(line, AUDIT_RULE, audit->rule));
    TRY(add_word(line, AUDIT_RHOST, attempt->rhost));
    TRY(add_jti(line, audit->token));
    TRY(buf_printf(line, " ms=%lld", (long long)(clock_ms() - attempt->started_ms)));
    TRY(add_word(line, AUDIT_REF, attempt->ref));
    return audit->status != ST_OK
               ? add_quoted(line, AUDIT_DETAIL, span_of(audit->why->sentence), DETAIL_MAX)
               : ST_OK;
}

void
audit_write(const struct attempt *attempt, const struct audit *audit)
{
    struct buf line CLEANUP(buf_done) = BUF(LINE_MAX_BYTES);
    const struct log *log = attempt->site->log;

    if (compose(attempt, audit, &line) == ST_OK) {
        log->line(log->context, level_of(audit->status), buf_text(&line));
    } else {
        /* Out of memory: still one line, from what needs none. */
        char text[96];
        (void)snprintf(text, sizeof(text), "event=%s v=1 verdict=%s", audit->event,
                       audit->status == ST_OK ? "accepted" : "failed reason=memory");
        log->line(log->context, level_of(audit->status), text);
    }
}

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/strictjson.h"
#include "base/text.h"
#include "cli/verify.h"

/* Of an answer, and of a check that failed; one that did not has no reason and no sentence. */
#define ANSWER_MEMBERS 8
#define CHECK_MEMBERS 7

/*
 * For a terminal. Foreign text in a sentence is escaped already, so its backslashes stay as they
 * are; what is still not printable is masked.
 */
static void
print_text(FILE *to, struct span text)
{
    for (size_t i = 0; i < text.length; i++) {
        struct span byte = {.at = text.at + i, .length = 1};
        (void)fputc(text_is_printable(byte) ? text.at[i] : '?', to);
    }
}

/* Text of a token, which nobody has escaped before. */
static bool
print_escaped(FILE *to, struct span text)
{
    struct buf escaped CLEANUP(buf_done) = BUF(4096);

    bool whole = text_escape(&escaped, text, 512) == ST_OK;
    (void)fputs(buf_text(&escaped), to);
    return whole;
}

bool
verify_print_text(FILE *to, const struct verify_answer *answer)
{
    struct span subject;
    bool whole = true;

    (void)fputs(status_verdict(answer->status), to);
    if (answer->status != ST_OK) {
        (void)fprintf(to, ": %s: ", status_word(answer->status));
        print_text(to, span_of(answer->why->sentence[0] != '\0' ? answer->why->sentence
                                                                : "out of memory"));
    } else if (!answer->signature_only && claims_text(answer->token->claims, "sub", &subject)) {
        (void)fputc(' ', to);
        whole = print_escaped(to, subject);
    }
    (void)fputc('\n', to);
    return whole;
}

/* A JSON string of any bytes: those that are no UTF-8 (from a command line) are masked. */
static json_t *
string_of(struct span text)
{
    struct buf masked CLEANUP(buf_done) = BUF(65536);

    if (text_is_utf8(text)) {
        return json_stringn(text.at, text.length);
    }
    return text_escape(&masked, text, text.length) == ST_OK ? json_string(buf_text(&masked))
                                                            : json_null();
}

/* A member that is a string, or null when the value is empty or not known. */
static void
set_text(json_t *object, const char *name, struct span value)
{
    (void)json_object_set_new(object, name, value.length > 0 ? string_of(value) : json_null());
}

/* What the token says where the check looked, and what was wanted there: for people, and tests. */
static const char *
claim_of(const char *check)
{
    static const struct {
        const char *check;
        const char *claim;
    } claims[] = {
        {"issuer", "iss"},
        {"audience", "aud"},
        {"authorized_party", "azp"},
        {"expiry", "exp"},
        {"not_before", "nbf"},
        {"issued_at", "iat"},
        {"age", "iat"},
        {"unbound", "cnf"},
        {"subject", "sub"},
        {"access_token_hash", "at_hash"},
    };

    for (size_t i = 0; i < COUNT(claims); i++) {
        if (strcmp(claims[i].check, check) == 0) {
            return claims[i].claim;
        }
    }
    return NULL;
}

static json_t *
wanted_by(const char *check, const struct expectation *expect)
{
    if (strcmp(check, "issuer") == 0) {
        return string_of(span_of(expect->issuer));
    }
    if (strcmp(check, "audience") == 0) {
        json_t *audiences = json_array();
        for (size_t i = 0; i < expect->audience_count; i++) {
            (void)json_array_append_new(audiences, string_of(span_of(expect->audiences[i])));
        }
        return audiences;
    }
    if (strcmp(check, "authorized_party") == 0 && expect->client_id != NULL) {
        return string_of(span_of(expect->client_id));
    }
    if (strcmp(check, "kind") == 0) {
        static const char *const kinds[] = {
            [TOKEN_ACCESS] = "access_token", [TOKEN_ID] = "id_token", [TOKEN_ANY] = "any"};
        return json_string(kinds[expect->token_kind]);
    }
    if (strcmp(check, "age") == 0) {
        return json_sprintf("from %lld", (long long)(expect->now_s - expect->max_token_age_s -
                                                     expect->clock_skew_s));
    }
    if (strcmp(check, "expiry") == 0) {
        return json_sprintf("after %lld", (long long)(expect->now_s - expect->clock_skew_s));
    }
    if (strcmp(check, "not_before") == 0 || strcmp(check, "issued_at") == 0) {
        return json_sprintf("until %lld", (long long)(expect->now_s + expect->clock_skew_s));
    }
    return NULL;
}

/* What the check looked at: a claim, or the header's typ. */
static json_t *
found_by(const char *check, const struct claims *claims)
{
    const char *claim = claim_of(check);
    struct span typ = claims_typ(claims);

    if (strcmp(check, "typ") == 0 || strcmp(check, "kind") == 0) {
        return typ.length > 0 ? string_of(typ) : json_null();
    }
    const json_t *got = claim != NULL ? claims_find(claims, span_of(claim)) : NULL;
    return got != NULL ? json_deep_copy(got) : json_null();
}

static json_t *
check_row(const struct check *check, const struct verify_answer *answer)
{
    struct why why = {""};
    const struct claims *claims = answer->token->claims;
    enum status status = check->run(claims, answer->expect, &why);
    json_t *row = json_pack("{s:s, s:s, s:b}", "name", check->name, "rule", check->rule, "ok",
                            status == ST_OK);

    if (row == NULL) {
        return NULL;
    }
    json_t *want = wanted_by(check->name, answer->expect);
    (void)json_object_set_new(row, "got", found_by(check->name, claims));
    (void)json_object_set_new(row, "want", want != NULL ? want : json_null());
    if (status != ST_OK) {
        (void)json_object_set_new(row, "reason", json_string(status_word(status)));
        (void)json_object_set_new(row, "sentence", string_of(span_of(why.sentence)));
    }
    return row;
}

static json_t *
check_rows(const struct verify_answer *answer)
{
    json_t *rows = json_array();
    size_t count = 0;
    const struct check *table = checks_table(&count);

    for (size_t i = 0; answer->expect != NULL && i < count; i++) {
        (void)json_array_append_new(rows, check_row(&table[i], answer));
    }
    return rows;
}

static void
add_token(json_t *object, const struct verify_answer *answer)
{
    const struct token *token = answer->token;
    struct span unknown = {.at = "", .length = 0};
    struct span subject = unknown;
    const struct jws_header *header = token->jws != NULL ? jws_header(token->jws) : NULL;
    bool named = token->provider != NULL && !answer->signature_only;

    if (token->claims != NULL) {
        (void)claims_text(token->claims, "sub", &subject);
    }
    set_text(object, "provider", named ? span_of(token->provider->name) : unknown);
    set_text(object, "sub", subject);
    set_text(object, "alg", header != NULL ? span_of(alg_row(header->alg)->name) : unknown);
    set_text(object, "kid", header != NULL ? header->kid : unknown);
}

/* Jansson escapes everything that is not ASCII, and all controls but one: DEL, in strings only. */
static void
print_json(FILE *to, const char *text)
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

/* Every member and every check is there, or memory was out. */
static bool
is_whole(const json_t *object, const struct verify_answer *answer)
{
    size_t count = 0;
    const json_t *checks = json_object_get(object, "checks");

    (void)checks_table(&count);
    bool whole = json_object_size(object) == ANSWER_MEMBERS &&
                 json_array_size(checks) == (answer->expect != NULL ? count : 0);
    for (size_t i = 0; i < json_array_size(checks); i++) {
        const json_t *row = json_array_get(checks, i);
        whole = whole &&
                json_object_size(row) ==
                    (json_is_true(json_object_get(row, "ok")) ? CHECK_MEMBERS - 2 : CHECK_MEMBERS);
    }
    return whole;
}

bool
verify_print_json(FILE *to, const struct verify_answer *answer)
{
    bool refused = answer->status != ST_OK;
    json_t *object CLEANUP(strictjson_done) = json_object();

    (void)json_object_set_new(object, "verdict", json_string(status_verdict(answer->status)));
    (void)json_object_set_new(object, "reason", json_string(status_word(answer->status)));
    set_text(object, "sentence", span_of(refused ? answer->why->sentence : ""));
    add_token(object, answer);
    (void)json_object_set_new(object, "checks", check_rows(answer));
    char *text = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_PRESERVE_ORDER);
    bool whole = text != NULL && is_whole(object, answer);
    print_json(to, whole ? text : "{\"verdict\":\"failed\",\"reason\":\"memory\"}");
    free(text);
    return whole;
}

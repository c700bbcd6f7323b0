#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "cli/print.h"
#include "cli/row.h"
#include "cli/verify/verify.h"

/* What the token says where the check looked, and what was wanted there: for people. */
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
        return print_json_text(span_of(expect->issuer));
    }
    if (strcmp(check, "audience") == 0) {
        json_t *audiences = json_array();
        for (size_t i = 0; i < expect->audience_count; i++) {
            (void)json_array_append_new(audiences, print_json_text(span_of(expect->audiences[i])));
        }
        return audiences;
    }
    if (strcmp(check, "authorized_party") == 0 && expect->client_id != NULL) {
        return print_json_text(span_of(expect->client_id));
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
        return json_sprintf("after %lld", (long long)expect->now_s - expect->clock_skew_s);
    }
    if (strcmp(check, "not_before") == 0 || strcmp(check, "issued_at") == 0) {
        return json_sprintf("until %lld", (long long)expect->now_s + expect->clock_skew_s);
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
        return typ.length > 0 ? print_json_text(typ) : json_null();
    }
    const json_t *got = claim != NULL ? claims_find(claims, span_of(claim)) : NULL;
    return got != NULL ? json_deep_copy(got) : json_null();
}

/* ---- the steps before the claims ---------------------------------------------------------------
 */

static json_t *
text_or_null(struct span text)
{
    return text.length > 0 ? print_json_text(text) : json_null();
}

/* What of the header decides anything; whoever sent the token chose it. */
static json_t *
header_found(const struct jws_header *header)
{
    json_t *found = json_object();

    row_set(found, "alg", json_string(alg_row(header->alg)->name));
    row_set(found, "kid", header->has_kid ? print_json_text(header->kid) : json_null());
    row_set(found, "typ", text_or_null(header->typ));
    return found;
}

static json_t *
names_of(alg_set algorithms)
{
    json_t *names = json_array();

    for (unsigned int alg = 0; alg < ALG_COUNT; alg++) {
        if ((algorithms & ALG_BIT(alg)) != 0) {
            (void)json_array_append_new(names, json_string(alg_row((enum alg)alg)->name));
        }
    }
    return names;
}

static json_t *
found_at(enum token_step step, const struct token *token)
{
    const struct jws_header *header = token->jws != NULL ? jws_header(token->jws) : NULL;

    if (header == NULL) {
        return NULL;
    }
    switch (step) {
    case TOKEN_HEADER:
        return header_found(header);
    case TOKEN_ALGORITHM:
        return json_string(alg_row(header->alg)->name);
    case TOKEN_KEY:
        return header->has_kid ? print_json_text(header->kid) : NULL;
    case TOKEN_UNREAD:
    case TOKEN_SIGNATURE:
    case TOKEN_PAYLOAD:
    case TOKEN_CLAIMS:
    default:
        return NULL;
    }
}

/* Steps up to the one that was taken last; those behind it, on a refusal, were not. */
static bool
add_steps(json_t *rows, const struct verify_answer *answer)
{
    enum token_step last = answer->token->step;
    bool whole = true;

    for (enum token_step step = TOKEN_HEADER; step <= last && step < TOKEN_CLAIMS; step++) {
        const struct token_step_row *named = token_step_row(step);
        json_t *row = row_new(named->name, named->rule, step == last ? answer->status : ST_OK,
                              answer->why->sentence);
        row_set(row, "got", found_at(step, answer->token));
        row_set(row, "want", step == TOKEN_ALGORITHM ? names_of(answer->algorithms) : json_null());
        whole = row_add(rows, row) && whole;
    }
    return whole;
}

/* ---- the checks of the claims ------------------------------------------------------------------
 */

static bool
add_check(json_t *rows, const struct check *check, const struct verify_answer *answer)
{
    struct why why = {""};
    const struct claims *claims = answer->token->claims;
    enum status status = check->run(claims, answer->expect, &why);
    json_t *row = row_new(check->name, check->rule, status, why.sentence);

    row_set(row, "got", found_by(check->name, claims));
    row_set(row, "want", wanted_by(check->name, answer->expect));
    return row_add(rows, row);
}

bool
verify_rows(const struct verify_answer *answer, json_t *object)
{
    json_t *rows = json_array();
    size_t count = 0;
    const struct check *table = checks_table(&count);
    bool whole = add_steps(rows, answer);

    for (size_t i = 0; answer->expect != NULL && i < count; i++) {
        whole = add_check(rows, &table[i], answer) && whole;
    }
    return json_object_set_new(object, "checks", rows) == 0 && whole;
}

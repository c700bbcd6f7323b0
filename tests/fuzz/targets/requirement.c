/*
 * `require` lines against claims: the answer is that of a second evaluation, written without regard
 * to speed (R26, R59). Parts: the line; the payload of the token; the account; max_auth_age.
 */
#include <stdlib.h>
#include <string.h>

#include "base/strictjson.h"
#include "base/text.h"
#include "fuzz.h"
#include "oauth/claims.h"
#include "policy/requirement.h"
#include "policy/syntax.h"
#include "sign.h"
#include "world.h"

/* ---- the second evaluation ------------------------------------------------------------------- */

struct question {
    const json_t *all;
    const char *account;
};

static bool
text_is(const char *value, bool wildcard, const char *text, size_t length)
{
    const char *star = wildcard ? strchr(value, '*') : NULL;
    size_t head = star != NULL ? (size_t)(star - value) : strlen(value);
    size_t tail = star != NULL ? strlen(star + 1) : 0;

    if (length == 0 || length < head + tail || (star == NULL && length != head)) {
        return false;
    }
    return memcmp(text, value, head) == 0 &&
           (star == NULL || memcmp(text + length - tail, star + 1, tail) == 0);
}

static bool
word_is(const char *value, bool wildcard, const char *words)
{
    size_t length = strcspn(words, " ");

    return text_is(value, wildcard, words, length) ||
           (words[length] != '\0' && word_is(value, wildcard, words + length + 1));
}

static bool
any_is(const char *value, bool wildcard, const json_t *claim)
{
    json_t *container = (json_t *)(uintptr_t)claim;
    const char *name;
    json_t *item;
    size_t at;

    json_array_foreach(container, at, item)
    {
        if (json_is_string(item) &&
            text_is(value, wildcard, json_string_value(item), json_string_length(item))) {
            return true;
        }
    }
    json_object_foreach(container, name, item)
    {
        if (text_is(value, wildcard, name, strlen(name))) {
            return true;
        }
    }
    return false;
}

/* By its whole name, or step by step at its dots, of which eight are followed. */
static const json_t *
find(const json_t *object, const char *name, int steps)
{
    const json_t *found = json_object_get(object, name);
    const char *dot = strchr(name, '.');

    if (steps == 0 && found != NULL) {
        return found;
    }
    if (dot == NULL) {
        return found;
    }
    if (steps == 7) {
        return NULL;
    }
    char *step = fuzz_string((struct span){.at = name, .length = (size_t)(dot - name)});
    const json_t *inner = json_object_get(object, step);
    return json_is_object(inner) ? find(inner, dot + 1, steps + 1) : NULL;
}

static bool
claim_is(const char *name, const char *value, bool wildcard, const json_t *all)
{
    const json_t *claim = find(all, name, 0);
    char number[32];

    if (json_is_string(claim)) {
        bool words = strcmp(name, "scope") == 0 || strcmp(name, "scp") == 0;
        return words
                   ? word_is(value, wildcard, json_string_value(claim))
                   : text_is(value, wildcard, json_string_value(claim), json_string_length(claim));
    }
    if (json_is_array(claim) || json_is_object(claim)) {
        return any_is(value, wildcard, claim);
    }
    (void)snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(claim));
    return !wildcard && ((json_is_true(claim) && strcmp(value, "true") == 0) ||
                         (json_is_false(claim) && strcmp(value, "false") == 0) ||
                         (json_is_integer(claim) && strcmp(value, number) == 0));
}

/* %h, %u and %% filled in. */
static char *
fill_in(struct span value, const char *account)
{
    char *filled = fuzz_string((struct span){.at = "", .length = 0});

    for (size_t i = 0; i < value.length; i++) {
        char plain[2] = {value.at[i], '\0'};
        const char *piece = plain;
        if (value.at[i] == '%' && i + 1 < value.length) {
            i++;
            piece = value.at[i] == 'h' ? WORLD_HOST : value.at[i] == 'u' ? account : "%";
        }
        char *longer = NULL;
        PROMISE(asprintf(&longer, "%s%s", filled, piece) >= 0);
        filled = fuzz_string(span_of(longer));
        free(longer);
    }
    return filled;
}

static bool
holds(const struct condition *condition, const struct question *question)
{
    const char *name = fuzz_string(condition->name);
    char *value = fill_in(condition->value, question->account);

    return claim_is(name, value, condition->wildcard, question->all) &&
           (strcmp(name, "email") != 0 || json_is_true(find(question->all, "email_verified", 0)));
}

/* An `or` of `and`s. */
static bool
evaluate(char *text, const struct question *question)
{
    struct syntax rest = {.at = text, .length = strlen(text)};
    struct condition condition;
    bool any = false;
    bool all = true;

    while (syntax_condition(&rest, NULL, &condition) == ST_OK) {
        all = holds(&condition, question) && all;
        if (!syntax_keyword(&rest, "and")) {
            any = any || all;
            all = true;
            if (!syntax_keyword(&rest, "or")) {
                break;
            }
        }
    }
    return any;
}

/* auth_time, where it is asked for, with half a minute either way. */
static bool
is_recent(const json_t *all, int64_t max_auth_age_s)
{
    const json_t *auth_time = json_object_get(all, "auth_time");
    double age_s = (double)WORLD_NOW_S - json_number_value(auth_time);

    return max_auth_age_s == 0 ||
           (json_is_number(auth_time) && age_s >= -30 && age_s <= (double)max_auth_age_s + 30);
}

/* ---- one input ------------------------------------------------------------------------------- */

static void
check(const struct service *service, char *text, const struct claims *claims, const char *account)
{
    struct why why = {""};
    enum status status =
        fuzz_status(requirement_check(service, claims, account, WORLD_HOST, WORLD_NOW_S, &why));
    struct question question = {.all = claims_all(claims), .account = account};

    fuzz_why(&why);
    PROMISE(status == ST_OK || status == ST_REQUIREMENT || fault_happened());
    fault_end();
    bool good = evaluate(text, &question) && is_recent(question.all, service->max_auth_age_s);
    PROMISE(status != ST_OK || good);
    PROMISE(status == ST_OK || !good || fault_happened());
}

static void
run(struct fuzz_input *input)
{
    char *text = fuzz_text(input);
    struct span payload = fuzz_part(input);
    char *account = fuzz_text(input);
    struct requirement *requirement CLEANUP(requirement_done) = NULL;
    struct claims *claims CLEANUP(claims_done) = sign_claims(NULL, payload);
    struct place place = {.file = "file", .line = 7};
    struct service service = {.requirements = &requirement, .requirement_count = 1};
    struct why why = {""};

    (void)text_number(fuzz_part(input), 0, 86400, &service.max_auth_age_s);
    enum status status = fuzz_status(requirement_parse(place, text, &why, &requirement));
    fuzz_why(&why);
    PROMISE((status == ST_OK) == (requirement != NULL));
    PROMISE(status == ST_OK || status == ST_CONFIG || fault_happened());
    if (status == ST_OK && claims != NULL) {
        check(&service, text, claims, account);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);

    fault_begin(input.faults);
    run(&input);
    fault_end();
    fuzz_done();
    return 0;
}

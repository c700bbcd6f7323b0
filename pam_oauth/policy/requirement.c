#include "policy/requirement.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "oauth/claims.h"
#include "policy/claim_class.h"
#include "policy/map/rule.h"
#include "policy/syntax.h"

/* This host's clock against the provider's; auth_time is the one time that is checked here. */
#define AUTH_TIME_SKEW_S 30
/* A value with %h and %u filled in. */
#define VALUE_MAX ((size_t)16 * 1024)

struct term {
    struct condition condition;
    bool alternative; /* stands behind an `or`: begins a new conjunction */
};

struct requirement {
    struct place place;
    char *said; /* the line as it was written, for whoever asks why */
    char *text; /* what the conditions point into */
    struct term *terms;
    size_t count;
};

void
requirement_done(struct requirement **requirement)
{
    if (*requirement != NULL) {
        free((*requirement)->said);
        free((*requirement)->text);
        free((*requirement)->terms);
        free(*requirement);
        *requirement = NULL;
    }
}

struct place
requirement_place(const struct requirement *requirement)
{
    return requirement->place;
}

const char *
requirement_said(const struct requirement *requirement)
{
    return requirement->said;
}

struct span
requirement_claim(const struct requirement *requirement, size_t at)
{
    return at < requirement->count ? requirement->terms[at].condition.name
                                   : (struct span){.at = "", .length = 0};
}

struct span
requirement_value(const struct requirement *requirement, size_t at)
{
    const struct condition *condition = &requirement->terms[at].condition;
    struct span value = condition->value;

    return condition->wildcard || memchr(value.at, '%', value.length) != NULL
               ? (struct span){.at = "", .length = 0}
               : value;
}

static bool
is_met_by_all(const struct condition *condition)
{
    bool everybody_has_it = span_is(condition->name, "sub") || span_is(condition->name, "iss") ||
                            span_is(condition->name, "aud");

    return (everybody_has_it && condition->wildcard && span_is(condition->value, "*")) ||
           claim_class_is_everybodys(condition->name, condition->value);
}

bool
requirement_turns_nobody_away(const struct requirement *requirement)
{
    bool by_all = true;

    for (size_t i = 0; i < requirement->count; i++) {
        const struct term *term = &requirement->terms[i];
        if (term->alternative && by_all) {
            break;
        }
        by_all = (term->alternative || by_all) && is_met_by_all(&term->condition);
    }
    return by_all;
}

/* ---- parsing --------------------------------------------------------------------------------- */

/* `%` means something here, in quotes too; and what it brings in must not mix with a pattern. */
static enum status
check_percent(const struct condition *condition, struct why *why)
{
    struct span rest = condition->value;
    struct span before;

    while (span_cut(rest, '%', &before, &rest)) {
        if (!span_starts(rest, "h") && !span_starts(rest, "u") && !span_starts(rest, "%")) {
            return status_because(why, ST_CONFIG,
                                  "'%.*s': only %%h (this host) and %%u (the account) exist; write "
                                  "%%%% for a percent sign",
                                  SPAN_ARGS(condition->value));
        }
        if (condition->wildcard) {
            return status_because(why, ST_CONFIG, "'%.*s': either '*' or a percent sign, not both",
                                  SPAN_ARGS(condition->value));
        }
        rest = (struct span){.at = rest.at + 1, .length = rest.length - 1};
    }
    return ST_OK;
}

static enum status
parse_term(struct requirement *requirement, struct syntax *rest, bool alternative, struct why *why)
{
    struct condition condition;

    TRY(syntax_condition(rest, why, &condition));
    TRY(check_percent(&condition, why));
    struct term *room =
        words_room(requirement->terms, requirement->count, sizeof(*requirement->terms));
    if (room == NULL) {
        return ST_MEMORY;
    }
    requirement->terms = room;
    requirement->terms[requirement->count++] =
        (struct term){.condition = condition, .alternative = alternative};
    return ST_OK;
}

static enum status
parse_terms(struct requirement *requirement, struct why *why)
{
    struct syntax rest = {.at = requirement->text, .length = strlen(requirement->text)};

    TRY(parse_term(requirement, &rest, false, why));
    while (!syntax_at_end(&rest)) {
        bool alternative = syntax_keyword(&rest, "or");
        if (!alternative && !syntax_keyword(&rest, "and")) {
            struct span word = syntax_word(&rest);
            return status_because(why, ST_CONFIG,
                                  "'%.*s' where 'and' or 'or' must stand; quote a value that holds "
                                  "blanks",
                                  SPAN_ARGS(word));
        }
        TRY(parse_term(requirement, &rest, alternative, why));
    }
    return ST_OK;
}

enum status
requirement_parse(struct place place, const char *text, struct why *why,
                  struct requirement **ret_requirement)
{
    struct requirement *requirement CLEANUP(requirement_done) = calloc(1, sizeof(*requirement));

    if (requirement == NULL) {
        return ST_MEMORY;
    }
    requirement->place = place;
    requirement->said = strdup(text);
    requirement->text = strdup(text);
    if (requirement->said == NULL || requirement->text == NULL) {
        return ST_MEMORY;
    }
    TRY(parse_terms(requirement, why));
    *ret_requirement = TAKE(requirement);
    return ST_OK;
}

/* ---- checking -------------------------------------------------------------------------------- */

static enum status
fill_in(struct span value, const struct requirement_names *names, struct buf *into)
{
    struct span before;

    while (span_cut(value, '%', &before, &value)) {
        TRY(buf_add(into, before));
        TRY(span_starts(value, "h")   ? buf_add_text(into, names->host)
            : span_starts(value, "u") ? buf_add_text(into, names->account)
                                      : buf_add_char(into, '%'));
        value = (struct span){.at = value.at + 1, .length = value.length - 1};
    }
    return buf_add(into, value);
}

/* An e-mail address that the provider has not verified proves nothing, wherever it is asked (R18).
 */
static bool
term_holds(const struct condition *condition, const struct claims *claims)
{
    struct span star;

    return condition_holds(condition, claims, &star) &&
           (!span_is(condition->name, "email") || rule_email_is_verified(claims));
}

static enum status
check_term(const struct term *term, const struct claims *claims,
           const struct requirement_names *names, bool *ret_holds)
{
    struct buf value CLEANUP(buf_done) = BUF(VALUE_MAX);
    struct condition condition = term->condition;

    if (memchr(condition.value.at, '%', condition.value.length) != NULL) {
        TRY(fill_in(condition.value, names, &value));
        condition.value = buf_span(&value);
    }
    *ret_holds = term_holds(&condition, claims);
    return ST_OK;
}

/* `and` binds tighter: true as soon as one run of terms without an `or` has held to its end. */
static enum status
check_terms(const struct requirement *requirement, const struct claims *claims,
            const struct requirement_names *names, bool *ret_holds)
{
    bool holds = true;

    for (size_t i = 0; i < requirement->count; i++) {
        const struct term *term = &requirement->terms[i];
        if (term->alternative && holds) {
            break;
        }
        if (term->alternative) {
            holds = true;
        }
        if (holds) {
            TRY(check_term(term, claims, names, &holds));
        }
    }
    *ret_holds = holds;
    return ST_OK;
}

static bool
is_elsewhere(const struct requirement *requirement, const struct claims *claims)
{
    for (size_t i = 0; i < requirement->count; i++) {
        if (rule_claim_is_elsewhere(requirement->terms[i].condition.name, claims)) {
            return true;
        }
    }
    return false;
}

enum status
requirement_met(const struct requirement *requirement, const struct claims *claims,
                const struct requirement_names *names, struct why *why)
{
    bool holds = false;

    if (check_terms(requirement, claims, names, &holds) != ST_OK) {
        return status_because(why, ST_MEMORY, "out of memory while checking a requirement");
    }
    if (holds) {
        return ST_OK;
    }
    return status_because(why, ST_REQUIREMENT, "%s:%u: the token does not meet 'require = %s'%s",
                          requirement->place.file, requirement->place.line, requirement->said,
                          is_elsewhere(requirement, claims)
                              ? "; it has too many groups to name them: have the provider send "
                                "only those that are assigned to this client"
                              : "");
}

enum status
requirement_auth_age_at(const struct service *service, double auth_time_s, int64_t now_s,
                        struct why *why)
{
    double age_s = (double)now_s - auth_time_s;

    if (age_s < -AUTH_TIME_SKEW_S) {
        return status_because(why, ST_REQUIREMENT,
                              "the token's auth_time is %.0f s in the future; compare the clocks",
                              -age_s);
    }
    if (age_s > (double)(service->max_auth_age_s + AUTH_TIME_SKEW_S)) {
        return status_because(why, ST_REQUIREMENT,
                              "the person signed in at the provider %.0f s ago; at most %lld s are "
                              "accepted (max_auth_age); sign in there again",
                              age_s, (long long)service->max_auth_age_s);
    }
    return ST_OK;
}

enum status
requirement_auth_age(const struct service *service, const struct claims *claims, int64_t now_s,
                     struct why *why)
{
    double auth_time_s = 0;

    switch (claims_date(claims, "auth_time", &auth_time_s)) {
    case CLAIMS_DATE_ABSENT:
        return status_because(why, ST_REQUIREMENT,
                              "the token has no auth_time, which max_auth_age needs; have the "
                              "provider send it");
    case CLAIMS_DATE_BAD:
        return status_because(why, ST_REQUIREMENT, "the token's auth_time is not a time");
    case CLAIMS_DATE_OK:
    default:
        break;
    }
    return requirement_auth_age_at(service, auth_time_s, now_s, why);
}

enum status
requirement_check(const struct service *service, const struct claims *claims, const char *account,
                  const char *host, int64_t now_s, struct why *why)
{
    struct requirement_names names = {.account = account, .host = host};

    for (size_t i = 0; i < service->requirement_count; i++) {
        TRY(requirement_met(service->requirements[i], claims, &names, why));
    }
    return service->max_auth_age_s > 0 ? requirement_auth_age(service, claims, now_s, why) : ST_OK;
}

#include <string.h>

#include "base/text.h"
#include "cli/print.h"
#include "cli/row.h"
#include "cli/verify/explain.h"
#include "login/account.h"
#include "login/token/single_use.h"
#include "policy/map/rule.h"
#include "policy/requirement.h"

/* So many rules of a map are shown; of more, those that come first. */
#define RULES_MAX 50

/* Keeps the first that did not pass: that is the one that decides. */
static void
keep_first(enum status *first, struct why *why, enum status status, const struct why *reason)
{
    if (*first == ST_OK && status != ST_OK) {
        *first = status;
        *why = *reason;
    }
}

static json_t *
place_text(struct place place)
{
    return json_sprintf("%s:%u", place.file, place.line);
}

/* ---- the account map --------------------------------------------------------------------------
 */

struct watch {
    const struct accounts_query *query;
    json_t *rules;
    bool whole;
};

/* What the token says where the condition looks, as JSON; null if nothing. */
static json_t *
claim_value(const struct claims *claims, struct span name)
{
    const json_t *value = claims_find(claims, name);

    return value != NULL ? json_deep_copy(value) : json_null();
}

static json_t *
misfit_name(const struct rule *rule, const struct condition *misfit)
{
    if (misfit == &rule->service || misfit == &rule->host) {
        return json_string(misfit == &rule->service ? "service" : "host");
    }
    return print_json_text(misfit->name);
}

static json_t *
misfit_got(const struct watch *watch, const struct rule *rule, const struct condition *misfit)
{
    if (misfit == &rule->service || misfit == &rule->host) {
        return print_json_text(
            span_of(misfit == &rule->service ? watch->query->service : watch->query->host));
    }
    return claim_value(watch->query->claims, misfit->name);
}

static void
saw(void *context, const char *place, struct span line, const struct rule *rule)
{
    struct watch *watch = context;
    const struct condition *misfit = rule_misfit(rule, watch->query);

    if (json_array_size(watch->rules) == RULES_MAX) {
        return;
    }
    json_t *row = json_pack("{s:s, s:o, s:b}", "place", place, "says",
                            print_json_text(span_trim(line)), "applies", misfit == NULL);
    size_t members = 3;
    if (row != NULL && misfit != NULL) {
        row_set(row, "but", misfit_name(rule, misfit));
        row_set(row, "got", misfit_got(watch, rule, misfit));
        members += 2;
    }
    watch->whole = json_object_size(row) == members && watch->whole;
    watch->whole = json_array_append_new(watch->rules, row) == 0 && watch->whole;
}

static bool
add_map(const struct explain_case *about, enum status *first, struct why *why, json_t *object)
{
    struct accounts_query query = {
        .config = about->site->config,
        .provider = about->token->provider,
        .claims = about->token->claims,
        .account = about->account,
        .service = about->service->name,
        .host = about->site->host,
        .owner = about->site->owner,
    };
    struct watch watch = {.query = &query, .rules = json_array(), .whole = true};
    struct accounts_watcher watcher = {.saw = saw, .context = &watch};
    struct accounts_rule rule = {""};
    struct why reason = {""};

    query.watcher = &watcher;
    enum status status = accounts_search(&query, &reason, &rule);
    keep_first(first, why, status, &reason);
    bool decided = rule.place[0] != '\0';
    json_t *row = row_new("map", decided ? rule.place : about->site->config->paths.accounts, status,
                          reason.sentence);
    row_set(row, "got", claim_value(about->token->claims, span_of("sub")));
    row_set(row, "want", print_json_text(span_of(about->account)));
    bool whole = row_add(json_object_get(object, "checks"), row) && watch.whole;
    whole =
        json_object_set_new(object, "rule", decided ? json_string(rule.place) : json_null()) == 0 &&
        whole;
    return json_object_set_new(object, "rules", watch.rules) == 0 && whole;
}

/* ---- the account ------------------------------------------------------------------------------
 */

static bool
add_account(const struct explain_case *about, enum status *first, struct why *why, json_t *object)
{
    struct why reason = {""};
    enum status status = account_check(about->service, about->account, &reason);

    keep_first(first, why, status, &reason);
    json_t *place = place_text(about->service->place);
    json_t *row =
        row_new("account", place != NULL ? json_string_value(place) : "", status, reason.sentence);
    json_decref(place);
    row_set(row, "got", print_json_text(span_of(about->account)));
    row_set(row, "want", json_null());
    return row_add(json_object_get(object, "checks"), row);
}

/* ---- what the service requires ----------------------------------------------------------------
 */

static bool
add_requirement(const struct explain_case *about, const struct requirement *requirement,
                enum status *first, struct why *why, json_t *rows)
{
    struct requirement_names names = {.account = about->account, .host = about->site->host};
    struct why reason = {""};
    json_t *got = json_object();
    json_t *place = place_text(requirement_place(requirement));

    enum status status = requirement_met(requirement, about->token->claims, &names, &reason);
    keep_first(first, why, status, &reason);
    for (size_t i = 0; requirement_claim(requirement, i).length > 0; i++) {
        struct span name = requirement_claim(requirement, i);
        (void)json_object_setn_new(got, name.at, name.length,
                                   claim_value(about->token->claims, name));
    }
    json_t *row = row_new("requirement", place != NULL ? json_string_value(place) : "", status,
                          reason.sentence);
    json_decref(place);
    row_set(row, "got", got);
    row_set(row, "want", print_json_text(span_of(requirement_said(requirement))));
    return row_add(rows, row);
}

static bool
add_auth_age(const struct explain_case *about, enum status *first, struct why *why, json_t *rows)
{
    const struct service *service = about->service;
    struct why reason = {""};

    if (service->max_auth_age_s == 0) {
        return true;
    }
    enum status status =
        requirement_auth_age(service, about->token->claims, about->site->now_s, &reason);
    keep_first(first, why, status, &reason);
    json_t *row = row_new("max_auth_age", "OpenID Connect Core 2", status, reason.sentence);
    row_set(row, "got", claim_value(about->token->claims, span_of("auth_time")));
    row_set(row, "want",
            json_sprintf("from %lld", (long long)(about->site->now_s - service->max_auth_age_s)));
    return row_add(rows, row);
}

/* ---- single use -------------------------------------------------------------------------------
 */

static const char *
use_of(enum status status, bool shared)
{
    if (shared) {
        return "not asked: used_tokens is not of this host";
    }
    return status == ST_OK ? "not used" : status == ST_REPLAYED ? "used" : "not known";
}

/* A Redis is not asked: it is another host, and asking it is using the token up. */
static bool
add_single_use(const struct explain_case *about, enum status *first, struct why *why, json_t *rows)
{
    bool shared = config_used_tokens_url(about->site->config) != NULL;
    struct why reason = {""};

    if (!about->service->single_use) {
        return true;
    }
    enum status status = shared ? ST_OK : single_use_look(about->site, about->token, &reason);
    keep_first(first, why, status, &reason);
    json_t *place = place_text(about->service->place);
    json_t *row = row_new("single_use", place != NULL ? json_string_value(place) : "", status,
                          reason.sentence);
    json_decref(place);
    row_set(row, "got", json_string(use_of(status, shared)));
    row_set(row, "want", json_string("not used"));
    return row_add(rows, row);
}

enum status
explain_policy(const struct explain_case *about, struct why *why, json_t *object)
{
    json_t *rows = json_object_get(object, "checks");
    enum status first = ST_OK;

    bool whole = add_account(about, &first, why, object);
    whole = add_map(about, &first, why, object) && whole;
    for (size_t i = 0; i < about->service->requirement_count; i++) {
        whole = add_requirement(about, about->service->requirements[i], &first, why, rows) && whole;
    }
    whole = add_auth_age(about, &first, why, rows) && whole;
    whole = add_single_use(about, &first, why, rows) && whole;
    return whole ? first : status_because(why, ST_MEMORY, "out of memory");
}

void
explain_overrule(enum status status, const struct why *why, json_t *object)
{
    (void)json_object_set_new(object, "verdict", json_string(status_verdict(status)));
    (void)json_object_set_new(object, "reason", json_string(status_word(status)));
    (void)json_object_set_new(object, "sentence", print_json_text(span_of(why->sentence)));
}

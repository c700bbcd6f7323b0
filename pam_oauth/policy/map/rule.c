#include "policy/map/rule.h"

#include <string.h>

#include "base/text.h"
#include "oauth/claims.h"
#include "policy/claim_class.h"
#include "policy/lines.h"

/* ---- parsing ----------------------------------------------------------------------------------
 */

static enum status
parse_provider(struct syntax *rest, struct why *why, struct rule *rule)
{
    struct span word = syntax_word(rest);

    rule->refuses = span_starts(word, "!");
    rule->provider = (struct span){.at = word.at + (rule->refuses ? 1 : 0),
                                   .length = word.length - (rule->refuses ? 1 : 0)};
    if (!syntax_is_name(rule->provider)) {
        return status_because(why, ST_CONFIG,
                              "'%.*s' is not the name of a provider; a rule is 'provider "
                              "claim=value -> account', or '!provider claim=value' to refuse",
                              SPAN_ARGS(word));
    }
    return ST_OK;
}

/* What limits a rule, and is no claim unless it is quoted. */
static bool
is_option(struct span name)
{
    return span_is(name, "service") || span_is(name, "host");
}

static bool
is_quoted(const struct syntax *rest)
{
    return span_starts(span_trim((struct span){.at = rest->at, .length = rest->length}), "\"");
}

static enum status
parse_condition(struct syntax *rest, struct why *why, struct rule *rule)
{
    if (rule->count == RULE_CONDITIONS_MAX) {
        return status_because(why, ST_CONFIG, "more than %d conditions in one rule",
                              RULE_CONDITIONS_MAX);
    }
    struct condition *condition = &rule->conditions[rule->count];
    bool quoted = is_quoted(rest);
    TRY(syntax_condition(rest, why, condition));
    /* Taken for a claim, which no token has, '!corp service=su' would refuse nobody. */
    if (!quoted && is_option(condition->name)) {
        return status_because(why, ST_CONFIG,
                              "'%.*s=' where a claim must stand: it limits the rule, and follows "
                              "the conditions and the account (everybody is 'sub=*'); quote the "
                              "name if it is a claim's",
                              SPAN_ARGS(condition->name));
    }
    rule->count++;
    if (!condition->wildcard) {
        return ST_OK;
    }
    if (rule->star != NULL) {
        return status_because(why, ST_CONFIG,
                              "'*' in two conditions; it may stand in one, and a value that holds "
                              "one is quoted");
    }
    rule->star = condition;
    return ST_OK;
}

static enum status
parse_conditions(struct syntax *rest, struct why *why, struct rule *rule)
{
    do {
        TRY(parse_condition(rest, why, rule));
    } while (syntax_keyword(rest, "and"));
    if (syntax_keyword(rest, "or")) {
        return status_because(why, ST_CONFIG, "there is no 'or' in a rule; write two rules");
    }
    return ST_OK;
}

static enum status
parse_account(struct syntax *rest, struct why *why, struct rule *rule)
{
    if (!syntax_keyword(rest, "->")) {
        struct span word = syntax_word(rest);
        return status_because(why, ST_CONFIG,
                              "'%.*s' where 'and' or '->' must stand; a rule is 'provider "
                              "claim=value -> account'",
                              SPAN_ARGS(word));
    }
    rule->account = syntax_word(rest);
    if (!span_is(rule->account, "*") && !syntax_is_account(rule->account)) {
        return status_because(why, ST_CONFIG,
                              "'%.*s' is no account that a rule may name: a-z or _, then at most "
                              "30 of a-z, 0-9, _ and -",
                              SPAN_ARGS(rule->account));
    }
    if (span_is(rule->account, "*") != (rule->star != NULL)) {
        return status_because(why, ST_CONFIG,
                              rule->star == NULL
                                  ? "the account is '*', but no condition has one to say which"
                                  : "a condition has a '*', which only the account '*' may follow; "
                                    "quote the value if it means itself");
    }
    return ST_OK;
}

static enum status
parse_options(struct syntax *rest, struct why *why, struct rule *rule)
{
    while (!syntax_at_end(rest)) {
        struct condition option;
        if (rule->refuses && syntax_keyword(rest, "->")) {
            return status_because(why, ST_CONFIG,
                                  "a '!' rule names no account: it refuses whoever it matches; "
                                  "remove the '->' and what follows");
        }
        TRY(syntax_condition(rest, why, &option));
        if (!is_option(option.name)) {
            return status_because(why, ST_CONFIG,
                                  "'%.*s=' where only service= and host= may follow; conditions "
                                  "are joined by 'and'",
                                  SPAN_ARGS(option.name));
        }
        struct condition *field = span_is(option.name, "service") ? &rule->service : &rule->host;
        if (field->name.length > 0) {
            return status_because(why, ST_CONFIG, "'%.*s=' stands twice; write two rules",
                                  SPAN_ARGS(option.name));
        }
        *field = option;
    }
    return ST_OK;
}

static enum status
parse(char *line, struct why *why, struct rule *rule)
{
    struct syntax rest = {.at = line, .length = strlen(line)};

    memset(rule, 0, sizeof(*rule));
    TRY(parse_provider(&rest, why, rule));
    TRY(parse_conditions(&rest, why, rule));
    TRY(rule->refuses ? ST_OK : parse_account(&rest, why, rule));
    return parse_options(&rest, why, rule);
}

enum status
rule_read(struct span line, struct buf *copy, struct why *why, struct rule *rule)
{
    const char *fault = lines_fault(line);

    if (fault != NULL) {
        return status_because(why, ST_CONFIG, "the line has %s", fault);
    }
    if (line.length > RULE_LENGTH_MAX) {
        return status_because(why, ST_CONFIG, "a rule longer than %zu bytes", RULE_LENGTH_MAX);
    }
    buf_cut(copy, 0);
    if (buf_add(copy, line) != ST_OK) {
        return status_because(why, ST_MEMORY, "out of memory while reading a rule");
    }
    return parse(copy->at, why, rule);
}

/* ---- what may name an account ------------------------------------------------------------------
 */

bool
rule_claim_is_mutable(struct span name, const struct provider *provider)
{
    return provider->kind == PROVIDER_PEOPLE && claim_class_of(name, provider) == CLAIM_MUTABLE;
}

/*
 * The audience of a job's token is chosen by the job, so it proves nothing (R29): only who the job
 * is may name an account, by its exact sub or by at least two claims that agree, one of which is
 * nobody else's.
 */
static enum status
workload_permitted(const struct rule *rule, const struct provider *provider, struct why *why)
{
    const struct condition *first = NULL;
    bool two = false;
    bool for_good = false;

    if (rule->star != NULL) {
        return status_because(why, ST_CONFIG,
                              "a '*' in a rule for [provider %s], which is of kind workload; name "
                              "the account and the exact value",
                              provider->name);
    }
    for (size_t i = 0; i < rule->count; i++) {
        const struct condition *condition = &rule->conditions[i];
        if (claim_class_of(condition->name, provider) == CLAIM_OCCASION) {
            continue;
        }
        if (span_is(condition->name, "sub")) {
            return ST_OK;
        }
        first = first != NULL ? first : condition;
        two = two || !span_equals(first->name, condition->name);
        for_good = for_good || claim_class_is_for_good(condition->name, provider);
    }
    if (two && for_good) {
        return ST_OK;
    }
    return status_because(why, ST_CONFIG,
                          "too little to know a job by (aud and iss do not count); use sub, or two "
                          "different claims joined by 'and', one of them an identifier such as "
                          "repository_id or project_id, or one of stable_claims of [provider %s]",
                          provider->name);
}

static enum status
people_permitted(const struct rule *rule, const struct provider *provider, struct why *why)
{
    bool names_somebody = false;

    for (size_t i = 0; i < rule->count; i++) {
        const struct condition *condition = &rule->conditions[i];
        enum claim_class class = claim_class_of(condition->name, provider);
        if (class == CLAIM_MUTABLE && !provider->mutable_claims) {
            return status_because(why, ST_CONFIG,
                                  "'%.*s' can be changed by its owner or an administrator; use "
                                  "sub, or list it in stable_claims of [provider %s] if it never "
                                  "changes there, or set mutable_claims = yes",
                                  SPAN_ARGS(condition->name), provider->name);
        }
        if (condition->wildcard && (class == CLAIM_SHARED || class == CLAIM_OCCASION)) {
            return status_because(why, ST_CONFIG,
                                  "'%.*s' is not one person's own, so it cannot stand for the "
                                  "account '*'; name the account",
                                  SPAN_ARGS(condition->name));
        }
        names_somebody =
            names_somebody || (class != CLAIM_OCCASION &&
                               !claim_class_is_everybodys(condition->name, condition->value));
    }
    if (!names_somebody) {
        return status_because(why, ST_CONFIG,
                              "acr, amr, aud and iss say how somebody signed in, not who, and a "
                              "scope such as openid is anybody's who asks for it; add a condition "
                              "such as sub=");
    }
    return ST_OK;
}

enum status
rule_permitted(const struct rule *rule, const struct provider *provider, struct why *why)
{
    if (rule->refuses) {
        return ST_OK; /* whatever it goes by, it lets nobody in */
    }
    return provider->kind == PROVIDER_WORKLOAD ? workload_permitted(rule, provider, why)
                                               : people_permitted(rule, provider, why);
}

enum rule_subject
rule_subject(const struct rule *rule, const struct provider *provider)
{
    bool changeable = false;

    if (rule->star != NULL) {
        return RULE_ANY_ACCOUNT;
    }
    for (size_t i = 0; i < rule->count; i++) {
        enum claim_class class = claim_class_of(rule->conditions[i].name, provider);
        if (class == CLAIM_STABLE || provider->kind == PROVIDER_WORKLOAD) {
            return RULE_ONE;
        }
        changeable = changeable || class == CLAIM_MUTABLE;
    }
    return changeable ? RULE_CHANGEABLE : RULE_SHARED;
}

/* ---- matching ----------------------------------------------------------------------------------
 */

bool
rule_email_is_verified(const struct claims *claims)
{
    return json_is_true(claims_find(claims, span_of("email_verified")));
}

bool
rule_claim_is_elsewhere(struct span name, const struct claims *claims)
{
    const json_t *sources = claims_find(claims, span_of("_claim_names"));

    if (json_object_getn(sources, name.at, name.length) != NULL) {
        return true; /* OpenID Connect Core 5.6.2; what stands here beside it is not the whole */
    }
    const json_t *here = claims_find(claims, name);
    if (!span_is(name, "groups") || (here != NULL && !json_is_null(here))) {
        return false;
    }
    /* True; and "true", for who writes that must not get around a refusal. */
    const json_t *has = claims_find(claims, span_of("hasgroups"));
    return has != NULL && !json_is_false(has) && !json_is_null(has);
}

static bool
option_matches(const struct condition *option, const char *value)
{
    struct span star;

    if (option->name.length == 0) {
        return true;
    }
    return option->wildcard ? text_matches(option->value, span_of(value), &star)
                            : span_is(option->value, value);
}

/* Root and its like are for a rule that names them, whatever somebody is called at the provider. */
static bool
needs_a_name(const struct accounts_query *query)
{
    const struct service *service = config_service(query->config, query->service);

    return service != NULL && words_have(&service->system_users, query->account);
}

/* Does the star stand for the account? Only text can, and one that is not a list (R17, R19). */
static bool
star_is_account(const struct rule *rule, struct span star, const struct accounts_query *query)
{
    return json_is_string(claims_find(query->claims, rule->star->name)) &&
           !claims_is_comma_list(query->claims, rule->star->name) &&
           span_is(star, query->account) && syntax_is_account(star) && !needs_a_name(query);
}

static bool
holds_of_subject(const struct rule *rule, const struct condition *condition,
                 const struct accounts_query *query)
{
    struct span star;

    if (!condition_holds(condition, query->claims, &star)) {
        return false;
    }
    if (condition == rule->star && !star_is_account(rule, star, query)) {
        return false;
    }
    return !span_is(condition->name, "email") || rule_email_is_verified(query->claims);
}

/* A refusal holds too where the token leaves out what it asks for: that is no way around it. */
static bool
holds_of_refused(const struct condition *condition, const struct claims *claims)
{
    struct span star;

    return condition_holds(condition, claims, &star) ||
           rule_claim_is_elsewhere(condition->name, claims);
}

bool
rule_is_for_service(const struct rule *rule, const char *service)
{
    return option_matches(&rule->service, service);
}

bool
rule_is_for_host(const struct rule *rule, const char *host)
{
    return option_matches(&rule->host, host);
}

bool
rule_is_for_account(const struct rule *rule, const char *account)
{
    return rule->refuses || rule->star != NULL || span_is(rule->account, account);
}

const struct condition *
rule_misfit(const struct rule *rule, const struct accounts_query *query)
{
    if (!rule_is_for_service(rule, query->service)) {
        return &rule->service;
    }
    if (!rule_is_for_host(rule, query->host)) {
        return &rule->host;
    }
    for (size_t i = 0; i < rule->count; i++) {
        const struct condition *condition = &rule->conditions[i];
        if (!(rule->refuses ? holds_of_refused(condition, query->claims)
                            : holds_of_subject(rule, condition, query))) {
            return condition;
        }
    }
    return NULL;
}

bool
rule_applies(const struct rule *rule, const struct accounts_query *query)
{
    return rule_is_for_account(rule, query->account) && rule_misfit(rule, query) == NULL;
}

#include "policy/map/accounts.h"

#include <string.h>

#include "base/text.h"
#include "policy/lines.h"
#include "policy/map/maps.h"
#include "policy/map/rule.h"

/* The line at hand, for whoever complains about it, and what it is read into. */
struct spot {
    const struct config *config;
    struct findings *findings;
    const char *path;
    unsigned int number;
    struct buf copy;
    struct rule rule;
};

static const struct provider *
find_provider(const struct spot *spot, const struct rule *rule)
{
    const struct config *config = spot->config;
    const char *names[64];
    size_t count = 0;

    for (size_t i = 0; i < config->provider_count; i++) {
        if (span_is(rule->provider, config->providers[i]->name)) {
            return config->providers[i];
        }
        if (count < COUNT(names)) {
            names[count++] = config->providers[i]->name;
        }
    }
    const char *nearest = text_nearest(rule->provider, names, count);
    findings_error(spot->findings, spot->path, spot->number, "there is no provider '%.*s'; %s%s%s",
                   SPAN_ARGS(rule->provider),
                   nearest != NULL ? "did you mean '" : "remove the rule",
                   nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
    return NULL;
}

static bool
service_has(const struct service *service, const struct provider *provider)
{
    for (size_t i = 0; i < service->provider_count; i++) {
        if (service->providers[i] == provider) {
            return true;
        }
    }
    return false;
}

/* The services that a rule is for and that take tokens of its provider. */
struct reach {
    bool any;
    bool asked; /* of those, one that does not leave the account to others (local_users) */
    bool root;  /* and one that a rule may let root into (system_users) */
};

static struct reach
reach_of(const struct spot *spot, const struct rule *rule, const struct provider *provider)
{
    struct reach reach = {.any = false};
    char account[33] = "";

    /* None in a rule that refuses; no longer one, which syntax_is_account sees to. */
    if (rule->account.length > 0 && rule->account.length < sizeof(account)) {
        memcpy(account, rule->account.at, rule->account.length);
    }
    for (size_t i = 0; i < spot->config->service_count; i++) {
        const struct service *service = spot->config->services[i];
        if (service_has(service, provider) && rule_is_for_service(rule, service->name)) {
            reach.any = true;
            reach.asked = reach.asked || !words_have(&service->local_users, account);
            reach.root = reach.root || words_have(&service->system_users, account);
        }
    }
    return reach;
}

/* A claim of which a token has one value, and the rule asks for two. */
static const struct condition *
two_values(const struct rule *rule)
{
    static const char *const single[] = {"sub", "iss", "email", "preferred_username",
                                         "upn", "oid", "azp"};

    for (size_t i = 0; i < rule->count; i++) {
        const struct condition *first = &rule->conditions[i];
        bool is_single = false;
        for (size_t name = 0; name < COUNT(single); name++) {
            is_single = is_single || span_is(first->name, single[name]);
        }
        for (size_t j = i + 1; is_single && !first->wildcard && j < rule->count; j++) {
            const struct condition *other = &rule->conditions[j];
            if (!other->wildcard && span_equals(first->name, other->name) &&
                !span_equals(first->value, other->value)) {
                return first;
            }
        }
    }
    return NULL;
}

#define NEVER(spot, ...)                                                                           \
    findings_warning((spot)->findings, (spot)->path, (spot)->number,                               \
                     "the rule can never match: " __VA_ARGS__)

static void
warn_of_never(const struct spot *spot, const struct rule *rule, const struct provider *provider)
{
    const struct condition *twice = two_values(rule);
    struct reach reach = reach_of(spot, rule, provider);

    if (twice != NULL) {
        NEVER(spot, "nobody has two values of %.*s; write two rules", SPAN_ARGS(twice->name));
    }
    for (size_t i = 0; i < rule->count; i++) {
        const struct condition *condition = &rule->conditions[i];
        if (span_is(condition->name, "iss") && !condition->wildcard &&
            !span_is(condition->value, provider->issuer)) {
            NEVER(spot, "iss is always the issuer of [provider %s], %s; remove the condition",
                  provider->name, provider->issuer);
        }
    }
    /* A configuration without services, a user's own, serves programs that ask for none. */
    if (spot->config->service_count == 0) {
        return;
    }
    if (!reach.any) {
        NEVER(spot, "no [service] that it is for has '%s' among its providers", provider->name);
    } else if (!rule->refuses && !reach.asked) {
        NEVER(spot, "every [service] that it is for has '%.*s' in local_users; take it out there",
              SPAN_ARGS(rule->account));
    } else if (span_is(rule->account, "root") && !reach.root) {
        NEVER(spot, "no [service] that it is for has root in system_users; add it there, or remove "
                    "the rule");
    }
}

/* What is allowed but hardly meant. */
static void
warn(const struct spot *spot, const struct rule *rule, const struct provider *provider)
{
    warn_of_never(spot, rule, provider);
    for (size_t i = 0; i < rule->count; i++) {
        const struct condition *condition = &rule->conditions[i];
        if (rule->refuses && rule_claim_is_mutable(condition->name, provider)) {
            findings_warning(spot->findings, spot->path, spot->number,
                             "'%.*s' can be changed, and whoever changes it is no longer refused; "
                             "refuse by sub",
                             SPAN_ARGS(condition->name));
        }
        if (span_is(condition->value, "%h") || span_is(condition->value, "%u")) {
            findings_warning(spot->findings, spot->path, spot->number,
                             "'%.*s' means itself in a map; use host= or the account '*'",
                             SPAN_ARGS(condition->value));
        }
    }
}

static enum status
check_rule(struct spot *spot, struct span text, struct why *why)
{
    TRY(rule_read(text, &spot->copy, why, &spot->rule));
    const struct provider *provider = find_provider(spot, &spot->rule);
    if (provider == NULL) {
        return ST_OK;
    }
    TRY(rule_permitted(&spot->rule, provider, why));
    warn(spot, &spot->rule, provider);
    return ST_OK;
}

static enum status
check_line(void *context, struct place place, struct span text)
{
    struct spot *spot = context;
    struct why why = {""};

    spot->path = place.file;
    spot->number = place.line;
    if (span_starts(span_trim(text), "#")) {
        const char *fault = lines_fault(text);
        if (fault != NULL) {
            findings_error(spot->findings, spot->path, spot->number, "the line has %s", fault);
        }
        return ST_OK;
    }
    enum status status = check_rule(spot, text, &why);
    if (status == ST_CONFIG) {
        findings_error(spot->findings, spot->path, spot->number, "%s", why.sentence);
        return ST_OK;
    }
    return status;
}

static enum status
check_broken(void *context, const char *path, const struct why *why)
{
    const struct spot *spot = context;

    findings_file_error(spot->findings, path, why);
    return ST_OK;
}

enum status
accounts_check(const struct config *config, uid_t owner, struct findings *findings)
{
    struct spot spot = {.config = config, .findings = findings, .copy = BUF(RULE_LENGTH_MAX)};
    struct maps_visitor visitor = {.line = check_line, .broken = check_broken, .context = &spot};

    enum status status = maps_walk(config, owner, &visitor);
    buf_done(&spot.copy);
    return status;
}

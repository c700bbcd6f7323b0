#include "policy/accounts.h"

#include "base/text.h"
#include "policy/lines.h"
#include "policy/pieces.h"
#include "policy/rule.h"

/* What one rule after the other is read into. */
struct scratch {
    struct buf copy;
    struct rule rule;
};

static void
scratch_done(struct scratch *scratch)
{
    buf_done(&scratch->copy);
}

/* One line of a map, for whoever complains about it. */
struct spot {
    const struct config *config;
    struct findings *findings;
    const char *path;
    unsigned int number;
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

/* Can a token of the provider come to a service that the rule is for? */
static bool
reaches_service(const struct spot *spot, const struct rule *rule, const struct provider *provider)
{
    for (size_t i = 0; i < spot->config->service_count; i++) {
        const struct service *service = spot->config->services[i];
        if (service_has(service, provider) && rule_is_for_service(rule, service->name)) {
            return true;
        }
    }
    return false;
}

static bool
has_two_subjects(const struct rule *rule)
{
    const struct condition *first = NULL;

    for (size_t i = 0; i < rule->count; i++) {
        const struct condition *condition = &rule->conditions[i];
        if (!span_is(condition->name, "sub") || condition->wildcard) {
            continue;
        }
        if (first != NULL && !span_equals(first->value, condition->value)) {
            return true;
        }
        first = condition;
    }
    return false;
}

/* What is allowed but hardly meant. */
static void
warn(const struct spot *spot, const struct rule *rule, const struct provider *provider)
{
    /* A configuration without services, a user's own, serves programs that ask for none. */
    if (spot->config->service_count > 0 && !reaches_service(spot, rule, provider)) {
        findings_warning(spot->findings, spot->path, spot->number,
                         "the rule can never match: no [service] that it is for has '%s' among its "
                         "providers",
                         provider->name);
    }
    if (has_two_subjects(rule)) {
        findings_warning(spot->findings, spot->path, spot->number,
                         "the rule can never match: nobody has two values of sub; write two rules");
    }
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
check_line(const struct spot *spot, struct span text, struct scratch *scratch)
{
    struct span said = span_trim(text);
    struct why why = {""};

    if (said.length == 0) {
        return ST_OK;
    }
    if (said.at[0] == '#') {
        const char *fault = lines_fault(text);
        if (fault != NULL) {
            findings_error(spot->findings, spot->path, spot->number, "the line has %s", fault);
        }
        return ST_OK;
    }
    enum status status = rule_read(text, &scratch->copy, &why, &scratch->rule);
    const struct provider *provider = status == ST_OK ? find_provider(spot, &scratch->rule) : NULL;
    if (status == ST_OK && provider == NULL) {
        return ST_OK;
    }
    if (status == ST_OK) {
        status = rule_permitted(&scratch->rule, provider, &why);
    }
    if (status == ST_OK) {
        warn(spot, &scratch->rule, provider);
        return ST_OK;
    }
    if (status == ST_CONFIG) {
        findings_error(spot->findings, spot->path, spot->number, "%s", why.sentence);
        return ST_OK;
    }
    return status;
}

static enum status
check_piece(struct spot *spot, struct span piece, struct scratch *scratch)
{
    struct span text;

    while (span_line(&piece, &text)) {
        TRY(check_line(spot, text, scratch));
        spot->number++;
    }
    return ST_OK;
}

static enum status
check_map(struct spot *spot, uid_t owner, struct scratch *scratch)
{
    struct pieces pieces CLEANUP(pieces_done) = PIECES;
    struct span piece = {.at = NULL, .length = 0};
    struct why why = {""};
    enum status status = pieces_open(&pieces, spot->path, owner, &why);

    spot->number = 1;
    while (status == ST_OK) {
        status = pieces_next(&pieces, &why, &piece);
        if (status == ST_OK && piece.length == 0) {
            return ST_OK;
        }
        TRY(status == ST_OK ? check_piece(spot, piece, scratch) : ST_OK);
    }
    if (status == ST_CONFIG) {
        findings_file_error(spot->findings, spot->path, &why);
        return ST_OK;
    }
    return status;
}

enum status
accounts_check(const struct config *config, uid_t owner, struct findings *findings)
{
    struct words paths CLEANUP(words_done) = {.at = NULL, .count = 0};
    struct scratch scratch CLEANUP(scratch_done) = {.copy = BUF(RULE_LENGTH_MAX)};
    struct why why = {""};
    enum status status = accounts_maps(config, owner, &why, &paths);

    if (status == ST_CONFIG) {
        findings_file_error(findings, config->paths.accounts, &why);
    } else if (status != ST_OK) {
        return status;
    }
    for (size_t i = 0; i < paths.count; i++) {
        struct spot spot = {.config = config, .findings = findings, .path = paths.at[i]};
        TRY(check_map(&spot, owner, &scratch));
    }
    return ST_OK;
}

#include "cli/check/check_accounts.h"

#include <stdio.h>
#include <string.h>

#include "login/account.h"
#include "policy/hosts.h"
#include "policy/map/maps.h"
#include "policy/map/rule.h"

#define LOOKUPS_MAX 1000

struct walk {
    const struct checkup *check;
    struct buf copy; /* of the line at hand */
    struct rule rule;
    struct words fine; /* accounts of which nothing is to be said */
    size_t lookups;
};

static bool
is_for(const struct rule *rule, const struct service *service)
{
    for (size_t i = 0; i < service->provider_count; i++) {
        if (span_is(rule->provider, service->providers[i]->name)) {
            return rule_is_for_service(rule, service->name);
        }
    }
    return false;
}

/* Why no service that the rule is for lets the account in; false if one does, or none is asked. */
static bool
is_kept_out(const struct walk *walk, const char *account, struct why *why)
{
    const struct config *config = walk->check->cli->config;
    bool kept_out = false;

    for (size_t i = 0; i < config->service_count; i++) {
        const struct service *service = config->services[i];
        if (!is_for(&walk->rule, service) || words_have(&service->local_users, account)) {
            continue;
        }
        if (account_check(service, account, why) != ST_ACCOUNT) {
            return false;
        }
        kept_out = true;
    }
    return kept_out;
}

/*
 * A refusal that was meant for this host, by the look of it, and is for none: with or without the
 * domain, or in other letters. A map may be that of many hosts, so other names say nothing.
 */
static bool
misses_by_a_hair(const struct rule *rule, const char *host)
{
    struct span wanted = rule->host.value;
    struct span name = span_of(host);
    struct span rest;

    if (!rule->refuses || rule_is_for_host(rule, host)) {
        return false;
    }
    if (memchr(wanted.at, '.', wanted.length) == NULL) {
        (void)span_cut(name, '.', &name, &rest);
    } else if (strchr(host, '.') == NULL) {
        (void)span_cut(wanted, '.', &wanted, &rest);
    }
    return hosts_match(wanted, name);
}

static void
warn_of_host(const struct walk *walk, struct place place)
{
    const char *host = walk->check->cli->site.host;

    if (misses_by_a_hair(&walk->rule, host)) {
        findings_warning(walk->check->findings, place.file, place.line,
                         "the rule refuses nobody here: its host=%.*s is not the name of this "
                         "host, %s; write it like that",
                         SPAN_ARGS(walk->rule.host.value), host);
    }
}

static enum status
see_line(void *context, struct place place, struct span text)
{
    struct walk *walk = context;
    struct why why = {""};
    char account[64];

    if (span_starts(span_trim(text), "#") || walk->lookups >= LOOKUPS_MAX) {
        return ST_OK;
    }
    enum status status = rule_read(text, &walk->copy, &why, &walk->rule);
    if (status == ST_OK) {
        warn_of_host(walk, place);
    }
    /* Of root it is known without asking (policy/map/accounts_check.c); of errors it has been said.
     */
    if (status != ST_OK || walk->rule.refuses || walk->rule.star != NULL ||
        span_is(walk->rule.account, "root")) {
        return status == ST_MEMORY ? status : ST_OK;
    }
    (void)snprintf(account, sizeof(account), "%.*s", SPAN_ARGS(walk->rule.account));
    if (words_have(&walk->fine, account)) {
        return ST_OK;
    }
    walk->lookups++;
    if (is_kept_out(walk, account, &why)) {
        findings_warning(walk->check->findings, place.file, place.line,
                         "the rule for '%s' can never match: %s", account, why.sentence);
        return ST_OK;
    }
    return words_add(&walk->fine, span_of(account));
}

/* What cannot be read has been said. */
static enum status
see_broken(void *context, const char *path, const struct why *why)
{
    (void)context;
    (void)path;
    (void)why;
    return ST_OK;
}

enum status
check_accounts(const struct checkup *check)
{
    struct walk walk = {.check = check, .copy = BUF(RULE_LENGTH_MAX)};
    struct maps_visitor visitor = {.line = see_line, .broken = see_broken, .context = &walk};

    enum status status = maps_walk(check->cli->config, check->cli->site.owner, &visitor);
    buf_done(&walk.copy);
    words_done(&walk.fine);
    return status;
}

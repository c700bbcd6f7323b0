/*
 * pam-oauth who-can: every rule, requirement and exception of the configuration and the account map
 * that lets somebody be an account: the answer to "who can become root here?".
 */
#include "cli/who/who_can.h"

#include <stdio.h>
#include <string.h>

#include "base/strictjson.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/print.h"
#include "cli/site.h"
#include "login/account.h"
#include "policy/config/keys.h"
#include "policy/map/maps.h"
#include "policy/map/rule.h"
#include "policy/requirement.h"

struct who_can {
    char *account; /* words of argv; NULL: any */
    char *wanted;  /* service; NULL: all */
    bool json;
    struct cli_site cli;
    const struct service *service; /* the one at hand */
    struct buf copy;               /* of the line at hand */
    struct rule rule;
    size_t facts; /* that let somebody in */
};

/* ---- facts ------------------------------------------------------------------------------------
 */

/* Takes the fact and shows it; NULL is a want of memory. */
static enum status
tell(const struct who_can *who, json_t *fact)
{
    json_t *owned CLEANUP(strictjson_done) = fact;

    if (fact == NULL ||
        json_object_set_new(owned, "service", print_json_text(span_of(who->service->name))) != 0) {
        return ST_MEMORY;
    }
    if (who->json) {
        return print_json_line(stdout, owned) ? ST_OK : ST_MEMORY;
    }
    who_can_print(stdout, owned);
    return ST_OK;
}

static json_t *
place_text(struct place place)
{
    return json_sprintf("%s:%u", place.file, place.line);
}

static json_t *
fact_of_line(const char *kind, struct place place, struct span says)
{
    return json_pack("{s:s, s:o, s:o}", "kind", kind, "place", place_text(place), "says",
                     print_json_text(span_trim(says)));
}

static json_t *
list_of(const struct words *words)
{
    json_t *list = json_array();

    for (size_t i = 0; i < words->count; i++) {
        if (json_array_append_new(list, print_json_text(span_of(words->at[i]))) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *
providers_of(const struct service *service)
{
    json_t *list = json_array();

    for (size_t i = 0; i < service->provider_count; i++) {
        (void)json_array_append_new(list, json_string(service->providers[i]->name));
    }
    return list;
}

static json_t *
methods_of(const struct service *service)
{
    json_t *list = json_array();

    for (size_t i = 0; i < service->method_count; i++) {
        (void)json_array_append_new(list, json_string(config_keys_method(service->methods[i])));
    }
    return list;
}

/* ---- what a section says ----------------------------------------------------------------------
 */

static enum status
tell_seconds(const struct who_can *who, const char *kind, const char *key, int64_t seconds)
{
    char says[64];

    if (seconds == 0) {
        return ST_OK;
    }
    (void)snprintf(says, sizeof(says), "%s = %llds", key, (long long)seconds);
    return tell(who, fact_of_line(kind, who->service->place, span_of(says)));
}

static enum status
tell_requirements(const struct who_can *who)
{
    const struct service *service = who->service;

    for (size_t i = 0; i < service->requirement_count; i++) {
        const struct requirement *requirement = service->requirements[i];
        TRY(tell(who, fact_of_line("requirement", requirement_place(requirement),
                                   span_of(requirement_said(requirement)))));
    }
    TRY(tell_seconds(who, "requirement", "max_auth_age", service->max_auth_age_s));
    TRY(tell_seconds(who, "key", "sign_in_within", service->sign_in_within_s));
    return tell_seconds(who, "key", "remember", service->remember_s);
}

static enum status
tell_local(struct who_can *who)
{
    const struct words *local = &who->service->local_users;
    struct words wanted CLEANUP(words_done) = {.at = NULL, .count = 0};

    if (who->account != NULL && words_have(local, who->account)) {
        TRY(words_add(&wanted, span_of(who->account)));
        local = &wanted;
    } else if (who->account != NULL || local->count == 0) {
        return ST_OK;
    }
    who->facts++;
    return tell(who, json_pack("{s:s, s:o}", "kind", "local", "accounts", list_of(local)));
}

/* ---- what the map says ------------------------------------------------------------------------
 */

static const struct provider *
provider_of(const struct who_can *who)
{
    for (size_t i = 0; i < who->service->provider_count; i++) {
        if (span_is(who->rule.provider, who->service->providers[i]->name)) {
            return who->service->providers[i];
        }
    }
    return NULL;
}

/* May this account be entered through a rule at all? */
static enum status
account_excuse(const struct who_can *who, const char *account, struct why *but)
{
    if (words_have(&who->service->local_users, account)) {
        return status_because(but, ST_ACCOUNT,
                              "'%s' is in local_users: no token is asked for, so that the rule is "
                              "never looked at",
                              text_quote(span_of(account)).text);
    }
    return account_check(who->service, account, but);
}

/* Why a rule admits nobody, as far as that is known without a token; empty if it does. */
static void
find_excuse(const struct who_can *who, struct why *but)
{
    const struct rule *rule = &who->rule;
    bool star = rule->star != NULL;
    char named[64] = "";

    if (!rule_is_for_host(rule, who->cli.host)) {
        (void)status_because(but, ST_ACCOUNT, "this host is '%s'",
                             text_quote(span_of(who->cli.host)).text);
        return;
    }
    if (star && who->account == NULL) {
        return;
    }
    if (star && words_have(&who->service->system_users, who->account)) {
        (void)status_because(but, ST_ACCOUNT,
                             "'%s' is in system_users: a rule must name it, which '*' does not",
                             text_quote(span_of(who->account)).text);
        return;
    }
    (void)snprintf(named, sizeof(named), "%.*s", SPAN_ARGS(rule->account));
    struct why reason = {""};
    if (account_excuse(who, star ? who->account : named, &reason) != ST_OK) {
        *but = reason;
    }
}

/* Whom a rule admits that does not name one person; NULL for one that does. */
static const char *
note_of(const struct who_can *who, const struct provider *provider)
{
    switch (rule_subject(&who->rule, provider)) {
    case RULE_ANY_ACCOUNT:
        return who->account != NULL
                   ? "everybody at the provider whose claim names this account"
                   : "everybody at the provider, each to the account that the claim names: any but "
                     "those "
                     "of local_users and system_users, and those below UID_MIN";
    case RULE_SHARED:
        return "everybody who has that at the provider";
    case RULE_CHANGEABLE:
        return "whoever has, or can give themselves, that at the provider";
    case RULE_ONE:
    default:
        return NULL;
    }
}

static enum status
tell_broken(const struct who_can *who, struct place place, struct span text, const struct why *why)
{
    json_t *fact = fact_of_line("broken", place, text);

    if (fact != NULL) {
        (void)json_object_set_new(fact, "but", print_json_text(span_of(why->sentence)));
    }
    return tell(who, fact);
}

/* A refusal that is for another host keeps nobody out here. */
static enum status
tell_exception(const struct who_can *who, struct place place, struct span text)
{
    json_t *fact = fact_of_line("exception", place, text);

    if (!rule_is_for_host(&who->rule, who->cli.host) &&
        json_object_set_new(fact, "but",
                            json_sprintf("this host is '%s', so that it refuses nobody here",
                                         text_quote(span_of(who->cli.host)).text)) != 0) {
        json_decref(fact);
        return ST_MEMORY;
    }
    return tell(who, fact);
}

static enum status
tell_rule(struct who_can *who, const struct provider *provider, struct place place,
          struct span text)
{
    const char *note = note_of(who, provider);
    struct why but = {""};

    if (who->rule.refuses) {
        return tell_exception(who, place, text);
    }
    find_excuse(who, &but);
    bool admits = but.sentence[0] == '\0';
    json_t *fact = fact_of_line("rule", place, text);
    json_t *said = admits ? (note != NULL ? json_string(note) : json_null())
                          : print_json_text(span_of(but.sentence));
    who->facts += admits ? 1 : 0;
    if (json_object_set_new(fact, admits ? "who" : "but", said) != 0) {
        json_decref(fact);
        return ST_MEMORY;
    }
    return tell(who, fact);
}

/* Could the rule be about what is asked? */
static bool
is_asked_about(const struct who_can *who)
{
    return rule_is_for_service(&who->rule, who->service->name) &&
           (who->account == NULL || rule_is_for_account(&who->rule, who->account));
}

static enum status
see_line(void *context, struct place place, struct span text)
{
    struct who_can *who = context;
    struct why why = {""};

    if (span_starts(span_trim(text), "#")) {
        return ST_OK;
    }
    enum status status = rule_read(text, &who->copy, &why, &who->rule);
    const struct provider *provider = status == ST_OK ? provider_of(who) : NULL;
    if (status == ST_OK && (provider == NULL || !is_asked_about(who))) {
        return ST_OK;
    }
    if (status == ST_OK) {
        status = rule_permitted(&who->rule, provider, &why);
    }
    if (status == ST_CONFIG) {
        return tell_broken(who, place, text, &why);
    }
    return status == ST_OK ? tell_rule(who, provider, place, text) : status;
}

static enum status
see_broken(void *context, const char *path, const struct why *why)
{
    struct place place = {.file = path, .line = 0};

    return tell_broken(context, place, span_of(""), why);
}

static enum status
tell_service(struct who_can *who, const struct service *service)
{
    struct maps_visitor visitor = {.line = see_line, .broken = see_broken, .context = who};

    who->service = service;
    TRY(tell(who,
             json_pack("{s:s, s:o, s:o, s:o, s:o}", "kind", "service", "place",
                       place_text(service->place), "methods", methods_of(service), "providers",
                       providers_of(service), "system_users", list_of(&service->system_users))));
    TRY(tell_local(who));
    TRY(tell_requirements(who));
    return maps_walk(who->cli.config, who->cli.site.owner, &visitor);
}

/* ---- the command ------------------------------------------------------------------------------
 */

static enum status
tell_all(struct who_can *who, struct why *why)
{
    const struct config *config = who->cli.config;

    if (who->wanted != NULL && config_service(config, who->wanted) == NULL) {
        return status_because(why, ST_CONFIG,
                              "there is no [service %s]; without a section of its own a service "
                              "lets nobody in",
                              text_quote(span_of(who->wanted)).text);
    }
    for (size_t i = 0; i < config->service_count; i++) {
        const struct service *service = config->services[i];
        if (who->wanted == NULL || strcmp(service->name, who->wanted) == 0) {
            TRY(tell_service(who, service));
        }
    }
    return ST_OK;
}

static void
who_can_done(struct who_can *who)
{
    cli_site_done(&who->cli);
    buf_done(&who->copy);
}

enum exit_code
who_can_run(const struct common *common, int argc, char **argv)
{
    struct who_can who CLEANUP(who_can_done) = {.cli = CLI_SITE, .copy = BUF(RULE_LENGTH_MAX)};
    const struct flag flags[] = {
        {"account", .text = &who.account},
        {"service", .text = &who.wanted},
        {"json", .on = &who.json},
    };
    struct why why = {""};

    if (flags_parse(flags, COUNT(flags), argc, argv, flags_no_operand, &who, &why) != ST_OK) {
        return command_misused("who-can", "%s", why.sentence);
    }
    enum status status = cli_site_open(&who.cli, /* at_s: */ 0, &why);
    if (status == ST_OK) {
        status = cli_site_load(&who.cli, common->config, &why);
    }
    if (status == ST_OK) {
        status = tell_all(&who, &why);
    }
    if (status != ST_OK) {
        return command_misused("who-can", "%s: %s", status_word(status), why.sentence);
    }
    if (fflush(stdout) != 0) {
        return command_misused("who-can", "the answer cannot be written");
    }
    return who.facts > 0 ? EXIT_YES : EXIT_REFUSED;
}

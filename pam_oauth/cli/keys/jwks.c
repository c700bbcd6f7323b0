/*
 * pam-oauth jwks: the provider keys that this host keeps.
 */
#include "cli/keys/jwks.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/flags.h"

/* ---- options ------------------------------------------------------------------------------- */

static enum status
parse(struct jwks_options *options, int argc, char **argv, struct why *why)
{
    static const char *const actions[] = {"list", "refresh"};
    const struct flag flags[] = {
        {"provider", .text = &options->provider},
        {"json", .on = &options->json},
        {"due", .on = &options->due},
        {"background", .on = &options->background},
    };

    TRY(flags_action(actions, &argc, &argv, why, &options->refresh));
    TRY(flags_parse(flags, COUNT(flags), argc, argv, flags_no_operand, options, why));
    if (options->refresh && options->json) {
        return status_because(why, ST_CONFIG, "--json is for list");
    }
    if (!options->refresh && (options->due || options->background)) {
        return status_because(why, ST_CONFIG, "--due and --background are for refresh");
    }
    return ST_OK;
}

/* ---- what both need ------------------------------------------------------------------------ */

static void
add_name(struct jwks_issuer *issuer, const char *name)
{
    size_t length = strlen(issuer->names);
    int wanted = snprintf(issuer->names + length, sizeof(issuer->names) - length, "%s%s",
                          length > 0 ? "," : "", name);

    if (wanted < 0 || (size_t)wanted >= sizeof(issuer->names) - length) {
        issuer->names[length] = '\0';
    }
}

/* Did one of the providers before this one have its issuer? */
static bool
is_seen(const struct config *config, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (strcmp(config->providers[i]->issuer, config->providers[at]->issuer) == 0) {
            return true;
        }
    }
    return false;
}

bool
jwks_next(const struct config *config, const struct jwks_options *options, size_t *at,
          struct jwks_issuer *ret_issuer)
{
    for (; *at < config->provider_count; (*at)++) {
        bool wanted = options->provider == NULL;
        if (is_seen(config, *at)) {
            continue;
        }
        *ret_issuer = (struct jwks_issuer){.provider = config->providers[*at], .names = ""};
        for (size_t i = *at; i < config->provider_count; i++) {
            const struct provider *other = config->providers[i];
            if (strcmp(other->issuer, ret_issuer->provider->issuer) == 0) {
                add_name(ret_issuer, other->name);
                wanted = wanted || strcmp(other->name, options->provider) == 0;
            }
        }
        if (wanted) {
            (*at)++;
            return true;
        }
    }
    return false;
}

enum exit_code
jwks_run(const struct common *common, int argc, char **argv)
{
    struct jwks_options options = {.refresh = false};
    struct cli_site cli CLEANUP(cli_site_done) = CLI_SITE;
    struct why why = {""};

    if (parse(&options, argc, argv, &why) != ST_OK) {
        return command_misused("jwks", "%s", why.sentence);
    }
    enum status status = cli_site_open(&cli, /* at_s: */ -1, &why);
    if (status == ST_OK) {
        status = cli_site_load(&cli, common->config, &why);
    }
    if (status != ST_OK) {
        return command_misused("jwks", "%s: %s", status_word(status), why.sentence);
    }
    if (options.provider != NULL && config_provider(cli.config, options.provider) == NULL) {
        return command_misused("jwks", "no [provider %s] in the configuration",
                               text_quote(span_of(options.provider)).text);
    }
    if (!options.refresh) {
        return jwks_list(&cli, &options);
    }
    if (options.background && !jwks_detach(&cli)) {
        return command_misused("jwks", "no process for it can be started");
    }
    return jwks_refresh(&cli, &options);
}

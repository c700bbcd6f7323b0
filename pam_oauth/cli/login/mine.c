#include "cli/login/mine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/print.h"

#define OWN_CONFIG "/.config/pam_oauth/pam_oauth.conf"
#define DEFAULT_RUN "/run/pam_oauth"

void
mine_done(struct mine *mine)
{
    cli_site_done(&mine->own);
    cli_site_done(&mine->system);
}

enum exit_code
mine_failed(const char *command, enum status status, const struct why *why)
{
    (void)fprintf(stderr, "pam-oauth %s: ", command);
    print_sentence(stderr, span_of(why->sentence[0] != '\0' ? why->sentence : "out of memory"));
    (void)fputc('\n', stderr);
    return status_class(status) == CLASS_REFUSED ? EXIT_REFUSED : EXIT_UNDECIDED;
}

enum status
mine_look_at_clock(struct mine *mine, struct why *why)
{
    TRY(cli_site_look_at_clock(mine->cli, /* at_s: */ -1, why));
    mine->cli->site.deadline_ms = clock_ms() + SITE_KEYS_DEADLINE_MS;
    return ST_OK;
}

/* One configuration; a file that is not there is none. */
static enum status
load(struct cli_site *cli, const char *path, struct why *why)
{
    if (access(path, F_OK) != 0) {
        return ST_OK;
    }
    TRY(cli_site_open(cli, /* at_s: */ -1, why));
    return cli_site_load(cli, path, why);
}

/* Links on the way to the home directory are the administrator's; the real file is checked. */
static enum status
load_own(struct mine *mine, struct why *why)
{
    struct buf path CLEANUP(buf_done) = BUF(4096);
    const char *home = getenv("HOME");

    if (home == NULL || home[0] != '/') {
        return ST_OK;
    }
    TRY(buf_printf(&path, "%s" OWN_CONFIG, home));
    char *real = canonicalize_file_name(buf_text(&path));
    if (real == NULL) {
        return ST_OK;
    }
    enum status status = load(&mine->own, real, why);
    free(real);
    return status;
}

static bool
can_sign_in(const struct provider *provider)
{
    return provider->kind == PROVIDER_PEOPLE && provider->client_id != NULL;
}

const struct provider *
mine_provider(struct mine *mine, const char *name, struct cli_site **ret_cli)
{
    struct cli_site *places[] = {&mine->own, &mine->system};

    for (size_t place = 0; place < COUNT(places); place++) {
        const struct config *config = places[place]->config;
        for (size_t i = 0; config != NULL && i < config->provider_count; i++) {
            const struct provider *provider = config->providers[i];
            if (name != NULL ? strcmp(provider->name, name) == 0 : can_sign_in(provider)) {
                *ret_cli = places[place];
                return provider;
            }
        }
    }
    return NULL;
}

static enum status
no_provider(const struct mine *mine, const struct common *common, const char *name, struct why *why)
{
    if (name != NULL) {
        return status_because(why, ST_CONFIG, "there is no [provider %s] in %s%s",
                              text_quote(span_of(name)).text, common->config,
                              common->config_given ? "" : " and none in ~" OWN_CONFIG);
    }
    return status_because(why, ST_CONFIG,
                          mine->own.config == NULL && mine->system.config == NULL
                              ? "there is no configuration: neither %s nor ~" OWN_CONFIG
                              : "%s and ~" OWN_CONFIG
                                " have no provider of kind people with a client_id; add one",
                          common->config);
}

/* Both, and where tokens are; `system_why` is of the system's, which may not be needed. */
static enum status
load_both(const struct common *common, struct mine *mine, struct why *why, struct why *system_why,
          enum status *ret_system)
{
    if (!common->config_given) {
        TRY(load_own(mine, why));
    }
    *ret_system = load(&mine->system, common->config, system_why);
    const struct config *config =
        mine->system.config != NULL ? mine->system.config : mine->own.config;
    mine->place = (struct wallet_place){
        .runtime = WALLET_RUNTIME,
        .run = config != NULL ? config->paths.run : DEFAULT_RUN,
        .uid = geteuid(),
    };
    return ST_OK;
}

enum status
mine_open_wallet(const struct common *common, struct why *why, struct mine *mine)
{
    struct why ignored = {""};
    enum status system = ST_OK;

    enum status status = load_both(common, mine, &ignored, &ignored, &system);
    return status == ST_MEMORY || system == ST_MEMORY
               ? status_because(why, ST_MEMORY, "out of memory")
               : ST_OK;
}

enum status
mine_open(const struct common *common, const char *name, struct why *why, struct mine *mine)
{
    struct why system_why = {""};
    enum status system = ST_OK;

    TRY(load_both(common, mine, why, &system_why, &system));
    mine->provider = mine_provider(mine, name, &mine->cli);
    if (mine->provider != NULL) {
        return ST_OK;
    }
    if (system != ST_OK) {
        *why = system_why;
        return system;
    }
    return no_provider(mine, common, name, why);
}

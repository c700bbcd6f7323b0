#include "cli/site.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

void
cli_site_done(struct cli_site *cli)
{
    config_done(&cli->config);
}

/* The user of a command sees what it prints; of the log only what is wrong. */
static void
log_line(void *context, enum log_level level, const char *text)
{
    (void)context;
    if (level <= LOG_LEVEL_NOTICE) {
        (void)fprintf(stderr, "pam-oauth: %s\n", text);
    }
}

enum status
cli_site_look_at_clock(struct cli_site *cli, int64_t at_s, struct why *why)
{
    struct site *site = &cli->site;

    enum status status = clock_wall_s(why, &site->clock_s);
    if (status != ST_OK && at_s >= 0) {
        site->clock_s = at_s; /* R63: then the clock is not asked */
        status = ST_OK;
    }
    site->now_s = at_s >= 0 ? at_s : site->clock_s;
    site->deadline_ms = clock_ms() + SITE_KEYS_DEADLINE_MS;
    return status;
}

enum status
cli_site_open(struct cli_site *cli, int64_t at_s, struct why *why)
{
    cli->log = (struct log){.line = log_line, .context = NULL};
    if (gethostname(cli->host, sizeof(cli->host) - 1) != 0) {
        return status_because(why, ST_INTERNAL, "this host's name cannot be read");
    }
    cli->site = (struct site){
        .host = cli->host,
        .owner = geteuid(),
        .log = &cli->log,
    };
    return cli_site_look_at_clock(cli, at_s, why);
}

enum status
cli_site_load(struct cli_site *cli, const char *path, struct why *why)
{
    struct findings findings CLEANUP(findings_done) = FINDINGS;

    enum status status = config_load(path, geteuid(), cli->host, &findings, &cli->config);
    if (status == ST_CONFIG) {
        (void)fputs(buf_text(&findings.lines), stderr);
        return status_because(why, status, "the configuration %s has %u error%s", path,
                              findings.errors, findings.errors == 1 ? "" : "s");
    }
    cli->site.config = cli->config;
    return status;
}

enum status
cli_site_service(const struct cli_site *cli, const char *name, const char *account, struct why *why,
                 const struct service **ret_service)
{
    const struct service *service = config_service(cli->config, name);

    if (service == NULL) {
        return status_because(why, ST_CONFIG,
                              "there is no [service %s]; without a section of its own a service "
                              "lets nobody in",
                              text_quote(span_of(name)).text);
    }
    if (words_have(&service->local_users, account)) {
        return status_because(why, ST_CONFIG,
                              "%s:%u: '%s' is in local_users: the rest of the PAM stack decides, "
                              "not a token",
                              service->place.file, service->place.line,
                              text_quote(span_of(account)).text);
    }
    *ret_service = service;
    return ST_OK;
}

#include "cli/site.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

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
        .deadline_ms = clock_ms() + SITE_KEYS_DEADLINE_MS,
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

/*
 * What the commands that judge tokens have in common: this host, the clock, the configuration.
 */
#ifndef PAM_OAUTH_CLI_SITE_H
#define PAM_OAUTH_CLI_SITE_H

#include "login/site.h"

struct cli_site {
    struct config *config;
    struct log log;
    struct site site;
    char host[256];
};
#define CLI_SITE                                                                                   \
    {                                                                                              \
        .config = NULL                                                                             \
    }
void cli_site_done(struct cli_site *cli);

/*
 * Fills in the host's name, the time (or `at_s`, if it is 0 or more) and a log on standard error.
 * ST_CLOCK, ST_INTERNAL.
 */
MUST_CHECK enum status cli_site_open(struct cli_site *cli, int64_t at_s, struct why *why);

/*
 * Reads the clock again, for the next of several tokens, which has its own time for network work
 * too (R118). ST_CLOCK, unless `at_s` is given.
 */
MUST_CHECK enum status cli_site_look_at_clock(struct cli_site *cli, int64_t at_s, struct why *why);

/* Loads the configuration; on ST_CONFIG every finding has been written to standard error. */
MUST_CHECK enum status cli_site_load(struct cli_site *cli, const char *path, struct why *why);

/*
 * The section of a service that would look at a token of this account. ST_CONFIG with the reason
 * when there is none, or when the account is one of its local_users.
 */
MUST_CHECK enum status cli_site_service(const struct cli_site *cli, const char *name,
                                        const char *account, struct why *why,
                                        const struct service **ret_service);

#endif

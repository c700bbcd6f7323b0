/*
 * The parts of `pam-oauth jwks`: what was asked, the list, and the refresh that the timer runs and
 * that a login calls for.
 */
#ifndef PAM_OAUTH_CLI_KEYS_JWKS_H
#define PAM_OAUTH_CLI_KEYS_JWKS_H

#include <stdbool.h>

#include "cli/command.h"
#include "cli/site.h"

struct jwks_options {
    bool refresh;   /* else list */
    char *provider; /* of this one alone; NULL: all */
    bool json;
    bool due;        /* only what will be stale soon */
    bool background; /* nobody waits for it */
};

/* An issuer of the configuration, and of those providers that share it the first. */
struct jwks_issuer {
    const struct provider *provider;
    char names[128]; /* of all of them, with commas between; cut where there are too many */
};

/*
 * The next issuer that was asked for, from `*at` on (0 at first). False when there is none left.
 */
bool jwks_next(const struct config *config, const struct jwks_options *options, size_t *at,
               struct jwks_issuer *ret_issuer);

/*
 * Prints one line a key, or with --json one object an issuer. EXIT_YES when every issuer has keys
 * that may be used, EXIT_REFUSED when one has not.
 */
enum exit_code jwks_list(const struct cli_site *cli, const struct jwks_options *options);

/*
 * Asks the providers. EXIT_YES when what was to be refreshed was, EXIT_REFUSED when a provider did
 * not answer with keys or they could not be stored; one line each says so.
 */
enum exit_code jwks_refresh(struct cli_site *cli, const struct jwks_options *options);

/*
 * Leaves whoever started this process: it goes on in a child that has nothing of theirs, neither
 * terminal nor limits nor, for root, a user who could stop it, and logs to syslog. False when that
 * cannot be done. The process that was started ends at once.
 */
bool jwks_detach(struct cli_site *cli);

#endif

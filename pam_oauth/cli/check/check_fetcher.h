/*
 * The part of `pam-oauth check` that tries the fetcher: can it be started, and how far does this
 * host's kernel let it confine itself? It asks nobody, so this is for check --offline too.
 */
#ifndef PAM_OAUTH_CLI_CHECK_CHECK_FETCHER_H
#define PAM_OAUTH_CLI_CHECK_CHECK_FETCHER_H

#include "policy/config/config.h"
#include "policy/findings.h"

/*
 * Adds an error where a configuration that needs the network has no fetcher that works, and a
 * warning where it is not wholly confined; where it is, says so on standard error. A configuration
 * without network is asked nothing, and `*ret_works` is then false. ST_MEMORY.
 */
MUST_CHECK enum status check_fetcher(const struct config *config, struct findings *findings,
                                     bool *ret_works);

#endif

/*
 * The parts of `pam-oauth sessions`: what was asked, and the list.
 */
#ifndef PAM_OAUTH_CLI_WHO_SESSIONS_H
#define PAM_OAUTH_CLI_WHO_SESSIONS_H

#include <stdbool.h>

#include "cli/command.h"
#include "cli/site.h"
#include "store/signins.h"

/*
 * Prints one line a remembered sign-in, or with --json one object an account, in the order of their
 * names. EXIT_YES, or EXIT_UNDECIDED with a sentence.
 */
enum exit_code sessions_list(const struct cli_site *cli, struct signins_place place, bool json);

#endif

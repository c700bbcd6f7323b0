/*
 * What the commands for a user's own tokens have in common (login, token, status, logout): whose
 * they are, of which provider, and where they are kept.
 *
 * A provider is looked for in the user's own configuration first (~/.config/pam_oauth/
 * pam_oauth.conf), then in the system's; with --config in that file alone. Nothing depends on which
 * of two of one name it is but this user's own errand: the module reads the system's alone.
 */
#ifndef PAM_OAUTH_CLI_LOGIN_MINE_H
#define PAM_OAUTH_CLI_LOGIN_MINE_H

#include "cli/command.h"
#include "cli/site.h"
#include "store/wallet.h"

/* How long one of two commands waits for the other: as long as a renewal may take. */
#define MINE_LOCK_MS 40000

struct mine {
    struct cli_site own;    /* the user's configuration, */
    struct cli_site system; /* and the system's; their `config` is NULL where there is none */
    struct cli_site *cli;   /* the one that has the provider */
    const struct provider *provider; /* NULL: none was asked for, and none would do */
    struct wallet_place place;
};
#define MINE                                                                                       \
    {                                                                                              \
        .own = CLI_SITE, .system = CLI_SITE, .cli = NULL, .provider = NULL                         \
    }
void mine_done(struct mine *mine);

/*
 * Reads the configurations and finds the provider of that name, or, for NULL, the first that a
 * person can sign in at. `mine` must not move afterwards. ST_CONFIG when there is no such provider,
 * or a configuration is wrong (its findings are on standard error then); ST_CLOCK, ST_MEMORY.
 */
MUST_CHECK enum status mine_open(const struct common *common, const char *name, struct why *why,
                                 struct mine *mine);

/*
 * The same for commands that go through what is stored, whatever is configured today: only the
 * place is needed. A configuration that is not there, or wrong, is none.
 */
MUST_CHECK enum status mine_open_wallet(const struct common *common, struct why *why,
                                        struct mine *mine);

/* The provider of that name, or NULL; `*ret_cli` is the configuration that has it. */
const struct provider *mine_provider(struct mine *mine, const char *name,
                                     struct cli_site **ret_cli);

/* Time and deadline for the next step. ST_CLOCK. */
MUST_CHECK enum status mine_look_at_clock(struct mine *mine, struct why *why);

/* Writes `pam-oauth COMMAND: sentence` to standard error; the exit code of that status. */
enum exit_code mine_failed(const char *command, enum status status, const struct why *why);

#endif

/*
 * The account map: which subject may be which local account (DESIGN section 4, R16..R26).
 * It is searched where it lies, line by line, at constant memory.
 */
#ifndef PAM_OAUTH_POLICY_MAP_ACCOUNTS_H
#define PAM_OAUTH_POLICY_MAP_ACCOUNTS_H

#include <sys/types.h>

#include "policy/config/config.h"
#include "policy/findings.h"

struct claims;
struct fingerprint;
struct rule;

/*
 * Told of every rule of the provider that could decide about the account, in the order in which
 * they are looked at; the search ends with the verdict. `place` as in accounts_rule. Nothing that
 * it is given outlives the call.
 */
struct accounts_watcher {
    void (*saw)(void *context, const char *place, struct span line, const struct rule *rule);
    void *context;
};

struct accounts_query {
    const struct config *config;
    const struct provider *provider; /* the one that the token is of */
    const struct claims *claims;
    const char *account; /* PAM_USER */
    const char *service;
    const char *host;
    uid_t owner;                            /* as in config_load */
    const struct accounts_watcher *watcher; /* or NULL */
    struct fingerprint *fingerprint;        /* of all that is read, or NULL */
};

/* The rule that decided, as `FILE:LINE` with the file's last name only, for the audit line. */
struct accounts_rule {
    char place[96];
};

/*
 * ST_OK: a rule admits the subject to the account, and no `!` rule matches. ST_ACCOUNT: no rule
 * does. ST_DENIED: a `!` rule matches, wherever it stands. ST_CONFIG: a map is missing, not to be
 * trusted or has an error (with its place). `*ret_rule` is written on ST_OK and ST_DENIED.
 */
MUST_CHECK enum status accounts_search(const struct accounts_query *query, struct why *why,
                                       struct accounts_rule *ret_rule);

/*
 * Adds the paths of all maps, in the order in which they are read: the configured one, and
 * the .map files of accounts.d beside it. ST_CONFIG when the directory is not to be trusted,
 * ST_MEMORY.
 */
MUST_CHECK enum status accounts_maps(const struct config *config, uid_t owner, struct why *why,
                                     struct words *paths);

/* Reads all maps whole and adds every error and warning to `findings`. ST_MEMORY. */
MUST_CHECK enum status accounts_check(const struct config *config, uid_t owner,
                                      struct findings *findings);

#endif

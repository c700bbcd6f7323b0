/*
 * Not asking twice (DESIGN section 7): a sign-in through this module, from an SSH session whose
 * public keys sshd had verified, admits the same account with the same keys again, for `remember`.
 *
 * No claim of the token is kept, and none is needed: what was decided by it and by a policy that
 * has not changed since, to the byte, would be decided again. What can change without the policy is
 * asked again each time: that the maps are still to be trusted, whether the account is there and
 * may be entered (account.h, by the caller), the time, and how long ago the person proved who they
 * are (max_auth_age).
 *
 * An address is not a credential: without a key nothing is remembered.
 */
#ifndef PAM_OAUTH_LOGIN_RECENT_REMEMBER_H
#define PAM_OAUTH_LOGIN_RECENT_REMEMBER_H

#include "login/attempt.h"
#include "login/token/token.h"
#include "policy/fingerprint.h"
#include "policy/map/accounts.h"
#include "store/signins.h"

/* What was found; of `signin` the texts are in `signins`. */
struct remembered {
    struct signins signins;
    struct signin signin;
    const struct provider *provider; /* NULL: nothing was found */
};
#define REMEMBERED                                                                                 \
    {                                                                                              \
        .signins = SIGNINS, .provider = NULL                                                       \
    }
void remembered_done(struct remembered *remembered);

/* May a sign-in of this attempt be remembered? The service does, and there is a key. */
bool remember_wants(const struct attempt *attempt);

/*
 * ST_OK when the attempt needs no prompt. Whatever else it answers means that the person is asked,
 * and `why` says what there was: nothing (ST_UNKNOWN_KEY), too long ago (ST_TOO_OLD,
 * ST_REQUIREMENT), another policy (ST_CONFIG), or a fault.
 */
MUST_CHECK enum status remember_recall(const struct attempt *attempt, struct why *why,
                                       struct remembered *remembered);

/* A sign-in that was accepted, and by what. */
struct remember_source {
    const struct token *token;
    const struct accounts_rule *rule;
    struct fingerprint *fingerprint; /* of the maps that the rule was searched in */
};

/*
 * Writes it down, where a service of the configuration asks for that and this process is root. That
 * it cannot be done is logged (event sign_in_not_stored) and refuses nobody.
 */
void remember_store(const struct attempt *attempt, const struct remember_source *source);

#endif

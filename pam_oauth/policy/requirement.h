/*
 * `require = groups="Linux Users" or groups=ops`: what a token must say for a service, beyond
 * naming the account. A missing claim means no.
 */
#ifndef PAM_OAUTH_POLICY_REQUIREMENT_H
#define PAM_OAUTH_POLICY_REQUIREMENT_H

#include "policy/config.h"

struct claims;

/*
 * Parses the value of a `require` line: conditions joined by `and` (binds tighter) and `or`.
 * ST_CONFIG with the reason in `why`.
 */
MUST_CHECK enum status requirement_parse(struct place place, const char *text, struct why *why,
                                         struct requirement **ret_requirement);
void requirement_done(struct requirement **requirement);

/*
 * ST_OK if the service asks for nothing that the claims lack: every requirement and max_auth_age
 * (against auth_time, OIDC Core 2). ST_REQUIREMENT with the file and line in `why`.
 */
MUST_CHECK enum status requirement_check(const struct service *service, const struct claims *claims,
                                         const char *account, const char *host, int64_t now_s,
                                         struct why *why);

#endif

/*
 * `require = groups="Linux Users" or groups=ops`: what a token must say for a service, beyond
 * naming the account. A missing claim means no.
 */
#ifndef PAM_OAUTH_POLICY_REQUIREMENT_H
#define PAM_OAUTH_POLICY_REQUIREMENT_H

#include "policy/config/config.h"

struct claims;

/*
 * Parses the value of a `require` line: conditions joined by `and` (binds tighter) and `or`.
 * ST_CONFIG with the reason in `why`.
 */
MUST_CHECK enum status requirement_parse(struct place place, const char *text, struct why *why,
                                         struct requirement **ret_requirement);
void requirement_done(struct requirement **requirement);

/* Where it stands, and the line as it was written. */
struct place requirement_place(const struct requirement *requirement);
const char *requirement_said(const struct requirement *requirement);

/* The claim that its condition number `at` looks at; empty behind the last. */
struct span requirement_claim(const struct requirement *requirement, size_t at);

/* The one value that it takes there; empty where that is a pattern or has a percent sign. */
struct span requirement_value(const struct requirement *requirement, size_t at);

/*
 * Is one of its alternatives met by whatever has been verified, so that it turns nobody away? By
 * what every token has (sub, iss, aud), or by a scope that everybody is granted.
 */
bool requirement_turns_nobody_away(const struct requirement *requirement);

/* What %h and %u stand for. */
struct requirement_names {
    const char *account;
    const char *host;
};

/* One of them: ST_OK or ST_REQUIREMENT with the file and line in `why`, ST_MEMORY. */
MUST_CHECK enum status requirement_met(const struct requirement *requirement,
                                       const struct claims *claims,
                                       const struct requirement_names *names, struct why *why);

/* max_auth_age of a service that has one, against auth_time (OIDC Core 2, R59). */
MUST_CHECK enum status requirement_auth_age(const struct service *service,
                                            const struct claims *claims, int64_t now_s,
                                            struct why *why);

/* The same for a person who proved who they are at `auth_time_s`, if not in the future. */
MUST_CHECK enum status requirement_auth_age_at(const struct service *service, double auth_time_s,
                                               int64_t now_s, struct why *why);

/*
 * ST_OK if the service asks for nothing that the claims lack: all of the above in a row.
 */
MUST_CHECK enum status requirement_check(const struct service *service, const struct claims *claims,
                                         const char *account, const char *host, int64_t now_s,
                                         struct why *why);

#endif

/*
 * What `remember` and `sign_in_within` may not say together, or had better not (DESIGN section 7).
 */
#ifndef PAM_OAUTH_POLICY_CONFIG_RECENT_H
#define PAM_OAUTH_POLICY_CONFIG_RECENT_H

#include "policy/config/build.h"

/* Adds an error or warnings for a service whose section `said` so. */
void config_recent_check(const struct service *service, const struct config_said *said,
                         struct findings *findings);

#endif

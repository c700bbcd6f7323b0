/*
 * What the method `stored` needs, and where it must not be (DESIGN section 6).
 */
#ifndef PAM_OAUTH_POLICY_CONFIG_STORED_H
#define PAM_OAUTH_POLICY_CONFIG_STORED_H

#include "policy/config/build.h"

/* Adds errors or a warning for the services whose section `said` so; `service` is the first. */
void config_stored_check(const struct service *service, const struct config_said *said,
                         struct findings *findings);

#endif

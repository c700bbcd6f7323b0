/*
 * What is allowed in a `require` line but hardly meant: that it turns nobody away.
 */
#ifndef PAM_OAUTH_POLICY_CONFIG_REQUIREMENTS_H
#define PAM_OAUTH_POLICY_CONFIG_REQUIREMENTS_H

#include "policy/config/config.h"
#include "policy/findings.h"

/* Those of a service of the configuration; each line once, however many services have it. */
void config_requirements_check(const struct config *config, const struct service *service,
                               struct findings *findings);

#endif

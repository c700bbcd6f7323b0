/*
 * What keys must say together: one row a rule, each with the place that has to change and the
 * remedy. Nothing that passes here can turn out to be incomplete in the middle of a login.
 */
#ifndef PAM_OAUTH_POLICY_CONFIG_CHECKS_H
#define PAM_OAUTH_POLICY_CONFIG_CHECKS_H

#include "policy/config/build.h"

/* Adds every error and warning to the findings of the build's draft. */
void config_checks_run(const struct config_build *build);

#endif

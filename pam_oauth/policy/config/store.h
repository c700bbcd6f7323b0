/*
 * What the keys of [store] say together, and with `single_use`: part of checks.h.
 */
#ifndef PAM_OAUTH_POLICY_CONFIG_STORE_H
#define PAM_OAUTH_POLICY_CONFIG_STORE_H

#include "policy/config/build.h"

/* Adds every error and warning to the findings of the build's draft. */
void config_store_check(const struct config_build *build);

#endif

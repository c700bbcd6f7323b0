/*
 * Signing in with a browser anywhere: the device flow as the person at the prompt sees it
 * (DESIGN section 6). What it ends in, an ID token, is then checked like any other token.
 */
#ifndef PAM_OAUTH_LOGIN_DEVICE_FLOW_H
#define PAM_OAUTH_LOGIN_DEVICE_FLOW_H

#include "login/attempt.h"
#include "login/keys/keyring.h"
#include "oauth/device.h"

/*
 * Is there somebody who can read a page and a code? Not where a set-user-id program (su, sudo,
 * polkit's helper) was started without a terminal, by cron or a script (R81).
 */
bool device_flow_has_reader(const struct attempt *attempt);

/*
 * Gets a code, shows it, and waits until it is approved; what it ends in is then in `tokens`.
 * Ends with the code or with device_timeout, counted from the start of the attempt.
 * ST_OK; ST_DEVICE_DENIED ST_DEVICE_EXPIRED ST_DEVICE_BLOCKED ST_CANCELLED; ST_PROVIDER
 * ST_KEYS_UNAVAILABLE ST_CONFIG ST_CONVERSATION ST_MEMORY ST_INTERNAL.
 */
MUST_CHECK enum status device_flow_run(const struct attempt *attempt,
                                       const struct provider *provider, struct keyring *keyring,
                                       struct why *why, struct device_tokens *tokens);

#endif

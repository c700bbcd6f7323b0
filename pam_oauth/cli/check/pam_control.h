/*
 * The control field of a PAM entry: one of four words, or [value=action ...].
 */
#ifndef PAM_OAUTH_CLI_CHECK_PAM_CONTROL_H
#define PAM_OAUTH_CLI_CHECK_PAM_CONTROL_H

#include "cli/check/pam_stack.h"

/* Fills all of `actions`. False for what libpam would not understand. */
bool pam_control_parse(struct span control, int actions[PAM_CODE_COUNT]);

#endif

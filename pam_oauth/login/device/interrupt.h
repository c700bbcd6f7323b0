/*
 * Waiting for a provider, for as long as nobody wants the host to end. Most programs die of such a
 * signal. sudo blocks those of Ctrl-C and Ctrl-\ while it signs somebody in, and catches the
 * others: without a look at what is pending, a person who gives up would sit before a terminal that
 * does nothing until device_timeout, and whoever closed theirs would be polled for (E53, R90).
 */
#ifndef PAM_OAUTH_LOGIN_DEVICE_INTERRUPT_H
#define PAM_OAUTH_LOGIN_DEVICE_INTERRUPT_H

#include <stdint.h>

#include "base/status.h"

/*
 * Waits until clock_ms() is `when_ms`: ST_OK. ST_CANCELLED, at once, when SIGINT, SIGQUIT, SIGTERM
 * or SIGHUP comes or has come, unless the host ignores it. They are held back meanwhile and are the
 * host's on return: one that dies of them dies then, a handler is called then, and one that the
 * host has blocked itself stays pending. The mask is as it was afterwards (R9). ST_INTERNAL.
 */
MUST_CHECK enum status interrupt_wait(int64_t when_ms, struct why *why);

#endif

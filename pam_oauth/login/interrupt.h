/*
 * Waiting for a provider, for as long as nobody wants the host to end. sudo blocks the signals of
 * Ctrl-C and Ctrl-\ while it signs somebody in: without a look at what is pending, a person who
 * gives up would sit before a terminal that does nothing until device_timeout (E53, R90).
 */
#ifndef PAM_OAUTH_LOGIN_INTERRUPT_H
#define PAM_OAUTH_LOGIN_INTERRUPT_H

#include <stdint.h>

#include "base/status.h"

/*
 * Waits until clock_ms() is `when_ms`: ST_OK. ST_CANCELLED, at once, where SIGINT, SIGQUIT, SIGTERM
 * or SIGHUP is pending, which the host has blocked; it stays pending, and is the host's to take.
 * No signal mask and no handler is changed; one that the host does not block ends or calls the host
 * as ever.
 */
MUST_CHECK enum status interrupt_wait(int64_t when_ms, struct why *why);

#endif

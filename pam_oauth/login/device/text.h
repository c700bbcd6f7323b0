/*
 * What a person is shown of a device flow before they approve it (R82): who signs in where, the
 * page, the code, and a QR code where the terminal can show one.
 */
#ifndef PAM_OAUTH_LOGIN_DEVICE_TEXT_H
#define PAM_OAUTH_LOGIN_DEVICE_TEXT_H

#include "login/attempt.h"
#include "login/device/qr.h"
#include "oauth/device.h"

/* The longest text that is written, with a prompt behind it. */
#define DEVICE_TEXT_MAX ((size_t)4096 + QR_DRAWING_MAX)

/*
 * Adds it to `text`, ended by LF. What came from the provider was checked by device_reply, what
 * names the account and the service is escaped; the rest is ours. ST_MEMORY.
 */
MUST_CHECK enum status device_text_write(const struct attempt *attempt,
                                         const struct device_grant *grant, struct buf *text);

/* Does the program in front show one line of a message, and of several messages the last? */
bool device_text_is_one_line(const struct attempt *attempt);

/* For such a program, in one line, who signs in where; page and code are device_text_wait()'s. */
MUST_CHECK enum status device_text_announce(const struct attempt *attempt, struct buf *text);

/*
 * Adds what is told from time to time while nobody has approved: so many seconds are left. On a
 * terminal page and code stand above it; a window may show nothing but the last message, which
 * therefore says all of it again. ST_MEMORY.
 */
MUST_CHECK enum status device_text_wait(const struct attempt *attempt,
                                        const struct device_grant *grant, int64_t left_s,
                                        struct buf *text);

#endif

/*
 * What a person is shown of a device flow before they approve it (R82): who signs in where, the
 * page, the code, and a QR code where the terminal can show one.
 */
#ifndef PAM_OAUTH_LOGIN_DEVICE_TEXT_H
#define PAM_OAUTH_LOGIN_DEVICE_TEXT_H

#include "login/attempt.h"
#include "login/qr.h"
#include "oauth/device.h"

/* The longest text that is written, with a prompt behind it. */
#define DEVICE_TEXT_MAX ((size_t)4096 + QR_DRAWING_MAX)

/*
 * Adds it to `text`, ended by LF. What came from the provider was checked by device_reply, what
 * names the account and the service is escaped; the rest is ours. ST_MEMORY.
 */
MUST_CHECK enum status device_text_write(const struct attempt *attempt,
                                         const struct device_grant *grant, struct buf *text);

#endif

/*
 * Talking to the person who signs in. The program supplies it: module/ from PAM's conversation
 * function, cli/ from the terminal. What is said is printable ASCII and LF, but for the drawing of
 * a QR code (login/device/qr.h, R92).
 */
#ifndef PAM_OAUTH_LOGIN_CONVERSATION_H
#define PAM_OAUTH_LOGIN_CONVERSATION_H

#include "base/buf.h"
#include "base/status.h"

struct conversation {
    /*
     * Shows `prompt` and adds the answer, which is not echoed, to `answer`; it may be empty.
     * ST_CONVERSATION when there is nobody to ask, ST_MALFORMED for an answer that is longer than
     * the buffer's limit, ST_MEMORY.
     */
    enum status (*ask)(void *context, const char *prompt, struct buf *answer);
    /* Shows a text that needs no answer. ST_CONVERSATION, ST_MEMORY. */
    enum status (*tell)(void *context, const char *text);
    void *context;
};

#endif

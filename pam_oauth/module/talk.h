/*
 * PAM's conversation function as login/ sees it (R6).
 */
#ifndef PAM_OAUTH_MODULE_TALK_H
#define PAM_OAUTH_MODULE_TALK_H

#include <security/pam_modules.h>

#include "login/conversation.h"

struct talk {
    pam_handle_t *handle;
};

/* Borrows `talk`. */
struct conversation talk_conversation(struct talk *talk);

#endif

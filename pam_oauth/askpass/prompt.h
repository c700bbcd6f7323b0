/*
 * What is asked. Three prompts are ours (DESIGN section 6), byte for byte; behind sshd the ssh
 * client writes `(USER@HOST) ` before what the server sent, since OpenSSH 8.5 (sshconnect2.c,
 * input_userauth_info_req), and writes control bytes of the server as `\ooo`. So a server can put
 * anything behind that prefix and nothing before it: whatever it invents, a second prefix, a line
 * feed, a word more, is not one of our prompts.
 */
#ifndef PAM_OAUTH_ASKPASS_PROMPT_H
#define PAM_OAUTH_ASKPASS_PROMPT_H

#include "base/span.h"

struct prompt {
    struct span host;  /* of the prefix, empty without one; points into the text */
    unsigned int part; /* of a token: 1 for the whole or the first; 0 for a prompt not ours */
};

/* Reads what a program asks. */
struct prompt prompt_read(struct span text);

#endif

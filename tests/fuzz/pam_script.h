/*
 * What a person, a host program and a provider do in one input of the pam target (targets/pam.c),
 * as lines `KEY=VALUE`:
 *
 *     user service tty rhost   what the program says; alice, sshd, ssh and an address unless said
 *     flags argument           of pam_authenticate, of the module
 *     pinned                   the JWKS file
 *     stored                   the stored keys: fresh, stale or old
 *     answer                   to one prompt; `@NAME` is a token (pam_host.h), or @none @null
 * @fails
 *                              @wild @memory
 *     reply                    of the fetcher, `STATUS BODY`; `@NAME` is a document
 *     retry                    Retry-After of the reply that follows
 *     raw end                  bytes of the fetcher's own; it leaves
 *     becomes                  the user that the program changes to while it is asked
 *     again                    authenticate once more
 */
#ifndef PAM_OAUTH_TESTS_FUZZ_PAM_SCRIPT_H
#define PAM_OAUTH_TESTS_FUZZ_PAM_SCRIPT_H

#include "base/span.h"
#include "pam_fake.h"

#define PAM_SCRIPT_LINES 256

struct pam_line {
    struct span key;
    struct span value;
};

struct pam_script {
    struct span text;
    struct pam_handle handle;
    int flags;
    const char *arguments[4];
    int argument_count;
    struct pam_line answers[PAM_SCRIPT_LINES];
    size_t answer_count;
    size_t answered; /* of them */
    struct pam_line replies[PAM_SCRIPT_LINES];
    size_t reply_count;
    size_t replied;
    const char *becomes;
    int attempts;
};

/* Reads the script, and puts into the world what it says of files. Points into `text`. */
struct pam_script pam_script_read(struct span text);

/* A value that begins with `@NAME` begins with what that stands for; freed with fuzz_done(). */
struct span pam_script_expand(struct span value);

#endif

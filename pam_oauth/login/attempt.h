/*
 * One attempt to sign in: who, where, through which service, and whom we talk to.
 */
#ifndef PAM_OAUTH_LOGIN_ATTEMPT_H
#define PAM_OAUTH_LOGIN_ATTEMPT_H

#include "login/conversation.h"
#include "login/site.h"

/* A reference that a user can read out on the telephone (DESIGN section 9). */
#define ATTEMPT_REF_LENGTH 8

struct token;
struct token_policy;

/*
 * Told of a token that was looked at, as far as it got, before policy decides: for whoever tries a
 * sign-in and wants to see. It changes nothing, and nothing it is given outlives the call.
 */
struct attempt_witness {
    void (*saw)(void *context, const struct token_policy *policy, const struct token *token,
                enum status status, const struct why *why);
    void *context;
};

struct attempt {
    const struct site *site;
    const struct service *service;
    const char *account;      /* PAM_USER */
    const char *service_name; /* PAM_SERVICE */
    const char *tty;          /* PAM_TTY, or "" */
    const char *rhost;        /* PAM_RHOST, or "" */
    /* Behind sshd, and if this process's real user is root: SSH_AUTH_INFO_0; otherwise "". */
    const char *ssh_auth_info;
    bool silent; /* PAM_SILENT: no failure sentence, no countdown (R8) */
    const struct conversation *talk;
    int64_t started_ms;   /* clock_ms when pam_authenticate began */
    uid_t invoker;        /* who started the program: its real uid, */
    gid_t invoker_group;  /* and the gid */
    bool privileged;      /* it has root's rights, as sudo and su have, whoever started it */
    const char *audience; /* that a device flow asks for besides its client's; or NULL */
    bool unasked;         /* set when it was decided without a question: nobody can have guessed */
    const struct attempt_witness *witness; /* or NULL */
    char ref[ATTEMPT_REF_LENGTH + 1];
};

#endif

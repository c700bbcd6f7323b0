/*
 * As much of libpam as the module asks for, so that its objects can be driven without it: items,
 * one piece of module data, one variable, a conversation. Any of it may fail (fault.h).
 */
#ifndef PAM_OAUTH_TESTS_FUZZ_PAM_FAKE_H
#define PAM_OAUTH_TESTS_FUZZ_PAM_FAKE_H

#include <security/pam_appl.h>
#include <security/pam_modules.h>
#include <stdbool.h>

#include "base/span.h"

/* The public name of libpam's handle. */
struct pam_handle {
    const char *user; /* NULL: the program names none */
    const char *service;
    const char *tty;
    const char *rhost;
    const struct pam_conv *conversation;           /* NULL: there is none */
    void (*line)(void *context, struct span line); /* takes what is logged */
    void *context;
    bool delayed; /* pam_fail_delay was called */
    char *data_name;
    void *data;
    void (*data_done)(pam_handle_t *handle, void *data, int error);
    char *variable; /* NAME=VALUE */
};

/* Frees what the module left there, as pam_end does. */
void pam_fake_end(struct pam_handle *handle);

#endif

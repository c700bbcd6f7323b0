/*
 * This host and how it may be used for the sign-in at hand: the configuration, who we are, what
 * time it is. Filled by the program; login/ keeps a copy of its own whose time moves on.
 */
#ifndef PAM_OAUTH_LOGIN_SITE_H
#define PAM_OAUTH_LOGIN_SITE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/log.h"
#include "policy/config/config.h"

struct site {
    const struct config *config;
    const char *host; /* this host's name, what %h stands for */
    uid_t owner;      /* as in config_load */
    int64_t now_s;    /* wall clock, read once for each token (R63): what its times mean */
    int64_t clock_s;  /* the same; not if a token is judged as of another time: what keys age by */
    int64_t deadline_ms; /* of network work for keys (clock_ms) */
    bool unwatched;      /* no sign-in waits for this process: keys are tested at length */
    const struct log *log;
};

/* Longest time that one sign-in spends on fetching keys (R118). */
#define SITE_KEYS_DEADLINE_MS 10000

#endif

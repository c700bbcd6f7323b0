/*
 * The settings of sshd_config(5) in the order in which sshd meets them, with Include followed and
 * Match remembered. What sshd itself would refuse (`sshd -t`) is not our affair.
 */
#ifndef PAM_OAUTH_CLI_CHECK_SSHD_CONFIG_H
#define PAM_OAUTH_CLI_CHECK_SSHD_CONFIG_H

#include <sys/types.h>

#include "policy/config/config.h"

struct sshd_setting {
    struct place place;
    char *keyword;
    struct words arguments;
    unsigned int match; /* 0: for every connection; else which Match it stands behind */
};

struct sshd_config {
    struct sshd_setting *at;
    size_t count;
    struct words files;
    unsigned int matches;
};
#define SSHD_CONFIG                                                                                \
    {                                                                                              \
        .at = NULL, .count = 0, .matches = 0                                                       \
    }
void sshd_config_done(struct sshd_config *config);

struct sshd_place {
    const char *root; /* the system is below it; "" for this one */
    uid_t owner;      /* who may own the files besides root */
    struct findings *findings;
};

/*
 * Reads /etc/ssh/sshd_config. A file that cannot be read or is not to be trusted is a finding; that
 * there is none is not: `*ret_found` is then false. ST_MEMORY.
 */
MUST_CHECK enum status sshd_config_read(const struct sshd_place *place, struct sshd_config *config,
                                        bool *ret_found);

/* The one that counts: the first of that keyword behind that Match (0: in none), or NULL. */
const struct sshd_setting *sshd_config_find(const struct sshd_config *config, const char *keyword,
                                            unsigned int match);

#endif

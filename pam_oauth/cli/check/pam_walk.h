/*
 * What a PAM stack can end in, whatever the other modules answer: every way through it, by libpam's
 * own rules (a jump, a reset, the end of a substack), with every answer that a module can give.
 */
#ifndef PAM_OAUTH_CLI_CHECK_PAM_WALK_H
#define PAM_OAUTH_CLI_CHECK_PAM_WALK_H

#include "cli/check/pam_stack.h"

/* A phase that ends in success, by what has happened on the way. */
struct pam_ends {
    bool met_vouched; /* we were asked, and another module has asked for a proof and got it */
    bool met_alone;   /* we were asked, and nobody has asked for any other proof */
    bool unmet;       /* we were not asked, and another has got a proof */
    /* We were not asked, and nobody else for a proof: of anybody, or of those that a list names. */
    bool unmet_alone;
    bool unmet_chosen;
};

bool pam_walk_is_ours(const struct pam_entry *entry);

/* All successes of this phase, if each of our entries answers with `ours`. ST_MEMORY. */
MUST_CHECK enum status pam_walk(const struct pam_stack *stack, enum pam_type type,
                                enum pam_code ours, struct pam_ends *ret_ends);

#endif

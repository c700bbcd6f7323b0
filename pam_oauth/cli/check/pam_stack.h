/*
 * The PAM stack of a service as libpam would put it together (pam.conf(5)): the files of
 * /etc/pam.d, or /etc/pam.conf where there is no such directory, with `@include`, `include` and
 * `substack` followed. It is read to be judged (cli/check/pam_walk.h), never to sign anybody in.
 */
#ifndef PAM_OAUTH_CLI_CHECK_PAM_STACK_H
#define PAM_OAUTH_CLI_CHECK_PAM_STACK_H

#include "cli/check/pam_files.h"
#include "policy/config/config.h"

/* libpam's own limit of files in one another, and a bound of ours for entries of a service. */
#define PAM_STACK_DEPTH_MAX 16
#define PAM_STACK_ENTRIES_MAX ((size_t)512)

enum pam_type { PAM_TYPE_AUTH, PAM_TYPE_ACCOUNT, PAM_TYPE_PASSWORD, PAM_TYPE_SESSION };

/* The names are those that stand in [value=action], in the order of libpam's numbers. */
enum pam_code {
#define PAM_CODE(name) PAM_CODE_##name,
#include "cli/check/pam_codes.def"
#undef PAM_CODE
    PAM_CODE_COUNT
};

/* What follows an answer; a number above 0 skips so many entries. */
enum pam_action {
    PAM_ACTION_IGNORE = 0,
    PAM_ACTION_OK = -1,
    PAM_ACTION_DONE = -2,
    PAM_ACTION_BAD = -3,
    PAM_ACTION_DIE = -4,
    PAM_ACTION_RESET = -5
};

struct pam_entry {
    struct place place; /* the file's name is the stack's */
    enum pam_type type;
    int actions[PAM_CODE_COUNT];
    unsigned int level; /* 0, and one more inside each substack */
    bool substack;      /* stands for the entries of a higher level behind it; has no module */
    char *module;       /* as it was written */
    struct words arguments;
};

struct pam_stack {
    struct pam_entry *at;
    size_t count;
    struct words files;
};
#define PAM_STACK                                                                                  \
    {                                                                                              \
        .at = NULL, .count = 0                                                                     \
    }
void pam_stack_done(struct pam_stack *stack);

/*
 * Puts the stack of a service together. What libpam would stumble over is a finding (a file that is
 * missing, not to be trusted, or in itself; a line that is no entry). ST_MEMORY.
 */
MUST_CHECK enum status pam_stack_read(const struct pam_place *place, const char *service,
                                      struct pam_stack *stack);

/* The last name of its module's path, without .so: "pam_unix". */
struct span pam_stack_module(const struct pam_entry *entry);

/* The name of a code as it stands in a control field. */
const char *pam_stack_code_name(enum pam_code code);

#endif

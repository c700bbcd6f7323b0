/*
 * The files of a configuration: read whole, taken apart into sections, and kept in memory while a
 * configuration is made of them.
 */
#ifndef PAM_OAUTH_POLICY_CONFIG_DRAFT_H
#define PAM_OAUTH_POLICY_CONFIG_DRAFT_H

#include <sys/types.h>

#include "policy/config/section.h"

struct config_draft {
    struct config_reader reader;
    uid_t owner;
    struct words files; /* what places point to */
    struct buf *texts;  /* of those files: what spans point to */
    size_t text_count;
    struct config_sections sections;
    struct config_sections presets;
};

/* Fits CLEANUP. */
void config_draft_done(struct config_draft *draft);

/*
 * Reads `path` and its drop-ins. What is wrong is added to the findings; ST_MEMORY is all that
 * this answers besides ST_OK.
 */
MUST_CHECK enum status config_draft_read(struct config_draft *draft, const char *path);

/*
 * The preset that an entry names, from `directory`, read when it is first asked for; NULL, with a
 * finding at the entry, when there is none. ST_MEMORY.
 */
MUST_CHECK enum status config_draft_preset(struct config_draft *draft, const char *directory,
                                           const struct config_entry *entry,
                                           const struct config_section **ret_preset);

#endif

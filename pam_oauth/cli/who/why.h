/*
 * What `pam-oauth why` knows of an audit line of the log (login/audit.h).
 */
#ifndef PAM_OAUTH_CLI_WHO_WHY_H
#define PAM_OAUTH_CLI_WHO_WHY_H

#include <stdbool.h>
#include <stdio.h>

#include "base/span.h"
#include "login/audit.h"

/* All spans point into the line. */
struct why_line {
    struct span head;                      /* time, host and program, as the log has them */
    struct span service;                   /* of pam_syslog's `pam_oauth(service:type)` */
    struct span values[AUDIT_FIELD_COUNT]; /* without quotes, still escaped; empty when absent */
};

/*
 * Is it a line of ours, from its first byte to its last: time, perhaps a host, `program[pid]:`,
 * `pam_oauth(service:type): ` and the fields in their order? Whoever may write to the log can write
 * such a line as well, but nobody can put one into another program's line.
 */
bool why_line_parse(struct span text, struct why_line *ret_line);

/* What to do about a reason, for an administrator; never NULL. */
const char *why_remedy(struct span reason);

/* Shows it to a person. */
void why_print(FILE *to, const struct why_line *line);

#endif

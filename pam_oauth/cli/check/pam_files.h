/*
 * Where PAM's files are, and which services have a stack.
 */
#ifndef PAM_OAUTH_CLI_CHECK_PAM_FILES_H
#define PAM_OAUTH_CLI_CHECK_PAM_FILES_H

#include <stdbool.h>
#include <sys/types.h>

#include "policy/findings.h"
#include "policy/words.h"

#define PAM_FILES_TEXT_MAX ((size_t)256 * 1024)

/* Below `root` ("" for this system), owned by root or `owner`. */
struct pam_place {
    const char *root;
    uid_t owner;
    struct findings *findings;
};

/* Is it /etc/pam.conf that counts, for want of an /etc/pam.d? Its lines begin with a service. */
bool pam_files_are_lines(const struct pam_place *place);

/*
 * The names of all services that have a stack, in byte order; none where there is no PAM. A
 * directory that cannot be read is a finding. ST_MEMORY.
 */
MUST_CHECK enum status pam_files_services(const struct pam_place *place, struct words *services);

/* Where a service's own file is, or would be. ST_MEMORY. */
MUST_CHECK enum status pam_files_of_service(const struct pam_place *place, const char *service,
                                            struct buf *path, bool *ret_found);

/* The same of a word behind `include`, which may be a path. ST_MEMORY. */
MUST_CHECK enum status pam_files_locate(const struct pam_place *place, struct span name,
                                        struct buf *path, bool *ret_found);

/* Reads a file; that it cannot be read, or is not to be trusted, is a finding. ST_MEMORY. */
MUST_CHECK enum status pam_files_read(const struct pam_place *place, const char *path,
                                      struct buf *text, bool *ret_read);

#endif

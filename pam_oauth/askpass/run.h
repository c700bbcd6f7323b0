/*
 * Running a program for what it prints. It has our environment, our errors and our terminal, and
 * /dev/null for input: what ssh reads from its own standard input is not for it. No other
 * descriptor is left to it, so that whoever it leaves behind, such as an agent, holds nothing of
 * ours.
 */
#ifndef PAM_OAUTH_ASKPASS_RUN_H
#define PAM_OAUTH_ASKPASS_RUN_H

#include <stdint.h>

#include "base/buf.h"

struct run {
    const char *path; /* absolute; never looked for */
    char *const *arguments;
    int prints_to; /* the descriptor that is read: STDOUT_FILENO, or STDERR_FILENO */
    int64_t patience_ms;
};

/*
 * Adds what it prints to `into`. ST_STORE with the reason when it cannot be started, prints more
 * than fits, takes longer (it is killed then), or does not exit with 0; ST_MEMORY.
 */
MUST_CHECK enum status run_program(const struct run *run, struct why *why, struct buf *into);

#endif

/*
 * Who asks: the parent process, which is where our answer goes. What it is decides which prompts
 * are believed. Only two programs are known:
 *
 *     ssh    OpenSSH's client, at least 8.5. It shows what a stranger's server sent, but writes
 *            before it which host that is (prompt.h). An older one does not, and then nobody could
 *            tell the two apart: it is not believed at all.
 *     sudo   runs as root and shows what this host's own PAM stack asks.
 *
 * The kernel says which (/proc/PID), never the prompt: a server that leaves the prefix away, or
 * forges one, is still asked for by ssh. A parent that cannot be told for certain is a stranger.
 */
#ifndef PAM_OAUTH_ASKPASS_ASKER_H
#define PAM_OAUTH_ASKPASS_ASKER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"

enum asker_kind { ASKER_STRANGER, ASKER_SSH, ASKER_SUDO };

struct asker {
    enum asker_kind kind;
    pid_t pid;
    uint64_t start;       /* of the process, in ticks since boot: with the pid, this one alone */
    bool replaces_prompt; /* sudo -p: what it shows is not what was asked */
};

/* Looks at the parent. For a stranger `why` has the reason. */
struct asker asker_look(struct why *why);

/* When the process `pid` began; false when there is none, or /proc does not say. */
bool asker_start(pid_t pid, uint64_t *ret_start);

#endif

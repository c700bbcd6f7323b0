/*
 * What the fetcher may still do once it meets the network: everything that is not listed in
 * sandbox.c is refused by the kernel, by Landlock and by seccomp, for good. The rights of its user
 * are gone before (fetcher/drop.h); this takes away what any user has.
 */
#ifndef PAM_OAUTH_FETCHER_SANDBOX_H
#define PAM_OAUTH_FETCHER_SANDBOX_H

#include <stdint.h>

#include "base/status.h"
#include "fetch/confined.h"

/* One after the other; the second is inside of the first. */
enum sandbox_room {
    SANDBOX_RESOLVING = 1, /* a name is resolved: configuration, modules, servers and daemons */
    SANDBOX_TALKING = 2 /* a provider or a proxy is talked to: TCP to one port, and nothing else */
};

/*
 * `port` is the one that will be talked to; 0 for none. `*ret_confined` is what this kernel could
 * enforce (enum confined): less than all of it is no failure. ST_MEMORY.
 */
MUST_CHECK enum status sandbox_enter(enum sandbox_room room, uint16_t port,
                                     unsigned int *ret_confined);

#endif

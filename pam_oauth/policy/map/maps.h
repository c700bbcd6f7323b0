/*
 * All account maps from end to end, for programs that show or judge them whole. A sign-in searches
 * them (policy/map/accounts.h).
 */
#ifndef PAM_OAUTH_POLICY_MAP_MAPS_H
#define PAM_OAUTH_POLICY_MAP_MAPS_H

#include <sys/types.h>

#include "policy/config/config.h"

struct maps_visitor {
    /*
     * Every line that is not blank, comments included, in the order in which they are read. What it
     * is given does not outlive the call. Any answer but ST_OK ends the walk and is its answer.
     */
    enum status (*line)(void *context, struct place place, struct span text);
    /* A map, or the directory of those beside it, that is missing or not to be trusted. */
    enum status (*broken)(void *context, const char *path, const struct why *why);
    void *context;
};

/* `owner` as in config_load. ST_MEMORY, or what the visitor answered. */
MUST_CHECK enum status maps_walk(const struct config *config, uid_t owner,
                                 const struct maps_visitor *visitor);

#endif

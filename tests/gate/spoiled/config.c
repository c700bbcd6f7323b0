/* Put in on purpose, with --wrap=config_load: the configuration is read and checked twice. */
#include "policy/config/config.h"

MUST_CHECK enum status __real_config_load(const char *path, uid_t owner, const char *host,
                                          struct findings *findings, struct config **ret_config);
enum status __wrap_config_load(const char *path, uid_t owner, const char *host,
                               struct findings *findings, struct config **ret_config);

enum status
__wrap_config_load(const char *path, uid_t owner, const char *host, struct findings *findings,
                   struct config **ret_config)
{
    struct config *first CLEANUP(config_done) = NULL;

    TRY(__real_config_load(path, owner, host, findings, &first));
    return __real_config_load(path, owner, host, findings, ret_config);
}

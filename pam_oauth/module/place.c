#include "module/place.h"

#include <security/pam_ext.h>
#include <syslog.h>
#include <unistd.h>

#include "login/account.h"
#include "module/arguments.h"
#include "policy/config/config.h"
#include "store/wallet.h"

/* The configuration, if it is good and knows the service. */
static struct config *
load(const char *service, int argc, const char **argv)
{
    struct findings findings CLEANUP(findings_done) = FINDINGS;
    struct config *config CLEANUP(config_done) = NULL;
    struct arguments arguments;
    char host[256] = "";

    if (gethostname(host, sizeof(host) - 1) != 0 ||
        arguments_parse(argc, argv, /* why: */ NULL, &arguments) != ST_OK ||
        config_load(arguments.config, /* owner: */ 0, host, &findings, &config) != ST_OK ||
        config_service(config, service) == NULL) {
        return NULL;
    }
    return TAKE(config);
}

void
place_give(pam_handle_t *handle, int argc, const char **argv)
{
    const void *user = NULL;
    const void *service = NULL;
    struct account account = {.uid = 0};
    struct why why = {""};

    if (geteuid() != 0 || pam_get_item(handle, PAM_USER, &user) != PAM_SUCCESS || user == NULL ||
        pam_get_item(handle, PAM_SERVICE, &service) != PAM_SUCCESS || service == NULL ||
        account_find(user, &why, &account) != ST_OK) {
        return;
    }
    struct wallet_place place = {.runtime = WALLET_RUNTIME, .uid = account.uid};
    if (wallet_has_runtime(&place)) {
        return; /* on most systems: all this has cost little */
    }
    struct config *config CLEANUP(config_done) = load(service, argc, argv);
    if (config == NULL) {
        return;
    }
    place.run = config->paths.run;
    if (wallet_give(&place, account.gid, &why) != ST_OK) {
        pam_syslog(handle, LOG_NOTICE, "event=token_directory v=1 verdict=failed detail=\"%s\"",
                   why.sentence);
    }
}

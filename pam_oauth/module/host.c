#include "module/host.h"
#include "login/terminal.h"

#include <security/pam_ext.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"
#include "login/audit.h"
#include "module/arguments.h"

static void
log_line(void *context, enum log_level level, const char *text)
{
    static const int priorities[] = {
        [LOG_LEVEL_ALERT] = LOG_ALERT,   [LOG_LEVEL_ERROR] = LOG_ERR,
        [LOG_LEVEL_NOTICE] = LOG_NOTICE, [LOG_LEVEL_INFO] = LOG_INFO,
        [LOG_LEVEL_DEBUG] = LOG_DEBUG,
    };
    const struct host *host = context;

    if (level != LOG_LEVEL_DEBUG || host->debug) {
        pam_syslog(host->handle, priorities[level], "%s", text);
    }
}

void
host_done(struct host *host)
{
    config_done(&host->config);
    free(host->account);
    free(host->service_name);
    free(host->tty);
    free(host->rhost);
    free(host->ssh_auth_info);
}

static const char *
item(pam_handle_t *handle, int type)
{
    const void *value = NULL;

    if (pam_get_item(handle, type, &value) != PAM_SUCCESS || value == NULL) {
        return "";
    }
    return value;
}

void
host_log_failure(struct host *host, enum status status, const struct why *why)
{
    struct attempt attempt = host_attempt(host, /* service: */ NULL, /* talk: */ NULL);
    struct audit audit = {
        .event = host->event,
        .status = status,
        .rule = "",
        .why = why,
        .account = AUDIT_ACCOUNT_NOT_ASKED,
    };

    audit_write(&attempt, &audit);
}

/* The first finding, and how many more there are: `pam-oauth check` shows them all. */
static void
summarise(const struct findings *findings, struct why *why)
{
    struct span rest = buf_span(&findings->lines);
    struct span line = {.at = "", .length = 0};

    (void)span_line(&rest, &line);
    if (findings->errors > 1) {
        (void)status_because(why, ST_CONFIG, "%.*s (and %u more; run pam-oauth check)",
                             SPAN_ARGS(line), findings->errors - 1);
    } else {
        (void)status_because(why, ST_CONFIG, "%.*s", SPAN_ARGS(line));
    }
}

static enum status
load_config(struct host *host, const char *path, struct why *why)
{
    struct findings findings CLEANUP(findings_done) = FINDINGS;
    enum status status = config_load(path, /* owner: */ 0, host->name, &findings, &host->config);

    if (status == ST_CONFIG) {
        summarise(&findings, why);
    }
    return status;
}

static enum status
prepare(struct host *host, int argc, const char **argv, struct why *why)
{
    struct arguments arguments;

    TRY(random_text(host->ref, ATTEMPT_REF_LENGTH));
    if (gethostname(host->name, sizeof(host->name) - 1) != 0) {
        return status_because(why, ST_INTERNAL, "this host's name cannot be read");
    }
    TRY(arguments_parse(argc, argv, why, &arguments));
    host->debug = arguments.debug;
    TRY(clock_wall_s(why, &host->site.now_s));
    return load_config(host, arguments.config, why);
}

/*
 * What sshd says of the keys that it has verified. Where the real user is not root, or another
 * program is in front, somebody else may have chosen it.
 */
static const char *
ssh_auth_info(pam_handle_t *handle)
{
    const char *info = pam_getenv(handle, "SSH_AUTH_INFO_0");

    return info != NULL && getuid() == 0 && strcmp(item(handle, PAM_TTY), TERMINAL_SSH) == 0 ? info
                                                                                             : "";
}

static enum status
copy_items(struct host *host, const char *account, struct why *why)
{
    host->account = strdup(account);
    host->service_name = strdup(item(host->handle, PAM_SERVICE));
    host->tty = strdup(item(host->handle, PAM_TTY));
    host->rhost = strdup(item(host->handle, PAM_RHOST));
    host->ssh_auth_info = strdup(ssh_auth_info(host->handle));
    if (host->account == NULL || host->service_name == NULL || host->tty == NULL ||
        host->rhost == NULL || host->ssh_auth_info == NULL) {
        return status_because(why, ST_MEMORY, "out of memory while the sign-in began");
    }
    /* It would be one without a section, of which the account phase has no opinion. */
    return host->service_name[0] != '\0'
               ? ST_OK
               : status_because(why, ST_INTERNAL, "the program names no service");
}

enum status
host_open(struct host *host, pam_handle_t *handle, int argc, const char **argv)
{
    const char *account = NULL;
    struct why why = {""};

    host->handle = handle;
    host->log = (struct log){.line = log_line, .context = host};
    host->site = (struct site){
        .host = host->name,
        .owner = 0,
        .deadline_ms = host->started_ms + SITE_KEYS_DEADLINE_MS,
        .log = &host->log,
    };
    if (pam_get_user(handle, &account, NULL) != PAM_SUCCESS || account == NULL) {
        (void)status_because(&why, ST_CONVERSATION, "the program names no user");
        host_log_failure(host, ST_CONVERSATION, &why);
        return ST_CONVERSATION;
    }
    enum status status = copy_items(host, account, &why);
    if (status == ST_OK) {
        status = prepare(host, argc, argv, &why);
    }
    host->site.config = host->config;
    if (status != ST_OK) {
        host_log_failure(host, status, &why);
    }
    return status;
}

/* Before the items were copied there is nothing to say of them. */
static const char *
text_or_empty(const char *text)
{
    return text != NULL ? text : "";
}

bool
host_account_is_unchanged(const struct host *host)
{
    return strcmp(item(host->handle, PAM_USER), host->account) == 0;
}

struct attempt
host_attempt(struct host *host, const struct service *service, const struct conversation *talk)
{
    struct attempt attempt = {
        .site = &host->site,
        .service = service,
        .account = text_or_empty(host->account),
        .service_name = text_or_empty(host->service_name),
        .tty = text_or_empty(host->tty),
        .rhost = text_or_empty(host->rhost),
        .ssh_auth_info = text_or_empty(host->ssh_auth_info),
        .silent = false,
        .talk = talk,
        .started_ms = host->started_ms,
        .invoker = getuid(),
        .invoker_group = getgid(),
        .privileged = geteuid() == 0,
    };

    memcpy(attempt.ref, host->ref, sizeof(attempt.ref));
    return attempt;
}

void
host_log_no_service(struct host *host)
{
    struct why why;

    (void)status_because(&why, ST_CONFIG,
                         "no section [service %s] in the configuration; add one, or take the "
                         "module out of this service's PAM stack",
                         text_quote(span_of(host->service_name)).text);
    host_log_failure(host, ST_CONFIG, &why);
}

#include "module/host.h"

#include <security/pam_ext.h>
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
        .event = "sign_in",
        .status = status,
        .rule = "",
        .why = why,
        /* Whether there is such an account has not been asked: then it is not named (R95). */
        .account_known = false,
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
    host->account = account;
    host->service_name = item(handle, PAM_SERVICE);
    host->tty = item(handle, PAM_TTY);
    host->rhost = item(handle, PAM_RHOST);
    enum status status = prepare(host, argc, argv, &why);
    host->site.config = host->config;
    if (status != ST_OK) {
        host_log_failure(host, status, &why);
    }
    return status;
}

struct attempt
host_attempt(struct host *host, const struct service *service, const struct conversation *talk)
{
    struct attempt attempt = {
        .site = &host->site,
        .service = service,
        .account = host->account,
        .service_name = host->service_name,
        .tty = host->tty,
        .rhost = host->rhost,
        .silent = false,
        .talk = talk,
        .started_ms = host->started_ms,
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

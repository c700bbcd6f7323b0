#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/duration.h"
#include "cli/keys/jwks.h"
#include "cli/print.h"
#include "login/keys/refresh.h"

/* ---- leaving whoever started us ------------------------------------------------------------ */

/*
 * What a login's process was allowed is what its user chose: su hands it on. As root each is set to
 * what this work needs; otherwise they stay, and the work may fail for want of them.
 */
static void
set_limits(void)
{
    static const struct {
        __rlimit_resource_t resource;
        rlim_t most;
    } limits[] = {
        {RLIMIT_CORE, 0},
        {RLIMIT_CPU, 60},
        {RLIMIT_FSIZE, (rlim_t)16 * 1024 * 1024},
        {RLIMIT_NOFILE, 256},
        {RLIMIT_NPROC, RLIM_INFINITY},
        {RLIMIT_STACK, (rlim_t)8 * 1024 * 1024},
        {RLIMIT_DATA, RLIM_INFINITY},
        {RLIMIT_AS, RLIM_INFINITY},
    };

    for (size_t i = 0; i < COUNT(limits); i++) {
        struct rlimit limit = {.rlim_cur = limits[i].most, .rlim_max = limits[i].most};
        if (setrlimit(limits[i].resource, &limit) != 0 &&
            getrlimit(limits[i].resource, &limit) == 0) {
            limit.rlim_cur = limit.rlim_max; /* as far as one may go */
            (void)setrlimit(limits[i].resource, &limit);
        }
    }
}

/* Behind su the real user is who called it, and could stop or end this process. */
static bool
become_root_alone(void)
{
    return geteuid() != 0 || (setresgid(0, 0, 0) == 0 && setresuid(0, 0, 0) == 0);
}

static bool
drop_descriptors(void)
{
    int null CLEANUP(file_close) = open("/dev/null", O_RDWR | O_CLOEXEC);

    return null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0 &&
           dup2(null, STDERR_FILENO) >= 0;
}

static void
log_to_syslog(void *context, enum log_level level, const char *text)
{
    static const int priorities[] = {
        [LOG_LEVEL_ALERT] = LOG_ALERT,   [LOG_LEVEL_ERROR] = LOG_ERR,
        [LOG_LEVEL_NOTICE] = LOG_NOTICE, [LOG_LEVEL_INFO] = LOG_INFO,
        [LOG_LEVEL_DEBUG] = LOG_DEBUG,
    };

    (void)context;
    if (level <= LOG_LEVEL_NOTICE) {
        syslog(LOG_AUTHPRIV | priorities[level], "%s", text);
    }
}

bool
jwks_detach(struct cli_site *cli)
{
    pid_t child = fork();

    if (child > 0) {
        _exit(EXIT_YES); /* whoever started us has nobody to wait for */
    }
    if (child < 0 || (setsid() < 0 && errno != EPERM) || chdir("/") != 0 || !drop_descriptors() ||
        !become_root_alone()) {
        return false;
    }
    set_limits();
    (void)umask(022);
    cli->log = (struct log){.line = log_to_syslog, .context = NULL};
    return true;
}

/* ---- asking -------------------------------------------------------------------------------- */

/* How many keys, and for how long; `ring` holds what came. */
static void
print_refreshed(const struct cli_site *cli, const struct jwks_issuer *issuer,
                const struct keyring_issuer *keys)
{
    struct lifetime lifetime =
        provider_keys_lifetime(issuer->provider, keys->entry, cli->site.clock_s);
    size_t count = 0;

    for (size_t i = 0; i < keys->lines.length; i++) {
        count += keys->lines.at[i] == '\n' ? 1 : 0;
    }
    (void)printf("refreshed %s: %zu key%s, fresh for %s\n", issuer->names, count,
                 count == 1 ? "" : "s", duration_of(lifetime.stale_s - cli->site.clock_s).text);
}

/* ST_OK also where there is nothing to do; `*ret_done` says which. */
static enum status
refresh_one(struct cli_site *cli, const struct jwks_issuer *issuer, struct why *why)
{
    struct keyring ring CLEANUP(keyring_done) = KEYRING;

    TRY(cli_site_look_at_clock(cli, /* at_s: */ -1, why));
    TRY(keyring_open(&cli->site, &issuer->provider, 1, &ring));
    TRY(refresh_now(&ring, ring.issuers, clock_ms() + SITE_KEYS_DEADLINE_MS, why));
    print_refreshed(cli, issuer, ring.issuers);
    return ST_OK;
}

/* Does the store say that there is time? */
static bool
is_too_early(const struct cli_site *cli, const struct jwks_issuer *issuer)
{
    struct keystore_entry entry CLEANUP(keystore_entry_done) = KEYSTORE_ENTRY;
    struct lifetime lifetime;

    return keyring_stored(&cli->site, issuer->provider, /* why: */ NULL, &entry, &lifetime) ==
               ST_OK &&
           cli->site.clock_s < lifetime.due_s;
}

/* Nobody reads what a process in the background prints. */
static void
tell_failure(const struct cli_site *cli, const struct jwks_issuer *issuer, enum status status,
             const struct why *why)
{
    (void)printf("failed %s: %s: ", issuer->names, status_word(status));
    print_sentence(stdout, span_of(why->sentence));
    (void)putchar('\n');
    if (cli->log.line == log_to_syslog) {
        provider_keys_log(&cli->site, issuer->provider, LOG_LEVEL_NOTICE, "keys_not_refreshed",
                          why->sentence);
    }
}

enum exit_code
jwks_refresh(struct cli_site *cli, const struct jwks_options *options)
{
    enum exit_code code = EXIT_YES;
    struct jwks_issuer issuer;
    size_t at = 0;

    cli->site.unwatched = true;
    while (jwks_next(cli->config, options, &at, &issuer)) {
        struct why why = {""};
        if (issuer.provider->jwks_file != NULL) {
            if (!options->due) {
                (void)printf("pinned %s: %s, which is yours to change\n", issuer.names,
                             issuer.provider->jwks_file);
            }
            continue;
        }
        if (options->due && is_too_early(cli, &issuer)) {
            continue;
        }
        enum status status = refresh_one(cli, &issuer, &why);
        if (status != ST_OK) {
            tell_failure(cli, &issuer, status, &why);
            code = EXIT_REFUSED;
        }
        (void)fflush(stdout);
    }
    return code;
}

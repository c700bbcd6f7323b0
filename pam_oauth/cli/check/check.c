/*
 * pam-oauth check: everything that is wrong with the configuration and with what belongs to it, one
 * finding a line, before it is live: configuration files, account maps, owners and modes, the
 * fetcher, the providers, PAM stacks, sshd and login.
 */
#include "cli/check/check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/check/check_accounts.h"
#include "cli/check/check_fetcher.h"
#include "cli/check/check_pam.h"
#include "cli/check/check_places.h"
#include "cli/check/check_provider.h"
#include "cli/check/check_sshd.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "policy/map/accounts.h"

static const char *
plural(unsigned int count)
{
    return count == 1 ? "" : "s";
}

static enum exit_code
report(const struct findings *findings, const char *path)
{
    (void)fputs(buf_text(&findings->lines), stdout);
    /* Findings that nobody could read are no answer. */
    if (fflush(stdout) != 0) {
        return command_misused("check", "the findings cannot be written");
    }
    (void)fprintf(stderr, "%s: %u error%s, %u warning%s\n", path, findings->errors,
                  plural(findings->errors), findings->warnings, plural(findings->warnings));
    return findings->errors > 0 ? EXIT_REFUSED : EXIT_YES;
}

struct check_options {
    bool offline;
    const char *root; /* a word of argv */
};

static enum status
take_root(void *into, char *value, struct why *why)
{
    struct check_options *options = into;
    size_t length = strlen(value);

    if (value[0] != '/') {
        return status_because(why, ST_CONFIG, "takes an absolute path");
    }
    while (length > 0 && value[length - 1] == '/') {
        value[--length] = '\0';
    }
    options->root = value;
    return ST_OK;
}

/* A clock from before this program was made is wrong, whatever a provider says (R63, E65). */
static void
check_own_clock(const struct checkup *check)
{
    struct why why = {""};
    int64_t now_s;

    if (clock_wall_s(&why, &now_s) != ST_OK) {
        findings_error(check->findings, check->config, 0, "%s", why.sentence);
    }
}

/* What belongs to a configuration that has no error. */
static enum status
check_around(const struct checkup *check, bool offline)
{
    bool works = false;

    check_own_clock(check);
    TRY(accounts_check(check->cli->config, geteuid(), check->findings));
    TRY(check_accounts(check));
    TRY(check_places(check));
    TRY(check_fetcher(check->cli->config, check->findings, &works));
    TRY(works && !offline ? check_providers(check) : ST_OK);
    TRY(check_pam(check));
    TRY(check_sshd(check));
    return check_login_timeout(check);
}

enum exit_code
check_run(const struct common *common, int argc, char **argv)
{
    struct check_options options = {.offline = false, .root = ""};
    const struct flag flags[] = {
        {"offline", .on = &options.offline},
        {"root", .take = take_root},
    };
    struct findings findings CLEANUP(findings_done) = FINDINGS;
    struct cli_site cli CLEANUP(cli_site_done) = CLI_SITE;
    struct checkup check = {.cli = &cli, .config = common->config, .findings = &findings};
    struct why why = {""};

    if (flags_parse(flags, COUNT(flags), argc, argv, flags_no_operand, &options, &why) != ST_OK) {
        return command_misused("check", "%s", why.sentence);
    }
    check.root = options.root;
    /* The clock is one of the things that may be wrong. */
    enum status status = cli_site_open(&cli, /* at_s: */ 0, &why);
    if (status == ST_OK) {
        status = config_load(common->config, geteuid(), cli.host, &findings, &cli.config);
    }
    if (status == ST_OK) {
        status = check_around(&check, options.offline);
    }
    if (status != ST_OK && status != ST_CONFIG) {
        return command_misused("check", "%s: %s", status_word(status), why.sentence);
    }
    return report(&findings, common->config);
}

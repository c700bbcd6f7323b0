/*
 * pam-oauth check: everything that is wrong with the configuration, one finding a line, before it
 * is live. So far the configuration files, the account maps and the fetcher; stacks, sshd and the
 * provider follow.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/check_fetcher.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/site.h"
#include "policy/accounts.h"

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

static enum status
take_offline(void *into, char *value, struct why *why)
{
    /* Nothing here asks the network yet: it is always offline. */
    (void)into;
    (void)value;
    (void)why;
    return ST_OK;
}

static enum status
take_operand(void *into, char *word, struct why *why)
{
    (void)into;
    return status_because(why, ST_CONFIG, "'%s' is not an option of it; it takes no file",
                          text_quote(span_of(word)).text);
}

static const struct flag check_flags[] = {{"offline", false, take_offline}};

enum exit_code
check_run(const struct common *common, int argc, char **argv)
{
    struct findings findings CLEANUP(findings_done) = FINDINGS;
    struct cli_site cli CLEANUP(cli_site_done) = CLI_SITE;
    struct why why = {""};

    if (flags_parse(check_flags, COUNT(check_flags), argc, argv, take_operand, NULL, &why) !=
        ST_OK) {
        return command_misused("check", "%s", why.sentence);
    }
    enum status status = cli_site_open(&cli, /* at_s: */ 0, &why);
    if (status == ST_OK) {
        status = config_load(common->config, geteuid(), cli.host, &findings, &cli.config);
    }
    if (status == ST_OK) {
        status = accounts_check(cli.config, geteuid(), &findings);
    }
    if (status == ST_OK) {
        status = check_fetcher(cli.config, &findings);
    }
    if (status != ST_OK && status != ST_CONFIG) {
        return command_misused("check", "%s: %s", status_word(status), why.sentence);
    }
    return report(&findings, common->config);
}

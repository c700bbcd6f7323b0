/*
 * pam-oauth check: everything that is wrong with the configuration, one finding a line, before it
 * is live. So far the configuration files and the account maps; stacks, sshd and the provider
 * follow.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/site.h"
#include "policy/accounts.h"

static enum exit_code
report(const struct findings *findings, const char *path)
{
    (void)fputs(buf_text(&findings->lines), stdout);
    if (findings->errors == 0) {
        (void)fprintf(stderr, "%s: no errors, %u warning%s\n", path, findings->warnings,
                      findings->warnings == 1 ? "" : "s");
    }
    return findings->errors > 0 ? EXIT_REFUSED : EXIT_YES;
}

enum exit_code
check_run(const struct common *common, int argc, char **argv)
{
    struct findings findings CLEANUP(findings_done) = FINDINGS;
    struct cli_site cli CLEANUP(cli_site_done) = CLI_SITE;
    struct why why = {""};

    if (argc > 2 || (argc == 2 && strcmp(argv[1], "--offline") != 0)) {
        return command_misused("check", "'%s' is not an option of it", argv[argc - 1]);
    }
    enum status status = cli_site_open(&cli, /* at_s: */ 0, &why);
    if (status == ST_OK) {
        status = config_load(common->config, geteuid(), cli.host, &findings, &cli.config);
    }
    if (status == ST_OK) {
        status = accounts_check(cli.config, geteuid(), &findings);
    }
    if (status != ST_OK && status != ST_CONFIG) {
        return command_misused("check", "%s: %s", status_word(status), why.sentence);
    }
    return report(&findings, common->config);
}

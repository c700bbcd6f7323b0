/*
 * pam-oauth sessions: who has signed in to this host lately, and who shall be asked again.
 */
#include "cli/who/sessions.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/flags.h"
#include "cli/print.h"

struct options {
    bool forget; /* else list */
    const char *account;
    bool json;
};

static enum status
take_word(void *into, char *word, struct why *why)
{
    struct options *options = into;

    if (!options->forget || options->account != NULL) {
        return flags_no_operand(into, word, why);
    }
    options->account = word;
    return ST_OK;
}

static enum status
parse(struct options *options, int argc, char **argv, struct why *why)
{
    static const char *const actions[] = {"list", "forget"};
    const struct flag flags[] = {{"json", .on = &options->json}};

    TRY(flags_action(actions, &argc, &argv, why, &options->forget));
    TRY(flags_parse(flags, COUNT(flags), argc, argv, take_word, options, why));
    if (options->forget && options->account == NULL) {
        return status_because(why, ST_CONFIG, "forget whom? name an account");
    }
    if (options->forget && options->json) {
        return status_because(why, ST_CONFIG, "--json is for list");
    }
    return ST_OK;
}

static enum exit_code
forget(const struct cli_site *cli, struct signins_place place, const char *account)
{
    struct why why = {""};
    bool known = false;

    enum status status = signins_forget(place, account, cli->site.clock_s, &why, &known);
    if (status != ST_OK) {
        return command_misused("sessions", "%s: %s", status_word(status), why.sentence);
    }
    (void)fputs(known ? "forgotten: " : "nothing was known of: ", stdout);
    (void)!print_escaped(stdout, span_of(account));
    (void)fputc('\n', stdout);
    return EXIT_YES;
}

enum exit_code
sessions_run(const struct common *common, int argc, char **argv)
{
    struct options options = {.forget = false};
    struct cli_site cli CLEANUP(cli_site_done) = CLI_SITE;
    struct why why = {""};

    if (parse(&options, argc, argv, &why) != ST_OK) {
        return command_misused("sessions", "%s", why.sentence);
    }
    enum status status = cli_site_open(&cli, /* at_s: */ -1, &why);
    if (status == ST_OK) {
        status = cli_site_load(&cli, common->config, &why);
    }
    if (status != ST_OK) {
        return command_misused("sessions", "%s: %s", status_word(status), why.sentence);
    }
    struct signins_place place = {.run = cli.config->paths.run, .owner = cli.site.owner};
    return options.forget ? forget(&cli, place, options.account)
                          : sessions_list(&cli, place, options.json);
}

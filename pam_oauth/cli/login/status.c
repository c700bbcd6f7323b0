/*
 * pam-oauth status: which tokens the user has stored on this machine, and for how long.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/duration.h"
#include "cli/flags.h"
#include "cli/login/mine.h"
#include "cli/login/stored.h"
#include "cli/print.h"

struct status_command {
    char *provider_name;
    bool json;
    struct mine mine;
    int64_t now_s;
    bool any_good;
    bool any_bad;
};

static void
status_command_done(struct status_command *command)
{
    mine_done(&command->mine);
}

static void
print_field(const char *before, struct span text)
{
    struct buf escaped CLEANUP(buf_done) = BUF(8192);

    if (text.length > 0 && text_escape(&escaped, text, 1000) == ST_OK) {
        (void)printf("%s%s", before, buf_text(&escaped));
    }
}

static void
print_line(const struct status_command *command, const char *provider, const struct grant *grant)
{
    int64_t left_s = grant->expires_s - command->now_s;

    (void)printf("%s", provider);
    print_field(": subject ", buf_span(&grant->subject));
    print_field(", audience ", buf_span(&grant->audience));
    print_field(", scope ", buf_span(&grant->scope));
    if (left_s > 0) {
        (void)printf(", valid for %s", duration_of(left_s).text);
    } else {
        (void)printf(", expired");
    }
    (void)printf(", %s\n",
                 grant->refresh_token.length > 0 ? "can be renewed" : "cannot be renewed");
}

static json_t *
text_or_null(const struct buf *field)
{
    return field->length > 0 ? print_json_text(buf_span(field)) : json_null();
}

static bool
print_object(const struct status_command *command, const char *provider, const struct grant *grant)
{
    json_t *object =
        json_pack("{s:s, s:o, s:o, s:o, s:o, s:I, s:I, s:b, s:b}", "provider", provider, "issuer",
                  text_or_null(&grant->issuer), "sub", text_or_null(&grant->subject), "audience",
                  text_or_null(&grant->audience), "scope", text_or_null(&grant->scope), "issued_at",
                  (json_int_t)grant->issued_s, "expires_at", (json_int_t)grant->expires_s, "valid",
                  grant->expires_s > command->now_s, "renewable", grant->refresh_token.length > 0);

    if (object == NULL) {
        return false;
    }
    bool printed =
        json_dumpf(object, stdout, JSON_COMPACT | JSON_ENSURE_ASCII) == 0 && putchar('\n') != EOF;
    json_decref(object);
    return printed;
}

/* One stored sign-in. */
static enum status
show(void *context, const char *provider, struct why *why)
{
    struct status_command *command = context;
    struct grant grant CLEANUP(grant_done) = GRANT;
    bool found = false;

    TRY(grant_load(&command->mine.place, provider, why, &grant, &found));
    if (!found) {
        return ST_OK;
    }
    bool good = grant_is_good(&grant, command->now_s, 1) || grant.refresh_token.length > 0;
    command->any_good = command->any_good || good;
    command->any_bad = true;
    if (command->json) {
        return print_object(command, provider, &grant) ? ST_OK : ST_MEMORY;
    }
    print_line(command, provider, &grant);
    return ST_OK;
}

enum exit_code
status_run(const struct common *common, int argc, char **argv)
{
    struct status_command command CLEANUP(status_command_done) = {.mine = MINE};
    struct cli_site clock CLEANUP(cli_site_done) = CLI_SITE;
    const struct flag flags[] = {
        {"provider", .text = &command.provider_name},
        {"json", .on = &command.json},
    };
    struct why why = {""};

    if (flags_parse(flags, COUNT(flags), argc, argv, flags_no_operand, &command, &why) != ST_OK) {
        return command_misused("status", "%s", why.sentence);
    }
    enum status status = mine_open_wallet(common, &why, &command.mine);
    if (status == ST_OK) {
        status = cli_site_open(&clock, /* at_s: */ -1, &why);
    }
    command.now_s = clock.site.clock_s;
    if (status == ST_OK) {
        status = stored_each(&command.mine.place, command.provider_name, show, &command, &why);
    }
    if (status != ST_OK) {
        return mine_failed("status", status, &why);
    }
    if (!command.any_bad && !command.json) {
        (void)printf("no token is stored; run 'pam-oauth login'\n");
    }
    return command.any_good ? EXIT_YES : EXIT_REFUSED;
}

/*
 * pam-oauth token: the user's token on standard output, renewed first where that is due.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/flags.h"
#include "cli/login/grant.h"
#include "cli/login/mine.h"
#include "cli/login/renew.h"
#include "login/token/parts.h"

/* A token is due for renewal when it is not good for so long: it still has to get there. */
#define LEAST_S 60
#define PART_MIN 8

struct token_command {
    char *provider_name;
    int64_t parts; /* at most so many bytes in each; 0: whole */
    struct mine mine;
    struct grant grant;
};

static void
token_command_done(struct token_command *command)
{
    grant_done(&command->grant);
    mine_done(&command->mine);
}

static enum status
take_parts(void *into, char *value, struct why *why)
{
    struct token_command *command = into;

    return text_number(span_of(value), PART_MIN, (int64_t)GRANTED_TOKEN_MAX, &command->parts)
               ? ST_OK
               : status_because(why, ST_CONFIG, "needs a number of bytes, at least %d", PART_MIN);
}

static enum status
load(struct token_command *command, struct why *why)
{
    bool found = false;

    grant_done(&command->grant);
    TRY(grant_load(&command->mine.place, command->mine.provider->name, why, &command->grant,
                   &found));
    return found ? ST_OK : ST_EXPIRED;
}

/* Is the token as it stands the one to print? */
static bool
is_fit(const struct token_command *command, int64_t least_s)
{
    return grant_is_good(&command->grant, command->mine.cli->site.clock_s, least_s);
}

/* With the lock: of two that come at once, the second finds what the first has brought. */
static enum status
renew(struct token_command *command, struct why *why)
{
    struct mine *mine = &command->mine;
    struct buf lock_name CLEANUP(buf_done) = BUF(WALLET_NAME_MAX);
    int directory CLEANUP(file_close) = -1;
    int lock CLEANUP(file_close) = -1;
    struct why unsaved = {""};

    TRY(buf_printf(&lock_name, "%s.lock", mine->provider->name));
    TRY(wallet_make(&mine->place, why, &directory));
    TRY(wallet_lock(directory, buf_text(&lock_name), clock_ms() + MINE_LOCK_MS, why, &lock));
    TRY(load(command, why));
    TRY(mine_look_at_clock(mine, why));
    if (is_fit(command, LEAST_S)) {
        return ST_OK;
    }
    enum status status = renew_grant(mine, why, &command->grant);
    /* Also of a failure something is to be kept: a new refresh token, or that there is none. */
    enum status saved = grant_save(directory, mine->provider->name, &command->grant, &unsaved);
    if (status == ST_OK && saved != ST_OK) {
        *why = unsaved;
        return saved;
    }
    return status;
}

static enum status
find(struct token_command *command, struct why *why)
{
    TRY(load(command, why));
    TRY(mine_look_at_clock(&command->mine, why));
    if (is_fit(command, LEAST_S) ||
        (command->grant.refresh_token.length == 0 && is_fit(command, 1))) {
        return ST_OK;
    }
    enum status status = renew(command, why);
    /* One that is good for a few seconds is better than none. */
    return status != ST_OK && is_fit(command, 1) ? ST_OK : status;
}

static bool
print_token(const struct token_command *command)
{
    struct span token = buf_span(&command->grant.token);
    size_t most = command->parts > 0 ? (size_t)command->parts : token.length;
    bool more = true;

    for (unsigned int number = 1; more; number++) {
        struct token_part part = token_parts_at(token, most > PART_MIN ? most : PART_MIN, number);
        (void)printf("%.*s%s\n", SPAN_ARGS(part.text), part.more ? "+" : "");
        more = part.more;
    }
    return fflush(stdout) == 0 && ferror(stdout) == 0;
}

enum exit_code
token_run(const struct common *common, int argc, char **argv)
{
    struct token_command command CLEANUP(token_command_done) = {.mine = MINE, .grant = GRANT};
    const struct flag flags[] = {
        {"provider", .text = &command.provider_name},
        {"parts", .take = take_parts},
    };
    struct why why = {""};

    if (flags_parse(flags, COUNT(flags), argc, argv, flags_no_operand, &command, &why) != ST_OK) {
        return command_misused("token", "%s", why.sentence);
    }
    (void)umask(077); /* whatever is made here is nobody else's */
    enum status status = mine_open(common, command.provider_name, &why, &command.mine);
    if (status == ST_OK) {
        status = find(&command, &why);
    }
    if (status != ST_OK) {
        return mine_failed("token", status, &why);
    }
    return print_token(&command) ? EXIT_YES : EXIT_UNDECIDED;
}

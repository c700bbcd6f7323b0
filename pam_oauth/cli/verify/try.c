/*
 * pam-oauth try: a whole sign-in in this terminal, by the module's own code but without PAM, sshd
 * or sudo; and then every step of it, as `explain` shows them. Whoever may not be the account
 * learns which line of the map would change that.
 */
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "base/strictjson.h"
#include "base/text.h"
#include "base/tty.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/print.h"
#include "cli/verify/explain.h"
#include "cli/verify/verify.h"
#include "login/signin.h"

struct trial {
    char *service_name; /* words of argv */
    char *account;
    const struct service *service;
    struct cli_site cli;
    int tty;
    json_t *seen; /* the last token that was looked at, as explain shows it; or NULL */
};

static void
trial_done(struct trial *trial)
{
    json_decref(trial->seen);
    file_close(&trial->tty);
    cli_site_done(&trial->cli);
}

/* ---- options ------------------------------------------------------------------------------- */

static enum status
parse(struct trial *trial, int argc, char **argv, struct why *why)
{
    const struct flag flags[] = {
        {"service", .text = &trial->service_name},
        {"user", .text = &trial->account},
    };

    TRY(flags_parse(flags, COUNT(flags), argc, argv, flags_no_operand, trial, why));
    return trial->service_name != NULL && trial->account != NULL
               ? ST_OK
               : status_because(why, ST_CONFIG, "--service and --user are needed");
}

/* ---- the conversation ---------------------------------------------------------------------- */

static enum status
ask(void *context, const char *prompt, struct buf *answer)
{
    const struct trial *trial = context;
    struct why ignored = {""};

    return file_write_all(trial->tty, span_of(prompt))
               ? tty_read_hidden(trial->tty, &ignored, answer)
               : ST_CONVERSATION;
}

static enum status
tell(void *context, const char *text)
{
    const struct trial *trial = context;

    return file_write_all(trial->tty, span_of(text)) && file_write_all(trial->tty, span_of("\n"))
               ? ST_OK
               : ST_CONVERSATION;
}

/* ---- what came of it ----------------------------------------------------------------------- */

/* What the token says, and what policy makes of it, before anything is used up. */
static void
saw(void *context, const struct token_policy *policy, const struct token *token, enum status status,
    const struct why *why)
{
    struct trial *trial = context;
    struct expectation expect = {.issuer = NULL};
    struct verify_answer answer = {.status = status, .why = why, .token = token};
    struct explain_case about = {.site = &trial->cli.site,
                                 .service = trial->service,
                                 .account = trial->account,
                                 .token = token};
    struct why reason = {""};

    if (token->step == TOKEN_CLAIMS) {
        expect = token_expectation(&trial->cli.site, policy, token);
        answer.expect = &expect;
    }
    json_decref(trial->seen);
    trial->seen = verify_object(&answer);
    if (trial->seen != NULL && token->step == TOKEN_CLAIMS) {
        enum status then = explain_policy(&about, &reason, trial->seen);
        if (status == ST_OK && then != ST_OK) {
            explain_overrule(then, &reason, trial->seen);
        }
    }
}

/*
 * Everything that the provider said of the person is in the rows; the verdict is the sign-in's, and
 * where they do not say why, the line for the log does, which stands on standard error.
 */
static enum exit_code
print_trial(struct trial *trial, enum status status)
{
    static const struct why logged = {"the line for the log says why"};
    struct span reason = strictjson_string(json_object_get(trial->seen, "reason"));

    if (trial->seen == NULL) {
        (void)printf("%s: %s: %s\n", status_verdict(status), status_word(status), logged.sentence);
        return command_exit_code(status);
    }
    if (!span_is(reason, status_word(status))) {
        explain_overrule(status, &logged, trial->seen);
    }
    explain_print(stdout, trial->seen);
    return fflush(stdout) == 0 ? command_exit_code(status) : EXIT_UNDECIDED;
}

static enum status
open_terminal(struct trial *trial, struct why *why)
{
    trial->tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    return trial->tty >= 0 ? ST_OK
                           : status_because(why, ST_CONVERSATION, "there is no terminal to ask on");
}

static enum exit_code
run(struct trial *trial)
{
    struct conversation talk = {.ask = ask, .tell = tell, .context = trial};
    struct attempt_witness witness = {.saw = saw, .context = trial};
    const char *tty = ttyname(STDIN_FILENO);
    struct attempt attempt = {
        .site = &trial->cli.site,
        .service = trial->service,
        .account = trial->account,
        .service_name = trial->service_name,
        .tty = tty != NULL ? tty : "",
        .rhost = "",
        .ssh_auth_info = "",
        .talk = &talk,
        .started_ms = clock_ms(),
        .invoker = getuid(),
        .invoker_group = getgid(),
        .privileged = true, /* as the service's own program is */
        .witness = &witness,
    };

    if (random_text(attempt.ref, ATTEMPT_REF_LENGTH) != ST_OK) {
        return command_misused("try", "this host has no random numbers");
    }
    enum status status = signin_run(&attempt);
    return print_trial(trial, status);
}

enum exit_code
try_run(const struct common *common, int argc, char **argv)
{
    struct trial trial CLEANUP(trial_done) = {.cli = CLI_SITE, .tty = -1};
    struct why why = {""};

    (void)setlocale(LC_CTYPE, ""); /* whether a QR code can be shown */
    if (parse(&trial, argc, argv, &why) != ST_OK) {
        return command_misused("try", "%s", why.sentence);
    }
    enum status status = cli_site_open(&trial.cli, /* at_s: */ -1, &why);
    if (status == ST_OK) {
        status = cli_site_load(&trial.cli, common->config, &why);
    }
    if (status == ST_OK) {
        status =
            cli_site_service(&trial.cli, trial.service_name, trial.account, &why, &trial.service);
    }
    if (status == ST_OK) {
        status = open_terminal(&trial, &why);
    }
    if (status == ST_OK) {
        return run(&trial);
    }
    (void)printf("%s: %s: ", status_verdict(status), status_word(status));
    print_sentence(stdout, span_of(why.sentence));
    (void)fputc('\n', stdout);
    return EXIT_UNDECIDED;
}

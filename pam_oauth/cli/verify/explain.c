/*
 * pam-oauth explain: the whole verdict on a token at hand, as the module would give it for this
 * service and account, with every step and the line that decides. It asks no provider and writes
 * nothing: what it was asked about can be tried afterwards.
 */
#include "cli/verify/explain.h"

#include <string.h>

#include "base/strictjson.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/input.h"
#include "cli/print.h"
#include "cli/verify/verify.h"

struct explain_options {
    char *service; /* words of argv */
    char *account;
    char *token_file;
    int64_t at_s; /* -1: now */
    bool json;
};

/* ---- options ------------------------------------------------------------------------------- */

static enum status
take_at(void *into, char *value, struct why *why)
{
    struct explain_options *options = into;

    return flags_epoch(value, why, &options->at_s);
}

static enum status
take_token_file(void *into, char *word, struct why *why)
{
    struct explain_options *options = into;

    if (options->token_file != NULL) {
        return status_because(why, ST_CONFIG, "one token file at a time");
    }
    options->token_file = word;
    return ST_OK;
}

static enum status
parse(struct explain_options *options, int argc, char **argv, struct why *why)
{
    const struct flag flags[] = {
        {"service", .text = &options->service},
        {"user", .text = &options->account},
        {"at", .take = take_at},
        {"json", .on = &options->json},
    };

    TRY(flags_parse(flags, COUNT(flags), argc, argv, take_token_file, options, why));
    return options->service != NULL && options->account != NULL && options->token_file != NULL
               ? ST_OK
               : status_because(why, ST_CONFIG,
                                "--service, --user and a token file are needed (- is standard "
                                "input)");
}

/* ---- the verdict --------------------------------------------------------------------------- */

/* Is a presented token what this service would be given, or what its device flow ends in? */
static struct token_policy
policy_of(const struct service *service)
{
    struct token_policy policy = {
        .providers = service->providers,
        .provider_count = service->provider_count,
        .from_device_flow = service->method_count == 1 && service->methods[0] == METHOD_DEVICE,
    };

    return policy;
}

static enum exit_code
print_object(const struct explain_options *options, enum status status, const json_t *object)
{
    bool printed = true;

    if (options->json || object == NULL) {
        printed = print_json_line(stdout, object);
    } else {
        explain_print(stdout, object);
    }
    return fflush(stdout) == 0 && printed ? command_exit_code(status) : EXIT_UNDECIDED;
}

/* The object of an answer, with whose sign-in it is about. */
static json_t *
object_of(const struct explain_options *options, const struct verify_answer *answer)
{
    json_t *object CLEANUP(strictjson_done) = verify_object(answer);
    bool whole =
        json_object_set_new(object, "service", print_json_text(span_of(options->service))) == 0;

    whole =
        json_object_set_new(object, "account", print_json_text(span_of(options->account))) == 0 &&
        whole;
    return whole ? TAKE(object) : NULL;
}

/* An answer to no token in particular. */
static enum exit_code
conclude(const struct explain_options *options, enum status status, const struct why *why)
{
    struct token token = TOKEN;
    struct verify_answer answer = {.status = status, .why = why, .token = &token};
    json_t *object CLEANUP(strictjson_done) = object_of(options, &answer);

    return print_object(options, status, object);
}

static enum exit_code
explain_token(const struct explain_options *options, const struct cli_site *cli,
              const struct service *service, struct keyring *keyring, struct span text)
{
    struct token token CLEANUP(token_done) = TOKEN;
    struct token_policy policy = policy_of(service);
    struct expectation expect = {.issuer = NULL};
    struct why why = {""};
    struct verify_answer answer = {.why = &why, .token = &token, .algorithms = 0};

    for (size_t i = 0; i < keyring->count; i++) {
        answer.algorithms |= keyring->issuers[i].algorithms;
    }
    answer.status = token_check(&cli->site, &policy, keyring, text, &why, &token);
    bool opened = token.step == TOKEN_CLAIMS;
    if (opened) {
        expect = token_expectation(&cli->site, &policy, &token);
        answer.expect = &expect;
    }
    json_t *object CLEANUP(strictjson_done) = object_of(options, &answer);
    enum status status = answer.status;
    if (object != NULL && opened) {
        struct explain_case about = {
            .site = &cli->site, .service = service, .account = options->account, .token = &token};
        struct why reason = {""};
        enum status then = explain_policy(&about, &reason, object);
        if (status == ST_OK && then != ST_OK) {
            status = then;
            explain_overrule(status, &reason, object);
        }
    }
    return print_object(options, status, object);
}

static enum exit_code
explain_file(const struct explain_options *options, const struct cli_site *cli,
             const struct service *service)
{
    struct buf text CLEANUP(buf_done) = BUF(JWS_TOKEN_MAX + 2);
    struct keyring keyring CLEANUP(keyring_done) = KEYRING;
    struct why why = {""};

    if (keyring_open(&cli->site, service->providers, service->provider_count, &keyring) != ST_OK) {
        return command_misused("explain", "out of memory");
    }
    keyring.asks = KEYRING_ASKS_NOBODY;
    enum status status = input_read(options->token_file, &why, &text);
    if (status == ST_STORE) {
        return command_misused("explain", "%s: %s", options->token_file, why.sentence);
    }
    return status == ST_OK ? explain_token(options, cli, service, &keyring,
                                           jws_without_line_end(buf_span(&text)))
                           : conclude(options, status, &why);
}

enum exit_code
explain_run(const struct common *common, int argc, char **argv)
{
    struct explain_options options = {.at_s = -1};
    struct cli_site cli CLEANUP(cli_site_done) = CLI_SITE;
    const struct service *service = NULL;
    struct why why = {""};

    if (parse(&options, argc, argv, &why) != ST_OK) {
        return command_misused("explain", "%s", why.sentence);
    }
    enum status status = cli_site_open(&cli, options.at_s, &why);
    if (status == ST_OK) {
        status = cli_site_load(&cli, common->config, &why);
    }
    if (status == ST_OK) {
        status = cli_site_service(&cli, options.service, options.account, &why, &service);
    }
    return status == ST_OK ? explain_file(&options, &cli, service)
                           : conclude(&options, status, &why);
}

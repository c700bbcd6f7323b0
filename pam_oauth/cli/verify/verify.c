#include "cli/verify/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/input.h"
#include "cli/site.h"
#include "cli/verify/token_lines.h"

/* Everything of one run. The providers are copies, so that options can change them. */
struct verify {
    struct verify_options options;
    struct cli_site cli;
    char name[16];
    char no_issuer[1];
    struct provider *providers;
    const struct provider **pointers;
    size_t provider_count;
    struct keyring keyring;
};

static void
verify_done(struct verify *verify)
{
    keyring_done(&verify->keyring);
    free(verify->providers);
    free(verify->pointers);
    verify_options_done(&verify->options);
    cli_site_done(&verify->cli);
}

/* The provider that `--jwks` and its companions describe, with the configuration's defaults. */
static struct provider
provider_of_options(struct verify *verify)
{
    struct verify_options *options = &verify->options;

    memcpy(verify->name, "command-line", sizeof("command-line"));
    return (struct provider){
        .name = verify->name,
        .issuer = options->issuer != NULL ? options->issuer : verify->no_issuer,
        .token_kind = TOKEN_ACCESS,
        .algorithms = ALG_DEFAULT,
        .kind = PROVIDER_PEOPLE,
        .clock_skew_s = 30,
        .max_token_age_s = 3600,
        .max_token_lifetime_s = 86400,
        .jwks_file = options->jwks, /* pinned: it is never refreshed */
    };
}

static void
apply_options(const struct verify_options *options, struct provider *provider)
{
    if (options->audience_count > 0) {
        provider->audience.at = options->audiences;
        provider->audience.count = options->audience_count;
    }
    if (options->algorithms_given) {
        provider->algorithms = options->algorithms;
    }
    if (options->kind_given) {
        provider->token_kind = options->token_kind;
    }
    if (options->skew_given) {
        provider->clock_skew_s = options->clock_skew_s;
    }
}

static bool
is_wanted(const struct verify_options *options, const struct provider *provider)
{
    return (options->provider == NULL || strcmp(options->provider, provider->name) == 0) &&
           (options->issuer == NULL || strcmp(options->issuer, provider->issuer) == 0);
}

static void
add_provider(struct verify *verify, struct provider provider)
{
    apply_options(&verify->options, &provider);
    verify->providers[verify->provider_count] = provider;
    verify->pointers[verify->provider_count] = &verify->providers[verify->provider_count];
    verify->provider_count++;
}

/* The providers that the token may be of: one from the options, or the configuration's. */
static enum status
choose_providers(struct verify *verify, const char *config, struct why *why)
{
    bool with_jwks = verify->options.jwks != NULL;

    if (!with_jwks) {
        TRY(cli_site_load(&verify->cli, config, why));
    }
    size_t most = with_jwks ? 1 : verify->cli.config->provider_count;
    verify->providers = calloc(most + 1, sizeof(*verify->providers));
    verify->pointers = calloc(most + 1, sizeof(*verify->pointers));
    if (verify->providers == NULL || verify->pointers == NULL) {
        return status_because(why, ST_MEMORY, "out of memory");
    }
    if (with_jwks) {
        add_provider(verify, provider_of_options(verify));
        return ST_OK;
    }
    for (size_t i = 0; i < most; i++) {
        if (is_wanted(&verify->options, verify->cli.config->providers[i])) {
            add_provider(verify, *verify->cli.config->providers[i]);
        }
    }
    return verify->provider_count > 0
               ? ST_OK
               : status_because(why, ST_CONFIG,
                                "%s has no such provider; see its [provider NAME] sections",
                                config);
}

static enum status
pin_keys(struct verify *verify, struct why *why)
{
    struct buf document CLEANUP(buf_done) = BUF(KEYSET_DOCUMENT_MAX);
    struct why cause = {""};

    if (verify->options.jwks == NULL) {
        return ST_OK;
    }
    enum status status = input_read(verify->options.jwks, &cause, &document);
    if (status == ST_OK) {
        status = keyring_pin(&verify->keyring, buf_span(&document), &cause);
    }
    return status == ST_OK || status == ST_MEMORY
               ? status
               : status_because(why, ST_KEYS_UNAVAILABLE, "%s: %s", verify->options.jwks,
                                cause.sentence);
}

static enum status
prepare(struct verify *verify, const char *config, struct why *why)
{
    TRY(cli_site_open(&verify->cli, verify->options.at_s, why));
    TRY(choose_providers(verify, config, why));
    TRY(keyring_open(&verify->cli.site, verify->pointers, verify->provider_count,
                     &verify->keyring));
    return pin_keys(verify, why);
}

static enum exit_code
print_answer(const struct verify *verify, const struct verify_answer *answer)
{
    bool printed = verify->options.json ? verify_print_json(stdout, answer)
                                        : verify_print_text(stdout, answer);
    /* Each line at once: whoever feeds a batch through a pipe may be waiting for it. */
    if (fflush(stdout) != 0 || !printed) {
        return EXIT_UNDECIDED;
    }
    return command_exit_code(answer->status);
}

/* A batch may take hours: each of its tokens is judged by its own time, and by the keys of then. */
static enum status
begin_token(struct verify *verify, struct why *why)
{
    TRY(cli_site_look_at_clock(&verify->cli, verify->options.at_s, why));
    keyring_begin(&verify->keyring);
    return ST_OK;
}

static enum exit_code
verify_one(struct verify *verify, struct span text)
{
    struct token token CLEANUP(token_done) = TOKEN;
    struct token_policy policy = {
        .providers = verify->pointers,
        .provider_count = verify->provider_count,
        .from_device_flow = false,
    };
    struct expectation expect = {.issuer = NULL};
    struct why why = {""};
    struct verify_answer answer = {
        .why = &why, .token = &token, .signature_only = verify->options.signature_only};

    for (size_t i = 0; i < verify->keyring.count; i++) {
        answer.algorithms |= verify->keyring.issuers[i].algorithms;
    }
    answer.status = begin_token(verify, &why);
    if (answer.status != ST_OK) {
        return print_answer(verify, &answer);
    }
    answer.status = token_verify(&verify->keyring, jws_without_line_end(text), &why, &token);
    if (answer.status == ST_OK && !verify->options.signature_only) {
        answer.status = token_open(&policy, &why, &token);
        if (answer.status == ST_OK) {
            expect = token_expectation(&verify->cli.site, &policy, &token);
            answer.expect = &expect;
            answer.status = checks_run(token.claims, &expect, &why);
        }
    }
    return print_answer(verify, &answer);
}

/* An answer to no token in particular: nothing could be decided, or it was too long to read. */
static enum exit_code
answer_without_token(const struct verify *verify, enum status status, const struct why *why)
{
    struct token token = TOKEN;
    struct verify_answer answer = {.status = status,
                                   .why = why,
                                   .token = &token,
                                   .signature_only = verify->options.signature_only};

    return print_answer(verify, &answer);
}

static enum exit_code
verify_file(struct verify *verify)
{
    /* The longest token and its line end; one byte more is not a token any longer. */
    struct buf text CLEANUP(buf_done) = BUF(JWS_TOKEN_MAX + 2);
    struct why why = {""};

    enum status status = input_read(verify->options.token_file, &why, &text);
    if (status == ST_STORE) {
        return command_misused("verify", "%s: %s", verify->options.token_file, why.sentence);
    }
    return status == ST_OK ? verify_one(verify, buf_span(&text))
                           : answer_without_token(verify, status, &why);
}

/* The worst of two: a fault, then a refusal. */
static enum exit_code
worse(enum exit_code a, enum exit_code b)
{
    return a > b ? a : b;
}

static enum exit_code
verify_lines(struct verify *verify, int fd)
{
    struct token_lines lines CLEANUP(token_lines_done) = TOKEN_LINES;
    struct span line = {.at = "", .length = 0};
    enum exit_code code = EXIT_YES;

    enum status status = token_lines_open(fd, &lines);
    if (status != ST_OK) {
        return command_misused("verify", "out of memory");
    }
    for (status = token_lines_next(&lines, &line); status == ST_OK && line.length > 0;
         status = token_lines_next(&lines, &line)) {
        code = worse(code, verify_one(verify, line));
    }
    return status == ST_OK
               ? code
               : command_misused("verify", "%s: reading failed", verify->options.token_file);
}

static enum exit_code
verify_batch(struct verify *verify)
{
    int fd CLEANUP(file_close) = -1;

    if (strcmp(verify->options.token_file, "-") == 0) {
        return verify_lines(verify, STDIN_FILENO);
    }
    fd = open(verify->options.token_file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return command_misused("verify", "%s: %s", verify->options.token_file,
                               strerrordesc_np(errno));
    }
    return verify_lines(verify, fd);
}

enum exit_code
verify_run(const struct common *common, int argc, char **argv)
{
    struct verify verify CLEANUP(verify_done) = {.cli = CLI_SITE, .keyring = KEYRING};
    struct why why = {""};

    if (verify_options_parse(&verify.options, argc, argv, &why) != ST_OK) {
        return command_misused("verify", "%s", why.sentence);
    }
    enum status status = prepare(&verify, common->config, &why);
    if (status != ST_OK) {
        return answer_without_token(&verify, status, &why);
    }
    return verify.options.batch ? verify_batch(&verify) : verify_file(&verify);
}

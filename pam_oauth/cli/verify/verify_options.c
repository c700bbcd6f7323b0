#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/flags.h"
#include "cli/verify/verify.h"

#define SKEW_MAX_S 300

static enum status
take_audience(void *into, char *value, struct why *why)
{
    struct verify_options *options = into;

    if (value[0] == '\0') {
        return status_because(why, ST_CONFIG, "needs a value");
    }
    options->audiences[options->audience_count++] = value;
    return ST_OK;
}

static enum status
take_algorithms(void *into, char *value, struct why *why)
{
    struct verify_options *options = into;
    struct span unknown;

    options->algorithms_given = true;
    return alg_set_parse(span_of(value), &options->algorithms, &unknown)
               ? ST_OK
               : status_because(why, ST_CONFIG,
                                "takes names such as 'RS256 ES256'; '%s' is not accepted here",
                                text_quote(unknown).text);
}

static enum status
take_token_kind(void *into, char *value, struct why *why)
{
    static const char *const names[] = {
        [TOKEN_ACCESS] = "access_token", [TOKEN_ID] = "id_token", [TOKEN_ANY] = "any"};
    struct verify_options *options = into;

    options->kind_given = true;
    for (size_t i = 0; i < COUNT(names); i++) {
        if (strcmp(names[i], value) == 0) {
            options->token_kind = (enum token_kind)i;
            return ST_OK;
        }
    }
    return status_because(why, ST_CONFIG, "is access_token, id_token or any");
}

static enum status
take_at(void *into, char *value, struct why *why)
{
    struct verify_options *options = into;

    return flags_epoch(value, why, &options->at_s);
}

static enum status
take_clock_skew(void *into, char *value, struct why *why)
{
    struct verify_options *options = into;

    options->skew_given = true;
    return text_number(span_of(value), 0, SKEW_MAX_S, &options->clock_skew_s)
               ? ST_OK
               : status_because(why, ST_CONFIG, "takes 0 to 300 seconds");
}

static enum status
take_token_file(void *into, char *word, struct why *why)
{
    struct verify_options *options = into;

    if (options->token_file != NULL) {
        return status_because(why, ST_CONFIG,
                              "one token file at a time; use --batch for many tokens");
    }
    options->token_file = word;
    return ST_OK;
}

/* The sentence about a combination that makes no sense, or NULL. */
static const char *
contradiction(const struct verify_options *options)
{
    bool with_jwks = options->jwks != NULL;

    if (options->token_file == NULL) {
        return "a token file is missing (- is standard input)";
    }
    if (with_jwks && !options->signature_only &&
        (options->issuer == NULL || options->audience_count == 0)) {
        return "--jwks needs --issuer and --audience, or --signature-only";
    }
    if (with_jwks && options->provider != NULL) {
        return "--jwks and --provider exclude each other";
    }
    if (with_jwks && strcmp(options->jwks, "-") == 0 && strcmp(options->token_file, "-") == 0) {
        return "standard input cannot be both the keys and the token";
    }
    return NULL;
}

enum status
verify_options_parse(struct verify_options *options, int argc, char **argv, struct why *why)
{
    const struct flag flags[] = {
        {"jwks", .text = &options->jwks},
        {"issuer", .text = &options->issuer},
        {"audience", .take = take_audience},
        {"algorithms", .take = take_algorithms},
        {"token-kind", .take = take_token_kind},
        {"at", .take = take_at},
        {"clock-skew", .take = take_clock_skew},
        {"provider", .text = &options->provider},
        {"signature-only", .on = &options->signature_only},
        {"batch", .on = &options->batch},
        {"json", .on = &options->json},
    };

    options->at_s = -1;
    options->audiences = calloc((size_t)argc + 1, sizeof(*options->audiences));
    if (options->audiences == NULL) {
        return status_because(why, ST_MEMORY, "out of memory");
    }
    TRY(flags_parse(flags, COUNT(flags), argc, argv, take_token_file, options, why));
    const char *wrong = contradiction(options);
    return wrong == NULL ? ST_OK : status_because(why, ST_CONFIG, "%s", wrong);
}

void
verify_options_done(struct verify_options *options)
{
    free(options->audiences);
    options->audiences = NULL;
}

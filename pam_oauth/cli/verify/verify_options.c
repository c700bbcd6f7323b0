#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/flags.h"
#include "cli/verify/verify.h"

/* The year 9999, as for the dates in a token. */
#define EPOCH_MAX INT64_C(253402300799)
#define SKEW_MAX_S 300

/* A text that may be anything but empty. */
static enum status
take_text(char *value, struct why *why, char **ret_text)
{
    if (value[0] == '\0') {
        return status_because(why, ST_CONFIG, "needs a value");
    }
    *ret_text = value;
    return ST_OK;
}

static enum status
take_jwks(void *into, char *value, struct why *why)
{
    struct verify_options *options = into;

    return take_text(value, why, &options->jwks);
}

static enum status
take_issuer(void *into, char *value, struct why *why)
{
    struct verify_options *options = into;

    return take_text(value, why, &options->issuer);
}

static enum status
take_audience(void *into, char *value, struct why *why)
{
    struct verify_options *options = into;

    return take_text(value, why, &options->audiences[options->audience_count++]);
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

    return text_number(span_of(value), 0, EPOCH_MAX, &options->at_s)
               ? ST_OK
               : status_because(why, ST_CONFIG, "takes seconds since 1970");
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
take_provider(void *into, char *value, struct why *why)
{
    struct verify_options *options = into;

    return take_text(value, why, &options->provider);
}

static enum status
take_signature_only(void *into, char *value, struct why *why)
{
    struct verify_options *options = into;

    (void)value;
    (void)why;
    options->signature_only = true;
    return ST_OK;
}

static enum status
take_batch(void *into, char *value, struct why *why)
{
    struct verify_options *options = into;

    (void)value;
    (void)why;
    options->batch = true;
    return ST_OK;
}

static enum status
take_json(void *into, char *value, struct why *why)
{
    struct verify_options *options = into;

    (void)value;
    (void)why;
    options->json = true;
    return ST_OK;
}

static const struct flag verify_flags[] = {
    {"jwks", true, take_jwks},
    {"issuer", true, take_issuer},
    {"audience", true, take_audience},
    {"algorithms", true, take_algorithms},
    {"token-kind", true, take_token_kind},
    {"at", true, take_at},
    {"clock-skew", true, take_clock_skew},
    {"provider", true, take_provider},
    {"signature-only", false, take_signature_only},
    {"batch", false, take_batch},
    {"json", false, take_json},
};

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
    options->at_s = -1;
    options->audiences = calloc((size_t)argc + 1, sizeof(*options->audiences));
    if (options->audiences == NULL) {
        return status_because(why, ST_MEMORY, "out of memory");
    }
    TRY(flags_parse(verify_flags, COUNT(verify_flags), argc, argv, take_token_file, options, why));
    const char *wrong = contradiction(options);
    return wrong == NULL ? ST_OK : status_because(why, ST_CONFIG, "%s", wrong);
}

void
verify_options_done(struct verify_options *options)
{
    free(options->audiences);
    options->audiences = NULL;
}

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/verify.h"

/* The year 9999, as for the dates in a token. */
#define EPOCH_MAX INT64_C(253402300799)
#define SKEW_MAX_S 300

enum flag {
    FLAG_JWKS = 1,
    FLAG_ISSUER,
    FLAG_AUDIENCE,
    FLAG_ALGORITHMS,
    FLAG_TOKEN_KIND,
    FLAG_AT,
    FLAG_CLOCK_SKEW,
    FLAG_PROVIDER,
    FLAG_SIGNATURE_ONLY,
    FLAG_BATCH,
    FLAG_JSON,
};

static const struct option verify_flags[] = {
    {"jwks", required_argument, NULL, FLAG_JWKS},
    {"issuer", required_argument, NULL, FLAG_ISSUER},
    {"audience", required_argument, NULL, FLAG_AUDIENCE},
    {"algorithms", required_argument, NULL, FLAG_ALGORITHMS},
    {"token-kind", required_argument, NULL, FLAG_TOKEN_KIND},
    {"at", required_argument, NULL, FLAG_AT},
    {"clock-skew", required_argument, NULL, FLAG_CLOCK_SKEW},
    {"provider", required_argument, NULL, FLAG_PROVIDER},
    {"signature-only", no_argument, NULL, FLAG_SIGNATURE_ONLY},
    {"batch", no_argument, NULL, FLAG_BATCH},
    {"json", no_argument, NULL, FLAG_JSON},
    {NULL, 0, NULL, 0},
};

static bool
parse_kind(const char *word, enum token_kind *ret_kind)
{
    static const char *const names[] = {
        [TOKEN_ACCESS] = "access_token", [TOKEN_ID] = "id_token", [TOKEN_ANY] = "any"};

    for (size_t i = 0; i < COUNT(names); i++) {
        if (strcmp(names[i], word) == 0) {
            *ret_kind = (enum token_kind)i;
            return true;
        }
    }
    return false;
}

/* Takes one option; the sentence about what is wrong with it, or NULL. */
static const char *
take_flag(struct verify_options *options, int flag, char *value)
{
    struct span unknown;

    switch (flag) {
    case FLAG_JWKS:
        options->jwks = value;
        return NULL;
    case FLAG_ISSUER:
        options->issuer = value;
        return NULL;
    case FLAG_AUDIENCE:
        options->audiences[options->audience_count++] = value;
        return NULL;
    case FLAG_ALGORITHMS:
        options->algorithms_given = true;
        return alg_set_parse(span_of(value), &options->algorithms, &unknown)
                   ? NULL
                   : "--algorithms takes names such as \"RS256 ES256\"";
    case FLAG_TOKEN_KIND:
        options->kind_given = true;
        return parse_kind(value, &options->token_kind)
                   ? NULL
                   : "--token-kind is access_token, id_token or any";
    case FLAG_AT:
        return text_number(span_of(value), 0, EPOCH_MAX, &options->at_s)
                   ? NULL
                   : "--at takes seconds since 1970";
    case FLAG_CLOCK_SKEW:
        options->skew_given = true;
        return text_number(span_of(value), 0, SKEW_MAX_S, &options->clock_skew_s)
                   ? NULL
                   : "--clock-skew takes 0 to 300 seconds";
    case FLAG_PROVIDER:
        options->provider = value;
        return NULL;
    case FLAG_SIGNATURE_ONLY:
        options->signature_only = true;
        return NULL;
    case FLAG_BATCH:
        options->batch = true;
        return NULL;
    case FLAG_JSON:
        options->json = true;
        return NULL;
    default:
        return "unknown option, or one without its value";
    }
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

enum exit_code
verify_options_parse(struct verify_options *options, int argc, char **argv)
{
    const char *wrong = NULL;

    options->at_s = -1;
    options->audiences = calloc((size_t)argc, sizeof(*options->audiences));
    if (options->audiences == NULL) {
        return command_misused("verify", "out of memory");
    }
    opterr = 0;
    for (;;) {
        int flag = getopt_long(argc, argv, "", verify_flags, NULL);
        if (flag == -1) {
            break;
        }
        wrong = take_flag(options, flag, optarg);
        if (wrong != NULL) {
            return command_misused("verify", "%s: %s", argv[optind - 1], wrong);
        }
    }
    if (optind < argc) {
        options->token_file = argv[optind++];
    }
    if (optind < argc) {
        return command_misused("verify", "one token file at a time; use --batch for many tokens");
    }
    wrong = contradiction(options);
    return wrong != NULL ? command_misused("verify", "%s", wrong) : EXIT_YES;
}

void
verify_options_done(struct verify_options *options)
{
    free(options->audiences);
    options->audiences = NULL;
}

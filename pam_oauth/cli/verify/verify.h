/*
 * The parts of `pam-oauth verify`: what was asked, and how an answer is printed.
 */
#ifndef PAM_OAUTH_CLI_VERIFY_VERIFY_H
#define PAM_OAUTH_CLI_VERIFY_VERIFY_H

#include <jansson.h>
#include <stdio.h>

#include "cli/command.h"
#include "login/token/token.h"

struct verify_options {
    char *jwks; /* these are words of argv; NULL where nothing was said */
    char *issuer;
    char *provider;
    char *token_file;
    char **audiences; /* owned; the words are argv's */
    size_t audience_count;
    alg_set algorithms;
    enum token_kind token_kind;
    bool kind_given;
    int64_t at_s; /* -1: now */
    int64_t clock_skew_s;
    bool skew_given;
    bool algorithms_given;
    bool signature_only;
    bool batch;
    bool json;
};

/*
 * Reads the words behind `verify`. ST_CONFIG with what is wrong with them, ST_MEMORY;
 * verify_options_done() frees, also after a failure.
 */
MUST_CHECK enum status verify_options_parse(struct verify_options *options, int argc, char **argv,
                                            struct why *why);
void verify_options_done(struct verify_options *options);

/* One answer; `token` as far as it got. */
struct verify_answer {
    enum status status;
    const struct why *why;
    const struct token *token;
    const struct expectation *expect; /* NULL unless the claims were checked */
    alg_set algorithms;               /* of all issuers that were asked */
    bool signature_only;              /* then nothing of the payload is printed */
};

/*
 * `accepted SUBJECT`, `refused: REASON: sentence` or `failed: REASON: sentence`. False when memory
 * was out, so that part of the answer is missing.
 */
MUST_CHECK bool verify_print_text(FILE *to, const struct verify_answer *answer);

/* One JSON object, with every step and every check and what it said. NULL when memory was out. */
MUST_CHECK json_t *verify_object(const struct verify_answer *answer);

/* The same on one line. */
MUST_CHECK bool verify_print_json(FILE *to, const struct verify_answer *answer);

/*
 * Sets the member `checks`: the steps that were taken, header, algorithm, key, signature, payload,
 * and all checks of the claims if those were asked. False when memory was out.
 */
MUST_CHECK bool verify_rows(const struct verify_answer *answer, json_t *object);

#endif

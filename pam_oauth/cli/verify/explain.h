/*
 * The parts of `pam-oauth explain`: what policy said of a token, row by row, and how it is printed.
 */
#ifndef PAM_OAUTH_CLI_VERIFY_EXPLAIN_H
#define PAM_OAUTH_CLI_VERIFY_EXPLAIN_H

#include <jansson.h>
#include <stdio.h>

#include "cli/site.h"
#include "login/token/token.h"
#include "policy/map/accounts.h"

/* One token on its way to one account of one service. */
struct explain_case {
    const struct site *site;
    const struct service *service;
    const char *account;
    const struct token *token; /* opened */
};

/*
 * Adds to `object` the rows of the account, the map, each requirement and single use, all of them
 * whatever they say, in `rules` every rule that could have decided, and in `rule` the one that did.
 * Returns what the first of them that did not pass says, with its sentence in `why`; ST_MEMORY.
 */
MUST_CHECK enum status explain_policy(const struct explain_case *about, struct why *why,
                                      json_t *object);

/* Replaces the verdict: a token that passed all checks is refused by what came behind them. */
void explain_overrule(enum status status, const struct why *why, json_t *object);

/* Writes the object for people: the verdict as `verify` does, and then a line a row. */
void explain_print(FILE *to, const json_t *object);

#endif

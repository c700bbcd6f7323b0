/*
 * One row of a verdict: what was checked, by which rule, what was found, what was wanted.
 */
#ifndef PAM_OAUTH_CLI_ROW_H
#define PAM_OAUTH_CLI_ROW_H

#include <jansson.h>
#include <stdbool.h>

#include "base/guard.h"
#include "base/status.h"

/*
 * A row without what it got and what it wanted. `rule` is a clause, or a FILE:LINE. One that passed
 * has neither reason nor sentence. NULL when memory was out.
 */
MUST_CHECK json_t *row_new(const char *name, const char *rule, enum status status,
                           const char *sentence);

/* Sets `got` or `want`, which it takes; NULL is null. */
void row_set(json_t *row, const char *name, json_t *value);

/* Adds the row, which it takes. False when memory was out, so that something of it is missing. */
MUST_CHECK bool row_add(json_t *rows, json_t *row);

#endif

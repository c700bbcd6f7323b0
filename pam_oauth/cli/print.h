/*
 * Foreign text on its way out of a command: to a terminal, or into JSON.
 */
#ifndef PAM_OAUTH_CLI_PRINT_H
#define PAM_OAUTH_CLI_PRINT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/guard.h"
#include "base/span.h"

/*
 * A sentence for a terminal. Foreign text in it is escaped already, so its backslashes stay as they
 * are; what is still not printable is masked.
 */
void print_sentence(FILE *to, struct span text);

/*
 * A verdict as one line of JSON, ASCII alone. False when memory was out, of which NULL is a sign
 * too: then that is what the line says.
 */
MUST_CHECK bool print_json_line(FILE *to, const json_t *object);

/* Foreign text that nobody has escaped before. False when memory was out. */
MUST_CHECK bool print_escaped(FILE *to, struct span text);

/* A JSON string of any bytes: those that are no UTF-8 (from a command line) are masked. */
json_t *print_json_text(struct span text);

#endif

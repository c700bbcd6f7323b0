/*
 * A table for a terminal: rows of cells, each column as wide as its widest cell.
 */
#ifndef PAM_OAUTH_CLI_TABLE_H
#define PAM_OAUTH_CLI_TABLE_H

#include <stddef.h>

#include "base/guard.h"
#include "base/status.h"

enum { TABLE_COLUMNS_MAX = 8 };

struct table {
    size_t columns; /* at most TABLE_COLUMNS_MAX */
    char **cells;   /* of the first row, of the second ... */
    size_t count;   /* rows */
    int widths[TABLE_COLUMNS_MAX];
};
void table_done(struct table *table);

/* Copies the cells of one row, which are printable. ST_MEMORY. */
MUST_CHECK enum status table_add(struct table *table, const char *const *cells);

/* To standard output. */
void table_print(const struct table *table);

#endif

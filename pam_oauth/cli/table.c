#include "cli/table.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
table_done(struct table *table)
{
    for (size_t i = 0; i < table->count * table->columns; i++) {
        free(table->cells[i]);
    }
    free(table->cells);
}

enum status
table_add(struct table *table, const char *const *cells)
{
    size_t from = table->count * table->columns;
    char **room = reallocarray(table->cells, from + table->columns, sizeof(*room));

    if (room == NULL) {
        return ST_MEMORY;
    }
    table->cells = room;
    memset(&room[from], 0, table->columns * sizeof(*room));
    table->count++;
    for (size_t column = 0; column < table->columns; column++) {
        int width = (int)strlen(cells[column]);
        room[from + column] = strdup(cells[column]);
        if (room[from + column] == NULL) {
            return ST_MEMORY;
        }
        table->widths[column] = width > table->widths[column] ? width : table->widths[column];
    }
    return ST_OK;
}

void
table_print(const struct table *table)
{
    char *const *cell = table->cells;

    for (size_t row = 0; row < table->count; row++) {
        for (size_t column = 0; column < table->columns; column++, cell++) {
            bool last = column + 1 == table->columns;
            (void)printf("%-*s%s", last ? 0 : table->widths[column], *cell != NULL ? *cell : "",
                         last ? "\n" : "  ");
        }
    }
}

#include "cli/table.h"

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
        room[from + column] = strdup(cells[column]);
        if (room[from + column] == NULL) {
            return ST_MEMORY;
        }
    }
    return ST_OK;
}

static size_t
width_of(const struct table *table, size_t column)
{
    size_t widest = 0;

    for (size_t i = column; i < table->count * table->columns; i += table->columns) {
        size_t width = table->cells[i] != NULL ? strlen(table->cells[i]) : 0;
        widest = width > widest ? width : widest;
    }
    return widest;
}

void
table_print(const struct table *table)
{
    for (size_t i = 0; i < table->count * table->columns; i++) {
        size_t column = i % table->columns;
        const char *cell = table->cells[i] != NULL ? table->cells[i] : "";
        if (column + 1 < table->columns) {
            (void)printf("%-*s  ", (int)width_of(table, column), cell);
        } else {
            (void)printf("%s\n", cell);
        }
    }
}

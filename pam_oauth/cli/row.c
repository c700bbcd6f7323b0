#include "cli/row.h"

#include "cli/print.h"

/* Of a row that did not pass. */
#define ROW_MEMBERS 7

json_t *
row_new(const char *name, const char *rule, enum status status, const char *sentence)
{
    json_t *row = json_pack("{s:s, s:s, s:b}", "name", name, "rule", rule, "ok", status == ST_OK);

    if (row != NULL && status != ST_OK) {
        (void)json_object_set_new(row, "reason", json_string(status_word(status)));
        (void)json_object_set_new(row, "sentence", print_json_text(span_of(sentence)));
    }
    return row;
}

void
row_set(json_t *row, const char *name, json_t *value)
{
    (void)json_object_set_new(row, name, value != NULL ? value : json_null());
}

bool
row_add(json_t *rows, json_t *row)
{
    size_t members = json_is_true(json_object_get(row, "ok")) ? ROW_MEMBERS - 2 : ROW_MEMBERS;
    bool whole = json_object_size(row) == members;

    return json_array_append_new(rows, row) == 0 && whole;
}

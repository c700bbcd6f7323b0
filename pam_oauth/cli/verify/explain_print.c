#include <stdlib.h>
#include <string.h>

#include "base/strictjson.h"
#include "base/text.h"
#include "cli/print.h"
#include "cli/verify/explain.h"

/* So much of a claim is shown: of a thousand groups the first say enough. */
#define VALUE_MAX ((size_t)240)

static struct span
member(const json_t *object, const char *name)
{
    return strictjson_string(json_object_get(object, name));
}

static void
print_value(FILE *to, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ENCODE_ANY);
    struct span whole = span_of(text != NULL ? text : "?");
    struct span shown = whole;

    shown.length = whole.length > VALUE_MAX ? VALUE_MAX : whole.length;
    print_sentence(to, shown);
    (void)fputs(shown.length < whole.length ? "..." : "", to);
    free(text);
}

/* Foreign text with as many blanks behind it as make `width`, and one more. */
static void
print_column(FILE *to, struct span text, int width)
{
    print_sentence(to, text);
    (void)fprintf(to, "%*s", text.length < (size_t)width ? width - (int)text.length + 1 : 1, "");
}

static void
print_rules(FILE *to, const json_t *rules)
{
    json_t *rule;
    size_t i;

    json_array_foreach(rules, i, rule)
    {
        (void)fputs("           ", to);
        print_sentence(to, member(rule, "place"));
        (void)fputs(": ", to);
        print_sentence(to, member(rule, "says"));
        if (json_is_true(json_object_get(rule, "applies"))) {
            (void)fputs(": applies\n", to);
            continue;
        }
        (void)fputs(": no, ", to);
        print_sentence(to, member(rule, "but"));
        (void)fputs(" is ", to);
        print_value(to, json_object_get(rule, "got"));
        (void)fputc('\n', to);
    }
}

static void
print_row(FILE *to, const json_t *row)
{
    bool passed = json_is_true(json_object_get(row, "ok"));
    const json_t *got = json_object_get(row, "got");

    (void)fputs(passed ? "  yes  " : "  no   ", to);
    print_column(to, member(row, "name"), 17);
    print_column(to, member(row, "rule"), 22);
    if (!json_is_null(got)) {
        print_value(to, got);
    }
    (void)fputc('\n', to);
    if (!passed) {
        (void)fputs("           ", to);
        print_sentence(to, member(row, "sentence"));
        (void)fputc('\n', to);
    }
}

void
explain_print(FILE *to, const json_t *object)
{
    struct span verdict = member(object, "verdict");
    json_t *row;
    size_t i;

    print_sentence(to, verdict);
    if (span_is(verdict, "accepted")) {
        (void)fputc(' ', to);
        print_sentence(to, member(object, "sub"));
    } else {
        (void)fputs(": ", to);
        print_sentence(to, member(object, "reason"));
        (void)fputs(": ", to);
        print_sentence(to, member(object, "sentence"));
    }
    (void)fputc('\n', to);
    json_array_foreach(json_object_get(object, "checks"), i, row)
    {
        print_row(to, row);
        if (span_is(member(row, "name"), "map")) {
            print_rules(to, json_object_get(object, "rules"));
        }
    }
}

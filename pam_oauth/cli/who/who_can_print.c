#include "base/strictjson.h"
#include "cli/print.h"
#include "cli/who/who_can.h"

static struct span
member(const json_t *object, const char *name)
{
    return strictjson_string(json_object_get(object, name));
}

static void
print_member(FILE *to, const json_t *fact, const char *name)
{
    print_sentence(to, member(fact, name));
}

static void
print_list(FILE *to, const json_t *list)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        (void)fputs(i > 0 ? " " : "", to);
        print_sentence(to, span_of(json_string_value(item)));
    }
}

static void
print_service(FILE *to, const json_t *fact)
{
    (void)fputs("[service ", to);
    print_member(to, fact, "service");
    (void)fputs("] ", to);
    print_member(to, fact, "place");
    (void)fputs(": ", to);
    print_list(to, json_object_get(fact, "methods"));
    (void)fputs(" of ", to);
    print_list(to, json_object_get(fact, "providers"));
    (void)fputc('\n', to);
}

static void
print_line(FILE *to, const json_t *fact, const char *mark)
{
    struct span but = member(fact, "but");

    if (but.length == 0) {
        but = member(fact, "who");
    }
    (void)fprintf(to, "  %-9s ", mark);
    print_member(to, fact, "place");
    (void)fputs(": ", to);
    print_member(to, fact, "says");
    (void)fputs(but.length > 0 ? "\n              " : "", to);
    print_sentence(to, but);
    (void)fputc('\n', to);
}

static void
print_local(FILE *to, const json_t *fact)
{
    (void)fputs("  local     ", to);
    print_list(to, json_object_get(fact, "accounts"));
    (void)fputs(": no token is asked for; the rest of the PAM stack decides\n", to);
}

void
who_can_print(FILE *to, const json_t *fact)
{
    struct span kind = member(fact, "kind");

    if (span_is(kind, "service")) {
        print_service(to, fact);
    } else if (span_is(kind, "local")) {
        print_local(to, fact);
    } else if (span_is(kind, "requirement")) {
        print_line(to, fact, "requires");
    } else if (span_is(kind, "key")) {
        print_line(to, fact, "of keys");
    } else if (span_is(kind, "rule")) {
        print_line(to, fact, member(fact, "but").length > 0 ? "no" : "admits");
    } else if (span_is(kind, "exception")) {
        print_line(to, fact, member(fact, "but").length > 0 ? "no" : "but not");
    } else {
        print_line(to, fact, "broken");
    }
}

#include "support.h"

#include <string.h>

#include "oauth/condition.h"

/* One claims set for all, with every shape that providers send. */
static const char payload[] =
    "{\"iss\":\"https://sso.example.org\",\"sub\":\"248\",\"empty\":\"\",\"star\":\"a*b\","
    "\"groups\":[\"ops\",\"Linux Users\",7,true,1.5,null,{\"x\":1},[\"deep\"],\"\"],"
    "\"scope\":\"openid deploy  x\",\"scp\":\"read write\",\"scope_like\":\"a b\","
    "\"scps\":{\"scope\":\"a b\"},"
    "\"realm_access\":{\"roles\":[\"admin\"]},\"a.b\":\"literal\",\"a\":{\"b\":\"path\"},"
    "\"urn:zitadel:iam:org:project:roles\":{\"ops\":{\"1\":\"x\"},\"dev\":{},"
    "\"left\":false,\"gone\":null,\"zero\":0,\"text\":\"\"},"
    "\"cognito:groups\":[\"eng\"],\"https://example.org/groups\":[\"ns\"],"
    "\"yes\":true,\"no\":false,\"nothing\":null,\"number\":4711,\"minus\":-5,\"big\":"
    "9007199254740993,"
    "\"real\":1.5,\"whole\":1.0,\"exponent\":1e3,\"empty_list\":[],\"empty_object\":{},"
    "\"preferred_username\":\"alice@example.org\",\"unicode\":\"\\u0430lice\"}";

struct row {
    const char *name;
    const char *value;
    bool wildcard;
    bool holds;
    const char *star;
};

static void
check_rows(const struct row *rows, size_t count)
{
    struct claims *claims = support_claims(payload);

    for (size_t i = 0; i < count; i++) {
        const struct row *row = &rows[i];
        struct condition condition = {
            .name = span_of(row->name), .value = span_of(row->value), .wildcard = row->wildcard};
        struct span star = {.at = "untouched", .length = 9};
        bool holds = condition_holds(&condition, claims, &star);
        if (holds != row->holds) {
            fail_msg("%s=%s: %d", row->name, row->value, holds);
        }
        assert_true(span_is(star, !holds ? "untouched" : row->star != NULL ? row->star : ""));
    }
    claims_done(&claims);
}

static void
strings_are_compared_byte_for_byte_R17_R22(void **state)
{
    static const struct row rows[] = {
        {"sub", "248", false, true, NULL},
        {"sub", "2480", false, false, NULL},
        {"sub", "24", false, false, NULL},
        {"Sub", "248", false, false, NULL},
        {"preferred_username", "Alice@example.org", false, false, NULL},
        {"preferred_username", "alice", false, false, NULL},
        {"unicode", "alice", false, false, NULL},
        {"scope_like", "a", false, false, NULL},
        {"scope_like", "a b", false, true, NULL},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

static void
missing_and_empty_claims_never_match_R19_E23(void **state)
{
    static const struct row rows[] = {
        {"absent", "x", false, false, NULL},      {"absent", "*", true, false, NULL},
        {"empty", "*", true, false, NULL},        {"nothing", "null", false, false, NULL},
        {"nothing", "*", true, false, NULL},      {"empty_list", "*", true, false, NULL},
        {"empty_object", "*", true, false, NULL}, {"", "x", false, false, NULL},
        {".", "x", false, false, NULL},           {"a.", "x", false, false, NULL},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

static void
a_star_stands_for_a_run_of_bytes_R25_E21(void **state)
{
    static const struct row rows[] = {
        {"preferred_username", "*@example.org", true, true, "alice"},
        {"preferred_username", "*@example.or", true, false, NULL},
        {"preferred_username", "*@ample.org", true, false, NULL},
        {"preferred_username", "alice@*", true, true, "example.org"},
        {"preferred_username", "al*rg", true, true, "ice@example.o"},
        {"preferred_username", "*", true, true, "alice@example.org"},
        {"preferred_username", "alice@example.org*", true, true, ""},
        {"preferred_username", "*alice@example.org@example.org", true, false, NULL},
        /* A quoted star means itself. */
        {"star", "a*b", false, true, NULL},
        {"sub", "*", false, false, NULL},
        {"scp", "*", true, true, "read"},
        {"groups", "Linux *", true, true, "Users"},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

static void
lists_objects_and_scopes_match_by_their_parts_R26_E24(void **state)
{
    static const struct row rows[] = {
        {"groups", "ops", false, true, NULL},
        {"groups", "Linux Users", false, true, NULL},
        {"groups", "Linux", false, false, NULL},
        {"groups", "deep", false, false, NULL},
        {"groups", "7", false, true, NULL},
        {"groups", "7*", true, false, NULL},
        {"groups", "true", false, true, NULL},
        {"groups", "false", false, false, NULL},
        {"groups", "1.5", false, false, NULL},
        {"groups", "null", false, false, NULL},
        {"groups", "x", false, false, NULL},
        {"realm_access.roles", "admin", false, true, NULL},
        {"realm_access", "roles", false, true, NULL},
        {"a.b", "literal", false, true, NULL},
        {"a.b", "path", false, false, NULL},
        {"urn:zitadel:iam:org:project:roles", "ops", false, true, NULL},
        {"urn:zitadel:iam:org:project:roles", "op", false, false, NULL},
        {"urn:zitadel:iam:org:project:roles", "left", false, false, NULL},
        {"urn:zitadel:iam:org:project:roles", "l*", true, false, NULL},
        {"urn:zitadel:iam:org:project:roles", "gone", false, false, NULL},
        {"urn:zitadel:iam:org:project:roles", "zero", false, true, NULL},
        {"urn:zitadel:iam:org:project:roles", "text", false, true, NULL},
        {"urn:zitadel:iam:org:project:roles", "d*", true, true, "ev"},
        {"cognito:groups", "eng", false, true, NULL},
        {"https://example.org/groups", "ns", false, true, NULL},
        {"scope", "deploy", false, true, NULL},
        {"scope", "x", false, true, NULL},
        {"scope", "openid deploy", false, false, NULL},
        {"scp", "write", false, true, NULL},
        {"scp", "rea", false, false, NULL},
        {"scps.scope", "a", false, false, NULL},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

static void
numbers_and_booleans_have_one_form_and_reals_none(void **state)
{
    static const struct row rows[] = {
        {"number", "4711", false, true, NULL},
        {"number", "04711", false, false, NULL},
        {"number", "4711.0", false, false, NULL},
        {"number", "*", true, false, NULL},
        {"minus", "-5", false, true, NULL},
        {"minus", "5", false, false, NULL},
        {"big", "9007199254740993", false, true, NULL},
        {"big", "9007199254740992", false, false, NULL},
        {"yes", "true", false, true, NULL},
        {"yes", "1", false, false, NULL},
        {"yes", "false", false, false, NULL},
        {"no", "false", false, true, NULL},
        {"no", "*", true, false, NULL},
        {"real", "1.5", false, false, NULL},
        {"whole", "1", false, false, NULL},
        {"whole", "1.0", false, false, NULL},
        {"exponent", "1000", false, false, NULL},
        /* What is no integer is not zero. */
        {"real", "0", false, false, NULL},
        {"nothing", "0", false, false, NULL},
        {"absent", "0", false, false, NULL},
        {"absent", "false", false, false, NULL},
    };

    (void)state;
    check_rows(rows, COUNT(rows));
}

/* Only where the configuration says so: elsewhere a group may be called `ops,admins` (E24). */
static void
a_string_is_a_list_where_that_is_said_R26_E24(void **state)
{
    static const struct {
        const char *value;
        bool wildcard;
        bool holds;
    } rows[] = {
        {"ops", false, true},           {"Linux Users", false, true},
        {"admins", false, true},        {"o", false, false},
        {"ops,", false, false},         {"Linux", false, false},
        {" Linux Users", false, false}, {"", false, false},
        {"adm*", true, true},           {"ops, Linux Users ,,admins", false, false},
    };
    static char roles[] = "roles";
    static char groups[] = "realm_access.groups";
    char *const names[] = {roles, groups};
    static const char text[] = "\"ops, Linux Users ,,admins\"";

    (void)state;
    char *said = support_text("{\"roles\":%s,\"realm_access\":{\"groups\":%s},\"other\":%s,"
                              "\"list\":[\"a,b\"]}",
                              text, text, text);
    struct claims *claims = support_claims(said);
    for (size_t i = 0; i < COUNT(rows); i++) {
        static const char *const places[] = {"roles", "realm_access.groups", "other"};
        for (size_t at = 0; at < COUNT(places); at++) {
            struct condition condition = {.name = span_of(places[at]),
                                          .value = span_of(rows[i].value),
                                          .wildcard = rows[i].wildcard};
            bool whole = i == COUNT(rows) - 1;
            struct span star;
            claims_set_comma_lists(claims, NULL, 0);
            assert_int_equal(condition_holds(&condition, claims, &star), whole);
            claims_set_comma_lists(claims, names, COUNT(names));
            assert_int_equal(condition_holds(&condition, claims, &star),
                             at == 2 ? whole : rows[i].holds);
        }
    }
    claims_done(&claims);
    free(said);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_compared_byte_for_byte_R17_R22),
        cmocka_unit_test(missing_and_empty_claims_never_match_R19_E23),
        cmocka_unit_test(a_star_stands_for_a_run_of_bytes_R25_E21),
        cmocka_unit_test(lists_objects_and_scopes_match_by_their_parts_R26_E24),
        cmocka_unit_test(numbers_and_booleans_have_one_form_and_reals_none),
        cmocka_unit_test(a_string_is_a_list_where_that_is_said_R26_E24),
    };

    return cmocka_run_group_tests_name("condition", tests, NULL, NULL);
}

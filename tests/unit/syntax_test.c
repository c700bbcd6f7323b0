/* The words of rules and requirements, in pieces of memory that end where they end. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "policy/syntax.h"

/* A copy without anything behind it, so that ASan sees who looks there. */
static struct syntax
syntax_of(const char *text, size_t length)
{
    struct syntax rest = {.at = malloc(length > 0 ? length : 1), .length = length};

    assert_non_null(rest.at);
    memcpy(rest.at, text, length);
    return rest;
}

static void
words_end_at_blanks_and_at_the_end(void **state)
{
    static const char text[] = " \tone two\tand x  ";
    struct syntax whole = syntax_of(text, sizeof(text) - 1);
    struct syntax rest = whole;

    (void)state;
    assert_true(span_is(syntax_word(&rest), "one"));
    assert_false(syntax_keyword(&rest, "tw"));
    assert_false(syntax_keyword(&rest, "two2"));
    assert_true(syntax_keyword(&rest, "two"));
    assert_false(syntax_at_end(&rest));
    assert_true(syntax_keyword(&rest, "and"));
    assert_true(span_is(syntax_word(&rest), "x"));
    assert_true(syntax_at_end(&rest));
    assert_int_equal(syntax_word(&rest).length, 0);
    assert_int_equal(syntax_word(&rest).length, 0);
    assert_false(syntax_keyword(&rest, "x"));
    assert_ptr_equal(rest.at, whole.at + whole.length);
    free(whole.at);
}

static void
conditions_are_read_and_what_follows_is_left(void **state)
{
    static const struct {
        const char *text;
        const char *name;
        const char *value;
        bool wildcard;
        const char *left;
    } rows[] = {
        {"a=b", "a", "b", false, ""},
        {" \t a=b  c", "a", "b", false, "  c"},
        {"a=b=c", "a", "b=c", false, ""},
        {"a=\\", "a", "\\", false, ""},
        {"\"a b\"=\"c d\" e", "a b", "c d", false, " e"},
        {"\"a=b\"=c", "a=b", "c", false, ""},
        {"a=\"\\\"\\\\\"\t", "a", "\"\\", false, "\t"},
        {"a=*", "a", "*", true, ""},
        {"a=x*y", "a", "x*y", true, ""},
        {"a=\"*\"", "a", "*", false, ""},
        {"a=\"*\\\"*\"", "a", "*\"*", false, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct syntax whole = syntax_of(rows[i].text, strlen(rows[i].text));
        struct syntax rest = whole;
        struct condition condition;
        struct why why = {""};
        if (syntax_condition(&rest, &why, &condition) != ST_OK) {
            fail_msg("%s: %s", rows[i].text, why.sentence);
        }
        assert_true(span_is(condition.name, rows[i].name));
        assert_true(span_is(condition.value, rows[i].value));
        assert_int_equal(condition.wildcard, rows[i].wildcard);
        assert_true(span_is((struct span){.at = rest.at, .length = rest.length}, rows[i].left));
        free(whole.at);
    }
}

static void
what_is_no_condition_has_a_reason_R25(void **state)
{
    static const struct {
        const char *text;
        const char *reason;
    } rows[] = {
        {"", "a condition is missing"},
        {"  ", "a condition is missing"},
        {"a", "'a' is not a condition"},
        {"a b", "'a' is not a condition"},
        {"\"a\"", "'a' is not a condition"},
        {"\"a", "a quote that is not closed"},
        {"\"", "a quote that is not closed"},
        {"\"a\\", "a backslash in quotes"},
        {"\"a\\n\"=b", "a backslash in quotes"},
        {"a\"b\"=c", "a quote in the middle of a word"},
        {"=b", "without a claim name"},
        {"\"\"=b", "without a claim name"},
        {"a=", "'a=' has no value"},
        {"a= b", "'a=' has no value"},
        {"a=\"\"", "'a=' has no value"},
        {"a=\"", "a quote that is not closed"},
        {"a=\"b", "a quote that is not closed"},
        {"a=\"b\\\"", "a quote that is not closed"},
        {"a=\"b\\", "a backslash in quotes"},
        {"a=\"b\"c", "right behind a closing quote"},
        {"a=b\"c\"", "a quote in the middle of a word"},
        {"a=**", "more than one '*'"},
        {"a=*b*", "more than one '*'"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct syntax whole = syntax_of(rows[i].text, strlen(rows[i].text));
        struct syntax rest = whole;
        struct condition condition;
        struct why why = {""};
        if (syntax_condition(&rest, &why, &condition) != ST_CONFIG ||
            strstr(why.sentence, rows[i].reason) == NULL) {
            fail_msg("%s: %s", rows[i].text, why.sentence);
        }
        free(whole.at);
    }
}

/* What is written is read as what it was, and not quoted without need. */
static void
values_that_are_written_mean_themselves(void **state)
{
    static const char *const rows[][2] = {
        {"248", "248"},         {"a-b_c.d|e=f", "a-b_c.d|e=f"}, {"a\\b", "a\\b"},
        {"a b", "\"a b\""},     {"a\tb", "\"a\tb\""},           {"*", "\"*\""},
        {"a\"b", "\"a\\\"b\""}, {"a \\b", "\"a \\\\b\""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf text CLEANUP(buf_done) = BUF(64);
        struct condition condition;
        assert_int_equal(buf_add_text(&text, "a="), ST_OK);
        assert_int_equal(syntax_write_value(span_of(rows[i][0]), &text), ST_OK);
        assert_string_equal(buf_text(&text) + 2, rows[i][1]);
        struct syntax rest = {.at = text.at, .length = text.length};
        assert_int_equal(syntax_condition(&rest, NULL, &condition), ST_OK);
        assert_true(span_is(condition.value, rows[i][0]));
        assert_false(condition.wildcard);
    }
    struct buf text CLEANUP(buf_done) = BUF(64);
    assert_int_equal(syntax_write_value(span_of(""), &text), ST_OK);
    assert_string_equal(buf_text(&text), "\"\"");
}

static void
no_value_is_written_in_part(void **state)
{
    static const char value[] = "a \"\\b";

    (void)state;
    for (size_t room = 0; room < sizeof(value) + 4; room++) {
        struct buf text CLEANUP(buf_done) = BUF(room);
        assert_int_equal(syntax_write_value(span_of(value), &text),
                         room < sizeof(value) - 1 + 4 ? ST_MALFORMED : ST_OK);
    }
}

static void
names_and_accounts_have_few_bytes_and_a_length_R21(void **state)
{
    static const char longest[] = "abcdefghijklmnopqrstuvwxyz0123456789_-"
                                  "abcdefghijklmnopqrstuvwxyz";
    static const char *const none[] = {"", "A", "a.b", "a b", "a/b", "a:b", "\xc3\xa9", "a\n"};
    static const char *const names_only[] = {"1", "-a", "0a"};
    static const char *const both[] = {"a", "_", "z9", "_-"};

    (void)state;
    assert_int_equal(strlen(longest), 64);
    for (size_t length = 1; length <= 64; length++) {
        struct span name = {.at = longest, .length = length};
        assert_true(syntax_is_name(name));
        assert_int_equal(syntax_is_account(name), length <= 31);
    }
    char *longer = support_text("%sa", longest);
    assert_false(syntax_is_name(span_of(longer)));
    free(longer);
    for (size_t i = 0; i < COUNT(none); i++) {
        assert_false(syntax_is_name(span_of(none[i])));
        assert_false(syntax_is_account(span_of(none[i])));
    }
    for (size_t i = 0; i < COUNT(names_only); i++) {
        assert_true(syntax_is_name(span_of(names_only[i])));
        assert_false(syntax_is_account(span_of(names_only[i])));
    }
    for (size_t i = 0; i < COUNT(both); i++) {
        assert_true(syntax_is_account(span_of(both[i])));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_end_at_blanks_and_at_the_end),
        cmocka_unit_test(conditions_are_read_and_what_follows_is_left),
        cmocka_unit_test(what_is_no_condition_has_a_reason_R25),
        cmocka_unit_test(values_that_are_written_mean_themselves),
        cmocka_unit_test(no_value_is_written_in_part),
        cmocka_unit_test(names_and_accounts_have_few_bytes_and_a_length_R21),
    };

    return cmocka_run_group_tests_name("syntax", tests, NULL, NULL);
}

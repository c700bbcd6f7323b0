/* The words of rules and requirements, in pieces of memory that end where they end. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fault.h"
#include "policy/syntax.h"

/* A copy at the end of a block, so that ASan sees who looks behind it. */
struct copy {
    char *block;
    struct syntax text;
};

static struct copy
copy_of(const char *text, size_t length)
{
    struct copy copy = {.block = malloc(1 + length)};

    assert_non_null(copy.block);
    copy.text = (struct syntax){.at = copy.block + 1, .length = length};
    memcpy(copy.text.at, text, length);
    return copy;
}

static void
words_end_at_blanks_and_at_the_end(void **state)
{
    static const char text[] = " \tone two\tand x  ";
    struct copy copy = copy_of(text, sizeof(text) - 1);
    struct syntax rest = copy.text;

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
    assert_ptr_equal(rest.at, copy.text.at + copy.text.length);
    free(copy.block);
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
        struct copy copy = copy_of(rows[i].text, strlen(rows[i].text));
        struct syntax rest = copy.text;
        struct condition condition;
        struct why why = {""};
        if (syntax_condition(&rest, &why, &condition) != ST_OK) {
            fail_msg("%s: %s", rows[i].text, why.sentence);
        }
        assert_true(span_is(condition.name, rows[i].name));
        assert_true(span_is(condition.value, rows[i].value));
        assert_int_equal(condition.wildcard, rows[i].wildcard);
        assert_true(span_is((struct span){.at = rest.at, .length = rest.length}, rows[i].left));
        free(copy.block);
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
        struct copy copy = copy_of(rows[i].text, strlen(rows[i].text));
        struct syntax rest = copy.text;
        struct condition condition;
        struct why why = {""};
        if (syntax_condition(&rest, &why, &condition) != ST_CONFIG ||
            strstr(why.sentence, rows[i].reason) == NULL) {
            fail_msg("%s: %s", rows[i].text, why.sentence);
        }
        free(copy.block);
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
        struct copy copy = copy_of(rows[i][0], strlen(rows[i][0]));
        struct span value = {.at = copy.text.at, .length = copy.text.length};
        struct condition condition;
        assert_int_equal(buf_add_text(&text, "a="), ST_OK);
        assert_int_equal(syntax_write_value(value, &text), ST_OK);
        free(copy.block);
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

/* What is there already, and a value to be written behind it. */
struct writing {
    size_t before;
    const char *value;
};

static enum status
write_behind(void *world)
{
    const struct writing *writing = world;
    struct buf text CLEANUP(buf_done) = BUF(4096);

    for (size_t i = 0; i < writing->before; i++) {
        TRY(buf_add_char(&text, 'x'));
    }
    return syntax_write_value(span_of(writing->value), &text);
}

/* Where memory runs out at whichever byte, or there is too little room, there is no value at all.
 */
static void
no_value_is_written_in_part_E69(void **state)
{
    static const char *const values[] = {"248", "a \"\\b", "\\ "};

    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        struct buf whole CLEANUP(buf_done) = BUF(64);
        assert_int_equal(syntax_write_value(span_of(values[i]), &whole), ST_OK);
        for (size_t room = 0; room <= whole.length; room++) {
            struct buf text CLEANUP(buf_done) = BUF(room);
            assert_int_equal(syntax_write_value(span_of(values[i]), &text),
                             room < whole.length ? ST_MALFORMED : ST_OK);
        }
        for (size_t before = 240; before < 260; before++) {
            struct writing writing = {.before = before, .value = values[i]};
            assert_true(fault_each(write_behind, &writing) > 0);
        }
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
        cmocka_unit_test(no_value_is_written_in_part_E69),
        cmocka_unit_test(names_and_accounts_have_few_bytes_and_a_length_R21),
    };

    return cmocka_run_group_tests_name("syntax", tests, NULL, NULL);
}

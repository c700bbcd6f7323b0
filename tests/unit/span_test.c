#include "support.h"

#include <string.h>

#include "base/span.h"

static struct span
of(const char *at, size_t length)
{
    return (struct span){.at = at, .length = length};
}

static void
a_string_is_its_bytes_without_the_nul_and_null_is_empty(void **state)
{
    (void)state;
    assert_int_equal(span_of("abc").length, 3);
    assert_int_equal(span_of("").length, 0);
    assert_int_equal(span_of(NULL).length, 0);
    assert_null(span_of(NULL).at);
}

static void
equality_is_of_length_and_every_byte(void **state)
{
    (void)state;
    assert_true(span_equals(of("abc", 3), of("abcd", 3)));
    assert_false(span_equals(of("abc", 3), of("abcd", 4)));
    assert_false(span_equals(of("abcd", 4), of("abc", 3)));
    assert_false(span_equals(of("abc", 3), of("abd", 3)));
    assert_false(span_equals(of("xbc", 3), of("abc", 3)));
    assert_false(span_equals(of("abc", 3), of("Abc", 3)));
    assert_true(span_equals(of("a\0b", 3), of("a\0b", 3)));
    assert_false(span_equals(of("a\0b", 3), of("a\0c", 3)));
    assert_true(span_equals(of(NULL, 0), of("x", 0)));
    assert_true(span_equals(of(NULL, 0), of(NULL, 0)));
    assert_true(span_is(of("abc", 3), "abc"));
    assert_false(span_is(of("abc\0", 4), "abc"));
    assert_false(span_is(of("ab", 2), "abc"));
    assert_true(span_is(of(NULL, 0), ""));
}

static void
a_prefix_is_no_longer_than_the_span(void **state)
{
    (void)state;
    assert_true(span_starts(of("https://x", 9), "https://"));
    assert_true(span_starts(of("https://", 8), "https://"));
    assert_false(span_starts(of("https://", 7), "https://"));
    assert_false(span_starts(of("http://x", 8), "https://"));
    assert_false(span_starts(of("Https://x", 9), "https://"));
    assert_true(span_starts(of("x", 1), ""));
    assert_true(span_starts(of(NULL, 0), ""));
    assert_false(span_starts(of(NULL, 0), "x"));
}

static void
a_cut_is_at_the_first_occurrence_and_touches_nothing_without_one(void **state)
{
    static const struct {
        const char *text;
        const char *before;
        const char *after;
    } rows[] = {
        {"a=b", "a", "b"}, {"a=b=c", "a", "b=c"}, {"=b", "", "b"},
        {"a=", "a", ""},   {"=", "", ""},         {"==", "", "="},
    };
    struct span before = of("untouched", 9);
    struct span after = of("neither", 7);

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span b;
        struct span a;
        assert_true(span_cut(span_of(rows[i].text), '=', &b, &a));
        assert_true(span_is(b, rows[i].before));
        assert_true(span_is(a, rows[i].after));
    }
    assert_false(span_cut(span_of("abc"), '=', &before, &after));
    assert_false(span_cut(of("abc=", 3), '=', &before, &after));
    assert_false(span_cut(of(NULL, 0), '=', &before, &after));
    assert_false(span_cut(of("abc", 3), '\0', &before, &after));
    assert_true(span_is(before, "untouched"));
    assert_true(span_is(after, "neither"));
    assert_true(span_cut(of("a\0b", 3), '\0', &before, &after));
    assert_true(span_is(before, "a"));
    assert_true(span_is(after, "b"));
}

static void
trimming_takes_spaces_and_tabs_and_nothing_else(void **state)
{
    static const struct {
        const char *text;
        const char *trimmed;
    } rows[] = {
        {" \t a b \t", "a b"}, {"a", "a"},     {"", ""},           {" \t ", ""},
        {"\na\n", "\na\n"},    {"a\r", "a\r"}, {"\va\f", "\va\f"}, {"\xC2\xA0", "\xC2\xA0"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(span_is(span_trim(span_of(rows[i].text)), rows[i].trimmed));
    }
    assert_int_equal(span_trim(of(NULL, 0)).length, 0);
    /* The byte behind the end is not looked at. */
    assert_true(span_is(span_trim(of("a ", 1)), "a"));
    assert_true(span_is(span_trim(of("  ", 1)), ""));
}

static void
words_come_off_the_front_until_none_is_left(void **state)
{
    struct span rest = span_of("\t one  two\tthree\n four ");
    struct span word;

    (void)state;
    assert_true(span_word(&rest, &word));
    assert_true(span_is(word, "one"));
    assert_true(span_word(&rest, &word));
    assert_true(span_is(word, "two"));
    assert_true(span_word(&rest, &word));
    assert_true(span_is(word, "three\n"));
    assert_true(span_word(&rest, &word));
    assert_true(span_is(word, "four"));
    assert_false(span_word(&rest, &word));
    assert_int_equal(word.length, 0);
    assert_false(span_word(&rest, &word));
    assert_int_equal(rest.length, 0);
    rest = of("ab", 1);
    assert_true(span_word(&rest, &word));
    assert_true(span_is(word, "a"));
}

static void
there_is_no_word_in_no_bytes(void **state)
{
    struct span rest = of(NULL, 0);
    struct span word = of("x", 1);

    (void)state;
    assert_false(span_word(&rest, &word));
    assert_int_equal(word.length, 0);
    rest = span_of("");
    assert_false(span_word(&rest, &word));
    rest = span_of(" \t");
    assert_false(span_word(&rest, &word));
}

static void
lines_end_with_lf_and_the_last_may_do_without(void **state)
{
    struct span rest = span_of("one\n\ntwo\r\nthree");
    struct span line;

    (void)state;
    assert_true(span_line(&rest, &line));
    assert_true(span_is(line, "one"));
    assert_true(span_line(&rest, &line));
    assert_true(span_is(line, ""));
    assert_true(span_line(&rest, &line));
    assert_true(span_is(line, "two\r"));
    assert_true(span_line(&rest, &line));
    assert_true(span_is(line, "three"));
    assert_false(span_line(&rest, &line));
    assert_true(span_is(line, "three"));
    rest = span_of("one\n");
    assert_true(span_line(&rest, &line));
    assert_true(span_is(line, "one"));
    assert_false(span_line(&rest, &line));
    rest = span_of("\n");
    assert_true(span_line(&rest, &line));
    assert_int_equal(line.length, 0);
    assert_false(span_line(&rest, &line));
    rest = of(NULL, 0);
    assert_false(span_line(&rest, &line));
}

static void
a_line_is_found_around_each_of_its_bytes(void **state)
{
    struct span text = span_of("one\n\nthree");
    const char *const lines[] = {"one",   "one",   "one",   "one",   "",
                                 "three", "three", "three", "three", "three"};

    (void)state;
    for (size_t i = 0; i < text.length; i++) {
        assert_true(span_is(span_line_around(text, text.at + i), lines[i]));
    }
    assert_true(span_is(span_line_around(of(text.at, 6), text.at + 4), ""));
    assert_true(span_is(span_line_around(of(text.at + 2, 5), text.at + 2), "e"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_string_is_its_bytes_without_the_nul_and_null_is_empty),
        cmocka_unit_test(equality_is_of_length_and_every_byte),
        cmocka_unit_test(a_prefix_is_no_longer_than_the_span),
        cmocka_unit_test(a_cut_is_at_the_first_occurrence_and_touches_nothing_without_one),
        cmocka_unit_test(trimming_takes_spaces_and_tabs_and_nothing_else),
        cmocka_unit_test(words_come_off_the_front_until_none_is_left),
        cmocka_unit_test(there_is_no_word_in_no_bytes),
        cmocka_unit_test(lines_end_with_lf_and_the_last_may_do_without),
        cmocka_unit_test(a_line_is_found_around_each_of_its_bytes),
    };

    return cmocka_run_group_tests_name("span", tests, NULL, NULL);
}

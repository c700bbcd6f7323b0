#include "support.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/strictjson.h"

#define LIMIT ((size_t)2 * 1024 * 1024)

static struct span
of(const char *at, size_t length)
{
    return (struct span){.at = at, .length = length};
}

/* Reads a copy with nothing behind it, so that ASan and valgrind see a byte too many. */
static enum status
read_with(struct span text, const struct strictjson_limits *limits)
{
    struct why why = {""};
    json_t *object = NULL;
    char *copy = text.at != NULL ? malloc(text.length) : NULL;

    if (copy != NULL && text.length > 0) {
        memcpy(copy, text.at, text.length);
    }
    enum status status = strictjson_object(of(copy, text.length), limits, &why, &object);
    free(copy);

    assert_int_equal(object != NULL, status == ST_OK);
    assert_int_equal(why.sentence[0] == '\0', status == ST_OK);
    json_decref(object);
    return status;
}

static enum status
read_token(struct span text)
{
    return read_with(text, &strictjson_token);
}

static enum status
read_buf(const struct buf *buf)
{
    return read_token(buf_span(buf));
}

static void
repeat(struct buf *buf, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        assert_int_equal(buf_add_text(buf, text), ST_OK);
    }
}

static void
R35_one_json_object_is_read(void **state)
{
    static const char *const good[] = {
        "{}",
        " \t\r\n{ } \n",
        "{\"a\":1,\"b\":[1,2,{\"c\":null}],\"d\":{\"a\":true}}",
        "{\"a\":{\"x\":1},\"b\":{\"x\":1}}",
        "{\"\":\"\"}",
        "{\"a\":\"\\u00e9\\ud83d\\ude00\\\"\\\\\\/\\b\\f\\n\\r\\t\"}",
        "{\"\xC3\xA9\":\"\xF0\x9F\x98\x80\"}",
        "{\"a\":-0,\"b\":-0.0,\"c\":1e308,\"d\":1E-5,\"e\":9223372036854775807}",
        "{\"a\":1,\"A\":2}",
        "{\"a\":\"{[:\",\"b\":\"]}\"}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        if (read_token(span_of(good[i])) != ST_OK) {
            fail_msg("%s", good[i]);
        }
    }
}

static void
R35_anything_that_is_not_one_object_is_malformed(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "[]",
        "[{}]",
        "\"a\"",
        "1",
        "-1",
        "null",
        "true",
        "NaN",
        "{",
        "}",
        "{}{}",
        "{} {}",
        "{}x",
        "{},",
        "{}\"",
        "{}}",
        "{}]",
        "x{}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{:}",
        "{a:1}",
        "{:1}",
        "{a\":1}",
        "{\"a\" 1}",
        "{\"a\x01:1}",
        "{\"a\":\"b\x01}",
        "x}",
        "x\"a\":1}",
        "[\"a\":1}",
        "{'a':1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":'b'}",
        "{\"a\":[1,]}",
        "{\"a\":[1",
        "{\"a\":[1}",
        "{\"a\":[1 2]}",
        "{\"a\":[}",
        "{\"a\":{]}",
        "{\"a\":\"b}",
        "{\"a\":\"b\\",
        "{\"a\":\"b\\\"",
        "{1:2}",
        "{null:1}",
        "/* */{}",
        "{}//",
        "{\"a\":1/**/}",
        "#\n{}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":-Infinity}",
        "{\"a\":nan}",
        "{\"a\":inf}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":1.}",
        "{\"a\":01}",
        "{\"a\":-}",
        "{\"a\":0x10}",
        "{\"a\":1e}",
        "{\"a\":1e+}",
        "{\"a\":1_000}",
        "{\"a\":1,000}",
        "{\"a\":1e400}",
        "{\"a\":-1e400}",
        "{\"a\":9223372036854775808}",
        "{\"a\":-9223372036854775809}",
        "{\"a\":18446744073709551616}", /* 2^64, and a little more: 1 if it went round */
        "{\"a\":18446744073709551617}",
        "{\"a\":-18446744073709551617}",
        "{\"a\":184467440737095516170}",
        "{\"a\":True}",
        "{\"a\":nul}",
        "{\"a\":tabc}",
        "{\"a\":fabcd}",
        "{\"a\":nabc}",
        "{\"a\":[true,fals]}",
        "{\"a\":undefined}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\t\"}",
        "{\"a\":\"\x01\"}",
        "{\"a\":\"\\x41\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\'\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\udc00\"}",
        "{\"a\":\"\\ud800\\u0041\"}",
        "\v{}",
        "\f{}",
        "\xC2\xA0{}",
        "\xEF\xBB\xBF{}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (read_token(span_of(bad[i])) != ST_MALFORMED) {
            fail_msg("accepted: %s", bad[i]);
        }
    }
    assert_int_equal(read_token(of(NULL, 0)), ST_MALFORMED);
}

static void
the_sentence_says_what_is_wrong_and_where(void **state)
{
    static const struct strictjson_limits tiny = {.depth = 2, .members = 1, .string = 4};
    static const struct {
        const char *text;
        const char *sentence;
    } rows[] = {
        {"", "not JSON at byte 0"},
        {" x", "not JSON at byte 1"},
        {"[]", "JSON that is not an object"},
        {" \"a\"", "JSON that is not an object"},
        {"-1", "JSON that is not an object"},
        {"0", "JSON that is not an object"},
        {"9", "JSON that is not an object"},
        {"true", "JSON that is not an object"},
        {"false", "JSON that is not an object"},
        {"null", "JSON that is not an object"},
        {"{}x", "not JSON at byte 2"},
        {"{\"a\" 1}", "not JSON at byte 5"},
        {"{\"a\":[1 2]}", "not JSON at byte 8"},
        {"{\"a\":\"abcde\"}", "JSON string longer than 4 bytes"},
        {"{\"a\":[[]]}", "JSON nested deeper than 2 levels"},
        {"{\"a\":1,\"b\":1}", "JSON with more than 1 members"},
        {"{\"\xFF\":1}", "JSON that is not valid UTF-8"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct why why = {""};
        json_t *object = NULL;
        assert_int_equal(strictjson_object(span_of(rows[i].text), &tiny, &why, &object),
                         ST_MALFORMED);
        assert_string_equal(why.sentence, rows[i].sentence);
    }
}

/* What came out of a document is what stands in it. */
static void
values_are_what_is_written(void **state)
{
    static const char text[] = " { \"s\" : \"a\\u00e9\\n\" , \"\\u006e\":[ ] , \"i\":[0,-0,-1,10,"
                               "9223372036854775807,-9223372036854775808 ] ,\"r\":[ 0.5,-1e2,1E+2,"
                               "25e-1,1.25E1],\"w\":[true,false,null,{}]}\t\r\n";
    static const json_int_t integers[] = {0, 0, -1, 10, INT64_MAX, INT64_MIN};
    static const double reals[] = {0.5, -100, 100, 2.5, 12.5};
    json_t *object CLEANUP(strictjson_done) = NULL;
    struct span string;

    (void)state;
    assert_int_equal(strictjson_object(span_of(text), &strictjson_token, NULL, &object), ST_OK);
    assert_int_equal(json_object_size(object), 5);
    assert_true(strictjson_text(object, "s", &string) && span_is(string, "a\xC3\xA9\n"));
    assert_int_equal(json_array_size(json_object_get(object, "n")), 0);
    assert_true(json_is_array(json_object_get(object, "n")));
    const json_t *array = json_object_get(object, "i");
    assert_int_equal(json_array_size(array), COUNT(integers));
    for (size_t i = 0; i < COUNT(integers); i++) {
        assert_true(json_is_integer(json_array_get(array, i)));
        assert_true(json_integer_value(json_array_get(array, i)) == integers[i]);
    }
    array = json_object_get(object, "r");
    assert_int_equal(json_array_size(array), COUNT(reals));
    for (size_t i = 0; i < COUNT(reals); i++) {
        assert_true(json_is_real(json_array_get(array, i)));
        assert_true(json_real_value(json_array_get(array, i)) == reals[i]);
    }
    array = json_object_get(object, "w");
    assert_int_equal(json_array_size(array), 4);
    assert_true(json_is_true(json_array_get(array, 0)));
    assert_true(json_is_false(json_array_get(array, 1)));
    assert_true(json_is_null(json_array_get(array, 2)));
    assert_true(json_is_object(json_array_get(array, 3)));
}

static void
E11_a_name_twice_in_one_object_is_malformed(void **state)
{
    static const char *const bad[] = {
        "{\"alg\":\"RS256\",\"alg\":\"none\"}",
        "{\"sub\":\"a\",\"sub\":\"a\"}",
        "{\"sub\":\"a\",\"s\\u0075b\":\"b\"}",
        "{\"\\u0073ub\":\"a\",\"sub\":\"b\"}",
        "{\"a/b\":1,\"a\\/b\":2}",
        "{\"\":1,\"\":2}",
        "{\"a\":{\"b\":{\"c\":1,\"c\":1}}}",
        "{\"a\":[{\"b\":1,\"b\":1}]}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (read_token(span_of(bad[i])) != ST_MALFORMED) {
            fail_msg("accepted: %s", bad[i]);
        }
    }
}

static void
E12_bytes_that_are_not_utf8_text_are_malformed(void **state)
{
    static const struct {
        const char *text;
        size_t length;
    } bad[] = {
        {"{\"a\":\"\xFF\"}", 9},
        {"{\"a\":\"\xC0\xAF\"}", 10},
        {"{\"a\":\"\xED\xA0\x80\"}", 11},
        {"{\"a\":\"\xE9\"}", 9},
        {"{\"\xE9\":1}", 7},
        {"{\"a\":1}\xFF", 8},
        {"\xFE\xFF\0{\0}", 6}, /* UTF-16 with a BOM */
        {"\0{\0}", 4},
        {"{\0}\0", 4},
        {"{\0\0\0}\0\0\0", 8}, /* UTF-32 */
        {"{}\0", 3},
        {"{}\0{\"sub\":\"root\"}", 17},
        {"\0{}", 3},
        {"{\"a\":\"b\0c\"}", 11},
        {"{\"a\0\":1}", 8},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (read_token(of(bad[i].text, bad[i].length)) != ST_MALFORMED) {
            fail_msg("row %zu", i);
        }
    }
    assert_int_equal(read_token(of("{}x", 2)), ST_OK); /* what is behind the end is not read */
}

/*
 * Jansson 2.14 takes a NUL that it has to put back for the end of its buffer and drops it, so
 * behind a number or a word one would be swallowed if we did not look for it ourselves.
 */
static void
E12_a_nul_behind_a_number_or_a_word_is_malformed(void **state)
{
    static const struct {
        const char *text;
        size_t length;
    } bad[] = {
        {"{\"a\":1\0}", 8},          {"{\"a\":true\0}", 11},      {"{\"a\":null\0}", 11},
        {"{\"a\":[1\0,2]}", 12},     {"{\"a\":1.5\0}", 10},       {"{\"a\":1\0\0\0}", 10},
        {"{\"a\":1\0,\"b\":2}", 14}, {"{\"a\":{\"b\":1\0}}", 14},
    };
    size_t accepted = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        accepted += read_token(of(bad[i].text, bad[i].length)) == ST_OK ? 1 : 0;
    }
    assert_int_equal(accepted, 0);
}

static void
E19_a_nul_in_a_string_or_a_name_is_malformed(void **state)
{
    (void)state;
    assert_int_equal(read_token(span_of("{\"sub\":\"root\\u0000x\"}")), ST_MALFORMED);
    assert_int_equal(read_token(span_of("{\"sub\":\"\\u0000\"}")), ST_MALFORMED);
    assert_int_equal(read_token(span_of("{\"sub\\u0000x\":\"a\"}")), ST_MALFORMED);
}

static void
E13_nesting_of_16_levels_is_the_most(void **state)
{
    static const size_t depths[] = {1, 2, 15, 16, 17, 18, 2048, 2049, 100000};
    static const char *const shapes[][3] = {
        {"{\"a\":", "{}", "}"},
        {"[", "{}", "]"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(depths); i++) {
        for (size_t shape = 0; shape < COUNT(shapes); shape++) {
            struct buf text CLEANUP(buf_done) = BUF(LIMIT);
            size_t open = depths[i] - 1;
            if (shape == 1 && depths[i] > 1) {
                assert_int_equal(buf_add_text(&text, "{\"a\":"), ST_OK);
                open--;
            }
            repeat(&text, shapes[shape][0], open);
            assert_int_equal(buf_add_text(&text, shapes[shape][1]), ST_OK);
            repeat(&text, shapes[shape][2], open);
            if (shape == 1 && depths[i] > 1) {
                assert_int_equal(buf_add_text(&text, "}"), ST_OK);
            }
            if (read_buf(&text) != (depths[i] <= 16 ? ST_OK : ST_MALFORMED)) {
                fail_msg("depth %zu, shape %zu", depths[i], shape);
            }
        }
    }
}

static void
E13_brackets_that_never_close_do_not_overflow_the_stack(void **state)
{
    static const char *const pieces[] = {"[", "{", "{\"a\":", "[{\"a\":", "]", "}", "[]", "{}["};

    (void)state;
    for (size_t i = 0; i < COUNT(pieces); i++) {
        struct buf text CLEANUP(buf_done) = BUF(LIMIT);
        repeat(&text, pieces[i], 100000);
        assert_int_equal(read_buf(&text), ST_MALFORMED);
    }
}

static void
nesting_is_of_what_is_open_and_not_of_what_stands_in_strings(void **state)
{
    struct buf side_by_side CLEANUP(buf_done) = BUF(LIMIT);
    struct buf string CLEANUP(buf_done) = BUF(LIMIT);
    struct buf name CLEANUP(buf_done) = BUF(LIMIT);

    (void)state;
    assert_int_equal(buf_add_text(&side_by_side, "{\"a\":[[]"), ST_OK);
    repeat(&side_by_side, ",[]", 1000);
    assert_int_equal(buf_add_text(&side_by_side, ",{}]}"), ST_OK);
    assert_int_equal(read_buf(&side_by_side), ST_OK);
    assert_int_equal(buf_add_text(&string, "{\"a\":\""), ST_OK);
    repeat(&string, "[{\\\"[:", 1000);
    assert_int_equal(buf_add_text(&string, "\"}"), ST_OK);
    assert_int_equal(read_buf(&string), ST_OK);
    assert_int_equal(buf_add_text(&name, "{\""), ST_OK);
    repeat(&name, "{[:", 1000);
    assert_int_equal(buf_add_text(&name, "\":1}"), ST_OK);
    assert_int_equal(read_buf(&name), ST_OK);
    /* A quote behind a backslash does not end the string, one behind two does. */
    assert_int_equal(read_token(span_of("{\"a\":\"\\\\\",\"b\":\"[[[[[[[[[[[[[[[[[\"}")), ST_OK);
    assert_int_equal(
        read_token(span_of("{\"a\":\"\\\\\",\"b\":[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]}")),
        ST_MALFORMED);
}

static void
members(struct buf *text, size_t count, bool nested)
{
    assert_int_equal(buf_add_text(text, nested ? "{\"n\":[{" : "{"), ST_OK);
    for (size_t i = nested ? 1 : 0; i < count; i++) {
        bool next = nested && i % 2 == 0;
        assert_int_equal(buf_printf(text, "%s\"m%zu\":%zu",
                                    i == (nested ? 1 : 0) ? ""
                                    : next                ? "},{"
                                                          : ",",
                                    i, i),
                         ST_OK);
    }
    assert_int_equal(buf_add_text(text, nested ? "}]}" : "}"), ST_OK);
}

static void
E13_256_members_are_the_most_wherever_they_stand(void **state)
{
    static const size_t counts[] = {2, 255, 256, 257, 100000};

    (void)state;
    for (size_t i = 0; i < COUNT(counts); i++) {
        struct buf flat CLEANUP(buf_done) = BUF(LIMIT);
        struct buf nested CLEANUP(buf_done) = BUF(LIMIT);
        enum status wanted = counts[i] <= 256 ? ST_OK : ST_MALFORMED;
        members(&flat, counts[i], false);
        members(&nested, counts[i], true);
        assert_int_equal(read_buf(&flat), wanted);
        assert_int_equal(read_buf(&nested), wanted);
    }
}

static void
E13_a_string_has_8192_bytes_as_written_at_most(void **state)
{
    static const struct {
        const char *before;
        const char *piece;
        size_t times;
        const char *after;
        enum status status;
    } rows[] = {
        {"{\"a\":\"", "x", 8192, "\"}", ST_OK},
        {"{\"a\":\"", "x", 8193, "\"}", ST_MALFORMED},
        {"{\"a\":\"", "x", 1048576, "\"}", ST_MALFORMED},
        {"{\"", "x", 8192, "\":1}", ST_OK},
        {"{\"", "x", 8193, "\":1}", ST_MALFORMED},
        {"{\"a\":\"", "\\n", 4096, "\"}", ST_OK},
        {"{\"a\":\"x", "\\n", 4096, "\"}", ST_MALFORMED},
        {"{\"a\":[\"", "x", 8192, "\"]}", ST_OK},
        {"{\"a\":[\"\",\"", "x", 8193, "\"]}", ST_MALFORMED},
        {"{\"a\":\"", "x", 8193, "", ST_MALFORMED}, /* never closed */
        {"{\"a\":\"", "\\", 8193, "", ST_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf text CLEANUP(buf_done) = BUF(LIMIT);
        assert_int_equal(buf_add_text(&text, rows[i].before), ST_OK);
        repeat(&text, rows[i].piece, rows[i].times);
        assert_int_equal(buf_add_text(&text, rows[i].after), ST_OK);
        if (read_buf(&text) != rows[i].status) {
            fail_msg("row %zu", i);
        }
    }
}

static void
the_limits_are_the_callers(void **state)
{
    static const struct strictjson_limits tiny = {.depth = 2, .members = 3, .string = 4};
    static const struct {
        const char *text;
        enum status status;
    } rows[] = {
        {"{\"a\":[1]}", ST_OK},
        {"{\"a\":[[]]}", ST_MALFORMED},
        {"{\"a\":1,\"b\":1,\"c\":1}", ST_OK},
        {"{\"a\":1,\"b\":1,\"c\":1,\"d\":1}", ST_MALFORMED},
        {"{\"a\":{\"a\":1,\"b\":1}}", ST_OK},
        {"{\"a\":{\"a\":1,\"b\":1,\"c\":1}}", ST_MALFORMED},
        {"{\"abcd\":\"abcd\"}", ST_OK},
        {"{\"abcde\":\"abcd\"}", ST_MALFORMED},
        {"{\"abcd\":\"abcde\"}", ST_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(read_with(span_of(rows[i].text), &tiny), rows[i].status);
    }
    assert_int_equal(strictjson_token.depth, 16);
    assert_int_equal(strictjson_token.members, 256);
    assert_int_equal(strictjson_token.string, 8192);
    assert_int_equal(strictjson_document.depth, 16);
    assert_int_equal(strictjson_document.members, 4096);
    assert_int_equal(strictjson_document.string, 65536);
}

/* R94: a payload that cannot be read may hold anything, and the sentence goes into a log. */
static void
R94_the_reason_quotes_nothing_of_the_document(void **state)
{
    static const char *const bad[] = {
        "{\"canary\" canary}",
        "{\"a\":canary}",
        "{\"canary\":1,\"canary\":2}",
        "canary",
        "[\"canary\"]",
        "{} canary",
        "{\"a\":\"canary",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct why why = {""};
        json_t *object = NULL;
        assert_int_equal(strictjson_object(span_of(bad[i]), &strictjson_token, &why, &object),
                         ST_MALFORMED);
        assert_null(strstr(why.sentence, "canary"));
        assert_int_equal(strictjson_object(span_of(bad[i]), &strictjson_token, NULL, &object),
                         ST_MALFORMED);
    }
}

static void
text_members_are_strings_and_nothing_else(void **state)
{
    json_t *object CLEANUP(strictjson_done) = NULL;
    struct span text = span_of("untouched");

    (void)state;
    assert_int_equal(
        strictjson_object(span_of("{\"s\":\"abc\",\"e\":\"\",\"n\":1,\"b\":true,\"z\":null,"
                                  "\"a\":[\"x\"],\"o\":{}}"),
                          &strictjson_token, NULL, &object),
        ST_OK);
    static const char *const others[] = {"n", "b", "z", "a", "o", "missing", "S", ""};
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_false(strictjson_text(object, others[i], &text));
    }
    assert_true(span_is(text, "untouched"));
    assert_true(strictjson_text(object, "s", &text));
    assert_true(span_is(text, "abc"));
    assert_true(strictjson_text(object, "e", &text));
    assert_int_equal(text.length, 0);
    assert_true(span_is(strictjson_string(json_object_get(object, "s")), "abc"));
    strictjson_done(&object);
    assert_null(object);
    strictjson_done(&object);
}

/* Jansson converts reals with strtod, which reads the locale's decimal point. */
static void
E66_a_real_is_the_same_in_every_locale(void **state)
{
    static const char *const locales[] = {"C", "C.UTF-8", "de_DE.UTF-8", "fr_FR.UTF-8",
                                          "tr_TR.UTF-8"};
    size_t tried = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(locales); i++) {
        json_t *object CLEANUP(strictjson_done) = NULL;
        if (setlocale(LC_ALL, locales[i]) == NULL) {
            continue; /* not installed here */
        }
        tried++;
        assert_int_equal(
            strictjson_object(span_of("{\"exp\":1893456000.5}"), &strictjson_token, NULL, &object),
            ST_OK);
        assert_true(json_real_value(json_object_get(object, "exp")) > 1893456000.25);
        assert_true(json_real_value(json_object_get(object, "exp")) < 1893456000.75);
    }
    (void)setlocale(LC_ALL, "C");
    print_message("%zu of %zu locales are installed here\n", tried, COUNT(locales));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R35_one_json_object_is_read),
        cmocka_unit_test(R35_anything_that_is_not_one_object_is_malformed),
        cmocka_unit_test(the_sentence_says_what_is_wrong_and_where),
        cmocka_unit_test(values_are_what_is_written),
        cmocka_unit_test(E11_a_name_twice_in_one_object_is_malformed),
        cmocka_unit_test(E12_bytes_that_are_not_utf8_text_are_malformed),
        cmocka_unit_test(E12_a_nul_behind_a_number_or_a_word_is_malformed),
        cmocka_unit_test(E19_a_nul_in_a_string_or_a_name_is_malformed),
        cmocka_unit_test(E13_nesting_of_16_levels_is_the_most),
        cmocka_unit_test(E13_brackets_that_never_close_do_not_overflow_the_stack),
        cmocka_unit_test(nesting_is_of_what_is_open_and_not_of_what_stands_in_strings),
        cmocka_unit_test(E13_256_members_are_the_most_wherever_they_stand),
        cmocka_unit_test(E13_a_string_has_8192_bytes_as_written_at_most),
        cmocka_unit_test(the_limits_are_the_callers),
        cmocka_unit_test(R94_the_reason_quotes_nothing_of_the_document),
        cmocka_unit_test(text_members_are_strings_and_nothing_else),
        cmocka_unit_test(E66_a_real_is_the_same_in_every_locale),
    };

    return cmocka_run_group_tests_name("strictjson", tests, NULL, NULL);
}

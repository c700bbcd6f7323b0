#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "base/jsonescape.h"

/* Decodes a copy with nothing behind it, into room for as many bytes and no more. */
static bool
decodes(struct span written, char *into, size_t *ret_length)
{
    char *copy = malloc(written.length);
    char *out = malloc(written.length);

    assert_non_null(copy);
    assert_non_null(out);
    memcpy(copy, written.at, written.length);
    bool good =
        jsonescape_decode((struct span){.at = copy, .length = written.length}, out, ret_length);
    if (good) {
        assert_true(*ret_length <= written.length);
        memcpy(into, out, *ret_length);
    }
    free(copy);
    free(out);
    return good;
}

static void
an_escape_is_what_rfc_8259_says(void **state)
{
    static const struct {
        const char *written;
        const char *text;
    } rows[] = {
        {"", ""},
        {"plain", "plain"},
        {"\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t"},
        {"a\\nb", "a\nb"},
        {"\\u0001\\u001f\\u0041\\u007F", "\x01\x1F\x41\x7F"},
        {"\\u0080", "\xC2\x80"},
        {"\\u07ff\\u07FF", "\xDF\xBF\xDF\xBF"},
        {"\\u0800", "\xE0\xA0\x80"},
        {"\\ud7ff", "\xED\x9F\xBF"},
        {"\\ue000", "\xEE\x80\x80"},
        {"\\uffff", "\xEF\xBF\xBF"},
        {"\\uABCD\\uabcd\\u6789", "\xEA\xAF\x8D\xEA\xAF\x8D\xE6\x9E\x89"},
        {"\\uFEDC\\ufedc", "\xEF\xBB\x9C\xEF\xBB\x9C"},
        {"\\ud800\\udc00", "\xF0\x90\x80\x80"},
        {"\\ud800\\udfff", "\xF0\x90\x8F\xBF"},
        {"\\uD83D\\uDE00", "\xF0\x9F\x98\x80"},
        {"\\udbff\\udc00", "\xF4\x8F\xB0\x80"},
        {"\\udbff\\udfffx", "\xF4\x8F\xBF\xBFx"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[64];
        size_t length = 0;
        if (!decodes(span_of(rows[i].written), text, &length)) {
            fail_msg("%s", rows[i].written);
        }
        assert_int_equal(length, strlen(rows[i].text));
        assert_memory_equal(text, rows[i].text, length);
    }
}

static void
what_json_does_not_have_is_refused(void **state)
{
    static const char *const bad[] = {
        "\\",
        "a\\",
        "\\a",
        "\\'",
        "\\0",
        "\\x41",
        "\\U0041",
        "\\N",
        "\\ ",
        "\\u",
        "\\u1",
        "\\u12",
        "\\u123",
        "\\u123\\",
        "\\u 123",
        "\\u+123",
        "\\u-123",
        "\\u0x12",
        "\\u123g",
        "\\u123G",
        /* U+0000, and halves of pairs (R35, E19) */
        "\\u0000",
        "\\udc00",
        "\\uDFFF",
        "\\udc00\\ud800",
        "\\ud800",
        "\\udbff",
        "\\ud800x",
        "\\ud800\\",
        "\\ud800\\n",
        "\\ud800u",
        "\\ud800\\u",
        "\\ud800\\udc0",
        "\\ud800\\u0041",
        "\\ud800\\udbff",
        "\\ud800\\ue000",
        "\\ud800\\ud800",
        "\\ud800\\uzzzz",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        char text[64];
        size_t length = 0;
        if (decodes(span_of(bad[i]), text, &length)) {
            fail_msg("%s", bad[i]);
        }
    }
    char text[64];
    size_t length = 0;
    assert_false(decodes((struct span){.at = "\\\0", .length = 2}, text, &length));
    /* What stands behind the end of a string is not its own. */
    assert_false(decodes((struct span){.at = "\\u1234", .length = 5}, text, &length));
    assert_false(decodes((struct span){.at = "\\ud800\\udc00", .length = 11}, text, &length));
}

static void
of_all_bytes_22_are_hexadecimal_digits(void **state)
{
    size_t digits = 0;

    (void)state;
    for (unsigned int byte = 0; byte < 256; byte++) {
        char written[] = {'\\', 'u', '0', '0', '4', (char)byte};
        char text[8];
        size_t length = 0;
        digits += decodes((struct span){.at = written, .length = 6}, text, &length) ? 1 : 0;
    }
    assert_int_equal(digits, 22);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_escape_is_what_rfc_8259_says),
        cmocka_unit_test(what_json_does_not_have_is_refused),
        cmocka_unit_test(of_all_bytes_22_are_hexadecimal_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

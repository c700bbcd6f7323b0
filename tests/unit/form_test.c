/* oauth/form: RFC 6749 appendix B, written and read. R88, and GitHub's replies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/strictjson.h"
#include "oauth/form.h"

static void
text_is_encoded_as_in_rfc6749_appendix_b(void **state)
{
    static const struct {
        const char *text;
        const char *encoded;
    } cases[] = {
        {"", ""},
        {" %&+\xc2\xa3\xe2\x82\xac", "+%25%26%2B%C2%A3%E2%82%AC"},
        {"azAZ09*-._", "azAZ09*-._"},
        {"urn:ietf:params:oauth:grant-type:device_code",
         "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code"},
        {"a=b&c=d", "a%3Db%26c%3Dd"},
        {"~!'()\"", "%7E%21%27%28%29%22"},
        {"\r\n\x7f\xff\x01", "%0D%0A%7F%FF%01"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf into CLEANUP(buf_done) = BUF(200);
        assert_int_equal(form_encode(&into, span_of(cases[i].text)), ST_OK);
        assert_string_equal(buf_text(&into), cases[i].encoded);
    }
    struct buf nul CLEANUP(buf_done) = BUF(200);
    assert_int_equal(form_encode(&nul, (struct span){"a\0b", 3}), ST_OK);
    assert_string_equal(buf_text(&nul), "a%00b");
}

static void
fields_are_joined_and_cannot_be_injected_R88(void **state)
{
    struct buf body CLEANUP(buf_done) = BUF(200);

    (void)state;
    assert_int_equal(form_add(&body, "scope", span_of("openid groups")), ST_OK);
    assert_int_equal(form_add(&body, "empty", (struct span){NULL, 0}), ST_OK);
    assert_int_equal(form_add(&body, "client_id", span_of("x&grant_type=password")), ST_OK);
    assert_int_equal(form_add(&body, "a b", span_of("c")), ST_OK);
    assert_string_equal(buf_text(&body),
                        "scope=openid+groups&empty=&client_id=x%26grant_type%3Dpassword&a+b=c");
}

static void
what_does_not_fit_changes_nothing(void **state)
{
    struct buf body CLEANUP(buf_done) = BUF(10);

    (void)state;
    assert_int_equal(form_add(&body, "a", span_of("1")), ST_OK);
    /* Too long at the value, inside an escape, at the `=`, in the name, and at the `&`. */
    assert_int_equal(form_add(&body, "bc", span_of("12345")), ST_MALFORMED);
    assert_int_equal(form_add(&body, "bc", span_of("12/")), ST_MALFORMED);
    assert_int_equal(form_add(&body, "bcdefg", span_of("")), ST_MALFORMED);
    assert_int_equal(form_add(&body, "bcdefgh", span_of("")), ST_MALFORMED);
    assert_int_equal(form_encode(&body, span_of("12345678")), ST_MALFORMED);
    assert_string_equal(buf_text(&body), "a=1");
    assert_int_equal(form_encode(&body, span_of("1234567")), ST_OK);
    assert_int_equal(form_add(&body, "b", span_of("2")), ST_MALFORMED);
    assert_string_equal(buf_text(&body), "a=11234567");
}

static void
githubs_replies_are_read(void **state)
{
    json_t *object CLEANUP(strictjson_done) = NULL;
    struct why why = {""};
    struct span text;

    (void)state;
    assert_int_equal(
        form_object(span_of("device_code=3584d83530557fdd1f46af8289938c8ef79f9dc5&expires_in=900&"
                            "interval=5&user_code=WDJB-MJHT&"
                            "verification_uri=https%3A%2F%2Fgithub.com%2Flogin%2Fdevice"),
                    &why, &object),
        ST_OK);
    assert_int_equal(json_object_size(object), 5);
    assert_true(strictjson_text(object, "verification_uri", &text));
    assert_true(span_is(text, "https://github.com/login/device"));
    assert_true(strictjson_text(object, "interval", &text));
    assert_true(span_is(text, "5"));
}

static void
every_encoded_byte_comes_back(void **state)
{
    (void)state;
    for (unsigned int code = 1; code < 0x800; code++) {
        struct buf body CLEANUP(buf_done) = BUF(100);
        json_t *object CLEANUP(strictjson_done) = NULL;
        char utf8[2] = {(char)code, 0};
        size_t length = 1;
        struct span text;

        if (code >= 0x80) {
            utf8[0] = (char)(0xC0 | (code >> 6));
            utf8[1] = (char)(0x80 | (code & 0x3F));
            length = 2;
        }
        assert_int_equal(form_add(&body, "a", (struct span){utf8, length}), ST_OK);
        assert_int_equal(form_object(buf_span(&body), NULL, &object), ST_OK);
        assert_true(strictjson_text(object, "a", &text));
        assert_true(span_equals(text, (struct span){utf8, length}));
    }
}

static void
odd_but_clean_forms_are_read(void **state)
{
    static const struct {
        const char *body;
        const char *name;
        const char *value;
    } cases[] = {
        {"a=", "a", ""},
        {"a=b+c", "a", "b c"},
        {"a=%2b", "a", "+"},
        {"a=%2B&b=1", "a", "+"},
        {"b=1&a=https://x.example/y?z", "a", "https://x.example/y?z"},
        {"a%20b=1", "a b", "1"},
        {"a=%3D%26", "a", "=&"},
        {"a=%0a", "a", "\n"},
        {"a=%c3%bf%C3%BF", "a", "\xc3\xbf\xc3\xbf"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *object CLEANUP(strictjson_done) = NULL;
        struct why why = {""};
        struct span text;

        if (form_object(span_of(cases[i].body), &why, &object) != ST_OK) {
            fail_msg("%s: %s", cases[i].body, why.sentence);
        }
        assert_true(strictjson_text(object, cases[i].name, &text));
        assert_true(span_is(text, cases[i].value));
    }
}

static void
hostile_forms_are_refused_and_not_quoted_E49(void **state)
{
    static const char *const cases[] = {
        "",
        "secret",
        "secret&a=1",
        "=secret",
        "a=1&",
        "&a=1",
        "a=1&&b=2",
        "a=1&a=2",
        "a=1&%61=secret",
        "a=secret=",
        "a=%",
        "a=%4",
        "a=%4g",
        "a=%g4",
        "a=%4G",
        "a=%4@",
        "a=%4/",
        "a=%00secret",
        "a%00=secret",
        "%=1",
        "a=%4&b=1",
        "a=\x1b[2Jsecret",
        "a=secret\n",
        "a=\rsecret",
        "a=secret b",
        "a=\tsecret",
        "a=\x7f",
        "a=\xc2\xa3",
        "a=%C2",
        "a=%ff",
        "a=%ED%A0%80",
        "%C2=a",
        "a=<secret>",
        "a=\"secret\"",
        "a=\\secret",
        "<!DOCTYPE html><p class=secret>",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *object = NULL;
        struct why why = {""};

        if (form_object(span_of(cases[i]), &why, &object) != ST_MALFORMED) {
            fail_msg("%s", cases[i]);
        }
        assert_null(object);
        assert_int_equal(strncmp(why.sentence, "a form ", 7), 0);
        assert_null(strstr(why.sentence, "secret"));
    }
}

static void
a_form_ends_where_its_span_ends(void **state)
{
    json_t *object CLEANUP(strictjson_done) = NULL;
    struct span text;

    (void)state;
    assert_int_equal(form_object((struct span){"a=%41", 4}, NULL, &object), ST_MALFORMED);
    assert_int_equal(form_object((struct span){"a=%41", 3}, NULL, &object), ST_MALFORMED);
    assert_int_equal(form_object((struct span){"a=bc&d", 4}, NULL, &object), ST_OK);
    assert_int_equal(json_object_size(object), 1);
    assert_true(strictjson_text(object, "a", &text));
    assert_true(span_is(text, "bc"));
}

static void
sixty_four_fields_are_enough(void **state)
{
    struct buf body CLEANUP(buf_done) = BUF(4096);
    json_t *object CLEANUP(strictjson_done) = NULL;
    json_t *none = NULL;
    struct why why = {""};

    (void)state;
    for (int i = 0; i < 64; i++) {
        assert_int_equal(buf_printf(&body, "%sf%d=1", i > 0 ? "&" : "", i), ST_OK);
    }
    assert_int_equal(form_object(buf_span(&body), &why, &object), ST_OK);
    assert_int_equal(buf_add_text(&body, "&one_more=1"), ST_OK);
    assert_int_equal(form_object(buf_span(&body), &why, &none), ST_MALFORMED);
    assert_string_equal(why.sentence, "a form with more than 64 fields");
    assert_null(none);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_encoded_as_in_rfc6749_appendix_b),
        cmocka_unit_test(fields_are_joined_and_cannot_be_injected_R88),
        cmocka_unit_test(what_does_not_fit_changes_nothing),
        cmocka_unit_test(githubs_replies_are_read),
        cmocka_unit_test(every_encoded_byte_comes_back),
        cmocka_unit_test(odd_but_clean_forms_are_read),
        cmocka_unit_test(hostile_forms_are_refused_and_not_quoted_E49),
        cmocka_unit_test(a_form_ends_where_its_span_ends),
        cmocka_unit_test(sixty_four_fields_are_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* oauth/url: what we must know of a provider's URL. RFC 3986, R66, R83, E38, E50. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "oauth/url.h"

#define LONGEST ((size_t)200)
#define LABEL_63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void
good_urls_are_cut_in_their_parts_R83(void **state)
{
    static const struct {
        const char *text;
        const char *host;
        const char *port;
        const char *path;
    } cases[] = {
        {"https://idp.example", "idp.example", "", ""},
        {"https://idp.example/", "idp.example", "", "/"},
        {"https://idp.example/device?user_code=AB-CD", "idp.example", "",
         "/device?user_code=AB-CD"},
        {"https://idp.example?a=b", "idp.example", "", "?a=b"},
        {"https://idp.example:8443/realms/corp", "idp.example", "8443", "/realms/corp"},
        {"https://idp.example:1?x", "idp.example", "1", "?x"},
        {"https://idp.example:65535", "idp.example", "65535", ""},
        {"https://IDP.Example/Path", "IDP.Example", "", "/Path"},
        {"https://localhost/x", "localhost", "", "/x"},
        {"https://192.0.2.1:444/x", "192.0.2.1", "444", "/x"},
        {"https://[2001:db8::1]/x", "[2001:db8::1]", "", "/x"},
        {"https://[2001:db8::1]:444/x", "[2001:db8::1]", "444", "/x"},
        {"https://[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]", "", ""},
        {"https://xn--caf-dma.example/x", "xn--caf-dma.example", "", "/x"},
        {"https://" LABEL_63 ".example/", LABEL_63 ".example", "", "/"},
        /* Past the host these bytes are nothing special. */
        {"https://idp.example/a@b:c//d", "idp.example", "", "/a@b:c//d"},
        {"https://idp.example/-._~!$&()*+,;=:@%20?/?", "idp.example", "",
         "/-._~!$&()*+,;=:@%20?/?"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct why why = {""};
        struct url url;

        if (url_parse(span_of(cases[i].text), LONGEST, &why, &url) != ST_OK) {
            fail_msg("%s: %s", cases[i].text, why.sentence);
        }
        assert_true(span_is(url.host, cases[i].host));
        assert_true(span_is(url.port, cases[i].port));
        assert_true(span_is(url.path, cases[i].path));
        assert_ptr_equal(url.path.at + url.path.length, cases[i].text + strlen(cases[i].text));
    }
}

static void
hostile_urls_are_refused_with_the_reason_R66_R83_E38_E50(void **state)
{
    static const struct {
        const char *text;
        const char *reason;
    } cases[] = {
        {"", "not an https URL"},
        {"https:/", "not an https URL"},
        {"https:idp.example", "not an https URL"},
        {"http://idp.example/", "not an https URL"},
        {"HTTPS://idp.example/", "not an https URL"},
        {" https://idp.example/", "not an https URL"},
        {"javascript:alert(1)", "not an https URL"},
        {"file:///etc/passwd", "not an https URL"},
        {"data:text/html,x", "not an https URL"},
        {"//idp.example/", "not an https URL"},
        {"https://", "a URL with a bad host"},
        {"https:///device", "a URL with a bad host"},
        {"https://?x", "a URL with a bad host"},
        {"https://:443/", "a URL with a bad host"},
        {"https://idp..example/", "a URL with a bad host"},
        {"https://.example/", "a URL with a bad host"},
        {"https://idp.example./", "a URL with a bad host"},
        {"https://" LABEL_63 "a.example/", "a URL with a bad host"},
        {"https://idp_.example/", "a URL with a bad host"},
        {"https://idp%2eexample/", "a URL with a bad host"},
        {"https://idp.example,evil/", "a URL with a bad host"},
        {"https://idp.example\\.evil.example/", "a URL with a bad host"},
        {"https://idp.example .evil.example/", "a URL with a bad host"},
        /* A Cyrillic letter that looks like an a; a full-width dot; 0x9b alone; a zero width one */
        {"https://\xd0\xb0"
         "ccounts.example/",
         "a URL with a bad host"},
        {"https://idp\xef\xbc\x8e"
         "example/",
         "a URL with a bad host"},
        {"https://idp\x9b.example/", "a URL with a bad host"},
        {"https://idp\xe2\x80\x8b.example/", "a URL with a bad host"},
        {"https://[::1", "a URL with a bad host"},
        {"https://[]/", "a URL with a bad host"},
        {"https://[/", "a URL with a bad host"},
        {"https://[::g]/", "a URL with a bad host"},
        {"https://[192.0.2.1]/", "a URL with a bad host"},
        {"https://[fe80::1%25eth0]/", "a URL with a bad host"},
        {"https://[0000:0000:0000:0000:0000:0000:255.255.255.2555]/", "a URL with a bad host"},
        {"https://::1/", "a URL with a bad host"},
        {"https://a]:1/", "a URL with a bad host"},
        {"https://[::1]x/", "a URL with a bad port"},
        {"https://[::1]x:1/", "a URL with a bad port"},
        {"https://idp.example:/", "a URL with a bad port"},
        {"https://idp.example:0/", "a URL with a bad port"},
        {"https://idp.example:0443/", "a URL with a bad port"},
        {"https://idp.example:65536/", "a URL with a bad port"},
        {"https://idp.example:+443/", "a URL with a bad port"},
        {"https://idp.example:99999999999999999999/", "a URL with a bad port"},
        {"https://idp.example:443:443/", "a URL with a bad port"},
        {"https://login.microsoftonline.com@evil.example/", "a URL with user information"},
        {"https://user:password@idp.example/", "a URL with user information"},
        {"https://@idp.example/", "a URL with user information"},
        {"https://good.example\\@evil.example/", "a URL with user information"},
        {"https://idp.example/#x", "a URL with a fragment"},
        {"https://idp.example#@evil.example/", "a URL with a fragment"},
        {"https://idp.example/a b", "a URL with a byte that no URL has"},
        {"https://idp.example/\ta", "a URL with a byte that no URL has"},
        {"https://idp.example/\r\nHost: evil", "a URL with a byte that no URL has"},
        {"https://idp.example/\x1b[2J", "a URL with a byte that no URL has"},
        {"https://idp.example/\x1b]8;;https://evil\x07", "a URL with a byte that no URL has"},
        {"https://idp.example/\x7f", "a URL with a byte that no URL has"},
        {"https://idp.example/\x9b", "a URL with a byte that no URL has"},
        {"https://idp.example/\xe2\x80\xae"
         "ecived",
         "a URL with a byte that no URL has"},
        {"https://idp.example/\\x", "a URL with a byte that no URL has"},
        {"https://idp.example/\"", "a URL with a byte that no URL has"},
        {"https://idp.example/'", "a URL with a byte that no URL has"},
        {"https://idp.example/`id`", "a URL with a byte that no URL has"},
        {"https://idp.example/<b>", "a URL with a byte that no URL has"},
        {"https://idp.example/{tenantid}/v2.0", "a URL with a byte that no URL has"},
        {"https://idp.example/a|b", "a URL with a byte that no URL has"},
        {"https://idp.example/a^b", "a URL with a byte that no URL has"},
        {"https://idp.example/[a]", "a URL with a byte that no URL has"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct why why = {""};
        struct url url = {.host = {"kept", 4}, .port = {NULL, 0}, .path = {NULL, 0}};

        if (url_parse(span_of(cases[i].text), LONGEST, &why, &url) != ST_MALFORMED ||
            strcmp(why.sentence, cases[i].reason) != 0) {
            fail_msg("%s: %s", cases[i].text, why.sentence);
        }
        assert_true(span_is(url.host, "kept"));
    }
}

static void
nul_bytes_end_nothing_E50(void **state)
{
    static const char in_host[] = "https://idp.example\0.evil.example/";
    static const char in_path[] = "https://idp.example/\0";
    static const char in_ipv6[] = "https://[::1\0]/";
    struct url url;

    (void)state;
    assert_int_equal(url_parse((struct span){in_host, sizeof(in_host) - 1}, LONGEST, NULL, &url),
                     ST_MALFORMED);
    assert_int_equal(url_parse((struct span){in_path, sizeof(in_path) - 1}, LONGEST, NULL, &url),
                     ST_MALFORMED);
    assert_int_equal(url_parse((struct span){in_ipv6, sizeof(in_ipv6) - 1}, LONGEST, NULL, &url),
                     ST_MALFORMED);
    assert_int_equal(url_parse((struct span){NULL, 0}, LONGEST, NULL, &url), ST_MALFORMED);
    /* And a span ends where it ends. */
    assert_int_equal(url_parse((struct span){"https://a:80", 11}, LONGEST, NULL, &url), ST_OK);
    assert_true(span_is(url.port, "8"));
    assert_int_equal(url_parse((struct span){"https://a", 8}, LONGEST, NULL, &url), ST_MALFORMED);
}

static void
a_url_is_at_most_as_long_as_allowed_R83_E50(void **state)
{
    static char text[4096];
    struct why why = {""};
    struct url url;

    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text, "https://a/", 10);
    assert_int_equal(url_parse((struct span){text, 200}, 200, &why, &url), ST_OK);
    assert_int_equal(url_parse((struct span){text, 201}, 200, &why, &url), ST_MALFORMED);
    assert_string_equal(why.sentence, "a URL longer than 200 bytes");
    assert_int_equal(url_parse((struct span){text, sizeof(text)}, 200, &why, &url), ST_MALFORMED);

    /* 126 labels of one letter are 252 bytes with their dots; a name has 253. */
    for (size_t i = 0; i < 254; i++) {
        text[8 + i] = i % 2 == 0 ? 'a' : '.';
    }
    assert_int_equal(url_parse((struct span){text, 8 + 253}, 300, &why, &url), ST_OK);
    text[8 + 253] = 'a';
    assert_int_equal(url_parse((struct span){text, 8 + 254}, 300, &why, &url), ST_MALFORMED);
    assert_string_equal(why.sentence, "a URL with a bad host");
}

static struct url
parsed(const char *text)
{
    struct url url;

    assert_int_equal(url_parse(span_of(text), LONGEST, NULL, &url), ST_OK);
    return url;
}

static void
a_host_is_the_issuers_or_a_listed_one_R66_R83_E38(void **state)
{
    char first[] = "device.example";
    char second[] = "Login.Example.ORG";
    char pattern[] = "*.example.net";
    char empty[] = "";
    char listed_punycode[] = "xn--caf-dma.example";
    char *allowed[] = {first, second, pattern, empty, listed_punycode};
    static const struct {
        const char *url;
        bool allowed;
    } cases[] = {
        {"https://idp.example/x", true},
        {"https://IDP.EXAMPLE/x", true},
        {"https://idp.example:8443/x", true},
        {"https://device.example/x", true},
        {"https://login.example.org/x", true},
        {"https://xn--caf-dma.example/x", true},
        {"https://xn--dp-mja.example/x", false},
        {"https://evil.example/x", false},
        {"https://idp.example.evil.example/x", false},
        {"https://sub.idp.example/x", false},
        {"https://evilidp.example/x", false},
        {"https://idp.exampl/x", false},
        {"https://a.example.net/x", false},
        {"https://192.0.2.1/idp.example", false},
    };
    struct url issuer = parsed("https://idp.example/realms/corp");

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct url url = parsed(cases[i].url);
        if (url_host_allowed(&url, &issuer, allowed, COUNT(allowed)) != cases[i].allowed) {
            fail_msg("%s", cases[i].url);
        }
    }
    struct url foreign = parsed("https://device.example/");
    assert_false(url_host_allowed(&foreign, &issuer, NULL, 0));
    struct url punycode = parsed("https://xn--dp-mja.example/");
    assert_true(url_host_allowed(&punycode, &punycode, NULL, 0));
    /* A host that was never parsed equals nothing, itself included. */
    struct url nothing = {.host = {NULL, 0}, .port = {NULL, 0}, .path = {NULL, 0}};
    assert_false(url_host_allowed(&nothing, &nothing, allowed, COUNT(allowed)));
}

static void
an_origin_is_host_and_port_R84(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        bool same;
    } cases[] = {
        {"https://idp.example/a", "https://idp.example/b?c", true},
        {"https://idp.example", "https://IDP.example:443/", true},
        {"https://idp.example:8443", "https://idp.example:8443/x", true},
        {"https://[::1]:1/", "https://[::1]:1", true},
        {"https://idp.example:8443", "https://idp.example/", false},
        {"https://idp.example:8443", "https://idp.example:8444/", false},
        {"https://idp.example", "https://idp.example.org/", false},
        {"https://idp.example", "https://evil.example/", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct url a = parsed(cases[i].a);
        struct url b = parsed(cases[i].b);
        assert_int_equal(url_same_origin(&a, &b), cases[i].same);
        assert_int_equal(url_same_origin(&b, &a), cases[i].same);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_urls_are_cut_in_their_parts_R83),
        cmocka_unit_test(hostile_urls_are_refused_with_the_reason_R66_R83_E38_E50),
        cmocka_unit_test(nul_bytes_end_nothing_E50),
        cmocka_unit_test(a_url_is_at_most_as_long_as_allowed_R83_E50),
        cmocka_unit_test(a_host_is_the_issuers_or_a_listed_one_R66_R83_E38),
        cmocka_unit_test(an_origin_is_host_and_port_R84),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* policy/hosts: patterns of host names. R138, E79. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/guard.h"
#include "policy/hosts.h"

static void
a_star_stays_in_its_label_R138(void **state)
{
    static const struct {
        const char *pattern;
        const char *host;
        bool matches;
    } cases[] = {
        {"build-3", "build-3", true},
        {"Build-3.Example.ORG", "build-3.example.org", true},
        {"build-3", "build-33", false},
        {"build-3", "build-3.evil.example", false},
        {"build-3.example.org", "build-3", false},
        {"build-*", "build-7", true},
        {"build-*", "build-", false},
        {"build-*", "build-7.evil.example", false},
        {"*-db", "a-db", true},
        {"*-db", "-db", false},
        {"a*z", "az", false},
        {"a*z", "a.z", false},
        {"a*z", "abcz", true},
        {"aba*aba", "ababa", false},
        {"*.example.org", "a.example.org", true},
        {"*.example.org", ".example.org", false},
        {"*.example.org", "example.org", false},
        {"*.example.org", "a.b.example.org", false},
        {"*.example.org", "a.example.org.evil.example", false},
        {"*.*.example.org", "a.b.example.org", true},
        {"10.0.*.*", "10.0.1.2", true},
        {"10.0.*.*", "10.0.1.2.evil.example", false},
        {"fe80::1%eth0", "fe80::1%eth0", true},
        {"2001:db8:*", "2001:db8::7", true},
        {"a.", "a", false},
        {"a", "a.", false},
        {"a", "", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(hosts_is_pattern(span_of(cases[i].pattern)));
        if (hosts_match(span_of(cases[i].pattern), span_of(cases[i].host)) != cases[i].matches) {
            fail_msg("%s and %s", cases[i].pattern, cases[i].host);
        }
    }
}

static void
what_is_no_pattern_R138(void **state)
{
    static const char *const words[] = {
        "",        "*",   "*.*", "..", "a**", "a*b*c", "-x",       "[::1]", "a b",   "a/b",
        "ssh://a", "a@b", "a?",  "!a", "a,b", "a)",    "\xd0\xb0", "a\n",   "*.*-*", "%:_-.*"};
    char longest[257];

    (void)state;
    for (size_t i = 0; i < COUNT(words); i++) {
        if (hosts_is_pattern(span_of(words[i]))) {
            fail_msg("%s", words[i]);
        }
    }
    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_false(hosts_is_pattern(span_of(longest)));
    assert_true(hosts_is_pattern(span_of(longest + 1)));
    assert_false(hosts_is_pattern((struct span){.at = "a\0b", .length = 3}));
}

static void
a_name_has_no_star(void **state)
{
    (void)state;
    assert_true(hosts_is_name(span_of("a.example.org")));
    assert_false(hosts_is_name(span_of("*.example.org")));
    assert_false(hosts_is_name(span_of("")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_star_stays_in_its_label_R138),
        cmocka_unit_test(what_is_no_pattern_R138),
        cmocka_unit_test(a_name_has_no_star),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

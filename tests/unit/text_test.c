#include "support.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/random.h"
#include "base/text.h"

/* What the kernel says to a wish for random bytes: the archive's calls come here. */
static ssize_t random_short_by;

ssize_t
getrandom(void *into, size_t length, unsigned int flags)
{
    if (random_short_by < 0) {
        errno = ENOSYS;
        return -1;
    }
    ssize_t got = (ssize_t)syscall(SYS_getrandom, into, length, flags);
    return got - random_short_by;
}

static struct span
of(const char *at, size_t length)
{
    return (struct span){.at = at, .length = length};
}

static void
a_number_is_digits_alone_within_its_bounds(void **state)
{
    static const struct {
        const char *text;
        int64_t min;
        int64_t max;
        bool good;
        int64_t number;
    } rows[] = {
        {"0", 0, 10, true, 0},
        {"7", 0, 10, true, 7},
        {"10", 0, 10, true, 10},
        {"11", 0, 10, false, 0},
        {"4", 5, 10, false, 0},
        {"5", 5, 10, true, 5},
        {"0", 1, 10, false, 0},
        {"999999999999999999", 0, INT64_MAX, true, 999999999999999999},
        {"1000000000000000000", 0, INT64_MAX, false, 0}, /* 19 digits */
        {"9223372036854775808", 0, INT64_MAX, false, 0},
        {"18446744073709551617", 0, INT64_MAX, false, 0},
        {"00000000000000000001", 0, INT64_MAX, false, 0},
        {"", 0, 10, false, 0},
        {"00", 0, 10, false, 0},
        {"07", 0, 10, false, 0},
        {"+7", 0, 10, false, 0},
        {"-7", -10, 10, false, 0},
        {" 7", 0, 10, false, 0},
        {"7 ", 0, 10, false, 0},
        {"7\n", 0, 10, false, 0},
        {"0x7", 0, 10, false, 0},
        {"7.0", 0, 10, false, 0},
        {"1e1", 0, 10, false, 0},
        {"7/", 0, 10, false, 0},
        {"7:", 0, 99, false, 0},
        {"\xD9\xA7", 0, 99, false, 0}, /* ARABIC-INDIC DIGIT SEVEN */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t number = -77;
        bool good = text_number(span_of(rows[i].text), rows[i].min, rows[i].max, &number);
        if (good != rows[i].good || number != (good ? rows[i].number : -77)) {
            fail_msg("'%s' in [%lld, %lld]: %s, %lld", rows[i].text, (long long)rows[i].min,
                     (long long)rows[i].max, good ? "good" : "refused", (long long)number);
        }
    }
    assert_false(text_number(of("7\0", 2), 0, 10, &(int64_t){0}));
    assert_false(text_number(of(NULL, 0), 0, 10, &(int64_t){0}));
    assert_true(text_number(of("78", 1), 0, 10, &(int64_t){0}));
}

static void
a_duration_is_a_number_and_at_most_one_unit(void **state)
{
    static const struct {
        const char *text;
        int64_t min_s;
        int64_t max_s;
        bool good;
        int64_t seconds;
    } rows[] = {
        {"90", 0, 1000, true, 90},
        {"90s", 0, 1000, true, 90},
        {"2m", 0, 1000, true, 120},
        {"12h", 0, 100000, true, 43200},
        {"1d", 0, 100000, true, 86400},
        {"0", 0, 10, true, 0},
        {"0d", 0, 10, true, 0},
        {"0", 1, 10, false, 0},
        {"1m", 60, 60, true, 60},
        {"1m", 61, 100, false, 0},
        {"1m", 0, 59, false, 0},
        {"59", 60, 100, false, 0},
        {"101", 60, 100, false, 0},
        {"2m", 0, 119, false, 0},
        {"1h", 0, 3599, false, 0},
        {"1d", 0, 86399, false, 0},
        {"999999999999999999d", 0, INT64_MAX, false, 0},
        {"106751991167300d", 0, INT64_MAX, true, 106751991167300 * 86400},
        {"106751991167301d", 0, INT64_MAX, false, 0}, /* one past 2^63 */
        {"", 0, 10, false, 0},
        {"s", 0, 10, false, 0},
        {"1ms", 0, 10, false, 0},
        {"1w", 0, 10, false, 0},
        {"1M", 0, 100, false, 0},
        {"1S", 0, 100, false, 0},
        {"1 m", 0, 100, false, 0},
        {"1m ", 0, 100, false, 0},
        {"1h30m", 0, 100000, false, 0},
        {"1.5h", 0, 100000, false, 0},
        {"-1s", -10, 10, false, 0},
        {"01s", 0, 10, false, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t s = -77;
        bool good = text_duration_s(span_of(rows[i].text), rows[i].min_s, rows[i].max_s, &s);
        if (good != rows[i].good || s != (good ? rows[i].seconds : -77)) {
            fail_msg("'%s': %s, %lld", rows[i].text, good ? "good" : "refused", (long long)s);
        }
    }
    assert_false(text_duration_s(of(NULL, 0), 0, 10, &(int64_t){0}));
    assert_false(text_duration_s(of("1\0", 2), 0, 10, &(int64_t){0}));
}

/*
 * The counts are computed from the definition (RFC 3629 section 4), not by a second decoder: 128
 * one-byte, 30 * 64 two-byte, 2^16 - 2^11 - 2^11 (overlong, surrogates) three-byte sequences.
 */
static void
utf8_has_exactly_as_many_short_sequences_as_rfc_3629_says(void **state)
{
    size_t ones = 0;
    size_t twos = 0;
    size_t threes = 0;
    char text[3];

    (void)state;
    for (int a = 0; a < 256; a++) {
        text[0] = (char)a;
        ones += text_is_utf8(of(text, 1)) ? 1 : 0;
        for (int b = 0; b < 256; b++) {
            text[1] = (char)b;
            twos += text_is_utf8(of(text, 2)) ? 1 : 0;
            for (int c = 0; a >= 0xE0 && c < 256; c++) {
                text[2] = (char)c;
                threes += text_is_utf8(of(text, 3)) ? 1 : 0;
            }
        }
    }
    assert_int_equal(ones, 128);
    assert_int_equal(twos, 128 * 128 + 30 * 64);
    assert_int_equal(threes, 65536 - 2048 - 2048);
}

/* Four bytes: F0 90..BF, F1..F3 80..BF, F4 80..8F, then two continuations of 64 each. */
static void
utf8_has_exactly_the_four_byte_sequences_up_to_10FFFF(void **state)
{
    static const unsigned char ends[] = {0x00, 0x7F, 0x80, 0xBF, 0xC0, 0xFF};
    size_t fours = 0;
    char text[4];

    (void)state;
    for (int a = 0xF0; a < 256; a++) {
        text[0] = (char)a;
        for (int b = 0; b < 256; b++) {
            text[1] = (char)b;
            for (size_t i = 0; i < COUNT(ends) * COUNT(ends); i++) {
                text[2] = (char)ends[i % COUNT(ends)];
                text[3] = (char)ends[i / COUNT(ends)];
                fours += text_is_utf8(of(text, 4)) ? 1 : 0;
            }
        }
    }
    assert_int_equal(fours, (48 + 3 * 64 + 16) * 2 * 2);
}

static void
utf8_cut_short_or_out_of_step_is_refused(void **state)
{
    static const struct {
        const char *text;
        size_t length;
        bool good;
    } rows[] = {
        {"", 0, true},
        {NULL, 0, true},
        {"a\0b", 3, true},
        {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z", 10, true},
        {"\xC3", 1, false},
        {"a\xC3", 2, false},
        {"\xE2\x82", 2, false},
        {"\xF0\x9F\x98", 3, false},
        {"\xF0\x9F\x98\x80", 3, false}, /* the fourth byte lies behind the end */
        {"\x80", 1, false},
        {"\xC0\x80", 2, false},         /* overlong NUL */
        {"\xC1\xBF", 2, false},         /* overlong DEL */
        {"\xE0\x80\xAF", 3, false},     /* overlong slash */
        {"\xF0\x80\x80\xAF", 4, false}, /* overlong slash */
        {"\xED\xA0\x80", 3, false},     /* surrogate */
        {"\xED\xBF\xBF", 3, false},     /* surrogate */
        {"\xF4\x90\x80\x80", 4, false}, /* U+110000 */
        {"\xF8\x88\x80\x80\x80", 5, false},
        {"\xFE", 1, false},
        {"\xFF", 1, false},
        {"\xEF\xBB\xBF", 3, true}, /* a BOM is UTF-8; JSON refuses it */
        {"\xC3\xA9\xA9", 3, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (text_is_utf8(of(rows[i].text, rows[i].length)) != rows[i].good) {
            fail_msg("row %zu", i);
        }
    }
}

static void
each_byte_is_in_the_class_that_ascii_gives_it(void **state)
{
    (void)state;
    for (int i = 0; i < 256; i++) {
        char byte = (char)i;
        bool printable = i >= 0x20 && i <= 0x7E;
        char text[3] = {'a', byte, 'z'};
        assert_int_equal(text_is_digit(byte), i >= '0' && i <= '9');
        assert_int_equal(text_is_lower(byte), i >= 'a' && i <= 'z');
        assert_int_equal(text_is_upper(byte), i >= 'A' && i <= 'Z');
        assert_int_equal(text_is_printable(of(&byte, 1)), printable);
        assert_int_equal(text_is_printable(of(text, 3)), printable);
    }
    assert_true(text_is_printable(of(NULL, 0)));
    assert_true(text_is_printable(of("a\n", 1)));
}

static void
R93_escaping_leaves_one_printable_line_without_quote_and_backslash(void **state)
{
    (void)state;
    for (int i = 0; i < 256; i++) {
        struct buf buf CLEANUP(buf_done) = BUF(16);
        char byte = (char)i;
        bool plain = i >= 0x20 && i <= 0x7E && i != '"' && i != '\\';
        char *wanted = plain ? support_text("%c", byte) : support_text("\\x%02x", (unsigned int)i);

        assert_int_equal(text_escape(&buf, of(&byte, 1), 10), ST_OK);
        assert_string_equal(buf_text(&buf), wanted);
        assert_string_equal(text_quote(of(&byte, 1)).text, wanted);
        free(wanted);
    }
}

static void
R93_a_field_is_cut_and_shows_it(void **state)
{
    static const struct {
        const char *text;
        size_t most;
        const char *escaped;
    } rows[] = {
        {"", 0, ""},
        {"", 5, ""},
        {"abc", 3, "abc"},
        {"abc", 2, "ab..."},
        {"abc", 0, "..."},
        {"abc", 4, "abc"},
        {"a\nbc", 2, "a\\x0a..."},
        {"\xE2\x82\xAC", 2, "\\xe2\\x82..."},
        {"a\x1B[2J", 10, "a\\x1b[2J"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf buf CLEANUP(buf_done) = BUF(100);
        assert_int_equal(buf_add_char(&buf, '='), ST_OK);
        assert_int_equal(text_escape(&buf, span_of(rows[i].text), rows[i].most), ST_OK);
        assert_string_equal(buf_text(&buf) + 1, rows[i].escaped);
    }
}

static void
escaping_into_a_full_buffer_is_an_error(void **state)
{
    struct buf three CLEANUP(buf_done) = BUF(3);
    struct buf four CLEANUP(buf_done) = BUF(4);

    (void)state;
    assert_int_equal(text_escape(&three, of("\n", 1), 9), ST_MALFORMED);
    assert_int_equal(text_escape(&four, of("\n", 1), 9), ST_OK);
    buf_cut(&three, 0);
    assert_int_equal(text_escape(&three, span_of("abcd"), 3), ST_MALFORMED);
    buf_cut(&three, 0);
    assert_int_equal(text_escape(&three, span_of("abcd"), 0), ST_OK);
    assert_string_equal(buf_text(&three), "...");
}

static void
a_quote_holds_64_bytes_however_they_are_written(void **state)
{
    char bytes[65];
    struct text_quoted quoted;

    (void)state;
    memset(bytes, 'a', sizeof(bytes));
    quoted = text_quote(of(bytes, 63));
    assert_int_equal(strlen(quoted.text), 63);
    quoted = text_quote(of(bytes, 64));
    assert_int_equal(strlen(quoted.text), 64);
    quoted = text_quote(of(bytes, 65));
    assert_int_equal(strlen(quoted.text), 67);
    assert_string_equal(quoted.text + 60, "aaaa...");
    memset(bytes, 0xFF, sizeof(bytes));
    quoted = text_quote(of(bytes, 65));
    assert_int_equal(strlen(quoted.text), 4 * 64 + 3);
    assert_string_equal(quoted.text + 4 * 63, "\\xff...");
    quoted = text_quote(of(bytes, 64));
    assert_string_equal(quoted.text + 4 * 63, "\\xff");
    assert_string_equal(text_quote(of(NULL, 0)).text, "");
    assert_string_equal(text_quote(of("a\0b", 3)).text, "a\\x00b");
}

static void
R25_a_pattern_has_one_star_and_no_other_magic(void **state)
{
    static const struct {
        const char *pattern;
        const char *text;
        const char *star; /* NULL: no match */
    } rows[] = {
        {"alice", "alice", ""},
        {"alice", "Alice", NULL},
        {"alice", "alicex", NULL},
        {"alice", "alic", NULL},
        {"", "", ""},
        {"", "a", NULL},
        {"*", "", ""},
        {"*", "anything at all", "anything at all"},
        {"*@example.org", "bob@example.org", "bob"},
        {"*@example.org", "@example.org", ""},
        {"*@example.org", "bob@example.org.evil", NULL},
        {"*@example.org", "bob@example-org", NULL},
        {"*@example.org", "a@b@example.org", "a@b"},
        {"pre*", "prefix", "fix"},
        {"pre*", "pr", NULL},
        {"pre*", "xprefix", NULL},
        {"a*z", "abz", "b"},
        {"a*z", "az", ""},
        {"a*z", "a", NULL},
        {"a*z", "z", NULL},
        {"ab*ba", "aba", NULL}, /* head and tail may not overlap */
        {"ab*ba", "abba", ""},
        {"a*", "*", NULL},
        {"a*b*c", "a1b*c", "1"}, /* the second star is a star */
        {"a*b*c", "a1b2c", NULL},
        {"a?c", "abc", NULL},
        {"a.c", "abc", NULL},
        {"[ab]", "a", NULL},
        {"%u", "root", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span star = span_of("");
        bool matches = text_matches(span_of(rows[i].pattern), span_of(rows[i].text), &star);
        if (matches != (rows[i].star != NULL) || (matches && !span_is(star, rows[i].star))) {
            fail_msg("'%s' against '%s'", rows[i].pattern, rows[i].text);
        }
    }
}

static void
a_pattern_matches_bytes_that_are_no_text_and_no_bytes_at_all(void **state)
{
    struct span star = span_of("x");

    (void)state;
    assert_true(text_matches(of("*b", 2), of("a\0b", 3), &star));
    assert_true(span_equals(star, of("a\0", 2)));
    assert_false(text_matches(of("a", 1), of("a\0b", 3), &star));
    assert_true(text_matches(of("*", 1), of(NULL, 0), &star));
    assert_int_equal(star.length, 0);
    assert_true(text_matches(of(NULL, 0), of(NULL, 0), &star));
    assert_int_equal(star.length, 0);
}

/* "At most a third of its length" is rounded up: a short key may have one edit. */
static void
the_nearest_name_is_the_one_with_the_fewest_edits(void **state)
{
    static const char *const names[] = {"audience",   "algorithms",      "issuer", "client_id",
                                        "token_kind", "client_auth",     "qr",     "scope",
                                        "jwks_file",  "jwks_stale_limit"};
    static const struct {
        const char *typed;
        const char *nearest;
    } rows[] = {
        {"audience", "audience"},
        {"audeince", "audience"},
        {"audienc", "audience"},
        {"audiences", "audience"},
        {"audi", NULL},        /* 4 edits of 8 */
        {"audie", "audience"}, /* 3 of 8, a third rounded up */
        {"isuer", "issuer"},
        {"isseur", "issuer"},
        {"algorithm", "algorithms"},
        {"client_ids", "client_id"},
        {"client_aut", "client_auth"},
        {"qrs", "qr"},
        {"q", "qr"},
        {"xx", NULL},
        {"SCOPE", NULL},
        {"scop", "scope"},
        {"sc", NULL},
        {"jwks_stale", "jwks_file"}, /* 3 edits of 9; of the longer name, 6 of 16 */
        {"", NULL},
        {"completely_different", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *nearest = text_nearest(span_of(rows[i].typed), names, COUNT(names));
        if (rows[i].nearest == NULL ? nearest != NULL
                                    : nearest == NULL || strcmp(nearest, rows[i].nearest) != 0) {
            fail_msg("'%s' gave '%s'", rows[i].typed, nearest != NULL ? nearest : "(none)");
        }
    }
    assert_null(text_nearest(span_of("audience"), names, 0));
    assert_null(text_nearest(of(NULL, 0), names, COUNT(names)));
}

/* One more edit than these is one too many, whatever the length modulo 3. */
static void
a_third_is_rounded_up(void **state)
{
    static const struct {
        const char *name;
        const char *typed;
        bool near;
    } rows[] = {
        {"a", "x", true},
        {"ab", "ax", true},
        {"ab", "xy", false},
        {"abc", "abx", true},
        {"abc", "axy", false},
        {"abcd", "abxy", true},
        {"abcd", "axyz", false},
        {"abcdef", "abcdxy", true},
        {"abcdef", "abcxyz", false},
        {"abcdefg", "abcdxyz", true},
        {"abcdefg", "abcwxyz", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if ((text_nearest(span_of(rows[i].typed), &rows[i].name, 1) != NULL) != rows[i].near) {
            fail_msg("'%s' and '%s'", rows[i].name, rows[i].typed);
        }
    }
}

static void
of_two_equally_near_names_the_first_is_meant(void **state)
{
    static const char *const ab[] = {"abcdef", "abcdeg"};
    static const char *const ba[] = {"abcdeg", "abcdef"};

    (void)state;
    assert_string_equal(text_nearest(span_of("abcdex"), ab, 2), "abcdef");
    assert_string_equal(text_nearest(span_of("abcdex"), ba, 2), "abcdeg");
    assert_string_equal(text_nearest(span_of("abcdef"), ba, 2), "abcdef");
}

/* Longer words are no key of ours and do not fit the row of the table. */
static void
words_of_more_than_48_bytes_are_near_to_nothing(void **state)
{
    char word[51];
    const char *names[1] = {word};

    (void)state;
    memset(word, 'a', 50);
    word[48] = '\0';
    assert_ptr_equal(text_nearest(span_of(word), names, 1), word);
    word[48] = 'a';
    word[49] = '\0';
    assert_null(text_nearest(span_of(word), names, 1));
    assert_null(text_nearest(of(word, 48), names, 1));
    names[0] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"; /* 48 */
    assert_null(text_nearest(of(word, 49), names, 1));
    assert_non_null(text_nearest(of(word, 47), names, 1));
}

static void
random_text_is_as_long_as_asked_and_readable(void **state)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
    char text[66];
    char other[66];
    bool seen[256] = {false};

    (void)state;
    for (size_t length = 0; length <= 64; length++) {
        memset(text, '#', sizeof(text));
        assert_int_equal(random_text(text, length), ST_OK);
        assert_int_equal(strlen(text), length);
        assert_int_equal(text[length + 1], '#');
        assert_int_equal(strspn(text, alphabet), length);
    }
    assert_int_equal(random_text(other, 64), ST_OK);
    assert_string_not_equal(text, other);
    for (size_t round = 0; round < 100; round++) {
        assert_int_equal(random_text(text, 64), ST_OK);
        for (size_t i = 0; i < 64; i++) {
            seen[(unsigned char)text[i]] = true;
        }
    }
    for (size_t i = 0; i < 32; i++) {
        assert_true(seen[(unsigned char)alphabet[i]]);
    }
}

static void
without_randomness_there_is_no_random_text(void **state)
{
    char text[80];

    (void)state;
    assert_int_equal(random_text(text, 65), ST_INTERNAL);
    random_short_by = 1;
    assert_int_equal(random_text(text, 8), ST_INTERNAL);
    random_short_by = -1;
    assert_int_equal(random_text(text, 8), ST_INTERNAL);
    random_short_by = 0;
    assert_int_equal(random_text(text, 8), ST_OK);
}

/* E66: none of these functions looks at the locale; whichever this machine has is tried. */
static void
E66_letters_are_the_same_in_any_case_and_only_letters(void **state)
{
    (void)state;
    assert_true(text_is_in_any_case(span_of("APPLICATION/At+Jwt"), "application/at+jwt"));
    assert_true(text_is_in_any_case(span_of("azAZ"), "AZaz"));
    assert_false(text_is_in_any_case(span_of("jw"), "jwt"));
    assert_false(text_is_in_any_case(span_of("jwts"), "jwt"));
    assert_false(text_is_in_any_case(span_of("jwT\xC4"), "jwt\xE4"));
    assert_false(text_is_in_any_case(span_of("@[`{"), "`{@["));
    assert_false(text_is_in_any_case((struct span){.at = "jw\0", .length = 3}, "jw"));
    assert_true(text_is_in_any_case(span_of(""), ""));
}

static void
E66_the_locale_changes_nothing(void **state)
{
    static const char *const locales[] = {"de_DE.UTF-8", "tr_TR.UTF-8", "C.UTF-8", "C"};
    static const char *const names[] = {"issuer"};

    (void)state;
    for (size_t i = 0; i < COUNT(locales); i++) {
        (void)setlocale(LC_ALL, locales[i]);
        assert_true(text_is_upper('I'));
        assert_false(text_is_lower((char)0xFC));
        assert_false(text_is_printable(of("\xC3\xBC", 2)));
        assert_string_equal(text_quote(of("\xC3\xBC", 2)).text, "\\xc3\\xbc");
        assert_false(text_number(span_of("1.000"), 0, 10000, &(int64_t){0}));
        assert_false(text_number(span_of("1,0"), 0, 10000, &(int64_t){0}));
        assert_string_equal(text_nearest(span_of("isuer"), names, 1), "issuer");
    }
    (void)setlocale(LC_ALL, "C");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_digits_alone_within_its_bounds),
        cmocka_unit_test(a_duration_is_a_number_and_at_most_one_unit),
        cmocka_unit_test(utf8_has_exactly_as_many_short_sequences_as_rfc_3629_says),
        cmocka_unit_test(utf8_has_exactly_the_four_byte_sequences_up_to_10FFFF),
        cmocka_unit_test(utf8_cut_short_or_out_of_step_is_refused),
        cmocka_unit_test(each_byte_is_in_the_class_that_ascii_gives_it),
        cmocka_unit_test(R93_escaping_leaves_one_printable_line_without_quote_and_backslash),
        cmocka_unit_test(R93_a_field_is_cut_and_shows_it),
        cmocka_unit_test(escaping_into_a_full_buffer_is_an_error),
        cmocka_unit_test(a_quote_holds_64_bytes_however_they_are_written),
        cmocka_unit_test(R25_a_pattern_has_one_star_and_no_other_magic),
        cmocka_unit_test(a_pattern_matches_bytes_that_are_no_text_and_no_bytes_at_all),
        cmocka_unit_test(the_nearest_name_is_the_one_with_the_fewest_edits),
        cmocka_unit_test(a_third_is_rounded_up),
        cmocka_unit_test(of_two_equally_near_names_the_first_is_meant),
        cmocka_unit_test(words_of_more_than_48_bytes_are_near_to_nothing),
        cmocka_unit_test(random_text_is_as_long_as_asked_and_readable),
        cmocka_unit_test(without_randomness_there_is_no_random_text),
        cmocka_unit_test(E66_letters_are_the_same_in_any_case_and_only_letters),
        cmocka_unit_test(E66_the_locale_changes_nothing),
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}

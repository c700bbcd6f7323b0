#include "support.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "jose/base64url.h"
#include "jose/digest.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static struct span
of(const char *at, size_t length)
{
    return (struct span){.at = at, .length = length};
}

/* Decodes into an emptied `buf`. */
static bool
decodes(struct buf *buf, const char *text, size_t length)
{
    buf_cut(buf, 0);
    enum status status = base64url_decode(of(text, length), buf);

    assert_true(status == ST_OK || status == ST_MALFORMED);
    return status == ST_OK;
}

/* Whatever is decoded must be the only text for its bytes (R34). */
static void
must_encode_to(struct buf *bytes, struct buf *again, const char *text, size_t length)
{
    buf_cut(again, 0);
    assert_int_equal(base64url_encode(buf_span(bytes), again), ST_OK);
    if (!span_equals(buf_span(again), of(text, length))) {
        fail_msg("'%.*s' was accepted for '%s'", (int)length, text, buf_text(again));
    }
}

static void
rfc_4648_section_10_without_padding(void **state)
{
    static const struct {
        const char *bytes;
        const char *text;
    } rows[] = {
        {"", ""},
        {"f", "Zg"},
        {"fo", "Zm8"},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg"},
        {"fooba", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy"},
        {"\xFB\xFF", "-_8"},
        {"\xFF\xFF\xFF", "____"},
        {"\xFB\xEF\xBE", "----"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf buf CLEANUP(buf_done) = BUF(20);
        struct buf text CLEANUP(buf_done) = BUF(20);
        assert_int_equal(base64url_decode(span_of(rows[i].text), &buf), ST_OK);
        assert_true(span_is(buf_span(&buf), rows[i].bytes));
        assert_int_equal(base64url_encode(span_of(rows[i].bytes), &text), ST_OK);
        assert_string_equal(buf_text(&text), rows[i].text);
    }
}

/* RFC 7515 appendix C has these bytes; `bytes` are given with their NULs. */
static void
all_lengths_and_byte_values_come_back(void **state)
{
    char bytes[260];
    uint32_t seed = 12345;

    (void)state;
    for (size_t length = 0; length <= sizeof(bytes); length++) {
        struct buf text CLEANUP(buf_done) = BUF(400);
        struct buf back CLEANUP(buf_done) = BUF(sizeof(bytes));
        for (size_t i = 0; i < length; i++) {
            seed = seed * 1664525 + 1013904223;
            bytes[i] = (char)(length > 250 ? i : seed >> 24);
        }
        assert_int_equal(base64url_encode(of(bytes, length), &text), ST_OK);
        assert_int_equal(text.length, (length * 8 + 5) / 6);
        assert_int_equal(strspn(buf_text(&text), alphabet), text.length);
        assert_int_equal(base64url_decode(buf_span(&text), &back), ST_OK);
        assert_true(span_equals(buf_span(&back), of(bytes, length)));
    }
}

/*
 * Every text of one and two bytes. Independently of the code: no single character can hold 8 bits,
 * and of the two-character texts exactly 256 are encodings, one of each byte.
 */
static void
R34_of_all_texts_of_one_or_two_bytes_256_decode(void **state)
{
    struct buf buf CLEANUP(buf_done) = BUF(8);
    struct buf again CLEANUP(buf_done) = BUF(8);
    bool seen[256] = {false};
    size_t accepted = 0;
    char text[2];

    (void)state;
    for (int a = 0; a < 256; a++) {
        text[0] = (char)a;
        assert_false(decodes(&buf, text, 1));
        for (int b = 0; b < 256; b++) {
            text[1] = (char)b;
            if (decodes(&buf, text, 2)) {
                must_encode_to(&buf, &again, text, 2);
                assert_int_equal(buf.length, 1);
                assert_false(seen[(unsigned char)buf.at[0]]);
                seen[(unsigned char)buf.at[0]] = true;
                accepted++;
            }
        }
    }
    assert_int_equal(accepted, 256);
}

/* The alphabet, its look-alikes in other encodings, blanks, controls and bytes above ASCII. */
static const char hostile[] = "+/= \t\r\n.,~@[`{\x01\x7F\x80\xBF\xC3\xFF";

static void
R34_of_all_texts_of_three_characters_65536_decode(void **state)
{
    struct buf buf CLEANUP(buf_done) = BUF(8);
    struct buf again CLEANUP(buf_done) = BUF(8);
    char letters[80] = {'\0'};
    size_t count = strlen(alphabet);
    size_t accepted = 0;
    char text[3];

    (void)state;
    memcpy(letters, alphabet, count);
    memcpy(letters + count, "=+/ \n", 6); /* its NUL too */
    count += 6;
    for (size_t a = 0; a < count; a++) {
        text[0] = letters[a];
        for (size_t b = 0; b < count; b++) {
            text[1] = letters[b];
            for (size_t c = 0; c < count; c++) {
                text[2] = letters[c];
                if (decodes(&buf, text, 3)) {
                    assert_int_equal(buf.length, 2);
                    accepted++;
                    if (accepted % 16 == 0) {
                        must_encode_to(&buf, &again, text, 3);
                    }
                }
            }
        }
    }
    assert_int_equal(accepted, 65536);
}

/* All texts of one to four characters over a set that has some of every kind. */
static void
R34_what_decodes_encodes_to_itself(void **state)
{
    static const char letters[] = "AQBgZw_-9=+/ \n\xC3"; /* and the NUL */
    struct buf buf CLEANUP(buf_done) = BUF(8);
    struct buf again CLEANUP(buf_done) = BUF(8);
    size_t accepted[5] = {0};
    char text[4];

    (void)state;
    for (size_t length = 1; length <= 4; length++) {
        size_t texts = 1;
        for (size_t i = 0; i < length; i++) {
            texts *= sizeof(letters);
        }
        for (size_t n = 0; n < texts; n++) {
            size_t rest = n;
            for (size_t i = 0; i < length; i++) {
                text[i] = letters[rest % sizeof(letters)];
                rest /= sizeof(letters);
            }
            if (decodes(&buf, text, length)) {
                must_encode_to(&buf, &again, text, length);
                accepted[length]++;
            }
        }
    }
    /* Nine letters are of the alphabet. The last of two needs four zero bits (A Q g w), the last
       of three two (A Q g w again: all that are 0 modulo 4), the last of four none. */
    assert_int_equal(accepted[1], 0);
    assert_int_equal(accepted[2], 9 * 4);
    assert_int_equal(accepted[3], 9 * 9 * 4);
    assert_int_equal(accepted[4], 9 * 9 * 9 * 9);
}

static void
E10_padding_and_foreign_characters_are_malformed(void **state)
{
    struct buf buf CLEANUP(buf_done) = BUF(64);
    static const char *const bad[] = {
        "Zg==",  "Zg=",    "Zm8=",   "Zm9v====", "=",        "====",  "Zm9vYg==", "Z",
        "Zm9vY", "Zh",     "Zm9",    "Zm9vYh",   "Zm9vYmF",  "+_8",   "-/8",      " Zm9v",
        "Zm9v ", "Zm\n9v", "Zm9v\n", "Zm9v\r\n", "\"Zm9v\"", "Zm9v.", "Zm 9",     "%5Ag",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (decodes(&buf, bad[i], strlen(bad[i]))) {
            fail_msg("accepted '%s'", bad[i]);
        }
    }
    assert_false(decodes(&buf, "Zg\0", 3));
    assert_false(decodes(&buf, "Zm9v\0", 5));
    assert_false(decodes(&buf, "\0\0\0\0", 4));
}

/* A foreign byte is found at every place of texts of every length modulo 4. */
static void
E10_a_foreign_byte_is_found_wherever_it_stands(void **state)
{
    struct buf buf CLEANUP(buf_done) = BUF(64);
    char text[12];

    (void)state;
    for (size_t length = 8; length <= 11; length++) {
        for (size_t at = 0; at < length; at++) {
            for (size_t i = 0; i < sizeof(hostile); i++) {
                memset(text, 'A', sizeof(text));
                assert_int_equal(decodes(&buf, text, length), length != 9);
                text[at] = hostile[i];
                assert_false(decodes(&buf, text, length));
            }
        }
    }
}

static void
decoding_adds_behind_and_leaves_everything_on_refusal(void **state)
{
    struct buf buf CLEANUP(buf_done) = BUF(64);
    static const char *const bad[] = {"A", "Zm9vZm9v*m9v", "Zm9vZm9vZh", "Zm9vZm9vZm9", "Zm9v*g"};

    (void)state;
    assert_int_equal(buf_add_text(&buf, "keep"), ST_OK);
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(base64url_decode(span_of(bad[i]), &buf), ST_MALFORMED);
        assert_int_equal(buf.length, 4);
        assert_string_equal(buf_text(&buf), "keep");
    }
    assert_int_equal(base64url_decode(span_of("Zm9v"), &buf), ST_OK);
    assert_string_equal(buf_text(&buf), "keepfoo");
    assert_int_equal(base64url_encode(span_of("foo"), &buf), ST_OK);
    assert_string_equal(buf_text(&buf), "keepfooZm9v");
    assert_int_equal(base64url_decode(of(NULL, 0), &buf), ST_OK);
    assert_int_equal(base64url_encode(of(NULL, 0), &buf), ST_OK);
    assert_string_equal(buf_text(&buf), "keepfooZm9v");
}

static void
the_limit_of_the_buffer_holds_to_the_byte(void **state)
{
    static const char text[] = "Zm9vYmFyYmF6cXV4";
    static const char bytes[] = "foobarbazqux";

    (void)state;
    for (size_t limit = 0; limit < 20; limit++) {
        struct buf decoded CLEANUP(buf_done) = BUF(limit);
        struct buf encoded CLEANUP(buf_done) = BUF(limit);
        assert_int_equal(base64url_decode(span_of(text), &decoded),
                         limit >= strlen(bytes) ? ST_OK : ST_MALFORMED);
        assert_int_equal(base64url_encode(span_of(bytes), &encoded),
                         limit >= strlen(text) ? ST_OK : ST_MALFORMED);
        assert_int_equal(decoded.length, limit >= strlen(bytes) ? strlen(bytes) : 0);
        assert_int_equal(encoded.length, limit >= strlen(text) ? strlen(text) : 0);
    }
    struct buf begun CLEANUP(buf_done) = BUF(10); /* what is there already counts */
    assert_int_equal(buf_add_text(&begun, "1234567"), ST_OK);
    assert_int_equal(base64url_decode(span_of("Zm9vYg"), &begun), ST_MALFORMED);
    assert_int_equal(base64url_encode(span_of("foo"), &begun), ST_MALFORMED);
    assert_string_equal(buf_text(&begun), "1234567");
    assert_int_equal(base64url_decode(span_of("Zm9v"), &begun), ST_OK);
    assert_string_equal(buf_text(&begun), "1234567foo");
    for (size_t tail = 1; tail <= 2; tail++) {
        struct buf exact CLEANUP(buf_done) = BUF(3 + tail);
        struct buf short_by_one CLEANUP(buf_done) = BUF(2 + tail);
        assert_int_equal(base64url_decode(of("Zm9vAAAA", 5 + tail), &exact), ST_OK);
        assert_int_equal(base64url_decode(of("Zm9vAAAA", 5 + tail), &short_by_one), ST_MALFORMED);
    }
}

/* FIPS 180-2 appendix B. */
static void
sha256_is_written_in_lower_case_hexadecimal(void **state)
{
    static const struct {
        const char *bytes;
        const char *digest;
    } rows[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf buf CLEANUP(buf_done) = BUF(65);
        assert_int_equal(buf_add_char(&buf, '#'), ST_OK);
        assert_int_equal(digest_sha256_hex(span_of(rows[i].bytes), &buf), ST_OK);
        assert_string_equal(buf_text(&buf) + 1, rows[i].digest);
    }
    struct buf nothing CLEANUP(buf_done) = BUF(64);
    struct buf full CLEANUP(buf_done) = BUF(63);
    assert_int_equal(digest_sha256_hex(of(NULL, 0), &nothing), ST_OK);
    assert_string_equal(buf_text(&nothing), rows[0].digest);
    assert_int_not_equal(digest_sha256_hex(span_of("abc"), &full), ST_OK);
}

/* The same, however it is cut; and it can be begun again. */
static void
a_digest_in_pieces_is_that_of_the_whole(void **state)
{
    static const char text[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    struct digest digest CLEANUP(digest_done) = DIGEST;
    struct buf whole CLEANUP(buf_done) = BUF(64);
    struct buf pieces CLEANUP(buf_done) = BUF(64);
    struct buf full CLEANUP(buf_done) = BUF(63);

    (void)state;
    assert_int_equal(digest_sha256_hex(span_of(text), &whole), ST_OK);
    for (size_t cut = 0; cut < sizeof(text); cut++) {
        buf_cut(&pieces, 0);
        digest_add(&digest, of(text, cut));
        digest_add(&digest, of(text + cut, sizeof(text) - 1 - cut));
        assert_int_equal(digest_end(&digest, &pieces), ST_OK);
        assert_string_equal(buf_text(&pieces), buf_text(&whole));
    }
    buf_cut(&pieces, 0);
    buf_cut(&whole, 0);
    assert_int_equal(digest_end(&digest, &pieces), ST_OK);
    assert_int_equal(digest_sha256_hex(span_of(""), &whole), ST_OK);
    assert_string_equal(buf_text(&pieces), buf_text(&whole));
    digest_add(&digest, span_of("x"));
    assert_int_not_equal(digest_end(&digest, &full), ST_OK);
    digest_add(&digest, span_of("given up"));
    digest_done(&digest);
    digest_done(&digest);
}

static void
R102_a_digest_leaves_the_hosts_error_queue_alone(void **state)
{
    struct buf buf CLEANUP(buf_done) = BUF(64);
    struct digest digest CLEANUP(digest_done) = DIGEST;

    (void)state;
    ERR_clear_error();
    assert_int_equal(digest_sha256_hex(span_of("abc"), &buf), ST_OK);
    assert_int_equal(ERR_peek_error(), 0);
    ERR_raise(ERR_LIB_USER, 42);
    buf_cut(&buf, 0);
    assert_int_equal(digest_sha256_hex(span_of("abc"), &buf), ST_OK);
    digest_add(&digest, span_of("abc"));
    buf_cut(&buf, 0);
    assert_int_equal(digest_end(&digest, &buf), ST_OK);
    assert_int_equal(ERR_GET_REASON(ERR_get_error()), 42);
    assert_int_equal(ERR_get_error(), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_4648_section_10_without_padding),
        cmocka_unit_test(all_lengths_and_byte_values_come_back),
        cmocka_unit_test(R34_of_all_texts_of_one_or_two_bytes_256_decode),
        cmocka_unit_test(R34_of_all_texts_of_three_characters_65536_decode),
        cmocka_unit_test(R34_what_decodes_encodes_to_itself),
        cmocka_unit_test(E10_padding_and_foreign_characters_are_malformed),
        cmocka_unit_test(E10_a_foreign_byte_is_found_wherever_it_stands),
        cmocka_unit_test(decoding_adds_behind_and_leaves_everything_on_refusal),
        cmocka_unit_test(the_limit_of_the_buffer_holds_to_the_byte),
        cmocka_unit_test(sha256_is_written_in_lower_case_hexadecimal),
        cmocka_unit_test(a_digest_in_pieces_is_that_of_the_whole),
        cmocka_unit_test(R102_a_digest_leaves_the_hosts_error_queue_alone),
    };

    return cmocka_run_group_tests_name("base64url", tests, NULL, NULL);
}

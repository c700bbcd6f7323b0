/* This file has an explicit_bzero of its own, so the fortified inline one must stay away. */
#undef _FORTIFY_SOURCE
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* What was wiped last: the archive's calls come here instead of to the C library. */
static const void *wiped_at;
static size_t wiped_length;

void __explicit_bzero_chk(void *at, size_t length, size_t room);

static void
wipe(void *at, size_t length)
{
    wiped_at = at;
    wiped_length = length;
    memset(at, 0, length);
    __asm__ volatile("" ::"r"(at) : "memory");
}

void
explicit_bzero(void *at, size_t length)
{
    wipe(at, length);
}

void
__explicit_bzero_chk(void *at, size_t length, size_t room)
{
    assert_true(length <= room);
    wipe(at, length);
}

/* More than any machine gives: calloc refuses it. ASan has to be told to do so too. */
#define TOO_MUCH ((size_t)1 << 50)

const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static struct span
of(const char *at, size_t length)
{
    return (struct span){.at = at, .length = length};
}

static void
an_empty_buffer_is_the_empty_string(void **state)
{
    struct buf buf = BUF(10);

    (void)state;
    assert_int_equal(buf_span(&buf).length, 0);
    assert_string_equal(buf_text(&buf), "");
    assert_null(buf.at);
    buf_done(&buf);
    buf_cut(&buf, 0);
    assert_string_equal(buf_text(&buf), "");
}

static void
additions_stand_one_behind_the_other_and_a_nul_behind_them(void **state)
{
    struct buf buf CLEANUP(buf_done) = BUF(64);

    (void)state;
    assert_int_equal(buf_add(&buf, of("abX", 2)), ST_OK);
    assert_int_equal(buf_add_text(&buf, "cd"), ST_OK);
    assert_int_equal(buf_add_char(&buf, 'e'), ST_OK);
    assert_int_equal(buf_printf(&buf, "%d-%s", 17, "f"), ST_OK);
    assert_int_equal(buf_add(&buf, of(NULL, 0)), ST_OK);
    assert_int_equal(buf_add_text(&buf, ""), ST_OK);
    assert_int_equal(buf_printf(&buf, "%s", ""), ST_OK);
    assert_string_equal(buf_text(&buf), "abcde17-f");
    assert_int_equal(buf_span(&buf).length, 9);
    assert_ptr_equal(buf_span(&buf).at, buf_text(&buf));
    assert_int_equal(buf_add(&buf, of("\0x", 2)), ST_OK);
    assert_int_equal(buf_span(&buf).length, 11);
    assert_memory_equal(buf_span(&buf).at, "abcde17-f\0x", 12);
}

static void
growing_keeps_what_was_there(void **state)
{
    struct buf buf CLEANUP(buf_done) = BUF(100000);

    (void)state;
    for (size_t i = 0; i < 100000; i++) {
        assert_int_equal(buf_add_char(&buf, (char)('a' + i % 26)), ST_OK);
    }
    assert_int_equal(buf_add_char(&buf, 'x'), ST_MALFORMED);
    for (size_t i = 0; i < 100000; i++) {
        assert_int_equal(buf_text(&buf)[i], (char)('a' + i % 26));
    }
    assert_int_equal(buf_text(&buf)[100000], 0);
    assert_true(buf.room > buf.length);
}

/* Sizes around the first allocation and its doublings, where the NUL needs a byte too. */
static void
the_nul_has_room_at_every_length(void **state)
{
    static const size_t lengths[] = {1, 254, 255, 256, 257, 510, 511, 512, 513, 1023, 1024, 1025};
    char text[1100];

    (void)state;
    memset(text, 'x', sizeof(text));
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct buf buf CLEANUP(buf_done) = BUF(lengths[i]);
        assert_int_equal(buf_add(&buf, of(text, lengths[i])), ST_OK);
        assert_int_equal(strlen(buf_text(&buf)), lengths[i]);
        assert_true(buf.room >= lengths[i] + 1);
        assert_int_equal(buf_add_char(&buf, 'y'), ST_MALFORMED);
        assert_int_equal(strlen(buf_text(&buf)), lengths[i]);
    }
}

static void
past_the_limit_nothing_is_added_and_nothing_is_lost(void **state)
{
    struct buf buf CLEANUP(buf_done) = BUF(5);
    struct buf none CLEANUP(buf_done) = BUF(0);

    (void)state;
    assert_int_equal(buf_add_text(&buf, "abcdef"), ST_MALFORMED);
    assert_int_equal(buf_span(&buf).length, 0);
    assert_int_equal(buf_add_text(&buf, "abc"), ST_OK);
    assert_int_equal(buf_add_text(&buf, "def"), ST_MALFORMED);
    assert_int_equal(buf_printf(&buf, "%d", 123), ST_MALFORMED);
    assert_string_equal(buf_text(&buf), "abc");
    assert_int_equal(buf_printf(&buf, "%d", 12), ST_OK);
    assert_string_equal(buf_text(&buf), "abc12");
    assert_int_equal(buf_add_char(&buf, 'x'), ST_MALFORMED);
    assert_int_equal(buf_add(&buf, of("x", SIZE_MAX)), ST_MALFORMED);
    assert_null(buf_reserve(&buf, 1));
    assert_null(buf_reserve(&buf, SIZE_MAX));
    assert_int_equal(buf_add_text(&buf, ""), ST_OK);
    assert_string_equal(buf_text(&buf), "abc12");
    assert_int_equal(buf_add_text(&none, ""), ST_OK);
    assert_int_equal(buf_add_char(&none, 'x'), ST_MALFORMED);
    assert_string_equal(buf_text(&none), "");
}

static void
out_of_memory_is_told_apart_and_loses_nothing(void **state)
{
    struct buf buf CLEANUP(buf_done) = BUF(2 * TOO_MUCH);

    (void)state;
    assert_int_equal(buf_add_text(&buf, "abc"), ST_OK);
    assert_null(buf_reserve(&buf, TOO_MUCH));
    assert_int_equal(buf_add(&buf, of("x", TOO_MUCH)), ST_MEMORY);
    assert_string_equal(buf_text(&buf), "abc");
    assert_int_equal(buf_add_text(&buf, "d"), ST_OK);
    assert_string_equal(buf_text(&buf), "abcd");
}

static void
reserved_room_lies_behind_the_contents(void **state)
{
    struct buf buf CLEANUP(buf_done) = BUF(2000);

    (void)state;
    assert_int_equal(buf_add_text(&buf, "abc"), ST_OK);
    char *room = buf_reserve(&buf, 1997);
    assert_non_null(room);
    assert_ptr_equal(room, buf.at + 3);
    memset(room, 'x', 1997);
    buf_grew(&buf, 2);
    assert_string_equal(buf_text(&buf), "abcxx");
    assert_int_equal(buf_span(&buf).length, 5);
    assert_null(buf_reserve(&buf, 1996));
    room = buf_reserve(&buf, 1995);
    assert_ptr_equal(room, buf.at + 5);
    memset(room, 'y', 1995);
    buf_grew(&buf, 1995);
    assert_int_equal(strlen(buf_text(&buf)), 2000);
    assert_non_null(buf_reserve(&buf, 0));
}

static void
R107_a_cut_wipes_what_falls_off(void **state)
{
    struct buf buf CLEANUP(buf_done) = BUF(64);
    static const char zeros[6];

    (void)state;
    assert_int_equal(buf_add_text(&buf, "keep secret"), ST_OK);
    buf_cut(&buf, 12);
    assert_string_equal(buf_text(&buf), "keep secret");
    buf_cut(&buf, 11);
    assert_string_equal(buf_text(&buf), "keep secret");
    buf_cut(&buf, 5);
    assert_string_equal(buf_text(&buf), "keep ");
    assert_int_equal(buf_span(&buf).length, 5);
    assert_memory_equal(buf.at + 5, zeros, sizeof(zeros));
    buf_cut(&buf, 0);
    assert_string_equal(buf_text(&buf), "");
    assert_int_equal(buf_add_text(&buf, "new"), ST_OK);
    assert_string_equal(buf_text(&buf), "new");
    struct buf full CLEANUP(buf_done) = BUF(255); /* with its NUL all of the first allocation */
    assert_int_equal(buf_printf(&full, "%0255d", 7), ST_OK);
    wiped_at = NULL;
    buf_cut(&full, 200);
    assert_ptr_equal(wiped_at, full.at + 200);
    assert_int_equal(wiped_length, 55);
}

static void
R107_memory_is_wiped_when_it_is_left_behind(void **state)
{
    struct buf buf = BUF(10000);
    const char *old = NULL;
    size_t old_room = 0;

    (void)state;
    assert_int_equal(buf_add_text(&buf, "secret"), ST_OK);
    old = buf.at;
    old_room = buf.room;
    wiped_at = NULL;
    assert_non_null(buf_reserve(&buf, 5000));
    assert_ptr_equal(wiped_at, old);
    assert_int_equal(wiped_length, old_room);
    assert_string_equal(buf_text(&buf), "secret");
    old = buf.at;
    old_room = buf.room;
    wiped_at = NULL;
    buf_done(&buf);
    assert_ptr_equal(wiped_at, old);
    assert_int_equal(wiped_length, old_room);
    assert_null(buf.at);
    assert_int_equal(buf.length, 0);
    assert_int_equal(buf.room, 0);
    assert_int_equal(buf.limit, 10000);
    assert_int_equal(buf_add_text(&buf, "again"), ST_OK);
    assert_string_equal(buf_text(&buf), "again");
    buf_done(&buf);
    buf_done(&buf);
}

static void
R107_what_was_formatted_is_wiped(void **state)
{
    struct buf buf CLEANUP(buf_done) = BUF(64);

    (void)state;
    wiped_at = NULL;
    assert_int_equal(buf_printf(&buf, "code=%s", "secret"), ST_OK);
    assert_non_null(wiped_at);
    assert_int_equal(wiped_length, strlen("code=secret"));
    wiped_at = NULL;
    assert_int_equal(buf_printf(&buf, "%0100d", 1), ST_MALFORMED);
    assert_non_null(wiped_at);
    assert_int_equal(wiped_length, 100);
}

/* And ends in a NUL all the same, wherever it is cut, though its memory was never cleared. */
static void
what_everybody_may_read_is_not_wiped(void **state)
{
    struct buf buf = BUF_PUBLIC(1000);

    (void)state;
    wiped_at = NULL;
    assert_non_null(buf_reserve(&buf, 300));
    assert_string_equal(buf_text(&buf), "");
    assert_int_equal(buf_add_text(&buf, "published"), ST_OK);
    assert_non_null(buf_reserve(&buf, 900));
    assert_string_equal(buf_text(&buf), "published");
    buf_cut(&buf, 3);
    assert_string_equal(buf_text(&buf), "pub");
    buf_done(&buf);
    assert_null(wiped_at);
    assert_true(buf.public);
    assert_int_equal(buf.limit, 1000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_buffer_is_the_empty_string),
        cmocka_unit_test(additions_stand_one_behind_the_other_and_a_nul_behind_them),
        cmocka_unit_test(growing_keeps_what_was_there),
        cmocka_unit_test(the_nul_has_room_at_every_length),
        cmocka_unit_test(past_the_limit_nothing_is_added_and_nothing_is_lost),
        cmocka_unit_test(out_of_memory_is_told_apart_and_loses_nothing),
        cmocka_unit_test(reserved_room_lies_behind_the_contents),
        cmocka_unit_test(R107_a_cut_wipes_what_falls_off),
        cmocka_unit_test(R107_memory_is_wiped_when_it_is_left_behind),
        cmocka_unit_test(R107_what_was_formatted_is_wiped),
        cmocka_unit_test(what_everybody_may_read_is_not_wiped),
    };

    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}

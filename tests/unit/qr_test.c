/*
 * login/device/qr: what is drawn is read again, by zbarimg, from a picture made of the characters
 * alone (R84); nothing is drawn but three blocks, blanks and line ends (R92).
 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "login/device/qr.h"

/* Pixels for each module, as a terminal shows one: a character is one wide and two high. */
#define PIXELS ((size_t)4)

static const char url_alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "-._~:/?[]@!$&()*+,;=%";

/* A URL of so many bytes, with every byte that one may hold. */
static char *
url_of(size_t length)
{
    char *url = calloc(1, length + 1);

    assert_non_null(url);
    for (size_t i = 0; i < length; i++) {
        url[i] = url_alphabet[(i * 7 + length) % (sizeof(url_alphabet) - 1)];
    }
    memcpy(url, "https://", length < 8 ? length : 8);
    return url;
}

/* The character at `*at`, which moves on: 0 none, 1 the lower half, 2 the upper half, 3 both. */
static int
next_block(const char **at)
{
    static const char *const blocks[] = {" ", "\u2584", "\u2580", "\u2588"};

    for (int i = 0; i < 4; i++) {
        if (strncmp(*at, blocks[i], strlen(blocks[i])) == 0) {
            *at += strlen(blocks[i]);
            return i;
        }
    }
    fail_msg("a byte 0x%02x that is no part of a QR code", (unsigned char)**at);
    return 0;
}

static void
add_pixel_rows(struct buf *picture, const int *line, size_t columns, int half, bool inverted)
{
    for (size_t y = 0; y < PIXELS; y++) {
        for (size_t x = 0; x < columns * PIXELS; x++) {
            bool light = (line[x / PIXELS] & half) != 0;
            assert_int_equal(buf_add_char(picture, light != inverted ? '\xff' : '\0'), ST_OK);
        }
    }
}

/* A grey picture (PGM) of what a terminal shows: light text on dark, or the reverse. */
static void
picture_of(const char *drawing, size_t side, bool inverted, struct buf *picture)
{
    int line[QR_COLUMNS(QR_SIDE_MAX)];

    assert_int_equal(buf_printf(picture, "P5 %zu %zu 255\n", QR_COLUMNS(side) * PIXELS,
                                2 * QR_ROWS(side) * PIXELS),
                     ST_OK);
    for (size_t row = 0; row < QR_ROWS(side); row++) {
        for (size_t column = 0; column < QR_COLUMNS(side); column++) {
            line[column] = next_block(&drawing);
        }
        assert_int_equal(*drawing++, '\n');
        add_pixel_rows(picture, line, QR_COLUMNS(side), 2, inverted);
        add_pixel_rows(picture, line, QR_COLUMNS(side), 1, inverted);
    }
    assert_int_equal(*drawing, '\0');
}

static void
assert_reads(const struct buf *picture, const char *options, const char *wanted)
{
    char *directory = support_directory();
    char *path = support_text("%s/picture.pgm", directory);
    char *command =
        support_text("zbarimg -q --raw -Sdisable -Sqrcode.enable %s %s 2>/dev/null", options, path);
    char read[1024] = "";

    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(picture->at, 1, picture->length, file), picture->length);
    assert_int_equal(fclose(file), 0);
    FILE *reader = popen(command, "re");
    assert_non_null(reader);
    size_t length = fread(read, 1, sizeof(read) - 1, reader);
    (void)pclose(reader);
    read[length > 0 ? length - 1 : 0] = '\0'; /* the line end that zbarimg adds */
    assert_string_equal(read, wanted);
    free(command);
    free(path);
    support_remove(directory);
}

static void
assert_drawn(const char *text, bool inverted)
{
    struct buf drawing CLEANUP(buf_done) = BUF(QR_DRAWING_MAX);
    struct buf picture CLEANUP(buf_done) = BUF(1024 * 1024);
    struct qr qr;

    assert_true(qr_make(text, &qr));
    assert_in_range(qr.side, 21, QR_SIDE_MAX);
    assert_int_equal(qr_draw(&qr, &drawing), ST_OK);
    picture_of(buf_text(&drawing), qr.side, inverted, &picture);
    assert_reads(&picture, inverted ? "-Stest-inverted" : "", text);
}

static void
R84_what_is_drawn_is_read_again_at_every_size(void **state)
{
    /* the longest of each version, from 1 to 13, and the shortest of the next */
    static const size_t lengths[] = {1,   17,  18,  32,  33,  53,  54,  78,  79,
                                     106, 107, 134, 135, 154, 155, 192, 193, 230,
                                     231, 271, 272, 321, 322, 367, 368, 400, 425};

    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        char *url = url_of(lengths[i]);
        assert_drawn(url, /* inverted: */ false);
        free(url);
    }
    assert_drawn("https://sso.example.org/device?user_code=HHRK-NWCH", /* inverted: */ false);
}

static void
R84_dark_text_on_a_light_terminal_is_read_as_well(void **state)
{
    (void)state;
    assert_drawn("https://sso.example.org/device?user_code=HHRK-NWCH", /* inverted: */ true);
}

static void
what_does_not_fit_is_not_drawn(void **state)
{
    struct qr qr;
    char *url = url_of(426);

    (void)state;
    assert_false(qr_make(url, &qr));
    assert_false(qr_make("", &qr));
    free(url);
}

static void
R92_a_drawing_is_only_as_large_as_it_says(void **state)
{
    struct buf drawing CLEANUP(buf_done) = BUF(QR_DRAWING_MAX);
    struct buf small CLEANUP(buf_done) = BUF(100);
    struct qr qr = {.side = QR_SIDE_MAX}; /* all light: three bytes each */

    (void)state;
    assert_int_equal(qr_draw(&qr, &drawing), ST_OK);
    assert_int_equal(drawing.length, QR_DRAWING_MAX);
    assert_int_equal(qr_draw(&qr, &small), ST_MALFORMED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R84_what_is_drawn_is_read_again_at_every_size),
        cmocka_unit_test(R84_dark_text_on_a_light_terminal_is_read_as_well),
        cmocka_unit_test(what_does_not_fit_is_not_drawn),
        cmocka_unit_test(R92_a_drawing_is_only_as_large_as_it_says),
    };

    return cmocka_run_group_tests_name("qr", tests, NULL, NULL);
}

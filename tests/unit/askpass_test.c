/*
 * askpass/prompt and shown: which prompts are ours, whatever a server puts behind the prefix that
 * the ssh client writes, and what of a foreign one reaches a terminal. R92, R116, R138, E49, E79.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A program's own files are in no archive. */
#include "askpass/prompt.c"
#include "askpass/shown.c"

static void
our_prompts_R116_R138(void **state)
{
    static const struct {
        const char *text;
        const char *host;
        unsigned int part;
    } cases[] = {
        {"Token: ", "", 1},
        {"Token (press Enter to sign in with a browser): ", "", 1},
        {"Token, part 2: ", "", 2},
        {"Token, part 140: ", "", 140},
        {"(alice@build-3) Token: ", "build-3", 1},
        {"(alice@build-3.example.org) Token (press Enter to sign in with a browser): ",
         "build-3.example.org", 1},
        {"(alice@build-3) Token, part 17: ", "build-3", 17},
        {"(alice@corp.example@build-3) Token: ", "build-3", 1},
        {"(a@2001:db8::1) Token: ", "2001:db8::1", 1},
        {"(a@fe80::1%eth0) Token: ", "fe80::1%eth0", 1},
        {"(DOM\\alice@build_3) Token: ", "build_3", 1},
        /* a prefix, and a prompt that is another's */
        {"(alice@build-3) Password: ", "build-3", 0},
        {"(alice@build-3) ", "build-3", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct prompt prompt = prompt_read(span_of(cases[i].text));
        if (prompt.part != cases[i].part || !span_is(prompt.host, cases[i].host)) {
            fail_msg("%s: part %u of '%.*s'", cases[i].text, prompt.part, SPAN_ARGS(prompt.host));
        }
    }
}

static void
what_a_server_makes_up_is_foreign_R138_E79(void **state)
{
    static const char *const behind[] = {
        "Token: ",
        "(alice@good) Token: ",
        "\n(alice@good) Token: ",
        "\r(alice@good) Token: ",
        "\\033[2K\\015(alice@good) Token: ",
        "Token: \n",
        "Token: \n(alice@good) Token: ",
        ") Token: ",
        "@good) Token: ",
        "",
    };
    char text[128];

    (void)state;
    for (size_t i = 0; i < COUNT(behind); i++) {
        (void)snprintf(text, sizeof(text), "(alice@evil) %s", behind[i]);
        struct prompt prompt = prompt_read(span_of(text));
        assert_true(span_is(prompt.host, "evil"));
        assert_int_equal(prompt.part, i == 0 ? 1 : 0);
    }
}

/* Not one byte more or less, and no name that could hold a prompt. */
static void
nearly_ours_is_foreign_R138(void **state)
{
    static const char *const texts[] = {
        "",
        "Token:",
        "Token:  ",
        " Token: ",
        "token: ",
        "Token: x",
        "Token, part 1: ",
        "Token, part 0: ",
        "Token, part 02: ",
        "Token, part +2: ",
        "Token, part -2: ",
        "Token, part 141: ",
        "Token, part 4294967298: ",
        "Token, part : ",
        "Token, part 2:",
        "Token, part 2 : ",
        "Press Enter to sign in with a browser: ",
        "[sudo] password for alice: ",
        "(alice) Token: ",
        "(@good) Token: ",
        "(alice@) Token: ",
        "alice@good) Token: ",
        "(alice@good)Token: ",
        "(alice@good)  Token: ",
        "((alice@good) Token: ",
        "(ali ce@good) Token: ",
        "(ali)ce@good) Token: ",
        "(alice@good) Token: @evil) Token: ",
        "(alice@*.good) Token: ",
        "(alice@go/od) Token: ",
        "(alice@[::1]) Token: ",
        "(alice@-good) Token: ",
        "(alice@g\xd0\xbe\xd0\xbe.d) Token: ",
        "(al\xc3\xad@good) Token: ",
        "(alice\x1b@good) Token: ",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        if (prompt_read(span_of(texts[i])).part != 0) {
            fail_msg("%s", texts[i]);
        }
    }
    assert_int_equal(prompt_read((struct span){.at = "Token: \0", .length = 8}).part, 0);
}

static void
shows(const char *prompt, const char *wanted)
{
    struct buf shown CLEANUP(buf_done) = BUF(5 * SHOWN_MAX);

    assert_int_equal(shown_prompt(span_of(prompt), &shown), ST_OK);
    assert_string_equal(buf_text(&shown), wanted);
}

static void
a_foreign_prompt_steers_no_terminal_R92_E49(void **state)
{
    (void)state;
    shows("Password: ", "| Password: ");
    shows("one\ntwo\n", "| one\n| two\n| ");
    shows("", "| ");
    /* letters of any script, and the blocks of a QR code */
    shows("Passwort f\xc3\xbcr \xd0\xb0\xd0\xbb: ", "| Passwort f\xc3\xbcr \xd0\xb0\xd0\xbb: ");
    shows("\xe2\x96\x80\xe2\x96\x84\xe2\x96\x88 ", "| \xe2\x96\x80\xe2\x96\x84\xe2\x96\x88 ");
    shows("\xf0\x9f\x94\x91", "| \xf0\x9f\x94\x91");
    /* C0, DEL, C1; what turns or hides writing; lines that are none of ours */
    shows("\x1b[2J\r\b\t\x07\x7f", "| ?[2J?????");
    shows("a\xc2\x9b"
          "b",
          "| a?b");
    shows("\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8b\xef\xbb\xbf", "| ????");
    shows("\xe2\x80\xa8\xc2\x85\xf3\xa0\x80\x81\xf4\x8f\xbf\xbf\xee\x80\x80", "| ?????");
    /* no UTF-8: as what it is */
    shows("\x9b"
          "2J",
          "| \\x9b2J");
}

static void
a_long_prompt_is_cut_E79(void **state)
{
    struct buf shown CLEANUP(buf_done) = BUF(5 * SHOWN_MAX);
    char *prompt = malloc(SHOWN_MAX + 1);

    (void)state;
    assert_non_null(prompt);
    memset(prompt, 'x', SHOWN_MAX + 1);
    struct span whole = {.at = prompt, .length = SHOWN_MAX};
    assert_int_equal(shown_prompt(whole, &shown), ST_OK);
    assert_int_equal(shown.length, SHOWN_MAX + strlen("| "));
    buf_cut(&shown, 0);
    whole.length++;
    assert_int_equal(shown_prompt(whole, &shown), ST_OK);
    assert_non_null(strstr(buf_text(&shown), "x... (cut) "));
    free(prompt);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_prompts_R116_R138),
        cmocka_unit_test(what_a_server_makes_up_is_foreign_R138_E79),
        cmocka_unit_test(nearly_ours_is_foreign_R138),
        cmocka_unit_test(a_foreign_prompt_steers_no_terminal_R92_E49),
        cmocka_unit_test(a_long_prompt_is_cut_E79),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * login/device/text and login/terminal: what is shown of a device flow, and when a QR code stands
 * below it (R82, R84, R92, R98). On real terminals of every size.
 */
#include "support.h"

#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "login/device/text.h"
#include "login/terminal.h"

#define TEXT                                                                                       \
    "Sign in to build-3 as alice (sshd)\n\n"                                                       \
    "  Open this page in any browser:  https://sso.example.org/device\n"                           \
    "  and enter this code:  HHRK-NWCH\n\n"                                                        \
    "Approve only if you started this sign-in yourself.\n"
#define BELOW "https://sso.example.org/device  HHRK-NWCH\n"
/* Version 3, 29 modules, for the 50 bytes of the URL with the code in it. */
#define WIDTH 33
#define HEIGHT (17 + 10)

/* A terminal of its own; `name` as PAM_TTY has it. */
struct screen {
    int master;
    char name[64];
};

static struct screen
screen_open(unsigned short columns, unsigned short rows)
{
    struct screen screen = {.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};
    const struct winsize size = {.ws_col = columns, .ws_row = rows};

    assert_true(screen.master >= 0);
    assert_int_equal(grantpt(screen.master), 0);
    assert_int_equal(unlockpt(screen.master), 0);
    assert_int_equal(ptsname_r(screen.master, screen.name, sizeof(screen.name)), 0);
    assert_int_equal(ioctl(screen.master, TIOCSWINSZ, &size), 0);
    return screen;
}

static void
in_locale(const char *locale)
{
    assert_non_null(setlocale(LC_CTYPE, locale));
}

static void
grant_make(const char *complete, struct device_grant *grant)
{
    assert_int_equal(buf_add_text(&grant->user_code, "HHRK-NWCH"), ST_OK);
    assert_int_equal(buf_add_text(&grant->verification_uri, "https://sso.example.org/device"),
                     ST_OK);
    assert_int_equal(buf_add_text(&grant->verification_uri_complete, complete), ST_OK);
}

/* What is written for a sign-in with this PAM_TTY; `complete` is verification_uri_complete. */
static char *
text_for(const char *tty, enum qr_wanted wanted, const char *complete)
{
    struct site site = {.host = "build-3"};
    struct service service = {.qr = wanted};
    struct attempt attempt = {
        .site = &site, .service = &service, .account = "alice", .service_name = "sshd", .tty = tty};
    struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
    struct buf text CLEANUP(buf_done) = BUF(DEVICE_TEXT_MAX);

    grant_make(complete, &grant);
    assert_int_equal(device_text_write(&attempt, &grant, &text), ST_OK);
    return support_text("%s", buf_text(&text));
}

/* The drawing of this URL, as it has to stand below the text. */
static char *
drawing_of(const char *url)
{
    struct buf drawing CLEANUP(buf_done) = BUF(QR_DRAWING_MAX);
    struct qr qr;

    assert_true(qr_make(url, &qr));
    assert_int_equal(qr_draw(&qr, &drawing), ST_OK);
    return support_text("%s", buf_text(&drawing));
}

#define COMPLETE "https://sso.example.org/device?user_code=HHRK-NWCH"

static void
assert_shown(const char *tty, enum qr_wanted wanted, bool shown)
{
    char *drawing = drawing_of(COMPLETE);
    char *with = support_text(TEXT "\n%s" BELOW, drawing);
    char *text = text_for(tty, wanted, COMPLETE);

    assert_string_equal(text, shown ? with : TEXT);
    free(text);
    free(with);
    free(drawing);
}

static void
R84_the_url_without_the_code_is_drawn_where_there_is_no_other(void **state)
{
    char *drawing = drawing_of("https://sso.example.org/device");
    char *with = support_text(TEXT "\n%s" BELOW, drawing);
    char *text = text_for("", QR_YES, "");

    (void)state;
    assert_string_equal(text, with);
    free(text);
    free(with);
    free(drawing);
}

static void
R82_auto_shows_it_where_it_fits_a_terminal_of_this_host(void **state)
{
    static const struct {
        unsigned short columns;
        unsigned short rows;
        bool shown;
    } cases[] = {
        {200, 100, true}, {WIDTH, HEIGHT, true}, {WIDTH - 1, HEIGHT, false},
        {80, 24, false},  {0, 0, false},         {WIDTH, HEIGHT - 1, false},
    };

    (void)state;
    in_locale("C.UTF-8");
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct screen screen = screen_open(cases[i].columns, cases[i].rows);
        assert_shown(screen.name, QR_AUTO, cases[i].shown);
        /* as login(1) names it, on some hosts */
        assert_shown(screen.name + strlen("/dev/"), QR_AUTO, cases[i].shown);
        assert_shown(screen.name, QR_NO, false);
        assert_shown(screen.name, QR_YES, true);
        (void)close(screen.master);
    }
}

static void
R92_auto_shows_none_in_a_locale_without_utf8(void **state)
{
    struct screen screen = screen_open(200, 100);

    (void)state;
    in_locale("C");
    assert_shown(screen.name, QR_AUTO, false);
    /* what the person has in the environment counts for nothing (R98) */
    assert_int_equal(setenv("LC_ALL", "C.UTF-8", 1), 0);
    assert_shown(screen.name, QR_AUTO, false);
    assert_int_equal(unsetenv("LC_ALL"), 0);
    (void)close(screen.master);
}

static void
R82_auto_shows_it_behind_sshd(void **state)
{
    (void)state;
    in_locale("C"); /* sshd never takes up another */
    assert_shown("ssh", QR_AUTO, true);
    assert_shown("ssh", QR_NO, false);
}

static void
auto_shows_none_where_there_is_no_terminal(void **state)
{
    static const char *const ttys[] = {"",       ":0",           "cron",      "/dev/null",
                                       "/dev/",  "//dev/pts/0",  "/dev/shm",  "pts/../pts/0",
                                       "/tmp/x", "/dev/../tty1", "pts/999999"};
    size_t descriptors = support_open_descriptors();

    (void)state;
    in_locale("C.UTF-8");
    for (size_t i = 0; i < COUNT(ttys); i++) {
        assert_shown(ttys[i], QR_AUTO, false);
    }
    assert_int_equal(support_open_descriptors(), descriptors);
}

static void
R92_names_of_the_host_program_are_escaped(void **state)
{
    struct site site = {.host = "build\x1b[2J"};
    struct service service = {.qr = QR_NO};
    struct attempt attempt = {.site = &site,
                              .service = &service,
                              .account = "al\nice\xc2\x9b",
                              .service_name = "ss\x07hd",
                              .tty = ""};
    struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
    struct buf text CLEANUP(buf_done) = BUF(DEVICE_TEXT_MAX);

    (void)state;
    assert_int_equal(device_text_write(&attempt, &grant, &text), ST_OK);
    static const char wanted[] = "Sign in to build\\x1b[2J as al\\x0aice\\xc2\\x9b (ss\\x07hd)\n\n";
    assert_memory_equal(buf_text(&text), wanted, strlen(wanted));
}

/* What is told while nobody approves, of this service and PAM_TTY. */
static void
assert_told(const char *service_name, const char *tty, const char *told)
{
    struct site site = {.host = "build-3"};
    struct service service = {.qr = QR_NO};
    struct attempt attempt = {.site = &site,
                              .service = &service,
                              .account = "alice",
                              .service_name = service_name,
                              .tty = tty};
    struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
    struct buf text CLEANUP(buf_done) = BUF(DEVICE_TEXT_MAX);

    grant_make("", &grant);
    assert_int_equal(device_text_wait(&attempt, &grant, 29, &text), ST_OK);
    assert_string_equal(buf_text(&text), told);
}

static void
R82_a_window_is_told_page_and_code_again_and_a_terminal_is_not(void **state)
{
    struct screen screen = screen_open(80, 24);

    (void)state;
    assert_told("sshd", screen.name, "Waiting for approval, 29 s left.");
    assert_told("sshd", ":0", TEXT "\nWaiting for approval, 29 s left.");
    (void)close(screen.master);
}

static void
R82_a_program_of_one_line_is_told_one(void **state)
{
    struct site site = {.host = "build-3"};
    struct attempt attempt = {
        .site = &site, .account = "alice", .service_name = "xsecurelock", .tty = ":0"};
    struct buf text CLEANUP(buf_done) = BUF(DEVICE_TEXT_MAX);

    (void)state;
    assert_true(device_text_is_one_line(&attempt));
    assert_int_equal(device_text_announce(&attempt, &text), ST_OK);
    assert_string_equal(buf_text(&text), "Sign in to build-3 as alice (xsecurelock). Approve only "
                                         "if you started this sign-in yourself.");
    assert_told("xsecurelock", ":0",
                "Enter HHRK-NWCH at https://sso.example.org/device, 29 s left");
    attempt.service_name = "lightdm";
    assert_false(device_text_is_one_line(&attempt));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R84_the_url_without_the_code_is_drawn_where_there_is_no_other),
        cmocka_unit_test(R82_auto_shows_it_where_it_fits_a_terminal_of_this_host),
        cmocka_unit_test(R92_auto_shows_none_in_a_locale_without_utf8),
        cmocka_unit_test(R82_auto_shows_it_behind_sshd),
        cmocka_unit_test(auto_shows_none_where_there_is_no_terminal),
        cmocka_unit_test(R92_names_of_the_host_program_are_escaped),
        cmocka_unit_test(R82_a_window_is_told_page_and_code_again_and_a_terminal_is_not),
        cmocka_unit_test(R82_a_program_of_one_line_is_told_one),
    };

    return cmocka_run_group_tests_name("device_text", tests, NULL, NULL);
}

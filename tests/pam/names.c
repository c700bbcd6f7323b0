/*
 * E68, R93, R94, R95: hostile names of users, hosts, terminals and services. Each sign-in is one
 * escaped line in the log. With PAM_TESTS_SYSLOG set the lines go to syslog as well, and
 * tests/pam/inside looks at what arrived.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

static char ten_kilobytes[10241];

static const char *const hostile[] = {
    "",
    "\n",
    "alice\n",
    "\nalice",
    "alice\r",
    "alice ",
    " alice",
    "Alice",
    "ALICE",
    "alice\nNov 23 00:00:00 host sshd[1]: Accepted publickey for root",
    "alice\nevent=sign_in v=1 verdict=accepted account=root",
    "%s%s%s%s%n%n%n",
    "%999999999d",
    "\033[2J\033]0;owned\007",
    "\033]8;;http://evil.example\033\\click\033]8;;\033\\",
    "\x9b"
    "31m",
    "alice\xc3\xa9",
    "\xe2\x80\xae"
    "ecila",
    "\xd0\xb0lice",
    "a\xcc\x81lice",
    "\xff\xfe",
    "alice\" verdict=accepted account=\"root",
    "alice\\",
    "alice:x:0:0",
    "../../etc/passwd",
    "-alice",
    "+",
    "+alice",
    "@alice",
    "alice@evil.example",
    "0",
    "60001",
    "$(reboot)",
    "`reboot`",
    "alice;reboot",
    "*",
    "alice*",
    "<script>",
    "\177\b\b\b",
    ten_kilobytes,
};
#define HOSTILE (sizeof(hostile) / sizeof(hostile[0]))

/* One line of ours, no raw control byte in it, and not the name where it must not stand. */
static void
expect_line(const char *what, size_t number, struct login *login, int wanted, bool named)
{
    char name[96];
    const char *ours = strstr(login->log, "event=");
    bool good = ours != NULL && strchr(ours, '\n') == login->log + strlen(login->log) - 1;

    for (const char *at = ours; good && at[1] != '\0'; at++) {
        good = *at >= ' ' && *at <= '~';
    }
    const char *text = hostile[number];
    if (good && !named && strlen(text) > 4 && strcasecmp(text, "alice") != 0) {
        good = strstr(ours, text) == NULL;
    }
    (void)snprintf(name, sizeof(name), "E68_R93_%s_%zu", what, number);
    check(good && login->code == wanted && strlen(login->log) < 2000, name, "%s: %s",
          host_code(login->code), login->log);
}

static void
users(void)
{
    for (size_t i = 0; i < HOSTILE; i++) {
        const char *answers[] = {host_token("good"), NULL};
        struct login login = {.service = "tokens", .user = hostile[i], .answers = answers};
        host_login(&login);
        /* R95: people type passwords there */
        expect_line("user_R95", i, &login, PAM_AUTH_ERR, false);
        /* pam_permit, behind us, calls the empty name `nobody` */
        check(strstr(login.log, "account=\"unknown user\"") != NULL &&
                  (hostile[i][0] == '\0' || strncmp(login.user_after, hostile[i], 255) == 0),
              "R95_R16_not_named", "%zu: '%s', %s", i, login.user_after, login.log);
        host_forget(&login);
    }
}

/* The device flow shows whose account it is before anything is known of the person. */
static void
users_of_the_device_flow(void)
{
    for (size_t i = 0; i < HOSTILE; i++) {
        const char *answers[] = {"", NULL};
        struct login login = {
            .service = "flow", .user = hostile[i], .tty = "ssh", .answers = answers};
        char name[96];
        host_login(&login);
        (void)snprintf(name, sizeof(name), "E68_R82_R92_device_flow_%zu", i);
        bool good = login.code == PAM_CONV_ERR && login.logged == 1 &&
                    strstr(login.said, "https://faked.example/activate") != NULL &&
                    strlen(login.said) < 4500 && host_may_be_said(login.said);
        check(good, name, "%s: %s%s", host_code(login.code), login.said, login.log);
        host_forget(&login);
    }
}

static void
hosts_and_terminals(void)
{
    for (size_t i = 0; i < HOSTILE; i++) {
        const char *answers[] = {host_token("good"), NULL};
        struct login login = {.service = "tokens", .user = "alice", .answers = answers};
        login.rhost = hostile[i];
        login.tty = hostile[i];
        host_login(&login);
        /* libpam itself fails to tell the kernel's audit of a host name of 10 kB, and says so */
        char *audit = strstr(login.log, "PAM audit_log");
        if (audit != NULL) {
            *audit = '\0';
        }
        expect_line("rhost_and_tty", i, &login, audit != NULL ? PAM_SYSTEM_ERR : PAM_SUCCESS, true);
        host_forget(&login);
    }
}

/* A stack of each name: the host says which service it is. What libpam writes before is not ours.
 */
static void
services(void)
{
    char *stack = host_read(host_path("stacks/tokens"));

    for (size_t i = 0; i < HOSTILE; i++) {
        char path[512];
        const char *answers[] = {host_token("good"), NULL};
        struct login login = {.service = hostile[i], .user = "alice", .answers = answers};
        if (hostile[i][0] == '\0' || strchr(hostile[i], '/') != NULL || strlen(hostile[i]) > 200) {
            continue;
        }
        (void)snprintf(path, sizeof(path), "%s/%s", host_path("stacks.services"), hostile[i]);
        for (char *at = path + strlen(host_path("stacks.services")); *at != '\0'; at++) {
            *at = *at >= 'A' && *at <= 'Z' ? (char)(*at + ('a' - 'A')) : *at; /* as libpam does */
        }
        FILE *file = fopen(path, "we");
        if (file == NULL) {
            abort();
        }
        (void)fputs(stack, file);
        (void)fclose(file);
        login.stacks = "stacks.services";
        host_login(&login);
        expect_line("service", i, &login, PAM_AUTHINFO_UNAVAIL, true);
        host_forget(&login);
    }
    free(stack);
}

/* What a token says of itself may be as hostile: kid is shown before anything is verified. */
static void
tokens(void)
{
    static const char *const names[] = {"kid_lines", "kid_escape", "kid_long", "sub_lines",
                                        "sub_long"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *answers[] = {host_token(names[i]), NULL};
        struct login login = {.service = "tokens", .user = "alice", .answers = answers};
        char name[96];
        host_login(&login);
        (void)snprintf(name, sizeof(name), "R93_token_with_%s", names[i]);
        check(login.code == PAM_AUTH_ERR && login.logged == 1 &&
                  strchr(login.log, '\n') == strrchr(login.log, '\n') && strlen(login.log) < 2000,
              name, "%s: %s", host_code(login.code), login.log);
        host_forget(&login);
    }
}

/* R94: no token and nothing of a payload in the log, whatever the debug argument. */
static void
secrets(void)
{
    static const char *const stacks[] = {"stacks", "stacks.debug"};
    static const char *const names[] = {"good", "tampered", "canary", "unmapped"};

    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++) {
            const char *token = host_token(names[j]);
            const char *answers[] = {token, NULL};
            struct login login = {
                .stacks = stacks[i], .service = "tokens", .user = "alice", .answers = answers};
            char name[96];
            char signature[33];
            host_login(&login);
            (void)snprintf(signature, sizeof(signature), "%s", strrchr(token, '.') + 1);
            (void)snprintf(name, sizeof(name), "R94_%s_%s", stacks[i], names[j]);
            check(strstr(login.log, "canary") == NULL && strstr(login.log, signature) == NULL &&
                      strstr(login.log, "eyJ") == NULL && strstr(login.said, "canary") == NULL,
                  name, "%s", login.log);
            host_forget(&login);
        }
    }
}

int
main(void)
{
    memset(ten_kilobytes, 'x', sizeof(ten_kilobytes) - 1);
    users();
    users_of_the_device_flow();
    hosts_and_terminals();
    services();
    tokens();
    secrets();
    return checked();
}

/*
 * pam-oauth: the command for administrators. It finds the command and hands over; every command
 * has a file of its own.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/guard.h"
#include "base/span.h"
#include "base/text.h"
#include "cli/command.h"

#define DEFAULT_CONFIG PAM_OAUTH_SYSCONFDIR "/pam_oauth/pam_oauth.conf"

static const struct command commands[] = {
    {"verify",
     "[--jwks FILE] [--issuer I] [--audience A]... [--algorithms LIST] [--token-kind KIND]\n"
     "         [--at EPOCH] [--clock-skew S] [--provider P] [--signature-only] [--batch] [--json]\n"
     "         TOKEN-FILE",
     "say whether a token would be accepted, and why not", verify_run},
    {"explain", "--service S --user U [--at EPOCH] [--json] TOKEN-FILE",
     "show every step from a token to an account, and the line that decides", explain_run},
    {"try", "--service S --user U", "a whole sign-in in this terminal, and what came of it",
     try_run},
    {"check", "[--offline] [--root DIR]",
     "find what is wrong with the configuration, PAM stacks, sshd and the providers", check_run},
    {"why", "[--log FILE] REF", "find the sign-in with this reference in the log, and what to do",
     why_run},
    {"who-can", "[--account A] [--service S] [--json]",
     "show every rule, requirement and exception by which somebody gets in", who_can_run},
    {"jwks",
     "[list] [--provider P] [--json]\n         refresh [--provider P] [--due] [--background]",
     "show the provider keys on this host, or fetch them again", jwks_run},
    {"sessions", "[list] [--json]\n         forget USER",
     "show who has signed in here lately, or have somebody asked again", sessions_run},
    {"login", "[--provider P] [--scope S] [--audience A] [--device]",
     "sign in, in the browser here or with a code, and keep the token on this machine", login_run},
    {"token", "[--provider P] [--parts N]",
     "print the token that is kept, renewed if that is due; in parts of N bytes", token_run},
    {"status", "[--provider P] [--json]", "show what is kept, and for how long", status_run},
    {"logout", "[--provider P]", "take it away, and have the provider revoke it", logout_run},
};

static void
print_help(FILE *to)
{
    (void)fprintf(to,
                  "pam-oauth %s\n\n"
                  "usage: pam-oauth [--config FILE] COMMAND ...\n\n",
                  PAM_OAUTH_VERSION);
    for (size_t i = 0; i < COUNT(commands); i++) {
        (void)fprintf(to, "  %s %s\n         %s\n\n", commands[i].name, commands[i].usage,
                      commands[i].does);
    }
    (void)fprintf(to, "Exit codes: 0 yes, 1 refused, 2 usage or could not decide. A file named - "
                      "is standard input.\n");
}

enum exit_code
command_exit_code(enum status status)
{
    switch (status_class(status)) {
    case CLASS_OK:
        return EXIT_YES;
    case CLASS_REFUSED:
        return EXIT_REFUSED;
    case CLASS_FAULT:
    default:
        return EXIT_UNDECIDED;
    }
}

enum exit_code
command_misused(const char *command, const char *format, ...)
{
    va_list arguments;

    (void)fprintf(stderr, "pam-oauth %s: ", command);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fprintf(stderr, "; see pam-oauth --help\n");
    return EXIT_UNDECIDED;
}

static const struct command *
find_command(const char *name)
{
    for (size_t i = 0; i < COUNT(commands); i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

static enum exit_code
unknown_command(const char *name)
{
    const char *names[COUNT(commands)];

    for (size_t i = 0; i < COUNT(commands); i++) {
        names[i] = commands[i].name;
    }
    const char *nearest = text_nearest(span_of(name), names, COUNT(commands));
    (void)fprintf(stderr, "pam-oauth: unknown command '%s'%s%s%s; see pam-oauth --help\n",
                  text_quote(span_of(name)).text, nearest != NULL ? "; did you mean '" : "",
                  nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
    return EXIT_UNDECIDED;
}

/*
 * Takes `--config F` and `--config=F` out of the words, wherever they stand ("--config F
 * everywhere"). False when the file's name is missing.
 */
static bool
take_config(struct common *common, int argc, char **argv, int *ret_argc)
{
    static const char prefix[] = "--config=";
    int kept = 0;

    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--config") == 0) {
            if (++i == argc) {
                return false;
            }
            common->config = argv[i];
            common->config_given = true;
        } else if (strncmp(argv[i], prefix, sizeof(prefix) - 1) == 0) {
            common->config = argv[i] + sizeof(prefix) - 1;
            common->config_given = true;
        } else {
            argv[kept++] = argv[i];
        }
    }
    argv[kept] = NULL;
    *ret_argc = kept;
    return true;
}

/* Configuration files are named by their whole path; a person may be in a hurry. */
static bool
make_absolute(struct common *common, struct buf *path)
{
    if (common->config[0] == '/') {
        return true;
    }
    char *here = get_current_dir_name();
    bool made = here != NULL && buf_printf(path, "%s/%s", here, common->config) == ST_OK;
    free(here);
    common->config = buf_text(path);
    return made;
}

int
main(int argc, char **argv)
{
    struct common common = {.config = DEFAULT_CONFIG};
    struct buf config CLEANUP(buf_done) = BUF(PATH_MAX);

    if (!take_config(&common, argc, argv, &argc) || !make_absolute(&common, &config)) {
        (void)fprintf(stderr, "pam-oauth: --config needs a file; see pam-oauth --help\n");
        return EXIT_UNDECIDED;
    }
    if (argc < 2) {
        print_help(stderr);
        return EXIT_UNDECIDED;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return EXIT_YES;
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)printf("pam-oauth %s\n", PAM_OAUTH_VERSION);
        return EXIT_YES;
    }
    const struct command *command = find_command(argv[1]);
    if (command == NULL) {
        return (int)unknown_command(argv[1]);
    }
    if (argc > 2 && strcmp(argv[2], "--help") == 0) {
        print_help(stdout);
        return EXIT_YES;
    }
    return (int)command->run(&common, argc - 1, argv + 1);
}

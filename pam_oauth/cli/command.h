/*
 * The commands of pam-oauth: one row a command in main.c, one file a command. Exit codes for all:
 * 0 yes, 1 refused, 2 usage or could not decide (DESIGN section 5).
 */
#ifndef PAM_OAUTH_CLI_COMMAND_H
#define PAM_OAUTH_CLI_COMMAND_H

#include <stdbool.h>

#include "base/status.h"

enum exit_code { EXIT_YES = 0, EXIT_REFUSED = 1, EXIT_UNDECIDED = 2 };

/* What stands before or among the words of every command. */
struct common {
    const char *config; /* --config F, or the system's */
    bool config_given;
};

struct command {
    const char *name;
    const char *usage; /* the words behind the name */
    const char *does;  /* one line for --help */
    enum exit_code (*run)(const struct common *common, int argc, char **argv);
};

/* `argv[0]` is the command's name; options come before or behind operands. */
enum exit_code verify_run(const struct common *common, int argc, char **argv);
enum exit_code check_run(const struct common *common, int argc, char **argv);
enum exit_code explain_run(const struct common *common, int argc, char **argv);
enum exit_code who_can_run(const struct common *common, int argc, char **argv);
enum exit_code why_run(const struct common *common, int argc, char **argv);
enum exit_code sessions_run(const struct common *common, int argc, char **argv);
enum exit_code try_run(const struct common *common, int argc, char **argv);
enum exit_code jwks_run(const struct common *common, int argc, char **argv);
enum exit_code login_run(const struct common *common, int argc, char **argv);
enum exit_code token_run(const struct common *common, int argc, char **argv);
enum exit_code status_run(const struct common *common, int argc, char **argv);
enum exit_code logout_run(const struct common *common, int argc, char **argv);

/* Accepted, refused, not decided. */
enum exit_code command_exit_code(enum status status);

/* Writes `pam-oauth COMMAND: sentence` and how to get help to standard error; EXIT_UNDECIDED. */
enum exit_code command_misused(const char *command, const char *format, ...)
    __attribute__((__format__(__printf__, 2, 3)));

#endif

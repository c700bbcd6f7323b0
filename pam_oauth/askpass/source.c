#include "askpass/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "askpass/run.h"
#include "base/file.h"
#include "base/text.h"
#include "jose/jws.h"

#define FILE_VARIABLE "PAM_OAUTH_TOKEN_FILE"
#define COMMAND_VARIABLE "PAM_OAUTH_TOKEN_COMMAND"
#define STORED "pam-oauth"
/* A command may ask a person something in a window of its own. */
#define COMMAND_PATIENCE_MS 60000

static const char *
set(const char *variable)
{
    const char *value = getenv(variable);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* ---- a file --------------------------------------------------------------------------------- */

/* Nobody else's, readable by nobody else, under one name alone. */
static enum status
check_file(int fd, const char *path, struct why *why)
{
    struct stat state;

    if (fstat(fd, &state) != 0) {
        return status_because(why, ST_STORE, "%s: %s", path, strerrordesc_np(errno));
    }
    if (!S_ISREG(state.st_mode)) {
        return status_because(
            why, ST_STORE, "%s: not a regular file; for anything else there is " COMMAND_VARIABLE,
            path);
    }
    if (state.st_uid != geteuid()) {
        return status_because(why, ST_STORE,
                              "%s: owned by uid %u, not by you; for a file of somebody else's "
                              "there is " COMMAND_VARIABLE "='cat FILE'",
                              path, (unsigned int)state.st_uid);
    }
    if ((state.st_mode & 077) != 0) {
        return status_because(why, ST_STORE, "%s: open to group or others; chmod 600 it", path);
    }
    if (state.st_nlink != 1) {
        return status_because(why, ST_STORE, "%s: has another name (a hard link); copy it", path);
    }
    return ST_OK;
}

/* Opened once and read once, so that what was checked is what is read; no pipe keeps us waiting. */
static enum status
read_file(const char *path, struct why *why, struct buf *token)
{
    struct why cause = {""};
    int fd CLEANUP(file_close) =
        open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0) {
        return status_because(why, ST_STORE, "%s: %s", path,
                              errno == ELOOP ? "a symbolic link; name the real file"
                                             : strerrordesc_np(errno));
    }
    TRY(check_file(fd, path, why));
    enum status status = file_read_all(fd, &cause, token);
    return status == ST_OK || status == ST_MEMORY
               ? status
               : status_because(why, ST_STORE, "%s: %s", path, cause.sentence);
}

/* ---- a command ------------------------------------------------------------------------------ */

static enum status
run_command(const char *command, struct why *why, struct buf *token)
{
    struct why cause = {""};
    char *shell_command = strdup(command);
    char *const arguments[] = {(char[]){"sh"}, (char[]){"-c"}, shell_command, NULL};
    struct run run = {.path = "/bin/sh",
                      .arguments = arguments,
                      .prints_to = STDOUT_FILENO,
                      .patience_ms = COMMAND_PATIENCE_MS};

    if (shell_command == NULL) {
        return ST_MEMORY;
    }
    enum status status = run_program(&run, &cause, token);
    free(shell_command);
    return status == ST_OK || status == ST_MEMORY
               ? status
               : status_because(why, ST_STORE, COMMAND_VARIABLE ": %s", cause.sentence);
}

/* ---- pam-oauth token ------------------------------------------------------------------------ */

/* Beside this program, else where it is installed; never by PATH. */
static enum status
find_stored(struct buf *path)
{
    char self[2048];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self));

    if (length > 0 && (size_t)length < sizeof(self)) {
        const char *slash = memrchr(self, '/', (size_t)length);
        size_t directory = slash != NULL ? (size_t)(slash - self) + 1 : 0;
        TRY(buf_add(path, (struct span){.at = self, .length = directory}));
        TRY(buf_add_text(path, STORED));
        if (directory > 0 && access(buf_text(path), X_OK) == 0) {
            return ST_OK;
        }
    }
    buf_cut(path, 0);
    return buf_add_text(path, PAM_OAUTH_BINDIR "/" STORED);
}

static enum status
read_stored(struct why *why, struct buf *token)
{
    char *const arguments[] = {(char[]){STORED}, (char[]){"token"}, NULL};
    struct buf path CLEANUP(buf_done) = BUF(PATH_MAX + sizeof(STORED));
    struct why cause = {""};

    TRY(find_stored(&path));
    struct run run = {.path = buf_text(&path),
                      .arguments = arguments,
                      .prints_to = STDOUT_FILENO,
                      .patience_ms = COMMAND_PATIENCE_MS};
    enum status status = run_program(&run, &cause, token);
    return status == ST_OK || status == ST_MEMORY
               ? status
               : status_because(why, ST_STORE,
                                "no stored token (pam-oauth token: %s); run 'pam-oauth login', or "
                                "set " FILE_VARIABLE " or " COMMAND_VARIABLE,
                                cause.sentence);
}

/* ---- all three ------------------------------------------------------------------------------ */

static bool
is_of_a_token(char byte)
{
    return text_is_lower(byte) || text_is_upper(byte) || text_is_digit(byte) || byte == '-' ||
           byte == '_' || byte == '.';
}

/* What a login page or an error message would not pass; the rest is for whoever verifies it. */
static enum status
check_token(struct buf *token, struct why *why)
{
    struct span text = jws_without_line_end(buf_span(token));

    buf_cut(token, text.length);
    if (text.length == 0) {
        return status_because(why, ST_STORE, "there is nothing where the token should be");
    }
    for (size_t i = 0; i < text.length; i++) {
        if (!is_of_a_token(text.at[i])) {
            return status_because(why, ST_STORE,
                                  "what should be the token is none: its byte %zu is no letter, "
                                  "digit, '-', '_' or '.'",
                                  i + 1);
        }
    }
    return ST_OK;
}

enum status
source_token(struct why *why, struct buf *token)
{
    const char *file = set(FILE_VARIABLE);
    const char *command = set(COMMAND_VARIABLE);

    TRY(file != NULL      ? read_file(file, why, token)
        : command != NULL ? run_command(command, why, token)
                          : read_stored(why, token));
    return check_token(token, why);
}

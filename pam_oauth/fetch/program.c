#include "fetch/program.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "fetch/process.h"

/* To load, fork and end takes some milliseconds. */
#define LEAVE_MS 2000

enum status
program_check(const char *path, const struct program_name *name, struct why *why)
{
    int fd CLEANUP(file_close) = -1;
    bool root = geteuid() == 0 || getuid() == 0;
    struct file_trust trust = {.also_owner = root ? 0 : geteuid(), .secret = false};
    struct why cause = {""};
    struct stat state;

    if (lstat(path, &state) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
        return status_because(why, ST_CONFIG, "%s: %s is missing; install %s or set [paths] %s",
                              path, name->key, name->package, name->key);
    }
    enum status status = file_open_trusted(path, trust, &cause, &fd);
    if (status != ST_OK) {
        return status_because(why, status, "%s; this is the %s, see [paths] %s", cause.sentence,
                              name->key, name->key);
    }
    return ST_OK;
}

enum status
program_leave(const char *path, char *const arguments[], struct why *why)
{
    struct process process = PROCESS;

    TRY(process_start(path, arguments, why, &process));
    process_end(&process, LEAVE_MS);
    return ST_OK;
}

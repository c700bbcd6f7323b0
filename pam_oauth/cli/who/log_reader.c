#include "cli/who/log_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define JOURNALCTL "/usr/bin/journalctl"
#define GZIP "/usr/bin/gzip"

void
log_reader_done(struct log_reader *reader)
{
    file_close(&reader->fd);
    process_end(&reader->process, 0);
    free(reader->at);
    reader->at = NULL;
}

static enum status
make_room(struct why *why, struct log_reader *reader)
{
    reader->at = malloc(LOG_READER_LINE_MAX);
    return reader->at != NULL ? ST_OK : status_because(why, ST_MEMORY, "out of memory");
}

/* What it reads is foreign, so it gets nothing of ours but the name. */
static enum status
open_program(const char *program, char *const arguments[], struct why *why,
             struct log_reader *reader)
{
    TRY(make_room(why, reader));
    enum status status = process_start(program, arguments, why, &reader->process);
    return status == ST_PROVIDER ? ST_STORE : status;
}

static bool
is_packed(const char *path)
{
    size_t length = strlen(path);

    return length > 3 && strcmp(path + length - 3, ".gz") == 0;
}

static enum status
open_packed(const char *path, struct why *why, struct log_reader *reader)
{
    char name[] = "gzip";
    char unpack[] = "-dc";
    char end[] = "--";
    char *copy = strdup(path);
    char *arguments[] = {name, unpack, end, copy, NULL};

    enum status status = copy != NULL ? open_program(GZIP, arguments, why, reader)
                                      : status_because(why, ST_MEMORY, "out of memory");
    free(copy);
    return status;
}

enum status
log_reader_open(const char *path, struct why *why, struct log_reader *reader)
{
    struct stat status_of;

    if (strcmp(path, "-") == 0) {
        reader->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
        return reader->fd >= 0 ? make_room(why, reader)
                               : status_because(why, ST_STORE, "%s", strerrordesc_np(errno));
    }
    /* O_NONBLOCK: a FIFO in its place must not hang us. */
    reader->fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (reader->fd < 0 || fstat(reader->fd, &status_of) != 0) {
        return status_because(why, ST_STORE, "%s", strerrordesc_np(errno));
    }
    if (!S_ISREG(status_of.st_mode)) {
        return status_because(why, ST_STORE, "not a regular file");
    }
    if (is_packed(path)) {
        file_close(&reader->fd);
        return open_packed(path, why, reader);
    }
    return make_room(why, reader);
}

bool
log_reader_has_journal(void)
{
    return access(JOURNALCTL, X_OK) == 0 &&
           (access("/run/log/journal", F_OK) == 0 || access("/var/log/journal", F_OK) == 0);
}

enum status
log_reader_open_journal(struct why *why, struct log_reader *reader)
{
    char name[] = "journalctl";
    char quiet[] = "--quiet";
    char no_pager[] = "--no-pager";
    char output[] = "--output=short-iso";
    char authpriv[] = "SYSLOG_FACILITY=10";
    char *arguments[] = {name, quiet, no_pager, output, authpriv, NULL};

    return open_program(JOURNALCTL, arguments, why, reader);
}

/* More bytes behind those that are there; false at the end. */
static bool
fill(struct log_reader *reader)
{
    ssize_t got;

    memmove(reader->at, reader->at + reader->taken, reader->filled - reader->taken);
    reader->filled -= reader->taken;
    reader->taken = 0;
    do {
        got = read(reader->fd >= 0 ? reader->fd : reader->process.socket,
                   reader->at + reader->filled, LOG_READER_LINE_MAX - reader->filled);
    } while (got < 0 && errno == EINTR);
    reader->ended = got <= 0;
    reader->filled += got > 0 ? (size_t)got : 0;
    return !reader->ended;
}

bool
log_reader_next(struct log_reader *reader, struct span *ret_line)
{
    for (;;) {
        char *start = reader->at + reader->taken;
        size_t left = reader->filled - reader->taken;
        const char *end = memchr(start, '\n', left);
        if (end == NULL && left == LOG_READER_LINE_MAX) {
            reader->passing = true;
            reader->taken = reader->filled;
            end = NULL;
        } else if (end != NULL || (reader->ended && left > 0)) {
            size_t length = end != NULL ? (size_t)(end - start) : left;
            bool passed = reader->passing;
            reader->taken += length + (end != NULL ? 1 : 0);
            reader->passing = false;
            if (!passed) {
                *ret_line = (struct span){.at = start, .length = length};
                return true;
            }
            continue;
        }
        if (reader->ended || (!fill(reader) && reader->filled == 0)) {
            return false;
        }
    }
}

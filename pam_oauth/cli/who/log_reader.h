/*
 * The lines of a log, one after the other: of a file, of one that gzip has packed, or of the
 * journal. It may be of any size and hold anything.
 */
#ifndef PAM_OAUTH_CLI_WHO_LOG_READER_H
#define PAM_OAUTH_CLI_WHO_LOG_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "fetch/process.h"

/* A longer line is passed over: ours have at most 8 KiB. */
#define LOG_READER_LINE_MAX ((size_t)16 * 1024)

struct log_reader {
    int fd;                 /* of a file; -1: the process's socket */
    struct process process; /* that unpacks or reads the journal */
    char *at;               /* LOG_READER_LINE_MAX bytes */
    size_t filled;
    size_t taken; /* of those, given out already */
    bool passing; /* in the middle of a line that is too long */
    bool ended;
};
#define LOG_READER                                                                                 \
    {                                                                                              \
        .fd = -1, .process = PROCESS, .at = NULL, .filled = 0, .taken = 0, .passing = false,       \
        .ended = false                                                                             \
    }
/* Fits CLEANUP; whatever still runs is ended. */
void log_reader_done(struct log_reader *reader);

/*
 * Opens a file, `-` for standard input; one whose name ends in .gz goes through gzip. ST_STORE with
 * the reason when it cannot be read or is no regular file; ST_MEMORY.
 */
MUST_CHECK enum status log_reader_open(const char *path, struct why *why,
                                       struct log_reader *reader);

/* Is there a journal, and something to read it? */
bool log_reader_has_journal(void);

/* Opens what the journal has of authentications (facility authpriv). As above. */
MUST_CHECK enum status log_reader_open_journal(struct why *why, struct log_reader *reader);

/* The next line, without its LF, valid until the next call; false at the end. */
bool log_reader_next(struct log_reader *reader, struct span *ret_line);

#endif

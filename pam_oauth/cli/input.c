#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum status
input_read(const char *path, struct why *why, struct buf *into)
{
    int fd CLEANUP(file_close) = -1;

    if (strcmp(path, "-") == 0) {
        return file_read_all(STDIN_FILENO, why, into);
    }
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return status_because(why, ST_STORE, "%s", strerrordesc_np(errno));
    }
    return file_read_all(fd, why, into);
}

#include "login/terminal.h"

#include <fcntl.h>
#include <langinfo.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"

#define SSH_COLUMNS 80

/*
 * "tty1", "/dev/tty1", "pts/3" ... and nothing that leads out of /dev. The name comes from the host
 * program, not from the person; it is opened all the same as if it did not.
 */
static bool
device_path(const char *tty, char *path, size_t room)
{
    const char *name = strncmp(tty, "/dev/", 5) == 0 ? tty + 5 : tty;

    for (const char *at = name; *at != '\0'; at++) {
        if (!text_is_lower(*at) && !text_is_upper(*at) && !text_is_digit(*at) && *at != '/') {
            return false;
        }
    }
    int length = snprintf(path, room, "/dev/%s", name);
    return name[0] != '\0' && name[0] != '/' && length > 0 && (size_t)length < room;
}

/* O_NONBLOCK: a serial line without a partner would keep us waiting. */
static bool
size_of(const char *tty, struct winsize *ret_size)
{
    int fd CLEANUP(file_close) = -1;
    char path[64];
    struct stat about;

    if (!device_path(tty, path, sizeof(path)) || lstat(path, &about) != 0 ||
        !S_ISCHR(about.st_mode)) {
        return false;
    }
    fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return fd >= 0 && ioctl(fd, TIOCGWINSZ, ret_size) == 0;
}

struct terminal
terminal_look(const char *tty)
{
    struct winsize size = {.ws_col = 0, .ws_row = 0};

    if (strcmp(tty, TERMINAL_SSH) == 0) {
        return (struct terminal){.utf8 = true, .columns = SSH_COLUMNS, .rows = SIZE_MAX};
    }
    if (!size_of(tty, &size)) {
        return (struct terminal){.utf8 = false, .columns = 0, .rows = 0};
    }
    return (struct terminal){
        .utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
        .columns = size.ws_col,
        .rows = size.ws_row,
    };
}

#include "askpass/pending.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "store/wallet.h"

#define RUN "/run/pam_oauth"
/* Always in memory, and there in a container that has no runtime directory. */
#define LAST_RESORT "/dev/shm/pam-oauth-%u"
#define PREFIX "askpass."

struct pending_name {
    char text[64];
};

static struct pending_name
name_for(const struct asker *asker)
{
    struct pending_name name;

    (void)snprintf(name.text, sizeof(name.text), PREFIX "%d.%" PRIu64, (int)asker->pid,
                   asker->start);
    return name;
}

/* A name that others can take too, but only by being there first: then it is not ours. */
static enum status
open_last_resort(struct why *why, int *ret_directory)
{
    char path[64];
    struct stat state;

    (void)snprintf(path, sizeof(path), LAST_RESORT, (unsigned int)geteuid());
    (void)mkdir(path, 0700);
    int directory CLEANUP(file_close) = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory < 0 || fstat(directory, &state) != 0) {
        return status_because(why, ST_STORE,
                              "there is no place to keep the token until its next part is asked "
                              "for: no runtime directory, and %s: %s",
                              path, strerrordesc_np(errno));
    }
    if (state.st_uid != geteuid() || (state.st_mode & 077) != 0) {
        return status_because(why, ST_STORE,
                              "%s is not yours alone, so the token cannot be kept there until its "
                              "next part is asked for; remove it",
                              path);
    }
    *ret_directory = directory;
    directory = -1;
    return ST_OK;
}

/* Has the process ended for which the file `name` was made? */
static bool
is_left_over(const char *name)
{
    struct span rest = span_of(name);
    struct span word;
    struct span pid_text;
    struct span start_text;
    int64_t pid = 0;
    uint64_t start = 0;
    char again[32];

    if (!span_starts(rest, PREFIX) || !span_cut(rest, '.', &word, &rest) ||
        !span_cut(rest, '.', &pid_text, &start_text) ||
        !text_number(pid_text, 1, INT32_MAX, &pid)) {
        return false;
    }
    if (!asker_start((pid_t)pid, &start)) {
        return true;
    }
    (void)snprintf(again, sizeof(again), "%" PRIu64, start);
    return !span_is(start_text, again);
}

static void
sweep(int directory)
{
    int again = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = again >= 0 ? fdopendir(again) : NULL;
    const struct dirent *entry;

    if (list == NULL) {
        file_close(&again);
        return;
    }
    while ((entry = readdir(list)) != NULL) {
        if (is_left_over(entry->d_name)) {
            (void)unlinkat(directory, entry->d_name, 0);
        }
    }
    (void)closedir(list);
}

static enum status
open_place(struct why *why, int *ret_directory)
{
    struct wallet_place place = {.runtime = WALLET_RUNTIME, .run = RUN, .uid = geteuid()};
    struct why cause = {""};

    enum status status = wallet_make(&place, &cause, ret_directory);
    return status == ST_OK || status == ST_MEMORY ? status : open_last_resort(why, ret_directory);
}

enum status
pending_keep(const struct asker *asker, struct span token, struct why *why)
{
    int directory CLEANUP(file_close) = -1;

    TRY(open_place(why, &directory));
    sweep(directory);
    return wallet_write(directory, name_for(asker).text, token, why);
}

enum status
pending_find(const struct asker *asker, struct why *why, struct buf *token)
{
    int directory CLEANUP(file_close) = -1;
    bool found = false;

    TRY(open_place(why, &directory));
    TRY(wallet_read(directory, geteuid(), name_for(asker).text, why, token, &found));
    return found ? ST_OK
                 : status_because(why, ST_STORE,
                                  "a later part of a token is asked for, and no first part was "
                                  "given by this program");
}

enum status
pending_forget(const struct asker *asker, struct why *why)
{
    int directory CLEANUP(file_close) = -1;

    TRY(open_place(why, &directory));
    return wallet_remove(directory, name_for(asker).text, why);
}

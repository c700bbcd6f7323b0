#include "store/seat.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "jose/digest.h"
#include "store/place.h"

#define FILE_NAME "device.flows"
/* A digest, a blank, a number and room for a few digits more. */
#define RECORD_SIZE ((size_t)96)
/* More than the seats that a host can be given: seats that no longer count are not given again. */
#define SEATS_MAX ((size_t)4096)
/* A part of the file that nobody reads: whoever has its lock may count and take. */
#define DOOR_AT ((off_t)1 << 40)
/* Counting takes a millisecond. Longer than this a process that somebody stopped stands there. */
#define DOOR_MS 1000
#define LOOK_MS 10

/* One lock or its end; false if somebody else has it. */
static bool
set_lock(int fd, short type, off_t at, off_t length)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = length};

    return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

/* Does another process, or another thread with its own descriptor, sit there? */
static bool
is_taken(int fd, off_t at)
{
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = at, .l_len = (off_t)RECORD_SIZE};

    return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

void
seat_done(struct seat *seat)
{
    if (seat->fd >= 0) {
        /* Not only close: a fork of the host may hold the descriptor, and with it the lock. */
        (void)set_lock(seat->fd, F_UNLCK, seat->at, (off_t)RECORD_SIZE);
        file_close(&seat->fd);
    }
}

static enum status
open_file(const struct seat_wish *wish, struct why *why, int *ret_fd)
{
    int directory CLEANUP(file_close) = -1;
    int fd CLEANUP(file_close) = -1;

    TRY(place_open(wish->directory, PLACE_RUN_MODE, wish->owner, why, &directory));
    fd = openat(directory, FILE_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd < 0) {
        return status_because(why, ST_STORE, "%s/" FILE_NAME ": %s", wish->directory,
                              strerrordesc_np(errno));
    }
    if (!place_is_named(directory, FILE_NAME, fd)) {
        return status_because(why, ST_STORE, "%s/" FILE_NAME " is not a file of its own",
                              wish->directory);
    }
    *ret_fd = fd;
    fd = -1;
    return ST_OK;
}

/* Waits for the door, but not for ever: then two might count at once, and one too many sit down. */
static bool
enter(int fd)
{
    int64_t until_ms = clock_ms() + DOOR_MS;

    while (!set_lock(fd, F_WRLCK, DOOR_AT, 1)) {
        if (errno != EAGAIN && errno != EACCES) {
            return false;
        }
        if (clock_ms() >= until_ms) {
            return true;
        }
        (void)poll(NULL, 0, LOOK_MS);
    }
    return true;
}

static void
leave(int fd)
{
    (void)set_lock(fd, F_UNLCK, DOOR_AT, 1);
}

/* ---- who sits there ------------------------------------------------------------------------- */

struct crowd {
    int64_t all;
    int64_t of_account;
    size_t first_free;
};

/* A record that makes no sense is somebody all the same. */
static void
count_one(int fd, off_t at, struct span account, int64_t now_ms, struct crowd *crowd)
{
    char text[RECORD_SIZE];
    struct span record = {.at = text, .length = sizeof(text)};
    struct span digest = {NULL, 0};
    struct span line;
    struct span number;
    int64_t until_ms;

    if (pread(fd, text, sizeof(text), at) == (ssize_t)sizeof(text) && span_line(&record, &line) &&
        span_word(&line, &digest) && span_word(&line, &number) &&
        text_number(number, 0, INT64_MAX, &until_ms) && until_ms < now_ms) {
        return;
    }
    crowd->all++;
    crowd->of_account += span_equals(digest, account) ? 1 : 0;
}

static enum status
count(int fd, struct span account, int64_t now_ms, struct why *why, struct crowd *crowd)
{
    struct stat state;

    if (fstat(fd, &state) != 0) {
        return status_because(why, ST_STORE, "device flows cannot be counted: %s",
                              strerrordesc_np(errno));
    }
    size_t seats = (size_t)state.st_size / RECORD_SIZE;
    seats = seats < SEATS_MAX ? seats : SEATS_MAX;
    *crowd = (struct crowd){.all = 0, .first_free = seats};
    for (size_t i = seats; i-- > 0;) {
        off_t at = (off_t)(i * RECORD_SIZE);
        if (is_taken(fd, at)) {
            count_one(fd, at, account, now_ms, crowd);
        } else {
            crowd->first_free = i;
        }
    }
    return ST_OK;
}

static enum status
check_room(const struct seat_wish *wish, const struct crowd *crowd, struct why *why)
{
    if (crowd->of_account >= wish->for_account) {
        return status_because(why, ST_PROVIDER,
                              "%lld device flows wait for this account already "
                              "(device_limit_per_account)",
                              (long long)crowd->of_account);
    }
    if (crowd->all >= wish->for_all || crowd->first_free >= SEATS_MAX) {
        return status_because(why, ST_PROVIDER,
                              "%lld device flows wait on this host already (device_limit)",
                              (long long)crowd->all);
    }
    return ST_OK;
}

/* ---- sitting down --------------------------------------------------------------------------- */

static enum status
compose(struct span account, int64_t until_ms, struct buf *record)
{
    TRY(buf_add(record, account));
    TRY(buf_printf(record, " %lld", (long long)until_ms));
    while (record->length < RECORD_SIZE - 1) {
        TRY(buf_add_char(record, ' '));
    }
    return buf_add_char(record, '\n');
}

static enum status
sit_down(const struct seat_wish *wish, struct span account, struct why *why, struct seat *seat)
{
    struct buf record CLEANUP(buf_done) = BUF(RECORD_SIZE);
    struct crowd crowd = {.all = 0};

    TRY(count(seat->fd, account, wish->now_ms, why, &crowd));
    TRY(check_room(wish, &crowd, why));
    TRY(compose(account, wish->until_ms, &record));
    off_t at = (off_t)(crowd.first_free * RECORD_SIZE);
    if (!place_may_write((size_t)at + record.length) ||
        !set_lock(seat->fd, F_WRLCK, at, (off_t)RECORD_SIZE)) {
        return status_because(why, ST_STORE, "this device flow cannot be counted");
    }
    seat->at = at;
    return pwrite(seat->fd, record.at, record.length, at) == (ssize_t)record.length
               ? ST_OK
               : status_because(why, ST_STORE, "this device flow cannot be counted: %s",
                                strerrordesc_np(errno));
}

enum status
seat_take(const struct seat_wish *wish, struct why *why, struct seat *seat)
{
    struct buf account CLEANUP(buf_done) = BUF(2 * DIGEST_BYTES);
    struct seat ours CLEANUP(seat_done) = SEAT;

    TRY(digest_sha256_hex(span_of(wish->account), &account));
    TRY(open_file(wish, why, &ours.fd));
    if (!enter(ours.fd)) {
        return status_because(why, ST_STORE, "device flows cannot be counted: %s",
                              strerrordesc_np(errno));
    }
    enum status status = sit_down(wish, buf_span(&account), why, &ours);
    leave(ours.fd);
    TRY(status);
    *seat = ours;
    ours = (struct seat)SEAT;
    return ST_OK;
}

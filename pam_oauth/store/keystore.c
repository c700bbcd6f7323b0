#include "store/keystore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "jose/digest.h"

#define FIRST_LINE "pam_oauth keystore 1"
#define LAST_LINE "end\n"
/* SHA-256 in hexadecimal and a suffix. */
#define NAME_MAX_LENGTH ((size_t)96)
/* Anybody may read keys; nobody needs to list what else this host remembers (DESIGN section 8). */
#define CACHE_MODE 0755
#define RUN_MODE 0711
/* Seconds as they stand in a file: up to the year 9999. */
#define SECONDS_MAX INT64_C(253402300799)

void
keystore_entry_done(struct keystore_entry *entry)
{
    buf_done(&entry->text);
    *entry = (struct keystore_entry)KEYSTORE_ENTRY;
}

static enum status
file_name(const char *issuer, const char *suffix, struct buf *name)
{
    TRY(digest_sha256_hex(span_of(issuer), name));
    return buf_add_text(name, suffix);
}

/*
 * Opens one of our directories, and makes it first if it is not there: /run is empty after every
 * start of the machine. Who may not make it learns that it is missing.
 */
static enum status
open_directory(const char *path, mode_t mode, uid_t owner, struct why *why, int *ret_fd)
{
    struct file_trust trust = {.also_owner = owner, .secret = false};

    bool made = mkdir(path, mode) == 0;
    if (file_open_trusted_directory(path, trust, why, ret_fd) != ST_OK) {
        return ST_STORE;
    }
    /* The host's umask may be anything. */
    return !made || fchmod(*ret_fd, mode) == 0
               ? ST_OK
               : status_because(why, ST_STORE, "%s: %s", path, strerrordesc_np(errno));
}

static enum status
damaged(struct why *why, const char *what)
{
    return status_because(why, ST_STORE, "the stored keys are damaged (%s)", what);
}

/* Takes the next line, which must be `name VALUE`; the value `-` is the empty one. */
static bool
take_field(struct span *rest, const char *name, struct span *ret_value)
{
    struct span line;
    struct span key;

    if (!span_line(rest, &line) || !span_cut(line, ' ', &key, ret_value) || !span_is(key, name)) {
        return false;
    }
    if (span_is(*ret_value, "-")) {
        ret_value->length = 0;
    }
    return true;
}

static bool
take_seconds(struct span *rest, const char *name, int64_t *ret_s)
{
    struct span value;

    return take_field(rest, name, &value) && text_number(value, 0, SECONDS_MAX, ret_s);
}

/* What is left must be exactly `count` lines and the last one: a cut file has fewer. */
static bool
take_lines(struct span rest, int64_t count, struct span *ret_lines)
{
    struct span last = span_of(LAST_LINE);
    int64_t found = 0;

    if (rest.length < last.length ||
        memcmp(rest.at + rest.length - last.length, last.at, last.length) != 0) {
        return false;
    }
    *ret_lines = (struct span){.at = rest.at, .length = rest.length - last.length};
    for (size_t i = 0; i < ret_lines->length; i++) {
        found += ret_lines->at[i] == '\n' ? 1 : 0;
    }
    return found == count;
}

static enum status
parse(struct span rest, const char *issuer, struct why *why, struct keystore_entry *entry)
{
    struct span line;
    int64_t count;

    if (!span_line(&rest, &line) || !span_is(line, FIRST_LINE)) {
        return damaged(why, "first line");
    }
    if (!take_field(&rest, "issuer", &entry->issuer) || !span_is(entry->issuer, issuer)) {
        return damaged(why, "issuer");
    }
    if (!take_field(&rest, "jwks_uri", &entry->jwks_uri) ||
        !take_field(&rest, "device_authorization_endpoint",
                    &entry->device_authorization_endpoint) ||
        !take_field(&rest, "token_endpoint", &entry->token_endpoint)) {
        return damaged(why, "endpoints");
    }
    if (!take_seconds(&rest, "fetched", &entry->fetched_s) ||
        !take_seconds(&rest, "fresh_until", &entry->fresh_until_s)) {
        return damaged(why, "times");
    }
    if (!take_field(&rest, "keys", &line) || !text_number(line, 0, 100000, &count) ||
        !take_lines(rest, count, &entry->lines)) {
        return damaged(why, "keys");
    }
    return ST_OK;
}

enum status
keystore_load(const char *directory, uid_t owner, const char *issuer, struct why *why,
              struct keystore_entry *entry)
{
    struct buf name CLEANUP(buf_done) = BUF(NAME_MAX_LENGTH);
    struct file_trust trust = {.also_owner = owner, .secret = false};
    struct why cause = {""};
    int parent CLEANUP(file_close) = -1;
    int fd CLEANUP(file_close) = -1;

    TRY(file_name(issuer, ".keys", &name));
    if (file_open_trusted_directory(directory, trust, &cause, &parent) != ST_OK ||
        file_open_trusted_at(parent, buf_text(&name), trust, &cause, &fd) != ST_OK) {
        return status_because(why, ST_STORE, "no stored keys: %s", cause.sentence);
    }
    enum status status = file_read_all(fd, &cause, &entry->text);
    if (status == ST_MEMORY) {
        return status;
    }
    if (status != ST_OK) {
        return damaged(why, cause.sentence);
    }
    return parse(buf_span(&entry->text), issuer, why, entry);
}

static enum status
add_field(struct buf *text, const char *name, struct span value)
{
    return buf_printf(text, "%s %.*s\n", name, value.length > 0 ? (int)value.length : 1,
                      value.length > 0 ? value.at : "-");
}

static enum status
compose(const struct keystore_entry *entry, struct buf *text)
{
    size_t count = 0;

    for (size_t i = 0; i < entry->lines.length; i++) {
        count += entry->lines.at[i] == '\n' ? 1 : 0;
    }
    TRY(buf_add_text(text, FIRST_LINE "\n"));
    TRY(add_field(text, "issuer", entry->issuer));
    TRY(add_field(text, "jwks_uri", entry->jwks_uri));
    TRY(add_field(text, "device_authorization_endpoint", entry->device_authorization_endpoint));
    TRY(add_field(text, "token_endpoint", entry->token_endpoint));
    TRY(buf_printf(text, "fetched %lld\nfresh_until %lld\nkeys %zu\n", (long long)entry->fetched_s,
                   (long long)entry->fresh_until_s, count));
    TRY(buf_add(text, entry->lines));
    return buf_add_text(text, LAST_LINE);
}

/* write(2) until all of it is written. */
static bool
write_all(int fd, struct span bytes)
{
    while (bytes.length > 0) {
        ssize_t wrote = write(fd, bytes.at, bytes.length);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote <= 0) {
            return false;
        }
        bytes.at += wrote;
        bytes.length -= (size_t)wrote;
    }
    return true;
}

/*
 * The kernel answers a write past RLIMIT_FSIZE with a signal that ends the host, and su hands its
 * caller's limits on: so nothing is written that the limit does not allow (R108).
 */
static bool
may_write(size_t length)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur >= length;
}

/*
 * The temporary file has one name, so that processes that are killed leave one file and not a heap,
 * and whoever holds its lock writes it. A file that was renamed between our open and our lock is
 * the live one: it is left alone.
 */
static int
open_temporary(int directory, const char *name)
{
    struct stat ours;
    struct stat named;
    int fd = openat(directory, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);

    if (fd < 0) {
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &ours) != 0 ||
        fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(ours.st_mode) ||
        ours.st_ino != named.st_ino || ours.st_dev != named.st_dev || ours.st_nlink != 1) {
        int error = errno != 0 ? errno : EAGAIN;
        file_close(&fd);
        errno = error;
    }
    return fd;
}

static bool
write_and_rename(int directory, const char *temporary, const char *name, struct span text)
{
    int fd CLEANUP(file_close) = open_temporary(directory, temporary);

    /* fchown and fchmod: a leftover may be anybody's, and the host's umask anything. */
    return fd >= 0 && fchown(fd, geteuid(), (gid_t)-1) == 0 && fchmod(fd, 0644) == 0 &&
           ftruncate(fd, 0) == 0 && write_all(fd, text) && fsync(fd) == 0 &&
           renameat(directory, temporary, directory, name) == 0;
}

enum status
keystore_save(const char *directory, const struct keystore_entry *entry, struct why *why)
{
    struct buf name CLEANUP(buf_done) = BUF(NAME_MAX_LENGTH);
    struct buf temporary CLEANUP(buf_done) = BUF(NAME_MAX_LENGTH);
    struct buf text CLEANUP(buf_done) = BUF(KEYSTORE_FILE_MAX);
    struct buf issuer CLEANUP(buf_done) = BUF(KEYSTORE_FILE_MAX);
    int parent CLEANUP(file_close) = -1;

    TRY(buf_add(&issuer, entry->issuer));
    TRY(file_name(buf_text(&issuer), ".keys", &name));
    TRY(file_name(buf_text(&issuer), ".new", &temporary));
    TRY(compose(entry, &text));
    if (!may_write(text.length)) {
        return status_because(why, ST_STORE,
                              "keys not stored: this process may not write files of "
                              "%zu bytes (RLIMIT_FSIZE)",
                              text.length);
    }
    TRY(open_directory(directory, CACHE_MODE, geteuid(), why, &parent));
    errno = 0;
    if (!write_and_rename(parent, buf_text(&temporary), buf_text(&name), buf_span(&text))) {
        if (errno == EAGAIN) {
            return ST_OK; /* another process is storing keys of this issuer: as good as ours */
        }
        return status_because(why, ST_STORE, "keys not stored in %s: %s", directory,
                              strerrordesc_np(errno));
    }
    return ST_OK;
}

/* With the lock held: is the interval over? Then it begins anew now. */
static enum status
claim_locked(int fd, int64_t now_s, int64_t interval_s, struct why *why)
{
    struct stat status;
    const struct timespec stamp[2] = {{.tv_sec = now_s}, {.tv_sec = now_s}};

    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        return status_because(why, ST_STORE, "the refresh stamp is not a file");
    }
    /* An empty file was made just now; a stamp from the future is the clock's fault, not a lock. */
    int64_t age_s = now_s - (int64_t)status.st_mtim.tv_sec;
    if (status.st_size > 0 && age_s >= 0 && age_s < interval_s) {
        return status_because(why, ST_STORE, "the keys were asked for %lld s ago",
                              (long long)age_s);
    }
    if (!may_write(1) || pwrite(fd, "\n", 1, 0) != 1 || futimens(fd, stamp) != 0) {
        return status_because(why, ST_STORE, "the refresh stamp cannot be written");
    }
    return ST_OK;
}

enum status
keystore_claim_refresh(const char *directory, uid_t owner, const char *issuer, int64_t now_s,
                       int64_t interval_s, struct why *why)
{
    struct buf name CLEANUP(buf_done) = BUF(NAME_MAX_LENGTH);
    int parent CLEANUP(file_close) = -1;
    int fd CLEANUP(file_close) = -1;

    TRY(file_name(issuer, ".refresh", &name));
    TRY(open_directory(directory, RUN_MODE, owner, why, &parent));
    fd = openat(parent, buf_text(&name), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                0600);
    if (fd < 0) {
        return status_because(why, ST_STORE, "%s: %s", directory, strerrordesc_np(errno));
    }
    /* Whoever holds the lock is claiming this very interval: no need to wait for the answer. */
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        return status_because(why, ST_STORE, "another process is asking for the keys");
    }
    return claim_locked(fd, now_s, interval_s, why);
}

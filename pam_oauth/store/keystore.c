#include "store/keystore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "store/place.h"

#define FIRST_LINE "pam_oauth keystore 1"
#define LAST_LINE "end\n"

void
keystore_entry_done(struct keystore_entry *entry)
{
    buf_done(&entry->text);
    *entry = (struct keystore_entry)KEYSTORE_ENTRY;
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

    return take_field(rest, name, &value) && text_number(value, 0, PLACE_SECONDS_MAX, ret_s);
}

static int64_t
count_lines(struct span lines)
{
    const char *at = lines.at;
    const char *end = lines.at + lines.length;
    int64_t count = 0;

    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        at++;
        count++;
    }
    return count;
}

/* What is left must be exactly `count` lines and the last one: a cut file has fewer. */
static bool
take_lines(struct span rest, int64_t count, struct span *ret_lines)
{
    struct span last = span_of(LAST_LINE);

    if (rest.length < last.length ||
        memcmp(rest.at + rest.length - last.length, last.at, last.length) != 0) {
        return false;
    }
    *ret_lines = (struct span){.at = rest.at, .length = rest.length - last.length};
    return count_lines(*ret_lines) == count;
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

/* Another name of the file may stand where others can write. */
static bool
has_other_names(int fd)
{
    struct stat state;

    return fstat(fd, &state) != 0 || state.st_nlink != 1;
}

enum status
keystore_load(const char *directory, uid_t owner, const char *issuer, struct why *why,
              struct keystore_entry *entry)
{
    struct buf name CLEANUP(buf_done) = BUF(PLACE_NAME_MAX);
    struct file_trust trust = {.also_owner = owner, .secret = false};
    struct why cause = {""};
    int parent CLEANUP(file_close) = -1;
    int fd CLEANUP(file_close) = -1;

    TRY(place_name(issuer, ".keys", &name));
    if (file_open_trusted_directory(directory, trust, &cause, &parent) != ST_OK ||
        file_open_trusted_at(parent, buf_text(&name), trust, &cause, &fd) != ST_OK) {
        return status_because(why, ST_STORE, "no stored keys: %s", cause.sentence);
    }
    if (has_other_names(fd)) {
        return damaged(why, "it has other names, which are hard links");
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
    TRY(buf_add_text(text, FIRST_LINE "\n"));
    TRY(add_field(text, "issuer", entry->issuer));
    TRY(add_field(text, "jwks_uri", entry->jwks_uri));
    TRY(add_field(text, "device_authorization_endpoint", entry->device_authorization_endpoint));
    TRY(add_field(text, "token_endpoint", entry->token_endpoint));
    TRY(buf_printf(text, "fetched %lld\nfresh_until %lld\nkeys %lld\n", (long long)entry->fetched_s,
                   (long long)entry->fresh_until_s, (long long)count_lines(entry->lines)));
    TRY(buf_add(text, entry->lines));
    return buf_add_text(text, LAST_LINE);
}

/* What stands there already, and was fetched after ours, is better: a process may be stopped. */
static bool
is_outdated(int directory, const char *name, const struct keystore_entry *entry, int64_t now_s)
{
    struct keystore_entry stored CLEANUP(keystore_entry_done) = KEYSTORE_ENTRY;
    struct buf issuer CLEANUP(buf_done) = BUF(KEYSTORE_FILE_MAX);
    int fd CLEANUP(file_close) =
        openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    return fd >= 0 && buf_add(&issuer, entry->issuer) == ST_OK &&
           file_read_all(fd, /* why: */ NULL, &stored.text) == ST_OK &&
           parse(buf_span(&stored.text), buf_text(&issuer), /* why: */ NULL, &stored) == ST_OK &&
           stored.fetched_s > entry->fetched_s && stored.fetched_s <= now_s;
}

/* What an entry's two files are called. */
struct names {
    struct buf keys;
    struct buf temporary;
};
#define NAMES                                                                                      \
    {                                                                                              \
        .keys = BUF(PLACE_NAME_MAX), .temporary = BUF(PLACE_NAME_MAX)                              \
    }

static void
names_done(struct names *names)
{
    buf_done(&names->keys);
    buf_done(&names->temporary);
}

static enum status
find_names(const struct keystore_entry *entry, struct names *names)
{
    struct buf issuer CLEANUP(buf_done) = BUF(KEYSTORE_FILE_MAX);

    TRY(buf_add(&issuer, entry->issuer));
    TRY(place_name(buf_text(&issuer), ".keys", &names->keys));
    return place_name(buf_text(&issuer), ".new", &names->temporary);
}

/* errno is EAGAIN when another process stores keys of this issuer, or has stored better ones. */
static bool
write_and_rename(int directory, const struct names *names, const struct keystore_entry *entry,
                 struct span text, int64_t now_s)
{
    const char *temporary = buf_text(&names->temporary);
    const char *name = buf_text(&names->keys);
    int fd CLEANUP(file_close) = place_open_temporary(directory, temporary, now_s);

    if (fd < 0 || !place_fill(fd, 0644, text)) {
        return false;
    }
    bool named = place_is_named(directory, temporary, fd);
    if (!named || is_outdated(directory, name, entry, now_s)) {
        (void)(named && unlinkat(directory, temporary, 0) == 0);
        errno = EAGAIN;
        return false;
    }
    return renameat(directory, temporary, directory, name) == 0;
}

enum status
keystore_save(const char *directory, const struct keystore_entry *entry, int64_t now_s,
              struct why *why)
{
    struct names names CLEANUP(names_done) = NAMES;
    struct buf text CLEANUP(buf_done) = BUF(KEYSTORE_FILE_MAX);
    int parent CLEANUP(file_close) = -1;

    TRY(find_names(entry, &names));
    TRY(compose(entry, &text));
    if (!place_may_write(text.length)) {
        return status_because(why, ST_STORE,
                              "keys not stored: this process may not write files of "
                              "%zu bytes (RLIMIT_FSIZE)",
                              text.length);
    }
    TRY(place_open(directory, PLACE_CACHE_MODE, geteuid(), why, &parent));
    errno = 0;
    if (!write_and_rename(parent, &names, entry, buf_span(&text), now_s) && errno != EAGAIN) {
        return status_because(why, ST_STORE, "keys not stored in %s: %s", directory,
                              strerrordesc_np(errno));
    }
    return ST_OK;
}

#include "store/flight.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#define FIRST_LINE "pam_oauth flight 1"
/* Always written whole, by one call, so that no reader finds two halves of different flights. */
#define RECORD_SIZE ((size_t)2048)
/* How often somebody who waits looks again. */
#define LOOK_MS 20
/* How long a lock may be held by a process that has not written down that it begins. */
#define SILENCE_MS 1000
/* A file that is replaced between our open and our lock is opened again, so often. */
#define TRIES 3

static const char *const end_words[FLIGHT_END_COUNT] = {
    [FLIGHT_FLYING] = "flying",
    [FLIGHT_STORED] = "stored",
    [FLIGHT_UNSTORED] = "unstored",
    [FLIGHT_FAILED] = "failed",
};

static void
give_back(struct flight *flight)
{
    if (flight->ours) {
        /* Not only close: a fork of the host may hold the descriptor, and with it the lock. */
        (void)flock(flight->fd, LOCK_UN);
        flight->ours = false;
    }
}

void
flight_leave(struct flight *flight)
{
    give_back(flight);
}

void
flight_done(struct flight *flight)
{
    give_back(flight);
    file_close(&flight->fd);
    file_close(&flight->directory);
    buf_done(&flight->name);
}

/* ---- the text ------------------------------------------------------------------------------ */

static bool
take_seconds(struct span *rest, const char *name, int64_t *ret_s)
{
    struct span line;
    struct span key;
    struct span value;

    return span_line(rest, &line) && span_cut(line, ' ', &key, &value) && span_is(key, name) &&
           text_number(value, 0, PLACE_SECONDS_MAX, ret_s);
}

static bool
take_end(struct span *rest, struct flight_record *record)
{
    struct span line;
    struct span word;

    if (!span_line(rest, &line) || !span_word(&line, &word) || !span_is(word, "end") ||
        !span_word(&line, &word)) {
        return false;
    }
    struct span sentence = span_trim(line);
    if (sentence.length >= sizeof(record->sentence) || !text_is_printable(sentence)) {
        return false;
    }
    for (unsigned int end = 0; end < FLIGHT_END_COUNT; end++) {
        if (span_is(word, end_words[end])) {
            record->end = (enum flight_end)end;
            (void)snprintf(record->sentence, sizeof(record->sentence), "%.*s", SPAN_ARGS(sentence));
            return true;
        }
    }
    return false;
}

static bool
parse(struct span text, struct flight_record *record)
{
    struct span line;

    return span_line(&text, &line) && span_is(line, FIRST_LINE) &&
           take_seconds(&text, "number", &record->number) &&
           take_seconds(&text, "began", &record->began_s) &&
           take_seconds(&text, "forced", &record->forced_s) &&
           take_seconds(&text, "called", &record->called_s) && take_end(&text, record);
}

/*
 * What the file says now. A new one is empty, and nothing has happened; of one that makes no sense
 * (false) everything has happened just now. Whoever reads without the lock may meet a writer: the
 * same.
 */
static bool
read_record(int fd, int64_t now_s, struct flight_record *ret_record)
{
    char text[RECORD_SIZE];

    *ret_record = (struct flight_record){.end = FLIGHT_STORED};
    ssize_t got = pread(fd, text, sizeof(text), 0);
    if (got == 0) {
        return true;
    }
    if (got == (ssize_t)sizeof(text) &&
        parse((struct span){.at = text, .length = sizeof(text)}, ret_record)) {
        return true;
    }
    *ret_record = (struct flight_record){
        .began_s = now_s, .forced_s = now_s, .called_s = now_s, .end = FLIGHT_STORED};
    return false;
}

static enum status
compose(const struct flight_record *record, struct buf *text)
{
    TRY(buf_printf(
        text, FIRST_LINE "\nnumber %lld\nbegan %lld\nforced %lld\ncalled %lld\nend %s %s\n",
        (long long)record->number, (long long)record->began_s, (long long)record->forced_s,
        (long long)record->called_s, end_words[record->end], record->sentence));
    while (text->length < RECORD_SIZE) {
        TRY(buf_add_char(text, '\n'));
    }
    return ST_OK;
}

static bool
write_record(const struct flight *flight)
{
    struct buf text CLEANUP(buf_done) = BUF(RECORD_SIZE);

    return compose(&flight->record, &text) == ST_OK && place_may_write(text.length) &&
           pwrite(flight->fd, text.at, text.length, 0) == (ssize_t)text.length;
}

static enum status
not_written(struct why *why)
{
    return status_because(why, ST_STORE, "that the keys are asked for cannot be written down");
}

/* ---- the lock ------------------------------------------------------------------------------ */

static enum status
open_file(struct flight *flight, struct why *why)
{
    struct stat state;

    file_close(&flight->fd);
    int fd CLEANUP(file_close) =
        openat(flight->directory, buf_text(&flight->name),
               O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd < 0) {
        return status_because(why, ST_STORE, "%s in the run directory: %s", buf_text(&flight->name),
                              strerrordesc_np(errno));
    }
    if (fstat(fd, &state) != 0 || !S_ISREG(state.st_mode)) {
        return status_because(why, ST_STORE, "%s in the run directory is not a file",
                              buf_text(&flight->name));
    }
    flight->fd = fd;
    fd = -1;
    return ST_OK;
}

enum status
flight_open(const char *directory, uid_t owner, const char *issuer, struct why *why,
            struct flight *flight)
{
    TRY(place_name(issuer, ".refresh", &flight->name));
    TRY(place_open(directory, PLACE_RUN_MODE, owner, why, &flight->directory));
    return open_file(flight, why);
}

enum flight_turn
flight_take(struct flight *flight, int64_t now_s)
{
    for (int tries = 0; tries < TRIES; tries++) {
        if (flock(flight->fd, LOCK_EX | LOCK_NB) != 0) {
            return errno == EWOULDBLOCK ? FLIGHT_TAKEN : FLIGHT_LOST;
        }
        flight->ours = true;
        if (place_is_named(flight->directory, buf_text(&flight->name), flight->fd)) {
            if (!read_record(flight->fd, now_s, &flight->record)) {
                /* So that it is as it should be in a minute. */
                (void)write_record(flight);
            }
            return FLIGHT_OURS;
        }
        /* It was replaced meanwhile: its lock says nothing any more. */
        give_back(flight);
        if (open_file(flight, /* why: */ NULL) != ST_OK) {
            return FLIGHT_LOST;
        }
    }
    return FLIGHT_TAKEN;
}

/* ---- flying -------------------------------------------------------------------------------- */

bool
flight_begin(struct flight *flight, int64_t now_s)
{
    flight->record.number++;
    flight->record.began_s = now_s;
    flight->record.end = FLIGHT_FLYING;
    flight->record.sentence[0] = '\0';
    return write_record(flight);
}

/* A stamp from the future is the clock's fault and keeps nobody waiting. */
static enum status
check_interval(int64_t stamp_s, int64_t interval_s, int64_t now_s, struct why *why)
{
    int64_t age_s = now_s - stamp_s;

    return age_s >= 0 && age_s < interval_s
               ? status_because(why, ST_STORE, "the keys were asked for %lld s ago",
                                (long long)age_s)
               : ST_OK;
}

/* Foreign text: one line, and nothing in it that could end it. */
static void
keep_sentence(struct flight_record *record, const char *sentence)
{
    size_t length = strnlen(sentence, FLIGHT_SENTENCE_MAX);

    for (size_t i = 0; i < length; i++) {
        struct span byte = {.at = sentence + i, .length = 1};
        record->sentence[i] = text_is_printable(byte) ? sentence[i] : '?';
    }
    record->sentence[length] = '\0';
}

enum status
flight_begin_forced(struct flight *flight, int64_t now_s, struct why *why)
{
    TRY(check_interval(flight->record.forced_s, FLIGHT_INTERVAL_S, now_s, why));
    flight->record.forced_s = now_s;
    return flight_begin(flight, now_s) ? ST_OK : not_written(why);
}

void
flight_land(struct flight *flight, enum flight_end end, const char *sentence)
{
    if (flight->ours && flight->record.end == FLIGHT_FLYING) {
        flight->record.end = end;
        keep_sentence(&flight->record, sentence != NULL ? sentence : "");
        /* What cannot be written is not learnt: then the others ask for themselves. */
        (void)write_record(flight);
    }
    give_back(flight);
}

enum flight_turn
flight_call(struct flight *flight, int64_t now_s)
{
    enum flight_turn turn = flight_take(flight, now_s);

    if (turn != FLIGHT_OURS) {
        return turn;
    }
    /* Who was called and never began was ended by somebody: that must not last. */
    bool came = flight->record.began_s >= flight->record.called_s;
    int64_t interval_s = came ? FLIGHT_INTERVAL_S : FLIGHT_COMING_S;
    if (check_interval(flight->record.called_s, interval_s, now_s, /* why: */ NULL) != ST_OK) {
        turn = FLIGHT_TAKEN;
    } else {
        flight->record.called_s = now_s;
        turn = write_record(flight) ? FLIGHT_OURS : FLIGHT_LOST;
    }
    give_back(flight);
    return turn;
}

/* ---- waiting ------------------------------------------------------------------------------- */

/* How long whoever holds the lock may still do so, by what the record says; 0: no longer. */
static int64_t
patience_ms(const struct flight_record *record, int64_t now_s)
{
    int64_t age_s = now_s - record->began_s;

    return record->end == FLIGHT_FLYING && age_s >= 0 && age_s < PLACE_HOLD_MAX_S
               ? (PLACE_HOLD_MAX_S - age_s) * 1000
               : 0;
}

/*
 * The lock is held for ever: takes the name away from its file, and goes on with a new one that
 * says what the old one said.
 */
static void
replace(struct flight *flight, const struct flight_record *record)
{
    struct stat state;

    if (place_is_named(flight->directory, buf_text(&flight->name), flight->fd)) {
        (void)unlinkat(flight->directory, buf_text(&flight->name), 0);
    }
    /* Of several that come here one makes it, and the others find it. */
    if (open_file(flight, /* why: */ NULL) == ST_OK && fstat(flight->fd, &state) == 0 &&
        state.st_size == 0 && flock(flight->fd, LOCK_EX | LOCK_NB) == 0) {
        flight->ours = true;
        flight->record = *record;
        flight->record.end = FLIGHT_STORED;
        (void)write_record(flight);
        give_back(flight);
    }
}

/* The record that was seen while the lock was held, and the one behind it. */
static enum flight_news
compare(const struct flight_record *before, const struct flight_record *after)
{
    static const enum flight_news news[FLIGHT_END_COUNT] = {
        [FLIGHT_FLYING] = FLIGHT_NEWS_OVER,
        [FLIGHT_STORED] = FLIGHT_NEWS_STORED,
        [FLIGHT_UNSTORED] = FLIGHT_NEWS_UNSTORED,
        [FLIGHT_FAILED] = FLIGHT_NEWS_FAILED,
    };
    bool landed = after->number != before->number || before->end == FLIGHT_FLYING;

    return landed ? news[after->end] : FLIGHT_NEWS_OVER;
}

/* True once nobody holds the lock; flight->record is what the file then says. */
static bool
is_free(struct flight *flight, int64_t now_s)
{
    /* Shared: those who wait do not hold up each other. */
    if (flock(flight->fd, LOCK_SH | LOCK_NB) != 0) {
        return false;
    }
    (void)read_record(flight->fd, now_s, &flight->record);
    (void)flock(flight->fd, LOCK_UN);
    return true;
}

enum flight_news
flight_wait(struct flight *flight, int64_t now_s, int64_t deadline_ms)
{
    struct flight_record before;
    int64_t began_ms = clock_ms();
    int64_t until_ms = began_ms + SILENCE_MS;

    (void)read_record(flight->fd, now_s, &before);
    while (clock_ms() < deadline_ms) {
        (void)poll(NULL, 0, LOOK_MS);
        if (is_free(flight, now_s)) {
            return compare(&before, &flight->record);
        }
        if (clock_ms() >= until_ms) {
            (void)read_record(flight->fd, now_s, &before);
            int64_t more_ms = patience_ms(&before, now_s + (clock_ms() - began_ms) / 1000);
            if (more_ms == 0) {
                replace(flight, &before);
                return FLIGHT_NEWS_OVER;
            }
            until_ms = clock_ms() + more_ms;
        }
    }
    return FLIGHT_NEWS_NONE;
}

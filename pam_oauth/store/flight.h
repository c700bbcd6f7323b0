/*
 * Asking a provider for its keys, once for all processes of this host: one is in flight, the others
 * wait for it and read what it stored (R70, R75, R123).
 *
 * There is one file an issuer in the run directory. Its lock (flock) is held while somebody asks,
 * and ends with that process however it ends. Its text says what the next one must know:
 *
 *     pam_oauth flight 1
 *     number N             of the last flight
 *     began SECONDS        when that was
 *     forced SECONDS       when keys were last asked for by a login that had some already
 *     called SECONDS       when a refresh in the background was last called for
 *     end WORD SENTENCE    flying, stored, unstored or failed; why it failed
 *
 * A file that is damaged counts as if all of it had happened just now: the store may lose its
 * memory, but then it asks too seldom, never too often. A lock that is older than any flight is
 * held by a process that somebody stopped: the file is replaced, and so is the lock.
 */
#ifndef PAM_OAUTH_STORE_FLIGHT_H
#define PAM_OAUTH_STORE_FLIGHT_H

#include "store/place.h"

/* At most one forced refresh, and one call for one in the background, in so many seconds (R70). */
#define FLIGHT_INTERVAL_S 60
/* Whoever is called for begins to fly within so many seconds, or does not come at all. */
#define FLIGHT_COMING_S 5
/* A sentence that says why a flight failed is cut to this. */
#define FLIGHT_SENTENCE_MAX ((size_t)300)

enum flight_end { FLIGHT_FLYING, FLIGHT_STORED, FLIGHT_UNSTORED, FLIGHT_FAILED, FLIGHT_END_COUNT };

struct flight_record {
    int64_t number;
    int64_t began_s;
    int64_t forced_s;
    int64_t called_s;
    enum flight_end end;
    char sentence[FLIGHT_SENTENCE_MAX + 1];
};

struct flight {
    int directory;
    int fd;
    bool ours; /* the lock is held */
    struct buf name;
    struct flight_record record; /* as read when the lock was taken, or behind a wait */
};
#define FLIGHT                                                                                     \
    {                                                                                              \
        .directory = -1, .fd = -1, .ours = false, .name = BUF(PLACE_NAME_MAX)                      \
    }
/* Gives the lock back. Fits CLEANUP. */
void flight_done(struct flight *flight);

/*
 * Goes to the issuer's file in `directory`, which is made if it is missing. ST_STORE with the
 * reason when there is no such place, or when this process may not write there; ST_MEMORY.
 */
MUST_CHECK enum status flight_open(const char *directory, uid_t owner, const char *issuer,
                                   struct why *why, struct flight *flight);

/*
 * Takes the lock if nobody has it. FLIGHT_LOST: it cannot be had, because the file is not one, or
 * the file system knows no locks; that will not get better by waiting.
 */
enum flight_turn { FLIGHT_OURS, FLIGHT_TAKEN, FLIGHT_LOST };
enum flight_turn flight_take(struct flight *flight, int64_t now_s);

/* Gives it back without a word: nothing was asked after all. */
void flight_leave(struct flight *flight);

/*
 * With the lock held: the flight begins. False when that cannot be written down; then the others
 * will not learn how it ends.
 */
bool flight_begin(struct flight *flight, int64_t now_s);
/*
 * The same for a forced one. ST_STORE with the reason when the last one was less than a minute ago,
 * or when this one cannot be written down: then it must not take place.
 */
MUST_CHECK enum status flight_begin_forced(struct flight *flight, int64_t now_s, struct why *why);

/* How it ended, for those who wait, and gives the lock back. `sentence` may be NULL. */
void flight_land(struct flight *flight, enum flight_end end, const char *sentence);

/*
 * Without the lock: waits until nobody holds it, at most until `deadline_ms` (clock_ms).
 * Of the flight that was waited for: FLIGHT_NEWS_STORED, its answer is in the store;
 * FLIGHT_NEWS_UNSTORED, it has one that could not be stored; FLIGHT_NEWS_FAILED, it has none, and
 * flight->record.sentence says why. FLIGHT_NEWS_OVER: nobody knows, it may have died, or have been
 * no flight; look into the store, then try to take the lock. FLIGHT_NEWS_NONE: no time is left.
 */

enum flight_news {
    FLIGHT_NEWS_STORED,
    FLIGHT_NEWS_UNSTORED,
    FLIGHT_NEWS_FAILED,
    FLIGHT_NEWS_OVER,
    FLIGHT_NEWS_NONE,
};
enum flight_news flight_wait(struct flight *flight, int64_t now_s, int64_t deadline_ms);

/*
 * May a refresh in the background be called for? Yes once a minute, sooner if nobody came, and not
 * while somebody asks (FLIGHT_TAKEN). FLIGHT_LOST: that it was cannot be written down, so it must
 * not be.
 */
enum flight_turn flight_call(struct flight *flight, int64_t now_s);

#endif

/*
 * The host that the code under test sees: the same on every machine and at every moment. Its root
 * directory is a temporary one of ours, its files are all root's, it has six accounts, its clock
 * moves only when it is read or slept on, its randomness is a counter, and its fetcher is the
 * target's own function. The wrappers in wrap_world.c and wrap_process.c make it so, and only while
 * the code under test runs (fault.h).
 */
#ifndef PAM_OAUTH_TESTS_FUZZ_WORLD_H
#define PAM_OAUTH_TESTS_FUZZ_WORLD_H

#include <stdint.h>

#include "base/buf.h"
#include "fetch/frame.h"

#define WORLD_HOST "host.example"
/* 2030-01-01. Every token of ours is good at this moment. */
#define WORLD_NOW_S INT64_C(1893456000)

/* A fresh root directory with the usual ones in it; removed when the program ends. */
void world_open(void);

/* Writes a file (0644), by its path inside the world; its directory is there. */
void world_write(const char *path, struct span contents);
/* Nobody but root may read it any more. */
void world_protect(const char *path);
void world_remove(const char *path);
/* Removes every file in a directory. */
void world_empty(const char *directory);

/* The world's root outside of it. */
const char *world_root(void);

/* Clock and randomness begin anew. */
void world_restart(void);

/*
 * What the fetcher says to a request: bytes added to `said`. False: it ends after them. Called with
 * failures paused.
 */
struct world_fetcher {
    bool (*answer)(void *context, const struct frame_request *request, struct buf *said);
    void *context;
    size_t piece; /* so many bytes arrive at once; 0: all */
};
void world_set_fetcher(const struct world_fetcher *fetcher);
const struct world_fetcher *world_get_fetcher(void);

/* Lets time pass. */
void world_sleep(int64_t ms);

#endif

/*
 * claim directory DIR COUNT            claims so many tokens in a used-tokens directory
 * claim fill DIR COUNT                 as if so many had been claimed: half of them are over by now
 * claim redis FETCHER USER URL COUNT [CA-FILE]     claims so many by a fetcher each
 *
 * Prints the median and the longest time of a claim, and the processor time of one, in
 * microseconds.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "fetch/fetch.h"
#include "store/used.h"

#define HOURS 24
#define HOUR_S 3600

static int64_t
now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t
processor_us(int who)
{
    struct rusage used;

    (void)getrusage(who, &used);
    return ((int64_t)used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
           used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

/* Looks like a digest, and differs for every number. */
static void
digest_of(unsigned int number, char into[65])
{
    unsigned int mixed = number * 2654435761U;

    for (size_t i = 0; i < 8; i++) {
        (void)snprintf(into + 8 * i, 9, "%08x", mixed ^ (unsigned int)i);
        mixed = mixed * 1664525U + 1013904223U;
    }
}

static int
compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;

    return left < right ? -1 : left > right ? 1 : 0;
}

static void
report(int64_t *took_us, int count, int64_t processor)
{
    qsort(took_us, (size_t)count, sizeof(*took_us), compare);
    printf("median %lld us, longest %lld us, processor %lld us\n", (long long)took_us[count / 2],
           (long long)took_us[count - 1], (long long)(processor / count));
}

/* ---- this host --------------------------------------------------------------------------------
 */

static void
fill(const char *directory, int count)
{
    int64_t first = (int64_t)time(NULL) / HOUR_S - HOURS / 2;
    char path[1024];
    char digest[65];

    for (int i = 0; i < count; i++) {
        digest_of((unsigned int)i, digest);
        int length = snprintf(path, sizeof(path), "%s/used", directory);
        (void)mkdir(directory, 0700);
        (void)mkdir(path, 0700);
        length += snprintf(path + length, 64, "/%lld", (long long)(first + i % HOURS));
        (void)mkdir(path, 0700);
        length += snprintf(path + length, 64, "/%.2s", digest);
        (void)mkdir(path, 0700);
        (void)snprintf(path + length, 80, "/%s", digest);
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0) {
            perror(path);
            exit(2);
        }
        (void)close(fd);
    }
}

static void
claim_in_directory(const char *directory, int count, int64_t *took_us)
{
    struct used_store store = {.directory = directory, .owner = geteuid()};
    int64_t processor = processor_us(RUSAGE_SELF);
    char digest[65];

    for (int i = 0; i < count; i++) {
        struct used_token token = {.digest = digest, .expires_s = time(NULL) + 1800};
        struct why why = {""};
        digest_of(0x40000000U + (unsigned int)getpid() * 4096U + (unsigned int)i, digest);
        int64_t began_us = now_us();
        if (used_claim(&store, &token, time(NULL), &why) != ST_OK) {
            fprintf(stderr, "claim: %s\n", why.sentence);
            exit(2);
        }
        took_us[i] = now_us() - began_us;
    }
    report(took_us, count, processor_us(RUSAGE_SELF) - processor);
}

/* ---- a Redis ----------------------------------------------------------------------------------
 */

static void
claim_in_redis(struct fetch_program program, struct fetch_request request, int count,
               int64_t *took_us)
{
    int64_t processor = processor_us(RUSAGE_CHILDREN);
    char digest[65];

    request.timeout_ms = 10000;
    request.claim = digest;
    request.claim_s = 60;
    for (int i = 0; i < count; i++) {
        struct fetch_session *session CLEANUP(fetch_end) = NULL;
        struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
        struct why why = {""};
        digest_of(0x40000000U + (unsigned int)getpid() * 4096U + (unsigned int)i, digest);
        int64_t began_us = now_us();
        if (fetch_start(&program, &why, &session) != ST_OK ||
            fetch_ask(session, &request, clock_ms() + 10000, &why, &reply) != ST_OK ||
            reply.claimed != FETCH_CLAIMED) {
            fprintf(stderr, "claim: %s\n", why.sentence);
            exit(2);
        }
        took_us[i] = now_us() - began_us;
    }
    report(took_us, count, processor_us(RUSAGE_CHILDREN) - processor);
}

int
main(int argc, char **argv)
{
    int count = argc > 3 ? (int)strtol(argv[argc > 5 ? 5 : 3], NULL, 10) : 0;
    int64_t *took_us = calloc(count > 0 ? (size_t)count : 1, sizeof(*took_us));

    if (took_us == NULL || count <= 0) {
        return 2;
    }
    if (strcmp(argv[1], "fill") == 0) {
        fill(argv[2], count);
    } else if (strcmp(argv[1], "directory") == 0) {
        claim_in_directory(argv[2], count, took_us);
    } else if (argc > 5) {
        claim_in_redis((struct fetch_program){.path = argv[2], .user = argv[3]},
                       (struct fetch_request){.url = argv[4], .ca_file = argc > 6 ? argv[6] : NULL},
                       count, took_us);
    }
    free(took_us);
    return 0;
}

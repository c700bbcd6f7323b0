/*
 * R14, E76: a thousand rounds of dlopen, authenticate, dlclose leave nothing behind. `cycles N`
 * does N rounds, for valgrind.
 *
 * The first third of the rounds is for what is made once: OpenSSL's tables, which stay as libcrypto
 * itself does, and ld.so's own. From there on the heap must not grow: not its size, which tells of
 * malloc's habits, but the sum of all that is allocated, whoever did it.
 */
#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"

/*
 * One piece may be a few bytes longer than another of the same size, where malloc cut it from what
 * would have been too little to keep. The smallest piece takes 32 bytes: a leak in each round, or
 * in each hundredth, is more than this.
 */
#define HEAP_SLACK 96

/* ---- what is counted ------------------------------------------------------------------------ */

size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((__weak__));

/*
 * Bytes that are allocated and not freed. The freed pieces that malloc keeps for each thread, up to
 * 7 of each size, count as allocated: `inside` turns that cache off (GLIBC_TUNABLES).
 */
static long
heap_bytes(void)
{
    return __sanitizer_get_current_allocated_bytes != NULL
               ? (long)__sanitizer_get_current_allocated_bytes()
               : (long)(mallinfo2().uordblks + mallinfo2().hblkhd);
}

/* What was registered with the process for good: calls at its end and at a fork, thread keys. */
static int registered;

#define REGISTERING(name, parameters, arguments)                                                   \
    int name parameters;                                                                           \
    int name parameters                                                                            \
    {                                                                                              \
        int(*next) parameters;                                                                     \
        *(void **)&next = dlsym(RTLD_NEXT, #name);                                                 \
        registered++;                                                                              \
        return next arguments;                                                                     \
    }

REGISTERING(__cxa_atexit, (void (*call)(void *), void *argument, void *object),
            (call, argument, object))
REGISTERING(__register_atfork,
            (void (*before)(void), void (*parent)(void), void (*child)(void), void *object),
            (before, parent, child, object))
REGISTERING(pthread_key_create, (pthread_key_t * key, void (*done)(void *)), (key, done))

/* Files that are mapped: libraries, and what we map ourselves. */
static int
count_maps(void)
{
    char *text = host_read("/proc/self/maps");
    int files = 0;

    for (const char *at = text; *at != '\0'; at++) {
        files += *at == '/' && at[-1] == ' ' ? 1 : 0;
    }
    free(text);
    return files;
}

static int
count_threads(void)
{
    char *text = host_read("/proc/self/status");
    const char *at = strstr(text, "\nThreads:");
    int count = at != NULL ? (int)strtol(at + 9, NULL, 10) : -1;

    free(text);
    return count;
}

struct state {
    long heap;
    int descriptors;
    int children;
    int threads;
    int maps;
    int registered;
    long rss_kb;
};

static struct state
look(void)
{
    return (struct state){
        .heap = heap_bytes(),
        .descriptors = host_descriptors(),
        .children = host_children(),
        .threads = count_threads(),
        .maps = count_maps(),
        .registered = registered,
        .rss_kb = host_rss_kb(),
    };
}

/* ---- the rounds ----------------------------------------------------------------------------- */

static const struct {
    const char *name;
    const char *service;
    const char *token;
    int wanted;
    int every; /* rounds */
} kinds[] = {
    {"accepted", "tokens", "good", PAM_SUCCESS, 1},
    {"accepted_es256", "tokens", "es256", PAM_SUCCESS, 3},
    {"tampered", "tokens", "tampered", PAM_AUTH_ERR, 1},
    {"unmapped", "tokens", "unmapped", PAM_AUTH_ERR, 3},
    {"large", "tokens", "large", PAM_SUCCESS, 3},
    {"fetched", "faked", "faked", PAM_SUCCESS, 10},
    {"away", "away", "away", PAM_AUTHINFO_UNAVAIL, 20},
};

/* Sign-ins of this kind, as many; counts those that ended otherwise than they should. */
static int
sign_in(size_t kind, int rounds)
{
    const char *answers[] = {host_token(kinds[kind].token), NULL};
    struct login login = {.service = kinds[kind].service, .user = "alice", .answers = answers};
    int wrong = 0;

    for (int round = 0; round < rounds; round++) {
        if (strcmp(kinds[kind].service, "faked") == 0) {
            host_forget_keys();
        }
        host_login(&login);
        if (login.code != kinds[kind].wanted && wrong++ == 0) {
            note("%s: %s: %s", kinds[kind].name, host_code(login.code), login.log);
        }
    }
    host_forget(&login);
    return wrong;
}

static void
run_kind(size_t kind, int rounds)
{
    char name[96];

    rounds = rounds / kinds[kind].every >= 3 ? rounds / kinds[kind].every : 3;
    int measured = rounds - rounds / 3;
    int wrong = sign_in(kind, rounds / 3);
    struct state before = look();
    int64_t start = host_ms();
    wrong += sign_in(kind, measured);
    int64_t took = host_ms() - start;
    struct state after = look();

    (void)snprintf(name, sizeof(name), "R14_E76_%d_rounds_%s", rounds, kinds[kind].name);
    check(wrong == 0, name, "%d wrong", wrong);
    (void)snprintf(name, sizeof(name), "R14_E76_%s_leaves_no_memory", kinds[kind].name);
    check(after.heap - before.heap <= HEAP_SLACK, name, "%ld bytes more after %d rounds",
          after.heap - before.heap, measured);
    (void)snprintf(name, sizeof(name), "R14_E76_%s_leaves_nothing_else", kinds[kind].name);
    check(after.descriptors == before.descriptors && after.children == 0 && after.threads == 1 &&
              after.maps == before.maps && after.registered == before.registered,
          name,
          "descriptors %d to %d, %d children, %d threads, mapped files %d to %d, registered %d to "
          "%d",
          before.descriptors, after.descriptors, after.children, after.threads, before.maps,
          after.maps, before.registered, after.registered);
    note("%s: in %d rounds %ld bytes of heap more (RSS %ld kB), %lld us each with pam_start and "
         "pam_end",
         kinds[kind].name, measured, after.heap - before.heap, after.rss_kb - before.rss_kb,
         (long long)(took * 1000 / measured));
}

/* pam_end has unloaded it: nothing of ours is mapped, and what it used may stay only once. */
static void
unloaded(void)
{
    char *maps = host_read("/proc/self/maps");

    check(strstr(maps, "pam_oauth.so") == NULL, "R14_the_module_is_unloaded", "it is mapped still");
    free(maps);
}

int
main(int argc, char **argv)
{
    int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 1000;

    for (size_t kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
        run_kind(kind, rounds);
    }
    unloaded();
    return checked();
}

/*
 * R14, E76: a thousand rounds of dlopen, authenticate, dlclose leave nothing behind. `cycles N`
 * does N rounds, for valgrind.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"

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

static int
count_maps(void)
{
    char *text = host_read("/proc/self/maps");
    int lines = 0;

    for (const char *at = text; *at != '\0'; at++) {
        lines += *at == '\n' ? 1 : 0;
    }
    free(text);
    return lines;
}

static int
tasks(void)
{
    char *text = host_read("/proc/self/status");
    const char *at = strstr(text, "\nThreads:");
    int count = at != NULL ? (int)strtol(at + 9, NULL, 10) : -1;

    free(text);
    return count;
}

static void
run_kind(size_t kind, int rounds)
{
    const char *answers[] = {host_token(kinds[kind].token), NULL};
    struct login login = {.service = kinds[kind].service, .user = "alice", .answers = answers};
    char name[96];
    int wrong = 0;
    long warm_kb = 0;
    int descriptors = 0;
    int maps = 0;
    int64_t start = 0;

    rounds = rounds / kinds[kind].every > 0 ? rounds / kinds[kind].every : 1;
    for (int round = 0; round < rounds; round++) {
        if (round == rounds / 3) { /* by then the heap has found its size */
            warm_kb = host_rss_kb();
            descriptors = host_descriptors();
            maps = count_maps();
            start = host_ms();
        }
        if (strcmp(kinds[kind].service, "faked") == 0) {
            host_forget_keys();
        }
        host_login(&login);
        /* valgrind 3.19 does not know pidfd_open */
        bool known = rounds >= 100 || strstr(login.log, "Function not implemented") == NULL;
        wrong += login.code == kinds[kind].wanted || !known ? 0 : 1;
    }
    int64_t took = host_ms() - start;
    long grown_kb = host_rss_kb() - warm_kb;
    (void)snprintf(name, sizeof(name), "R14_E76_%d_rounds_%s", rounds, kinds[kind].name);
    check(wrong == 0, name, "%d wrong, the last %s: %s", wrong, host_code(login.code), login.log);
    (void)snprintf(name, sizeof(name), "R14_E76_%s_leaves_nothing", kinds[kind].name);
    check(host_descriptors() == descriptors && host_children() == 0 && tasks() == 1 &&
              (rounds < 100 || (count_maps() <= maps + 1 && grown_kb < 256)),
          name, "descriptors %d to %d, %d children, %d threads, maps %d to %d, %ld kB more",
          descriptors, host_descriptors(), host_children(), tasks(), maps, count_maps(), grown_kb);
    if (rounds >= 100) {
        int measured = rounds - rounds / 3;
        note("%s: %ld kB more after %d rounds, %lld us each with pam_start and pam_end",
             kinds[kind].name, grown_kb, rounds, (long long)(took * 1000 / measured));
    }
    host_forget(&login);
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

    /* the large pieces that host_read takes must not move the heap's own limits */
    (void)mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    for (size_t kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
        run_kind(kind, rounds);
    }
    unloaded();
    return checked();
}

/*
 * many SERVICE COUNT TOKENS [AT-ONCE [NAME]]
 *
 * Sign-ins of alice through the real Linux-PAM, with the tokens of a file, one a line and from the
 * top again when there are too few; so many processes at once (all, unless said otherwise), which
 * begin together. With NAME they are of NAME0, NAME1 ..., whether there is such an account or not.
 * Prints how many got which code, how long the slowest took, and the most memory that a program
 * took which a sign-in started:
 *
 *     PAM_SUCCESS 100
 *     slowest 812
 *     memory 14520
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"

#define CODES 64

/* Who signs in, and with what. */
struct crowd {
    const char *service;
    const char *name; /* NULL: alice */
    char **tokens;
    size_t token_count;
    int count;
    int at_once;
};

/* What the processes share. */
struct shared {
    int codes[CODES];
    int64_t slowest_ms;
    int64_t memory_kb;
    int ready;
    int go;
};

static void
read_tokens(const char *path, struct crowd *crowd)
{
    char *text = host_read(path);

    for (char *line = text; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        char *next = line + length + (line[length] == '\n' ? 1 : 0);
        line[length] = '\0';
        crowd->tokens = reallocarray(crowd->tokens, crowd->token_count + 1, sizeof(*crowd->tokens));
        if (crowd->tokens == NULL) {
            abort();
        }
        crowd->tokens[crowd->token_count++] = line;
        line = next;
    }
}

static void
keep_most(int64_t *most, int64_t value)
{
    int64_t before = __atomic_load_n(most, __ATOMIC_SEQ_CST);

    while (value > before && !__atomic_compare_exchange_n(most, &before, value, 0, __ATOMIC_SEQ_CST,
                                                          __ATOMIC_SEQ_CST)) {
    }
}

static void
sign_in(const struct crowd *crowd, int number, struct shared *shared)
{
    const char *answers[] = {crowd->tokens[(size_t)number % crowd->token_count], NULL};
    struct login login = {.service = crowd->service, .user = "alice", .answers = answers};
    struct rusage children = {.ru_maxrss = 0};
    char user[64];

    if (crowd->name != NULL) {
        (void)snprintf(user, sizeof(user), "%s%d", crowd->name, number);
        login.user = user;
    }
    int64_t began_ms = host_ms();
    int code = host_login(&login);
    keep_most(&shared->slowest_ms, host_ms() - began_ms);
    (void)getrusage(RUSAGE_CHILDREN, &children);
    keep_most(&shared->memory_kb, children.ru_maxrss);
    (void)__atomic_add_fetch(&shared->codes[code % CODES], 1, __ATOMIC_SEQ_CST);
    host_forget(&login);
}

/* One process of them, with its share of the sign-ins. */
static void
work(const struct crowd *crowd, int worker, struct shared *shared)
{
    (void)__atomic_add_fetch(&shared->ready, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&shared->go, __ATOMIC_SEQ_CST) == 0) {
        host_sleep_ms(1);
    }
    for (int i = worker; i < crowd->count; i += crowd->at_once) {
        sign_in(crowd, i, shared);
    }
}

static void
report(const struct shared *shared)
{
    for (int code = 0; code < CODES; code++) {
        if (shared->codes[code] > 0) {
            printf("%s %d\n", host_code(code), shared->codes[code]);
        }
    }
    printf("slowest %lld\n", (long long)shared->slowest_ms);
    printf("memory %lld\n", (long long)shared->memory_kb);
}

int
main(int argc, char **argv)
{
    struct crowd crowd = {.name = argc > 5 ? argv[5] : NULL};
    struct shared *shared =
        mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (argc < 4 || shared == MAP_FAILED) {
        return 2;
    }
    crowd.service = argv[1];
    crowd.count = (int)strtol(argv[2], NULL, 10);
    crowd.at_once = argc > 4 ? (int)strtol(argv[4], NULL, 10) : crowd.count;
    read_tokens(argv[3], &crowd);
    if (crowd.token_count == 0) {
        return 2;
    }
    for (int worker = 0; worker < crowd.at_once; worker++) {
        pid_t pid = fork();
        if (pid == 0) {
            work(&crowd, worker, shared);
            _exit(0);
        }
        if (pid < 0) {
            return 2;
        }
    }
    while (__atomic_load_n(&shared->ready, __ATOMIC_SEQ_CST) < crowd.at_once) {
        host_sleep_ms(1);
    }
    __atomic_store_n(&shared->go, 1, __ATOMIC_SEQ_CST);
    while (wait(NULL) > 0) {
    }
    report(shared);
    /* The tokens stand in one text, which begins with the first. */
    free(crowd.tokens[0]);
    free(crowd.tokens);
    return 0;
}

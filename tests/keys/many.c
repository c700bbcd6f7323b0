/*
 * many SERVICE COUNT TOKENS [AT-ONCE]
 *
 * Sign-ins of alice through the real Linux-PAM, with the tokens of a file, one a line and from the
 * top again when there are too few; so many processes at once (all, unless said otherwise), which
 * begin together. Prints how many got which code, and how long the slowest took:
 *
 *     PAM_SUCCESS 100
 *     slowest 812
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"

#define CODES 64

/* What the processes share. */
struct shared {
    int codes[CODES];
    int64_t slowest_ms;
    int ready;
    int go;
};

static char **
read_tokens(const char *path, size_t *ret_count)
{
    char *text = host_read(path);
    char **tokens = NULL;
    size_t count = 0;

    for (char *line = text; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        char *next = line + length + (line[length] == '\n' ? 1 : 0);
        line[length] = '\0';
        tokens = reallocarray(tokens, count + 1, sizeof(*tokens));
        if (tokens == NULL) {
            abort();
        }
        tokens[count++] = line;
        line = next;
    }
    *ret_count = count;
    return tokens;
}

static void
sign_in(const char *service, const char *token, struct shared *shared)
{
    const char *answers[] = {token, NULL};
    struct login login = {.service = service, .user = "alice", .answers = answers};
    int64_t began_ms = host_ms();
    int code = host_login(&login);
    int64_t took_ms = host_ms() - began_ms;
    int64_t slowest_ms = __atomic_load_n(&shared->slowest_ms, __ATOMIC_SEQ_CST);

    (void)__atomic_add_fetch(&shared->codes[code % CODES], 1, __ATOMIC_SEQ_CST);
    while (took_ms > slowest_ms &&
           !__atomic_compare_exchange_n(&shared->slowest_ms, &slowest_ms, took_ms, 0,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
    }
    host_forget(&login);
}

int
main(int argc, char **argv)
{
    size_t tokens = 0;
    struct shared *shared =
        mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (argc < 4 || shared == MAP_FAILED) {
        return 2;
    }
    int count = (int)strtol(argv[2], NULL, 10);
    int at_once = argc > 4 ? (int)strtol(argv[4], NULL, 10) : count;
    char **token = read_tokens(argv[3], &tokens);
    if (tokens == 0) {
        return 2;
    }
    for (int worker = 0; worker < at_once; worker++) {
        pid_t pid = fork();
        if (pid == 0) {
            (void)__atomic_add_fetch(&shared->ready, 1, __ATOMIC_SEQ_CST);
            while (__atomic_load_n(&shared->go, __ATOMIC_SEQ_CST) == 0) {
                host_sleep_ms(1);
            }
            for (int i = worker; i < count; i += at_once) {
                sign_in(argv[1], token[(size_t)i % tokens], shared);
            }
            _exit(0);
        }
        if (pid < 0) {
            return 2;
        }
    }
    while (__atomic_load_n(&shared->ready, __ATOMIC_SEQ_CST) < at_once) {
        host_sleep_ms(1);
    }
    __atomic_store_n(&shared->go, 1, __ATOMIC_SEQ_CST);
    while (wait(NULL) > 0) {
    }
    for (int code = 0; code < CODES; code++) {
        if (shared->codes[code] > 0) {
            printf("%s %d\n", host_code(code), shared->codes[code]);
        }
    }
    printf("slowest %lld\n", (long long)shared->slowest_ms);
    return 0;
}

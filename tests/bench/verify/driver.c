/*
 * PROGRAM DIRECTORY SECONDS      verifies DIRECTORY's token for so long (CPU time); prints a rate
 * PROGRAM DIRECTORY --count N    verifies it N times, for callgrind
 *
 * Exit 3: the library does not have the algorithm. Exit 1: it takes a token that was altered, or
 * refuses the good one; then there is nothing to measure.
 */
#include "driver.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FILE_MAX ((size_t)64 * 1024)
#define ROUND 64

static char *
read_text(const char *directory, const char *name)
{
    char path[PATH_MAX];
    char *text = calloc(1, FILE_MAX);

    (void)snprintf(path, sizeof(path), "%s/%s", directory, name);
    FILE *file = fopen(path, "re");
    if (file == NULL || text == NULL) {
        (void)fprintf(stderr, "%s: cannot be read\n", path);
        exit(1);
    }
    size_t length = fread(text, 1, FILE_MAX - 1, file);
    (void)fclose(file);
    text[length] = '\0';
    return text;
}

static double
cpu_s(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
verify_times(const char *token, long times)
{
    size_t length = strlen(token);

    for (long i = 0; i < times; i++) {
        if (!bench_verify(token, length)) {
            (void)fprintf(stderr, "%s refuses the good token\n", bench_name);
            exit(1);
        }
    }
}

/* A verifier that does not verify would win every race. */
static void
check_that_it_verifies(const char *token, const char *altered)
{
    if (bench_verify(altered, strlen(altered)) || !bench_verify(token, strlen(token))) {
        (void)fprintf(stderr, "%s does not tell a good token from an altered one\n", bench_name);
        exit(1);
    }
}

static double
rate(const char *token, double seconds)
{
    long done = 0;
    double began = cpu_s();
    double spent;

    do {
        verify_times(token, ROUND);
        done += ROUND;
        spent = cpu_s() - began;
    } while (spent < seconds);
    return (double)done / spent;
}

int
main(int argc, char **argv)
{
    if (argc < 3) {
        (void)fprintf(stderr, "usage: %s DIRECTORY SECONDS | --count N\n", argv[0]);
        return 2;
    }
    struct bench_input input = {
        .jwks = read_text(argv[1], "jwks"),
        .jwk = read_text(argv[1], "jwk"),
        .pem = read_text(argv[1], "pem"),
        .alg = read_text(argv[1], "alg"),
        .token = read_text(argv[1], "token"),
    };
    if (!bench_open(&input)) {
        return 3;
    }
    check_that_it_verifies(input.token, read_text(argv[1], "altered"));
    if (strcmp(argv[2], "--count") == 0) {
        verify_times(input.token, argc > 3 ? atol(argv[3]) : 1);
    } else {
        (void)printf("%.0f\n", rate(input.token, atof(argv[2])));
    }
    return 0;
}

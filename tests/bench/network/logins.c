/*
 * logins ROUNDS TOKEN-FILE KEYS-FILE FIRST SECOND FLIGHT-FILE [COMMAND...]
 *
 * A round is a login for which FIRST is what the host has stored of its provider's keys, one for
 * which it is SECOND and no refresh was forced in the last minute (FLIGHT-FILE is removed; `-`: it
 * stays), and the command; one after the other, for a shared machine is faster in one minute than
 * in the next. Prints the medians of the three times, in microseconds, and of two ratios: second to
 * first, and what the second takes longer to the command.
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

#define ROUNDS_MAX ((size_t)1000)

extern char **environ;

struct times {
    double first[ROUNDS_MAX];
    double second[ROUNDS_MAX];
    double command[ROUNDS_MAX];
    double second_to_first[ROUNDS_MAX];
    double more_to_command[ROUNDS_MAX];
};

static void
give_up(const char *what, const char *why)
{
    (void)fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

static double
now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void
store(const char *keys, const char *file)
{
    char *text = host_read(file);
    FILE *into = fopen(keys, "we");

    if (into == NULL || fputs(text, into) < 0 || fclose(into) != 0) {
        give_up(keys, "cannot be written");
    }
    free(text);
}

static double
login_us(const char *token)
{
    const char *answers[] = {token, NULL};
    struct login login = {.service = "keys", .user = "alice", .answers = answers};
    double began_us = now_us();
    int code = host_login(&login);
    double took_us = now_us() - began_us;

    if (code != PAM_SUCCESS) {
        give_up(host_code(code), login.log);
    }
    host_forget(&login);
    return took_us;
}

static double
command_us(char **words)
{
    double began_us = now_us();
    int status = 0;
    pid_t pid;

    if (words[0] == NULL) {
        return 1;
    }
    if (posix_spawnp(&pid, words[0], NULL, NULL, words, environ) != 0 ||
        waitpid(pid, &status, 0) != pid || status != 0) {
        give_up(words[0], "failed");
    }
    return now_us() - began_us;
}

static int
by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static double
median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), by_size);
    return values[count / 2];
}

int
main(int argc, char **argv)
{
    static struct times times;
    size_t rounds = argc > 6 ? (size_t)strtoul(argv[1], NULL, 10) : 0;

    if (rounds == 0 || rounds > ROUNDS_MAX) {
        return 2;
    }
    char *token = host_read(argv[2]);
    token[strcspn(token, "\n")] = '\0';
    for (size_t i = 0; i < rounds; i++) {
        store(argv[3], argv[4]);
        times.first[i] = login_us(token);
        store(argv[3], argv[5]);
        if (strcmp(argv[6], "-") != 0) {
            (void)unlink(argv[6]);
        }
        times.second[i] = login_us(token);
        times.command[i] = command_us(argv + 7);
        times.second_to_first[i] = times.second[i] / times.first[i];
        times.more_to_command[i] = (times.second[i] - times.first[i]) / times.command[i];
    }
    printf("%.0f %.0f %.0f %.2f %.2f\n", median(times.first, rounds), median(times.second, rounds),
           median(times.command, rounds), median(times.second_to_first, rounds),
           median(times.more_to_command, rounds));
    free(token);
    return 0;
}

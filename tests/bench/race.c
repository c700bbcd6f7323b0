/*
 * race ROUNDS AT-ONCE FILE
 *
 * Runs the commands of FILE one after the other, and that ROUNDS times: what is compared runs in
 * the same second, for a shared machine is faster in one minute than in the next. Their order is
 * another one each time, since who comes after a large program finds the caches empty. A line of
 * FILE is a name, a tab, and the words of a command with tabs between them. Of each command so many
 * processes run at once. In their environment is ROUND, from 0 on. Prints, in tabs, for each
 * process:
 *
 *     ROUND NAME WALL-US PROCESSOR-US RESIDENT-KB WHAT-IT-PRINTED
 *
 * the times from its start to its end, its children's processor time with its own, and the most
 * memory that it or a child had. A command that fails ends the race: then there is nothing to
 * compare.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 64
#define WORDS_MAX 64
#define AT_ONCE_MAX 1000
#define LINE_MAX_BYTES 65536
#define PRINTED_MAX 4096

extern char **environ;

struct command {
    char *name;
    char *words[WORDS_MAX];
};

struct runner {
    pid_t pid;
    int out;
    double began_us;
};

static void
give_up(const char *what, const char *why)
{
    (void)fprintf(stderr, "race: %s: %s\n", what, why);
    exit(1);
}

static double
now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double
us_of(struct timeval time)
{
    return (double)time.tv_sec * 1e6 + (double)time.tv_usec;
}

static size_t
read_commands(const char *path, struct command *commands)
{
    static char line[LINE_MAX_BYTES];
    FILE *file = fopen(path, "re");
    size_t count = 0;

    if (file == NULL) {
        give_up(path, "cannot be read");
    }
    while (fgets(line, sizeof(line), file) != NULL) {
        size_t words = 0;
        line[strcspn(line, "\n")] = '\0';
        if (count == COMMANDS_MAX) {
            give_up(path, "too many commands");
        }
        struct command *command = &commands[count++];
        for (char *rest = strdup(line), *word; (word = strsep(&rest, "\t")) != NULL; words++) {
            if (words == WORDS_MAX) {
                give_up(path, "too many words");
            }
            *(words == 0 ? &command->name : &command->words[words - 1]) = word;
        }
        if (words < 2) {
            give_up(path, "a line without a command");
        }
    }
    (void)fclose(file);
    return count;
}

static void
start(struct command *command, struct runner *runner)
{
    posix_spawn_file_actions_t actions;
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0 || posix_spawn_file_actions_init(&actions) != 0) {
        give_up(command->name, "no pipe");
    }
    (void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    runner->began_us = now_us();
    if (posix_spawnp(&runner->pid, command->words[0], &actions, NULL, command->words, environ) !=
        0) {
        give_up(command->words[0], "cannot be started");
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(ends[1]);
    runner->out = ends[0];
}

/* What it printed, in one line; a pipe holds more than anybody here prints. */
static void
print_output(int out)
{
    char text[PRINTED_MAX];
    ssize_t length = read(out, text, sizeof(text) - 1);

    text[length > 0 ? length : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    (void)printf("\t%s\n", text);
    (void)close(out);
}

/* Waits for any of them. */
static void
finish(const struct command *command, struct runner *runners, size_t count, int round)
{
    struct rusage used;
    int status = 0;
    pid_t pid = wait4(-1, &status, 0, &used);
    double ended_us = now_us();

    if (pid < 0 || status != 0) {
        give_up(command->name, "failed");
    }
    for (size_t i = 0; i < count; i++) {
        if (runners[i].pid == pid) {
            (void)printf("%d\t%s\t%.0f\t%.0f\t%ld", round, command->name,
                         ended_us - runners[i].began_us,
                         us_of(used.ru_utime) + us_of(used.ru_stime), used.ru_maxrss);
            print_output(runners[i].out);
        }
    }
}

static void
run(struct command *command, size_t at_once, int round)
{
    static struct runner runners[AT_ONCE_MAX];

    for (size_t i = 0; i < at_once; i++) {
        start(command, &runners[i]);
    }
    for (size_t i = 0; i < at_once; i++) {
        finish(command, runners, at_once, round);
    }
}

/* The same orders each time. */
static void
shuffle(size_t *order, size_t count)
{
    static unsigned int state = 2463534242U;

    for (size_t i = count; i > 1; i--) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        size_t other = state % i;
        size_t kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
}

int
main(int argc, char **argv)
{
    static struct command commands[COMMANDS_MAX];
    size_t order[COMMANDS_MAX];
    long rounds = argc == 4 ? strtol(argv[1], NULL, 10) : 0;
    long at_once = argc == 4 ? strtol(argv[2], NULL, 10) : 0;
    char number[16];

    if (rounds <= 0 || at_once <= 0 || at_once > AT_ONCE_MAX) {
        return 2;
    }
    size_t count = read_commands(argv[3], commands);
    for (size_t i = 0; i < count; i++) {
        order[i] = i;
    }
    for (int round = 0; round < rounds; round++) {
        shuffle(order, count);
        (void)snprintf(number, sizeof(number), "%d", round);
        (void)setenv("ROUND", number, 1);
        for (size_t i = 0; i < count; i++) {
            run(&commands[order[i]], (size_t)at_once, round);
        }
    }
    return 0;
}

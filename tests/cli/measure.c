/*
 * measure FILE COMMAND...: runs a command, ends with its exit code, and writes into FILE how many
 * microseconds of processor time and how many kilobytes of memory it took at most. Processor time
 * and not the clock's: what else the machine does is none of ours.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
    struct rusage used;
    int status = 0;

    FILE *into = argc > 2 ? fopen(argv[1], "we") : NULL;
    if (into == NULL) {
        return 127;
    }
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &used) != child) {
        return 127;
    }
    long seconds = used.ru_utime.tv_sec + used.ru_stime.tv_sec;
    long microseconds = used.ru_utime.tv_usec + used.ru_stime.tv_usec;
    if (fprintf(into, "%ld %ld\n", seconds * 1000000 + microseconds, used.ru_maxrss) < 0 ||
        fclose(into) != 0) {
        return 127;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}

/*
 * An ssh client of another version, as far as an askpass can see: `client ASKPASS PROMPT` starts
 * ASKPASS with PROMPT, and with -V it says what stands in CLIENT_VERSION, on standard error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
    int state = 0;

    if (argc == 2 && strcmp(argv[1], "-V") == 0) {
        const char *version = getenv("CLIENT_VERSION");
        (void)fprintf(stderr, "%s\n", version != NULL ? version : "");
        return 0;
    }
    if (argc != 3) {
        return 2;
    }
    pid_t child = fork();
    if (child == 0) {
        (void)execl(argv[1], argv[1], argv[2], (char *)NULL);
        _exit(127);
    }
    (void)waitpid(child, &state, 0);
    return WIFEXITED(state) ? WEXITSTATUS(state) : 128;
}

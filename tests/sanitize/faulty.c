/*
 * Does what nobody may, as its argument says, and ends well: for selftest, which wants to see it
 * found. Without an argument it is a fetcher, and a read beyond the end.
 */
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

static volatile int shared;

static void *
count(void *data)
{
    for (int i = 0; i < 1000; i++) {
        shared++;
    }
    return data;
}

static void
race(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, count, NULL) == 0) {
        (void)count(NULL);
        (void)pthread_join(thread, NULL);
    }
}

static void
read_beyond_the_end(void)
{
    volatile size_t length = 7; /* which the compiler does not know */
    char *piece = calloc(1, length);

    if (piece != NULL) {
        shared = piece[length];
    }
    free(piece);
}

static void
leak(void)
{
    char *volatile piece = malloc(7);

    piece = NULL;
    (void)piece;
}

static void
overflow(void)
{
    volatile int most = INT_MAX;

    most = most + 1;
}

int
main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "read";

    if (strcmp(what, "race") == 0) {
        race();
    } else if (strcmp(what, "leak") == 0) {
        leak();
    } else if (strcmp(what, "overflow") == 0) {
        overflow();
    } else if (strcmp(what, "ioctl") == 0) {
        (void)ioctl(-1, TIOCGPTPEER, 0); /* nothing wrong, but valgrind 3.19 does not know it */
    } else if (strcmp(what, "nothing") != 0) {
        read_beyond_the_end();
    }
    return 0;
}

/*
 * host [--memory] STACKS SERVICE USER [ANSWERS]
 *
 * The least that a program with PAM is: one pam_authenticate, with a line of the file ANSWERS for
 * each prompt: the one with the number that stands in ROUND, or the last (one-time codes are
 * another each time). Prints the microseconds from pam_start to the end of pam_end; with --memory
 * instead what it grew by until pam_authenticate returned: resident and private kilobytes, shared
 * objects.
 *
 * Built twice: with WARM it has libcrypto and has used it before, as sshd has; without, as in sudo,
 * libcrypto is loaded by who needs it.
 */
#include <link.h>
#include <security/pam_appl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef WARM
#include <openssl/evp.h>
#endif

#define ANSWER_MAX ((size_t)128 * 1024)

struct size {
    long resident_kb;
    long private_kb;
    int objects;
};

static int
count_object(struct dl_phdr_info *object, size_t size, void *count)
{
    (void)object;
    (void)size;
    (*(int *)count)++;
    return 0;
}

static struct size
look(void)
{
    struct size size = {0};
    char line[256];
    FILE *file = fopen("/proc/self/smaps_rollup", "re");

    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        (void)sscanf(line, "Rss: %ld", &size.resident_kb);
        (void)sscanf(line, "Anonymous: %ld", &size.private_kb);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    (void)dl_iterate_phdr(count_object, &size.objects);
    return size;
}

static double
now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static const char *
answer_of(const char *path)
{
    static char line[ANSWER_MAX];
    const char *round = getenv("ROUND");
    long wanted = round != NULL ? strtol(round, NULL, 10) : 0;
    FILE *file = fopen(path, "re");

    for (long i = 0; file != NULL && i <= wanted; i++) {
        if (fgets(line, sizeof(line), file) == NULL) {
            break;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    line[strcspn(line, "\n")] = '\0';
    return line;
}

static int
talk(int count, const struct pam_message **messages, struct pam_response **ret_responses,
     void *answer)
{
    *ret_responses = calloc((size_t)count, sizeof(**ret_responses));
    for (int i = 0; *ret_responses != NULL && i < count; i++) {
        if (messages[i]->msg_style == PAM_PROMPT_ECHO_OFF ||
            messages[i]->msg_style == PAM_PROMPT_ECHO_ON) {
            (*ret_responses)[i].resp = strdup(answer);
        }
    }
    return *ret_responses != NULL ? PAM_SUCCESS : PAM_BUF_ERR;
}

/* What sshd has done by the time that somebody signs in. */
static void
warm_up(void)
{
#ifdef WARM
    unsigned char digest[EVP_MAX_MD_SIZE];

    (void)EVP_Digest("x", 1, digest, NULL, EVP_sha256(), NULL);
#endif
}

int
main(int argc, char **argv)
{
    bool memory = argc > 1 && strcmp(argv[1], "--memory") == 0;
    char **words = argv + (memory ? 2 : 1);
    pam_handle_t *handle = NULL;
    struct size before = {0};
    struct size after = {0};

    if (argc < (memory ? 5 : 4)) {
        return 2;
    }
    const char *answer = words[3] != NULL ? answer_of(words[3]) : "";
    struct pam_conv conv = {.conv = talk, .appdata_ptr = (void *)(uintptr_t)answer};
    warm_up();
    before = memory ? look() : before;
    double began_us = now_us();
    int code = pam_start_confdir(words[1], words[2], &conv, words[0], &handle);
    code = code == PAM_SUCCESS ? pam_authenticate(handle, 0) : code;
    after = memory ? look() : after;
    (void)pam_end(handle, code);
    double took_us = now_us() - began_us;
    if (code != PAM_SUCCESS) {
        (void)fprintf(stderr, "%s: %s\n", words[1], pam_strerror(NULL, code));
        return 1;
    }
    if (memory) {
        (void)printf("%ld\t%ld\t%d\n", after.resident_kb - before.resident_kb,
                     after.private_kb - before.private_kb, after.objects - before.objects);
    } else {
        (void)printf("%.0f\n", took_us);
    }
    return 0;
}

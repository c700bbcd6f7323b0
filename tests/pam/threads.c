/*
 * R10, R104, E60: two handles in two threads, a fork between dlopen and authenticate, and threads
 * that come and go around the module.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"

#define ROUNDS 500

struct work {
    const char *service;
    const char *user;
    const char *token;
    int wanted;
    const char *wanted_log;
    int rounds;
    int wrong;
    char last[300];
};

static void *
sign_in_often(void *data)
{
    struct work *work = data;
    const char *answers[] = {work->token, NULL};
    struct login login = {.service = work->service, .user = work->user, .answers = answers};

    for (int i = 0; i < work->rounds; i++) {
        host_login(&login);
        if (login.code != work->wanted || strstr(login.log, work->wanted_log) == NULL ||
            login.logged != 1) {
            work->wrong++;
            (void)snprintf(work->last, sizeof(work->last), "%s: %s", host_code(login.code),
                           login.log);
        }
    }
    host_forget(&login);
    return NULL;
}

static void
side_by_side(const char *name, struct work *works, size_t count)
{
    pthread_t threads[8];
    int wrong = 0;
    int64_t start = host_ms();

    for (size_t i = 0; i < count; i++) {
        if (pthread_create(&threads[i], NULL, sign_in_often, &works[i]) != 0) {
            abort();
        }
    }
    for (size_t i = 0; i < count; i++) {
        (void)pthread_join(threads[i], NULL);
        wrong += works[i].wrong;
    }
    check(wrong == 0, name, "%d wrong; %s%s", wrong, works[0].last, works[1].last);
    note("%s: %lld ms", name, (long long)(host_ms() - start));
}

static void
two_handles(void)
{
    struct work alike[] = {
        {"tokens", "alice", host_token("good"), PAM_SUCCESS, "accepted", ROUNDS, 0, ""},
        {"tokens", "alice", host_token("good"), PAM_SUCCESS, "accepted", ROUNDS, 0, ""},
    };
    struct work different[] = {
        {"tokens", "alice", host_token("es256"), PAM_SUCCESS, "account=alice", ROUNDS, 0, ""},
        {"tokens", "bob", host_token("good"), PAM_AUTH_ERR, "account=bob", ROUNDS, 0, ""},
        {"tokens", "bob", host_token("bob"), PAM_SUCCESS, "sub=\"90125\" account=bob", ROUNDS, 0,
         ""},
        {"tokens", "nosuchuser", host_token("tampered"), PAM_AUTH_ERR, "unknown_user", ROUNDS, 0,
         ""},
    };
    struct work fetching[] = {
        {"faked", "alice", host_token("faked"), PAM_SUCCESS, "accepted", 100, 0, ""},
        {"faked", "alice", host_token("faked_bad"), PAM_AUTH_ERR, "signature", 100, 0, ""},
        {"away", "alice", host_token("away"), PAM_AUTHINFO_UNAVAIL, "keys_unavailable", 10, 0, ""},
        {"tokens", "alice", host_token("eddsa"), PAM_SUCCESS, "accepted", 100, 0, ""},
    };

    side_by_side("R10_two_handles_in_two_threads", alike, 2);
    side_by_side("R10_four_people_in_four_threads", different, 4);
    side_by_side("R10_some_of_them_fetch", fetching, 4);
}

/* Each thread ends after one sign-in, when the module is no longer there. */
static void
short_threads(void)
{
    int wrong = 0;

    for (int i = 0; i < 50; i++) {
        struct work work = {"tokens", "alice", host_token("good"), PAM_SUCCESS, "accepted", 1,
                            0,        ""};
        pthread_t thread;
        if (pthread_create(&thread, NULL, sign_in_often, &work) != 0) {
            abort();
        }
        (void)pthread_join(thread, NULL);
        wrong += work.wrong;
    }
    check(wrong == 0, "R10_threads_that_end_after_the_module", "%d wrong", wrong);
}

/* ---- how deep the stack gets (R109)
 * -------------------------------------------------------------- */

#define STACK_BYTES ((size_t)1024 * 1024)
#define PAINT 0x7e

/* One sign-in on a stack that was painted; how much of the paint is gone. */
static size_t
depth(const char *service, const char *token, int wanted, int rounds)
{
    unsigned char *stack = aligned_alloc(4096, STACK_BYTES);
    struct work work = {service, "alice", host_token(token), wanted, "event=", rounds, 0, ""};
    pthread_attr_t attributes;
    pthread_t thread;
    size_t clean = 0;

    memset(stack, PAINT, STACK_BYTES);
    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setstack(&attributes, stack, STACK_BYTES);
    if (pthread_create(&thread, &attributes, sign_in_often, &work) != 0) {
        abort();
    }
    (void)pthread_join(thread, NULL);
    (void)pthread_attr_destroy(&attributes);
    while (clean < STACK_BYTES && stack[clean] == PAINT) {
        clean++;
    }
    free(stack);
    return work.wrong == 0 ? STACK_BYTES - clean : STACK_BYTES;
}

static void
stacks(void)
{
    size_t idle = depth("tokens", "good", PAM_SUCCESS, 0);
    size_t good = depth("tokens", "good", PAM_SUCCESS, 1) - idle;
    size_t large = depth("tokens", "large", PAM_SUCCESS, 1) - idle;
    size_t fetched = depth("faked", "faked", PAM_SUCCESS, 1) - idle;

    check(good < 65536 && large < 65536 && fetched < 65536, "R109_the_stack_is_small",
          "%zu, %zu and %zu bytes", good, large, fetched);
    note("R109: stack with pam_start and pam_end: %zu bytes, %zu with 15 kB, %zu when it fetches; "
         "a thread that does nothing has %zu",
         good, large, fetched, idle);
}

/* ---- fork between dlopen and authenticate, as sshd does
 * ------------------------------------------ */

static int
answer(int count, const struct pam_message **messages, struct pam_response **ret, void *data)
{
    (void)count;
    *ret = calloc(1, sizeof(**ret));
    if (messages[0]->msg_style == PAM_PROMPT_ECHO_OFF) {
        (*ret)->resp = strdup(data);
    }
    return PAM_SUCCESS;
}

static int
fork_and_authenticate(const char *token, int *ret_setcred)
{
    static char copy[4096];
    struct pam_conv conv = {.conv = answer, .appdata_ptr = copy};
    pam_handle_t *handle = NULL;
    int status = 0;

    (void)snprintf(copy, sizeof(copy), "%s", token);
    if (pam_start_confdir("alone", "alice", &conv, host_path("stacks"), &handle) != PAM_SUCCESS) {
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        int code = pam_authenticate(handle, PAM_SILENT);
        (void)pam_end(handle, code);
        _exit(code);
    }
    (void)waitpid(pid, &status, 0);
    /* the parent did not sign anybody in: without the environment of the child it does not know */
    *ret_setcred = pam_setcred(handle, PAM_ESTABLISH_CRED);
    (void)pam_end(handle, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
fork_between(void)
{
    int setcred = -1;
    int code;

    /* nobody fails slowly here: there is no delay function in this conversation */
    code = fork_and_authenticate(host_token("good"), &setcred);
    check(code == PAM_SUCCESS, "E60_fork_after_dlopen", "%s", host_code(code));
    check(setcred == PAM_PERM_DENIED, "E60_R5_the_parent_has_no_mark", "%s", host_code(setcred));
}

static atomic_bool ended;

static void *
idle(void *data)
{
    (void)data;
    while (!ended) {
        (void)usleep(1000);
        free(malloc(1000));
    }
    return NULL;
}

/* A host with threads forks, and the child signs in (R104). */
static void
fork_with_threads(void)
{
    pthread_t threads[4];
    int wrong = 0;
    int setcred;

    for (int i = 0; i < 4; i++) {
        (void)pthread_create(&threads[i], NULL, idle, NULL);
    }
    for (int round = 0; round < 30; round++) {
        wrong += fork_and_authenticate(host_token("good"), &setcred) == PAM_SUCCESS ? 0 : 1;
    }
    ended = true;
    for (int i = 0; i < 4; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    check(wrong == 0, "E60_R104_fork_of_a_host_with_threads", "%d of 30 wrong", wrong);
}

int
main(void)
{
    fork_between(); /* before anything has loaded OpenSSL */
    two_handles();
    short_threads();
    stacks();
    fork_with_threads();
    check(host_descriptors() < 10, "R10_no_descriptor_is_left", "%d", host_descriptors());
    return checked();
}

/*
 * host STACKS SERVICE TOKEN-FILE cold|warm
 *
 * A host program that signs alice in once and leaves all that varies out: its wall clock stands
 * still, at the time that the tokens were made for. Warm it has libcrypto loaded and set up, as
 * sshd has, before anything is measured; cold it has not, like sudo.
 *
 * Prints what pam_authenticate answered, what the process's memory grew by until then (in
 * kilobytes, all of it and what is its own), and the shared objects that came. Exit 0 if that could
 * be told.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define OBJECTS_MAX 128
#define TOKEN_MAX 16384
/* 1 January 2100: later than anything is built. */
#define NOW_S 4102444800

/* Stands before libc's for everything that this process loads. */
__attribute__((visibility("default"))) int
clock_gettime(clockid_t clock, struct timespec *time)
{
    if (clock == CLOCK_REALTIME) {
        *time = (struct timespec){.tv_sec = NOW_S};
        return 0;
    }
    return (int)syscall(SYS_clock_gettime, clock, time);
}

struct memory {
    long all_kb;
    long own_kb;
};

static long
field(const char *text, const char *name)
{
    const char *at = strstr(text, name);

    return at != NULL ? strtol(at + strlen(name), NULL, 10) : -1;
}

/* Without the heap, which is what is measured. */
static struct memory
memory_now(void)
{
    static char text[4096];
    int fd = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;

    if (length < 0 || close(fd) != 0) {
        return (struct memory){.all_kb = -1, .own_kb = -1};
    }
    text[length] = '\0';
    return (struct memory){.all_kb = field(text, "\nRss:"), .own_kb = field(text, "\nAnonymous:")};
}

struct objects {
    const char *names[OBJECTS_MAX];
    size_t count;
};

static int
note_object(struct dl_phdr_info *info, size_t size, void *context)
{
    struct objects *objects = context;

    (void)size;
    if (objects->count < OBJECTS_MAX) {
        objects->names[objects->count++] = info->dlpi_name;
    }
    return 0;
}

/* The tail of a path; the loader's own name is its own for as long as the object is there. */
static const char *
last_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* libcrypto with its default provider, as any use of a digest leaves it. */
static int
warm_up(void)
{
    void *library = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_GLOBAL);
    void *(*fetch)(void *, const char *, const char *) = NULL;

    if (library == NULL) {
        return -1;
    }
    *(void **)&fetch = dlsym(library, "EVP_MD_fetch");
    return fetch != NULL && fetch(NULL, "SHA256", NULL) != NULL ? 0 : -1;
}

static int
answer(int count, const struct pam_message **messages, struct pam_response **ret_responses,
       void *token)
{
    struct pam_response *response = count == 1 ? calloc(1, sizeof(*response)) : NULL;

    if (response == NULL) {
        return PAM_CONV_ERR;
    }
    if (messages[0]->msg_style == PAM_PROMPT_ECHO_OFF) {
        response->resp = strdup(token);
    }
    *ret_responses = response;
    return PAM_SUCCESS;
}

static int
read_token(const char *path, char text[TOKEN_MAX])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, text, TOKEN_MAX - 1) : -1;

    if (length < 0 || close(fd) != 0) {
        return -1;
    }
    text[length] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return 0;
}

int
main(int argc, char **argv)
{
    static char token[TOKEN_MAX];
    static struct objects before;
    static struct objects after;
    struct pam_conv conversation = {.conv = answer, .appdata_ptr = token};
    pam_handle_t *handle = NULL;

    if (argc != 5 || read_token(argv[3], token) != 0 ||
        (strcmp(argv[4], "warm") == 0 && warm_up() != 0)) {
        return 2;
    }
    (void)dl_iterate_phdr(note_object, &before);
    struct memory began = memory_now();
    if (pam_start_confdir(argv[2], "alice", &conversation, argv[1], &handle) != PAM_SUCCESS) {
        return 2;
    }
    int code = pam_authenticate(handle, 0);
    struct memory ended = memory_now();
    (void)dl_iterate_phdr(note_object, &after);
    (void)printf("code %d\nall_kb %ld\nown_kb %ld\n", code, ended.all_kb - began.all_kb,
                 ended.own_kb - began.own_kb);
    /* What is loaded later stands behind what was there. */
    for (size_t i = before.count; i < after.count; i++) {
        (void)printf("object %s\n", last_name(after.names[i]));
    }
    (void)pam_end(handle, code);
    return began.all_kb < 0 || ended.all_kb < 0 ? 2 : 0;
}

#undef _FORTIFY_SOURCE /* which makes a macro of syslog() */
#include "host.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

static unsigned int failures;
static char unprintable[256]; /* the first text that had a byte which does not belong there */

/* The sign-in that this thread runs; log lines are its. */
static __thread struct login *current;

/* ---- reports ------------------------------------------------------------------------------- */

bool
check(bool good, const char *name, const char *format, ...)
{
    va_list arguments;

    if (good) {
        printf("ok      %s\n", name);
    } else {
        failures++;
        printf("FAILED: %s: ", name);
        va_start(arguments, format);
        (void)vprintf(format, arguments);
        va_end(arguments);
        printf("\n");
    }
    (void)fflush(stdout);
    return good;
}

void
note(const char *format, ...)
{
    va_list arguments;

    printf("note    ");
    va_start(arguments, format);
    (void)vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    (void)fflush(stdout);
}

/* One of the three blocks that a QR code is drawn of, in UTF-8. */
static bool
is_block(const char *at)
{
    return strncmp(at, "\u2580", 3) == 0 || strncmp(at, "\u2584", 3) == 0 ||
           strncmp(at, "\u2588", 3) == 0;
}

bool
host_may_be_said(const char *text)
{
    for (const char *at = text; *at != '\0'; at += is_block(at) ? 3 : 1) {
        if ((*at < ' ' || *at > '~') && *at != '\n' && !is_block(at)) {
            return false;
        }
    }
    return true;
}

/* What is said may have several lines and a QR code; a line of the log may not. */
static void
look_at(const char *text, bool said)
{
    bool good = host_may_be_said(text);

    for (const char *at = text; good && !said && *at != '\0'; at++) {
        good = *at >= ' ' && *at <= '~';
    }
    if (!good && unprintable[0] == '\0') {
        (void)snprintf(unprintable, sizeof(unprintable), "%s", text);
    }
}

int
checked_so_far(void)
{
    return failures == 0 ? 0 : 1;
}

int
checked(void)
{
    check(unprintable[0] == '\0', "R92_R93_only_printable_bytes", "%s", unprintable);
    return checked_so_far();
}

const char *
host_code(int code)
{
    static const char *const names[] = {
        [PAM_SUCCESS] = "PAM_SUCCESS",
        [PAM_OPEN_ERR] = "PAM_OPEN_ERR",
        [PAM_SYMBOL_ERR] = "PAM_SYMBOL_ERR",
        [PAM_SERVICE_ERR] = "PAM_SERVICE_ERR",
        [PAM_SYSTEM_ERR] = "PAM_SYSTEM_ERR",
        [PAM_BUF_ERR] = "PAM_BUF_ERR",
        [PAM_PERM_DENIED] = "PAM_PERM_DENIED",
        [PAM_AUTH_ERR] = "PAM_AUTH_ERR",
        [PAM_CRED_INSUFFICIENT] = "PAM_CRED_INSUFFICIENT",
        [PAM_AUTHINFO_UNAVAIL] = "PAM_AUTHINFO_UNAVAIL",
        [PAM_USER_UNKNOWN] = "PAM_USER_UNKNOWN",
        [PAM_CONV_ERR] = "PAM_CONV_ERR",
        [PAM_IGNORE] = "PAM_IGNORE",
        [PAM_ABORT] = "PAM_ABORT",
        [PAM_MODULE_UNKNOWN] = "PAM_MODULE_UNKNOWN",
    };
    static __thread char number[32];

    if (code >= 0 && (size_t)code < sizeof(names) / sizeof(names[0]) && names[code] != NULL) {
        return names[code];
    }
    (void)snprintf(number, sizeof(number), "code %d", code);
    return number;
}

/* ---- the log: libpam's calls of syslog(3) come here ---------------------------------------- */

static void
add_line(char *text, const char *line)
{
    size_t length = strlen(text);
    size_t more = strlen(line);

    if (length + more + 2 < HOST_TEXT_MAX) {
        memcpy(text + length, line, more);
        memcpy(text + length + more, "\n", 2);
    }
}

__attribute__((__format__(__printf__, 2, 0))) static void
keep_line(int priority, const char *format, va_list arguments)
{
    void (*next)(int, const char *, va_list) = NULL;
    bool *arm = current != NULL ? current->arm : NULL;
    bool was_armed = arm != NULL && *arm;
    char *line = NULL;
    va_list again;

    va_copy(again, arguments);
    if (was_armed) {
        *arm = false; /* the host has memory */
    }
    int length = vasprintf(&line, format, again);
    if (was_armed) {
        *arm = true;
    }
    va_end(again);
    if (length < 0) {
        return;
    }
    /* what stands before is libpam's: the service's name as it came */
    const char *ours = strstr(line, "event=");
    look_at(ours != NULL ? ours : "", /* said: */ false);
    if (current != NULL && current->log != NULL) {
        current->logged++;
        add_line(current->log, line);
    }
    free(line);
    if (getenv("PAM_TESTS_SYSLOG") != NULL) {
        *(void **)&next = dlsym(RTLD_NEXT, "vsyslog");
        next(priority, format, arguments);
    }
}

void
syslog(int priority, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    keep_line(priority, format, arguments);
    va_end(arguments);
}

void __syslog_chk(int priority, int flag, const char *format, ...)
    __attribute__((__format__(__printf__, 3, 4)));
void
__syslog_chk(int priority, int flag, const char *format, ...)
{
    va_list arguments;

    (void)flag;
    va_start(arguments, format);
    keep_line(priority, format, arguments);
    va_end(arguments);
}

/* ---- one sign-in --------------------------------------------------------------------------- */

static int
answer(int count, const struct pam_message **messages, struct pam_response **ret_responses,
       void *data)
{
    struct login *login = data;

    /* One message is all that the module ever sends. */
    if (count != 1) {
        return PAM_CONV_ERR;
    }
    add_line(login->said, messages[0]->msg);
    look_at(messages[0]->msg, /* said: */ true);
    if (messages[0]->msg_style == PAM_TEXT_INFO || messages[0]->msg_style == PAM_ERROR_MSG) {
        login->messages++;
        *ret_responses = calloc(1, sizeof(**ret_responses));
        return PAM_SUCCESS;
    }
    login->prompts++;
    if (login->talk != NULL) {
        return login->talk(count, messages, ret_responses, data);
    }
    if (login->answers == NULL || login->answers[login->given] == NULL) {
        return PAM_CONV_ERR;
    }
    *ret_responses = calloc(1, sizeof(**ret_responses));
    (*ret_responses)->resp = strdup(login->answers[login->given++]);
    return PAM_SUCCESS;
}

/* libpam calls it instead of sleeping. */
static void
no_delay(int code, unsigned int delay_us, void *data)
{
    struct login *login = data;

    (void)code;
    login->delay_us = delay_us;
}

static void
set_items(struct login *login, pam_handle_t *handle)
{
    void (*delay)(int, unsigned int, void *) = no_delay;

    (void)pam_set_item(handle, PAM_FAIL_DELAY, *(void **)&delay);
    if (login->tty != NULL) {
        (void)pam_set_item(handle, PAM_TTY, login->tty);
    }
    if (login->rhost != NULL) {
        (void)pam_set_item(handle, PAM_RHOST, login->rhost);
    }
}

int
host_login(struct login *login)
{
    struct pam_conv conv = {.conv = login->no_talk ? NULL : answer, .appdata_ptr = login};
    pam_handle_t *handle = NULL;
    const void *user = NULL;

    login->prompts = login->messages = login->delay_us = login->logged = 0;
    login->given = 0;
    login->user_after[0] = '\0';
    login->said = login->said != NULL ? login->said : malloc(HOST_TEXT_MAX);
    login->log = login->log != NULL ? login->log : malloc(HOST_TEXT_MAX);
    login->said[0] = login->log[0] = '\0';
    login->code = -1;
    current = login;
    const char *stacks = host_path(login->stacks != NULL ? login->stacks : "stacks");
    login->started = pam_start_confdir(login->service, login->user, &conv, stacks, &handle);
    if (login->started != PAM_SUCCESS) {
        current = NULL;
        return login->code = login->started;
    }
    set_items(login, handle);
    if (login->handle != NULL) {
        *login->handle = handle;
    }
    if (login->arm != NULL) {
        *login->arm = true;
    }
    login->code = pam_authenticate(handle, login->flags);
    if (login->arm != NULL) {
        *login->arm = false;
    }
    if (pam_get_item(handle, PAM_USER, &user) == PAM_SUCCESS && user != NULL) {
        (void)snprintf(login->user_after, sizeof(login->user_after), "%s", (const char *)user);
    }
    if (!login->keep) {
        (void)pam_end(handle, login->code);
        current = NULL;
    }
    return login->code;
}

void
host_end(struct login *login)
{
    (void)pam_end(*login->handle, login->code);
    current = NULL;
}

void
host_forget(struct login *login)
{
    free(login->said);
    free(login->log);
    login->said = login->log = NULL;
}

/* ---- files --------------------------------------------------------------------------------- */

const char *
host_path(const char *name)
{
    static char paths[16][512];
    const char *root = getenv("PAM_TESTS");

    for (size_t i = 0; i < 16; i++) {
        char wanted[512];
        (void)snprintf(wanted, sizeof(wanted), "%s/%s", root != NULL ? root : "", name);
        if (paths[i][0] == '\0') {
            (void)snprintf(paths[i], sizeof(paths[i]), "%s", wanted);
        }
        if (strcmp(paths[i], wanted) == 0) {
            return paths[i];
        }
    }
    abort();
}

char *
host_read(const char *path)
{
    FILE *file = fopen(path, "re");
    size_t room = 16384;
    char *text = malloc(room);
    size_t length = 0;
    size_t got;

    while (file != NULL && (got = fread(text + length, 1, room - 1 - length, file)) > 0) {
        length += got;
        if (length + 1 == room) {
            room *= 2;
            text = realloc(text, room);
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    text[length] = '\0';
    return text;
}

const char *
host_token(const char *name)
{
    static struct {
        char name[32];
        char *text;
    } kept[32];
    char path[256];

    for (size_t i = 0; i < 32; i++) {
        if (kept[i].text != NULL && strcmp(kept[i].name, name) == 0) {
            return kept[i].text;
        }
        if (kept[i].text == NULL) {
            (void)snprintf(path, sizeof(path), "%s/tokens/%s", getenv("PAM_TESTS"), name);
            (void)snprintf(kept[i].name, sizeof(kept[i].name), "%s", name);
            char *text = host_read(path);
            text[strcspn(text, "\n")] = '\0';
            kept[i].text = strdup(text);
            free(text);
            return kept[i].text;
        }
    }
    abort();
}

void
host_behave(const char *word)
{
    FILE *file = fopen(host_path("../fake/behaviour"), "we");

    (void)fprintf(file, "%s\n", word);
    (void)fclose(file);
}

static void
remove_files(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        if (strstr(entry->d_name, ".new") == NULL) {
            (void)unlinkat(dirfd(directory), entry->d_name, 0);
        }
    }
    if (directory != NULL) {
        (void)closedir(directory);
    }
}

void
host_forget_keys(void)
{
    remove_files(host_path("../cache"));
    remove_files(host_path("../run"));
}

/* ---- the process --------------------------------------------------------------------------- */

int64_t
host_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool
host_within(int64_t took_ms, int64_t most_ms)
{
    const char *patience = getenv("PATIENCE");

    return took_ms < most_ms * (patience != NULL ? strtol(patience, NULL, 10) : 1);
}

void
host_sleep_ms(int64_t ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

static int
entries(const char *path)
{
    DIR *directory = opendir(path);
    int count = 0;

    while (directory != NULL && readdir(directory) != NULL) {
        count++;
    }
    if (directory != NULL) {
        (void)closedir(directory);
    }
    return count - 2;
}

int
host_descriptors(void)
{
    return entries("/proc/self/fd") - 1;
}

int
host_children(void)
{
    char path[64];
    int count = 0;

    (void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    char *text = host_read(path);
    for (const char *at = text; *at != '\0'; at++) {
        count += *at == ' ' ? 1 : 0;
    }
    free(text);
    return count;
}

int
host_processes(const char *name)
{
    DIR *directory = opendir("/proc");
    struct dirent *entry;
    char path[300];
    int count = 0;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9') {
            continue;
        }
        (void)snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
        char *text = host_read(path);
        count += strncmp(text, name, strlen(name)) == 0 ? 1 : 0;
        free(text);
    }
    if (directory != NULL) {
        (void)closedir(directory);
    }
    return count;
}

long
host_rss_kb(void)
{
    char *text = host_read("/proc/self/status");
    const char *at = strstr(text, "VmRSS:");
    long value = at != NULL ? strtol(at + 6, NULL, 10) : -1;

    free(text);
    return value;
}

/*
 * R1, R2, R132, E69: the Nth call of each function that can fail does fail, for every N of a whole
 * sign-in. What is refused without faults is never let in with them, no descriptor or child is
 * left, nothing crashes, the log never claims what was not granted; and the next sign-in, without
 * faults, is what it would have been.
 *
 * The functions below stand in front of those of libc, libpam, Jansson and OpenSSL for the module,
 * for these libraries among themselves, and for libpam.
 */
#undef _FORTIFY_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "heap.h"
#include "host.h"

/*
 * Below ASan, too, a crash is the child's end by a signal, which run() looks at: one of OpenSSL's
 * is known.
 */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
    return "handle_segv=0";
}

/* ---- which call fails --------------------------------------------------------------------------
 */

#define KINDS(KIND)                                                                                \
    KIND(memory)                                                                                   \
    KIND(open)                                                                                     \
    KIND(openat)                                                                                   \
    KIND(read)                                                                                     \
    KIND(fstat)                                                                                    \
    KIND(lstat)                                                                                    \
    KIND(fstatat)                                                                                  \
    KIND(getpwnam_r)                                                                               \
    KIND(getrandom)                                                                                \
    KIND(gethostname)                                                                              \
    KIND(getrlimit)                                                                                \
    KIND(clock_gettime)                                                                            \
    KIND(socketpair)                                                                               \
    KIND(fcntl)                                                                                    \
    KIND(posix_spawn)                                                                              \
    KIND(spawn_actions)                                                                            \
    KIND(pidfd_open)                                                                               \
    KIND(poll)                                                                                     \
    KIND(send)                                                                                     \
    KIND(recv)                                                                                     \
    KIND(recv_ends)                                                                                \
    KIND(write)                                                                                    \
    KIND(flock)                                                                                    \
    KIND(fsync)                                                                                    \
    KIND(fchmod)                                                                                   \
    KIND(ftruncate)                                                                                \
    KIND(futimens)                                                                                 \
    KIND(renameat)                                                                                 \
    KIND(fdopendir)                                                                                \
    KIND(mkdirat)                                                                                  \
    KIND(unlinkat)                                                                                 \
    KIND(readdir)                                                                                  \
    KIND(pread)                                                                                    \
    KIND(fchown)                                                                                   \
    KIND(conversation)                                                                             \
    KIND(conversation_answers_nothing)                                                             \
    KIND(pam_get_item)                                                                             \
    KIND(pam_get_user)                                                                             \
    KIND(pam_set_data)                                                                             \
    KIND(pam_putenv)                                                                               \
    KIND(jansson)                                                                                  \
    KIND(crypto)                                                                                   \
    KIND(crypto_negative)

enum kind {
#define KIND(name) KIND_##name,
    KINDS(KIND)
#undef KIND
        KIND_COUNT
};

static const char *const kind_names[KIND_COUNT] = {
#define KIND(name) [KIND_##name] = #name,
    KINDS(KIND)
#undef KIND
};

static bool armed;
static bool forever; /* not only the Nth call: every one from there on */
static enum kind chosen;
static int nth;
static int seen[KIND_COUNT];

static bool
fails(enum kind kind)
{
    if (!armed) {
        return false;
    }
    seen[kind]++;
    return kind == chosen && (seen[kind] == nth || (forever && seen[kind] > nth));
}

#define NEXT(name)                                                                                 \
    static __typeof__(&name) next;                                                                 \
    if (next == NULL) {                                                                            \
        *(void **)&next = dlsym(RTLD_NEXT, #name);                                                 \
    }

/* ---- memory ------------------------------------------------------------------------------------
 */

void *
malloc(size_t size)
{
    if (fails(KIND_memory)) {
        errno = ENOMEM;
        return NULL;
    }
    return heap_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
    if (fails(KIND_memory)) {
        errno = ENOMEM;
        return NULL;
    }
    return heap_calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
    if (fails(KIND_memory)) {
        errno = ENOMEM;
        return NULL;
    }
    return heap_realloc(old, size);
}

void *
reallocarray(void *old, size_t count, size_t size)
{
    size_t all;

    if (__builtin_mul_overflow(count, size, &all)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(old, all);
}

/* ---- libc: the functions that return -1
 * ---------------------------------------------------------- */

#define FAILING(type, name, kind, error, failure, parameters, arguments)                           \
    type name parameters                                                                           \
    {                                                                                              \
        NEXT(name)                                                                                 \
        if (fails(KIND_##kind)) {                                                                  \
            errno = error;                                                                         \
            return failure;                                                                        \
        }                                                                                          \
        return next arguments;                                                                     \
    }

FAILING(ssize_t, read, read, EIO, -1, (int fd, void *into, size_t room), (fd, into, room))
FAILING(int, fstat, fstat, EIO, -1, (int fd, struct stat *into), (fd, into))
FAILING(int, lstat, lstat, EACCES, -1, (const char *path, struct stat *into), (path, into))
FAILING(int, fstatat, fstatat, EIO, -1, (int fd, const char *path, struct stat *into, int flags),
        (fd, path, into, flags))
FAILING(ssize_t, getrandom, getrandom, ENOSYS, -1, (void *into, size_t length, unsigned int flags),
        (into, length, flags))
FAILING(int, gethostname, gethostname, EFAULT, -1, (char *name, size_t length), (name, length))
FAILING(int, clock_gettime, clock_gettime, EINVAL, -1, (clockid_t clock, struct timespec *now),
        (clock, now))
FAILING(int, socketpair, socketpair, EMFILE, -1, (int domain, int type, int protocol, int pair[2]),
        (domain, type, protocol, pair))
FAILING(int, posix_spawn, posix_spawn, EAGAIN, EAGAIN,
        (pid_t * pid, const char *path, const posix_spawn_file_actions_t *actions,
         const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[]),
        (pid, path, actions, attributes, arguments, environment))
FAILING(int, posix_spawn_file_actions_adddup2, spawn_actions, ENOMEM, ENOMEM,
        (posix_spawn_file_actions_t * actions, int fd, int new), (actions, fd, new))
FAILING(int, posix_spawn_file_actions_addopen, spawn_actions, ENOMEM, ENOMEM,
        (posix_spawn_file_actions_t * actions, int fd, const char *path, int flags, mode_t mode),
        (actions, fd, path, flags, mode))
FAILING(int, posix_spawn_file_actions_addclosefrom_np, spawn_actions, ENOMEM, ENOMEM,
        (posix_spawn_file_actions_t * actions, int fd), (actions, fd))
FAILING(int, pidfd_open, pidfd_open, ENOSYS, -1, (pid_t pid, unsigned int flags), (pid, flags))
FAILING(int, poll, poll, ENOMEM, -1, (struct pollfd * fds, nfds_t count, int ms), (fds, count, ms))
FAILING(ssize_t, send, send, EPIPE, -1, (int fd, const void *bytes, size_t length, int flags),
        (fd, bytes, length, flags))
FAILING(ssize_t, write, write, ENOSPC, -1, (int fd, const void *bytes, size_t length),
        (fd, bytes, length))
FAILING(ssize_t, pwrite, write, ENOSPC, -1, (int fd, const void *bytes, size_t length, off_t at),
        (fd, bytes, length, at))
FAILING(int, flock, flock, EWOULDBLOCK, -1, (int fd, int operation), (fd, operation))
FAILING(int, fsync, fsync, EIO, -1, (int fd), (fd))
FAILING(int, fchmod, fchmod, EROFS, -1, (int fd, mode_t mode), (fd, mode))
FAILING(int, ftruncate, ftruncate, EIO, -1, (int fd, off_t length), (fd, length))
FAILING(int, futimens, futimens, EROFS, -1, (int fd, const struct timespec times[2]), (fd, times))
FAILING(int, renameat, renameat, EXDEV, -1, (int from, const char *a, int to, const char *b),
        (from, a, to, b))
FAILING(int, mkdirat, mkdirat, ENOSPC, -1, (int directory, const char *name, mode_t mode),
        (directory, name, mode))
FAILING(int, unlinkat, unlinkat, EROFS, -1, (int directory, const char *name, int flags),
        (directory, name, flags))
FAILING(struct dirent *, readdir, readdir, EIO, NULL, (DIR * listing), (listing))
FAILING(ssize_t, pread, pread, EIO, -1, (int fd, void *into, size_t room, off_t at),
        (fd, into, room, at))
FAILING(int, fchown, fchown, EPERM, -1, (int fd, uid_t owner, gid_t group), (fd, owner, group))
FAILING(DIR *, fdopendir, fdopendir, ENOMEM, NULL, (int fd), (fd))

ssize_t
recv(int fd, void *into, size_t room, int flags)
{
    NEXT(recv)
    if (fails(KIND_recv)) {
        errno = ECONNRESET;
        return -1;
    }
    return fails(KIND_recv_ends) ? 0 : next(fd, into, room, flags);
}

int
getrlimit(__rlimit_resource_t resource, struct rlimit *limit)
{
    NEXT(getrlimit)
    if (fails(KIND_getrlimit)) {
        errno = EINVAL;
        return -1;
    }
    return next(resource, limit);
}

int
getpwnam_r(const char *name, struct passwd *entry, char *into, size_t room, struct passwd **ret)
{
    NEXT(getpwnam_r)
    if (fails(KIND_getpwnam_r)) {
        *ret = NULL;
        return EIO;
    }
    return next(name, entry, into, room, ret);
}

int
open(const char *path, int flags, ...)
{
    va_list arguments;

    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    NEXT(open)
    if (fails(KIND_open)) {
        errno = EMFILE;
        return -1;
    }
    return next(path, flags, mode);
}

int
openat(int directory, const char *path, int flags, ...)
{
    va_list arguments;

    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    NEXT(openat)
    if (fails(KIND_openat)) {
        errno = EMFILE;
        return -1;
    }
    return next(directory, path, flags, mode);
}

int
fcntl(int fd, int command, ...)
{
    va_list arguments;

    va_start(arguments, command);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    NEXT(fcntl)
    if (fails(KIND_fcntl)) {
        errno = EMFILE;
        return -1;
    }
    return next(fd, command, argument);
}

/* ---- libpam, as the module calls it
 * --------------------------------------------------------------- */

FAILING(int, pam_get_item, pam_get_item, 0, PAM_SYSTEM_ERR,
        (const pam_handle_t *handle, int type, const void **item), (handle, type, item))
int pam_get_user(pam_handle_t *handle, const char **user, const char *prompt);
int pam_set_data(pam_handle_t *handle, const char *name, void *data,
                 void (*done)(pam_handle_t *handle, void *data, int error));
FAILING(int, pam_get_user, pam_get_user, 0, PAM_SYSTEM_ERR,
        (pam_handle_t * handle, const char **user, const char *prompt), (handle, user, prompt))
FAILING(int, pam_set_data, pam_set_data, 0, PAM_SYSTEM_ERR,
        (pam_handle_t * handle, const char *name, void *data,
         void (*done)(pam_handle_t *handle, void *data, int error)),
        (handle, name, data, done))
FAILING(int, pam_putenv, pam_putenv, 0, PAM_BUF_ERR, (pam_handle_t * handle, const char *setting),
        (handle, setting))

/* ---- Jansson and OpenSSL, which are in the process only with the module
 * --------------------------- */

#define FOREIGN(type, name, kind, failure, parameters, arguments)                                  \
    type name parameters;                                                                          \
    type name parameters                                                                           \
    {                                                                                              \
        static type(*next) parameters;                                                             \
        if (next == NULL || KIND_##kind == KIND_jansson) { /* which comes and goes */              \
            *(void **)&next = host_symbol(#name);                                                  \
        }                                                                                          \
        if (fails(KIND_##kind)) {                                                                  \
            return failure;                                                                        \
        }                                                                                          \
        return next arguments;                                                                     \
    }

/* Libraries that were loaded by dlopen are not behind RTLD_NEXT. */
static void *
host_symbol(const char *name)
{
    static const char *const libraries[] = {"libjansson.so.4", "libcrypto.so.3"};
    bool was_armed = armed;
    void *symbol = NULL;

    armed = false;
    for (size_t i = 0; i < 2 && symbol == NULL; i++) {
        void *library = dlopen(libraries[i], RTLD_NOW | RTLD_NOLOAD);
        symbol = library != NULL ? dlsym(library, name) : NULL;
        if (library != NULL) {
            (void)dlclose(library);
        }
    }
    armed = was_armed;
    return symbol;
}

FOREIGN(void *, json_loadb, jansson, NULL,
        (const char *text, size_t length, size_t flags, void *error), (text, length, flags, error))
FOREIGN(void *, json_object, jansson, NULL, (void), ())
FOREIGN(void *, EVP_MD_CTX_new, crypto, NULL, (void), ())
FOREIGN(void *, BN_bin2bn, crypto, NULL, (const void *bytes, int length, void *into),
        (bytes, length, into))
FOREIGN(void *, ECDSA_SIG_new, crypto, NULL, (void), ())
FOREIGN(int, ECDSA_SIG_set0, crypto, 0, (void *pair, void *r, void *s), (pair, r, s))
FOREIGN(void *, EVP_PKEY_CTX_new_from_name, crypto, NULL,
        (void *context, const char *name, const char *query), (context, name, query))
FOREIGN(int, EVP_PKEY_fromdata_init, crypto, 0, (void *context), (context))
FOREIGN(int, EVP_PKEY_fromdata, crypto_negative, -1,
        (void *context, void **key, int selection, void *parameters),
        (context, key, selection, parameters))
FOREIGN(void *, EVP_PKEY_new_raw_public_key_ex, crypto, NULL,
        (void *context, const char *type, const char *query, const void *bytes, size_t length),
        (context, type, query, bytes, length))
FOREIGN(int, EVP_PKEY_get_bits, crypto, 0, (const void *key), (key))
FOREIGN(int, EVP_Q_digest, crypto, 0,
        (void *context, const char *name, const char *query, const void *bytes, size_t length,
         void *digest, size_t *digest_length),
        (context, name, query, bytes, length, digest, digest_length))
FOREIGN(int, EVP_DigestVerifyInit_ex, crypto_negative, -1,
        (void *context, void **key_context, const char *digest, void *library, const char *query,
         void *key, const void *parameters),
        (context, key_context, digest, library, query, key, parameters))
FOREIGN(int, EVP_PKEY_CTX_set_rsa_padding, crypto_negative, -2, (void *context, int padding),
        (context, padding))
FOREIGN(int, EVP_PKEY_CTX_set_rsa_pss_saltlen, crypto_negative, -2, (void *context, int length),
        (context, length))
FOREIGN(int, EVP_DigestVerify, crypto_negative, -1,
        (void *context, const void *signature, size_t length, const void *message, size_t bytes),
        (context, signature, length, message, bytes))
FOREIGN(int, i2d_ECDSA_SIG, crypto_negative, -1, (const void *pair, unsigned char **into),
        (pair, into))

/* ---- one sign-in with one fault, in a process of its own
 * ------------------------------------------- */

struct scenario {
    const char *name;
    const char *service;
    const char *user;
    const char *token; /* or NULL: Enter, and a browser */
    int wanted;        /* without faults */
    bool fetches;
    bool thorough; /* every call for memory; else every seventh, and no sign-in afterwards */
    bool account;  /* the account phase, in which nobody has signed in */
};

enum { SHARE_OTHERS, SHARE_FETCHES, SHARE_BROWSERS };

static const struct scenario scenarios[] = {
    {"good", "tokens", "alice", "good", PAM_SUCCESS, false, true, false},
    {"good_es256", "tokens", "alice", "es256", PAM_SUCCESS, false, true, false},
    {"good_ps256", "tokens", "alice", "ps256", PAM_SUCCESS, false, false, false},
    {"good_eddsa", "tokens", "alice", "eddsa", PAM_SUCCESS, false, false, false},
    {"tampered", "tokens", "alice", "tampered", PAM_AUTH_ERR, false, true, false},
    {"forged", "tokens", "alice", "forged", PAM_AUTH_ERR, false, false, false},
    {"expired", "tokens", "alice", "expired", PAM_AUTH_ERR, false, false, false},
    {"audience", "tokens", "alice", "audience", PAM_AUTH_ERR, false, false, false},
    {"bound", "tokens", "alice", "claim", PAM_AUTH_ERR, false, false, false},
    {"denied", "tokens", "alice", "denied", PAM_AUTH_ERR, false, false, false},
    {"of_another", "tokens", "bob", "good", PAM_AUTH_ERR, false, false, false},
    {"system_account", "tokens", "root", "good", PAM_AUTH_ERR, false, false, false},
    {"requirement", "strict", "alice", "good", PAM_AUTH_ERR, false, false, false},
    {"no_section", "nosection", "alice", "good", PAM_AUTHINFO_UNAVAIL, false, false, false},
    {"unknown_user", "tokens", "nosuchuser", "good", PAM_AUTH_ERR, false, false, false},
    {"fetched", "faked", "alice", "faked", PAM_SUCCESS, true, true, false},
    {"fetched_bad", "faked", "alice", "faked_bad", PAM_AUTH_ERR, true, false, false},
    {"fetched_unknown", "faked", "alice", "faked_unknown", PAM_AUTH_ERR, true, false, false},
    {"used_before", "once", "alice", "good", PAM_AUTH_ERR, false, true, false},
    {"browser", "flow", "alice", NULL, PAM_SUCCESS, true, false, false},
    {"browser_of_another", "flow", "bob", NULL, PAM_AUTH_ERR, true, false, false},
    {"nobody_signed_in", "recent", "carol", NULL, PAM_PERM_DENIED, false, true, true},
};

/* What a child tells: shared with it. */
struct told {
    int code;
    int seen[KIND_COUNT];
    int leaked;   /* descriptors and children */
    int again;    /* code of the next sign-in */
    bool claimed; /* the last line of the log says accepted */
    char log[2000];
};
static struct told *told;

static int
answer(int count, const struct pam_message **messages, struct pam_response **ret, void *data)
{
    bool was_armed = armed;

    (void)count;
    (void)messages;
    if (fails(KIND_conversation)) {
        return PAM_CONV_ERR;
    }
    if (fails(KIND_conversation_answers_nothing)) {
        *ret = NULL;
        return PAM_SUCCESS;
    }
    armed = false; /* the host is well */
    *ret = calloc(1, sizeof(**ret));
    (*ret)->resp = strdup(((struct login *)data)->answers[0]);
    armed = was_armed;
    return PAM_SUCCESS;
}

static const char *
answer_of(const struct scenario *scenario)
{
    return scenario->token != NULL ? host_token(scenario->token) : "";
}

/* As host_login, of which it has nothing but the code. */
static int
account_phase(const struct scenario *scenario, struct login *login)
{
    static bool nothing;
    struct pam_conv talk = {.conv = answer, .appdata_ptr = login};
    pam_handle_t *handle = NULL;

    if (pam_start_confdir(scenario->service, scenario->user, &talk, host_path("stacks"), &handle) !=
        PAM_SUCCESS) {
        abort();
    }
    bool *arm = login->arm != NULL ? login->arm : &nothing;
    *arm = true;
    int code = pam_acct_mgmt(handle, 0);
    *arm = false;
    (void)pam_end(handle, code);
    return code;
}

static int
one_phase(const struct scenario *scenario, struct login *login)
{
    return scenario->account ? account_phase(scenario, login) : host_login(login);
}

static void
child(const struct scenario *scenario, bool twice)
{
    const char *answers[] = {answer_of(scenario), NULL};
    struct login login = {.service = scenario->service,
                          .user = scenario->user,
                          .tty = scenario->token == NULL ? "ssh" : NULL,
                          .answers = answers,
                          .talk = answer};

    (void)alarm(20);
    int descriptors = host_descriptors();
    login.arm = &armed;
    told->code = one_phase(scenario, &login);
    armed = false;
    memcpy(told->seen, seen, sizeof(seen));
    told->leaked = host_descriptors() - descriptors + host_children();
    const char *log = login.log != NULL ? login.log : "";
    const char *accepted = strstr(log, "verdict=accepted");
    told->claimed = accepted != NULL && strstr(accepted, "event=sign_in") == NULL;
    (void)snprintf(told->log, sizeof(told->log), "%s", log);
    told->again = scenario->wanted;
    if (twice) {
        login.arm = NULL;
        told->again = one_phase(scenario, &login);
    }
    _exit(0);
}

/* 0, or what was wrong. */
static const char *
run(const struct scenario *scenario, enum kind kind, int number, bool warm)
{
    int status = 0;

    memset(told, 0, sizeof(*told));
    memset(seen, 0, sizeof(seen));
    chosen = kind;
    nth = number;
    if (scenario->fetches) {
        host_forget_keys();
    }
    pid_t pid = fork();
    if (pid == 0) {
        child(scenario, warm && scenario->thorough);
    }
    (void)waitpid(pid, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        static char text[64];
        (void)snprintf(text, sizeof(text), "status %x%s", (unsigned int)status,
                       WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? ", it hung" : "");
        return text;
    }
    if (told->code == PAM_SUCCESS && scenario->wanted != PAM_SUCCESS) {
        return "let in";
    }
    if (told->code == PAM_IGNORE) {
        return "PAM_IGNORE";
    }
    if (told->leaked != 0) {
        return "a descriptor or a child is left";
    }
    /* PAM_SYSTEM_ERR is what comes of pam_permit, and of libpam's own audit, behind us */
    if (told->claimed && told->code != PAM_SUCCESS && told->code != PAM_SYSTEM_ERR) {
        return "the log says accepted, PAM does not";
    }
    return told->again != scenario->wanted ? "the next sign-in went wrong" : NULL;
}

static int calls_in_all;

/*
 * OpenSSL 3.0 takes its first lock without looking whether there was memory for it: one call of
 * some thousands of a cold start ends in its EVP_KEYMGMT_fetch, whoever calls that.
 */
static bool
is_of_openssl(enum kind kind, bool warm, const char *trouble)
{
    return kind == KIND_memory && !warm && trouble != NULL && strcmp(trouble, "status b") == 0;
}

static void
every_call(const struct scenario *scenario, enum kind kind, bool warm, int step_after)
{
    char name[128];
    int wrong = 0;
    int openssl_crashes = 0;
    char first[2400] = "";

    (void)run(scenario, kind, -1, warm);
    int count = told->seen[kind];
    if (count == 0) {
        return;
    }
    int step = kind == KIND_memory && !scenario->thorough ? 7 : 1;
    for (int n = 1; n <= count; n += n < step_after ? step : 41) {
        const char *trouble = run(scenario, kind, n, warm);
        calls_in_all++;
        if (is_of_openssl(kind, warm, trouble) && openssl_crashes++ == 0) {
            note("E69_%s_cold: call %d crashes in OpenSSL's own start", scenario->name, n);
            continue;
        }
        if (trouble != NULL && wrong++ == 0) {
            (void)snprintf(first, sizeof(first), "call %d of %d: %s: %s, then %s\n%s", n, count,
                           trouble, host_code(told->code), host_code(told->again), told->log);
        }
    }
    (void)snprintf(name, sizeof(name), "E69_%s%s_%s_%s", kind_names[kind],
                   forever ? "_for_good" : "", scenario->name, warm ? "warm" : "cold");
    check(wrong == 0, name, "%d times wrong; first at %s", wrong, first);
}

/* OpenSSL not initialised: it takes thousands of calls, so not each of them. */
static void
cold(void)
{
    every_call(&scenarios[0], KIND_memory, false, 200);
    every_call(&scenarios[4], KIND_memory, false, 200);
    every_call(&scenarios[0], KIND_open, false, 1000);
    every_call(&scenarios[0], KIND_fstat, false, 1000);
}

static bool
is_browser(const struct scenario *scenario)
{
    return scenario->token == NULL && !scenario->account;
}

/* A flow that lost an answer waits and asks again, for seconds: of what others try, little. */
static bool
is_tried(const struct scenario *scenario, enum kind kind)
{
    return !is_browser(scenario) || kind == KIND_memory || kind == KIND_openat ||
           kind == KIND_read || kind == KIND_posix_spawn || kind == KIND_conversation ||
           kind == KIND_conversation_answers_nothing || kind == KIND_getpwnam_r ||
           kind == KIND_crypto || kind == KIND_pam_get_item;
}

/*
 * The scenarios of one of two processes; what fetches is all with one, as it shares the cache. The
 * browsers are on their own.
 */
static int
share_of(const struct scenario *scenario)
{
    if (is_browser(scenario)) {
        return SHARE_BROWSERS;
    }
    return scenario->fetches || scenario == &scenarios[1] ? SHARE_FETCHES : SHARE_OTHERS;
}

static void
each_scenario(int share)
{
    size_t count = sizeof(scenarios) / sizeof(scenarios[0]);
    const char *answers[] = {host_token("good"), NULL};
    struct login login = {.service = "tokens", .user = "alice", .answers = answers};

    (void)host_login(&login);
    login.service = "once"; /* which uses the token up */
    (void)host_login(&login);
    for (size_t i = 0; i < count; i++) {
        for (int kind = 0; share_of(&scenarios[i]) == share && kind < KIND_COUNT; kind++) {
            if (is_tried(&scenarios[i], (enum kind)kind)) {
                every_call(&scenarios[i], (enum kind)kind, true,
                           is_browser(&scenarios[i]) ? 0 : 100000);
            }
        }
    }
    host_forget(&login);
}

static void
warm(int share)
{
    each_scenario(share);
    forever = true;
    if (share == SHARE_OTHERS) {
        every_call(&scenarios[0], KIND_memory, true, 100000);
        every_call(&scenarios[4], KIND_memory, true, 100000);
    } else {
        every_call(&scenarios[15], KIND_memory, true, 100000);
    }
}

static void
work(int share)
{
    told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (told == MAP_FAILED) {
        abort();
    }
    if (share == SHARE_BROWSERS) {
        each_scenario(share);
        return;
    }
    if (share == SHARE_OTHERS) {
        cold();
    } else {
        every_call(&scenarios[15], KIND_memory, false, 100);
    }
    warm(share);
    note("E69: %d sign-ins with a fault", calls_in_all);
}

/* `faults browsers`: device flows, which take their time; otherwise all but these. */
int
main(int argc, char **argv)
{
    int status = 0;

    for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
        (void)answer_of(&scenarios[i]);
    }
    host_behave("approve");
    if (argc > 1 && strcmp(argv[1], "browsers") == 0) {
        work(SHARE_BROWSERS);
        return checked();
    }
    pid_t other = fork();
    if (other == 0) {
        work(SHARE_FETCHES);
        _exit(checked_so_far());
    }
    work(SHARE_OTHERS);
    (void)waitpid(other, &status, 0);
    check(status == 0, "E69_R132_both_processes_are_well", "status %x", (unsigned int)status);
    return checked();
}

/*
 * R9, R5, R98, R99, R102, E66: what the process was before a sign-in it is afterwards, whatever
 * came of it; and what the other PAM functions answer.
 */
#include <locale.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <syslog.h>
#include <unistd.h>

#include "host.h"

extern char **environ;

/* ---- the process as text -----------------------------------------------------------------------
 */

static void
add_lines_of_status(FILE *into)
{
    static const char *const fields[] = {
        "Umask",  "Uid",    "Gid",    "Groups",     "Threads", "SigPnd",
        "ShdPnd", "SigBlk", "SigIgn", "SigCgt",     "CapInh",  "CapPrm",
        "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Speculation_Store_Bypass"};
    char *text = host_read("/proc/self/status");

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        char wanted[64];
        (void)snprintf(wanted, sizeof(wanted), "\n%s:", fields[i]);
        const char *at = strstr(text, wanted);
        if (at != NULL) {
            (void)fprintf(into, "%.*s\n", (int)strcspn(at + 1, "\n"), at + 1);
        }
    }
    free(text);
}

static void
add_links(FILE *into, const char *name)
{
    char path[64];
    char target[512];

    (void)snprintf(path, sizeof(path), "/proc/self/%s", name);
    ssize_t length = readlink(path, target, sizeof(target) - 1);
    (void)fprintf(into, "%s -> %.*s\n", name, length > 0 ? (int)length : 0, target);
}

static void
add_descriptors(FILE *into)
{
    for (int fd = 0; fd < 1024; fd++) {
        char name[32];
        char path[64];
        char target[512];
        (void)snprintf(name, sizeof(name), "fd/%d", fd);
        (void)snprintf(path, sizeof(path), "/proc/self/%s", name);
        if (readlink(path, target, sizeof(target)) > 0) {
            add_links(into, name);
        }
    }
}

static void
add_signals(FILE *into)
{
    struct itimerval timer;
    sigset_t blocked;

    for (int number = 1; number < 65; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) == 0) {
            (void)fprintf(into, "signal %d %lx %x\n", number,
                          (unsigned long)(uintptr_t)action.sa_handler,
                          (unsigned int)action.sa_flags);
        }
    }
    (void)sigprocmask(SIG_SETMASK, NULL, &blocked);
    for (int number = 1; number < 65; number++) {
        if (sigismember(&blocked, number) == 1) {
            (void)fprintf(into, "blocked %d\n", number);
        }
    }
    for (int which = 0; which < 3; which++) {
        (void)getitimer((enum __itimer_which)which, &timer);
        (void)fprintf(into, "timer %d %ld %ld\n", which, timer.it_interval.tv_sec,
                      timer.it_value.tv_sec);
    }
}

static void
add_rest(FILE *into)
{
    int death = -1;
    char name[17] = "";

    for (char **at = environ; *at != NULL; at++) {
        (void)fprintf(into, "environ %s\n", *at);
    }
    (void)fprintf(into, "locale %s\n", setlocale(LC_ALL, NULL));
    (void)fprintf(into, "TZ %ld %d %s\n", timezone, daylight, tzname[0]);
    (void)prctl(PR_GET_PDEATHSIG, &death);
    (void)prctl(PR_GET_NAME, name);
    (void)fprintf(into, "prctl %d %d %d %s\n", death, prctl(PR_GET_DUMPABLE),
                  prctl(PR_GET_KEEPCAPS), name);
    (void)fprintf(into, "ids %d %d %d nice %d\n", getpgrp(), getsid(0), getppid(),
                  getpriority(PRIO_PROCESS, 0));
    (void)fprintf(into, "children %d\n", host_children());
}

static char *
snapshot(void)
{
    char *text = NULL;
    size_t length = 0;
    FILE *into = open_memstream(&text, &length);
    char *limits = host_read("/proc/self/limits");

    add_lines_of_status(into);
    (void)fputs(limits, into);
    add_links(into, "cwd");
    add_links(into, "root");
    add_descriptors(into);
    add_signals(into);
    add_rest(into);
    (void)fclose(into);
    free(limits);
    return text;
}

/* The lines of `a` that are not in `b`. */
static void
difference(const char *a, const char *b, char *into, size_t room)
{
    into[0] = '\0';
    for (const char *at = a; *at != '\0';) {
        size_t length = strcspn(at, "\n");
        char line[600];
        (void)snprintf(line, sizeof(line), "\n%.*s\n", (int)length, at);
        /* the first line of `b` has no LF before it */
        if (strstr(b, line) == NULL && strncmp(b, line + 1, strlen(line + 1)) != 0 &&
            strlen(into) + strlen(line) < room) {
            strcat(into, line + 1);
        }
        at += length + (at[length] == '\n' ? 1 : 0);
    }
}

/* ---- every kind of outcome ---------------------------------------------------------------------
 */

static bool
mapped(const char *name)
{
    char *maps = host_read("/proc/self/maps");
    bool found = strstr(maps, name) != NULL;

    free(maps);
    return found;
}

static void
queue_errors(int count)
{
    ERR_clear_error();
    for (int i = 1; i <= count; i++) {
        ERR_raise_data(ERR_LIB_USER, i, "the host's own %d", i);
        if (i == 1) {
            (void)ERR_set_mark();
        }
    }
}

/* The host's errors, all and only they; its own mark is still where it was. */
static bool
errors_are(int count)
{
    bool good = ERR_GET_REASON(ERR_peek_last_error()) == count || count == 0;
    unsigned long error;

    for (int i = 1; i <= count; i++) {
        error = ERR_get_error();
        good = good && ERR_GET_LIB(error) == ERR_LIB_USER && ERR_GET_REASON(error) == i;
    }
    return good && ERR_get_error() == 0;
}

static bool
mark_is_there(void)
{
    queue_errors(1);
    ERR_raise(ERR_LIB_USER, 2);
    return ERR_pop_to_mark() == 1 && ERR_GET_REASON(ERR_peek_last_error()) == 1;
}

struct outcome {
    const char *name;
    const char *stacks;
    const char *service;
    const char *user;
    const char *token;
    const char *text;
    const char *behaviour; /* of the fetcher */
};

static const struct outcome outcomes[] = {
    {"accepted", NULL, "tokens", "alice", "good", NULL, NULL},
    {"accepted_ps256", NULL, "tokens", "alice", "ps256", NULL, NULL},
    {"accepted_es256", NULL, "tokens", "alice", "es256", NULL, NULL},
    {"accepted_eddsa", NULL, "tokens", "alice", "eddsa", NULL, NULL},
    {"accepted_with_keys_fetched", NULL, "faked", "alice", "faked", NULL, "serve"},
    {"accepted_with_keys_on_disk", NULL, "faked", "alice", "faked", NULL, "serve"},
    {"unknown_key_with_refresh", NULL, "faked", "alice", "faked_unknown", NULL, "serve"},
    {"forged_with_keys_on_disk", NULL, "faked", "alice", "faked_bad", NULL, "serve"},
    {"malformed", NULL, "tokens", "alice", NULL, "hunter2", NULL},
    {"tampered", NULL, "tokens", "alice", "tampered", NULL, NULL},
    {"forged", NULL, "tokens", "alice", "forged", NULL, NULL},
    {"expired", NULL, "tokens", "alice", "expired", NULL, NULL},
    {"unmapped", NULL, "tokens", "alice", "unmapped", NULL, NULL},
    {"unknown_user", NULL, "tokens", "nosuchuser", "good", NULL, NULL},
    {"system_account", NULL, "tokens", "root", "good", NULL, NULL},
    {"cancelled", NULL, "tokens", "alice", NULL, "", NULL},
    {"nobody_answers", NULL, "tokens", "alice", NULL, NULL, NULL},
    {"local_user", NULL, "tokens", "breakglass", NULL, NULL, NULL},
    {"no_section", NULL, "nosection", "alice", "good", NULL, NULL},
    {"bad_config", "stacks.typo", "tokens", "alice", "good", NULL, NULL},
    {"no_config", "stacks.absent", "tokens", "alice", "good", NULL, NULL},
    {"provider_away", NULL, "away", "alice", "away", NULL, NULL},
    {"device_flow_away", NULL, "browser", "alice", NULL, "", NULL},
    {"fetcher_missing", "stacks.nofetcher", "away", "alice", "away", NULL, NULL},
    {"fetcher_crashes", NULL, "faked", "alice", "faked", NULL, "crash"},
    {"fetcher_crashes_at_once", NULL, "faked", "alice", "faked", NULL, "crash_first"},
    {"fetcher_says_nothing", NULL, "faked", "alice", "faked", NULL, "silent"},
    {"fetcher_hangs", NULL, "faked", "alice", "faked", NULL, "deaf"},
    {"fetcher_hangs_half_way", NULL, "faked", "alice", "faked", NULL, "deaf_half"},
    {"fetcher_says_half", NULL, "faked", "alice", "faked", NULL, "half"},
    {"fetcher_talks_garbage", NULL, "faked", "alice", "faked", NULL, "garbage"},
    {"fetcher_never_stops", NULL, "faked", "alice", "faked", NULL, "flood"},
    {"fetcher_talks_early", NULL, "faked", "alice", "faked", NULL, "early"},
};

static void
one_outcome(const struct outcome *outcome, int errors)
{
    const char *text = outcome->token != NULL ? host_token(outcome->token) : outcome->text;
    const char *answers[] = {text, NULL};
    struct login login = {.stacks = outcome->stacks,
                          .service = outcome->service,
                          .user = outcome->user,
                          .answers = answers};
    static char before_only[2048];
    static char after_only[2048];
    char name[96];

    if (outcome->behaviour != NULL) {
        host_behave(outcome->behaviour);
        if (strcmp(outcome->behaviour, "serve") != 0) {
            host_forget_keys();
        }
    }
    queue_errors(errors);
    char *before = snapshot();
    int64_t start = host_ms();
    host_login(&login);
    int64_t took = host_ms() - start;
    char *after = snapshot();
    (void)snprintf(name, sizeof(name), "R102_%d_errors_%s", errors, outcome->name);
    bool kept = errors_are(errors);
    check(kept && mark_is_there(), name, "the host's queue of OpenSSL errors is another");
    difference(before, after, before_only, sizeof(before_only));
    difference(after, before, after_only, sizeof(after_only));
    (void)snprintf(name, sizeof(name), "R9_%s", outcome->name);
    check(strcmp(before, after) == 0, name, "before:\n%safter:\n%s", before_only, after_only);
    if (outcome->behaviour != NULL && strcmp(outcome->behaviour, "serve") != 0) {
        (void)snprintf(name, sizeof(name), "E70_E78_%s", outcome->name);
        check(login.code == PAM_AUTHINFO_UNAVAIL && host_within(took, 11000), name,
              "%s after %lld ms: %s", host_code(login.code), (long long)took, login.log);
    }
    free(before);
    free(after);
    host_forget(&login);
}

static void
every_outcome(void)
{
    size_t count = sizeof(outcomes) / sizeof(outcomes[0]);

    for (size_t i = 0; i < count; i++) {
        one_outcome(&outcomes[i], (int)(i % 3));
    }
    /* the ring of a thread's errors has sixteen places and keeps fifteen */
    one_outcome(&outcomes[0], 12);
    for (size_t i = 0; i < count; i++) {
        if (outcomes[i].behaviour == NULL) {
            one_outcome(&outcomes[i], 3);
        }
    }
    host_forget_keys();
    host_behave("serve");
    check(host_processes("pam-oauth-fetch") == 0, "R90_no_fetcher_is_left", "%d are there",
          host_processes("pam-oauth-fetch"));
    check(!mapped("libcurl") && !mapped("libssl.") && !mapped("libseccomp"),
          "R99_no_libcurl_in_the_host", "see /proc/self/maps");
}

/* ---- locale and time zone (E66) ----------------------------------------------------------------
 */

static void
locales(void)
{
    static const char *const names[] = {"de_DE.UTF-8", "tr_TR.UTF-8"};
    const struct outcome fraction = {"fraction", NULL, "tokens", "alice", "fraction", NULL, NULL};

    (void)setenv("TZ", "garbage/../../etc/shadow", 1);
    tzset();
    for (size_t i = 0; i < 2; i++) {
        char name[96];
        const char *answers[] = {host_token("fraction"), NULL};
        struct login login = {.service = "tokens", .user = "alice", .answers = answers};
        if (setlocale(LC_ALL, names[i]) == NULL) {
            note("E66 no locale %s here", names[i]);
            continue;
        }
        host_login(&login);
        (void)snprintf(name, sizeof(name), "E66_R110_%s", names[i]);
        check(login.code == PAM_SUCCESS, name, "%s: %s", host_code(login.code), login.log);
        one_outcome(&fraction, 0);
        host_forget(&login);
    }
    (void)setlocale(LC_ALL, "C");
    (void)unsetenv("TZ");
    tzset();
}

/* ---- the other functions (R4, R5, E71) ----------------------------------------------------------
 */

static void
expect(const char *name, int got, int wanted)
{
    check(got == wanted, name, "%s, not %s", host_code(got), host_code(wanted));
}

static pam_handle_t *
start(const char *service)
{
    static struct login login;
    struct pam_conv conv = {.conv = NULL, .appdata_ptr = &login};
    pam_handle_t *handle = NULL;

    if (pam_start_confdir(service, "alice", &conv, host_path("stacks"), &handle) != PAM_SUCCESS) {
        abort();
    }
    return handle;
}

/* Behind the module stands pam_permit or nothing: PAM_IGNORE alone is libpam's PAM_PERM_DENIED. */
static void
other_functions(void)
{
    const char *good[] = {host_token("good"), NULL};
    const char *bad[] = {host_token("tampered"), NULL};
    pam_handle_t *handle = start("alone");

    expect("R5_E71_setcred_alone", pam_setcred(handle, PAM_ESTABLISH_CRED), PAM_PERM_DENIED);
    expect("R5_E71_open_session_alone", pam_open_session(handle, 0), PAM_PERM_DENIED);
    expect("R5_E71_close_session_alone", pam_close_session(handle, 0), PAM_PERM_DENIED);
    expect("R4_E71_account_has_no_opinion", pam_acct_mgmt(handle, 0), PAM_PERM_DENIED);
    (void)pam_end(handle, 0);
    handle = start("password");
    int code = pam_chauthtok(handle, 0);
    check(code != PAM_SUCCESS, "E71_chauthtok_is_not_provided", "%s", host_code(code));
    (void)pam_end(handle, 0);

    struct login login = {
        .service = "alone", .user = "alice", .answers = good, .handle = &handle, .keep = true};
    host_login(&login);
    expect("R5_authenticate", login.code, PAM_SUCCESS);
    expect("R5_setcred_after_authenticate", pam_setcred(handle, PAM_ESTABLISH_CRED), PAM_SUCCESS);
    expect("R5_open_session_after_authenticate", pam_open_session(handle, 0), PAM_SUCCESS);
    expect("R4_account_has_no_opinion_still", pam_acct_mgmt(handle, 0), PAM_PERM_DENIED);
    expect("R5_close_session_after_authenticate", pam_close_session(handle, 0), PAM_SUCCESS);
    expect("R5_delete_cred", pam_setcred(handle, PAM_DELETE_CRED), PAM_SUCCESS);
    expect("R5_setcred_after_delete", pam_setcred(handle, PAM_ESTABLISH_CRED), PAM_PERM_DENIED);
    check(pam_getenv(handle, "PAM_OAUTH_REF") == NULL, "R5_delete_cred_clears_the_environment",
          "%s", pam_getenv(handle, "PAM_OAUTH_REF"));
    host_end(&login);

    login.answers = bad;
    host_login(&login);
    expect("R5_authenticate_refused", login.code, PAM_AUTH_ERR);
    expect("R5_setcred_after_a_refusal", pam_setcred(handle, PAM_ESTABLISH_CRED), PAM_PERM_DENIED);
    expect("R5_open_session_after_a_refusal", pam_open_session(handle, 0), PAM_PERM_DENIED);
    host_end(&login);

    /* accepted once, then refused on the same handle: the mark must not outlive that */
    login.answers = good;
    host_login(&login);
    const char *again[] = {host_token("tampered"), NULL};
    login.answers = again;
    login.given = 0;
    expect("R5_refused_on_the_same_handle", pam_authenticate(handle, 0), PAM_AUTH_ERR);
    check(pam_getenv(handle, "PAM_OAUTH_REF") == NULL, "R5_a_refusal_takes_the_mark_away", "%s",
          pam_getenv(handle, "PAM_OAUTH_REF"));
    expect("R5_setcred_after_the_second", pam_setcred(handle, PAM_ESTABLISH_CRED), PAM_PERM_DENIED);
    host_end(&login);
    host_forget(&login);
}

int
main(void)
{
    /* as any host with PAM does; the socket is then there before and after */
    openlog("pam-tests", LOG_NDELAY, LOG_AUTHPRIV);
    (void)umask(027);
    (void)signal(SIGUSR1, SIG_IGN);
    (void)signal(SIGPIPE, SIG_DFL);
    every_outcome();
    locales();
    other_functions();
    return checked();
}

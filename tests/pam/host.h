/*
 * What the drivers of tests/pam share: a host program that runs one sign-in through the real
 * Linux-PAM and keeps everything that the module did: codes, prompts, messages, log lines.
 *
 * The world is made by tests/pam/inside: $PAM_TESTS is a directory with stacks/SERVICE, the PAM
 * stacks, and tokens/NAME.
 */
#ifndef PAM_OAUTH_TESTS_PAM_HOST_H
#define PAM_OAUTH_TESTS_PAM_HOST_H

#include <security/pam_appl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOST_TEXT_MAX 32768

struct login {
    /* What is asked. */
    const char *stacks; /* their directory, NULL: "stacks" */
    const char *service;
    const char *user;  /* NULL: PAM_USER is not set */
    const char *tty;   /* NULL: not set */
    const char *rhost; /* the same */
    int flags;
    const char *const *answers; /* ended by NULL; then the conversation fails */
    pam_handle_t **handle;      /* where the handle stands meanwhile, or NULL */
    /* Instead of the answers. */
    int (*talk)(int, const struct pam_message **, struct pam_response **, void *);
    bool no_talk; /* a conversation that is NULL */
    bool *arm;    /* set to true just before pam_authenticate, to false behind it */
    bool keep;    /* the handle is left open in *handle: host_end() it */
    /* What came of it. */
    int started; /* pam_start's code */
    int code;    /* pam_authenticate's */
    unsigned int prompts;
    unsigned int messages;
    unsigned int delay_us; /* the longest delay that was asked for */
    unsigned int logged;   /* lines */
    char *said;            /* prompts and messages, a line each; HOST_TEXT_MAX bytes */
    char *log;             /* lines */
    char user_after[256];  /* PAM_USER */
    size_t given;          /* answers */
};

/* Runs it; what was in the result fields is gone. Returns the code. */
int host_login(struct login *login);
/* For `keep`. */
void host_end(struct login *login);
/* Frees the two texts. */
void host_forget(struct login *login);

/* tokens/NAME, without its line end; lives as long as the program. */
const char *host_token(const char *name);
/* A path below $PAM_TESTS; lives as long as the program. */
const char *host_path(const char *name);
/* A file's text, malloced; "" if it cannot be read. */
char *host_read(const char *path);

/* Printable ASCII, line ends, and the blocks of a QR code, and nothing else (R92). */
bool host_may_be_said(const char *text);

/* The name of a PAM code. */
const char *host_code(int code);

/* Reports a test: `ok NAME` or `FAILED: NAME: ...`. Returns `good`. */
bool check(bool good, const char *name, const char *format, ...)
    __attribute__((__format__(__printf__, 3, 4)));
/* Something worth knowing that is no test. */
void note(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));
/* Also checks that all that was said and logged was printable (R92, R93). The status of main. */
int checked(void);

/* The same without that check, for a process of its own. */
int checked_so_far(void);

/* The fetcher of `faked` does as this word says; see fetcher.c. */
void host_behave(const char *word);
/* Its keys are forgotten, and when they were asked for; temporary files stay. */
void host_forget_keys(void);

int64_t host_ms(void);
/* At most so long, or $PATIENCE times so long where all takes longer (tests/sanitize). */
bool host_within(int64_t took_ms, int64_t most_ms);
void host_sleep_ms(int64_t ms);
/* Children of this process that are there, running or not reaped. */
int host_children(void);
/* Processes anywhere in the sandbox that run a program of this name. */
int host_processes(const char *name);
int host_descriptors(void);
long host_rss_kb(void);

#endif

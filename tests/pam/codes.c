/*
 * R1, R2, R7, R96, E71: each reason has its PAM code, and no stack lets anybody in on an error.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

/* ---- faults of the host that need no file: libc as the module finds it ---------------------- */

static bool no_random;
static bool no_host_name;
static time_t wall_clock; /* 0: the real one */
static time_t ahead_s;    /* by so much do both clocks run ahead */

ssize_t
getrandom(void *into, size_t length, unsigned int flags)
{
    if (no_random) {
        errno = ENOSYS;
        return -1;
    }
    return syscall(SYS_getrandom, into, length, flags);
}

int
gethostname(char *name, size_t length)
{
    if (no_host_name) {
        errno = ENAMETOOLONG;
        return -1;
    }
    (void)snprintf(name, length, "testhost");
    return 0;
}

int
clock_gettime(clockid_t clock, struct timespec *now)
{
    if (clock == CLOCK_REALTIME && wall_clock != 0) {
        *now = (struct timespec){.tv_sec = wall_clock};
        return 0;
    }
    int failed = (int)syscall(SYS_clock_gettime, clock, now);
    now->tv_sec += ahead_s;
    return failed;
}

/* ---- one row a reason ------------------------------------------------------------------------ */

struct row {
    const char *name;
    const char *stacks; /* NULL: "stacks" */
    const char *service;
    const char *user;
    const char *token; /* its name, or NULL */
    const char *text;  /* what is typed instead */
    int code;
    const char *reason; /* in the log; NULL: nothing is logged */
};

static const struct row rows[] = {
    {"accepted", NULL, "tokens", "alice", "good", NULL, PAM_SUCCESS, "verdict=accepted"},
    {"accepted_ps256", NULL, "tokens", "alice", "ps256", NULL, PAM_SUCCESS, "alg=PS256"},
    {"accepted_es256", NULL, "tokens", "alice", "es256", NULL, PAM_SUCCESS, "alg=ES256"},
    {"accepted_eddsa", NULL, "tokens", "alice", "eddsa", NULL, PAM_SUCCESS, "alg=EdDSA"},
    {"accepted_fetched", NULL, "faked", "alice", "faked", NULL, PAM_SUCCESS, "verdict=accepted"},
    {"malformed", NULL, "tokens", "alice", NULL, "hunter2", PAM_AUTH_ERR, "malformed"},
    {"R117_junk_of_sshd", NULL, "tokens", "alice", NULL, "\b\n\r\177INCORRECT", PAM_AUTH_ERR,
     "malformed"},
    {"header", NULL, "tokens", "alice", "header", NULL, PAM_AUTH_ERR, "header"},
    {"alg", NULL, "tokens", "alice", "alg", NULL, PAM_AUTH_ERR, "alg"},
    {"unknown_key", NULL, "tokens", "alice", "unknown_key", NULL, PAM_AUTH_ERR, "unknown_key"},
    {"signature", NULL, "tokens", "alice", "tampered", NULL, PAM_AUTH_ERR, "signature"},
    {"forged", NULL, "tokens", "alice", "forged", NULL, PAM_AUTH_ERR, "signature"},
    {"issuer", NULL, "tokens", "alice", "issuer", NULL, PAM_AUTH_ERR, "issuer"},
    {"audience", NULL, "tokens", "alice", "audience", NULL, PAM_AUTH_ERR, "audience"},
    {"expired", NULL, "tokens", "alice", "expired", NULL, PAM_AUTH_ERR, "expired"},
    {"not_yet_valid", NULL, "tokens", "alice", "future", NULL, PAM_AUTH_ERR, "not_yet_valid"},
    {"type", NULL, "tokens", "alice", "type", NULL, PAM_AUTH_ERR, "type"},
    {"claim", NULL, "tokens", "alice", "claim", NULL, PAM_AUTH_ERR, "claim"},
    {"account_unmapped", NULL, "tokens", "alice", "unmapped", NULL, PAM_AUTH_ERR, "account"},
    {"account_of_another", NULL, "tokens", "alice", "bob", NULL, PAM_AUTH_ERR, "account"},
    {"account_of_the_system", NULL, "tokens", "root", "good", NULL, PAM_AUTH_ERR, "account"},
    {"R23_uid_0_by_another_name", NULL, "tokens", "toor", "good", NULL, PAM_AUTH_ERR, "account"},
    {"R23_system_account_with_a_rule", NULL, "tokens", "deploy", "good", NULL, PAM_AUTH_ERR,
     "account"},
    {"R15_uid_that_is_none", NULL, "tokens", "nouid", "good", NULL, PAM_AUTH_ERR,
     "detail=\"the account has uid 4294967295"},
    {"R15_gid_that_is_none", NULL, "tokens", "nogid", "good", NULL, PAM_AUTH_ERR, "gid 4294967295"},
    {"R23_uid_of_another", NULL, "tokens", "alsoalice", "good", NULL, PAM_AUTH_ERR, "account"},
    {"denied", NULL, "tokens", "alice", "denied", NULL, PAM_AUTH_ERR, "denied"},
    {"requirement", NULL, "strict", "alice", "good", NULL, PAM_AUTH_ERR, "requirement"},
    {"cancelled", NULL, "tokens", "alice", NULL, "", PAM_AUTH_ERR, "cancelled"},
    {"R95_unknown_user", NULL, "tokens", "nosuchuser", "good", NULL, PAM_AUTH_ERR, "unknown_user"},
    {"no_section", NULL, "nosection", "alice", "good", NULL, PAM_AUTHINFO_UNAVAIL, "config"},
    {"keys_unavailable", NULL, "away", "alice", "away", NULL, PAM_AUTHINFO_UNAVAIL,
     "keys_unavailable"},
    {"R12_unknown_argument", "stacks.argument", "tokens", "alice", "good", NULL, PAM_SERVICE_ERR,
     "config"},
    {"R12_relative_config", "stacks.relative", "tokens", "alice", "good", NULL, PAM_SERVICE_ERR,
     "config"},
    {"R12_misspelt_key", "stacks.typo", "tokens", "alice", "good", NULL, PAM_SERVICE_ERR, "config"},
    {"R111_writable_config", "stacks.writable", "tokens", "alice", "good", NULL, PAM_SERVICE_ERR,
     "config"},
    {"R111_config_of_a_user", "stacks.alices", "tokens", "alice", "good", NULL, PAM_SERVICE_ERR,
     "config"},
    {"R111_config_is_a_link", "stacks.link", "tokens", "alice", "good", NULL, PAM_SERVICE_ERR,
     "config"},
    {"config_absent", "stacks.absent", "tokens", "alice", "good", NULL, PAM_SERVICE_ERR, "config"},
    {"config_without_keys", "stacks.nojwks", "tokens", "alice", "good", NULL, PAM_SERVICE_ERR,
     "config"},
    {"config_without_map", "stacks.nomap", "tokens", "alice", "good", NULL, PAM_SERVICE_ERR,
     "config"},
    /* A stranger's account is looked for in the map as anybody else's. */
    {"R96_config_without_map_unknown_user", "stacks.nomap", "tokens", "nosuchuser", "good", NULL,
     PAM_SERVICE_ERR, "config"},
    {"R96_config_without_map_system_account", "stacks.nomap", "tokens", "root", "good", NULL,
     PAM_SERVICE_ERR, "config"},
    {"config_without_fetcher", "stacks.nofetcher", "away", "alice", "away", NULL, PAM_SERVICE_ERR,
     "config"},
    {"config_without_fetcher_user", "stacks.nouser", "away", "alice", "away", NULL, PAM_SERVICE_ERR,
     "config"},
};

static bool
run_row(const struct row *row, const char *service, int wanted, const char **ret_log)
{
    static struct login login;
    const char *text = row->token != NULL ? host_token(row->token) : row->text;
    const char *answers[] = {text, NULL};

    login.stacks = row->stacks;
    login.service = service;
    login.user = row->user;
    login.answers = answers;
    *ret_log = NULL;
    int code = host_login(&login);
    *ret_log = login.log;
    return code == wanted && strcmp(login.user_after, row->user) == 0;
}

static void
each_reason(void)
{
    const char *log = NULL;
    char name[96];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        (void)snprintf(name, sizeof(name), "R7_%s", row->name);
        bool good = run_row(row, row->service, row->code, &log);
        bool reason = strstr(log, row->reason) != NULL && strchr(log, '\n') == strrchr(log, '\n');
        check(good && reason, name, "wanted %s and one line with %s; log:\n%s",
              host_code(row->code), row->reason, log);
    }
}

/*
 * Behind `required` stands pam_permit, so that a PAM_IGNORE would come out as success; behind
 * `sufficient` and the shipped line pam_deny, so that any success is ours.
 */
static void
each_stack(void)
{
    static const char *const services[] = {"sufficient", "shipped"};
    const char *log = NULL;
    char name[96];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        if (row->stacks != NULL || strcmp(row->service, "tokens") != 0) {
            continue;
        }
        for (size_t j = 0; j < 2; j++) {
            (void)snprintf(name, sizeof(name), "R1_R2_E71_%s_%s", services[j], row->name);
            int wanted = row->code != PAM_SUCCESS && j == 0 ? PAM_AUTH_ERR : row->code;
            check(run_row(row, services[j], wanted, &log), name, "wanted %s; log:\n%s",
                  host_code(wanted), log);
        }
    }
}

static void
local_users(void)
{
    struct login login = {.service = "tokens", .user = "breakglass"};

    host_login(&login);
    check(login.code == PAM_SUCCESS && login.prompts == 0 && login.logged == 0,
          "R2_local_users_are_ignored", "%s, %u prompts, log: %s", host_code(login.code),
          login.prompts, login.log);
    login.service = "sufficient";
    host_login(&login);
    check(login.code == PAM_AUTH_ERR, "R2_ignored_is_not_let_in", "%s", host_code(login.code));
    login.service = "both";
    host_login(&login);
    check(login.code == PAM_CONV_ERR, "R2_local_users_of_another_service_are_asked", "%s",
          host_code(login.code));
    login.user = NULL;
    login.service = "tokens";
    host_login(&login);
    check(login.code == PAM_CONV_ERR, "no_user_is_a_conversation_fault", "%s",
          host_code(login.code));
    host_forget(&login);
}

static void
expect(const char *name, int wanted, const char *reason)
{
    const char *answers[] = {host_token("good"), NULL};
    struct login login = {.service = "tokens", .user = "alice", .answers = answers};

    host_login(&login);
    check(login.code == wanted && strstr(login.log, reason) != NULL && login.logged == 1, name,
          "%s, log: %s", host_code(login.code), login.log);
    host_forget(&login);
}

static void
faults_of_the_host(void)
{
    no_random = true;
    expect("R7_internal_no_random_bytes", PAM_SYSTEM_ERR, "reason=internal");
    no_random = false;
    no_host_name = true;
    expect("R7_internal_no_host_name", PAM_SYSTEM_ERR, "reason=internal");
    no_host_name = false;
    wall_clock = 1;
    expect("R7_R63_E65_clock_of_1970", PAM_AUTHINFO_UNAVAIL, "reason=clock");
    wall_clock = time(NULL) + 100000;
    expect("E65_clock_of_tomorrow", PAM_AUTH_ERR, "reason=expired");
    wall_clock = INT64_C(4320000000);
    expect("E65_clock_of_2106", PAM_AUTH_ERR, "reason=expired");
    wall_clock = 0;
    expect("E65_clock_set_right_again", PAM_SUCCESS, "verdict=accepted");
}

/* ---- a person who takes long at the prompt ----------------------------------------------------
 */

static const char *typed;
static time_t pause_s;

static int
talk_slowly(int count, const struct pam_message **messages, struct pam_response **ret, void *data)
{
    (void)count;
    (void)messages;
    (void)data;
    ahead_s += pause_s;
    *ret = calloc(1, sizeof(**ret));
    (*ret)->resp = strdup(typed);
    return PAM_SUCCESS;
}

static void
takes(const char *name, const char *service, time_t seconds, const char *token, int wanted,
      const char *reason)
{
    struct login login = {.service = service, .user = "alice", .talk = talk_slowly};

    typed = host_token(token);
    pause_s = seconds;
    host_login(&login);
    ahead_s = 0;
    check(login.code == wanted && strstr(login.log, reason) != NULL, name, "%s, log: %s",
          host_code(login.code), login.log);
    host_forget(&login);
}

/* Enter, and Enter again when it was approved, each after a while. */
static void
approves_slowly(void)
{
    struct login login = {.service = "patient", .user = "alice", .tty = "ssh", .talk = talk_slowly};

    host_behave("approve");
    typed = "";
    pause_s = 90;
    host_login(&login);
    check(login.code == PAM_SUCCESS && strstr(login.log, "method=device") != NULL,
          "R63_R86_approved_after_three_minutes", "%s, said:\n%s\nlog: %s", host_code(login.code),
          login.said, login.log);
    ahead_s = 0;
    login.user = "bob";
    host_login(&login);
    check(login.code == PAM_AUTH_ERR && strstr(login.log, "reason=account") != NULL,
          "E51_approved_by_somebody_else", "%s: %s", host_code(login.code), login.log);
    ahead_s = 0;
    pause_s = 0;
    login.user = "alice";
    host_login(&login);
    check(login.code == PAM_AUTH_ERR && strstr(login.log, "reason=not_yet_valid") != NULL,
          "R54_an_ID_token_of_the_future", "%s: %s", host_code(login.code), login.log);
    host_behave("serve");
    host_forget(&login);
}

static void
slow_person(void)
{
    approves_slowly();
    host_forget_keys();
    takes("R63_a_token_that_expired_during_the_prompt", "exact", 1801, "good", PAM_AUTH_ERR,
          "reason=expired");
    takes("R63_a_token_made_during_the_prompt", "exact", 3700, "later", PAM_SUCCESS, "accepted");
    takes("R118_keys_are_fetched_after_a_long_prompt", "faked", 100, "faked", PAM_SUCCESS,
          "accepted");
    takes("R118_keys_on_disk_and_a_long_prompt", "faked", 100, "faked", PAM_SUCCESS, "accepted");
}

/* ---- R96: what a stranger can tell apart ----------------------------------------------------- */

static const struct row same_to_a_stranger[] = {
    {"unknown_user", NULL, "tokens", "nosuchuser", "good", NULL, 0, NULL},
    {"unmapped", NULL, "tokens", "alice", "unmapped", NULL, 0, NULL},
    {"tampered", NULL, "tokens", "alice", "tampered", NULL, 0, NULL},
    {"expired", NULL, "tokens", "alice", "expired", NULL, 0, NULL},
    {"another's", NULL, "tokens", "bob", "good", NULL, 0, NULL},
    {"root", NULL, "tokens", "root", "good", NULL, 0, NULL},
    {"junk", NULL, "tokens", "nosuchuser", NULL, "\b\n\r\177INCORRECT", 0, NULL},
};

static int
by_size(const void *a, const void *b)
{
    const int64_t *x = a;
    const int64_t *y = b;

    return *x < *y ? -1 : *x > *y;
}

#define ROUNDS_MAX 101

static int64_t
microseconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void
tell_apart(int rounds)
{
    enum { ROWS = sizeof(same_to_a_stranger) / sizeof(same_to_a_stranger[0]) };
    static int64_t took_us[ROWS][ROUNDS_MAX];
    char *first = NULL;
    bool same = true;
    struct login login = {.service = "tokens"};

    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < ROWS; i++) {
            const struct row *row = &same_to_a_stranger[i];
            const char *answers[] = {row->token != NULL ? host_token(row->token) : row->text, NULL};
            login.user = row->user;
            login.answers = answers;
            int64_t start = microseconds();
            int code = host_login(&login);
            took_us[i][round] = microseconds() - start;
            /* all but the reference, which is the last word */
            char *reference = strrchr(login.said, ' ');
            /* libpam spreads the two seconds by up to half */
            if (code != PAM_AUTH_ERR || reference == NULL || login.delay_us < 1000000 ||
                login.delay_us > 3000000) {
                same = false;
                break;
            }
            *reference = '\0';
            first = first != NULL ? first : strdup(login.said);
            same = same && strcmp(first, login.said) == 0;
        }
    }
    check(same, "R96_R97_E67_refusals_look_the_same", "first:\n%s\nlast:\n%s", first, login.said);
    for (int i = 0; i < ROWS; i++) {
        qsort(took_us[i], (size_t)rounds, sizeof(took_us[i][0]), by_size);
        note("R96 median of %d: %-12s %lld us", rounds, same_to_a_stranger[i].name,
             (long long)took_us[i][rounds / 2]);
    }
    free(first);
    host_forget(&login);
}

/* `codes short` takes each time once, for valgrind. */
int
main(int argc, char **argv)
{
    slow_person();
    each_reason();
    each_stack();
    local_users();
    faults_of_the_host();
    tell_apart(argc == 1 || strcmp(argv[1], "short") != 0 ? ROUNDS_MAX : 1);
    return checked();
}

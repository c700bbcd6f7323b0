/*
 * R6, R8, R11, R16, R33, R115, R116, R117, E55, E56: every kind of answer a host can give.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

/* What the next conversation does; set by each test. */
static pam_handle_t *handle;
static const char *typed;
static int code_of_talk;
static int item_to_change;
static const char *item_value;
static unsigned int calls;

static struct pam_response *
response_of(const char *text)
{
    struct pam_response *response = calloc(1, sizeof(*response));

    response->resp = text != NULL ? strdup(text) : NULL;
    return response;
}

typedef int talk(int, const struct pam_message **, struct pam_response **, void *);

static int
talk_fails(int count, const struct pam_message **messages, struct pam_response **ret, void *data)
{
    (void)count;
    (void)messages;
    (void)ret;
    (void)data;
    return code_of_talk;
}

static int
talk_fails_and_leaves_a_wild_pointer(int count, const struct pam_message **messages,
                                     struct pam_response **ret, void *data)
{
    (void)count;
    (void)messages;
    (void)data;
    *ret = (struct pam_response *)(uintptr_t)0x4141414141414141;
    return code_of_talk;
}

static int
talk_without_response(int count, const struct pam_message **messages, struct pam_response **ret,
                      void *data)
{
    (void)count;
    (void)messages;
    (void)data;
    *ret = NULL;
    return PAM_SUCCESS;
}

static int
talk_without_touching(int count, const struct pam_message **messages, struct pam_response **ret,
                      void *data)
{
    (void)count;
    (void)messages;
    (void)ret;
    (void)data;
    return PAM_SUCCESS;
}

static int
talk_without_text(int count, const struct pam_message **messages, struct pam_response **ret,
                  void *data)
{
    (void)count;
    (void)messages;
    (void)data;
    *ret = response_of(NULL);
    return PAM_SUCCESS;
}

/* An echo of what is hidden would be a gift to whoever looks on. */
static int
talk_checks_style(int count, const struct pam_message **messages, struct pam_response **ret,
                  void *data)
{
    (void)data;
    *ret = response_of(count == 1 && messages[0]->msg_style == PAM_PROMPT_ECHO_OFF ? typed
                                                                                   : "wrong style");
    return PAM_SUCCESS;
}

/* A host that takes items away while the person types. */
static int
talk_changes_an_item(int count, const struct pam_message **messages, struct pam_response **ret,
                     void *data)
{
    (void)count;
    (void)messages;
    (void)data;
    (void)pam_set_item(handle, item_to_change, item_value);
    /* what was there is reused at once */
    for (int i = 0; i < 64; i++) {
        free(memset(malloc((size_t)(i + 1)), '#', (size_t)(i + 1)));
    }
    *ret = response_of(typed);
    return PAM_SUCCESS;
}

/* A token in pieces: what stands in `typed`, one piece a line. */
static int
talk_in_lines(int count, const struct pam_message **messages, struct pam_response **ret, void *data)
{
    const char *at = typed;

    (void)count;
    (void)messages;
    (void)data;
    for (unsigned int i = 0; i < calls && at != NULL; i++) {
        at = strchr(at, '\n');
        at = at != NULL ? at + 1 : NULL;
    }
    calls++;
    if (at == NULL) {
        return PAM_CONV_ERR;
    }
    *ret = response_of(at);
    (*ret)->resp[strcspn((*ret)->resp, "\n")] = '\0';
    return PAM_SUCCESS;
}

/* ---- the matrix ------------------------------------------------------------------------------ */

static struct login
login_with(talk *talk_of_host, const char *text)
{
    typed = text;
    calls = 0;
    return (struct login){
        .service = "tokens", .user = "alice", .talk = talk_of_host, .handle = &handle};
}

/* One sign-in that must end in `code` with a log line that has `reason`. */
static void
ends(const char *name, struct login login, int code, const char *reason)
{
    host_login(&login);
    check(login.code == code && strstr(login.log, reason) != NULL && login.logged == 1 &&
              strcmp(login.user_after, login.user) == 0,
          name, "%s, %u lines:\n%s", host_code(login.code), login.logged, login.log);
    host_forget(&login);
}

static void
nobody_answers(void)
{
    static const struct {
        int given;
        int wanted;
        const char *name;
    } codes[] = {
        {PAM_CONV_ERR, PAM_CONV_ERR, "E55_R6_talk_returns_PAM_CONV_ERR"},
        {PAM_BUF_ERR, PAM_BUF_ERR, "E55_R6_talk_returns_PAM_BUF_ERR"},
        {PAM_CONV_AGAIN, PAM_CONV_ERR, "E55_R6_talk_returns_PAM_CONV_AGAIN"},
        {PAM_ABORT, PAM_CONV_ERR, "E55_R6_talk_returns_PAM_ABORT"},
        {PAM_IGNORE, PAM_CONV_ERR, "E55_R6_talk_returns_PAM_IGNORE"},
        {PAM_AUTH_ERR, PAM_CONV_ERR, "E55_R6_talk_returns_PAM_AUTH_ERR"},
        {77, PAM_CONV_ERR, "E55_R6_talk_returns_77"},
        {-1, PAM_CONV_ERR, "E55_R6_talk_returns_minus_1"},
    };
    struct login none = {.service = "tokens", .user = "alice", .no_talk = true};

    ends("E55_R6_no_talk", none, PAM_CONV_ERR, "conversation");
    none.service = "both";
    ends("E55_R6_no_talk_where_the_browser_would_do", none, PAM_CONV_ERR, "conversation");
    none.service = "browser";
    ends("E72_R81_no_talk_starts_no_device_flow", none, PAM_CONV_ERR, "conversation");
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        char name[96];
        code_of_talk = codes[i].given;
        ends(codes[i].name, login_with(talk_fails, NULL), codes[i].wanted,
             codes[i].wanted == PAM_BUF_ERR ? "reason=memory" : "reason=conversation");
        (void)snprintf(name, sizeof(name), "%s_and_leaves_a_wild_pointer", codes[i].name);
        ends(name, login_with(talk_fails_and_leaves_a_wild_pointer, NULL), codes[i].wanted,
             codes[i].wanted == PAM_BUF_ERR ? "reason=memory" : "reason=conversation");
    }
    ends("E55_R6_success_without_response", login_with(talk_without_response, NULL), PAM_CONV_ERR,
         "reason=conversation");
    ends("E55_R6_success_and_nothing_touched", login_with(talk_without_touching, NULL),
         PAM_CONV_ERR, "reason=conversation");
    ends("E55_R6_response_without_text", login_with(talk_without_text, NULL), PAM_CONV_ERR,
         "reason=conversation");
    ends("R6_prompt_is_not_echoed", login_with(talk_checks_style, host_token("good")), PAM_SUCCESS,
         "accepted");
}

static void
no_delay_without_a_talk(void)
{
    struct login login = {.service = "tokens", .user = "alice", .no_talk = true};

    host_login(&login);
    check(login.delay_us == 0, "R128_nobody_to_ask_is_told_at_once",
          "PAM is asked to wait %u ms before it says so", login.delay_us / 1000);
    host_forget(&login);
}

static void
lengths(void)
{
    static const struct {
        size_t length;
        const char *reason;
    } rows[] = {
        {1, "malformed"},      {510, "malformed"},     {511, "truncated"},   {512, "malformed"},
        {1022, "malformed"},   {1023, "truncated"},    {1024, "malformed"},  {4094, "malformed"},
        {4095, "truncated"},   {4096, "malformed"},    {5000, "malformed"},  {65535, "malformed"},
        {65536, "malformed"},  {65537, "malformed"},   {65538, "malformed"}, {65539, "malformed"},
        {102400, "malformed"}, {3145728, "malformed"},
    };
    static const char fill[] = {'A', '.', '+', '\xff', '{', '\0'};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (const char *byte = fill; *byte != '\0'; byte++) {
            char name[96];
            char *text = malloc(rows[i].length + 1);
            memset(text, *byte, rows[i].length);
            text[rows[i].length] = '\0';
            (void)snprintf(name, sizeof(name), "E55_E56_%zu_times_x%02x", rows[i].length,
                           (unsigned char)*byte);
            if (*byte == '+') {
                /* it announces another part, and none comes */
                const char *answers[] = {text, NULL};
                struct login login = {.service = "tokens", .user = "alice", .answers = answers};
                bool too_long = rows[i].length > 65537;
                ends(name, login, too_long ? PAM_AUTH_ERR : PAM_CONV_ERR,
                     too_long ? "malformed" : "conversation");
            } else {
                ends(name, login_with(talk_checks_style, text), PAM_AUTH_ERR, rows[i].reason);
            }
            free(text);
        }
    }
}

static void
odd_answers(void)
{
    const char *good = host_token("good");
    size_t room = strlen(good) + 32;
    char *text = malloc(room);
    static const struct {
        const char *name;
        const char *before;
        const char *after;
        bool accepted;
    } rows[] = {
        {"R33_line_feed", "", "\n", true},
        {"R33_carriage_return", "", "\r", true},
        {"R33_both", "", "\r\n", true},
        {"R33_two_line_feeds", "", "\n\n", false},
        {"R33_blank_before", " ", "", false},
        {"R33_blank_behind", "", " ", false},
        {"R33_quoted", "\"", "\"", false},
        {"R33_bearer", "Bearer ", "", false},
        {"R33_byte_order_mark", "\xef\xbb\xbf", "", false},
        {"R33_reserved_proof", "", "~proof", false},
        {"R33_escape", "\033[0m", "", false},
        {"R33_bracketed_paste", "\033[200~", "\033[201~", false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void)snprintf(text, room, "%s%s%s", rows[i].before, good, rows[i].after);
        ends(rows[i].name, login_with(talk_checks_style, text),
             rows[i].accepted ? PAM_SUCCESS : PAM_AUTH_ERR,
             rows[i].accepted ? "verdict=accepted" : "reason=malformed");
    }
    free(text);
    ends("R117_E55_junk_of_sshd", login_with(talk_checks_style, "\b\n\r\177INCORRECT"),
         PAM_AUTH_ERR, "reason=malformed");
    ends("E55_not_utf8", login_with(talk_checks_style, "\xc3\x28.\xff\xfe.\x80"), PAM_AUTH_ERR,
         "reason=malformed");
    ends("R6_an_empty_answer", login_with(talk_checks_style, ""), PAM_AUTH_ERR, "cancelled");
    ends("R6_a_line_feed_alone", login_with(talk_checks_style, "\n"), PAM_AUTH_ERR, "cancelled");
    struct login browser = login_with(talk_checks_style, "x");
    browser.service = "browser";
    ends("R6_something_typed_where_Enter_is_asked_for", browser, PAM_AUTH_ERR, "cancelled");
    browser = login_with(talk_checks_style, good);
    browser.service = "browser";
    ends("R6_a_token_where_Enter_is_asked_for", browser, PAM_AUTH_ERR, "cancelled");
}

/* ---- a host that changes items meanwhile ----------------------------------------------------- */

static void
items_change(void)
{
    static const struct {
        const char *name;
        int item;
        const char *value;
        const char *wanted; /* in the log: what was there when the sign-in began */
    } rows[] = {
        {"E55_tty_changes", PAM_TTY, "/dev/other", "account=alice service=tokens "},
        {"E55_tty_goes", PAM_TTY, NULL, "account=alice service=tokens "},
        {"E55_rhost_changes", PAM_RHOST, "203.0.113.9", "rhost=192.0.2.1 "},
        {"E55_rhost_goes", PAM_RHOST, NULL, "rhost=192.0.2.1 "},
        {"E55_service_changes", PAM_SERVICE, "other", "service=tokens "},
        {"E55_ruser_changes", PAM_RUSER, "root", "account=alice service=tokens "},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct login login = login_with(talk_changes_an_item, host_token("good"));
        login.tty = "/dev/tty-of-the-beginning";
        login.rhost = "192.0.2.1";
        item_to_change = rows[i].item;
        item_value = rows[i].value;
        ends(rows[i].name, login, PAM_SUCCESS, rows[i].wanted);
    }
}

/* Whoever was judged must be who is let in. */
static void
user_changes(void)
{
    static const char *const others[] = {"bob", "root", "nosuchuser", NULL};

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        char name[96];
        struct login login = login_with(talk_changes_an_item, host_token("good"));
        item_to_change = PAM_USER;
        item_value = others[i];
        (void)snprintf(name, sizeof(name), "E55_R16_user_becomes_%s",
                       others[i] != NULL ? others[i] : "none");
        host_login(&login);
        check(login.code != PAM_SUCCESS && login.code != PAM_IGNORE, name,
              "%s, although PAM_USER is now '%s'; log: %s", host_code(login.code), login.user_after,
              login.log);
        check(strstr(login.log, "##") == NULL, strcat(name, "_and_freed_memory_is_not_read"),
              "log: %s", login.log);
        host_forget(&login);
    }
    /* the other way round: bob's sign-in, with alice's token, becomes alice's */
    struct login login = login_with(talk_changes_an_item, host_token("good"));
    login.user = "bob";
    item_value = "alice";
    host_login(&login);
    check(login.code != PAM_SUCCESS, "E55_R16_user_becomes_the_token's", "%s: %s",
          host_code(login.code), login.log);
    host_forget(&login);
}

static int
talk_is_replaced(int count, const struct pam_message **messages, struct pam_response **ret,
                 void *data)
{
    static struct pam_conv next;

    next = (struct pam_conv){.conv = talk_in_lines, .appdata_ptr = data};
    calls = 0;
    (void)pam_set_item(handle, PAM_CONV, &next); /* what we were called through is freed */
    return talk_in_lines(count, messages, ret, data);
}

/* The host's own program asks for the name, as login does. */
static void
name_is_asked_for(void)
{
    const char *good[] = {"alice", host_token("good"), NULL};
    const char *hostile[] = {"alice\033[2J\n%s%n", host_token("good"), NULL};
    struct login login = {.service = "tokens", .user = NULL, .answers = good};

    host_login(&login);
    check(login.code == PAM_SUCCESS && strcmp(login.user_after, "alice") == 0,
          "R16_a_name_that_is_asked_for", "%s: %s", host_code(login.code), login.log);
    login.answers = hostile;
    host_login(&login);
    check(login.code == PAM_AUTH_ERR && strstr(login.log, "unknown_user") != NULL,
          "E68_R95_a_hostile_name_that_is_asked_for", "%s: %s", host_code(login.code), login.log);
    login.talk = talk_fails;
    code_of_talk = PAM_CONV_ERR;
    host_login(&login);
    check(login.code == PAM_CONV_ERR && login.prompts == 1, "R6_nobody_says_a_name", "%s: %s",
          host_code(login.code), login.log);
    host_forget(&login);
    ends("E55_the_conversation_is_replaced", login_with(talk_is_replaced, host_token("good")),
         PAM_SUCCESS, "accepted");
    char *halves = malloc(2 * strlen(host_token("good")));
    (void)sprintf(halves, "%.400s+\n%s", host_token("good"), host_token("good") + 400);
    ends("E55_the_conversation_is_replaced_between_parts", login_with(talk_is_replaced, halves),
         PAM_SUCCESS, "accepted");
    free(halves);
}

/* ---- a token in parts (R116) ------------------------------------------------------------------
 */

/* Cuts the token into parts of `size` bytes, one a line, each but the last with a `+`. */
static char *
in_parts(const char *token, size_t size)
{
    size_t length = strlen(token);
    char *text = malloc(length * 3 + 3);
    char *at = text;

    for (size_t from = 0; from < length; from += size) {
        size_t here = length - from < size ? length - from : size;
        memcpy(at, token + from, here);
        at += here;
        if (from + here < length) {
            *at++ = '+';
            *at++ = '\n';
        }
    }
    *at = '\0';
    return text;
}

static void
ends_in_parts(const char *name, char *text, int code, const char *reason, unsigned int prompts)
{
    struct login login = login_with(talk_in_lines, text);

    host_login(&login);
    check(login.code == code && strstr(login.log, reason) != NULL &&
              (prompts == 0 || login.prompts == prompts),
          name, "%s after %u prompts: %s", host_code(login.code), login.prompts, login.log);
    host_forget(&login);
    free(text);
}

/* `count` parts, each but the last announcing another; no two that follow one another are alike. */
static char *
numbered_parts(size_t count, size_t size)
{
    char *text = calloc(count, size + 3);
    char *at = text;

    for (size_t i = 0; i < count; i++) {
        memset(at, 'A' + (int)(i % 26), size);
        at += size;
        if (i + 1 < count) {
            memcpy(at, "+\n", 2);
            at += 2;
        }
    }
    return text;
}

static void
parts(void)
{
    const char *good = host_token("good");
    size_t room = 3 * strlen(good);
    char *text = malloc(room);

    ends_in_parts("R116_parts_of_500", in_parts(good, 500), PAM_SUCCESS, "accepted", 0);
    ends_in_parts("R116_15_kB_in_parts_of_500", in_parts(host_token("large"), 500), PAM_SUCCESS,
                  "accepted", 0);
    ends_in_parts("R116_15_kB_in_parts_of_1000", in_parts(host_token("large"), 1000), PAM_SUCCESS,
                  "accepted", 0);
    ends_in_parts("R116_139_parts", in_parts(good, (strlen(good) + 138) / 139), PAM_SUCCESS,
                  "accepted", 0);
    ends_in_parts("R116_141_parts", numbered_parts(141, 8), PAM_AUTH_ERR, "more than 140", 140);
    ends_in_parts("R116_140_parts_and_no_token", numbered_parts(140, 8), PAM_AUTH_ERR, "malformed",
                  140);
    ends_in_parts("R116_endless_parts", numbered_parts(5000, 8), PAM_AUTH_ERR, "more than 140",
                  140);
    ends_in_parts("R116_parts_longer_than_a_token", numbered_parts(100, 1000), PAM_AUTH_ERR,
                  "longer than 65536", 66);
    (void)snprintf(text, room, "%.300s+\n%.300s+\n%s", good, good, good + 300);
    ends_in_parts("R116_part_sent_twice", strdup(text), PAM_AUTH_ERR, "same as the one before", 2);
    ends_in_parts("R116_plus_alone", strdup("+"), PAM_CONV_ERR, "conversation", 2);
    ends_in_parts("R116_plus_twice", strdup("+\n+\n+"), PAM_AUTH_ERR, "same as the one before", 2);
    (void)snprintf(text, room, "+\n%s", good);
    ends_in_parts("R116_plus_and_the_token", strdup(text), PAM_SUCCESS, "accepted", 2);
    (void)snprintf(text, room, "%s+\n", good);
    ends_in_parts("R116_empty_last_part", strdup(text), PAM_SUCCESS, "accepted", 2);
    (void)snprintf(text, room, "%.300s+\n+\n%s", good, good + 300);
    ends_in_parts("R116_empty_part_between", strdup(text), PAM_SUCCESS, "accepted", 3);
    (void)snprintf(text, room, "%.300s++\n%s", good, good + 300);
    ends_in_parts("R116_two_plus_signs", strdup(text), PAM_AUTH_ERR, "malformed", 2);
    (void)snprintf(text, room, "%.300s+", good);
    ends_in_parts("R116_nobody_answers_the_second_part", strdup(text), PAM_CONV_ERR, "conversation",
                  2);
    (void)snprintf(text, room, "%.300s+\r\n%s\r", good, good + 300);
    ends_in_parts("R116_parts_with_carriage_returns", strdup(text), PAM_SUCCESS, "accepted", 2);
    (void)snprintf(text, room, "%.511s+\n%s", good, good + 511);
    ends_in_parts("R116_a_part_of_511_and_its_plus", strdup(text), PAM_SUCCESS, "accepted", 2);
    free(text);
}

/* ---- flags and items ---------------------------------------------------------------------------
 */

static void
silent(void)
{
    const char *bad[] = {host_token("tampered"), NULL};
    struct login login = {.service = "tokens", .user = "alice", .answers = bad};

    host_login(&login);
    check(login.messages == 1 && strstr(login.said, "Sign-in refused.") != NULL &&
              strstr(login.said, "Token: \n") != NULL,
          "R8_a_refusal_is_told", "%u messages: %s", login.messages, login.said);
    login.flags = PAM_SILENT;
    host_login(&login);
    check(login.code == PAM_AUTH_ERR && login.messages == 0 && login.prompts == 1,
          "R8_PAM_SILENT_and_only_the_prompt", "%u messages: %s", login.messages, login.said);
    login.flags = PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK;
    const char *empty[] = {"", NULL};
    login.answers = empty;
    host_login(&login);
    check(login.code == PAM_AUTH_ERR && strstr(login.log, "cancelled") != NULL,
          "R8_PAM_DISALLOW_NULL_AUTHTOK", "%s", login.log);
    host_forget(&login);
}

/* The device flow's URL and code must be shown, PAM_SILENT or not. */
static void
silent_browser(void)
{
    const char *enter[] = {"", "", "", NULL};
    struct login login = {
        .service = "flow", .user = "alice", .tty = "ssh", .answers = enter, .flags = PAM_SILENT};

    int64_t start = host_ms();
    host_login(&login);
    int64_t took = host_ms() - start;
    check(strstr(login.said, "https://faked.example/activate") != NULL &&
              strstr(login.said, "WDJB-MJHT") != NULL && login.messages == 0,
          "R8_PAM_SILENT_shows_URL_and_code", "%s", login.said);
    check(login.code == PAM_AUTH_ERR && strstr(login.log, "device_expired") != NULL &&
              took > 8000 && took < 20000,
          "R3_E45_pending_for_ever_is_refused", "%s after %lld ms: %s", host_code(login.code),
          (long long)took, login.log);
    host_forget(&login);
}

static void
authtok_untouched(void)
{
    const char *good[] = {host_token("good"), NULL};
    struct login login = {
        .service = "witness", .user = "alice", .answers = good, .handle = &handle, .keep = true};

    host_login(&login);
    const char *witness = pam_getenv(handle, "WITNESS");
    check(login.code == PAM_SUCCESS && witness != NULL && strcmp(witness, "same") == 0,
          "R11_PAM_AUTHTOK_is_not_touched", "%s, %s", host_code(login.code),
          witness != NULL ? witness : "no witness");
    host_end(&login);
    host_forget(&login);
}

/* `conversation short` leaves out what takes long, for valgrind. */
int
main(int argc, char **argv)
{
    bool in_full = argc == 1 || strcmp(argv[1], "short") != 0;

    /* freed memory does not keep what was in it */
    (void)mallopt(M_PERTURB, '#');
    nobody_answers();
    no_delay_without_a_talk();
    if (in_full) {
        lengths();
        silent_browser();
    }
    odd_answers();
    name_is_asked_for();
    items_change();
    user_changes();
    parts();
    silent();
    authtok_untouched();
    return checked();
}
